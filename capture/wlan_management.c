/* wlan_management.c -- the bodies of wireless management frames: names of networks, reasons.
 * IEEE 802.11, 9.3.3: fixed fields, then elements:  0 id | 1 length | value
 *   name of the network (0)   several networks of one radio (71): 0 | items: 0 id | 1 length | elements */
/* SPDX-License-Identifier: Apache-2.0 */
#include "wlan_fields.h"

enum { ELEMENTS_MAX = 1024, SUBTYPES = 16, NOT_ELEMENTS = 0xff };
enum { DISASSOCIATION = 10, DEAUTHENTICATION = 12, ACTION = 13, ACTION_NO_ACK = 14 };
enum { ELEMENT_SSID = 0, ELEMENT_BSSIDS = 71, NONTRANSMITTED = 0, BLOCK_ACK = 3, DELETE = 2 };

/* Bytes in front of the elements, by subtype. */
static const uint8_t fixed[SUBTYPES] = { 4, 6, 10, 6, 0, 12, 12, NOT_ELEMENTS, 12, 0, 2, 6, 2,
	NOT_ELEMENTS, NOT_ELEMENTS, NOT_ELEMENTS };

static bool put_elements(struct packet *pkt, struct bytes b, bool nested)
{
	for (unsigned i = 0; i < ELEMENTS_MAX && bytes_left(&b); i++) {
		uint8_t id = bytes_u8(&b), length = bytes_u8(&b);
		struct bytes value = bytes_sub(&b, length);
		if (!bytes_ok(&b))
			return false;
		if (id == ELEMENT_SSID)
			put_bytes(pkt, WLAN_SSID, value.p, length);
		if (id != ELEMENT_BSSIDS || nested)
			continue;
		bytes_skip(&value, 1);
		for (unsigned j = 0; j < ELEMENTS_MAX && bytes_left(&value); j++) {
			uint8_t item = bytes_u8(&value), size = bytes_u8(&value);
			struct bytes elements = bytes_sub(&value, size);
			if (item == NONTRANSMITTED && !put_elements(pkt, elements, true))
				return false;
		}
	}
	return true;
}

/* 0 category | 1 action | of a block acknowledgement that ends: 2-3 parameters | 4-5 reason */
static void put_action(struct packet *pkt, struct bytes b)
{
	uint8_t category = bytes_u8(&b), action = bytes_u8(&b);

	bytes_skip(&b, 2);
	if (category == BLOCK_ACK && action == DELETE)
		(void)get_le16(pkt, &b, WLAN_REASON);
}

bool wlan_put_management(struct packet *pkt, struct bytes b, unsigned subtype)
{
	if (subtype == ACTION || subtype == ACTION_NO_ACK)
		put_action(pkt, b);
	if (fixed[subtype] == NOT_ELEMENTS)
		return true;
	if (subtype == DISASSOCIATION || subtype == DEAUTHENTICATION)
		(void)get_le16(pkt, &b, WLAN_REASON);
	else
		bytes_skip(&b, fixed[subtype]);
	return bytes_ok(&b) && put_elements(pkt, b, false);
}
