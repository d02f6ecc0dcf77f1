/* proto_pim.c -- Protocol Independent Multicast, versions 1 and 2.
 * RFC 7761:  0 version (4 bits), type (4) | 1 reserved | 2-3 checksum | body
 * Addresses are encoded:
 *   unicast  0 family | 1 encoding | address
 *   group    0 family | 1 encoding | 2 flags | 3 mask length | address
 *   source   as group
 * hello         options: 0-1 type | 2-3 length | value; type 1 is the holdtime
 * register      0-3 flags: 0x40000000 is a null register | a multicast packet, whole
 * register-stop group | source (unicast)
 * join/prune    upstream (unicast) | reserved | number of groups | holdtime u16 | each group:
 *               group | number of joins u16 | of prunes u16 | sources (graft and its ack alike)
 * bootstrap     tag u16 | 2 more | router (unicast) | each group: group | RPs u8 | RPs here u8 |
 *               reserved u16 | each: RP (unicast) | holdtime u16 | priority | reserved
 * assert        group | source (unicast) | metrics
 * candidate RP  number of groups | priority | holdtime u16 | RP (unicast) | groups
 * state refresh group | source (unicast) | originator (unicast) | ...
 * Version 1 (a draft of 1995, never an RFC) is a type of IGMP:  0 0x14 | 1 code | 2-3 checksum |
 * 4 version (4 bits) | 5-7 reserved | body by the code; addresses are bare:
 * 0 query 0-1 mode | 2-3 holdtime; 1 register: a packet; 2 its stop: group | source; 3, 6, 7: 0-3
 * upstream | 6-7 holdtime | 11 number of groups | each: group | mask | numbers, as above | sources
 * of 6; 4 reachable: group | mask | 8-11 RP | 14-15 holdtime */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { ITEMS_MAX = 16384, IPV4 = 1, IPV6 = 2, NATIVE = 0, NULL_SOURCE = 12, OPTION_HOLDTIME = 1 };
enum { NULL_REGISTER = 0x40000000 };
enum { ETHERTYPE_IP = 0x0800, ETHERTYPE_IPV6 = 0x86dd };
enum {
	HELLO,
	QUERY_1 = HELLO,
	REGISTER,
	REGISTER_STOP,
	JOIN_PRUNE,
	BOOTSTRAP,
	REACHABLE_1 = BOOTSTRAP,
	ASSERT,
	GRAFT,
	GRAFT_ACK,
	CANDIDATE_RP,
	STATE_REFRESH,
};

enum { VERSION, TYPE, GROUP, SOURCE, HOLDTIME };
static const struct proto_field fields[] = {
	[VERSION] = { "pim.version", FIELD_U8, "Version", NULL, "0.1", CORE, PLAIN },
	[TYPE] = { "pim.type", FIELD_U8,
		"0 hello, 1 register, 2 its stop, 3 join or prune, 4 bootstrap, 5 assert, ...",
		NULL, "0.1", CORE, PLAIN },
	[GROUP] = { "pim.group", FIELD_IPV4, "Group", NULL, "0.1", CORE, ADDRESS },
	[SOURCE] = { "pim.source", FIELD_IPV4, "Source", NULL, "0.1", CORE, ADDRESS },
	[HOLDTIME] = { "pim.holdtime", FIELD_U16, "Seconds that the message holds", NULL, "0.1",
		DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 103, NULL }, { BY_IGMP, 0x14, NULL },
	{ 0 } };

/* An address behind `between` more bytes. False: of a family or an encoding that nobody knows. */
static bool get_encoded(
	struct packet *pkt, struct bytes *b, size_t between, int field, unsigned times)
{
	uint8_t family = bytes_u8(b);

	if ((family != IPV4 && family != IPV6) || bytes_u8(b) != NATIVE)
		return false;
	bytes_skip(b, between);
	const uint8_t *p = bytes_take(b, family == IPV4 ? 4 : 16);
	for (unsigned i = 0; family == IPV4 && field >= 0 && i < times; i++)
		put_addr(pkt, (unsigned)field, p);
	return bytes_ok(b);
}

