/* batch_record.c -- single records again, for letters and for parked/; and records given back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "batch.h"

static const char *behind(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? newline + 1 : end;
}

int batch_record_at(struct queue *q, struct batch_cursor *at, uint64_t seq, struct frame_header *h,
	const char **text, size_t *len)
{
	const struct frame_header *in = &at->f.header;

	if (!in->count || seq < at->seq || seq >= in->first_seq + in->count) {
		int err = reader_next(q->reader, seq, &at->f);
		if (err || in->first_seq > seq) {
			at->f.header.count = 0;
			return err ? err : ERR_END;
		}
		at->line = at->f.text;
		at->seq = in->first_seq;
	}
	const char *end = at->f.text + in->raw_len;
	for (; at->seq < seq; at->seq++)
		at->line = behind(at->line, end);
	*h = *in;
	*text = at->line;
	*len = (size_t)(behind(at->line, end) - at->line) - 1;
	return 0;
}

int batch_record(
	struct queue *q, uint64_t seq, struct frame_header *h, const char **text, size_t *len)
{
	struct batch_cursor at = { 0 };

	return batch_record_at(q, &at, seq, h, text, len);
}

void batch_release(struct queue *q, struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		window_untake(&q->window, b->seqs[i]);
	b->count = 0;
	buf_done(&b->body);
	b->state = BATCH_FREE;
}
