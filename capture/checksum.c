/* checksum.c -- the Internet checksum (RFC 1071), verified only on request. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"

static uint64_t add(uint64_t sum, const uint8_t *p, size_t n)
{
	for (; n > 1; p += 2, n -= 2)
		sum += (uint64_t)p[0] << 8 | p[1];
	return n ? sum + ((uint64_t)p[0] << 8) : sum;
}

static enum checksum_status judge(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? CHECKSUM_GOOD : CHECKSUM_BAD;
}

enum checksum_status checksum_of(const struct packet *pkt, struct bytes b)
{
	if (!pkt->verify || b.cut)
		return CHECKSUM_UNVERIFIED;
	return judge(add(0, b.p, bytes_left(&b)));
}

/* Can the sum over a message of the flow be right at all? */
static bool is_whole(const struct packet *pkt, struct bytes b)
{
	return !b.cut && !pkt->quoted && pkt->flow.src && !pkt->flow.fragment;
}

static enum checksum_status with_pseudo_header(
	const struct packet *pkt, struct bytes b, uint8_t proto, size_t length)
{
	const struct flow *f = &pkt->flow;
	uint64_t sum = add(0, f->home ? f->home : f->src, f->addr_len);

	sum = add(sum, f->final ? f->final : f->dst, f->addr_len) + proto + length;
	return judge(add(sum, b.p, bytes_left(&b)));
}

enum checksum_status checksum_of_flow(const struct packet *pkt, struct bytes b, uint8_t proto)
{
	return checksum_of_part(pkt, b, proto, bytes_left(&b));
}

enum checksum_status checksum_of_part(
	const struct packet *pkt, struct bytes b, uint8_t proto, size_t length)
{
	if (!pkt->verify || !is_whole(pkt, b))
		return CHECKSUM_UNVERIFIED;
	return with_pseudo_header(pkt, b, proto, length);
}

enum checksum_status checksum_icmp(const struct packet *pkt, struct bytes b)
{
	return is_whole(pkt, b) ? judge(add(0, b.p, bytes_left(&b))) : CHECKSUM_UNVERIFIED;
}

enum checksum_status checksum_icmpv6(const struct packet *pkt, struct bytes b)
{
	enum { ICMPV6 = 58 };

	return is_whole(pkt, b) ? with_pseudo_header(pkt, b, ICMPV6, bytes_left(&b))
				: CHECKSUM_UNVERIFIED;
}
