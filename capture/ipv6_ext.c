/* ipv6_ext.c -- the extension headers of IPv6.
 * RFC 8200, section 4:  0 next header | 1 length in units of 8 bytes, less one | data
 *   options (0, 60)   2-.. type | length of the data | data; type 0 is one byte
 *   routing (43)      2 type | 3 segments left | addresses; RFC 8754: 4 last entry | 5 flags |
 *                     6-7 tag | 8-.. segments; RFC 6554: 4 bytes that the addresses and the last
 *                     one (4 bits each) leave out | 5 padding (4 bits) | 8-.. the addresses' ends
 *   fragment (44)     1 reserved | 2-3 offset in units of 8 (13 bits), more (last bit) |
 *                     4-7 identification
 * AH (51) stands in ip_ah.c. RFC 5533: SHIM6 (140). Mobility (135, RFC 6275) and HIP (139,
 * RFC 7401) end the chain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ipv6_ext.h"

#include "ip_ah.h"
#include "ip_fields.h"

enum { HEADERS_MAX = 32, OPTIONS_MAX = 2048, UNIT = 8, JUMBO_MIN = 65536, ADDRESS_LEN = 16 };
enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HOST_IDENTITY = 139,
	SHIM6 = 140,
};
enum { PAD1 = 0, ALERT = 5, JUMBO = 0xc2, HOME_ADDRESS = 0xc9 };

/* An options header, as its fields are called. */
struct options_names {
	const char *token;
	enum ip_field nxt, len;
};

static void put_option(struct packet *pkt, uint8_t type, struct bytes data)
{
	size_t n = bytes_left(&data);

	if (type == ALERT && n == 2)
		(void)get_be16(pkt, &data, IPV6_OPT_ALERT);
	else if (type == JUMBO && n == 4)
		(void)get_be32(pkt, &data, IPV6_OPT_JUMBO);
	else if (type == HOME_ADDRESS && n == ADDRESS_LEN && !pkt->quoted)
		pkt->flow.home = data.p; /* RFC 6275, section 6.3 */
}

/* What is left of a header of n bytes of which the two in front have been read. */
static struct bytes rest_of(struct bytes *b, size_t n, struct ipv6_upper *upper)
{
	upper->truncated = !bytes_ok(b) || bytes_left(b) < n - 2;
	return bytes_upto(b, n - 2);
}

/* Options from b on, up to where only `behind` bytes are left: the end of their header. One that
 * lies about its length is read as far as the packet goes; the next header is where it is. */
static void put_options(struct packet *pkt, struct bytes b, size_t behind, struct ipv6_upper *upper)
{
	size_t least = upper->truncated ? 2 : 1; /* a last byte may be half of an option */

	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b) >= behind + least; i++) {
		uint8_t type = get_u8(pkt, &b, IPV6_OPT_TYPE);
		if (type == PAD1)
			continue;
		uint8_t length = get_u8(pkt, &b, IPV6_OPT_LENGTH);
		struct bytes data = bytes_sub(&b, length);
		if (!bytes_ok(&b)) {
			upper->truncated = true;
			return;
		}
		put_option(pkt, type, data);
	}
	if (bytes_left(&b) < behind)
		pkt_anomaly(pkt, "option length is wrong");
}

static void options_header(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper,
	const struct options_names *names)
{
	pkt_protocol(pkt, names->token);
	upper->proto = get_u8(pkt, b, names->nxt);
	uint8_t len = get_u8(pkt, b, names->len);
	struct bytes options = *b;
	(void)rest_of(b, (len + 1u) * UNIT, upper);
	put_options(pkt, options, bytes_left(b), upper);
}

/* Segments stand in reverse order: the first one is the end of the way. */
static const uint8_t *put_segments(struct packet *pkt, struct bytes b)
{
	const uint8_t *end = NULL;
	unsigned last = bytes_u8(&b);

	bytes_skip(&b, 3);
	for (unsigned i = 0; i <= last && bytes_left(&b) >= ADDRESS_LEN; i++) {
		const uint8_t *segment = get_addr(pkt, &b, IPV6_ROUTING_SRH, ADDRESS_LEN);
		end = end ? end : segment;
	}
	return end;
}

static const uint8_t *put_hops(struct packet *pkt, struct bytes b)
{
	enum { ADDRESSES_MAX = 128 };
	const uint8_t *end = NULL;

	bytes_skip(&b, 4);
	for (unsigned i = 0; i < ADDRESSES_MAX && bytes_left(&b) >= ADDRESS_LEN; i++)
		end = get_addr(pkt, &b, IPV6_ROUTING_ADDR, ADDRESS_LEN);
	return end;
}

/* The last address of a compressed route: what it leaves out is that of the header's destination. */
static const uint8_t *compressed_end(struct packet *pkt, struct bytes b)
{
	unsigned missing = bytes_u8(&b) & 15, padding = bytes_u8(&b) >> 4;
	size_t behind = ADDRESS_LEN - missing + padding;

	bytes_skip(&b, 2);
	if (pkt->quoted || !pkt->flow.dst || !bytes_ok(&b) || bytes_left(&b) < behind)
		return NULL;
	bytes_skip(&b, bytes_left(&b) - behind);
	char *start = pkt_copy(pkt, pkt->flow.dst, missing);
	char *rest = pkt_copy(pkt, b.p, ADDRESS_LEN - missing);
	return start && rest ? (const uint8_t *)start : NULL;
}

