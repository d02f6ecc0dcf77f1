/* proto_tcp.c -- Transmission Control Protocol.
 * RFC 9293:  0-1 source port | 2-3 destination port | 4-7 sequence | 8-11 acknowledgement
 *            12-13 data offset in words (4 bits), flags (12 bits) | 14-15 window
 *            16-17 checksum | 18-19 urgent pointer | options (tcp_options.c) */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "decode.h"
#include "tcp_options.h"

enum { HEADER = 20, SEQ_END = 8, WINDOW_END = 16, FLAGS_MASK = 0xfff, RESET = 4 };

static const struct proto_field fields[] = {
	[TCP_SRCPORT] = { "tcp.srcport", FIELD_U16, "Source port", "source.port", "0.1", CORE,
		PLAIN },
	[TCP_DSTPORT] = { "tcp.dstport", FIELD_U16, "Destination port", "destination.port", "0.1",
		CORE, PLAIN },
	[TCP_LEN] = { "tcp.len", FIELD_U32, "Payload bytes", NULL, "0.1", CORE, PLAIN },
	[TCP_SEQ] = { "tcp.seq", FIELD_U32, "Sequence number (absolute)", NULL, "0.1", CORE,
		PLAIN },
	[TCP_SEQ_RAW] = { "tcp.seq_raw", FIELD_U32, "Sequence number", NULL, "0.1", DERIVED,
		PLAIN },
	[TCP_ACK] = { "tcp.ack", FIELD_U32, "Acknowledgement number (absolute)", NULL, "0.1", CORE,
		PLAIN },
	[TCP_ACK_RAW] = { "tcp.ack_raw", FIELD_U32, "Acknowledgement number", NULL, "0.1", DERIVED,
		PLAIN },
	[TCP_HDR_LEN] = { "tcp.hdr_len", FIELD_U8, "Header length in bytes", NULL, "0.1", DETAIL,
		PLAIN },
	[TCP_FLAGS] = { "tcp.flags", FIELD_U16, "The twelve flag bits", NULL, "0.1", CORE, PLAIN },
	[TCP_RES] = { "tcp.flags.res", FIELD_BOOL, "Reserved bits", NULL, "0.1", DERIVED, PLAIN },
	[TCP_AE] = { "tcp.flags.ae", FIELD_BOOL, "Accurate ECN", NULL, "0.1", DERIVED, PLAIN },
	[TCP_CWR] = { "tcp.flags.cwr", FIELD_BOOL, "Congestion window reduced", NULL, "0.1",
		DERIVED, PLAIN },
	[TCP_ECE] = { "tcp.flags.ece", FIELD_BOOL, "ECN echo", NULL, "0.1", DERIVED, PLAIN },
	[TCP_URG] = { "tcp.flags.urg", FIELD_BOOL, "Urgent", NULL, "0.1", DERIVED, PLAIN },
	[TCP_ACKF] = { "tcp.flags.ack", FIELD_BOOL, "Acknowledgement", NULL, "0.1", DERIVED,
		PLAIN },
	[TCP_PUSH] = { "tcp.flags.push", FIELD_BOOL, "Push", NULL, "0.1", DERIVED, PLAIN },
	[TCP_RESET] = { "tcp.flags.reset", FIELD_BOOL, "Reset", NULL, "0.1", DERIVED, PLAIN },
	[TCP_SYN] = { "tcp.flags.syn", FIELD_BOOL, "Synchronise", NULL, "0.1", DERIVED, PLAIN },
	[TCP_FIN] = { "tcp.flags.fin", FIELD_BOOL, "Finish", NULL, "0.1", DERIVED, PLAIN },
	[TCP_STR] = { "tcp.flags.str", FIELD_STR, "Flags as twelve letters", NULL, "0.1", DERIVED,
		PLAIN },
	[TCP_WINDOW] = { "tcp.window_size_value", FIELD_U16, "Window, not scaled", NULL, "0.1",
		CORE, PLAIN },
	[TCP_CHECKSUM] = { "tcp.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL, PLAIN },
	[TCP_STATUS] = { "tcp.checksum.status", FIELD_U8, "0 bad, 1 good, 2 not verified", NULL,
		"0.1", DERIVED, PLAIN },
	[TCP_URGENT] = { "tcp.urgent_pointer", FIELD_U16, "Urgent pointer", NULL, "0.1", DETAIL,
		PLAIN },
	TCP_OPTION_FIELDS,
	[TCP_PAYLOAD] = { "tcp.payload", FIELD_BYTES, "Payload (--payload)", NULL, "0.1", DETAIL,
		CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 6, NULL }, { 0 } };

/* Twelve places, a letter for each set bit and a middle dot (U+00B7) for each clear one. */
static void put_letters(struct packet *pkt, uint16_t flags)
{
	static const char letters[12] = "RRRACEUAPRSF";
	char *text = pkt_scratch(pkt, 2 * sizeof(letters)), *p = text;

	if (!text)
		return;
	for (unsigned i = 0; i < sizeof(letters); i++) {
		bool set = flags >> (11 - i) & 1;
		p[0] = set ? letters[i] : '\xc2';
		p[1] = '\xb7'; /* overwritten by what follows a letter */
		p += set ? 1 : 2;
	}
	put_clean(pkt, TCP_STR, text, (size_t)(p - text));
}

static void put_flags(struct packet *pkt, uint16_t flags)
{
	put_u64(pkt, TCP_FLAGS, flags);
	put_bool(pkt, TCP_RES, flags & 0xe00);
	put_bits(pkt, TCP_AE, flags, 8, 9);
	put_letters(pkt, flags);
}

/* Of what ICMP quotes tshark shows less: nothing that it would follow a connection by. */
static void put_seq(struct packet *pkt, uint32_t seq)
{
	enum { IP_AND_TCP = 2 };
	bool quote = pkt->quoted && pkt->depth == pkt->quoted_by + IP_AND_TCP;

	put_u64(pkt, TCP_SEQ, seq);
	if (!quote || pkt->flow.addr_len != 4)
		put_u64(pkt, TCP_SEQ_RAW, seq);
}

static void put_ack(struct packet *pkt, uint32_t ack)
{
	put_u64(pkt, TCP_ACK, ack);
	put_u64(pkt, TCP_ACK_RAW, ack);
}

/* What a reset carries is the reason of it, in words of the sender's own (RFC 9293, 3.5.3). */
static enum decode_result hand_on(
	struct packet *pkt, uint16_t src, uint16_t dst, uint16_t flags, struct bytes b)
{
	if (pkt->payload)
		put_bytes(pkt, TCP_PAYLOAD, b.p, bytes_left(&b));
	if (flags & RESET)
		return DECODE_OK;
	return decode_port(pkt, BY_TCP_PORT, src, dst, b);
}

/* What follows the acknowledgement, in a header that is not too short. */
static enum decode_result decode_rest(struct packet *pkt, struct bytes *b, struct bytes whole)
{
	uint16_t word = bytes_be16(b), window = bytes_be16(b), sum = bytes_be16(b);
	size_t header = (size_t)(word >> 12) * 4;

	put_flags(pkt, word & FLAGS_MASK);
	put_u64(pkt, TCP_WINDOW, window);
	if (!bytes_ok(b)) /* a quoted header may end here, or behind the checksum */
		return DECODE_TRUNCATED;
	put_u64(pkt, TCP_CHECKSUM, sum);
	put_u64(pkt, TCP_STATUS, checksum_of_flow(pkt, whole, 6));
	(void)get_be16(pkt, b, TCP_URGENT);
	if (!bytes_ok(b))
		return DECODE_TRUNCATED;
	struct bytes options = bytes_upto(b, header - HEADER);
	if (options.cut)
		pkt_anomaly(pkt, "snapped");
	tcp_options(pkt, options);
	if (header > bytes_claimed(&whole)) {
		pkt_anomaly(pkt, "data offset is wrong");
		return DECODE_OK;
	}
	uint16_t src = bytes_be16(&whole), dst = bytes_be16(&whole);
	return hand_on(pkt, src, dst, word, *b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint16_t src = get_be16(pkt, &b, TCP_SRCPORT), dst = get_be16(pkt, &b, TCP_DSTPORT);

	if (bytes_ok(&b))
		pkt_ports(pkt, src, dst, false);
	uint32_t seq = bytes_be32(&b);
	size_t least = pkt->quoted ? WINDOW_END - SEQ_END : HEADER - SEQ_END;
	bool enough = bytes_left(&b) >= least;
	if (enough || (pkt->quoted && bytes_ok(&b)))
		put_seq(pkt, seq);
	if (!enough)
		return DECODE_TRUNCATED;
	uint32_t ack = bytes_be32(&b);
	size_t header = (size_t)bytes_peek(&b, 0) / 16 * 4, claimed = bytes_claimed(&whole);
	if (!pkt->quoted && !pkt->flow.fragment && header <= claimed)
		put_u64(pkt, TCP_LEN, claimed - header);
	put_u64(pkt, TCP_HDR_LEN, header);
	if (header < HEADER) {
		pkt_anomaly(pkt, "data offset is wrong");
		return DECODE_OK;
	}
	put_ack(pkt, ack);
	return decode_rest(pkt, &b, whole);
}

const struct proto proto_tcp = {
	.name = "tcp", .binds = binds, .fields = fields, .decode = decode
};
