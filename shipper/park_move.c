/* park_move.c -- records move to parked/, where they hold up nobody. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead.h"
#include "fault.h"
#include "settle.h"

enum { AGAIN_MS = 10000 };

struct move {
	struct ship *s;
	struct batch *b;
	const struct stuck *why;
	size_t done;
};

/* What was given up meanwhile stays where it is. */
static void leave_out_late(struct move *m)
{
	const struct window *w = &m->s->queues[m->b->queue].window;
	size_t kept = 0;

	for (size_t i = 0; i < m->b->count; i++)
		if (window_get(w, m->b->seqs[i]) == OUTCOME_TAKEN)
			m->b->seqs[kept++] = m->b->seqs[i];
	m->b->count = kept;
}

static int write_lines(struct move *m, struct buf *text, size_t *n)
{
	struct queue *q = &m->s->queues[m->b->queue];
	struct batch_cursor at = { 0 };
	int err = 0;

	while (*n < m->b->count && text->len < FRAME_RAW_CLOSE) {
		struct dead_letter line = { .status = m->why ? m->why->status : 0,
			.type = m->why ? m->why->type : "",
			.reason = m->why ? m->why->reason : "" };
		err = letter_of(q, &at, m->b, m->b->seqs[*n], &line);
		if (!err)
			err = dead_letter_write(&line, text);
		if (err)
			break;
		++*n;
	}
	return *n ? 0 : err ? err : ERR_END;
}

/* One frame. Its lines are durable before their records count as settled (I10). */
static int move(void *arg)
{
	struct move *m = arg;
	struct ship *s = m->s;
	struct queue *q = &s->queues[m->b->queue];
	struct buf text;
	size_t n = 0;

	leave_out_late(m);
	if (!m->b->count)
		return 0;
	int err = own_chain_open(s, "parked", ACK_PARKED, &s->parked);
	if (err)
		return err;
	own_chain_limit(s, s->parked, ACK_PARKED);
	buf_init(&text, FRAME_RAW_MAX);
	err = write_lines(m, &text, &n);
	if (!err)
		err = own_chain_append(s, s->parked, FRAME_PARKED, &text, (uint32_t)n);
	buf_done(&text);
	if (err)
		return err;
	(void)FAULT_POINT(PARKED_DURABLE);
	heed_note(&s->heed_parked, chain_next_seq(s->parked) - 1, m->b->queue, m->b->seqs[0],
		m->b->seqs[n - 1]);
	for (size_t i = 0; i < n; i++)
		window_set(&q->window, m->b->seqs[i], OUTCOME_APART);
	m->done = n;
	s->unsaved = true;
	return 0;
}

void park_batch(struct ship *s, struct batch *b)
{
	struct move m = { .s = s, .b = b, .why = park_entry(s, b->index) };
	struct queue *q = &s->queues[b->queue];

	if (progress_save_with(s, move, &m))
		s->park_again_ms = ship_now_ms() + AGAIN_MS;
	batch_release(q, b); /* what is left of it is free again */
}
