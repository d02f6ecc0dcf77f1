/* frame_coder.c -- the text of a frame, compressed and expanded.
 *
 * The frames of a busy sensor are full and want speed: zstd level 1. One that the flush interval
 * ends, a few times a second at most, may take its time, and gains most, since it is small, from
 * what all documents have in common: a dictionary, level 6. Bytes stored to bytes of text, on `slim`
 * documents of captures of other projects, and CPU time to that of level 1:
 *
 *   frame of      2 KiB   5 KiB   16 KiB   64 KiB   256 KiB
 *   level 1       0.313   0.184   0.099    0.062    0.051
 *   dictionary    0.147   0.095   0.061    0.044    0.039
 *   takes         2.2x    2.5x    3.4x     4.4x     4.8x; 0.02 ms for 5 KiB, 0.7 ms for 256 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "crc32c.h"
#include "frame.h"
#include "frame_dict.h"

enum { LEVEL = 1, DICT_LEVEL = 6 };

/* Two contexts for compressing, since zstd would give one another size each time it changes from one
 * codec to the other. */
struct frame_coder {
	ZSTD_CCtx *compress, *compress_dict;
	ZSTD_CDict *dict;
	bool calm;
	ZSTD_DCtx *expand;
	ZSTD_DDict *dicts[FRAME_DICTS];
};

int frame_coder_new(struct frame_coder **out)
{
	struct frame_coder *c = calloc(1, sizeof(*c));

	if (!c)
		return ERR_NOMEM;
	c->compress = ZSTD_createCCtx();
	c->compress_dict = ZSTD_createCCtx();
	c->expand = ZSTD_createDCtx();
	if (!c->compress || !c->compress_dict || !c->expand) {
		frame_coder_free(c);
		return ERR_NOMEM;
	}
	*out = c;
	return 0;
}

void frame_coder_free(struct frame_coder *c)
{
	if (!c)
		return;
	(void)ZSTD_freeCCtx(c->compress);
	(void)ZSTD_freeCCtx(c->compress_dict);
	(void)ZSTD_freeCDict(c->dict);
	(void)ZSTD_freeDCtx(c->expand);
	for (unsigned i = 0; i < FRAME_DICTS; i++)
		(void)ZSTD_freeDDict(c->dicts[i]);
	free(c);
}

/* --- compressing --- */

void frame_coder_calm(struct frame_coder *c, bool calm)
{
	c->calm = calm;
}

/* With the newest dictionary. 0: out of memory. */
static size_t compress_with_dict(
	struct frame_coder *c, void *to, size_t room, const void *raw, size_t n)
{
	const struct frame_dict *d = &frame_dicts[FRAME_DICTS - 1];

	if (!c->dict)
		c->dict = ZSTD_createCDict(d->bytes, d->len, DICT_LEVEL);
	if (!c->dict)
		return 0;
	return ZSTD_compress_usingCDict(c->compress_dict, to, room, raw, n, c->dict);
}

int frame_compress(
	struct frame_coder *c, const void *raw, size_t n, struct buf *out, struct frame_header *h)
{
	if (n == 0 || n > FRAME_RAW_MAX)
		return ERR_TOO_BIG;
	int err = buf_reserve(out, ZSTD_compressBound(n));
	if (err)
		return err;
	char *to = out->data + out->len;
	size_t room = out->cap - out->len, stored;
	h->codec = c->calm || n < FRAME_DICT_MAX ? FRAME_ZSTD_DICT : FRAME_ZSTD;
	if (h->codec == FRAME_ZSTD_DICT)
		stored = compress_with_dict(c, to, room, raw, n);
	else
		stored = ZSTD_compressCCtx(c->compress, to, room, raw, n, LEVEL);
	if (!stored)
		return ERR_NOMEM;
	if (ZSTD_isError(stored) || stored >= n) {
		memcpy(to, raw, n);
		stored = n;
		h->codec = FRAME_PLAIN;
	}
	h->raw_len = (uint32_t)n;
	h->stored_len = (uint32_t)stored;
	h->payload_crc = crc32c(to, stored);
	out->len += stored;
	return 0;
}

/* --- expanding --- */

static uint32_t lines(const char *p, size_t n)
{
	const char *end = p + n;
	uint32_t count = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		count++;
	}
	return count;
}

static int expand_with_dict(struct frame_coder *c, const struct frame_header *h,
	const uint8_t *payload, char *to, size_t *n)
{
	int i = frame_dict_find(payload, h->stored_len);

	if (i < 0 || i == FRAME_DICTS)
		return i < 0 ? ERR_FRAME_DAMAGED : ERR_SPOOL_FORMAT;
	if (!c->dicts[i])
		c->dicts[i] = ZSTD_createDDict(frame_dicts[i].bytes, frame_dicts[i].len);
	if (!c->dicts[i])
		return ERR_NOMEM;
	*n = ZSTD_decompress_usingDDict(
		c->expand, to, h->raw_len, payload, h->stored_len, c->dicts[i]);
	return 0;
}

int frame_expand(struct frame_coder *c, const struct frame_header *h, const uint8_t *payload,
	struct buf *out)
{
	buf_reset(out);
	int err = buf_reserve(out, h->raw_len);
	if (err)
		return err;
	size_t n = h->stored_len;
	if (h->codec == FRAME_ZSTD_DICT)
		err = expand_with_dict(c, h, payload, out->data, &n);
	else if (h->codec == FRAME_ZSTD)
		n = ZSTD_decompressDCtx(c->expand, out->data, h->raw_len, payload, h->stored_len);
	else
		memcpy(out->data, payload, n);
	if (err)
		return err;
	if (ZSTD_isError(n) || n != h->raw_len || out->data[n - 1] != '\n' ||
		lines(out->data, n) != h->count)
		return ERR_FRAME_DAMAGED;
	out->len = n;
	return 0;
}
