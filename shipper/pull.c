/* pull.c -- a strict reader of JSON that is taken apart from left to right. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "pull.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 32, REPLACEMENT = 0xFFFD };

struct pull pull_of(const char *text, size_t n)
{
	return (struct pull){ text, text + n, false };
}

static bool fail(struct pull *t)
{
	t->bad = true;
	t->p = t->end;
	return false;
}

/* The next character that is no blank, 0 at the end. */
static char peek(struct pull *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\n' || *t->p == '\r' || *t->p == '\t'))
		t->p++;
	return t->p < t->end ? *t->p : '\0';
}

bool pull_take(struct pull *t, char c)
{
	if (peek(t) != c || t->p == t->end)
		return false;
	t->p++;
	return true;
}

bool pull_more(struct pull *t, char close, size_t *n)
{
	if (t->bad || pull_take(t, close))
		return false;
	if ((*n)++ && !pull_take(t, ','))
		return fail(t);
	return true;
}

/* --- strings --- */

struct sink {
	char *out;
	size_t n, size;
	bool full;
};

/* All bytes of a character, or none and nothing behind it. */
static void put(struct sink *s, const char *p, size_t n)
{
	s->full = s->full || s->n + n >= s->size;
	if (s->full)
		return;
	memcpy(s->out + s->n, p, n);
	s->n += n;
}

static void put_code(struct sink *s, uint32_t code)
{
	char c[4];
	size_t n;

	if (code == 0 || (code >= 0xD800 && code <= 0xDFFF))
		code = REPLACEMENT;
	if (code < 0x80) {
		c[0] = (char)code;
		n = 1;
	} else if (code < 0x800) {
		c[0] = (char)(0xC0 | code >> 6);
		c[1] = (char)(0x80 | (code & 63));
		n = 2;
	} else if (code < 0x10000) {
		c[0] = (char)(0xE0 | code >> 12);
		c[1] = (char)(0x80 | (code >> 6 & 63));
		c[2] = (char)(0x80 | (code & 63));
		n = 3;
	} else {
		c[0] = (char)(0xF0 | code >> 18);
		c[1] = (char)(0x80 | (code >> 12 & 63));
		c[2] = (char)(0x80 | (code >> 6 & 63));
		c[3] = (char)(0x80 | (code & 63));
		n = 4;
	}
	put(s, c, n);
}

/* Four hex digits. */
static bool take_hex(struct pull *t, uint32_t *code)
{
	*code = 0;
	for (unsigned i = 0; i < 4; i++, t->p++) {
		unsigned char c = t->p < t->end ? (unsigned char)*t->p : 0;
		if (c >= '0' && c <= '9')
			*code = *code << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			*code = *code << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return fail(t);
	}
	return true;
}

/* Behind "\u". A high surrogate takes the low one behind it along. */
static void take_unicode(struct pull *t, struct sink *s)
{
	uint32_t code, low;

	if (!take_hex(t, &code))
		return;
	if (code >= 0xD800 && code <= 0xDBFF && t->end - t->p >= 2 && t->p[0] == '\\' &&
		t->p[1] == 'u') {
		const char *before = t->p;
		t->p += 2;
		if (!take_hex(t, &low))
			return;
		if (low >= 0xDC00 && low <= 0xDFFF)
			code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		else
			t->p = before;
	}
	put_code(s, code);
}

/* Behind the backslash. */
static void take_escape(struct pull *t, struct sink *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = t->p < t->end ? *t->p++ : '\0';
	const char *at = c ? strchr(from, c) : NULL;

	if (c == 'u')
		take_unicode(t, s);
	else if (at)
		put(s, &to[at - from], 1);
	else
		(void)fail(t);
}

/* Bytes of one character as they stand; those of no character one by one. */
static size_t character(const char *p, const char *end)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;

	if ((size_t)(end - p) < n)
		return 1;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)p[i] & 0xC0) != 0x80)
			return 1;
	return n;
}

void pull_string(struct pull *t, char *out, size_t size)
{
	struct sink s = { out, 0, size, false };

	if (!pull_take(t, '"'))
		(void)fail(t);
	while (!t->bad) {
		if (t->p == t->end || (unsigned char)*t->p < 0x20) {
			(void)fail(t);
		} else if (*t->p == '"') {
			t->p++;
			break;
		} else if (*t->p == '\\') {
			t->p++;
			take_escape(t, &s);
		} else {
			size_t n = character(t->p, t->end);
			put(&s, t->p, n);
			t->p += n;
		}
	}
	if (size)
		out[s.n] = '\0';
}

void pull_name(struct pull *t, char *out, size_t size)
{
	pull_string(t, out, size);
	if (!pull_take(t, ':'))
		(void)fail(t);
}

bool pull_is_string(struct pull *t)
{
	return peek(t) == '"';
}

/* --- the rest --- */

static size_t digits(struct pull *t)
{
	size_t n = 0;

	for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; n++)
		t->p++;
	return n;
}

static bool take_here(struct pull *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

double pull_number(struct pull *t)
{
	char text[NUMBER_MAX];

	(void)peek(t);
	const char *start = t->p;
	(void)take_here(t, '-');
	bool zero = t->p < t->end && *t->p == '0';
	size_t n = digits(t);
	bool good = n && (!zero || n == 1);
	if (take_here(t, '.'))
		good = digits(t) && good;
	if (take_here(t, 'e') || take_here(t, 'E')) {
		if (!take_here(t, '+'))
			(void)take_here(t, '-');
		good = digits(t) && good;
	}
	size_t len = (size_t)(t->p - start);
	if (!good) {
		(void)fail(t);
		return 0;
	}
	if (len >= sizeof(text)) /* a number, but none that anyone waits for */
		return -1;
	memcpy(text, start, len);
	text[len] = '\0';
	return strtod(text, NULL);
}

static void skip_word(struct pull *t)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(t->end - t->p) >= n && memcmp(t->p, words[i], n) == 0) {
			t->p += n;
			return;
		}
	}
	(void)fail(t);
}

static void skip_scalar(struct pull *t, char c)
{
	char none[1];

	if (c == '"')
		pull_string(t, none, sizeof(none));
	else if (c == '-' || (c >= '0' && c <= '9'))
		(void)pull_number(t);
	else
		skip_word(t);
}

/* Containers that are open, the innermost last. */
struct nest {
	char close[PULL_DEPTH_MAX];
	size_t count[PULL_DEPTH_MAX];
	unsigned depth;
};

static void skip_begin(struct pull *t, struct nest *n)
{
	char c = peek(t);

	if (c != '{' && c != '[') {
		skip_scalar(t, c);
		return;
	}
	if (n->depth == PULL_DEPTH_MAX) {
		(void)fail(t);
		return;
	}
	t->p++;
	n->close[n->depth] = c == '{' ? '}' : ']';
	n->count[n->depth++] = 0;
}

void pull_skip(struct pull *t)
{
	struct nest n;
	char none[1];

	n.depth = 0;
	do {
		skip_begin(t, &n);
		while (n.depth && !pull_more(t, n.close[n.depth - 1], &n.count[n.depth - 1]))
			n.depth--;
		if (n.depth && n.close[n.depth - 1] == '}')
			pull_name(t, none, sizeof(none));
	} while (n.depth && !t->bad);
}

bool pull_done(struct pull *t)
{
	(void)peek(t);
	return !t->bad && t->p == t->end;
}
