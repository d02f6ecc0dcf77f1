/* proto_erspan.c -- Encapsulated Remote Switch Port Analyzer: frames that a switch mirrors.
 * draft-foschiano-erspan-03, in GRE:
 *   type I    no header: GRE without a sequence number
 *   type II   0-1 version 1 (4 bits), VLAN (12) | 2-3 class of service (3 bits), encapsulation (2),
 *             truncated (1), session (10) | 4-7 reserved (12 bits), index of the port (20)
 *   type III  0-3 the same with version 2, and a bad-frame mark for the encapsulation |
 *             4-7 time stamp | 8-9 group tag | 10-11 is a frame (1 bit), frame type (5),
 *             hardware id (6), direction (1), unit of time (2), platform header follows (1) |
 *             8 bytes of that header */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION_II = 1, VERSION_III = 2, PLATFORM_HEADER = 8, LINKTYPE_ETHERNET = 1 };
enum { FRAME_ETHERNET = 0, GRE_BARE_ERSPAN = 0x10000 };

enum {
	VERSION,
	VLAN,
	COS,
	ENCAP,
	TRUNCATED,
	SPANID,
	INDEX,
	TIMESTAMP,
	SGT,
	FT,
	HW,
	DIRECTION,
	GRA,
};
static const struct proto_field fields[] = {
	[VERSION] = { "erspan.version", FIELD_U16, "1 for type II, 2 for type III", NULL, "0.1",
		DETAIL, PLAIN },
	[VLAN] = { "erspan.vlan", FIELD_U16, "VLAN of the mirrored frame",
		"observer.ingress.vlan.id", "0.1", CORE, PLAIN },
	[COS] = { "erspan.cos", FIELD_U16, "Class of service", NULL, "0.1", DETAIL, PLAIN },
	[ENCAP] = { "erspan.encap", FIELD_U16, "Trunk encapsulation of the mirrored frame", NULL,
		"0.1", DETAIL, PLAIN },
	[TRUNCATED] = { "erspan.truncated", FIELD_U16, "1: the switch has cut the frame", NULL,
		"0.1", CORE, PLAIN },
	[SPANID] = { "erspan.spanid", FIELD_U16, "Mirror session", NULL, "0.1", CORE, PLAIN },
	[INDEX] = { "erspan.index", FIELD_U32, "Port and direction, as the switch numbers them",
		NULL, "0.1", DETAIL, PLAIN },
	[TIMESTAMP] = { "erspan.timestamp", FIELD_U32, "Time at the switch", NULL, "0.1", DETAIL,
		PLAIN },
	[SGT] = { "erspan.sgt", FIELD_U16, "Security group tag", NULL, "0.1", DETAIL, PLAIN },
	[FT] = { "erspan.ft", FIELD_U16, "Kind of the mirrored frame, 0 for Ethernet", NULL, "0.1",
		DETAIL, PLAIN },
	[HW] = { "erspan.hw", FIELD_U16, "Hardware that mirrors", NULL, "0.1", DETAIL, PLAIN },
	[DIRECTION] = { "erspan.direction", FIELD_BOOL, "The frame left the port", NULL, "0.1",
		CORE, PLAIN },
	[GRA] = { "erspan.gra", FIELD_U16, "Unit of the time stamp", NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_GRE, 0x88be, NULL }, { BY_GRE, 0x22eb, NULL },
	{ BY_GRE, GRE_BARE_ERSPAN, NULL }, { 0 } };

/* What type III has behind the words of type II. Returns the frame's kind. */
static unsigned read_type_iii(struct packet *pkt, struct bytes *b)
{
	(void)get_be32(pkt, b, TIMESTAMP);
	(void)get_be16(pkt, b, SGT);
	uint16_t word = bytes_be16(b);
	if (!bytes_ok(b))
		return 0;
	unsigned kind = word >> 10 & 31;
	put_u64(pkt, FT, kind);
	put_u64(pkt, HW, word >> 4 & 63);
	put_bool(pkt, DIRECTION, word >> 3 & 1);
	put_u64(pkt, GRA, word >> 1 & 3);
	bytes_skip(b, word & 1 ? PLATFORM_HEADER : 0);
	return kind;
}

static void put_session(struct packet *pkt, uint16_t word, bool encapsulation)
{
	put_u64(pkt, COS, word >> 13);
	if (encapsulation)
		put_u64(pkt, ENCAP, word >> 11 & 3);
	put_u64(pkt, TRUNCATED, word >> 10 & 1);
	put_u64(pkt, SPANID, word & 0x3ff);
}

static enum decode_result decode_frame(struct packet *pkt, unsigned kind, struct bytes b)
{
	if (kind == FRAME_ETHERNET && decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

static enum decode_result decode_header(
	struct packet *pkt, struct bytes b, unsigned version, uint16_t word)
{
	unsigned kind = FRAME_ETHERNET;

	put_session(pkt, word, version == VERSION_II);
	if (version == VERSION_III) {
		kind = read_type_iii(pkt, &b);
	} else {
		uint32_t index = bytes_be32(&b);
		if (bytes_ok(&b))
			put_u64(pkt, INDEX, index & 0xfffff);
	}
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "erspan", word & 0x3ff);
	return decode_frame(pkt, kind, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->value == GRE_BARE_ERSPAN) { /* type I */
		pkt_tunnel(pkt, "erspan", -1);
		return decode_frame(pkt, FRAME_ETHERNET, b);
	}
	uint16_t first = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	unsigned version = first >> 12;
	put_u64(pkt, VERSION, version);
	if (version != VERSION_II && version != VERSION_III) {
		put_u64(pkt, VERSION, version); /* Wireshark tells an unknown one twice */
		pkt_anomaly(pkt, "version is unknown");
		return DECODE_OK;
	}
	put_u64(pkt, VLAN, first & 0xfff);
	uint16_t word = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return decode_header(pkt, b, version, word);
}

const struct proto proto_erspan = {
	.name = "erspan", .binds = binds, .fields = fields, .decode = decode
};
