/* doc.c -- one document of a bulk body: is it JSON, which sequence has it, what is its hash. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "doc.h"

#include <ctype.h>
#include <nettle/sha2.h>
#include <string.h>

enum { MAX_DEPTH = 200, MAX_KEYS = 2048 };

/* Keys of all open objects, innermost last; beyond MAX_KEYS a double member goes unseen. */
struct scan {
	const unsigned char *start, *p, *end;
	const char *why;
	unsigned depth, nkeys;
	uint64_t keys[MAX_KEYS];
};

static bool scan_value(struct scan *s);

static bool fail(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

static int peek(const struct scan *s)
{
	return s->p < s->end ? *s->p : -1;
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && strchr(" \t\r\n", *s->p) && *s->p)
		s->p++;
}

static bool take(struct scan *s, char c)
{
	skip_space(s);
	if (peek(s) != c)
		return false;
	s->p++;
	return true;
}

/* A sequence of RFC 3629 that starts with a byte from 0x80 up. */
static bool take_utf8(struct scan *s)
{
	static const struct {
		unsigned char first, last, low, high, more;
	} rows[] = { { 0xc2, 0xdf, 0x80, 0xbf, 0 }, { 0xe0, 0xe0, 0xa0, 0xbf, 1 },
		{ 0xe1, 0xec, 0x80, 0xbf, 1 }, { 0xed, 0xed, 0x80, 0x9f, 1 },
		{ 0xee, 0xef, 0x80, 0xbf, 1 }, { 0xf0, 0xf0, 0x90, 0xbf, 2 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 2 }, { 0xf4, 0xf4, 0x80, 0x8f, 2 } };
	unsigned char c = *s->p++;
	size_t i = 0;

	while (i < sizeof(rows) / sizeof(*rows) && (c < rows[i].first || c > rows[i].last))
		i++;
	if (i == sizeof(rows) / sizeof(*rows) || s->end - s->p < rows[i].more + 1 ||
		*s->p < rows[i].low || *s->p > rows[i].high)
		return fail(s, "Invalid UTF-8");
	s->p++;
	for (int more = rows[i].more; more > 0; more--)
		if ((*s->p++ & 0xc0) != 0x80)
			return fail(s, "Invalid UTF-8 middle byte");
	return true;
}

static bool take_escape(struct scan *s)
{
	int c = peek(s);

	s->p++;
	if (c != -1 && c != 0 && strchr("\"\\/bfnrt", c))
		return true;
	if (c != 'u' || s->end - s->p < 4)
		return fail(s, "Unrecognized character escape");
	for (int i = 0; i < 4; i++)
		if (!isxdigit(*s->p++))
			return fail(s, "Unexpected character in a \\u escape");
	return true;
}

/* After the opening quote; `v` gets what stands between the quotes. */
static bool take_string(struct scan *s, struct view *v)
{
	const unsigned char *from = s->p;

	while (s->p < s->end) {
		unsigned char c = *s->p;

		if (c == '"') {
			*v = view_of((const char *)from, (size_t)(s->p++ - from));
			return true;
		}
		if (c < 0x20)
			return fail(s, "Illegal unquoted character");
		if (c >= 0x80) {
			if (!take_utf8(s))
				return false;
			continue;
		}
		s->p++;
		if (c == '\\' && !take_escape(s))
			return false;
	}
	return fail(s, "Unexpected end-of-input in a string");
}

static size_t take_digits(struct scan *s)
{
	const unsigned char *from = s->p;

	while (s->p < s->end && isdigit(*s->p))
		s->p++;
	return (size_t)(s->p - from);
}

static bool take_number(struct scan *s)
{
	if (peek(s) == '-')
		s->p++;
	bool zero = peek(s) == '0';
	size_t whole = take_digits(s);

	if (whole == 0 || (zero && whole > 1))
		return fail(s, "Invalid numeric value");
	if (peek(s) == '.') {
		s->p++;
		if (take_digits(s) == 0)
			return fail(s, "Decimal point not followed by a digit");
	}
	if (peek(s) != 'e' && peek(s) != 'E')
		return true;
	s->p++;
	if (peek(s) == '+' || peek(s) == '-')
		s->p++;
	return take_digits(s) > 0 || fail(s, "Exponent indicator not followed by a digit");
}

static bool take_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(s->end - s->p) >= n && memcmp(s->p, words[i], n) == 0) {
			s->p += n;
			return true;
		}
	}
	return fail(s, s->p == s->end ? "Unexpected end of file" : "Unrecognized token");
}

