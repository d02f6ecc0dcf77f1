/* tls_ja3.c -- the fingerprints JA3 and JA3S of TLS's hellos.
 * JA3 is the MD5 of `version,ciphers,extensions,groups,point formats`, JA3S that of
 * `version,cipher,extensions`: decimal numbers in the order sent, those of a list joined by a
 * hyphen. What a client sends only to keep servers tolerant (GREASE, RFC 8701) is no part of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_ja3.h"

#include "fingerprint.h"

enum {
	RANDOM = 32,
	GROUPS = 10,
	POINTS = 11,
	DIGITS = 6, /* of a number of 16 bits, with the hyphen before it */
};

/* The text, which grows in scratch piece by piece. */
struct text {
	struct packet *pkt;
	char *p;
	unsigned len;
	bool first; /* of its list */
	bool failed;
};

/* The lists of a Client Hello; those of a Server Hello are a single suite and no others. */
struct lists {
	uint16_t version;
	struct bytes ciphers, extensions, groups, points;
};

static void add(struct text *text, const char *p, unsigned n)
{
	char *copy = pkt_copy(text->pkt, p, n);

	text->failed = text->failed || !copy;
	text->p = text->p ? text->p : copy;
	text->len += n;
}

static void add_number(struct text *text, unsigned number)
{
	char digits[DIGITS];
	unsigned at = DIGITS;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	if (!text->first)
		digits[--at] = '-';
	text->first = false;
	add(text, digits + at, DIGITS - at);
}

static void next_list(struct text *text)
{
	add(text, ",", 1);
	text->first = true;
}

static void add_list(struct text *text, struct bytes list)
{
	while (bytes_left(&list) >= 2) {
		uint16_t number = bytes_be16(&list);
		if (!tls_is_grease(number))
			add_number(text, number);
	}
	next_list(text);
}

/* The types of all extensions. Notes the lists that are fingerprinted themselves. */
static void add_types(struct text *text, struct lists *lists)
{
	struct bytes b = lists->extensions;

	while (bytes_left(&b) >= 4) {
		uint16_t type = bytes_be16(&b);
		struct bytes data = bytes_upto(&b, bytes_be16(&b));
		if (!tls_is_grease(type))
			add_number(text, type);
		bytes_skip(&data, type == GROUPS ? 2 : 1);
		if (type == GROUPS)
			lists->groups = data;
		else if (type == POINTS)
			lists->points = data;
	}
}

static struct text begin(struct packet *pkt, uint16_t version)
{
	struct text text = { .pkt = pkt, .first = true };

	add_number(&text, version);
	next_list(&text);
	return text;
}

/* The text and its digest; not every name space has a field for the text. */
static void put_text_and_digest(struct tls *t, const struct text *text, unsigned field)
{
	unsigned row, text_row;

	if (text->failed || !tls_row(t, field, &row))
		return;
	if (!tls_row(t, field + 1, &text_row))
		text_row = FINGERPRINT_ALONE;
	fingerprint_put(t->pkt, row, text_row, text->p, text->len);
}

/* A list behind its length of `width` bytes. */
static struct bytes vector(struct bytes *b, unsigned width)
{
	return bytes_sub(b, width == 1 ? bytes_u8(b) : bytes_be16(b));
}

static struct bytes extensions_of(struct bytes *hello)
{
	return bytes_left(hello) ? vector(hello, 2) : bytes_of(hello->p, 0);
}

void tls_ja3(struct tls *t, struct bytes hello)
{
	struct lists lists = { .version = bytes_be16(&hello) };

	bytes_skip(&hello, RANDOM);
	(void)vector(&hello, 1); /* session id */
	if (t->carrier == TLS_DATAGRAM)
		(void)vector(&hello, 1); /* cookie */
	lists.ciphers = vector(&hello, 2);
	(void)vector(&hello, 1); /* compressions */
	lists.extensions = extensions_of(&hello);
	lists.groups = lists.points = bytes_of(hello.p, 0);
	if (!bytes_ok(&hello) || bytes_left(&lists.ciphers) % 2)
		return;
	struct text text = begin(t->pkt, lists.version);
	add_list(&text, lists.ciphers);
	add_types(&text, &lists);
	next_list(&text);
	add_list(&text, lists.groups);
	while (bytes_left(&lists.points))
		add_number(&text, bytes_u8(&lists.points));
	put_text_and_digest(t, &text, TLS_JA3);
}

void tls_ja3s(struct tls *t, struct bytes hello, bool draft)
{
	struct lists lists = { .version = bytes_be16(&hello) };

	bytes_skip(&hello, RANDOM);
	if (!draft)
		(void)vector(&hello, 1);
	lists.ciphers = bytes_sub(&hello, 2);
	bytes_skip(&hello, draft ? 0 : 1); /* compression */
	lists.extensions = extensions_of(&hello);
	if (!bytes_ok(&hello))
		return;
	struct text text = begin(t->pkt, lists.version);
	add_list(&text, lists.ciphers);
	add_types(&text, &lists);
	put_text_and_digest(t, &text, TLS_JA3S);
}
