/* sip_auth.c -- credentials and challenges in SIP headers.
 * RFC 3261, 25.1:  Digest username="alice", realm="example.org", response="..." */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sip.h"

#include <strings.h>

enum { ITEMS_MAX = 256 };

struct item {
	struct bytes name, value;
};

static bool is_name(struct bytes name, const char *word)
{
	size_t n = strlen(word);

	return bytes_left(&name) == n && strncasecmp((const char *)name.p, word, n) == 0;
}

/* From an opening quote to behind the closing one, or to the end. */
static struct bytes take_quoted(struct bytes *b)
{
	const uint8_t *from = b->p;
	uint8_t before = '"';

	bytes_skip(b, 1);
	while (bytes_left(b)) {
		uint8_t c = bytes_u8(b);
		if (c == '"' && before != '\\')
			break;
		before = c;
	}
	return sip_span(from, b->p);
}

/* NAME = VALUE, and behind the comma that follows. False when there is no equals sign. */
static bool next_item(struct bytes *b, struct item *item)
{
	sip_skip_blanks(b);
	const uint8_t *equals = sip_find(*b, '=');
	if (!equals)
		return false;
	item->name = sip_span(b->p, equals);
	while (bytes_left(&item->name) && (item->name.end[-1] == ' ' || item->name.end[-1] == '\t'))
		item->name.end--;
	b->p = equals + 1;
	sip_skip_blanks(b);
	if (bytes_peek(b, 0) == '"')
		item->value = take_quoted(b);
	const uint8_t *comma = sip_find(*b, ',');
	if (bytes_left(&item->value) == 0)
		item->value = sip_span(b->p, comma ? comma : b->end);
	b->p = comma ? comma + 1 : b->end;
	return true;
}

static struct bytes unquoted(struct bytes value)
{
	if (bytes_left(&value) >= 2 && *value.p == '"' && value.end[-1] == '"') {
		value.p++;
		value.end--;
	}
	return value;
}

/* What lets a password be guessed or a call be spoofed is marked, also where no row shows it. */
static void put_item(struct packet *pkt, const struct item *item)
{
	struct bytes plain = unquoted(item->value);

	if (is_name(item->name, "username")) {
		sip_put(pkt, SIP_AUTH_USERNAME, item->value);
		ecs_str(pkt, ECS_USER_NAME, plain.p, bytes_left(&plain));
		ecs_str(pkt, ECS_RELATED_USER, plain.p, bytes_left(&plain));
	} else if (is_name(item->name, "realm")) {
		sip_put(pkt, SIP_AUTH_REALM, item->value);
	} else if (is_name(item->name, "response")) {
		sip_put(pkt, SIP_AUTH_RESPONSE, item->value);
	} else if (is_name(item->name, "auts") || is_name(item->name, "rspauth") ||
		   is_name(item->name, "ik") || is_name(item->name, "ck")) {
		pkt_secret(pkt, item->value.p, bytes_left(&item->value));
	}
}

/* The whole line is secret, parts of it are not: it is shown from a copy of its own. */
static void put_line(struct packet *pkt, struct bytes whole)
{
	char *copy = pkt_copy(pkt, whole.p, bytes_left(&whole));

	if (copy)
		put_str(pkt, SIP_AUTH, copy, bytes_left(&whole));
}

void sip_auth(struct packet *pkt, const struct sip_line *line, struct bytes value, bool challenge,
	bool info)
{
	struct bytes scheme = bytes_of(value.p, 0);

	put_line(pkt, line->whole);
	if (!info) {
		const uint8_t *blank = sip_find_any(value, " \t\r\n");
		scheme = sip_span(value.p, blank ? blank : value.end);
		value.p = scheme.end;
		sip_put(pkt, SIP_AUTH_SCHEME, scheme);
	}
	if (!info && !challenge && !is_name(scheme, "Digest"))
		pkt_secret(pkt, value.p, bytes_left(&value));
	for (unsigned i = 0; i < ITEMS_MAX; i++) {
		struct item item = { 0 };
		if (!next_item(&value, &item))
			return;
		put_item(pkt, &item);
	}
}