/* The addresses of a routing header. Returns the last one to come, where it is known. */
static const uint8_t *put_addresses(struct packet *pkt, uint8_t type, struct bytes b)
{
	enum { SOURCE_ROUTE = 0, MOBILE = 2, COMPRESSED = 3, SEGMENT_ROUTE = 4 };

	if (type == SOURCE_ROUTE)
		return put_hops(pkt, b);
	if (type == SEGMENT_ROUTE)
		return put_segments(pkt, b);
	if (type == COMPRESSED)
		return compressed_end(pkt, b);
	if (type != MOBILE)
		return NULL;
	bytes_skip(&b, 4);
	return bytes_take(&b, ADDRESS_LEN);
}

static void routing_header(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper)
{
	pkt_protocol(pkt, "ipv6.routing");
	upper->proto = get_u8(pkt, b, IPV6_ROUTING_NXT);
	uint8_t len = get_u8(pkt, b, IPV6_ROUTING_LEN);
	struct bytes data = rest_of(b, (len + 1u) * UNIT, upper);
	uint8_t type = get_u8(pkt, &data, IPV6_ROUTING_TYPE);
	uint8_t left = get_u8(pkt, &data, IPV6_ROUTING_LEFT);
	const uint8_t *end = put_addresses(pkt, type, data);
	if (left && !pkt->quoted)
		pkt->flow.final = end;
}

static void fragment_header(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper)
{
	pkt_protocol(pkt, "ipv6.fraghdr");
	uint8_t nxt = bytes_u8(b);
	bytes_skip(b, 1);
	uint16_t word = bytes_be16(b);
	uint32_t ident = bytes_be32(b);
	upper->truncated = !bytes_ok(b);
	if (upper->truncated)
		return;
	put_u64(pkt, IPV6_FRAG_NXT, nxt);
	put_u64(pkt, IPV6_FRAG_OFFSET, word >> 3);
	put_bool(pkt, IPV6_FRAG_MORE, word & 1);
	put_u64(pkt, IPV6_FRAG_IDENT, ident);
	upper->proto = nxt;
	upper->later = word >> 3;
	if (upper->later || word & 1)
		ip_fragment(pkt, upper->later);
}

static void authentication_header(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper)
{
	pkt_protocol(pkt, "ah");
	upper->proto = ip_ah_read(pkt, b);
	upper->truncated = !bytes_ok(b);
}

/* A header that only leads to the next one. */
static void passed_header(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper)
{
	pkt_protocol(pkt, "shim6");
	upper->proto = bytes_u8(b);
	uint8_t len = bytes_u8(b);
	(void)rest_of(b, (len + 1u) * UNIT, upper);
}

static void last_header(struct packet *pkt, const char *token, struct ipv6_upper *upper)
{
	pkt_protocol(pkt, token);
	upper->consumed = true;
}

static void put_header(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper)
{
	static const struct options_names hop = { "ipv6.hopopts", IPV6_HOP_NXT, IPV6_HOP_LEN };
	static const struct options_names dst = { "ipv6.dstopts", IPV6_DST_NXT, IPV6_DST_LEN };

	switch (upper->proto) {
	case HOP_BY_HOP:
		options_header(pkt, b, upper, &hop);
		break;
	case DESTINATION:
		options_header(pkt, b, upper, &dst);
		break;
	case ROUTING:
		routing_header(pkt, b, upper);
		break;
	case FRAGMENT:
		fragment_header(pkt, b, upper);
		break;
	case AUTHENTICATION:
		authentication_header(pkt, b, upper);
		break;
	case SHIM6:
		passed_header(pkt, b, upper);
		break;
	case MOBILITY:
		last_header(pkt, "mipv6", upper);
		break;
	default:
		last_header(pkt, "hip", upper);
		break;
	}
}

static bool is_extension(uint8_t proto)
{
	static const uint8_t all[] = { HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION,
		MOBILITY, HOST_IDENTITY, SHIM6 };

	return memchr(all, proto, sizeof(all)) != NULL;
}

void ipv6_extensions(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper)
{
	for (unsigned i = 0; is_extension(upper->proto); i++) {
		uint8_t proto = upper->proto;
		if (upper->later || upper->consumed || upper->truncated)
			return;
		if (i == HEADERS_MAX) {
			pkt_anomaly(pkt, "too many extension headers");
			return;
		}
		put_header(pkt, b, upper);
		if (!bytes_ok(b)) /* it ends before it tells what follows */
			upper->proto = proto;
	}
}

uint32_t ipv6_jumbo_length(struct bytes b)
{
	bytes_skip(&b, 1);
	uint8_t len = bytes_u8(&b);
	struct bytes options = bytes_upto(&b, len * UNIT + 6u);
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&options); i++) {
		uint8_t type = bytes_u8(&options);
		if (type == PAD1)
			continue;
		uint8_t length = bytes_u8(&options);
		struct bytes data = bytes_sub(&options, length);
		uint32_t value = bytes_be32(&data);
		if (type == JUMBO && length == 4)
			return value < JUMBO_MIN ? 0 : value;
	}
	return 0;
}
