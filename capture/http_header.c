/* http_header.c -- one header line of an HTTP message.
 * RFC 9110, section 5: name ":" blanks value; names are tokens and have no case. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_header.h"

#include <ctype.h>

#include "http_auth.h"
#include "http_secret.h"
#include "http_url.h"

enum { HEADERS_MAX = 200, PAIRS_MAX = 256, SLOTS = 128 };

/* What is done with a value beside putting it into its field. */
enum action {
	NONE,
	HOST,
	TYPE,
	LENGTH,
	TRANSFER_CODING,
	CONTENT_CODING,
	FORWARDED,
	URL,
	CHALLENGE,
	CREDENTIALS,
	COOKIES,
	SECRETS,
	NO_FIELD,
};

struct header {
	const char *name;
	uint8_t length, field, action;
};

/* A slot for each name, from its length and its ends; no two share one, or the compiler warns. */
#define SLOT(length, first, last)                                                                  \
	(((unsigned)(length) + 12u * ((first) | 0x20u) + 7u * ((last) | 0x20u)) % SLOTS)
#define NAMED(first, last, text, field, action)                                                    \
	[SLOT(sizeof(text) - 1, first, last)] = { text, sizeof(text) - 1, field, action }

static const struct header headers[SLOTS] = {
	NAMED('a', 't', "accept", HTTP_ACCEPT, NONE),
	NAMED('a', 'g', "accept-encoding", HTTP_ACCEPT_ENCODING, NONE),
	NAMED('a', 'e', "accept-language", HTTP_ACCEPT_LANGUAGE, NONE),
	NAMED('a', 'n', "authorization", HTTP_AUTHORIZATION, CREDENTIALS),
	NAMED('c', 'l', "cache-control", HTTP_CACHE_CONTROL, NONE),
	NAMED('c', 'n', "connection", HTTP_CONNECTION, NONE),
	NAMED('c', 'g', "content-encoding", HTTP_CONTENT_ENCODING, CONTENT_CODING),
	NAMED('c', 'h', "content-length", HTTP_CONTENT_LENGTH_HEADER, LENGTH),
	NAMED('c', 'e', "content-type", HTTP_CONTENT_TYPE, TYPE),
	NAMED('c', 'e', "cookie", HTTP_COOKIE, COOKIES),
	NAMED('d', 'e', "date", HTTP_DATE, NONE),
	NAMED('h', 't', "host", HTTP_HOST, HOST),
	NAMED('h', 's', "http2-settings", 0, NO_FIELD),
	NAMED('l', 'd', "last-modified", HTTP_LAST_MODIFIED, NONE),
	NAMED('l', 'n', "location", HTTP_LOCATION, URL),
	NAMED('p', 'e', "proxy-authenticate", HTTP_PROXY_AUTHENTICATE, CHALLENGE),
	NAMED('p', 'n', "proxy-authorization", HTTP_PROXY_AUTHORIZATION, CREDENTIALS),
	NAMED('r', 'r', "referer", HTTP_REFERER, URL),
	NAMED('s', 't', "sec-websocket-accept", 0, NO_FIELD),
	NAMED('s', 's', "sec-websocket-extensions", 0, NO_FIELD),
	NAMED('s', 'y', "sec-websocket-key", HTTP_WEBSOCKET_KEY, NONE),
	NAMED('s', 'l', "sec-websocket-protocol", HTTP_WEBSOCKET_PROTOCOL, NONE),
	NAMED('s', 'n', "sec-websocket-version", 0, NO_FIELD),
	NAMED('s', 'r', "server", HTTP_SERVER, NONE),
	NAMED('s', 'e', "set-cookie", HTTP_SET_COOKIE, SECRETS),
	NAMED('t', 'g', "transfer-encoding", HTTP_TRANSFER_ENCODING, TRANSFER_CODING),
	NAMED('u', 'e', "upgrade", HTTP_UPGRADE, NONE),
	NAMED('u', 't', "user-agent", HTTP_USER_AGENT, NONE),
	NAMED('w', 'e', "www-authenticate", HTTP_WWW_AUTHENTICATE, CHALLENGE),
	NAMED('x', 'r', "x-forwarded-for", HTTP_X_FORWARDED_FOR, FORWARDED),
};

static const struct header *find(struct bytes name)
{
	size_t n = bytes_left(&name);

	if (n == 0)
		return NULL;
	const struct header *header = &headers[SLOT(n, name.p[0], name.end[-1])];
	if (header->length != n || strncasecmp((const char *)name.p, header->name, n) != 0)
		return NULL;
	return header;
}

/* --- cookies --- */

static void put_pairs(struct http *h, struct bytes value)
{
	for (unsigned i = 0; i <= PAIRS_MAX && bytes_left(&value); i++) {
		struct bytes pair = http_until(&value, ';');
		http_skip_blanks(&pair);
		if (bytes_left(&pair) == 0)
			continue;
		http_secret_counts(h, pair);
		http_put(h, HTTP_COOKIE_PAIR, pair);
	}
}

/* --- values that the message needs --- */

