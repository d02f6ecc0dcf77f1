/* order.c -- newest first: where the head of the record chain begins, and when it begins anew.
 *
 * Records from the head on have a window of their own and go before all others, which drain from the
 * frontier upward until the two meet. When the head itself falls behind, as after an outage, what it
 * has settled becomes a range of the ack, and a new one begins at the end of the chain. An ack has room
 * for few ranges: so the more there are, the longer a head may lag before it is left. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship_internal.h"

enum {
	LOOK_MS = 1000,
	LAG_MS = 10000,    /* a head that is so far behind is left, when there are no ranges */
	LAG_DOUBLINGS = 8, /* with each range it may be twice as far */
	BEHIND = 1000,     /* a start with fewer records to send needs no head */
	RANGES_KEPT = 10,  /* the other places of an ack are for what is settled out of order */
};
static const uint64_t HEAD_MAX = UINT64_C(1) << 31; /* a range counts with 32 bits */

static struct queue *records(struct ship *s)
{
	return &s->queues[QUEUE_REC];
}

static bool is_of_head(const struct batch *b, const struct window *w)
{
	return b->queue == QUEUE_REC && b->count && w->head && b->seqs[0] >= w->head->first;
}

bool order_is_of_head(const struct ship *s, const struct batch *b)
{
	return is_of_head(b, &s->queues[QUEUE_REC].window);
}

/* The last committed sequence. Nothing that is settled lies above it, unless a commit was undone. */
static int chain_end(struct ship *s, uint64_t *last)
{
	const struct window *w = &records(s)->window;
	uint64_t first, top = w->state.frontier;
	struct frame_totals totals;
	int err = reader_extent(records(s)->reader, &first, last, &totals);

	if (w->ncarried)
		top = w->carried[w->ncarried - 1].last;
	if (w->head && w->head->top > top)
		top = w->head->top;
	if (!err && *last < top)
		*last = top;
	return err;
}

uint64_t order_chain_end(struct ship *s)
{
	uint64_t last;

	return chain_end(s, &last) ? 0 : last;
}

static void begin(struct ship *s, uint64_t first)
{
	struct ack ack;

	ack_read(&s->ack_slots, &ack, NULL);
	if (ack.chain[ACK_REC].nranges > RANGES_KEPT ||
		window_head_begin(&records(s)->window, first))
		return; /* tried again */
	s->order.mark = first - 1;
	s->order.mark_ms = ship_now_ms();
}

void order_begin(struct ship *s)
{
	struct window *w = &records(s)->window;
	uint64_t last, settled = w->state.frontier;

	if (!s->conf.newest_first || chain_end(s, &last))
		return;
	if (w->ncarried)
		settled = w->carried[w->ncarried - 1].last;
	if (w->ncarried && (last <= settled + BEHIND || w->ncarried > RANGES_KEPT)) {
		if (window_head_go_on(w))
			return; /* then the oldest go first */
	} else if (last > w->state.frontier + BEHIND) {
		begin(s, last + 1);
	}
	if (w->head)
		log_info("%llu records wait; newer ones go first",
			(unsigned long long)(w->head->first - w->state.frontier - 1));
}

static bool flies(const struct ship *s)
{
	const struct window *w = &s->queues[QUEUE_REC].window;

	for (unsigned i = 0; i < BATCHES; i++)
		if (s->batches[i].state == BATCH_FLYING && is_of_head(&s->batches[i], w))
			return true;
	return false;
}

/* Leaves the head, once nothing of it is on its way; what the ack does not tell of it goes again. */
static void leave(struct ship *s, uint64_t next)
{
	struct queue *q = records(s);
	struct ack ack;

	if (flies(s))
		return;
	for (unsigned i = 0; i < BATCHES; i++)
		if (s->batches[i].state != BATCH_FREE && is_of_head(&s->batches[i], &q->window))
			batch_release(q, &s->batches[i]);
	if (progress_save(s))
		return;
	ack_read(&s->ack_slots, &ack, NULL);
	if (q->window.head && window_head_end(&q->window, &ack.chain[ACK_REC]) == 0)
		begin(s, next);
	s->order.leaving = false;
}

/* What waits for company does not lag. */
static int64_t lag_allowed(const struct ship *s, const struct window *w)
{
	unsigned doublings = w->ncarried < LAG_DOUBLINGS ? w->ncarried : LAG_DOUBLINGS;

	return ((int64_t)LAG_MS << doublings) + s->conf.linger_ms;
}

void order_tend(struct ship *s, int64_t now)
{
	struct order *o = &s->order;
	struct window *w = &records(s)->window;
	struct window *head = w->head;
	uint64_t last;

	if (!s->conf.newest_first || now < o->due_ms || chain_end(s, &last))
		return;
	o->due_ms = now + LOOK_MS;
	if (head && head->state.frontier - head->first + 1 > HEAD_MAX &&
		head->state.frontier >= head->first) {
		o->leaving = true;
		leave(s, head->state.frontier + 1);
		return;
	}
	if (!o->mark_ms || (head ? window_head_free(w) : window_free(w)) > o->mark) {
		o->mark = last;
		o->mark_ms = now;
		o->leaving = false;
		return;
	}
	if (now - o->mark_ms < lag_allowed(s, w))
		return;
	if (!head) {
		begin(s, last + 1);
		return;
	}
	o->leaving = head->state.frontier < head->first || w->ncarried < RANGES_KEPT;
	if (o->leaving)
		leave(s, last + 1);
}

/* One of several connections is left for the head. */
bool order_has_room_for_old(const struct ship *s)
{
	const struct window *w = &s->queues[QUEUE_REC].window;
	unsigned old = 0;

	if (!w->head || s->pace.requests < 2)
		return true;
	for (unsigned i = 0; i < BATCHES; i++)
		old += s->batches[i].state == BATCH_FLYING && !is_of_head(&s->batches[i], w);
	return old + 1 < s->pace.requests;
}
