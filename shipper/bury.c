/* bury.c -- records that the server will never take become dead letters. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dead.h"
#include "fault.h"
#include "settle.h"

enum { DEAD_TEXT_MAX = FRAME_RAW_MAX, TEXT_KEPT = 1024 };

/* Where the text stands from now on, with its NUL. */
static size_t keep_text(struct buf *texts, const char *text)
{
	size_t at = texts->len, n = strnlen(text, TEXT_KEPT);

	(void)buf_add(texts, text, n);
	(void)buf_add(texts, "", 1);
	return at;
}

/* Room for all of the batch at once: an answer may refuse ten thousand. */
static bool make_room(struct tally *t)
{
	if (t->dead)
		return true;
	buf_init(&t->texts, BURY_TEXTS_MAX);
	t->dead = malloc(t->batch->count * sizeof(*t->dead));
	return t->dead != NULL;
}

void bury(struct tally *t, uint64_t seq, const struct verdict_item *item)
{
	if (!make_room(t)) {
		tally_keep(t, seq, item);
		return;
	}
	size_t before = t->texts.len;
	struct dead_item d = { .seq = seq,
		.status = item->status,
		.time = verdict_of_item(item, NULL) == VERDICT_DEAD_TIME,
		.store_failed = item->store_failed,
		.type = keep_text(&t->texts, item->type),
		.reason = keep_text(&t->texts, item->reason) };
	if (t->texts.failed) {
		t->texts.len = before;
		t->texts.failed = false;
		tally_keep(t, seq, item);
		return;
	}
	t->dead[t->ndead++] = d;
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
		.type = t->texts.data + d->type,
		.reason = t->texts.data + d->reason,
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

static void settle_dead(struct tally *t, const struct dead_item *d)
{
	tally_settle(t, d->seq, OUTCOME_DEAD);
	t->ship->dead_new++;
	t->ship->dead_time += d->time;
	t->ship->store_failed += d->store_failed;
}

static void tell(struct tally *t, size_t buried)
{
	const struct dead_item *first = t->dead;
	const char *reason = t->texts.data + first->reason;

	log_limited(&t->ship->limit_answers, 60000,
		"%zu records were refused and are dead letters now; the first: status %d %.60s: "
		"%.*s",
		buried, first->status, t->texts.data + first->type, reason_told(reason), reason);
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
			settle_dead(t, &t->dead[i]);
	}
	if (i)
		tell(t, i);
	for (; i < t->ndead; i++) /* no room for letters: the records stay and go again */
		tally_keep(t, t->dead[i].seq, NULL);
	buf_done(&t->texts);
	free(t->dead);
	t->dead = NULL;
	t->ndead = 0;
}
