/* gap.c -- sequences of the spool without a record: passed over, given up, or lost with a document. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"
#include "ship_internal.h"

#include <stdlib.h>
#include <string.h>

/* --- what was told before --- */

static int remember(struct ship *s, const struct loss *loss)
{
	struct gap_told *more = realloc(s->told, (s->ntold + 1) * sizeof(*more));

	if (!more)
		return ERR_NOMEM;
	s->told = more;
	more[s->ntold++] = (struct gap_told){
		.reason = loss->reason,
		.first = loss->first_seq,
		.last = loss->last_seq,
		.count = loss->count,
	};
	return 0;
}

int gap_remember(struct ship *s, const struct loss *loss)
{
	return remember(s, loss);
}

static bool is_ours(enum loss_reason reason)
{
	return reason == LOSS_CORRUPT || reason == LOSS_DEAD_OVERFLOW;
}

static int remember_lines(struct ship *s, const char *text, size_t n)
{
	struct loss loss;
	int err = 0;

	for (const char *end = text + n; text < end && !err;) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		size_t len = line ? (size_t)(line - text) : (size_t)(end - text);
		if (loss_read(text, len, &loss) && is_ours(loss.reason))
			err = remember(s, &loss);
		text += len + 1;
	}
	return err;
}

/* Of a document whose records the ack does not know, these may come again, and be refused again. */
static void give_credit(struct ship *s, const struct window *w)
{
	for (size_t i = 0; i < s->ntold; i++) {
		struct gap_told *t = &s->told[i];
		uint64_t n = window_unsettled(w, t->first, t->last);
		if (t->reason == LOSS_DEAD_OVERFLOW)
			t->credit = n < t->count ? n : t->count;
	}
}

/* The documents of ours that the spool still has, before the first one of this run. They are read again
 * if history.c has asked for them, when there was no window yet. */
static int read_told(struct ship *s)
{
	const struct window *w = &s->queues[QUEUE_REC].window;
	struct reader *reader;
	struct reader_frame f;

	if (s->told_known)
		return 0;
	s->ntold = 0;
	int err = reader_new(&s->spool, "loss", &reader);
	if (err)
		return err;
	for (uint64_t seq = 1; !err && !(err = reader_next_now(reader, seq, &f));
		seq = f.header.first_seq + f.header.count)
		err = remember_lines(s, f.text, f.header.raw_len);
	reader_free(reader);
	s->told_known = err == ERR_END && w->ring;
	if (w->ring)
		give_credit(s, w);
	return err == ERR_END ? 0 : err;
}

/* Documents are needed as long as the ack does not cover what they tell of: a frontier that stands
 * still leaves it no room for all that is settled above. */
bool gap_tells_all(struct ship *s, const struct ack *ack)
{
	if (read_told(s))
		return false;
	size_t kept = 0;
	for (size_t i = 0; i < s->ntold; i++)
		if (!ack_covers(&ack->chain[ACK_REC], s->told[i].first, s->told[i].last))
			s->told[kept++] = s->told[i];
	s->ntold = kept;
	return !kept;
}

uint64_t gap_told_in(struct ship *s, uint64_t first, uint64_t last, const struct ack_chain *but)
{
	uint64_t sum = 0;

	if (read_told(s))
		return 0;
	for (size_t i = 0; i < s->ntold; i++)
		if (s->told[i].first >= first && s->told[i].last <= last &&
			!ack_covers(but, s->told[i].first, s->told[i].last))
			sum += s->told[i].count;
	return sum;
}

/* A ship that was killed between the document and the ack meets the gap again, perhaps as a part of
 * another one. What the ack knows of is settled, and not among what is missing now. */
static uint64_t told_inside(
	const struct ship *s, const struct queue *q, const struct reader_gap *gap)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->ntold; i++) {
		const struct gap_told *t = &s->told[i];
		uint64_t first = t->first > gap->first ? t->first : gap->first;
		uint64_t last = t->last < gap->last ? t->last : gap->last;
		uint64_t n = first <= last ? window_unsettled(&q->window, first, last) : 0;
		sum += n < t->count ? n : t->count;
	}
	return sum;
}

