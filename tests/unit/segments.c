/* segments.c -- segments of frames that say nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segments.h"

#include "box.h"
#include "crc32c.h"

struct segment *segments_make(const char *path, const struct segment_birth *birth)
{
	struct segment *s = NULL;
	struct err_detail why = { "" };

	if (segment_create(path, BOX_MAP, birth, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

struct segment *segments_make_plain(const char *path)
{
	const struct segment_birth birth = { .epoch = SEGMENTS_EPOCH, .first_seq = 1 };

	return segments_make(path, &birth);
}

int segments_put(struct segment *s, uint64_t seq, uint32_t count, size_t n)
{
	static char payload[1 << 20];
	struct frame_header h = { .kind = FRAME_FULL,
		.epoch = SEGMENTS_EPOCH,
		.first_seq = seq,
		.count = count,
		.raw_len = (uint32_t)n,
		.stored_len = (uint32_t)n,
		.payload_crc = crc32c(payload, n) };

	int err = segment_begin(s);
	if (!err)
		err = segment_put(s, &h, payload);
	return err ? err : segment_commit(s);
}
