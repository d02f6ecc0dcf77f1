/* frame.c -- a compressed batch of records: one value in a segment. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "crc32c.h"

enum { CRC_AT = FRAME_HEADER - 4, LEVEL = 1 };
static const uint32_t MAGIC = 0x46505345; /* "ESPF" */

struct frame_coder {
	ZSTD_CCtx *compress;
	ZSTD_DCtx *expand;
};

void frame_pack_totals(struct wire *w, const struct frame_totals *t)
{
	wire_u64(w, t->committed);
	wire_u64(w, t->skipped);
	wire_u64(w, t->raw_bytes);
	wire_u64(w, t->stored_bytes);
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		wire_u64(w, t->lost[i]);
}

void frame_unpack_totals(struct bytes *b, struct frame_totals *t)
{
	t->committed = bytes_le64(b);
	t->skipped = bytes_le64(b);
	t->raw_bytes = bytes_le64(b);
	t->stored_bytes = bytes_le64(b);
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		t->lost[i] = bytes_le64(b);
}

void frame_pack(const struct frame_header *h, uint8_t out[FRAME_HEADER])
{
	struct wire w = { out };

	memset(out, 0, FRAME_HEADER);
	wire_u32(&w, MAGIC);
	wire_u8(&w, FRAME_VERSION);
	wire_u8(&w, (uint8_t)h->codec);
	wire_u8(&w, (uint8_t)h->kind);
	wire_u8(&w, h->flags);
	wire_u64(&w, h->first_seq);
	wire_u64(&w, h->run);
	wire_u64(&w, h->epoch);
	wire_u32(&w, h->count);
	wire_u32(&w, h->raw_len);
	wire_u32(&w, h->stored_len);
	wire_u32(&w, h->payload_crc);
	wire_u64(&w, (uint64_t)h->min_time_ns);
	wire_u64(&w, (uint64_t)h->max_time_ns);
	wire_u64(&w, h->file);
	wire_u64(&w, h->number);
	frame_pack_totals(&w, &h->totals);
	w.p = out + CRC_AT;
	wire_u32(&w, crc32c(out, CRC_AT));
}

static bool plausible(const struct frame_header *h)
{
	return h->codec <= FRAME_ZSTD && h->kind < FRAME_KINDS && h->count > 0 &&
	       h->count <= FRAME_COUNT_MAX && h->raw_len >= h->count &&
	       h->raw_len <= FRAME_RAW_MAX && h->stored_len > 0 && h->stored_len <= h->raw_len &&
	       h->first_seq > 0 && h->first_seq <= UINT64_MAX - h->count;
}

int frame_unpack_header(const void *value, size_t n, struct frame_header *h)
{
	struct bytes b = bytes_of(value, n < FRAME_HEADER ? n : FRAME_HEADER);
	struct bytes crc = b;

	if (n < FRAME_HEADER || bytes_le32(&b) != MAGIC)
		return ERR_FRAME_DAMAGED;
	uint8_t version = bytes_u8(&b);
	bytes_skip(&crc, CRC_AT);
	if (bytes_le32(&crc) != crc32c(value, CRC_AT))
		return ERR_FRAME_DAMAGED;
	if (version > FRAME_VERSION)
		return ERR_SPOOL_FORMAT;
	h->codec = (enum frame_codec)bytes_u8(&b);
	h->kind = (enum frame_kind)bytes_u8(&b);
	h->flags = bytes_u8(&b);
	if (h->flags & ~FRAME_FLAGS_KNOWN)
		return ERR_SPOOL_FORMAT;
	h->first_seq = bytes_le64(&b);
	h->run = bytes_le64(&b);
	h->epoch = bytes_le64(&b);
	h->count = bytes_le32(&b);
	h->raw_len = bytes_le32(&b);
	h->stored_len = bytes_le32(&b);
	h->payload_crc = bytes_le32(&b);
	h->min_time_ns = (int64_t)bytes_le64(&b);
	h->max_time_ns = (int64_t)bytes_le64(&b);
	h->file = bytes_le64(&b);
	h->number = bytes_le64(&b);
	frame_unpack_totals(&b, &h->totals);
	return plausible(h) ? 0 : ERR_FRAME_DAMAGED;
}

int frame_unpack(const void *value, size_t n, struct frame_header *h, const uint8_t **payload)
{
	int err = frame_unpack_header(value, n, h);

	if (err)
		return err;
	if (n - FRAME_HEADER != h->stored_len)
		return ERR_FRAME_DAMAGED;
	*payload = (const uint8_t *)value + FRAME_HEADER;
	return crc32c(*payload, h->stored_len) == h->payload_crc ? 0 : ERR_FRAME_DAMAGED;
}

int frame_coder_new(struct frame_coder **out)
{
	struct frame_coder *c = calloc(1, sizeof(*c));

	if (!c)
		return ERR_NOMEM;
	c->compress = ZSTD_createCCtx();
	c->expand = ZSTD_createDCtx();
	if (!c->compress || !c->expand) {
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
	(void)ZSTD_freeDCtx(c->expand);
	free(c);
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
	size_t stored = ZSTD_compressCCtx(c->compress, to, out->cap - out->len, raw, n, LEVEL);
	h->codec = FRAME_ZSTD;
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

int frame_expand(struct frame_coder *c, const struct frame_header *h, const uint8_t *payload,
	struct buf *out)
{
	buf_reset(out);
	int err = buf_reserve(out, h->raw_len);
	if (err)
		return err;
	size_t n = h->stored_len;
	if (h->codec == FRAME_ZSTD)
		n = ZSTD_decompressDCtx(c->expand, out->data, h->raw_len, payload, h->stored_len);
	else
		memcpy(out->data, payload, n);
	if (ZSTD_isError(n) || n != h->raw_len || out->data[n - 1] != '\n' ||
		lines(out->data, n) != h->count)
		return ERR_FRAME_DAMAGED;
	out->len = n;
	return 0;
}
