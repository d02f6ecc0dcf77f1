/* window.c -- which records of a chain are settled, and up to where. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *slot(const struct window *w, uint64_t seq)
{
	return &w->ring[seq % WINDOW_SIZE];
}

bool window_holds(const struct window *w, uint64_t seq)
{
	return seq > w->state.frontier && seq - w->state.frontier <= WINDOW_SIZE;
}

enum outcome window_get(const struct window *w, uint64_t seq)
{
	return window_holds(w, seq) ? (enum outcome) * slot(w, seq) : OUTCOME_UNREAD;
}

void window_set(struct window *w, uint64_t seq, enum outcome outcome)
{
	if (!window_holds(w, seq))
		return;
	*slot(w, seq) = (uint8_t)outcome;
	if (seq > w->top)
		w->top = seq;
}

/* Ranges that the ring can hold are remembered; one beyond it is sent again and answered 409. */
static void carry(struct window *w, const struct ack_chain *ack)
{
	for (unsigned i = 0; i < ack->nranges; i++) {
		const struct ack_range *r = &ack->ranges[i];
		if (!window_holds(w, r->last))
			break;
		w->carried[w->ncarried++] = *r;
		for (uint64_t seq = r->first; seq <= r->last; seq++)
			window_set(w, seq, OUTCOME_RANGED);
	}
}

int window_init(struct window *w, const struct ack_chain *ack)
{
	*w = (struct window){ .state = { .frontier = ack->frontier, .counts = ack->counts } };
	w->ring = calloc(WINDOW_SIZE, 1);
	if (!w->ring)
		return ERR_NOMEM;
	w->free = ack->frontier + 1;
	carry(w, ack);
	return 0;
}

void window_done(struct window *w)
{
	free(w->ring);
	w->ring = NULL;
}

uint64_t window_free(struct window *w)
{
	if (w->free <= w->state.frontier)
		w->free = w->state.frontier + 1;
	while (window_holds(w, w->free) && *slot(w, w->free) != OUTCOME_UNREAD)
		w->free++;
	return w->free;
}

void window_turn(struct window *w, enum outcome from, enum outcome to)
{
	for (uint64_t seq = w->state.frontier + 1; seq <= w->top; seq++) {
		if (*slot(w, seq) != from)
			continue;
		*slot(w, seq) = (uint8_t)to;
		if (to == OUTCOME_UNREAD && seq < w->free)
			w->free = seq;
	}
}

uint64_t window_count(const struct window *w, enum outcome outcome)
{
	uint64_t n = 0;

	for (uint64_t seq = w->state.frontier + 1; seq <= w->top; seq++)
		n += *slot(w, seq) == outcome;
	return n;
}

static void count(struct ack_counts *c, enum outcome outcome)
{
	c->indexed += outcome == OUTCOME_INDEXED || outcome == OUTCOME_STORED_FAILED;
	c->failure_store += outcome == OUTCOME_STORED_FAILED;
	c->already_there += outcome == OUTCOME_ALREADY;
	c->dead += outcome == OUTCOME_DEAD;
	c->lost += outcome == OUTCOME_LOST;
	c->late += outcome == OUTCOME_LATE;
	c->apart += outcome == OUTCOME_APART;
}

static void drop_carried(struct window *w)
{
	unsigned passed = 0;

	while (passed < w->ncarried && w->carried[passed].last <= w->state.frontier)
		ack_count_range(&w->state.counts, &w->carried[passed++]);
	if (!passed)
		return;
	w->ncarried -= passed;
	memmove(w->carried, w->carried + passed, w->ncarried * sizeof(w->carried[0]));
}

uint64_t window_settled(const struct window *w, uint64_t first, uint64_t last)
{
	uint64_t n = 0;

	for (uint64_t seq = first; seq <= last && seq <= w->top; seq++)
		n += window_get(w, seq) > OUTCOME_SKIPPED;
	return n;
}

uint64_t window_unsettled(const struct window *w, uint64_t first, uint64_t last)
{
	uint64_t seq = first > w->state.frontier ? first : w->state.frontier + 1, n = 0;

	for (; seq <= last && window_holds(w, seq); seq++)
		n += *slot(w, seq) < OUTCOME_SKIPPED;
	return seq <= last ? n + (last - seq + 1) : n;
}

void window_pass_over(struct window *w, uint64_t first, uint64_t last, uint64_t lost)
{
	if (!window_holds(w, last)) {
		w->jump.first = first;
		w->jump.last = last;
		w->jump.lost = lost + window_settled(w, first, last); /* see pass_one() */
		return;
	}
	for (uint64_t seq = first; seq <= last; seq++) {
		if (window_get(w, seq) != OUTCOME_UNREAD)
			continue;
		window_set(w, seq, lost ? OUTCOME_LOST : OUTCOME_SKIPPED);
		lost -= lost > 0;
	}
}

