/* proto_igmp.c -- Internet Group Management Protocol, versions 1 to 3.
 * RFC 1112, 2236:  0 type | 1 code of the longest wait (0 in version 1) | 2-3 checksum | 4-7 group
 * RFC 3376 query:  the same, then 8 flags | 9 query interval | 10-11 number of sources | sources
 * RFC 3376 report: 0 type | 1 reserved | 2-3 checksum | 4-5 reserved | 6-7 number of records, each
 *   0 type | 1 words of auxiliary data | 2-3 number of sources | 4-7 group | sources | auxiliary
 *   codes from 128 on are floating: 1, exponent (3 bits), mantissa (4)
 * RFC 2236 has no traces, which a draft of 1997 put beside it: 0 type | 1 hops | 2-3 checksum |
 *   4-7 group | ...
 * A query is of version 3 when it is longer than 8 bytes, else of 1 when its code is 0. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "decode.h"

enum { QUERY = 0x11, REPORT_1 = 0x12, REPORT_2 = 0x16, LEAVE = 0x17, REPORT_3 = 0x22 };
enum { LAST_0 = 0x0f, DVMRP = 0x13, PIM_1 = 0x14, TRACE_ANSWER = 0x1e, TRACE = 0x1f };
enum { QUERY_3_MIN = 12, ITEMS_MAX = 16384 /* no datagram holds more of 4 bytes */ };

