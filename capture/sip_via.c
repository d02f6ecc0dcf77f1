/* sip_via.c -- the Via header of SIP: the hops of a message.
 * RFC 3261, 20.42:  SIP / 2.0 / UDP host:port ;branch=x;received=y , SIP/2.0/TCP ... */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sip.h"

#include <ctype.h>
#include <strings.h>

enum { HOPS_MAX = 256, PARAMETERS_MAX = 1024 };

/* Up to one of the stops, or all. */
static struct bytes take(struct bytes *b, const char *stops)
{
	const uint8_t *from = b->p, *stop = sip_find_any(*b, stops);

	b->p = stop ? stop : b->end;
	return sip_span(from, b->p);
}

/* Name and version of the protocol, and the transports: all but the last word of them end here. */
static void put_transports(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < 2; i++) {
		(void)take(b, "/");
		(void)bytes_upto(b, 1);
	}
	for (unsigned i = 0; i < HOPS_MAX && bytes_left(b); i++) {
		sip_skip_blanks(b);
		struct bytes word = take(b, "\t /");
		if (bytes_left(b) == 0)
			return; /* a line that ends here has no host: tshark has no transport then */
		sip_put(pkt, SIP_VIA_TRANSPORT, word);
		sip_skip_blanks(b);
		if (bytes_peek(b, 0) != '/')
			return;
		bytes_skip(b, 1);
	}
}

static void put_host(struct packet *pkt, struct bytes *b)
{
	const uint8_t *from = b->p;
	bool bracket = false, six = false;

	for (; bytes_left(b); bytes_skip(b, 1)) {
		int c = bytes_peek(b, 0);
		if (c == '[' || c == ']')
			bracket = c == '[';
		six = six || c == '[';
		if (c == ' ' || c == '\t' || c == ';' || (c == ':' && !bracket))
			break;
	}
	struct bytes host = sip_span(from, b->p);
	if (six && bytes_left(&host) >= 2)
		host = sip_span(from + 1, b->p - 1);
	sip_put(pkt, SIP_VIA_ADDRESS, host);
}

/* False when a colon is followed by no number. A number that ends the line is not shown, as in
 * tshark. */
static bool put_port(struct packet *pkt, struct bytes *b)
{
	uint32_t port = 0;

	sip_skip_blanks(b);
	if (bytes_peek(b, 0) != ':')
		return true;
	bytes_skip(b, 1);
	sip_skip_blanks(b);
	const uint8_t *from = b->p;
	while (bytes_left(b) && isdigit(*b->p)) {
		port = port * 10 + bytes_u8(b) - '0';
		if (port > UINT16_MAX)
			port = UINT16_MAX;
	}
	if (bytes_left(b) == 0)
		return false;
	if (b->p > from)
		put_u64(pkt, SIP_VIA_PORT, port);
	return b->p > from;
}

static void put_parameter(struct packet *pkt, struct bytes *b)
{
	const uint8_t *from = b->p;

	while (bytes_left(b) && (isalpha(*b->p) || *b->p == '-'))
		bytes_skip(b, 1);
	struct bytes name = sip_span(from, b->p), value;
	bool equals = bytes_peek(b, 0) == '=';
	(void)take(b, "\t;, ");
	value = equals ? sip_span(name.end + 1, b->p) : sip_span(from, b->p);
	if (bytes_left(&name) == 6 && strncasecmp((const char *)name.p, "branch", 6) == 0)
		sip_put(pkt, SIP_VIA_BRANCH, value);
}

/* Up to the comma before the next hop, and behind it. False when no other follows. */
static bool put_parameters(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < PARAMETERS_MAX; i++) {
		sip_skip_blanks(b);
		int c = bytes_peek(b, 0);
		if (c == ',')
			bytes_skip(b, 1);
		if (c != ';')
			return c >= 0;
		bytes_skip(b, 1);
		put_parameter(pkt, b);
	}
	return false;
}

void sip_via(struct packet *pkt, struct bytes text)
{
	for (unsigned i = 0; i < HOPS_MAX && bytes_left(&text); i++) {
		put_transports(pkt, &text);
		sip_skip_blanks(&text);
		put_host(pkt, &text);
		if (!put_port(pkt, &text) || !put_parameters(pkt, &text))
			return;
	}
}
