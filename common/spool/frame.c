/* frame.c -- a compressed batch of records: one value in a segment. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "crc32c.h"
#include "frame_dict.h"

enum { CRC_AT = FRAME_HEADER - 4 };
static const uint32_t MAGIC = 0x46505345; /* "ESPF" */

const char *frame_kind_name(enum frame_kind kind)
{
	static const char *const names[FRAME_KINDS] = { "full", "slim", "ecs", "lite", "event",
		"dead", "parked" };

	return names[kind];
}

void frame_pack_totals(struct wire *w, const struct frame_totals *t)
{
	wire_u64(w, t->committed);
	wire_u64(w, t->skipped);
	wire_u64(w, t->raw_bytes);
	wire_u64(w, t->stored_bytes);
	for (unsigned i = 0; i < LOSS_TOTALS; i++)
		wire_u64(w, t->lost[i]);
}

void frame_unpack_totals(struct bytes *b, struct frame_totals *t)
{
	t->committed = bytes_le64(b);
	t->skipped = bytes_le64(b);
	t->raw_bytes = bytes_le64(b);
	t->stored_bytes = bytes_le64(b);
	for (unsigned i = 0; i < LOSS_TOTALS; i++)
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
	return h->kind < FRAME_KINDS && h->count > 0 && h->count <= FRAME_COUNT_MAX &&
	       h->raw_len >= h->count && h->raw_len <= FRAME_RAW_MAX && h->stored_len > 0 &&
	       h->stored_len <= h->raw_len && h->first_seq > 0 &&
	       h->first_seq <= UINT64_MAX - h->count;
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
	if (!plausible(h))
		return ERR_FRAME_DAMAGED;
	return h->codec <= FRAME_ZSTD_DICT ? 0 : ERR_SPOOL_FORMAT;
}

/* A dictionary that this version does not have is no damage: a later one has it (I8). */
static int knows_dictionary(const struct frame_header *h, const uint8_t *payload)
{
	int dict = h->codec == FRAME_ZSTD_DICT ? frame_dict_find(payload, h->stored_len) : 0;

	return dict < 0 ? ERR_FRAME_DAMAGED : dict == FRAME_DICTS ? ERR_SPOOL_FORMAT : 0;
}

int frame_unpack(const void *value, size_t n, struct frame_header *h, const uint8_t **payload)
{
	int err = frame_unpack_header(value, n, h);

	if (err)
		return err;
	if (n - FRAME_HEADER != h->stored_len)
		return ERR_FRAME_DAMAGED;
	*payload = (const uint8_t *)value + FRAME_HEADER;
	if (crc32c(*payload, h->stored_len) != h->payload_crc)
		return ERR_FRAME_DAMAGED;
	return knows_dictionary(h, *payload);
}

int64_t frame_record_time(const struct frame_header *h, const char *line, size_t len)
{
	static const char key[] = "{\"@timestamp\":\"";
	size_t n = sizeof(key) - 1;
	int64_t ns;

	if (len < n + CLOCK_ISO_LEN || memcmp(line, key, n) != 0 ||
		clock_parse_iso(line + n, &ns) != 0)
		return h->min_time_ns;
	return ns;
}
