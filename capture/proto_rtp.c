/* proto_rtp.c -- Real-time Transport Protocol: sound and pictures.
 * RFC 3550, 5.1:  0 version (2 bits), padding, extension, sources (4) | 1 marker, type (7 bits) |
 *                 2-3 sequence | 4-7 time | 8-11 SSRC | contributing sources, 4 bytes each |
 *                 extension: profile u16 | length in words u16 | words
 *
 * Only the call before, in SIP for one, says which ports have it. By content hardly anything tells
 * it from noise: such packets are looked for with --probe-rtp alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION_2 = 2, RTCP_FIRST = 72, RTCP_LAST = 76, MIXED_FIRST = 192, MIXED_LAST = 223 };

enum { VERSION, PADDING, EXT, CC, MARKER, P_TYPE, SEQ, TIMESTAMP, SSRC, CSRC_ITEM };
static const struct proto_field fields[] = {
	[VERSION] = { "rtp.version", FIELD_U8, "Version, 2", NULL, "0.1", DETAIL, PLAIN },
	[PADDING] = { "rtp.padding", FIELD_BOOL, "Padding follows, its last byte says how much",
		NULL, "0.1", DETAIL, PLAIN },
	[EXT] = { "rtp.ext", FIELD_BOOL, "The header has an extension", NULL, "0.1", DETAIL,
		PLAIN },
	[CC] = { "rtp.cc", FIELD_U8, "Number of contributing sources", NULL, "0.1", DETAIL, PLAIN },
	[MARKER] = { "rtp.marker", FIELD_BOOL, "A picture ends, or speech begins", NULL, "0.1",
		DETAIL, PLAIN },
	[P_TYPE] = { "rtp.p_type", FIELD_U8, "Format: 0 PCMU, 8 PCMA, from 96 on as agreed", NULL,
		"0.1", CORE, PLAIN },
	[SEQ] = { "rtp.seq", FIELD_U16, "Sequence number", NULL, "0.1", CORE, PLAIN },
	[TIMESTAMP] = { "rtp.timestamp", FIELD_U32, "Time, in samples", NULL, "0.1", DETAIL,
		PLAIN },
	[SSRC] = { "rtp.ssrc", FIELD_U32, "Source of the stream", NULL, "0.1", CORE, PLAIN },
	[CSRC_ITEM] = { "rtp.csrc.item", FIELD_U32, "A source that is mixed in", NULL, "0.1",
		DETAIL, PLAIN },
	{ 0 },
};

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t first = bytes_u8(&b), second = bytes_u8(&b), sources = first & 15;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, first >> 6);
	put_bool(pkt, PADDING, first & 0x20);
	put_bool(pkt, EXT, first & 0x10);
	put_u64(pkt, CC, sources);
	put_bool(pkt, MARKER, second & 0x80);
	put_u64(pkt, P_TYPE, second & 0x7f);
	(void)get_be16(pkt, &b, SEQ);
	(void)get_be32(pkt, &b, TIMESTAMP);
	(void)get_be32(pkt, &b, SSRC);
	for (unsigned i = 0; i < sources; i++)
		(void)get_be32(pkt, &b, CSRC_ITEM);
	return bytes_ok(&b) && !b.cut ? DECODE_OK : DECODE_TRUNCATED;
}

/* All that the header says must fit. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	uint8_t last = bytes_left(&b) ? b.end[-1] : 0;

	if (!pkt->probe_rtp)
		return false;
	uint8_t first = bytes_u8(&b), second = bytes_u8(&b), type = second & 0x7f;
	if (first >> 6 != VERSION_2 || (type >= RTCP_FIRST && type <= RTCP_LAST))
		return false;
	if (second >= MIXED_FIRST && second <= MIXED_LAST) /* RFC 5761, 4 */
		return false;
	bytes_skip(&b, 10 + 4u * (first & 15));
	if (first & 0x10) {
		bytes_skip(&b, 2);
		bytes_skip(&b, 4u * bytes_be16(&b));
	}
	return bytes_ok(&b) && (!(first & 0x20) || b.cut || last <= bytes_left(&b));
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, 0x80, 0xbf }, { 0 } };

const struct proto proto_rtp = {
	.name = "rtp",
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "rtp",
};
