/* text.h -- a growing piece of text with a hard maximum, and views into text. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_TEXT_H
#define FAKE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view {
	const char *p;
	size_t n;
};

/* `full` is sticky: what does not fit below `max` is left out, whoever wrote asks once. */
struct text {
	char *p;
	size_t len, cap, max;
	bool full;
};

static inline struct view view_of(const char *p, size_t n)
{
	return (struct view){ p, n };
}

struct view view_str(const char *s);
bool view_is(struct view v, const char *s);
bool view_same(struct view a, struct view b);
struct view text_view(const struct text *t);
uint64_t view_hash(struct view v);

/* Memory is only asked for when something is written; if there is none the program ends. */
void text_init(struct text *t, size_t max);
void text_done(struct text *t);
void text_clear(struct text *t);
/* Room for n more bytes, until the next write; the caller adds what it used to `len`. NULL: no. */
char *text_room(struct text *t, size_t n);
void text_add(struct text *t, const void *p, size_t n);
void text_str(struct text *t, const char *s);
void text_view_add(struct text *t, struct view v);
__attribute__((format(printf, 2, 3))) void text_fmt(struct text *t, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) void text_vfmt(struct text *t, const char *fmt, va_list ap);
/* A JSON string with its quotes. */
void text_json(struct text *t, struct view v);
/* A comma, unless this is the first member of an object or array. */
void text_comma(struct text *t);

__attribute__((noreturn, format(printf, 2, 3))) void die(int status, const char *fmt, ...);
void *need(void *p);

#endif
