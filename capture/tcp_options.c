/* tcp_options.c -- the options of a TCP header.
 * RFC 9293, section 3.2:  kind | length (of the whole option) | data; kinds 0 and 1 are one byte.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp_options.h"

enum { OPTIONS_MAX = 40 };
enum {
	KIND_END,
	KIND_NOP,
	KIND_MSS,
	KIND_WSCALE,
	KIND_SACK_PERM,
	KIND_SACK,
	KIND_TIMESTAMP = 8,
	KIND_MD5 = 19,
	KIND_USER_TO = 28,
	KIND_AO,
	KIND_MPTCP,
	KIND_FAST_OPEN = 34,
	KIND_EXPERIMENT_1 = 253,
	KIND_EXPERIMENT_2,
	EXID_FAST_OPEN = 0xf989
};

static void put_wscale(struct packet *pkt, struct bytes *b)
{
	uint8_t shift = get_u8(pkt, b, TCP_WSCALE_SHIFT);

	put_u64(pkt, TCP_WSCALE_MULTIPLIER, UINT64_C(1) << (shift > 14 ? 14 : shift));
}

static void put_sack(struct packet *pkt, struct bytes *b)
{
	uint64_t blocks = 0;

	while (bytes_left(b) >= 8 && blocks < OPTIONS_MAX / 8) {
		(void)get_be32(pkt, b, TCP_SACK_LE);
		(void)get_be32(pkt, b, TCP_SACK_RE);
		blocks++;
	}
	put_u64(pkt, TCP_SACK_COUNT, blocks);
}

/* Keys have 64 bits and are therefore text: many readers of JSON keep 53. */
static void put_key(struct packet *pkt, struct bytes *b, unsigned field)
{
	enum { DIGITS = 20 };
	uint64_t key = bytes_be64(b);
	char *text = bytes_ok(b) ? pkt_scratch(pkt, DIGITS) : NULL;
	unsigned at = DIGITS;

	if (!text)
		return;
	do {
		text[--at] = (char)('0' + key % 10);
		key /= 10;
	} while (key);
	put_clean(pkt, field, text + at, DIGITS - at);
}

static void put_mptcp(struct packet *pkt, struct bytes *b)
{
	enum { CAPABLE, FAST_CLOSE = 7 };
	uint8_t first = bytes_u8(b), subtype = first >> 4;

	put_u64(pkt, TCP_MPTCP_SUBTYPE, subtype);
	if (subtype == CAPABLE)
		put_u64(pkt, TCP_MPTCP_VERSION, first & 15);
	bytes_skip(b, 1); /* flags */
	if (subtype == CAPABLE)
		put_key(pkt, b, TCP_MPTCP_SENDKEY);
	if (subtype == CAPABLE || subtype == FAST_CLOSE)
		put_key(pkt, b, TCP_MPTCP_RECVKEY);
}

static void put_experiment(struct packet *pkt, struct bytes *b)
{
	uint16_t exid = get_be16(pkt, b, TCP_EXID);

	if (exid == EXID_FAST_OPEN)
		put_bytes(pkt, TCP_TFO_COOKIE, b->p, bytes_left(b));
}

/* What an option of a fixed length has behind kind and length; 0: any. */
static size_t fixed_length(uint8_t kind)
{
	switch (kind) {
	case KIND_WSCALE:
		return 1;
	case KIND_MSS:
	case KIND_USER_TO:
		return 2;
	case KIND_TIMESTAMP:
		return 8;
	case KIND_MD5:
		return 16;
	default:
		return 0;
	}
}

static void put_option(struct packet *pkt, uint8_t kind, struct bytes b)
{
	size_t fixed = fixed_length(kind), n = bytes_left(&b);

	if (kind == KIND_MPTCP)
		pkt_protocol(pkt, "mptcp");
	if (n == 0 || (fixed && n != fixed)) {
		if (fixed)
			pkt_anomaly(pkt, "option length is wrong");
		return;
	}
	switch (kind) {
	case KIND_MSS:
		(void)get_be16(pkt, &b, TCP_MSS);
		break;
	case KIND_WSCALE:
		put_wscale(pkt, &b);
		break;
	case KIND_SACK:
		put_sack(pkt, &b);
		break;
	case KIND_TIMESTAMP:
		(void)get_be32(pkt, &b, TCP_TSVAL);
		(void)get_be32(pkt, &b, TCP_TSECR);
		break;
	case KIND_MD5:
		put_bytes(pkt, TCP_MD5, b.p, bytes_left(&b));
		break;
	case KIND_USER_TO:
		put_u64(pkt, TCP_USER_TO, bytes_be16(&b) & 0x7fff);
		break;
	case KIND_AO:
		if (n >= 2)
			(void)get_u8(pkt, &b, TCP_AO_KEYID);
		break;
	case KIND_MPTCP:
		put_mptcp(pkt, &b);
		break;
	case KIND_FAST_OPEN:
		put_bytes(pkt, TCP_TFO_COOKIE, b.p, bytes_left(&b));
		break;
	case KIND_EXPERIMENT_1:
	case KIND_EXPERIMENT_2:
		put_experiment(pkt, &b);
		break;
	default:
		break;
	}
}

/* The end of the list, and the zeros that fill up its last word. */
static void put_end(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_peek(b, 0) == KIND_END; i++)
		(void)get_u8(pkt, b, TCP_OPTION_KIND);
}

/* An option that the capture, or who quotes it, has cut: its head is whole, and perhaps the first of two values. */
static void put_cut(struct packet *pkt, uint8_t kind, uint8_t len, struct bytes b)
{
	put_u64(pkt, TCP_OPTION_KIND, kind);
	put_u64(pkt, TCP_OPTION_LEN, len);
	if (kind == KIND_TIMESTAMP)
		(void)get_be32(pkt, &b, TCP_TSVAL);
}

void tcp_options(struct packet *pkt, struct bytes b)
{
	put_bytes(pkt, TCP_OPTIONS, b.p, bytes_left(&b));
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		struct bytes next = b;
		uint8_t kind = bytes_u8(&next);
		if (kind == KIND_END) {
			put_end(pkt, &b);
			return;
		}
		uint8_t len = kind == KIND_NOP ? 1 : bytes_u8(&next);
		if (kind != KIND_NOP &&
			(!bytes_ok(&next) || len < 2 || len - 2u > bytes_left(&next))) {
			if (bytes_ok(&next) && len >= 2 &&
				(pkt->quoted || len - 2u <= bytes_claimed(&next)))
				put_cut(pkt, kind, len, next);
			else if (!b.cut)
				pkt_anomaly(pkt, "option length is wrong");
			return;
		}
		put_u64(pkt, TCP_OPTION_KIND, kind);
		if (kind != KIND_NOP) {
			put_u64(pkt, TCP_OPTION_LEN, len);
			put_option(pkt, kind, bytes_sub(&next, len - 2u));
		}
		b = next;
	}
}
