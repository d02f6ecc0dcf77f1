/* proto_lacp.c -- link aggregation; one of the "slow" protocols of Ethernet.
 * IEEE 802.1AX, 6.4.2:  0 subtype, 1 | 1 version | items: 0 type | 1 length | value
 *   actor (1), partner (2)  2-3 priority | 4-9 system | 10-11 key | 12-13 priority of the port |
 *                           14-15 port | 16 state | 17-19 reserved */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ITEMS_MAX = 128, SUBTYPE_LACP = 1, END = 0, ACTOR = 1, PARTNER = 2, ITEM_HEADER = 2 };

enum {
	VERSION,
	ACTOR_SYSID,
	ACTOR_KEY,
	ACTOR_PORT,
	ACTOR_STATE,
	PARTNER_SYSID,
	PARTNER_PORT,
	PARTNER_STATE,
};
static const struct proto_field fields[] = {
	[VERSION] = { "lacp.version", FIELD_U8, "Version", NULL, "0.1", DETAIL, PLAIN },
	[ACTOR_SYSID] = { "lacp.actor.sysid", FIELD_MAC, "System that sends", NULL, "0.1", CORE,
		MAC },
	[ACTOR_KEY] = { "lacp.actor.key", FIELD_U16, "Its ports with this key may be joined", NULL,
		"0.1", CORE, PLAIN },
	[ACTOR_PORT] = { "lacp.actor.port", FIELD_U16, "Its port", NULL, "0.1", CORE, PLAIN },
	[ACTOR_STATE] = { "lacp.actor.state", FIELD_U8,
		"Its state: 1 active, 2 fast, 4 can be joined, 8 in step, 16 collects, 32 "
		"distributes, 64 by default, 128 expired",
		NULL, "0.1", CORE, PLAIN },
	[PARTNER_SYSID] = { "lacp.partner.sysid", FIELD_MAC, "System that it sees", NULL, "0.1",
		CORE, MAC },
	[PARTNER_PORT] = { "lacp.partner.port", FIELD_U16, "Port that it sees", NULL, "0.1", CORE,
		PLAIN },
	[PARTNER_STATE] = { "lacp.partner.state", FIELD_U8, "State that it sees", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x8809, "slow" }, { 0 } };

static bool put_end(struct packet *pkt, struct bytes b, bool actor)
{
	bytes_skip(&b, 2);
	(void)get_addr(pkt, &b, actor ? ACTOR_SYSID : PARTNER_SYSID, 6);
	if (actor)
		(void)get_be16(pkt, &b, ACTOR_KEY);
	else
		bytes_skip(&b, 2);
	bytes_skip(&b, 2);
	(void)get_be16(pkt, &b, actor ? ACTOR_PORT : PARTNER_PORT);
	(void)get_u8(pkt, &b, actor ? ACTOR_STATE : PARTNER_STATE);
	return bytes_ok(&b);
}

static enum decode_result decode_lacp(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, VERSION);
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(&b); i++) {
		uint8_t type = bytes_u8(&b), length = bytes_u8(&b);
		if (bytes_ok(&b) && (type == END || length < ITEM_HEADER))
			return DECODE_OK;
		struct bytes value = bytes_sub(&b, length - ITEM_HEADER);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		if ((type == ACTOR || type == PARTNER) && !put_end(pkt, value, type == ACTOR))
			return DECODE_TRUNCATED;
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const subtypes[] = { NULL, "lacp", "marker", "oampdu", [10] = "ossp" };
	uint8_t subtype = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (subtype >= sizeof(subtypes) / sizeof(subtypes[0]) || !subtypes[subtype])
		return decode_data(pkt, b);
	pkt_protocol(pkt, subtypes[subtype]);
	pkt_application(pkt, subtypes[subtype]);
	return subtype == SUBTYPE_LACP ? decode_lacp(pkt, b) : DECODE_OK;
}

const struct proto proto_lacp = {
	.name = "lacp", .binds = binds, .fields = fields, .decode = decode
};
