/* history.c -- an ack that is lost: what is known without it of records that are settled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record_id.h"
#include "segment_file.h"
#include "ship_internal.h"

/* Letters of records up to a sequence: of what was settled, these were dead. */
static uint64_t letters_up_to(const struct ship *s, uint64_t last)
{
	static const char begin[] = "{\"_id\":\"";
	struct reader *reader;
	struct reader_frame f;
	uint64_t n = 0, run, seq;

	if (reader_new(&s->spool, "dead", &reader))
		return 0;
	for (uint64_t from = 1; !reader_next_now(reader, from, &f);
		from = f.header.first_seq + f.header.count) {
		const char *line = f.text, *end = f.text + f.header.raw_len;
		for (; line < end;
			line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1)
			if (end - line > (long)(sizeof(begin) + RECORD_ID_LEN) &&
				memcmp(line, begin, sizeof(begin) - 1) == 0 &&
				!record_id_parse(line + sizeof(begin) - 1, &run, &seq))
				n += seq <= last;
	}
	reader_free(reader);
	return n;
}

/* What the chain had committed when its oldest segment was made; *from is that one's sequence. */
static uint64_t committed_before_oldest(const struct ship *s, const struct queue *q, uint64_t *from)
{
	char path[PATHS_MAX];
	struct segment_file *f;
	const uint64_t *seqs;

	if (!reader_segments(q->reader, &seqs) ||
		paths_segment(path, s->spool.dir, q->name, seqs[0]) ||
		segment_file_open_worn(path, s->spool.epoch, &f, NULL))
		return 0;
	*from = seqs[0];
	uint64_t committed = segment_file_birth(f)->totals.committed;
	segment_file_close(f);
	return committed;
}

void history_recover(struct ship *s, struct queue *q, struct ack_chain *ack)
{
	struct first first = { .first_seq = UINT64_MAX };
	uint64_t from = 1, committed = committed_before_oldest(s, q, &from);

	if (ack->frontier || ack->nranges || ack_sum(&ack->counts) || !committed)
		return;
	if (q->id == ACK_REC)
		first_read(&s->first_slots, &first);
	if (from > first.first_seq)
		return; /* more is gone than was settled or given up: a gap, as any other */
	ack->frontier = from - 1;
	uint64_t settled = committed > first.trimmed ? committed - first.trimmed : 0;
	uint64_t dead = q->id == ACK_REC ? letters_up_to(s, from - 1) : 0;
	ack->counts.dead = dead < settled ? dead : settled;
	ack->counts.already_there = settled - ack->counts.dead;
	if (q->id == ACK_PARKED) /* they count among the records that they are */
		ack->counts = (struct ack_counts){ .apart = settled };
	s->unsaved = true;
	log_warn("%s/ack is lost; what the spool still holds of %s is sent again, under the same "
		 "ids",
		s->spool.dir, q->name);
}
