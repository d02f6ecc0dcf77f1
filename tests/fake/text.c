/* text.c -- a growing piece of text with a hard maximum, and views into text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view view_str(const char *s)
{
	return view_of(s, strlen(s));
}

bool view_is(struct view v, const char *s)
{
	return view_same(v, view_str(s));
}

bool view_same(struct view a, struct view b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

struct view text_view(const struct text *t)
{
	return view_of(t->p, t->len);
}

/* FNV-1a with a final mix: the low bits index tables, the high bits are compared. */
uint64_t view_hash(struct view v)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < v.n; i++)
		h = (h ^ (unsigned char)v.p[i]) * 1099511628211u;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

void text_init(struct text *t, size_t max)
{
	*t = (struct text){ .max = max };
}

void text_done(struct text *t)
{
	free(t->p);
	*t = (struct text){ .max = t->max };
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->full = false;
}

char *text_room(struct text *t, size_t n)
{
	if (t->full || n > t->max || t->len > t->max - n) {
		t->full = true;
		return NULL;
	}
	if (t->len + n > t->cap) {
		size_t cap = t->cap < 256 ? 256 : t->cap * 2;

		if (cap < t->len + n)
			cap = t->len + n;
		t->p = need(realloc(t->p, cap));
		t->cap = cap;
	}
	return t->p + t->len;
}

void text_add(struct text *t, const void *p, size_t n)
{
	char *room = text_room(t, n);

	if (!room || n == 0)
		return;
	memcpy(room, p, n);
	t->len += n;
}

void text_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_view_add(struct text *t, struct view v)
{
	text_add(t, v.p, v.n);
}

void text_vfmt(struct text *t, const char *fmt, va_list ap)
{
	char line[512];
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	if (n >= 0 && (size_t)n < sizeof(line)) {
		text_add(t, line, (size_t)n);
	} else if (n >= 0) {
		char *room = text_room(t, (size_t)n + 1);

		if (room)
			vsnprintf(room, (size_t)n + 1, fmt, again);
		t->len += room ? (size_t)n : 0;
	}
	va_end(again);
}

void text_fmt(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vfmt(t, fmt, ap);
	va_end(ap);
}

static void escape(struct text *t, unsigned char c)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		text_fmt(t, "\\%c", to[at - from]);
	else
		text_fmt(t, "\\u%04X", c);
}

void text_json(struct text *t, struct view v)
{
	size_t from = 0;

	text_str(t, "\"");
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		text_add(t, v.p + from, i - from);
		escape(t, c);
		from = i + 1;
	}
	if (v.n > from)
		text_add(t, v.p + from, v.n - from);
	text_str(t, "\"");
}

void text_comma(struct text *t)
{
	char last = t->len ? t->p[t->len - 1] : '{';

	if (last != '{' && last != '[')
		text_str(t, ",");
}

void die(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("fake-es: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

void *need(void *p)
{
	if (!p)
		die(1, "no memory left, so it ends");
	return p;
}
