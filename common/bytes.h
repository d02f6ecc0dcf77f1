/* bytes.h -- a bounds-checked cursor over bytes that nobody has to trust. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BYTES_H
#define ESPCAP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of [p, end). It is a value: copy it freely to look ahead or to remember a place. `cut`
 * counts the bytes that belong behind `end` but were never captured (a short snaplen).
 *
 * Work in a straight line and ask once: a read past the end returns 0 (or NULL), moves the
 * cursor to the end and clears `ok` for good; a decoder reads all it wants and then asks
 * bytes_ok(). bytes_take() is the only place that compares pointers. */
struct bytes {
	const uint8_t *p, *end;
	uint32_t cut;
	bool ok;
};

static inline struct bytes bytes_of(const void *p, size_t n)
{
	const uint8_t *start = p;

	return (struct bytes){ start, n ? start + n : start, 0, true };
}

static inline bool bytes_ok(const struct bytes *b)
{
	return b->ok;
}

static inline size_t bytes_left(const struct bytes *b)
{
	return (size_t)(b->end - b->p);
}

/* How long the view would be had everything been captured: what a length field is held against. */
static inline size_t bytes_claimed(const struct bytes *b)
{
	return bytes_left(b) + b->cut;
}

/* The next n bytes, or NULL. The only bounds check; every other read is built on it. */
static inline const uint8_t *bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->p;

	if (bytes_left(b) < n) {
		b->p = b->end;
		b->ok = false;
		return NULL;
	}
	b->p = n ? p + n : p;
	return p;
}

static inline void bytes_skip(struct bytes *b, size_t n)
{
	(void)bytes_take(b, n);
}

static inline uint8_t bytes_u8(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 1);

	if (!p)
		return 0;
	return *p;
}

static inline uint16_t bytes_be16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);

	if (!p)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t bytes_be24(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 3);

	if (!p)
		return 0;
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t bytes_be32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);

	if (!p)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t bytes_be64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);

	if (!p)
		return 0;
	struct bytes view = bytes_of(p, 8);
	uint64_t high = bytes_be32(&view);
	return high << 32 | bytes_be32(&view);
}

static inline uint16_t bytes_le16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);

	if (!p)
		return 0;
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t bytes_le32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);

	if (!p)
		return 0;
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t bytes_le64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);

	if (!p)
		return 0;
	struct bytes view = bytes_of(p, 8);
	uint64_t low = bytes_le32(&view);
	return (uint64_t)bytes_le32(&view) << 32 | low;
}

/* Exactly n bytes as a view of their own, which cannot see its neighbours. When fewer are left
 * the view is empty and not ok, and so is b. */
static inline struct bytes bytes_sub(struct bytes *b, size_t n)
{
	const uint8_t *p = bytes_take(b, n);

	if (!p)
		return (struct bytes){ b->end, b->end, 0, false };
	return bytes_of(p, n);
}

/* At most n bytes as a view of their own; b moves behind them and stays ok. The view knows how much
 * of its n bytes the capture has cut. */
static inline struct bytes bytes_upto(struct bytes *b, size_t n)
{
	size_t left = bytes_left(b);
	struct bytes view = bytes_of(b->p, n < left ? n : left);

	if (n > left) {
		view.cut = n - left < b->cut ? (uint32_t)(n - left) : b->cut;
		b->cut -= view.cut;
	}
	b->p = view.end;
	return view;
}

/* The byte at offset i from the cursor without moving it, or -1. */
static inline int bytes_peek(const struct bytes *b, size_t i)
{
	if (bytes_left(b) <= i)
		return -1;
	return b->p[i];
}

/* Does the view begin with these n bytes? Does not move. */
static inline bool bytes_starts(const struct bytes *b, const void *what, size_t n)
{
	return bytes_left(b) >= n && memcmp(b->p, what, n) == 0;
}

#endif
