/* proto_eth.c -- Ethernet II and 802.3 frames.
 * IEEE 802.3:  0-5 destination | 6-11 source | 12-13 type (from 1536 on) or length | payload
 * The lowest bit of an address' first byte says group, the next one locally administered. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HEADER = 14, FRAME_MIN = 60, TYPE_MIN = 1536, LENGTH_MAX = 1500, RAW_IPX = 0x8137 };
enum { LINKTYPE_ETHERNET = 1, FCS_LEN = 4, ISL_HEADER = 26, ISL_BESIDE = 16 };

enum { DST, DST_LG, DST_IG, SRC, SRC_LG, SRC_IG, TYPE, LEN, PADDING, TRAILER, FCS };
static const struct proto_field fields[] = {
	[DST] = { "eth.dst", FIELD_MAC, "Destination address", "destination.mac", "0.1", CORE,
		MAC },
	[DST_LG] = { "eth.dst.lg", FIELD_BOOL, "Destination is locally administered", NULL, "0.1",
		DERIVED, PLAIN },
	[DST_IG] = { "eth.dst.ig", FIELD_BOOL, "Destination is a group", NULL, "0.1", DERIVED,
		PLAIN },
	[SRC] = { "eth.src", FIELD_MAC, "Source address", "source.mac", "0.1", CORE, MAC },
	[SRC_LG] = { "eth.src.lg", FIELD_BOOL, "Source is locally administered", NULL, "0.1",
		DERIVED, PLAIN },
	[SRC_IG] = { "eth.src.ig", FIELD_BOOL, "Source is a group", NULL, "0.1", DERIVED, PLAIN },
	[TYPE] = { "eth.type", FIELD_U16, "Ethertype of the payload", NULL, "0.1", CORE, PLAIN },
	[LEN] = { "eth.len", FIELD_U16, "Length of the payload (802.3)", NULL, "0.1", CORE, PLAIN },
	[PADDING] = { "eth.padding", FIELD_BYTES, "Zeros up to the least length of a frame", NULL,
		"0.1", DETAIL, CONTENT },
	[TRAILER] = { "eth.trailer", FIELD_BYTES, "Bytes behind the payload", NULL, "0.1", DETAIL,
		CONTENT },
	[FCS] = { "eth.fcs", FIELD_U32, "Check sequence, where the file says that there is one",
		NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
/* 143: RFC 8986, section 9.1 */
static const struct proto_bind binds[] = { { BY_LINKTYPE, 1, NULL }, { BY_IP_PROTO, 143, NULL },
	{ 0 } };

static bool all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* What follows the network layer: padding as far as the least frame needs it, then a trailer. */
static void put_tail(
	struct packet *pkt, const uint8_t *start, const uint8_t *tail, const uint8_t *end)
{
	size_t used = (size_t)(tail - start), n = (size_t)(end - tail);
	size_t pad = used < FRAME_MIN ? FRAME_MIN - used : 0;

	if (pad > n || !all_zero(tail, pad)) /* nobody has padded this */
		pad = 0;
	put_bytes(pkt, PADDING, tail, pad);
	put_bytes(pkt, TRAILER, tail + pad, n - pad);
}

static bool is_isl(const struct bytes *b)
{
	static const uint8_t groups[2][5] = { { 0x01, 0, 0x0c, 0, 0 }, { 0x0c, 0, 0x0c, 0, 0 } };
	struct bytes head = *b;

	if (!bytes_starts(b, groups[0], 5) && !bytes_starts(b, groups[1], 5))
		return false;
	bytes_skip(&head, 5);
	uint8_t kind = bytes_u8(&head) >> 4; /* 0: a frame of Ethernet */
	bytes_skip(&head, 6);
	return bytes_be16(&head) <= LENGTH_MAX && bytes_ok(&head) && kind == 0;
}

/* Cisco's ISL: 0-4 group | 5 kind (4 bits), priority | 6-11 source | 12-13 length from here on |
 * 14-25 and what else is known of the frame | frame | checksum (4) */
static enum decode_result decode_isl(struct packet *pkt, struct bytes b)
{
	struct bytes head = b;

	bytes_skip(&head, 12);
	uint16_t length = bytes_be16(&head);
	bytes_skip(&b, ISL_HEADER);
	if (!bytes_ok(&b) || length < ISL_BESIDE)
		return DECODE_TRUNCATED;
	struct bytes frame = bytes_upto(&b, (size_t)length - ISL_BESIDE);
	return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, frame) ? DECODE_OK : DECODE_REJECT;
}

/* What the capture file says stands behind the frame is no part of it. */
static void take_fcs(struct packet *pkt, struct bytes *b)
{
	if (pkt->frame->fcs_len != FCS_LEN || b->p != pkt->frame->data ||
		bytes_claimed(b) < HEADER + FCS_LEN)
		return;
	uint32_t cut = b->cut < FCS_LEN ? b->cut : FCS_LEN, behind = b->cut - cut;
	struct bytes fcs = *b;
	*b = bytes_sub(&fcs, bytes_left(b) - (FCS_LEN - cut));
	b->cut = behind;
	if (pkt->payload && !cut)
		(void)get_be32(pkt, &fcs, FCS);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (is_isl(&b))
		return decode_isl(pkt, b);
	const uint8_t *start = b.p;
	take_fcs(pkt, &b);
	if (bytes_left(&b) >= HEADER)
		pkt_link(pkt);
	const uint8_t *dst = get_addr(pkt, &b, DST, 6);

	if (!dst)
		return DECODE_TRUNCATED;
	put_bits(pkt, DST_LG, dst[0], 1, 2);
	const uint8_t *src = get_addr(pkt, &b, SRC, 6);
	if (!src)
		return DECODE_TRUNCATED;
	put_bits(pkt, SRC_LG, src[0], 1, 2);
	uint16_t type = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;

	struct bytes payload = b;
	pkt->tail = NULL;
	if (type && type <= LENGTH_MAX) {
		put_u64(pkt, LEN, type);
		payload = bytes_upto(&b, type);
		if (!decode_by(pkt, BY_LENGTH, 0, payload) &&
			!decode_by(pkt, BY_ETHERTYPE, RAW_IPX, payload))
			(void)decode_data(pkt, payload);
		pkt_ends(pkt, payload.end);
	} else if (type && type < TYPE_MIN) {
		pkt_anomaly(pkt, "neither type nor length");
		(void)decode_data(pkt, payload);
	} else {
		put_u64(pkt, TYPE, type);
		pkt_protocol(pkt, "ethertype");
		if (!decode_by(pkt, BY_ETHERTYPE, type, payload))
			(void)decode_data(pkt, payload);
	}
	if (pkt->payload && pkt->tail && pkt->tail < payload.end + bytes_left(&b))
		put_tail(pkt, start, pkt->tail, b.end);
	return DECODE_OK;
}

const struct proto proto_eth = {
	.name = "eth", .binds = binds, .fields = fields, .decode = decode
};
