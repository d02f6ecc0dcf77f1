/* dns_rdata.c -- the data of DNS records, the older types.
 * RFC 1035, 3.3:  A address | NS CNAME PTR name | MX preference, name | TXT HINFO strings
 *                 SOA name, name, serial, refresh, retry, expire, minimum
 * RFC 3596:  AAAA address
 * RFC 2782:  SRV priority, weight, port, name
 * RFC 3403:  NAPTR order, preference, flags, service, regex: strings; name */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_rdata.h"

#include "dns_ecs.h"
#include "dns_text.h"

enum { NO_FIELD = DNS_LENGTH };

/* A length and that many bytes, as far as they are there. Multicast DNS has TXT in UTF-8 (RFC
 * 6763), the rest of DNS knows ASCII only. */
static bool get_string(struct dns *d, struct bytes *b, unsigned field)
{
	uint8_t len = bytes_u8(b);
	struct bytes text = bytes_upto(b, len);

	if (field == DNS_TXT && d->kind != DNS_KIND_MDNS)
		dns_text_put(d->pkt, field, text.p, bytes_left(&text));
	else if (field != NO_FIELD)
		put_str(d->pkt, field, text.p, bytes_left(&text));
	dns_ecs_say(d, text.p, bytes_left(&text));
	return bytes_ok(b) && bytes_left(&text) == len;
}

static bool get_host(struct dns *d, struct bytes *b, unsigned field)
{
	struct dns_name name;

	dns_name_read(d->pkt, &d->message, b, field, &name);
	dns_ecs_say_name(d, &name);
	dns_ecs_host(d, &name);
	return bytes_ok(b);
}

static uint16_t get_number(struct dns *d, struct bytes *b, unsigned field)
{
	uint16_t value = get_be16(d->pkt, b, field);

	if (bytes_ok(b))
		dns_ecs_say_u64(d, value);
	return value;
}

static bool put_address(struct dns *d, const struct dns_record *record, struct bytes b)
{
	bool v4 = record->type == DNS_TYPE_A;
	const uint8_t *p = get_addr(d->pkt, &b, v4 ? DNS_A : DNS_AAAA, v4 ? 4 : 16);

	dns_ecs_host(d, &record->owner);
	dns_ecs_addr(d, v4 ? FIELD_IPV4 : FIELD_IPV6, p);
	return bytes_ok(&b);
}

static bool put_texts(struct dns *d, struct bytes b)
{
	bool whole = true;

	for (unsigned i = 0; i < DNS_LIST_MAX && bytes_left(&b); i++) {
		put_u64(d->pkt, DNS_TXT_LENGTH, (uint64_t)bytes_peek(&b, 0));
		whole = get_string(d, &b, DNS_TXT) && whole;
	}
	return whole;
}

static bool put_hinfo(struct dns *d, struct bytes b)
{
	bool whole = get_string(d, &b, DNS_HINFO_CPU);

	return get_string(d, &b, DNS_HINFO_OS) && whole;
}

static bool put_mx(struct dns *d, struct bytes b)
{
	(void)get_number(d, &b, DNS_MX_PREFERENCE);
	return get_host(d, &b, DNS_MX_EXCHANGE);
}

static bool put_soa(struct dns *d, struct bytes b)
{
	struct dns_name name;

	for (unsigned field = DNS_SOA_MNAME; field <= DNS_SOA_RNAME; field++) {
		dns_name_read(d->pkt, &d->message, &b, field, &name);
		dns_ecs_say_name(d, &name);
	}
	for (unsigned field = DNS_SOA_SERIAL; field <= DNS_SOA_MINIMUM; field++) {
		uint32_t value = get_be32(d->pkt, &b, field);
		if (bytes_ok(&b))
			dns_ecs_say_u64(d, value);
	}
	return bytes_ok(&b);
}

static bool put_srv(struct dns *d, struct bytes b)
{
	(void)get_number(d, &b, DNS_SRV_PRIORITY);
	(void)get_number(d, &b, DNS_SRV_WEIGHT);
	(void)get_number(d, &b, DNS_SRV_PORT);
	return get_host(d, &b, DNS_SRV_TARGET);
}

static bool put_naptr(struct dns *d, struct bytes b)
{
	struct dns_name name;

	(void)get_number(d, &b, DNS_NAPTR_ORDER);
	(void)get_number(d, &b, DNS_NAPTR_PREFERENCE);
	bool whole = get_string(d, &b, NO_FIELD) && get_string(d, &b, DNS_NAPTR_SERVICE) &&
		     get_string(d, &b, DNS_NAPTR_REGEX);
	if (!whole)
		return false;
	dns_name_read(d->pkt, &d->message, &b, DNS_NAPTR_REPLACEMENT, &name);
	dns_ecs_say_name(d, &name);
	return bytes_ok(&b);
}

static bool put_data(struct dns *d, const struct dns_record *record)
{
	struct bytes b = record->data;

	switch (record->type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		return put_address(d, record, b);
	case DNS_TYPE_NS:
		return get_host(d, &b, DNS_NS);
	case DNS_TYPE_CNAME:
		return get_host(d, &b, DNS_CNAME);
	case DNS_TYPE_PTR:
		return get_host(d, &b, DNS_PTR);
	case DNS_TYPE_SOA:
		return put_soa(d, b);
	case DNS_TYPE_HINFO:
		return put_hinfo(d, b);
	case DNS_TYPE_MX:
		return put_mx(d, b);
	case DNS_TYPE_TXT:
		return put_texts(d, b);
	case DNS_TYPE_SRV:
		return put_srv(d, b);
	case DNS_TYPE_NAPTR:
		return put_naptr(d, b);
	case DNS_TYPE_SVCB:
	case DNS_TYPE_HTTPS:
		return dns_svcb_put(d, b);
	default:
		return dns_security_put(d, record->type, b);
	}
}

void dns_rdata_put(struct dns *d, const struct dns_record *record)
{
	if (record->type == DNS_TYPE_OPT) {
		if (!dns_edns_put(d, record))
			pkt_anomaly(d->pkt, "option ends early");
		return;
	}
	if (bytes_left(&record->data) && !put_data(d, record))
		pkt_anomaly(d->pkt, "record data ends early");
}
