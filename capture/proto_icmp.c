/* proto_icmp.c -- Internet Control Message Protocol.
 * RFC 792:  0 type | 1 code | 2-3 checksum | 4-7 by type:
 *   echo, timestamp, information, mask   4-5 identifier | 6-7 sequence number
 *   unreachable, time exceeded           5 length of the quote in words (RFC 4884)
 *                                        6-7 MTU of the next hop (RFC 1191, code 4)
 *   redirect                             4-7 gateway
 *   parameter problem                    4 pointer | 5 length of the quote in words
 *   router advertisement (RFC 1256)      4 number | 5 words of each | 6-7 lifetime
 *   extended echo (RFC 8335)             4-5 identifier | 6 sequence number | 7 flags
 * | 8-.. the quoted packet, then extensions (RFC 4884); data of an echo */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "icmp_fields.h"
#include "outcome.h"

enum { LINKTYPE_IPV4 = 228, CODE_TOO_BIG = 4 };
enum {
	ECHO_REPLY = 0,
	UNREACHABLE = 3,
	SOURCE_QUENCH,
	REDIRECT,
	ECHO_REQUEST = 8,
	ROUTER_ADVERTISEMENT,
	TIME_EXCEEDED = 11,
	PARAMETER_PROBLEM,
	TIMESTAMP_REQUEST,
	TIMESTAMP_REPLY,
	INFORMATION_REQUEST,
	INFORMATION_REPLY,
	MASK_REQUEST,
	MASK_REPLY,
	EXTENDED_REQUEST = 42,
	EXTENDED_REPLY,
};

static const struct proto_bind binds[] = { { BY_IP_PROTO, 1, NULL }, { 0 } };

/* Types that ask and answer. The pair (8, 0) stands in front: { 0, 0 } ends the list. */
static const uint8_t pairs[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 17, 18 }, { 10, 9 },
	{ 0, 0 } };

/* The same two bytes in both orders: Windows writes them in its own. */
static void put_both_orders(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint16_t value = bytes_be16(b);

	if (!bytes_ok(b))
		return;
	put_u64(pkt, field, value);
	put_u64(pkt, field + 1, (uint16_t)(value << 8 | value >> 8));
}

/* Is this a time of the same day as the frame's: seconds and microseconds? */
static bool is_ping_time(const struct packet *pkt, uint32_t seconds, uint32_t microseconds)
{
	int64_t ahead = (int64_t)seconds - pkt->frame->time_ns / 1000000000;

	return ahead > -86400 && ahead < 86400 && microseconds < 1000000;
}

/* The data of an echo, without the time in front that ping writes in its own byte order. */
static enum decode_result echo_data(struct packet *pkt, struct bytes b)
{
	struct bytes big = b, little = b;
	uint32_t seconds = bytes_be32(&big), microseconds = bytes_be32(&big);
	uint32_t seconds_le = bytes_le32(&little), microseconds_le = bytes_le32(&little);

	if (bytes_ok(&big) && (is_ping_time(pkt, seconds, microseconds) ||
				      is_ping_time(pkt, seconds_le, microseconds_le)))
		b = big;
	return decode_data(pkt, b);
}

static enum decode_result decode_echo(struct packet *pkt, struct bytes b)
{
	put_both_orders(pkt, &b, ICMP_IDENT);
	put_both_orders(pkt, &b, ICMP_SEQ);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return echo_data(pkt, b);
}

