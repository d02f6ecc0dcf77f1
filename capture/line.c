/* line.c -- lines and words of text protocols. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <strings.h>

struct bytes line_until(struct bytes *b, uint8_t stop)
{
	size_t left = bytes_left(b);
	const uint8_t *at = left ? memchr(b->p, stop, left) : NULL;
	struct bytes text = bytes_of(b->p, at ? (size_t)(at - b->p) : left);

	b->p = at ? at + 1 : b->end;
	return text;
}

bool line_next(struct bytes *b, struct line *line)
{
	if (bytes_left(b) == 0)
		return false;
	line->text = line_until(b, '\n');
	line->ended = b->p > line->text.end;
	if (line->ended && bytes_left(&line->text) && line->text.end[-1] == '\r')
		line->text.end--;
	return true;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

struct bytes line_word(struct bytes *b)
{
	const uint8_t *from = b->p;

	while (bytes_left(b) && !is_blank(*b->p))
		b->p++;
	struct bytes word = bytes_of(from, (size_t)(b->p - from));
	while (bytes_left(b) && is_blank(*b->p))
		b->p++;
	return word;
}

struct bytes line_trim(struct bytes b)
{
	while (bytes_left(&b) && is_blank(*b.p))
		b.p++;
	while (bytes_left(&b) && is_blank(b.end[-1]))
		b.end--;
	return b;
}

bool line_is(struct bytes b, const char *text)
{
	size_t n = strlen(text);

	return bytes_left(&b) == n && strncasecmp((const char *)b.p, text, n) == 0;
}

int64_t line_number(struct bytes b, uint32_t most)
{
	uint64_t number = 0;

	if (bytes_left(&b) == 0)
		return -1;
	while (bytes_left(&b)) {
		uint8_t c = bytes_u8(&b);
		number = number * 10 + (uint8_t)(c - '0');
		if (c < '0' || c > '9' || number > most)
			return -1;
	}
	return (int64_t)number;
}
