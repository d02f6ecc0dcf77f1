/* proto_icmpv6.c -- Internet Control Message Protocol for IPv6, with neighbour and listener
 * discovery. RFC 4443:  0 type | 1 code | 2-3 checksum | 4-7 by type: unreachable, time exceeded 4
 * length of the quote in units of 8 (RFC 4884) too big, parameter problem            4-7 MTU,
 * pointer echo                                  4-5 identifier | 6-7 sequence number extended echo
 * (RFC 8335)              4-5 identifier | 6 sequence number | 7 flags | 8-.. the quoted packet;
 * data of an echo RFC 2710, 3810: query, report, done     4-5 delay | 8-23 group; report of version
 * 2: 6-7 number of records | 0 type | 1 words behind the sources | 2-3 number of sources | 4-19
 * group | sources RFC 4861: router advertisement          4 hop limit | 5 flags | 6-7 lifetime |
 * 8-15 timers neighbour messages            4 flags of an advertisement | 8-23 target redirect 8-23
 * target | 24-39 destination | options (icmpv6_nd.c) */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "icmp_fields.h"
#include "icmpv6_nd.h"
#include "outcome.h"

enum { LINKTYPE_IPV6 = 229, ADDRESS_LEN = 16 };
enum {
	UNREACHABLE = 1,
	TOO_BIG,
	TIME_EXCEEDED,
	PARAMETER_PROBLEM,
	ECHO_REQUEST = 128,
	ECHO_REPLY,
	LISTENER_QUERY,
	LISTENER_REPORT,
	LISTENER_DONE,
	ROUTER_SOLICITATION,
	ROUTER_ADVERTISEMENT,
	NEIGHBOUR_SOLICITATION,
	NEIGHBOUR_ADVERTISEMENT,
	REDIRECT,
	INVERSE_SOLICITATION = 141,
	INVERSE_ADVERTISEMENT,
	LISTENER_REPORT_2,
	MOBILE_PREFIX_ADVERTISEMENT = 147,
	CERTIFICATION_SOLICITATION,
	CERTIFICATION_ADVERTISEMENT,
	FAST_HANDOVER = 154,
	EXTENDED_REQUEST = 160,
	EXTENDED_REPLY,
};

static const struct proto_bind binds[] = { { BY_IP_PROTO, 58, NULL }, { 0 } };

/* Types that ask and answer. */
static const uint8_t pairs[][2] = { { 128, 129 }, { 130, 131 }, { 133, 134 }, { 135, 136 },
	{ 139, 140 }, { 144, 145 }, { 0, 0 } };

static enum decode_result decode_extension(struct packet *pkt, struct bytes b)
{
	if (!icmp_extension(pkt, b))
		return decode_data(pkt, b);
	pkt_protocol(pkt, "icmp"); /* whose structure it is */
	return DECODE_OK;
}

static enum decode_result decode_quote(struct packet *pkt, struct bytes b, unsigned length)
{
	if (bytes_left(&b) && !icmp_quote(pkt, LINKTYPE_IPV6, b))
		(void)decode_data(pkt, b);
	if (length == 0 || length > bytes_left(&b))
		return DECODE_OK;
	bytes_skip(&b, length);
	return bytes_left(&b) ? decode_extension(pkt, b) : DECODE_OK;
}

static enum decode_result decode_error(struct packet *pkt, struct bytes b, uint8_t type)
{
	struct bytes word = bytes_upto(&b, 4);
	uint8_t length = 0;

	if (type == TOO_BIG)
		(void)get_be32(pkt, &word, ICMPV6_MTU);
	else if (type == PARAMETER_PROBLEM)
		(void)get_be32(pkt, &word, ICMPV6_POINTER);
	else
		length = bytes_u8(&word);
	if (!bytes_ok(&word))
		return DECODE_TRUNCATED;
	return decode_quote(pkt, b, length * 8u);
}

static enum decode_result decode_echo(struct packet *pkt, struct bytes b)
{
	(void)get_be16(pkt, &b, ICMPV6_IDENT);
	(void)get_be16(pkt, &b, ICMPV6_SEQ);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return decode_data(pkt, b);
}

static enum decode_result decode_extended(struct packet *pkt, struct bytes b, uint8_t type)
{
	(void)get_be16(pkt, &b, ICMPV6_IDENT);
	bytes_skip(&b, 2);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type == EXTENDED_REPLY || bytes_left(&b) == 0)
		return DECODE_OK;
	return decode_extension(pkt, b);
}

static enum decode_result decode_listener(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 4);
	(void)get_addr(pkt, &b, ICMPV6_MLD_ADDRESS, ADDRESS_LEN);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static void put_record(struct packet *pkt, struct bytes *b)
{
	(void)get_u8(pkt, b, ICMPV6_MLD_RECORD_TYPE);
	uint8_t words = bytes_u8(b);
	uint16_t sources = bytes_be16(b);
	(void)get_addr(pkt, b, ICMPV6_MLD_RECORD_ADDRESS, ADDRESS_LEN);
	bytes_skip(b, (size_t)sources * ADDRESS_LEN + words * 4u);
}

/* The number of records is a claim: there are as many as there are bytes. */
static enum decode_result decode_report(struct packet *pkt, struct bytes b)
{
	enum { RECORDS_MAX = 4096 };
	unsigned i = 0;