/* Remembers a key of the object whose first key is number `first`. */
static bool note_key(struct scan *s, unsigned first, struct view key)
{
	uint64_t h = view_hash(key);

	for (unsigned i = first; i < s->nkeys; i++)
		if (s->keys[i] == h)
			return fail(s, "Duplicate field");
	if (s->nkeys < MAX_KEYS)
		s->keys[s->nkeys++] = h;
	return true;
}

static bool take_object(struct scan *s)
{
	unsigned first = s->nkeys;
	struct view key;

	if (take(s, '}'))
		return true;
	do {
		if (!take(s, '"'))
			return fail(s, "was expecting double-quote to start field name");
		if (!take_string(s, &key) || !note_key(s, first, key))
			return false;
		if (!take(s, ':'))
			return fail(s, "was expecting a colon to separate field name and value");
		if (!scan_value(s))
			return false;
	} while (take(s, ','));
	s->nkeys = first;
	return take(s, '}') || fail(s, "was expecting comma to separate Object entries");
}

static bool take_array(struct scan *s)
{
	if (take(s, ']'))
		return true;
	do {
		if (!scan_value(s))
			return false;
	} while (take(s, ','));
	return take(s, ']') || fail(s, "was expecting comma to separate Array entries");
}

static bool scan_value(struct scan *s)
{
	struct view ignored;
	bool good;

	if (++s->depth > MAX_DEPTH)
		return fail(s, "Document nesting depth exceeds the maximum allowed");
	if (take(s, '{'))
		good = take_object(s);
	else if (take(s, '['))
		good = take_array(s);
	else if (take(s, '"'))
		good = take_string(s, &ignored);
	else if (peek(s) == '-' || isdigit(peek(s)))
		good = take_number(s);
	else
		good = take_word(s);
	s->depth--;
	return good;
}

bool doc_check(struct view doc, struct doc_fault *fault)
{
	struct scan s;

	s.start = s.p = (const unsigned char *)doc.p;
	s.end = s.p + doc.n;
	s.why = NULL;
	s.depth = s.nkeys = 0;
	*fault = (struct doc_fault){ 400, "document_parsing_exception", "document is empty", 0 };
	skip_space(&s);
	if (s.p == s.end)
		return false;
	if (*s.p != '{') {
		fault->status = 500;
		fault->type = "not_x_content_exception";
		fault->why = "Compressor detection can only be called on some xcontent bytes or "
			     "compressed xcontent bytes";
		return false;
	}
	bool good = scan_value(&s);

	skip_space(&s);
	if (good && s.p == s.end)
		return true;
	fault->why = s.why ? s.why : "Unrecognized token";
	fault->column = (size_t)(s.p - s.start) + 1;
	return false;
}

/* Steps over a constant at *at; false when something else stands there. */
static bool step(struct view doc, size_t *at, const char *what)
{
	size_t n = strlen(what);

	if (doc.n - *at < n || memcmp(doc.p + *at, what, n) != 0)
		return false;
	*at += n;
	return true;
}

/* Where the document goes on after the members of the shipper; 0 when they are not there. */
static size_t after_prefix(struct view doc, int64_t *sequence)
{
	size_t at = 0, digits = 0;
	int64_t n = 0;

	if (!step(doc, &at, "{\"event.sequence\":"))
		return 0;
	while (at < doc.n && isdigit((unsigned char)doc.p[at]) && ++digits <= 18)
		n = n * 10 + (doc.p[at++] - '0');
	if (digits == 0 || digits > 18 || !step(doc, &at, ",\"espcap.run\":\""))
		return 0;
	const char *quote = memchr(doc.p + at, '"', doc.n - at);

	if (!quote)
		return 0;
	at = (size_t)(quote - doc.p) + 1;
	step(doc, &at, ",");
	*sequence = n;
	return at;
}

void doc_read(struct view doc, struct doc_facts *facts)
{
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];

	facts->sequence = -1;
	facts->sha = 0;
	size_t at = after_prefix(doc, &facts->sequence);

	sha256_init(&ctx);
	if (at)
		sha256_update(&ctx, 1, (const uint8_t *)"{");
	sha256_update(&ctx, doc.n - at, (const uint8_t *)doc.p + at);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (int i = 0; i < 8; i++)
		facts->sha = facts->sha << 8 | digest[i];
}
