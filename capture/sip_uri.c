/* sip_uri.c -- URIs in SIP headers, and lists of them.
 * RFC 3261, 25.1:  "name" <sip:user:password@host:port;parameters?headers>;header parameters
 *
 * Where a part ends is judged as tshark does, which also leaves out a user or port of one letter. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sip.h"

enum { CONTACTS_MAX = 256, QUOTES_MAX = 65536 };

const uint8_t *sip_find_any(struct bytes text, const char *stops)
{
	while (bytes_left(&text)) {
		const uint8_t *at = text.p;
		uint8_t c = bytes_u8(&text);
		if (c && strchr(stops, c))
			return at;
	}
	return NULL;
}

/* --- user, host, port --- */

/* Up to one of the stops, but not amidst an address in brackets; the first byte is never one. */
static struct bytes take_host(struct bytes *b)
{
	const uint8_t *from = b->p;
	bool bracket = false;

	for (bool first = true; bytes_left(b); first = false) {
		int c = bytes_peek(b, 0);
		if (c == '[' || c == ']')
			bracket = c == '[';
		else if (!first && (c == ':' ? !bracket : strchr(">,;? \r", c) && c))
			break;
		bytes_skip(b, 1);
	}
	return sip_span(from, b->p);
}

static struct bytes take_port(struct bytes b)
{
	struct bytes behind = b;

	bytes_skip(&behind, 1);
	const uint8_t *stop = bytes_left(&b) ? sip_find_any(behind, ">,;? \r") : NULL;
	return sip_span(b.p, stop ? stop : b.end);
}

/* The address is known; window is what follows its begin, up to the end of the line. */
static void take_parts(struct sip_uri *uri, struct bytes window)
{
	struct bytes head = uri->addr;

	if (bytes_left(&head))
		head.end--; /* an @ or a colon at the end is none */
	const uint8_t *at = sip_find(head, '@'), *colon = sip_find(head, ':');
	if (!colon || (at && at < colon))
		return;
	window.p = colon + 1;
	if (at) {
		uri->user = sip_span(colon + 1, at);
		window.p = at + 1;
	}
	uri->host = take_host(&window);
	if (bytes_peek(&window, 0) == ':') {
		bytes_skip(&window, 1);
		uri->port = take_port(window);
	}
}

/* `end` is where the URI ends, or NULL: at a comma or semicolon. */
static bool take_uri(struct bytes text, const uint8_t *end, struct sip_uri *uri)
{
	bool known = end != NULL;

	while (text.p < (known ? end : text.end) && (*text.p == ' ' || *text.p == '\t'))
		bytes_skip(&text, 1);
	bool sip = bytes_starts(&text, "sip", 3);
	if (!known && !sip)
		return false;
	if (!known)
		end = sip_find_any(text, ",;");
	if (!end)
		end = text.end;
	uri->addr = sip_span(text.p, end);
	uri->end = known && end < text.end ? end + 1 : end;
	if (sip)
		take_parts(uri, text);
	return true;
}

void sip_request_uri(struct bytes text, struct sip_uri *uri)
{
	*uri = (struct sip_uri){ 0 };
	(void)take_uri(text, text.end, uri);
}

/* --- name and URI --- */

/* Behind a quoted name; false when its quotes do not end. */
static bool skip_name(struct bytes *b)
{
	bool escaped = false;

	bytes_skip(b, 1);
	for (unsigned i = 0; i < QUOTES_MAX && bytes_left(b); i++) {
		uint8_t c = bytes_u8(b);
		if (c == '"' && !escaped)
			return true;
		escaped = c == '\\' && !escaped;
	}
	return false;
}

bool sip_name_addr(struct bytes text, struct sip_uri *uri)
{
	*uri = (struct sip_uri){ 0 };
	sip_skip_blanks(&text);
	bool quoted = bytes_peek(&text, 0) == '"';
	if (quoted && !skip_name(&text))
		return false;
	const uint8_t *open = sip_find(text, '<'), *colon = sip_find(text, ':');
	if (!open || (!quoted && colon && colon < open))
		return !quoted && colon && take_uri(text, NULL, uri);
	bytes_skip(&text, (size_t)(open + 1 - text.p));
	const uint8_t *close = sip_find(text, '>');
	return close && take_uri(text, close, uri);
}

/* ECS wants the name without a password behind it. The first value stays. */
static void put_user(struct packet *pkt, unsigned first, struct bytes name)
{
	if (first == SIP_FROM_ADDR)
		ecs_str(pkt, ECS_SOURCE_USER_NAME, name.p, bytes_left(&name));
	if (first == SIP_TO_ADDR)
		ecs_str(pkt, ECS_DESTINATION_USER_NAME, name.p, bytes_left(&name));
	ecs_str(pkt, ECS_RELATED_USER, name.p, bytes_left(&name));
}

void sip_put_uri(struct packet *pkt, const struct sip_uri *uri, unsigned first, bool port)
{
	struct bytes user = uri->user;
	const uint8_t *colon = sip_find(user, ':');

	if (colon)
		pkt_secret(pkt, colon + 1, (size_t)(user.end - colon - 1));
	sip_put(pkt, first, uri->addr);
	if (bytes_left(&user) > 1) {
		put_user(pkt, first, sip_span(user.p, colon ? colon : user.end));
		sip_put(pkt, first + 1, user);
	}
	sip_put(pkt, first + 2, uri->host);
	if (port && bytes_left(&uri->port) > 1)
		sip_put(pkt, first + 3, uri->port);
}

/* --- Contact --- */

/* Behind the parameters of a contact: at the comma before the next one, or at the end. */
static void skip_parameters(struct bytes *b)
{
	bool quoted = false;

	while (bytes_left(b)) {
		int c = bytes_peek(b, 0);
		if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted)
			return;
		bytes_skip(b, 1);
	}
}

void sip_contact(struct packet *pkt, struct bytes text)
{
	struct sip_uri uri;

	if (bytes_peek(&text, 0) == '*')
		return;
	for (unsigned i = 0; i < CONTACTS_MAX && sip_name_addr(text, &uri); i++) {
		sip_put_uri(pkt, &uri, SIP_CONTACT_URI, true);
		text.p = uri.end;
		skip_parameters(&text);
		if (bytes_left(&text) == 0)
			break;
		bytes_skip(&text, 1);
	}
}