	bytes_skip(&b, 2);
	uint16_t claim = get_be16(pkt, &b, ICMPV6_MLD_RECORDS);
	for (; i < RECORDS_MAX && bytes_left(&b); i++)
		put_record(pkt, &b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (i != claim)
		pkt_anomaly(pkt, "number of records is wrong");
	return DECODE_OK;
}

static bool put_advertised_router(struct packet *pkt, struct bytes *b)
{
	(void)get_u8(pkt, b, ICMPV6_RA_HOPS);
	uint8_t flags = bytes_u8(b);
	if (bytes_ok(b))
		put_bits(pkt, ICMPV6_RA_M, flags, 7, 2);
	(void)get_be16(pkt, b, ICMPV6_RA_LIFETIME);
	bytes_skip(b, 8);
	return bytes_ok(b);
}

static bool put_advertised_neighbour(struct packet *pkt, struct bytes *b)
{
	uint32_t flags = bytes_be32(b);

	if (bytes_ok(b))
		put_bits(pkt, ICMPV6_NA_R, flags, 31, 3);
	(void)get_addr(pkt, b, ICMPV6_NA_TARGET, ADDRESS_LEN);
	return bytes_ok(b);
}

/* Messages that end in options. */
static enum decode_result decode_discovery(struct packet *pkt, struct bytes b, uint8_t type)
{
	if (type == ROUTER_ADVERTISEMENT) {
		if (!put_advertised_router(pkt, &b))
			return DECODE_TRUNCATED;
	} else if (type == NEIGHBOUR_ADVERTISEMENT) {
		if (!put_advertised_neighbour(pkt, &b))
			return DECODE_TRUNCATED;
	} else {
		bytes_skip(&b, type == CERTIFICATION_ADVERTISEMENT ? 8 : 4);
	}
	if (type == NEIGHBOUR_SOLICITATION)
		(void)get_addr(pkt, &b, ICMPV6_NS_TARGET, ADDRESS_LEN);
	if (type == REDIRECT)
		bytes_skip(&b, 2 * (size_t)ADDRESS_LEN);
	return bytes_ok(&b) ? icmpv6_nd_options(pkt, b) : DECODE_TRUNCATED;
}

static enum decode_result decode_body(struct packet *pkt, struct bytes b, uint8_t type)
{
	switch (type) {
	case UNREACHABLE:
	case TOO_BIG:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return decode_error(pkt, b, type);
	case ECHO_REQUEST:
	case ECHO_REPLY:
		return decode_echo(pkt, b);
	case LISTENER_QUERY:
	case LISTENER_REPORT:
	case LISTENER_DONE:
		return decode_listener(pkt, b);
	case LISTENER_REPORT_2:
		return decode_report(pkt, b);
	case ROUTER_SOLICITATION:
	case ROUTER_ADVERTISEMENT:
	case NEIGHBOUR_SOLICITATION:
	case NEIGHBOUR_ADVERTISEMENT:
	case REDIRECT:
	case INVERSE_SOLICITATION:
	case INVERSE_ADVERTISEMENT:
	case MOBILE_PREFIX_ADVERTISEMENT:
	case CERTIFICATION_SOLICITATION:
	case CERTIFICATION_ADVERTISEMENT:
	case FAST_HANDOVER:
		return decode_discovery(pkt, b, type);
	case EXTENDED_REQUEST:
	case EXTENDED_REPLY:
		return decode_extended(pkt, b, type);
	default:
		return DECODE_OK;
	}
}

static const char *const actions[] = { [UNREACHABLE] = "destination-unreachable",
	[TOO_BIG] = "packet-too-big",
	[TIME_EXCEEDED] = "time-exceeded",
	[PARAMETER_PROBLEM] = "parameter-problem",
	[ECHO_REQUEST] = "echo-request",
	[ECHO_REPLY] = "echo-reply",
	[LISTENER_QUERY] = "multicast-listener-query",
	[LISTENER_REPORT] = "multicast-listener-report",
	[LISTENER_DONE] = "multicast-listener-done",
	[ROUTER_SOLICITATION] = "router-solicitation",
	[ROUTER_ADVERTISEMENT] = "router-advertisement",
	[NEIGHBOUR_SOLICITATION] = "neighbor-solicitation",
	[NEIGHBOUR_ADVERTISEMENT] = "neighbor-advertisement",
	[REDIRECT] = "redirect",
	[138] = "router-renumbering",
	[139] = "node-information-query",
	[140] = "node-information-response",
	[INVERSE_SOLICITATION] = "inverse-neighbor-solicitation",
	[INVERSE_ADVERTISEMENT] = "inverse-neighbor-advertisement",
	[LISTENER_REPORT_2] = "multicast-listener-report",
	[144] = "home-agent-address-request",
	[145] = "home-agent-address-reply",
	[146] = "mobile-prefix-solicitation",
	[MOBILE_PREFIX_ADVERTISEMENT] = "mobile-prefix-advertisement",
	[CERTIFICATION_SOLICITATION] = "certification-path-solicitation",
	[CERTIFICATION_ADVERTISEMENT] = "certification-path-advertisement",
	[FAST_HANDOVER] = "fast-handover",
	[EXTENDED_REQUEST] = "extended-echo-request",
	[EXTENDED_REPLY] = "extended-echo-reply" };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint8_t type = get_u8(pkt, &b, ICMPV6_TYPE), code = get_u8(pkt, &b, ICMPV6_CODE);

	if (bytes_ok(&b)) {
		icmp_ports(pkt, type, code, pairs);
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, type));
	}
	(void)get_be16(pkt, &b, ICMPV6_CHECKSUM);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, ICMPV6_STATUS, checksum_icmpv6(pkt, whole));
	return decode_body(pkt, b, type);
}

const struct proto proto_icmpv6 = {
	.name = "icmpv6", .binds = binds, .fields = icmp_fields, .decode = decode
};
