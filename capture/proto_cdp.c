/* proto_cdp.c -- Cisco Discovery Protocol: what a device tells its neighbours of itself.
 *   0 version | 1 seconds to keep | 2-3 checksum | items: 0-1 type | 2-3 length, of the item and
 *   these four bytes | value */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ITEM_HEADER = 4, ITEMS_MAX = 16384 };
enum { DEVICE = 1, PORT = 3, CAPABILITY = 4, SOFTWARE = 5, MODEL = 6, VLAN = 10 };

enum {
	VERSION,
	TTL,
	TLV_TYPE,
	DEVICEID,
	PLATFORM,
	PORTID,
	SOFTWARE_VERSION,
	NATIVE_VLAN,
	CAPABILITIES,
};
static const struct proto_field fields[] = {
	[VERSION] = { "cdp.version", FIELD_U8, "Version", NULL, "0.1", DETAIL, PLAIN },
	[TTL] = { "cdp.ttl", FIELD_U8, "Seconds to keep what is told", NULL, "0.1", DETAIL, PLAIN },
	[TLV_TYPE] = { "cdp.tlv.type", FIELD_U16, "Type of an item", NULL, "0.1", DETAIL, PLAIN },
	[DEVICEID] = { "cdp.deviceid", FIELD_STR, "Name of the device", NULL, "0.1", CORE, NAME },
	[PLATFORM] = { "cdp.platform", FIELD_STR, "Model of the device", NULL, "0.1", CORE, PLAIN },
	[PORTID] = { "cdp.portid", FIELD_STR, "Port it speaks from", NULL, "0.1", CORE, NAME },
	[SOFTWARE_VERSION] = { "cdp.software_version", FIELD_STR, "Software of the device", NULL,
		"0.1", DETAIL, PLAIN },
	[NATIVE_VLAN] = { "cdp.native_vlan", FIELD_U16, "Untagged VLAN of the port", NULL, "0.1",
		CORE, PLAIN },
	[CAPABILITIES] = { "cdp.capabilities", FIELD_U32, "1 router, 2 bridge, 8 switch, ...", NULL,
		"0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_CISCO_PID, 0x2000, NULL }, { 0 } };

/* Each line is a value. */
static void put_lines(struct packet *pkt, struct bytes text)
{
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(&text); i++) {
		const uint8_t *end = memchr(text.p, '\n', bytes_left(&text));
		size_t n = end ? (size_t)(end - text.p) : bytes_left(&text);
		put_str(pkt, SOFTWARE_VERSION, text.p, n);
		bytes_skip(&text, end ? n + 1 : n);
	}
}

static void put_item(struct packet *pkt, uint16_t type, struct bytes value)
{
	switch (type) {
	case DEVICE:
		put_str(pkt, DEVICEID, value.p, bytes_left(&value));
		break;
	case PORT:
		put_str(pkt, PORTID, value.p, bytes_left(&value));
		break;
	case CAPABILITY:
		(void)get_be32(pkt, &value, CAPABILITIES);
		break;
	case SOFTWARE:
		put_lines(pkt, value);
		break;
	case MODEL:
		put_str(pkt, PLATFORM, value.p, bytes_left(&value));
		break;
	case VLAN:
		(void)get_be16(pkt, &value, NATIVE_VLAN);
		break;
	default:
		break;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, VERSION);
	(void)get_u8(pkt, &b, TTL);
	bytes_skip(&b, 2);
	for (unsigned i = 0; i < ITEMS_MAX && bytes_ok(&b) && bytes_left(&b); i++) {
		uint16_t type = get_be16(pkt, &b, TLV_TYPE), length = bytes_be16(&b);
		if (!bytes_ok(&b))
			break;
		if (length < ITEM_HEADER) {
			pkt_anomaly(pkt, "item shorter than its header");
			return decode_data(pkt, b);
		}
		size_t n = length - ITEM_HEADER;
		bool whole = n <= bytes_left(&b);
		put_item(pkt, type, bytes_upto(&b, n));
		if (!whole)
			return DECODE_TRUNCATED;
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_cdp = {
	.name = "cdp", .binds = binds, .fields = fields, .decode = decode, .application = "cdp"
};