enum {
	VERSION,
	TYPE,
	MAX_RESP,
	CHECKSUM,
	STATUS,
	MADDR,
	NUM_SRC,
	SADDR,
	NUM_RECORDS,
	RECORD_TYPE,
};
static const struct proto_field fields[] = {
	[VERSION] = { "igmp.version", FIELD_U8, "Version, which type and length tell", NULL, "0.1",
		DERIVED, PLAIN },
	[TYPE] = { "igmp.type", FIELD_U8, "17 query, 18, 22, 34 report, 23 leave", NULL, "0.1",
		CORE, PLAIN },
	[MAX_RESP] = { "igmp.max_resp", FIELD_U16,
		"Longest wait for a report, in tenths of a second", NULL, "0.1", DETAIL, PLAIN },
	[CHECKSUM] = { "igmp.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL, PLAIN },
	[STATUS] = { "igmp.checksum.status", FIELD_U8, "0 bad, 1 good, 2 not verified", NULL, "0.1",
		DERIVED, PLAIN },
	[MADDR] = { "igmp.maddr", FIELD_IPV4, "Group", NULL, "0.1", CORE, ADDRESS },
	[NUM_SRC] = { "igmp.num_src", FIELD_U16, "Number of sources", NULL, "0.1", DETAIL, PLAIN },
	[SADDR] = { "igmp.saddr", FIELD_IPV4, "Source", NULL, "0.1", CORE, ADDRESS },
	[NUM_RECORDS] = { "igmp.num_grp_recs", FIELD_U16, "Number of group records", NULL, "0.1",
		DETAIL, PLAIN },
	[RECORD_TYPE] = { "igmp.record_type", FIELD_U8,
		"1 only, 2 all but, 3 and 4 changed to these, 5 allow, 6 block sources", NULL,
		"0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 2, NULL }, { 0 } };

static void put_checksum(struct packet *pkt, struct bytes *b, struct bytes whole)
{
	(void)get_be16(pkt, b, CHECKSUM);
	if (bytes_ok(b))
		put_u64(pkt, STATUS, checksum_icmp(pkt, whole));
}

static void put_sources(struct packet *pkt, struct bytes *b, unsigned count)
{
	for (unsigned i = 0; i < count && i < ITEMS_MAX && bytes_ok(b); i++)
		(void)get_addr(pkt, b, SADDR, 4);
}

static enum decode_result decode_query_3(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 2);
	uint16_t sources = get_be16(pkt, b, NUM_SRC);
	put_sources(pkt, b, sources);
	return bytes_ok(b) ? DECODE_OK : DECODE_TRUNCATED;
}

static void decode_record(struct packet *pkt, struct bytes *b)
{
	(void)get_u8(pkt, b, RECORD_TYPE);
	size_t words = bytes_u8(b);
	uint16_t sources = get_be16(pkt, b, NUM_SRC);

	(void)get_addr(pkt, b, MADDR, 4);
	put_sources(pkt, b, sources);
	bytes_skip(b, words * 4);
}

static enum decode_result decode_report_3(struct packet *pkt, struct bytes *b, struct bytes whole)
{
	bytes_skip(b, 1);
	put_checksum(pkt, b, whole);
	bytes_skip(b, 2);
	uint16_t records = get_be16(pkt, b, NUM_RECORDS);
	for (unsigned i = 0; i < records && i < ITEMS_MAX && bytes_ok(b); i++)
		decode_record(pkt, b);
	return bytes_ok(b) ? DECODE_OK : DECODE_TRUNCATED;
}

static unsigned tenths_of(uint8_t code)
{
	if (code < 128)
		return code;
	return ((code & 15u) | 16) << ((code >> 4 & 7) + 3);
}

static enum decode_result decode_trace(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;

	pkt_protocol(pkt, "igmp");
	(void)get_u8(pkt, &b, TYPE);
	bytes_skip(&b, 1);
	put_checksum(pkt, &b, whole);
	(void)get_addr(pkt, &b, MADDR, 4);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode_version(
	struct packet *pkt, struct bytes b, struct bytes whole, unsigned version)
{
	pkt_protocol(pkt, "igmp"); /* Wireshark has a decoder of the name for each version */
	put_u64(pkt, VERSION, version);
	uint8_t type = get_u8(pkt, &b, TYPE);
	if (type == REPORT_3)
		return decode_report_3(pkt, &b, whole);
	uint8_t code = bytes_u8(&b);
	if (version > 1 && bytes_ok(&b))
		put_u64(pkt, MAX_RESP, version == 3 ? tenths_of(code) : code);
	put_checksum(pkt, &b, whole);
	(void)get_addr(pkt, &b, MADDR, 4);
	if (version == 3)
		return decode_query_3(pkt, &b);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static unsigned version_of_query(struct bytes b)
{
	if (bytes_claimed(&b) >= QUERY_3_MIN)
		return 3;
	return bytes_peek(&b, 1) == 0 ? 1 : 2;
}

static const char *action_of(int type)
{
	switch (type) {
	case QUERY:
		return "membership-query";
	case REPORT_1:
	case REPORT_2:
	case REPORT_3:
		return "membership-report";
	case LEAVE:
		return "leave-group";
	case TRACE:
		return "traceroute";
	case TRACE_ANSWER:
		return "traceroute-response";
	default:
		return NULL;
	}
}

/* RFC 988:  0 type | 1 code | 2-3 checksum | 4-7 identifier | 8-11 group | 12-19 access key */
static enum decode_result decode_version_0(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;

	pkt_protocol(pkt, "igmp");
	put_u64(pkt, VERSION, 0);
	(void)get_u8(pkt, &b, TYPE);
	bytes_skip(&b, 1);
	put_checksum(pkt, &b, whole);
	bytes_skip(&b, 4);
	(void)get_addr(pkt, &b, MADDR, 4);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	ecs_text(pkt, ECS_EVENT_ACTION, action_of(bytes_peek(&b, 0)));
	switch (bytes_peek(&b, 0)) {
	case -1:
		return DECODE_TRUNCATED;
	case QUERY:
		return decode_version(pkt, b, b, version_of_query(b));
	case REPORT_1:
		return decode_version(pkt, b, b, 1);
	case REPORT_2:
	case LEAVE:
		return decode_version(pkt, b, b, 2);
	case REPORT_3:
		return decode_version(pkt, b, b, 3);
	case TRACE:
	case TRACE_ANSWER:
		return decode_trace(pkt, b);
	case DVMRP:
		pkt_protocol(pkt, "dvmrp");
		return DECODE_OK;
	case PIM_1:
		if (!decode_by(pkt, BY_IGMP, *b.p, b)) /* other protocols, which share the number */
			(void)decode_data(pkt, b);
		return DECODE_OK;
	default:
		if (*b.p <= LAST_0)
			return decode_version_0(pkt, b);
		(void)get_u8(pkt, &b, TYPE);
		return DECODE_OK;
	}
}

const struct proto proto_igmp = {
	.name = "igmp", .binds = binds, .fields = fields, .decode = decode
};
