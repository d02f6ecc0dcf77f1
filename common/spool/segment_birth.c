/* segment_birth.c -- the birth record: the first value of a segment, from which a chain goes on.
 *
 * 0 magic "ESPS" | 4 version | 8 epoch | 16 first_seq | 24 time | 32 totals (4 + LOSS_TOTALS)
 *   | number of places | places: file, number | crc32c of all before it */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment_birth.h"

#include <stdlib.h>

#include "crc32c.h"

enum { HEAD = 4 + 4 + 8 + 8 + 8 + FRAME_TOTALS + 4, PLACE = 16, CRC = 4 };
static const uint32_t MAGIC = 0x53505345; /* "ESPS" */

size_t birth_size(const struct segment_birth *b)
{
	return HEAD + b->nplaces * PLACE + CRC;
}

size_t birth_pack(const struct segment_birth *b, uint8_t *out)
{
	struct wire w = { out };

	wire_u32(&w, MAGIC);
	wire_u32(&w, SEGMENT_VERSION);
	wire_u64(&w, b->epoch);
	wire_u64(&w, b->first_seq);
	wire_u64(&w, (uint64_t)b->time_ns);
	frame_pack_totals(&w, &b->totals);
	wire_u32(&w, (uint32_t)b->nplaces);
	for (size_t i = 0; i < b->nplaces; i++) {
		wire_u64(&w, b->places[i].file);
		wire_u64(&w, b->places[i].number);
	}
	wire_u32(&w, crc32c(out, (size_t)(w.p - out)));
	return (size_t)(w.p - out);
}

size_t birth_length(const void *packed, size_t n)
{
	struct bytes b = bytes_of(packed, n);
	uint32_t magic = bytes_le32(&b);

	bytes_skip(&b, HEAD - 8);
	uint32_t count = bytes_le32(&b);
	if (!bytes_ok(&b) || magic != MAGIC || count > SEGMENT_PLACES_MAX)
		return 0;
	return HEAD + count * (size_t)PLACE + CRC;
}

static int unpack_places(
	struct bytes *b, uint32_t count, struct segment_birth *birth, struct segment_place **places)
{
	struct segment_place *list = count ? malloc(count * sizeof(*list)) : NULL;

	if (count && !list)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < count; i++) {
		list[i].file = bytes_le64(b);
		list[i].number = bytes_le64(b);
	}
	birth->places = *places = list;
	birth->nplaces = count;
	return 0;
}

int birth_unpack(struct bytes b, struct segment_birth *birth, struct segment_place **places)
{
	struct bytes whole = b;
	uint32_t magic = bytes_le32(&b), version = bytes_le32(&b);

	birth->epoch = bytes_le64(&b);
	birth->first_seq = bytes_le64(&b);
	birth->time_ns = (int64_t)bytes_le64(&b);
	frame_unpack_totals(&b, &birth->totals);
	uint32_t count = bytes_le32(&b);
	if (!bytes_ok(&b) || magic != MAGIC)
		return ERR_SEGMENT_DAMAGED;
	struct bytes crc = whole;
	bytes_skip(&crc, bytes_left(&whole) - CRC);
	if (bytes_le32(&crc) != crc32c(whole.p, bytes_left(&whole) - CRC))
		return ERR_SEGMENT_DAMAGED;
	if (version > SEGMENT_VERSION) /* every version ends with the CRC */
		return ERR_SPOOL_FORMAT;
	if (count > SEGMENT_PLACES_MAX || bytes_left(&b) != count * (size_t)PLACE + CRC ||
		!birth->first_seq)
		return ERR_SEGMENT_DAMAGED;
	return unpack_places(&b, count, birth, places);
}
