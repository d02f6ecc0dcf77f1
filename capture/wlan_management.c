/* wlan_management.c -- the bodies of wireless management frames: names of networks, reasons.
 * IEEE 802.11, 9.3.3: fixed fields, then elements:  0 id | 1 length | value
 *   name of the network (0)   several networks of one radio (71): 0 | items: 0 id | 1 length | elements */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"
#include "wlan_fields.h"

enum { ELEMENTS_MAX = 1024, SUBTYPES = 16, NOT_ELEMENTS = 0xff };
enum { ASSOCIATED = 1, REASSOCIATED = 3, AUTHENTICATION = 11 };
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

/* IEEE 802.11, 9.4.1.9, the codes that are met most. */
static void put_status(struct packet *pkt, struct bytes b, unsigned at)
{
	static const char *const names[] = { [1] = "unspecified failure",
		[10] = "cannot support all requested capabilities",
		[12] = "association denied",
		[13] = "authentication algorithm not supported",
		[14] = "authentication sequence number out of order",
		[15] = "challenge failure",
		[16] = "authentication timed out",
		[17] = "too many associated stations",
		[18] = "basic rates not supported",
		[30] = "refused temporarily",
		[31] = "robust management frame policy violation",
		[37] = "request declined",
		[43] = "invalid AKMP" };

	bytes_skip(&b, at);
	uint16_t status = bytes_le16(&b);
	if (!bytes_ok(&b))
		return;
	if (status)
		outcome_failure(pkt, status, NAME_OF(names, status));
	else
		outcome_success(pkt);
}

/* A request for authentication has a status, too, which says nothing. */
static void tell(struct packet *pkt, struct bytes b, unsigned subtype)
{
	static const char *const actions[SUBTYPES] = { "association-request",
		"association-response", "reassociation-request", "reassociation-response",
		"probe-request", "probe-response", "timing-advertisement", NULL, "beacon", "atim",
		"disassociation", "authentication", "deauthentication", "action", "action-no-ack" };

	pkt_application(pkt, "wlan");
	ecs_text(pkt, ECS_EVENT_ACTION, actions[subtype]);
	if (subtype == ASSOCIATED || subtype == REASSOCIATED)
		put_status(pkt, b, 2);
	if (subtype == AUTHENTICATION && bytes_peek(&b, 2) > 1)
		put_status(pkt, b, 4);
}

bool wlan_put_management(struct packet *pkt, struct bytes b, unsigned subtype)
{
	tell(pkt, b, subtype);
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
