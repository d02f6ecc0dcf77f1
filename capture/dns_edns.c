/* dns_edns.c -- extensions of a message, in its OPT record.
 * RFC 6891:  owner is the root, class the payload size, TTL extended response code, version, flags;
 *            data is code, length, value each */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_rdata.h"

/* Only the bytes that the prefix needs are sent; the rest is zero. */
static void put_subnet_addr(struct dns *d, uint16_t family, struct bytes b)
{
	enum { IPV4 = 1, IPV6 };
	size_t size = family == IPV4 ? 4 : 16, sent = bytes_left(&b);

	if (family != IPV4 && family != IPV6)
		return;
	sent = sent < size ? sent : size;
	uint8_t *addr = (uint8_t *)pkt_scratch(d->pkt, size);
	if (!addr)
		return;
	memset(addr, 0, size);
	if (sent)
		memcpy(addr, bytes_take(&b, sent), sent);
	put_addr(d->pkt, family == IPV4 ? DNS_OPT_ADDR4 : DNS_OPT_ADDR6, addr);
}

/* RFC 7871, 6:  family | source prefix, scope prefix | address */
static bool put_subnet(struct dns *d, struct bytes b)
{
	uint16_t family = get_be16(d->pkt, &b, DNS_OPT_FAMILY);

	(void)get_u8(d->pkt, &b, DNS_OPT_NETMASK);
	bytes_skip(&b, 1);
	if (bytes_ok(&b))
		put_subnet_addr(d, family, b);
	return bytes_ok(&b);
}

static bool put_option(struct dns *d, uint16_t code, struct bytes value)
{
	enum { CLIENT_SUBNET = 8, COOKIE = 10, EXTENDED_ERROR = 15, COOKIE_LEN = 8 };

	put_bytes(d->pkt, DNS_OPT_DATA, value.p, bytes_left(&value));
	switch (code) {
	case CLIENT_SUBNET:
		return put_subnet(d, value);
	case COOKIE:
		put_bytes(d->pkt, DNS_OPT_COOKIE, bytes_take(&value, COOKIE_LEN), COOKIE_LEN);
		return bytes_ok(&value);
	case EXTENDED_ERROR:
		(void)get_be16(d->pkt, &value, DNS_OPT_ERROR);
		return bytes_ok(&value);
	default:
		return true;
	}
}

bool dns_edns_put(struct dns *d, const struct dns_record *record)
{
	uint16_t z = (uint16_t)record->ttl;
	struct bytes b = record->data;
	bool whole = true;

	put_u64(d->pkt, DNS_OPT_SIZE, record->class);
	put_u64(d->pkt, DNS_OPT_RCODE, record->ttl >> 24);
	put_u64(d->pkt, DNS_OPT_VERSION, record->ttl >> 16 & 0xff);
	put_u64(d->pkt, DNS_OPT_Z, z);
	put_bool(d->pkt, DNS_OPT_DO, z >> 15);
	d->dnssec = d->dnssec || z >> 15;
	d->rcode_high = record->ttl >> 24;
	for (unsigned i = 0; i < DNS_LIST_MAX && bytes_left(&b); i++) {
		uint16_t code = get_be16(d->pkt, &b, DNS_OPT_CODE);
		uint16_t len = get_be16(d->pkt, &b, DNS_OPT_LEN);
		struct bytes value = bytes_sub(&b, len);
		whole = bytes_ok(&b) && put_option(d, code, value) && whole;
	}
	return whole && bytes_ok(&b);
}
