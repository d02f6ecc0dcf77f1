/* icmpv6_nd.c -- the options of neighbour discovery.
 * RFC 4861, section 4.6:  0 type | 1 length in units of 8 bytes, all counted | data:
 *   link-layer address (1, 2)       2-.. address
 *   prefix (3)                      2 length in bits | 3 flags | 4-11 lifetimes | 16-31 prefix
 *   redirected header (4)           8-.. quoted packet
 *   MTU (5)                         4-7 MTU
 *   route (24, RFC 4191)            2 length in bits | 3 flags | 4-7 lifetime | 0, 8 or 16 bytes
 *   DNS servers (25, RFC 8106)      4-7 lifetime | addresses
 *   search domains (31, RFC 8106)   4-7 lifetime | names as in DNS, not compressed | zeros */
/* SPDX-License-Identifier: Apache-2.0 */
#include "icmpv6_nd.h"

#include "icmp_fields.h"

enum { UNIT = 8, OPTIONS_MAX = 8192, ADDRESS_LEN = 16, LINKTYPE_IPV6 = 229 };
enum {
	SOURCE_LINK = 1,
	TARGET_LINK,
	PREFIX,
	REDIRECTED,
	LINK_MTU,
	ROUTE = 24,
	DNS_SERVERS,
	SEARCH_DOMAINS = 31,
};

/* The address fills the option, but for an EUI-64 (RFC 4944), which takes 8 of 14 bytes. */
static void put_link_address(struct packet *pkt, struct bytes b, size_t n)
{
	enum { EUI64 = 8, EUI64_ROOM = 14 };
	size_t length = n == EUI64_ROOM ? (size_t)EUI64 : n;

	put_bytes(pkt, ICMPV6_OPT_LINKADDR, bytes_take(&b, length), length);
}

static void put_prefix(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, ICMPV6_OPT_PREFIX_LENGTH);
	bytes_skip(&b, 13);
	(void)get_addr(pkt, &b, ICMPV6_OPT_PREFIX, ADDRESS_LEN);
}

/* A route's prefix may be cut behind its eighth byte. */
static void put_route(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, ICMPV6_OPT_PREFIX_LENGTH);
	bytes_skip(&b, 5);
	size_t n = bytes_left(&b);
	if (n == ADDRESS_LEN)
		(void)get_addr(pkt, &b, ICMPV6_OPT_PREFIX, ADDRESS_LEN);
	if (n != ADDRESS_LEN / 2)
		return;
	char *prefix = pkt_scratch(pkt, ADDRESS_LEN);
	if (!prefix)
		return;
	memset(prefix, 0, ADDRESS_LEN);
	memcpy(prefix, bytes_take(&b, n), n);
	put_addr(pkt, ICMPV6_OPT_PREFIX, (const uint8_t *)prefix);
}

static void put_servers(struct packet *pkt, struct bytes b)
{
	enum { SERVERS_MAX = 127 };

	bytes_skip(&b, 6);
	for (unsigned i = 0; i < SERVERS_MAX && bytes_left(&b) >= ADDRESS_LEN; i++)
		(void)get_addr(pkt, &b, ICMPV6_OPT_RDNSS, ADDRESS_LEN);
}

/* One name with dots between its labels. False at the padding, or when a label is broken. */
static bool put_domain(struct packet *pkt, struct bytes *b)
{
	enum { LABELS_MAX = 128, LABEL_MAX = 63 };
	const char *name = NULL;
	size_t n = 0;

	for (unsigned i = 0; i < LABELS_MAX && bytes_left(b); i++) {
		uint8_t length = bytes_u8(b);
		if (length == 0)
			break;
		if (length > LABEL_MAX || length > bytes_left(b)) {
			pkt_anomaly(pkt, "domain name is broken");
			return false;
		}
		const char *dot = n ? pkt_copy(pkt, ".", 1) : NULL;
		const char *label = pkt_copy(pkt, bytes_take(b, length), length);
		if (!label || (n && !dot))
			return false;
		name = name ? name : label;
		n += length + (dot ? 1u : 0u);
	}
	put_str(pkt, ICMPV6_OPT_DNSSL, name, n);
	return n > 0;
}

static void put_domains(struct packet *pkt, struct bytes b)
{
	enum { DOMAINS_MAX = 1024 };

	bytes_skip(&b, 6);
	for (unsigned i = 0; i < DOMAINS_MAX && bytes_left(&b); i++)
		if (!put_domain(pkt, &b))
			return;
}

static void put_redirected(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 6);
	if (bytes_left(&b) && !icmp_quote(pkt, LINKTYPE_IPV6, b))
		(void)decode_data(pkt, b);
}

/* data: what there is of the option's n bytes. */
static void put_option(struct packet *pkt, uint8_t type, struct bytes data, size_t n)
{
	switch (type) {
	case SOURCE_LINK:
	case TARGET_LINK:
		put_link_address(pkt, data, n);
		break;
	case PREFIX:
		put_prefix(pkt, data);
		break;
	case REDIRECTED:
		put_redirected(pkt, data);
		break;
	case LINK_MTU:
		bytes_skip(&data, 2);
		(void)get_be32(pkt, &data, ICMPV6_OPT_MTU);
		break;
	case ROUTE:
		put_route(pkt, data);
		break;
	case DNS_SERVERS:
		put_servers(pkt, data);
		break;
	case SEARCH_DOMAINS:
		put_domains(pkt, data);
		break;
	default:
		break;
	}
}

enum decode_result icmpv6_nd_options(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		uint8_t type = bytes_u8(&b), length = bytes_u8(&b);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		put_u64(pkt, ICMPV6_OPT_TYPE, type);
		put_u64(pkt, ICMPV6_OPT_LENGTH, length);
		if (length == 0) {
			pkt_anomaly(pkt, "option length is 0");
			return DECODE_OK;
		}
		size_t n = length * UNIT - 2u;
		struct bytes data = bytes_upto(&b, n);
		put_option(pkt, type, data, n);
		if (bytes_left(&data) < n)
			return DECODE_TRUNCATED;
	}
	return DECODE_OK;
}