int gap_untold(struct ship *s, uint64_t first, uint64_t last, uint64_t *count)
{
	int err = read_told(s);

	for (size_t i = 0; i < s->ntold && *count && !err; i++) {
		struct gap_told *t = &s->told[i];
		if (!t->credit || t->last < first || t->first > last)
			continue;
		uint64_t n = t->credit < *count ? t->credit : *count;
		t->credit -= n;
		*count -= n;
	}
	return err;
}

/* --- gaps --- */

/* What is missing lies between these two, of which neither is settled. */
static void narrow(const struct window *w, struct reader_gap *gap)
{
	while (gap->first < gap->last_lost && !window_unsettled(w, gap->first, gap->first))
		gap->first++;
	while (gap->last_lost > gap->first && !window_unsettled(w, gap->last_lost, gap->last_lost))
		gap->last_lost--;
	gap->last = gap->last_lost;
}

static int report_loss(struct ship *s, const struct queue *q, const struct reader_gap *gap)
{
	struct loss loss = { .reason = LOSS_CORRUPT,
		.count = gap->lost,
		.first_seq = gap->first,
		.last_seq = gap->last_lost };

	int err = read_told(s);
	if (err)
		return err;
	uint64_t told = told_inside(s, q, gap);
	if (told >= loss.count)
		return 0;
	loss.count -= told;
	err = own_chain_append_loss(s, &loss);
	if (!err && remember(s, &loss)) {
		/* this run passes over the gap, and the next one reads the document */
	}
	return err;
}

/* The segments that lost something: what is left of them is kept when they are settled. */
static void mark_damaged(struct ship *s, struct queue *q, const struct reader_gap *gap)
{
	const uint64_t *seqs;
	size_t count = reader_segments(q->reader, &seqs);

	for (size_t i = 0; i < count && seqs[i] <= gap->last; i++)
		if (i + 1 == count || seqs[i + 1] > gap->first)
			chain_mark_damaged(&s->spool, q->name, seqs[i]);
}

static int lose(struct ship *s, struct queue *q, struct reader_gap gap)
{
	narrow(&q->window, &gap);
	int err = report_loss(s, q, &gap);
	if (err)
		return err;
	(void)FAULT_POINT(LOSS_DURABLE);
	s->lost_new += gap.lost;
	mark_damaged(s, q, &gap);
	log_warn(
		"records %llu to %llu: %llu are damaged on the disk and lost; a loss document says "
		"so",
		(unsigned long long)gap.first, (unsigned long long)gap.last_lost,
		(unsigned long long)gap.lost);
	return 0;
}

/* Records are numbered without holes, so those of the front come first. */
static void cut(struct reader_gap *g, uint64_t end)
{
	uint64_t size = end - g->first + 1;

	if (g->last <= end)
		return;
	g->last = end;
	if (g->last_lost > end)
		g->last_lost = end;
	if (g->lost > size)
		g->lost = size;
}

/* Sequences without a frame: given up by the writer, passed over, or damaged. */
void gap_settle(void *ship, struct queue *q, const struct reader_gap *gap)
{
	struct ship *s = ship;
	struct reader_gap g = *gap;
	struct first first;
	struct ack ack;

	uint64_t end = window_gap_end(&q->window, g.first, g.last);
	if (window_has_passed(&q->window, g.first, end))
		return; /* met again on the way to records of another index */
	first_read(&s->first_slots, &first);
	if (q->id == ACK_REC && g.first < first.first_seq) {
		/* its writer has reported them; what lies behind is met again, as a gap of its
		 * own */
		ack_read(&s->ack_slots, &ack, NULL);
		window_give_up(&q->window, first.first_seq, &ack.chain[ACK_REC]);
		s->unsaved = true;
		return;
	}
	/* a segment all of whose records are settled may go before an older one has */
	uint64_t settled = window_settled(&q->window, g.first, g.last);
	g.lost -= settled < g.lost ? settled : g.lost;
	cut(&g, end);
	if (g.lost && lose(s, q, g))
		return; /* tried again when the gap is met again */
	window_pass_over(&q->window, g.first, g.last, g.lost);
	s->unsaved = true;
}
