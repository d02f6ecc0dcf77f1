/* proto_ipv6.c -- Internet Protocol, version 6.
 * RFC 8200:  0-3 version (4 bits), traffic class (8), flow label (20) | 4-5 payload length
 *            6 next header | 7 hop limit | 8-23 source | 24-39 destination
 *            | extension headers (ipv6_ext.c) */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ip_fields.h"
#include "ip_proto.h"
#include "ipv6_ext.h"

enum { HOP_BY_HOP = 0, NO_NEXT_HEADER = 59 };

static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x86dd, NULL },
	{ BY_IP_PROTO, 41, NULL }, { BY_PPP, 0x57, NULL }, { BY_LINKTYPE, 229, NULL },
	/* AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS */
	{ BY_NULL_FAMILY, 10, NULL }, { BY_NULL_FAMILY, 24, NULL }, { BY_NULL_FAMILY, 28, NULL },
	{ BY_NULL_FAMILY, 30, NULL }, { 0 } };

static void put_first_word(struct packet *pkt, uint32_t word)
{
	uint32_t tclass = word >> 20 & 0xff;

	put_u64(pkt, IPV6_VERSION, word >> 28);
	put_u64(pkt, IP_VERSION, word >> 28);
	put_u64(pkt, IPV6_TCLASS, tclass);
	put_u64(pkt, IPV6_DSCP, tclass >> 2);
	put_u64(pkt, IPV6_ECN, tclass & 3);
	put_u64(pkt, IPV6_FLOW, word & 0xfffff);
}

/* What the payload length means; 0 stands for a jumbogram's own length. */
static struct bytes payload_of(struct packet *pkt, struct bytes b, uint32_t length, uint8_t nxt)
{
	if (length == 0 && nxt == HOP_BY_HOP)
		length = ipv6_jumbo_length(b);
	if (length > bytes_claimed(&b))
		pkt_anomaly(pkt, "length beyond the packet");
	return bytes_upto(&b, length);
}

/* The protocol behind the extension headers is that of the flow. */
static void tell_transport(struct packet *pkt, uint8_t proto)
{
	ecs_text(pkt, ECS_NETWORK_TYPE, "ipv6");
	pkt_transport(pkt, proto, ip_proto_name(proto));
}

static enum decode_result hand_on(
	struct packet *pkt, const struct ipv6_upper *upper, struct bytes payload)
{
	if (upper->truncated)
		return DECODE_TRUNCATED;
	if (upper->consumed)
		return DECODE_OK;
	if (upper->later || upper->proto == NO_NEXT_HEADER ||
		!decode_by(pkt, BY_IP_PROTO, upper->proto, payload))
		return decode_data(pkt, payload);
	return DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	int first = bytes_peek(&b, 0);

	if (first >= 0 && first >> 4 != 6)
		return DECODE_REJECT;
	uint32_t word = bytes_be32(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_first_word(pkt, word);
	uint16_t length = get_be16(pkt, &b, IPV6_PLEN);
	struct ipv6_upper upper = { .proto = get_u8(pkt, &b, IPV6_NXT) };
	(void)get_u8(pkt, &b, IPV6_HLIM);
	const uint8_t *src = bytes_take(&b, 16), *dst = bytes_take(&b, 16);
	pkt_flow(pkt, src, dst, 16, upper.proto);
	put_addr(pkt, IPV6_SRC, src);
	put_addr(pkt, IPV6_DST, dst);
	if (!dst)
		return DECODE_TRUNCATED;
	struct bytes payload = payload_of(pkt, b, length, upper.proto);
	const uint8_t *end = payload.end;
	ipv6_extensions(pkt, &payload, &upper);
	tell_transport(pkt, upper.proto);
	enum decode_result result = hand_on(pkt, &upper, payload);
	pkt_ends(pkt, end); /* now, since an inner packet has said its own */
	return result;
}

const struct proto proto_ipv6 = {
	.name = "ipv6", .binds = binds, .fields = ip_fields, .decode = decode
};
