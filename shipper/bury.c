/* bury.c -- records that the server will never take become dead letters, as long as there is room.
 *
 * Where there is none (--dead-max), --when-dead-full says what becomes of a record that would be one.
 * pause: it waits (OUTCOME_REFUSED) and all others go on, until those that wait and those behind the
 * first of them fill the window. drop: it waits for the loss document that names it, and is lost. Loss
 * documents themselves are never dropped, and nothing is for a full disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dead.h"
#include "fault.h"
#include "limits.h"
#include "settle.h"
#include "stats.h"

enum { DEAD_TEXT_MAX = FRAME_RAW_MAX, TEXT_KEPT = 1024, ROOM_MS = 1000, OVERFLOW_MS = 10000 };

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

/* A parked record is the one in its line, and so is one of --in-file. */
static int unpark(struct dead_letter *letter)
{
	bool carried = letter->chain == ACK_REC;
	struct dead_line line;
	int err = dead_line_read(letter->record, letter->len, &line);

	if (err)
		return err;
	*(carried ? &letter->carried : &letter->parked) = letter->seq;
	letter->run = line.run;
	letter->seq = line.seq;
	letter->chain = line.chain;
	letter->kind = line.kind;
	letter->flags = line.flags;
	letter->record = line.record.p;
	letter->len = line.record.len;
	return 0;
}

int letter_of(struct queue *q, struct batch_cursor *at, const struct batch *b, uint64_t seq,
	struct dead_letter *letter)
{
	struct frame_header h;

	int err = batch_record_at(q, at, seq, &h, &letter->record, &letter->len);
	if (err)
		return err;
	letter->run = h.run;
	letter->seq = seq;
	letter->chain = q->id;
	letter->kind = h.kind;
	letter->flags = h.flags;
	letter->index = b->index;
	letter->time_ns = clock_wall_ns();
	letter->attempts = b->tries;
	return h.kind == FRAME_PARKED ? unpark(letter) : 0;
}

static int write_letter(
	struct tally *t, struct batch_cursor *at, const struct dead_item *d, struct buf *text)
{
	struct dead_letter letter = { .status = d->status,
		.type = t->texts.data + d->type,
		.reason = t->texts.data + d->reason };

	int err = letter_of(t->queue, at, t->batch, d->seq, &letter);
	return err ? err : dead_letter_write(&letter, text);
}

/* --- letters --- */

/* Letters [from, *to) in one frame. They are durable before their records count as settled (I10). */
static int bury_some(struct tally *t, size_t from, size_t *to)
{
	struct ship *s = t->ship;
	struct batch_cursor at = { 0 };
	struct buf text;
	size_t i = from;

	buf_init(&text, DEAD_TEXT_MAX);
	while (i < t->ndead && i - from < FRAME_COUNT_MAX && text.len < FRAME_RAW_CLOSE) {
		if (write_letter(t, &at, &t->dead[i], &text))
			break;
		i++;
	}
	int err = i == from ? ERR_END
			    : own_chain_append(s, s->dead, FRAME_DEAD, &text, (uint32_t)(i - from));
	buf_done(&text);
	*to = i;
	return err;
}

