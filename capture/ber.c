/* ber.c -- elements of BER and DER (X.690). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber.h"

enum { HIGH_NUMBER = 31, LONG_FORM = 0x80, LENGTH_BYTES_MAX = 4 };

/* False for the indefinite form and for numbers of over 32 bits. */
static bool read_length(struct bytes *b, size_t *length)
{
	uint8_t first = bytes_u8(b);
	unsigned n = first & 0x7f;

	*length = first;
	if (first < LONG_FORM)
		return bytes_ok(b);
	if (n == 0 || n > LENGTH_BYTES_MAX)
		return false;
	for (*length = 0; n; n--)
		*length = *length << 8 | bytes_u8(b);
	return bytes_ok(b);
}

static bool broken(struct bytes *b)
{
	b->p = b->end;
	b->ok = false;
	return false;
}

bool ber_next(struct bytes *b, struct ber *e)
{
	size_t length;

	if (bytes_left(b) == 0)
		return false;
	e->from = b->p;
	e->tag = bytes_u8(b);
	if ((e->tag & HIGH_NUMBER) == HIGH_NUMBER || !read_length(b, &length) ||
		length > bytes_claimed(b))
		return broken(b);
	e->value = bytes_upto(b, length);
	return true;
}

bool ber_take(struct bytes *b, uint8_t tag, struct ber *e)
{
	return bytes_peek(b, 0) == tag && ber_next(b, e);
}

struct bytes ber_value(struct bytes *b, uint8_t tag)
{
	struct ber e;

	if (ber_take(b, tag, &e))
		return e.value;
	return (struct bytes){ b->p, b->p, 0, false };
}

bool ber_int(struct bytes value, int64_t *out)
{
	size_t n = bytes_left(&value);

	if (!bytes_ok(&value) || n == 0 || n > 8 || value.cut)
		return false;
	uint64_t bits = *value.p & 0x80 ? UINT64_MAX : 0;
	while (bytes_left(&value))
		bits = bits << 8 | bytes_u8(&value);
	*out = (int64_t)bits;
	return true;
}