/* Timestamp, information and mask: only the first has fields of its own. */
static enum decode_result decode_query(struct packet *pkt, struct bytes b, uint8_t type)
{
	put_both_orders(pkt, &b, ICMP_IDENT);
	put_both_orders(pkt, &b, ICMP_SEQ);
	if (type == TIMESTAMP_REQUEST || type == TIMESTAMP_REPLY) {
		(void)get_be32(pkt, &b, ICMP_ORIGINATE);
		(void)get_be32(pkt, &b, ICMP_RECEIVE);
		(void)get_be32(pkt, &b, ICMP_TRANSMIT);
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

/* The extension structure stands behind the quote. Where nothing tells its length, the quote has
 * 128 bytes, and there is an extension only when the quoted packet is not longer itself. */
static enum decode_result put_extension(struct packet *pkt, struct bytes quote, uint8_t words)
{
	enum { COMPAT = 128 };
	struct bytes head = quote;

	if (bytes_claimed(&quote) <= COMPAT)
		return DECODE_OK;
	bytes_skip(&head, 2);
	if (words == 0 && bytes_be16(&head) > COMPAT)
		return DECODE_OK;
	bytes_skip(&quote, words ? words * 4u : COMPAT);
	if (!bytes_ok(&quote))
		return DECODE_TRUNCATED;
	(void)icmp_extension(pkt, quote);
	return DECODE_OK;
}

/* RFC 792 has errors quote the header and 64 bits of data. Where a length field tells of more, it
 * is taken as that of the data; a redirect has none. */
static struct bytes quoted_part(struct bytes b, uint8_t type, uint8_t words)
{
	enum { DATA = 8 };
	size_t header = (bytes_peek(&b, 0) & 15) * 4u;

	if (type == REDIRECT)
		return bytes_upto(&b, header + DATA);
	return words ? bytes_upto(&b, header + words * 4u) : b;
}

static enum decode_result decode_error(
	struct packet *pkt, struct bytes b, uint8_t type, uint8_t code)
{
	struct bytes word = bytes_upto(&b, 4);
	uint8_t words = 0;

	if (type == REDIRECT)
		(void)get_addr(pkt, &word, ICMP_GATEWAY, 4);
	else if (type == PARAMETER_PROBLEM)
		(void)get_u8(pkt, &word, ICMP_POINTER);
	else
		bytes_skip(&word, 1);
	if (type != REDIRECT)
		words = bytes_u8(&word);
	if (words && type != SOURCE_QUENCH)
		put_u64(pkt, ICMP_LENGTH, words);
	if (type == UNREACHABLE && code == CODE_TOO_BIG)
		(void)get_be16(pkt, &word, ICMP_MTU);
	if (!bytes_ok(&word))
		return DECODE_TRUNCATED;
	if (bytes_left(&b))
		(void)icmp_quote(pkt, LINKTYPE_IPV4, quoted_part(b, type, words));
	if (type == REDIRECT)
		return DECODE_OK;
	return put_extension(pkt, b, words);
}

static enum decode_result decode_advertisement(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, ICMP_NUM_ADDRS);
	uint8_t words = bytes_u8(&b);
	(void)get_be16(pkt, &b, ICMP_LIFETIME);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (words == 2) /* address and preference, as RFC 1256 has them */
		return DECODE_OK;
	return decode_data(pkt, b);
}

static enum decode_result decode_extended(struct packet *pkt, struct bytes b, uint8_t type)
{
	put_both_orders(pkt, &b, ICMP_IDENT);
	bytes_skip(&b, 2);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type == EXTENDED_REQUEST)
		(void)icmp_extension(pkt, b);
	return DECODE_OK;
}

static enum decode_result decode_body(
	struct packet *pkt, struct bytes b, uint8_t type, uint8_t code)
{
	switch (type) {
	case ECHO_REPLY:
	case ECHO_REQUEST:
		return decode_echo(pkt, b);
	case UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return decode_error(pkt, b, type, code);
	case ROUTER_ADVERTISEMENT:
		return decode_advertisement(pkt, b);
	case TIMESTAMP_REQUEST:
	case TIMESTAMP_REPLY:
	case INFORMATION_REQUEST:
	case INFORMATION_REPLY:
	case MASK_REQUEST:
	case MASK_REPLY:
		return decode_query(pkt, b, type);
	case EXTENDED_REQUEST:
	case EXTENDED_REPLY:
		return decode_extended(pkt, b, type);
	default:
		return DECODE_OK;
	}
}

static const char *const actions[] = { [ECHO_REPLY] = "echo-reply",
	[UNREACHABLE] = "destination-unreachable",
	[SOURCE_QUENCH] = "source-quench",
	[REDIRECT] = "redirect",
	[ECHO_REQUEST] = "echo-request",
	[ROUTER_ADVERTISEMENT] = "router-advertisement",
	[10] = "router-solicitation",
	[TIME_EXCEEDED] = "time-exceeded",
	[PARAMETER_PROBLEM] = "parameter-problem",
	[TIMESTAMP_REQUEST] = "timestamp-request",
	[TIMESTAMP_REPLY] = "timestamp-reply",
	[INFORMATION_REQUEST] = "information-request",
	[INFORMATION_REPLY] = "information-reply",
	[MASK_REQUEST] = "address-mask-request",
	[MASK_REPLY] = "address-mask-reply",
	[EXTENDED_REQUEST] = "extended-echo-request",
	[EXTENDED_REPLY] = "extended-echo-reply" };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint8_t type = get_u8(pkt, &b, ICMP_TYPE), code = get_u8(pkt, &b, ICMP_CODE);

	if (bytes_ok(&b)) {
		icmp_ports(pkt, type, code, pairs);
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, type));
	}
	(void)get_be16(pkt, &b, ICMP_CHECKSUM);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, ICMP_STATUS, checksum_icmp(pkt, whole));
	return decode_body(pkt, b, type, code);
}

const struct proto proto_icmp = {
	.name = "icmp", .binds = binds, .fields = icmp_fields, .decode = decode
};
