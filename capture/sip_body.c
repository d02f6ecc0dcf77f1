/* sip_body.c -- bodies of SIP messages: named by their media type, or handed on.
 * RFC 2046, 5.1:  --BOUNDARY, headers, an empty line, a part; the last boundary ends in two hyphens */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sip.h"

#include <strings.h>

enum { PARTS_MAX = 64, HEADERS_MAX = 64, BOUNDARY_MAX = 70 };

struct kind {
	const char *type, *token;
};

static const struct kind kinds[] = {
	{ "text/plain", "data-text-lines" },
	{ "text/html", "data-text-lines" },
	{ "text/css", "data-text-lines" },
	{ "message/sipfrag", "sipfrag" },
	{ "message/http", "message-http" },
	{ "application/json", "json" },
	{ "text/xml", "xml" },
	{ "application/xml", "xml" },
};

static bool is_type(struct bytes type, const char *word)
{
	size_t n = strlen(word);

	return bytes_left(&type) == n && strncasecmp((const char *)type.p, word, n) == 0;
}

static bool starts(struct bytes text, const char *word)
{
	size_t n = strlen(word);

	return bytes_left(&text) >= n && strncasecmp((const char *)text.p, word, n) == 0;
}

static bool ends_in_xml(struct bytes type)
{
	size_t n = bytes_left(&type);

	return n > 4 && strncasecmp((const char *)type.end - 4, "+xml", 4) == 0;
}

/* --- parts --- */

/* The value of the parameter `boundary`, without quotes; empty when there is none. */
static struct bytes boundary_of(struct bytes type)
{
	while (bytes_left(&type) && !starts(type, "boundary="))
		bytes_skip(&type, 1);
	(void)bytes_upto(&type, 9);
	bool quoted = bytes_peek(&type, 0) == '"';
	bytes_skip(&type, quoted);
	const uint8_t *end = sip_find_any(type, quoted ? "\"" : "; \t");
	struct bytes boundary = sip_span(type.p, end ? end : type.end);
	return bytes_left(&boundary) <= BOUNDARY_MAX ? boundary : bytes_of(type.p, 0);
}

/* Moves b behind the next boundary line and gives what stands before it. False when none follows. */
static bool next_part(struct bytes *b, struct bytes boundary, struct bytes *part)
{
	size_t n = bytes_left(&boundary);

	for (struct bytes at = *b; bytes_left(&at); bytes_skip(&at, 1)) {
		struct bytes word = at;
		if (!bytes_starts(&word, "--", 2))
			continue;
		bytes_skip(&word, 2);
		if (!bytes_starts(&word, boundary.p, n))
			continue;
		*part = sip_span(b->p, at.p);
		bytes_skip(&word, n);
		*b = word;
		return true;
	}
	return false;
}

static void put_part(struct packet *pkt, struct bytes part)
{
	struct bytes type = bytes_of("text/plain", 10);

	(void)sip_next_line(&part); /* what is left of the boundary's line */
	for (unsigned i = 0; i < HEADERS_MAX && bytes_left(&part); i++) {
		struct bytes text = sip_next_line(&part).text;
		if (bytes_left(&text) == 0)
			break;
		if (!starts(text, "content-type:"))
			continue;
		bytes_skip(&text, 13);
		sip_skip_blanks(&text);
		type = text;
	}
	if (bytes_left(&part) >= 2 && part.end[-1] == '\n' && part.end[-2] == '\r')
		part.end -= 2;
	if (!starts(type, "multipart/"))
		sip_body(pkt, type, part);
}

static void put_parts(struct packet *pkt, struct bytes boundary, struct bytes body)
{
	struct bytes part;

	if (bytes_left(&boundary) == 0) {
		(void)decode_data(pkt, body);
		return;
	}
	if (!next_part(&body, boundary, &part))
		return;
	for (unsigned i = 0; i < PARTS_MAX && !bytes_starts(&body, "--", 2); i++) {
		if (!next_part(&body, boundary, &part))
			return;
		put_part(pkt, part);
	}
}

/* --- one body --- */

void sip_body(struct packet *pkt, struct bytes type, struct bytes body)
{
	struct bytes value = type;
	const uint8_t *end = sip_find_any(type, "; \t");

	if (end)
		type = sip_span(type.p, end);
	if (bytes_left(&body) == 0 || bytes_left(&type) == 0)
		return;
	if (is_type(type, "application/sdp") && decode_by(pkt, BY_MEDIA, MEDIA_SDP, body))
		return;
	if (is_type(type, "application/octet-stream")) {
		(void)decode_data(pkt, body);
		return;
	}
	if (starts(type, "multipart/")) {
		pkt_protocol(pkt, "mime_multipart");
		put_parts(pkt, boundary_of(value), body);
		return;
	}
	const char *token = ends_in_xml(type) ? "xml" : NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_type(type, kinds[i].type))
			token = kinds[i].token;
	if (token)
		pkt_protocol(pkt, token);
}
