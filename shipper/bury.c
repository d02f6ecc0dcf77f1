/* bury.c -- records that the server will never take become dead letters. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dead.h"
#include "fault.h"
#include "settle.h"

enum { DEAD_TEXT_MAX = FRAME_RAW_MAX, TEXT_KEPT = 1024 };

void bury(struct tally *t, uint64_t seq, const struct verdict_item *item)
{
	struct dead_item *more = realloc(t->dead, (t->ndead + 1) * sizeof(*more));

	if (!more) {
		tally_keep(t, seq, item);
		return;
	}
	t->dead = more;
	more[t->ndead++] = (struct dead_item){ seq, item->status, strndup(item->type, TEXT_KEPT),
		strndup(item->reason, TEXT_KEPT) };
}

/* A parked record is the one in its line. */
static int unpark(struct dead_letter *letter)
{
	struct dead_line line;
	int err = dead_line_read(letter->record, letter->len, &line);

	if (err)
		return err;
	letter->parked = letter->seq;
	letter->run = line.run;
	letter->seq = line.seq;
	letter->chain = line.chain;
	letter->kind = line.kind;
	letter->flags = line.flags;
	letter->record = line.record.p;
	letter->len = line.record.len;
	return 0;
}

static int write_letter(struct tally *t, const struct dead_item *d, struct buf *text)
{
	struct frame_header h;
	const char *record;
	size_t len;

	int err = batch_record(t->queue, d->seq, &h, &record, &len);
	if (err)
		return err;
	struct dead_letter letter = { .run = h.run,
		.seq = d->seq,
		.chain = t->queue->id,
		.kind = h.kind,
		.flags = h.flags,
		.index = t->batch->index,
		.status = d->status,
		.type = d->type ? d->type : "",
		.reason = d->reason ? d->reason : "",
		.time_ns = clock_wall_ns(),
		.attempts = t->batch->tries,
		.record = record,
		.len = len };
	if (h.kind == FRAME_PARKED)
		err = unpark(&letter);
	return err ? err : dead_letter_write(&letter, text);
}

/* Letters [from, to) in one frame. They are durable before their records count as settled (I10). */
static int bury_some(struct tally *t, size_t from, size_t *to)
{
	struct ship *s = t->ship;
	struct buf text;
	size_t i = from;

	buf_init(&text, DEAD_TEXT_MAX);
	while (i < t->ndead && i - from < FRAME_COUNT_MAX && text.len < FRAME_RAW_CLOSE) {
		if (write_letter(t, &t->dead[i], &text))
			break;
		i++;
	}
	int err = i == from ? ERR_END
			    : own_chain_append(s, s->dead, FRAME_DEAD, &text, (uint32_t)(i - from));
	buf_done(&text);
	*to = i;
	return err;
}

void bury_all(struct tally *t)
{
	struct ship *s = t->ship;
	size_t i = 0, to = 0;
	int err = t->ndead ? own_chain_open(s, "dead", ACK_DEAD, &s->dead) : 0;

	while (i < t->ndead && !err) {
		err = bury_some(t, i, &to);
		(void)FAULT_POINT(LETTERS_DURABLE);
		for (; i < to && !err; i++)
			tally_settle(t, t->dead[i].seq, OUTCOME_DEAD);
	}
	s->dead_new += i;
	if (i)
		log_limited(&s->limit_answers, 60000,
			"%zu records were refused and are dead letters now; the first: status %d "
			"%.60s: %.*s",
			i, t->dead[0].status, t->dead[0].type ? t->dead[0].type : "",
			reason_told(t->dead[0].reason ? t->dead[0].reason : ""),
			t->dead[0].reason ? t->dead[0].reason : "");
	for (; i < t->ndead; i++) /* no room for letters: the records stay and go again */
		tally_keep(t, t->dead[i].seq, NULL);
	for (i = 0; i < t->ndead; i++) {
		free(t->dead[i].type);
		free(t->dead[i].reason);
	}
	free(t->dead);
}