bool window_has_passed(const struct window *w, uint64_t first, uint64_t last)
{
	uint64_t seq = first > w->state.frontier ? first : w->state.frontier + 1;

	while (seq <= last && window_get(w, seq) != OUTCOME_UNREAD)
		seq++;
	return seq > last;
}

/* Moves the frontier over one slot, and counts it. What was settled inside a gap before it became
 * one is not lost. */
static void pass_one(struct window *w)
{
	uint8_t *s = slot(w, ++w->state.frontier);
	enum outcome outcome = (enum outcome) * s;

	count(&w->state.counts, outcome);
	if (w->jump.first && w->state.frontier >= w->jump.first)
		w->jump.lost -= w->jump.lost > 0 && outcome > OUTCOME_SKIPPED;
	*s = OUTCOME_UNREAD;
}

static void pass_settled(struct window *w)
{
	while (*slot(w, w->state.frontier + 1) >= OUTCOME_SKIPPED)
		pass_one(w);
}

/* What lies behind the gap stays. */
static void jump(struct window *w)
{
	uint64_t last = w->jump.last;

	if (!w->jump.first || w->state.frontier + 1 < w->jump.first)
		return;
	for (unsigned i = 0; i < WINDOW_SIZE && w->state.frontier < last; i++)
		pass_one(w);
	if (w->state.frontier < last)
		w->state.frontier = last;
	w->state.counts.lost += w->jump.lost;
	w->jump.first = 0;
	pass_settled(w);
}

bool window_advance(struct window *w)
{
	uint64_t start = w->state.frontier;

	pass_settled(w);
	jump(w);
	drop_carried(w);
	return w->state.frontier != start;
}

static enum outcome given_up(enum outcome o, bool durable)
{
	if (durable && o >= OUTCOME_SKIPPED)
		return o;
	return o < OUTCOME_INDEXED ? OUTCOME_SKIPPED : OUTCOME_LATE;
}

void window_give_up(struct window *w, uint64_t seq, const struct ack_chain *durable)
{
	for (uint64_t s = w->state.frontier + 1; s < seq && window_holds(w, s); s++)
		window_set(w, s, given_up(window_get(w, s), ack_covers(durable, s, s)));
	if (w->jump.first && w->jump.last < seq)
		w->jump.first = 0; /* its writer has counted it */
	(void)window_advance(w);
	/* what lies beyond the ring was never taken */
	if (w->state.frontier + 1 < seq) {
		memset(w->ring, OUTCOME_UNREAD, WINDOW_SIZE);
		w->state.frontier = seq - 1;
		drop_carried(w);
	}
}

static void count_in_range(struct ack_range *r, enum outcome outcome)
{
	r->indexed += outcome == OUTCOME_INDEXED || outcome == OUTCOME_STORED_FAILED;
	r->already_there += outcome == OUTCOME_ALREADY;
	r->dead += outcome == OUTCOME_DEAD;
	r->lost += outcome == OUTCOME_LOST;
	r->failure_store += outcome == OUTCOME_STORED_FAILED;
	r->apart += outcome == OUTCOME_APART;
}

/* Adds the counts of carried ranges that lie in r. */
static void count_carried(const struct window *w, struct ack_range *r)
{
	for (unsigned i = 0; i < w->ncarried; i++) {
		const struct ack_range *c = &w->carried[i];
		if (c->first < r->first || c->last > r->last)
			continue;
		r->indexed += c->indexed;
		r->already_there += c->already_there;
		r->dead += c->dead;
		r->lost += c->lost;
		r->failure_store += c->failure_store;
		r->apart += c->apart;
	}
}

/* How many ranges of an ack, if there is one, lie in [first, last]. */
static unsigned ranges_in(const struct ack_chain *ack, uint64_t first, uint64_t last)
{
	unsigned n = 0;

	for (unsigned i = 0; ack && i < ack->nranges; i++)
		n += ack->ranges[i].first >= first && ack->ranges[i].last <= last;
	return n;
}

void window_ack(const struct window *w, const struct ack_chain *before, struct ack_chain *out)
{
	uint64_t seq = w->state.frontier + 1;

	*out = w->state;
	out->nranges = 0;
	while (seq <= w->top && out->nranges < ACK_RANGES_MAX) {
		if (*slot(w, seq) < OUTCOME_SKIPPED) {
			seq++;
			continue;
		}
		struct ack_range r = { .first = seq };
		for (; seq <= w->top && *slot(w, seq) >= OUTCOME_SKIPPED; seq++)
			count_in_range(&r, (enum outcome) * slot(w, seq));
		r.last = seq - 1;
		if (!ranges_in(before, r.first, r.last) &&
			out->nranges + ranges_in(before, seq, UINT64_MAX) >= ACK_RANGES_MAX)
			continue; /* the room is for those that were told of */
		count_carried(w, &r);
		out->ranges[out->nranges++] = r;
	}
}