static bool get_unicast(struct packet *pkt, struct bytes *b, int field)
{
	return get_encoded(pkt, b, 0, field, 1);
}

/* tshark shows a group with its mask, and within that once more alone. */
static bool get_group(struct packet *pkt, struct bytes *b)
{
	return get_encoded(pkt, b, 2, GROUP, 2);
}

static bool get_source(struct packet *pkt, struct bytes *b)
{
	return get_encoded(pkt, b, 2, SOURCE, 1);
}

static void tell_register(struct packet *pkt, const char *action)
{
	pkt_application(pkt, "pim");
	ecs_text(pkt, ECS_EVENT_ACTION, action);
}

static bool decode_hello(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(b) >= 4; i++) {
		uint16_t type = bytes_be16(b), length = bytes_be16(b);
		struct bytes value = *b;
		if (type == OPTION_HOLDTIME) /* whatever length it claims */
			(void)get_be16(pkt, &value, HOLDTIME);
		bytes_skip(b, length);
	}
	return bytes_ok(b);
}

/* A packet on its way to the router that gives it out: PIM is but its tunnel. */
static bool decode_inner(struct packet *pkt, struct bytes *b)
{
	int version = bytes_peek(b, 0) >> 4; /* below 0: nothing is left */

	if (version != 4 && version != 6) {
		tell_register(pkt, "register");
		return bytes_ok(b);
	}
	pkt_tunnel(pkt, "pim", -1);
	return decode_by(pkt, BY_ETHERTYPE, version == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, *b);
}

/* No packet, but the addresses that it would have. */
static bool get_null_source(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, NULL_SOURCE);
	(void)get_addr(pkt, b, SOURCE, 4);
	(void)get_addr(pkt, b, GROUP, 4);
	return bytes_ok(b);
}

/* A null register only says that there is a source: its header is nobody's packet. */
static bool decode_register(struct packet *pkt, struct bytes *b)
{
	uint32_t flags = bytes_be32(b);
	int version = bytes_peek(b, 0) >> 4;

	if (!(flags & NULL_REGISTER) && version != 0)
		return decode_inner(pkt, b);
	tell_register(pkt, flags & NULL_REGISTER ? "null-register" : "register");
	if (version == 0)
		return get_null_source(pkt, b);
	if (version == 4 || version == 6)
		return decode_quoted(
			pkt, BY_ETHERTYPE, version == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, *b);
	return bytes_ok(b);
}

static bool decode_joins(struct packet *pkt, struct bytes *b)
{
	if (!get_unicast(pkt, b, -1))
		return false;
	bytes_skip(b, 1);
	unsigned groups = bytes_u8(b);
	(void)get_be16(pkt, b, HOLDTIME);
	for (unsigned i = 0; i < groups && bytes_ok(b); i++) {
		if (!get_group(pkt, b))
			return false;
		unsigned sources = bytes_be16(b);
		sources += bytes_be16(b);
		for (unsigned j = 0; j < sources && j < ITEMS_MAX; j++)
			if (!get_source(pkt, b))
				return false;
	}
	return bytes_ok(b);
}

static bool decode_bootstrap(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 4);
	if (!get_unicast(pkt, b, -1))
		return false;
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(b); i++) {
		if (!get_group(pkt, b))
			return false;
		bytes_skip(b, 1);
		unsigned here = bytes_u8(b);
		bytes_skip(b, 2);
		for (unsigned j = 0; j < here; j++) {
			if (!get_unicast(pkt, b, -1))
				return false;
			(void)get_be16(pkt, b, HOLDTIME);
			bytes_skip(b, 2);
		}
	}
	return bytes_ok(b);
}