/* What was given up meanwhile is nobody's letter any more. */
static void leave_out_late(struct tally *t)
{
	const struct window *w = &t->queue->window;
	size_t kept = 0;

	for (size_t i = 0; i < t->ndead; i++) {
		struct dead_item d = t->dead[i];
		if (window_get(w, d.seq) == OUTCOME_TAKEN) {
			t->dead[kept++] = d;
			continue;
		}
		t->queue->window.state.counts.late++;
	}
	t->ndead = kept;
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

/* How far the letters are, and why no further. */
struct burial {
	struct tally *t;
	size_t done;
};

static int bury_now(void *arg)
{
	struct burial *b = arg;
	struct tally *t = b->t;
	struct ship *s = t->ship;
	size_t to = 0;

	leave_out_late(t);
	int err = t->ndead ? own_chain_open(s, "dead", ACK_DEAD, &s->dead) : 0;
	if (!err && s->dead)
		own_chain_limit(s, s->dead, ACK_DEAD);
	while (b->done < t->ndead && !err) {
		err = bury_some(t, b->done, &to);
		if (err)
			break;
		(void)FAULT_POINT(LETTERS_DURABLE);
		heed_note(&s->heed_dead, chain_next_seq(s->dead) - 1, t->batch->queue,
			t->dead[b->done].seq, t->dead[to - 1].seq);
		for (; b->done < to; b->done++)
			settle_dead(t, &t->dead[b->done]);
	}
	return err;
}

/* --- no room for letters --- */

static void say_full(struct ship *s)
{
	char cap[STATS_TEXT];
	uint64_t max = s->conf.dead_max ? s->conf.dead_max : limits_dead_max(&s->spool);

	log_limited(&s->limit_full, 600000,
		"there is no room for dead letters beyond %s (--dead-max)%s", stats_bytes(max, cap),
		s->conf.dead_drop ? ": records that are refused are lost, and loss documents say so"
				  : ": records that are refused wait, and if they become too many, "
				    "all others "
				    "wait, too; espcap dead purge or retry makes room");
}

/* Records that wait for no room, but for the document that says that they are lost: one in ten seconds. */
static bool add_to_overflow(struct tally *t, uint64_t seq)
{
	struct dead_letter letter = { 0 };
	struct batch_cursor at = { 0 };
	struct ship *s = t->ship;

	if (letter_of(t->queue, &at, t->batch, seq, &letter))
		return false;
	const struct loss one = { .reason = LOSS_DEAD_OVERFLOW,
		.count = 1,
		.bytes = letter.len,
		.first_seq = letter.seq,
		.last_seq = letter.seq };
	if (!s->overflow.count)
		s->overflow_due_ms = ship_now_ms() + (s->conf.once ? ROOM_MS : OVERFLOW_MS);
	loss_add(&s->overflow, &one);
	return true;
}

static void no_room(struct burial *b)
{
	struct tally *t = b->t;
	struct ship *s = t->ship;
	/* while some wait for the disk, all do: what is dropped is all that is marked REFUSED */
	bool drop = s->conf.dead_drop && chain_is_at_cap(s->dead) && t->queue->id != ACK_LOSS &&
		    !s->dead_full;

	say_full(s);
	for (; b->done < t->ndead; b->done++) {
		uint64_t seq = t->dead[b->done].seq;
		if (window_get(&t->queue->window, seq) != OUTCOME_TAKEN)
			continue;
		if (drop && (t->batch->apart || !add_to_overflow(t, seq)))
			tally_keep(t, seq, NULL);
		else
			window_set(&t->queue->window, seq, OUTCOME_REFUSED);
	}
	s->dead_full = s->dead_full || !drop;
	s->dead_full_due_ms = ship_now_ms() + ROOM_MS;
}

/* What of them was not given up meanwhile, and is not told of by an earlier run. */
static int drop_now(void *ship)
{
	struct ship *s = ship;
	struct loss loss = s->overflow;
	uint64_t n = window_count(&s->queues[QUEUE_REC].window, OUTCOME_REFUSED) +
		     window_count(&s->queues[QUEUE_PARKED].window, OUTCOME_REFUSED);

	loss.count = n;
	int err = gap_untold(s, loss.first_seq, loss.last_seq, &loss.count);
	if (!err && loss.count)
		err = own_chain_append_loss(s, &loss);
	if (!err && loss.count)
		err = gap_remember(s, &loss);
	if (err)
		return err;
	(void)FAULT_POINT(LOSS_DURABLE);
	window_turn(&s->queues[QUEUE_REC].window, OUTCOME_REFUSED, OUTCOME_LOST);
	window_turn(&s->queues[QUEUE_PARKED].window, OUTCOME_REFUSED, OUTCOME_LOST);
	s->lost_new += n;
	s->overflow = (struct loss){ 0 };
	s->unsaved = true;
	return 0;
}

void bury_tend(struct ship *s, int64_t now)
{
	if (s->overflow.count && (now >= s->overflow_due_ms || s->stopping) &&
		progress_save_with(s, drop_now, s))
		s->overflow_due_ms = now + ROOM_MS;
	if (!s->dead_full || now < s->dead_full_due_ms)
		return;
	s->dead_full_due_ms = now + ROOM_MS;
	own_chain_limit(s, s->dead, ACK_DEAD);
	if (!chain_has_room(s->dead, FRAME_RAW_CLOSE))
		return;
	s->dead_full = false;
	for (unsigned i = 0; i < QUEUES; i++)
		window_turn(&s->queues[i].window, OUTCOME_REFUSED, OUTCOME_UNREAD);
	s->limit_full = (struct log_limit){ 0 };
	log_info("there is room for dead letters again");
}

void bury_all(struct tally *t)
{
	struct ship *s = t->ship;
	struct burial b = { .t = t };

	if (!t->dead)
		return;
	int err = progress_save_with(s, bury_now, &b);
	if (b.done)
		tell(t, b.done);
	if (err == ERR_SPOOL_FULL && s->dead)
		no_room(&b);
	for (size_t i = b.done; i < t->ndead; i++) /* the disk: the records stay and go again */
		tally_keep(t, t->dead[i].seq, NULL);
	buf_done(&t->texts);
	free(t->dead);
	t->dead = NULL;
	t->ndead = 0;
}