/* Digits up to 2^63-1, perhaps after a plus sign and before a blank or a NUL. */
static bool read_length(struct bytes text, uint64_t *length)
{
	uint64_t n = 0;

	if (bytes_peek(&text, 0) == '+')
		bytes_skip(&text, 1);
	if (!isdigit(bytes_peek(&text, 0)))
		return false;
	while (isdigit(bytes_peek(&text, 0))) {
		unsigned digit = bytes_u8(&text) - (unsigned)'0';
		if (n > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*length = n;
	return bytes_left(&text) == 0 || strchr(" \t", bytes_peek(&text, 0));
}

static void put_length(struct http *h, struct http_message *m, struct bytes value)
{
	m->has_length = read_length(value, &m->length);
	if (!m->has_length)
		return;
	put_u64(h->pkt, HTTP_CONTENT_LENGTH, m->length);
	if (m->kind == HTTP_KIND_REQUEST)
		ecs_u64(h->pkt, ECS_HTTP_REQUEST_BODY_BYTES, m->length);
	if (m->kind == HTTP_KIND_RESPONSE)
		ecs_u64(h->pkt, ECS_HTTP_RESPONSE_BODY_BYTES, m->length);
}

static void put_type(struct http *h, struct http_message *m, struct bytes value)
{
	m->has_type = true;
	m->type = value;
	struct bytes mime = http_trimmed(http_until(&value, ';'));
	if (m->kind == HTTP_KIND_REQUEST)
		ecs_str(h->pkt, ECS_HTTP_REQUEST_MIME_TYPE, mime.p, bytes_left(&mime));
	if (m->kind == HTTP_KIND_RESPONSE)
		ecs_str(h->pkt, ECS_HTTP_RESPONSE_MIME_TYPE, mime.p, bytes_left(&mime));
}

/* A body that no one can read as it stands; codings of other names are taken for none. */
static bool is_transfer_coded(struct bytes list)
{
	static const char *const codings[] = { "chunked", "gzip", "x-gzip", "compress",
		"x-compress", "deflate" };

	for (unsigned i = 0; i < PAIRS_MAX && bytes_left(&list); i++) {
		struct bytes one = http_until(&list, ',');
		http_skip_blanks(&one);
		for (size_t k = 0; k < sizeof(codings) / sizeof(codings[0]); k++)
			if (bytes_starts(&one, codings[k], strlen(codings[k])))
				return true;
	}
	return false;
}

static void act(struct http *h, struct http_message *m, enum action action, struct bytes value)
{
	switch (action) {
	case HOST:
		m->has_host = true;
		m->host = http_trimmed(http_until(&value, '\0'));
		break;
	case TYPE:
		put_type(h, m, value);
		break;
	case LENGTH:
		put_length(h, m, value);
		break;
	case TRANSFER_CODING:
		m->transfer_coded = true;
		m->chunked = is_transfer_coded(value);
		break;
	case CONTENT_CODING:
		m->content_coded = !http_is(value, "identity");
		break;
	case FORWARDED:
		http_url_forwarded(h, value);
		break;
	case URL:
		http_secret_line(h, value);
		break;
	case CHALLENGE:
		http_auth_token(h, value);
		break;
	case CREDENTIALS:
		http_secret_counts(h, value);
		http_auth_basic(h, value);
		http_auth_token(h, value);
		break;
	case COOKIES:
		http_secret_counts(h, value);
		put_pairs(h, value);
		break;
	case SECRETS:
		http_secret_counts(h, value);
		break;
	default:
		break;
	}
}

/* --- headers of other names --- */

static bool is_token(struct bytes name)
{
	for (size_t i = 0; i < bytes_left(&name); i++)
		if (!isalnum(name.p[i]) && (!name.p[i] || !strchr("!#$%&'*+-.^_`|~", name.p[i])))
			return false;
	return bytes_left(&name) > 0;
}

/* What has no name of a header is a folded line, or a piece of a body where a segment begins amidst
 * one: hidden when the header above is, and always where it may be a body. */
static void hide(struct http *h, struct http_message *m, struct bytes text, struct bytes name,
	struct bytes value)
{
	int first = bytes_peek(&name, 0);
	bool folded = first == ' ' || first == '\t';

	m->hidden = (folded && m->hidden) || http_secret_name(name, true);
	if (!is_token(name) && (m->hidden || m->kind == HTTP_KIND_OTHER))
		http_secret_mark(h, text);
	else if (m->hidden)
		http_secret_mark(h, value);
	else
		http_secret_line(h, text);
}

static void put_line(struct http *h, const struct http_message *m, const struct header *header,
	struct bytes whole)
{
	if (m->kind == HTTP_KIND_REQUEST)
		http_put(h, HTTP_REQUEST_LINE, whole);
	else if (m->kind == HTTP_KIND_RESPONSE)
		http_put(h, HTTP_RESPONSE_LINE, whole);
	else if (!header)
		http_put(h, HTTP_UNKNOWN_HEADER, whole);
}

bool http_of_a_body(const struct http_line *line, const uint8_t *colon)
{
	struct bytes name = bytes_of(line->text.p, (size_t)(colon - line->text.p));
	bool blank = colon + 1 < line->text.end && colon[1] == ' ';

	return !line->ended && !blank && !find(name) && !http_secret_name(name, true);
}

void http_header(
	struct http *h, struct http_message *m, const struct http_line *line, const uint8_t *colon)
{
	struct bytes value = line->text;
	struct bytes name = bytes_sub(&value, (size_t)(colon - value.p));
	const struct header *header = find(name);

	bytes_skip(&value, 1);
	http_skip_blanks(&value);
	m->begun = true;
	if (m->headers == HEADERS_MAX)
		pkt_anomaly(h->pkt, "too many headers");
	bool shown = m->headers++ < HEADERS_MAX;
	if (header) {
		m->hidden = header->action >= CREDENTIALS && header->action <= SECRETS;
		act(h, m, (enum action)header->action, value);
		if (shown && header->action != NO_FIELD)
			http_put(h, header->field, value);
	} else if (shown) {
		hide(h, m, line->text, name, value);
	}
	if (shown)
		put_line(h, m, header, line->whole);
}