static bool decode_candidate(struct packet *pkt, struct bytes *b)
{
	unsigned groups = bytes_u8(b);

	bytes_skip(b, 1);
	(void)get_be16(pkt, b, HOLDTIME);
	if (!get_unicast(pkt, b, -1))
		return false;
	for (unsigned i = 0; i < groups; i++)
		if (!get_group(pkt, b))
			return false;
	return bytes_ok(b);
}

static bool decode_body(struct packet *pkt, struct bytes *b, unsigned type)
{
	switch (type) {
	case HELLO:
		return decode_hello(pkt, b);
	case REGISTER:
		return decode_register(pkt, b);
	case REGISTER_STOP:
	case ASSERT:
	case STATE_REFRESH:
		return get_group(pkt, b) && get_unicast(pkt, b, SOURCE);
	case JOIN_PRUNE:
	case GRAFT:
	case GRAFT_ACK:
		return decode_joins(pkt, b);
	case BOOTSTRAP:
		return decode_bootstrap(pkt, b);
	case CANDIDATE_RP:
		return decode_candidate(pkt, b);
	default:
		return true;
	}
}

/* --- version 1, within IGMP --- */

/* A group, its mask, and sources of 6 bytes each. */
static bool decode_group_1(struct packet *pkt, struct bytes *b)
{
	(void)get_addr(pkt, b, GROUP, 4);
	bytes_skip(b, 4);
	size_t joins = bytes_be16(b), prunes = bytes_be16(b);
	bytes_skip(b, 6 * (joins + prunes));
	return bytes_ok(b);
}

static bool decode_joins_1(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 6);
	(void)get_be16(pkt, b, HOLDTIME);
	bytes_skip(b, 3);
	unsigned groups = bytes_u8(b);
	for (unsigned i = 0; i < groups; i++)
		if (!decode_group_1(pkt, b))
			return false;
	return bytes_ok(b);
}

static bool decode_body_1(struct packet *pkt, struct bytes *b, unsigned code)
{
	switch (code) {
	case QUERY_1:
		bytes_skip(b, 2);
		(void)get_be16(pkt, b, HOLDTIME);
		return bytes_ok(b);
	case REGISTER:
		return decode_inner(pkt, b);
	case REGISTER_STOP:
		(void)get_addr(pkt, b, GROUP, 4);
		(void)get_addr(pkt, b, SOURCE, 4);
		return bytes_ok(b);
	case JOIN_PRUNE:
	case GRAFT:
	case GRAFT_ACK:
		return decode_joins_1(pkt, b);
	case REACHABLE_1:
		bytes_skip(b, 14);
		(void)get_be16(pkt, b, HOLDTIME);
		return bytes_ok(b);
	default:
		return true;
	}
}

static enum decode_result decode_1(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 1);
	uint8_t code = bytes_u8(&b);

	bytes_skip(&b, 2);
	uint8_t version = bytes_u8(&b) >> 4;
	if (!bytes_ok(&b) || version != 1 || code != REGISTER)
		pkt_application(pkt, "pim");
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, version);
	bytes_skip(&b, 3);
	if (bytes_ok(&b) && version != 1)
		return DECODE_OK;
	return decode_body_1(pkt, &b, code) && bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { "hello", NULL, "register-stop", "join-prune",
		"bootstrap", "assert", "graft", "graft-ack", "candidate-rp-advertisement",
		"state-refresh", "df-election" };
	if (pkt->bind->table == BY_IGMP)
		return decode_1(pkt, b);
	uint8_t first = bytes_u8(&b), version = first >> 4, type = first & 15;

	if (!bytes_ok(&b) || version != 2 || type != REGISTER)
		pkt_application(pkt, "pim");
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, version);
	put_u64(pkt, TYPE, type);
	bytes_skip(&b, 3);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (version != 2)
		return DECODE_OK;
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, type));
	return decode_body(pkt, &b, type) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_pim = {
	.name = "pim", .binds = binds, .fields = fields, .decode = decode
};
