/* buf.c -- a growing byte buffer that is born with a maximum. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *b, size_t max)
{
	assert(max > 0);
	*b = (struct buf){ .max = max };
}

void buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

static int fail(struct buf *b, int err)
{
	b->failed = true;
	return err;
}

int buf_reserve(struct buf *b, size_t n)
{
	if (n <= b->cap - b->len)
		return 0;
	if (n > b->max - b->len)
		return fail(b, ERR_TOO_BIG);
	size_t want = b->len + n;
	size_t cap = b->cap ? b->cap : FIRST_CAP < b->max ? FIRST_CAP : b->max;
	while (cap < want)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	char *data = realloc(b->data, cap);
	if (!data)
		return fail(b, ERR_NOMEM);
	b->data = data;
	b->cap = cap;
	return 0;
}

int buf_add(struct buf *b, const void *p, size_t n)
{
	int err = buf_reserve(b, n);

	if (err)
		return err;
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	return 0;
}

int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	int err = n < 0 ? fail(b, ERR_SYS) : buf_reserve(b, (size_t)n + 1);

	if (!err) {
		(void)vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(args);
	return err;
}

const char *buf_str(struct buf *b)
{
	if (b->failed || buf_reserve(b, 1))
		return NULL;
	b->data[b->len] = '\0';
	return b->data;
}
