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

static void put_mptcp(struct packet *pkt, struct bytes *b)
{
	uint8_t first = bytes_u8(b), subtype = first >> 4;

	put_u64(pkt, TCP_MPTCP_SUBTYPE, subtype);
	if (subtype == 0) /* MP_CAPABLE */
		put_u64(pkt, TCP_MPTCP_VERSION, first & 15);
}

static void put_experiment(struct packet *pkt, struct bytes *b)
{
	uint16_t exid = get_be16(pkt, b, TCP_EXID);

	if (exid == EXID_FAST_OPEN)
		put_bytes(pkt, TCP_TFO_COOKIE, b->p, bytes_left(b));
}

static void put_option(struct packet *pkt, uint8_t kind, struct bytes b)
{
	if (bytes_left(&b) == 0)
		return;
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

void tcp_options(struct packet *pkt, struct bytes b)
{
	put_bytes(pkt, TCP_OPTIONS, b.p, bytes_left(&b));
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		uint8_t kind = get_u8(pkt, &b, TCP_OPTION_KIND);
		if (kind == KIND_END)
			return;
		if (kind == KIND_NOP)
			continue;
		uint8_t len = get_u8(pkt, &b, TCP_OPTION_LEN);
		if (!bytes_ok(&b) || len < 2 || len - 2u > bytes_left(&b)) {
			pkt_anomaly(pkt, "option length is wrong");
			return;
		}
		put_option(pkt, kind, bytes_sub(&b, len - 2u));
	}
}
