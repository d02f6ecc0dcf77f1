/* proto_nsh.c -- Network Service Header.
 * RFC 8300:  0-1 version (2 bits), control packet (1), unassigned (1), TTL (6), length of the
 *            header in words (6) | 2 unassigned (4 bits), kind of metadata (4) | 3 next protocol |
 *            4-6 service path | 7 service index | metadata up to the length */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nsh.h"

enum { BASE = 8, WORD = 4, LINKTYPE_ETHERNET = 1 };
enum { MD_FIXED = 1, MD_VARIABLE = 2, MD_FIXED_SIZE = 24 };

enum { VERSION, TTL, LENGTH, MDTYPE, NEXTPROTO, SPI, SI };
static const struct proto_field fields[] = {
	[VERSION] = { "nsh.version", FIELD_U16, "Version", NULL, "0.1", DETAIL, PLAIN },
	[TTL] = { "nsh.ttl", FIELD_U16, "Time to live", NULL, "0.1", DETAIL, PLAIN },
	[LENGTH] = { "nsh.length", FIELD_U16, "Length of the header in words", NULL, "0.1", DETAIL,
		PLAIN },
	[MDTYPE] = { "nsh.mdtype", FIELD_U8,
		"Metadata: 1 of fixed, 2 of variable length; four more bits above", NULL, "0.1",
		DETAIL, PLAIN },
	[NEXTPROTO] = { "nsh.nextproto", FIELD_U8,
		"Payload: 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS", NULL, "0.1", CORE, PLAIN },
	[SPI] = { "nsh.spi", FIELD_U24, "Service path", NULL, "0.1", CORE, PLAIN },
	[SI] = { "nsh.si", FIELD_U8, "Service index: where on the path", NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x894f, NULL }, { 0 } };

bool nsh_decode_next(struct packet *pkt, uint8_t next, struct bytes b)
{
	enum { ETHERNET = 3, NEXT_MAX = 5 };
	static const uint16_t ethertypes[NEXT_MAX + 1] = {
		[1] = 0x0800, [2] = 0x86dd, [4] = 0x894f, [5] = 0x8847
	};

	if (next == ETHERNET)
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
	return next <= NEXT_MAX && ethertypes[next] &&
	       decode_by(pkt, BY_ETHERTYPE, ethertypes[next], b);
}

/* How long the header is: what its kind of metadata fixes, or demands at least, counts for more than
 * a length that denies it. */
static size_t header_size(uint8_t mdtype, size_t claimed)
{
	size_t least = mdtype == MD_VARIABLE ? BASE : WORD;

	if (mdtype == MD_FIXED)
		return MD_FIXED_SIZE;
	return claimed > least ? claimed : least;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint16_t word = bytes_be16(&b);
	size_t claimed = (word & 63u) * WORD;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, word >> 14);
	put_u64(pkt, TTL, word >> 6 & 63);
	put_u64(pkt, LENGTH, word & 63);
	uint8_t mdtype = get_u8(pkt, &b, MDTYPE);
	uint8_t next = get_u8(pkt, &b, NEXTPROTO);
	uint32_t path = get_be24(pkt, &b, SPI);
	(void)get_u8(pkt, &b, SI);
	size_t header = header_size(mdtype, claimed);
	if (bytes_ok(&b) && header != claimed)
		pkt_anomaly(pkt, "length denies the metadata");
	bytes_skip(&whole, header);
	if (!bytes_ok(&b) || !bytes_ok(&whole))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "nsh", path);
	if (bytes_claimed(&whole) == 0 || nsh_decode_next(pkt, next, whole))
		return DECODE_OK;
	return decode_data(pkt, whole);
}

const struct proto proto_nsh = {
	.name = "nsh", .binds = binds, .fields = fields, .decode = decode
};
