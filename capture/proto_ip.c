/* proto_ip.c -- Internet Protocol, version 4.
 * RFC 791:  0 version, header length in words | 1 DS field (RFC 2474, 3168) | 2-3 total length
 *           4-5 identification | 6-7 flags (3 bits), fragment offset in units of 8 | 8 TTL
 *           9 protocol | 10-11 checksum | 12-15 source | 16-19 destination | options */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "ip_fields.h"
#include "ip_options.h"
#include "ip_proto.h"

enum { HEADER = 20, SRC_AT = 12, PROTO_AT = 9, OFFSET_MASK = 0x1fff, ETHERTYPE_IPV6 = 0x86dd };

static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x0800, NULL }, { BY_LLC_SAP, 6, NULL },
	{ BY_IP_PROTO, 4, NULL }, { BY_PPP, 0x21, NULL }, { BY_LINKTYPE, 228, NULL },
	{ BY_NULL_FAMILY, 2, NULL }, { 0 } };

static void put_dsfield(struct packet *pkt, uint8_t ds)
{
	put_u64(pkt, IP_DSFIELD, ds);
	put_u64(pkt, IP_DSCP, ds >> 2);
	put_u64(pkt, IP_ECN, ds & 3);
}

static void put_fragment(struct packet *pkt, uint16_t word)
{
	put_u64(pkt, IP_FLAGS, word >> 13);
	put_bits(pkt, IP_RB, word, 15, 3);
	put_u64(pkt, IP_FRAG_OFFSET, word & OFFSET_MASK);
}

static void put_checksum(struct packet *pkt, struct bytes *b, struct bytes head)
{
	uint16_t sum = bytes_be16(b);

	if (!bytes_ok(b))
		return;
	put_u64(pkt, IP_CHECKSUM, sum);
	put_u64(pkt, IP_STATUS, checksum_of(pkt, head));
}

/* The flow is told before the first field with a home in ECS is put: it may be an inner one. */
static void tell_flow(struct packet *pkt, struct bytes head, const uint8_t *final)
{
	int proto = bytes_peek(&head, PROTO_AT);

	bytes_skip(&head, SRC_AT);
	const uint8_t *src = bytes_take(&head, 4), *dst = bytes_take(&head, 4);
	if (!dst)
		return;
	pkt_flow(pkt, src, final ? final : dst, 4, (uint8_t)proto);
	ecs_text(pkt, ECS_NETWORK_TYPE, "ipv4");
	ecs_text(pkt, ECS_NETWORK_TRANSPORT, ip_proto_name((uint8_t)proto));
}

static void put_addresses(struct packet *pkt, struct bytes *b, const uint8_t *final)
{
	(void)get_addr(pkt, b, IP_SRC, 4);
	(void)get_addr(pkt, b, final ? IP_CUR_RT : IP_DST, 4);
	put_addr(pkt, IP_DST, final);
}

/* A later fragment has no transport header; a first one is decoded as far as it goes. */
static enum decode_result hand_on(struct packet *pkt, uint8_t proto, uint16_t word, struct bytes b)
{
	bool later = word & OFFSET_MASK, more = word >> 13 & 1;

	if (later || more)
		ip_fragment(pkt, later);
	if (bytes_claimed(&b) == 0)
		return DECODE_OK;
	if (later || !decode_by(pkt, BY_IP_PROTO, proto, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

/* What follows the length field, in a datagram whose lengths make sense. */
static enum decode_result decode_rest(
	struct packet *pkt, struct bytes b, struct bytes datagram, size_t header)
{
	struct bytes payload = datagram;
	struct bytes head = bytes_upto(&payload, header), options = head;

	bytes_skip(&options, HEADER);
	const uint8_t *final = header > HEADER ? ip_options_destination(options) : NULL;
	tell_flow(pkt, head, final);
	(void)get_be16(pkt, &b, IP_ID);
	uint16_t word = bytes_be16(&b);
	if (bytes_ok(&b))
		put_fragment(pkt, word);
	(void)get_u8(pkt, &b, IP_TTL);
	uint8_t proto = get_u8(pkt, &b, IP_PROTO);
	put_checksum(pkt, &b, head);
	put_addresses(pkt, &b, final);
	if (!bytes_ok(&b) || bytes_left(&head) < header)
		return DECODE_TRUNCATED;
	ip_options_put(pkt, options);
	enum decode_result result = hand_on(pkt, proto, word, payload);
	pkt_ends(pkt, datagram.end); /* now, since an inner packet has said its own */
	return result;
}

/* Not version 4 after all: only 6 is known. */
static enum decode_result decode_other(struct packet *pkt, uint8_t version, struct bytes whole)
{
	if (version != 6 || pkt->bind->table == BY_ETHERTYPE) { /* which promised version 4 */
		put_u64(pkt, IP_VERSION, version);
		pkt_anomaly(pkt, "version is not 4");
	}
	if (version == 6)
		(void)decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IPV6, whole);
	return DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint8_t first = bytes_u8(&b);
	size_t header = (first & 15) * 4u;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (first >> 4 != 4)
		return decode_other(pkt, first >> 4, whole);
	put_u64(pkt, IP_VERSION, 4);
	put_u64(pkt, IP_HDR_LEN, header);
	if (header < HEADER) {
		pkt_anomaly(pkt, "header length below 20");
		return DECODE_OK;
	}
	uint8_t ds = bytes_u8(&b);
	if (bytes_ok(&b))
		put_dsfield(pkt, ds);
	size_t total = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (total == 0) /* segmentation offload */
		total = bytes_claimed(&whole);
	put_u64(pkt, IP_LEN, total);
	if (total < header) {
		pkt_anomaly(pkt, "total length below header length");
		return DECODE_OK;
	}
	if (total > bytes_claimed(&whole))
		pkt_anomaly(pkt, "length beyond the packet");
	return decode_rest(pkt, b, bytes_upto(&whole, total), header);
}

const struct proto proto_ip = {
	.name = "ip", .binds = binds, .fields = ip_fields, .decode = decode
};
