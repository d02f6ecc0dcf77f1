/* window.c -- which records of a chain are settled, and up to where. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *slot(const struct window *w, uint64_t seq)
{
	return &w->ring[seq % WINDOW_SIZE];
}

static bool in_ring(const struct window *w, uint64_t seq)
{
	return seq > w->state.frontier && seq - w->state.frontier <= WINDOW_SIZE;
}

static bool in_head(const struct window *w, uint64_t seq)
{
	return w->head && seq >= w->head->first;
}

/* The part of the window that seq belongs to. */
static const struct window *part_of(const struct window *w, uint64_t seq)
{
	return in_head(w, seq) ? w->head : w;
}

bool window_holds(const struct window *w, uint64_t seq)
{
	return in_ring(part_of(w, seq), seq);
}

static uint64_t overlap(uint64_t a, uint64_t b, uint64_t first, uint64_t last)
{
	uint64_t from = a > first ? a : first, to = b < last ? b : last;

	return from <= to ? to - from + 1 : 0;
}

/* Settled sequences of [first, last] that lie in ranges: carried ones, and behind the head's frontier. */
static uint64_t ranged(const struct window *w, uint64_t first, uint64_t last)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < w->ncarried; i++)
		n += overlap(w->carried[i].first, w->carried[i].last, first, last);
	if (w->head)
		n += overlap(w->head->first, w->head->state.frontier, first, last);
	return n;
}

enum outcome window_get(const struct window *w, uint64_t seq)
{
	const struct window *part = part_of(w, seq);

	if (in_ring(part, seq))
		return (enum outcome) * slot(part, seq);
	if (seq > w->state.frontier && ranged(w, seq, seq))
		return OUTCOME_RANGED;
	return w->nahead ? window_ahead(w, seq) : OUTCOME_UNREAD;
}

bool window_is_behind(const struct window *w, uint64_t seq)
{
	return seq <= w->state.frontier || ranged(w, seq, seq);
}

void window_set(struct window *w, uint64_t seq, enum outcome outcome)
{
	struct window *part = in_head(w, seq) ? w->head : w;

	if (!in_ring(part, seq))
		return;
	*slot(part, seq) = (uint8_t)outcome;
	if (seq > part->top)
		part->top = seq;
}

/* Marks in the ring what carried ranges have in it. */
static void paint(struct window *w)
{
	uint64_t end = w->state.frontier + WINDOW_SIZE;
	uint64_t from = w->painted > w->state.frontier ? w->painted + 1 : w->state.frontier + 1;

	for (unsigned i = 0; i < w->ncarried && w->carried[i].first <= end; i++) {
		const struct ack_range *r = &w->carried[i];
		uint64_t seq = r->first > from ? r->first : from;
		for (; seq <= r->last && seq <= end; seq++)
			window_set(w, seq, OUTCOME_RANGED);
	}
	w->painted = end;
}

int window_init(struct window *w, const struct ack_chain *ack)
{
	*w = (struct window){ .state = { .frontier = ack->frontier, .counts = ack->counts } };
	w->ring = calloc(WINDOW_SIZE, 1);
	if (!w->ring)
		return ERR_NOMEM;
	w->free = ack->frontier + 1;
	memcpy(w->carried, ack->ranges, ack->nranges * sizeof(w->carried[0]));
	w->ncarried = ack->nranges;
	paint(w);
	return 0;
}

void window_done(struct window *w)
{
	if (w->head)
		window_done(w->head);
	free(w->head);
	free(w->ring);
	free(w->ahead);
	w->ahead = NULL;
	w->nahead = w->ahead_room = 0;
	w->head = NULL;
	w->ring = NULL;
}

uint64_t window_free(struct window *w)
{
	if (w->free <= w->state.frontier)
		w->free = w->state.frontier + 1;
	while (in_ring(w, w->free) && !in_head(w, w->free) && *slot(w, w->free) != OUTCOME_UNREAD)
		w->free++;
	return in_head(w, w->free) ? window_free(w->head) : w->free;
}

void window_turn(struct window *w, enum outcome from, enum outcome to)
{
	for (uint64_t seq = w->state.frontier + 1; seq <= w->top && in_ring(w, seq); seq++) {
		if (*slot(w, seq) != from)
			continue;
		*slot(w, seq) = (uint8_t)to;
		if (to == OUTCOME_UNREAD && seq < w->free)
			w->free = seq;
	}
	if (w->head)
		window_turn(w->head, from, to);
}

/* --- what is settled --- */

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

/* Slots of [first, last] with at least this outcome; those of ranges apart. */
static uint64_t slots_with(
	const struct window *w, uint64_t first, uint64_t last, enum outcome at_least)
{
	uint64_t seq = first > w->state.frontier ? first : w->state.frontier + 1, n = 0;

	for (; seq <= last && seq <= w->top && in_ring(w, seq); seq++)
		n += *slot(w, seq) >= at_least && *slot(w, seq) != OUTCOME_RANGED;
	return w->head ? n + slots_with(w->head, first, last, at_least) : n;
}

uint64_t window_settled(const struct window *w, uint64_t first, uint64_t last)
{
	return slots_with(w, first, last, OUTCOME_INDEXED) + ranged(w, first, last) +
	       window_ahead_count(w, first, last);
}

uint64_t window_unsettled(const struct window *w, uint64_t first, uint64_t last)
{
	uint64_t from = first > w->state.frontier ? first : w->state.frontier + 1;

	if (from > last)
		return 0;
	return last - from + 1 - slots_with(w, from, last, OUTCOME_SKIPPED) -
	       ranged(w, from, last) - window_ahead_count(w, from, last);
}

/* --- gaps --- */

uint64_t window_gap_end(const struct window *w, uint64_t first, uint64_t last)
{
	for (unsigned i = 0; i < w->ncarried; i++) {
		const struct ack_range *r = &w->carried[i];
		if (r->first > first && r->first <= last && !in_ring(w, r->last))
			return r->first - 1;
	}
	return in_head(w, last) && !in_head(w, first) ? w->head->first - 1 : last;
}

void window_pass_over(struct window *w, uint64_t first, uint64_t last, uint64_t lost)
{
	struct window *part = in_head(w, first) ? w->head : w;

	if (!in_ring(part, last)) {
		part->jump.first = first;
		part->jump.last = last;
		part->jump.lost = lost + window_settled(w, first, last); /* see pass_one() */
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
	const struct window *part = part_of(w, first);
	uint64_t seq = first > w->state.frontier ? first : w->state.frontier + 1;

	if (part->jump.first == first && part->jump.last == last)
		return true; /* reported, and waits for what lies before it */
	while (seq <= last && window_get(w, seq) != OUTCOME_UNREAD)
		seq++;
	return seq > last;
}

/* --- the frontier --- */

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

static void drop_carried(struct window *w)
{
	unsigned passed = 0;

	while (passed < w->ncarried && w->carried[passed].first <= w->state.frontier)
		ack_count_range(&w->state.counts, &w->carried[passed++]);
	if (!passed)
		return;
	w->ncarried -= passed;
	memmove(w->carried, w->carried + passed, w->ncarried * sizeof(w->carried[0]));
}

/* A range that begins right above the frontier is passed whole, however long it is. */
static bool pass_carried(struct window *w)
{
	uint64_t last = w->ncarried ? w->carried[0].last : 0;

	if (!w->ncarried || w->carried[0].first != w->state.frontier + 1)
		return false;
	for (unsigned i = 0; i < WINDOW_SIZE && w->state.frontier < last; i++)
		pass_one(w); /* RANGED is no count */
	w->state.frontier = last;
	drop_carried(w);
	paint(w);
	return true;
}

static void pass_settled(struct window *w)
{
	uint64_t next;

	do {
		next = w->state.frontier + 1;
		if (!pass_carried(w) && !in_head(w, next) && *slot(w, next) >= OUTCOME_SKIPPED)
			pass_one(w);
	} while (w->state.frontier >= next);
	paint(w);
}

/* The rest of a gap, beyond the ring. */
static void pass_ahead(struct window *w, uint64_t last)
{
	for (size_t i = 0; i < w->nahead && w->ahead[i].seq <= last; i++) {
		if (w->ahead[i].seq <= w->state.frontier)
			continue; /* it was in the ring */
		count(&w->state.counts, w->ahead[i].outcome);
		w->jump.lost -= w->jump.lost > 0;
	}
	w->state.frontier = last;
	(void)window_drop_ahead(w, last + 1);
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
		pass_ahead(w, last);
	drop_carried(w);
	w->state.counts.lost += w->jump.lost;
	w->jump.first = 0;
	pass_settled(w);
}

static void advance(struct window *w)
{
	pass_settled(w);
	jump(w);
	if (w->head && w->state.frontier + 1 >= w->head->first)
		window_head_join(w);
}

/* A ring that has moved may hold what is settled ahead, which lets it move on. */
bool window_advance(struct window *w)
{
	uint64_t start = w->state.frontier, before;
	bool moved = false, head = false;

	do {
		before = w->state.frontier;
		head = w->head && window_advance(w->head);
		moved = moved || head;
		advance(w);
		window_take_ahead(w);
	} while (head || w->state.frontier != before);
	return moved || w->state.frontier != start;
}

/* --- what was given up --- */

static enum outcome given_up(enum outcome o, bool durable)
{
	if (o == OUTCOME_RANGED || (durable && o >= OUTCOME_SKIPPED))
		return o;
	return o < OUTCOME_INDEXED ? OUTCOME_SKIPPED : OUTCOME_LATE;
}

/* What lies beyond the ring was never taken, but for ranges. */
static void give_up_beyond(struct window *w, uint64_t seq)
{
	memset(w->ring, OUTCOME_UNREAD, WINDOW_SIZE);
	w->state.frontier = seq - 1;
	for (unsigned i = 0; i < w->ncarried && w->carried[i].first < seq; i++)
		if (w->carried[i].last >= seq)
			w->state.frontier = w->carried[i].last;
	drop_carried(w);
	w->painted = 0;
	paint(w);
}

/* Marks what a ring has below seq. A gap there was counted by its writer. */
static void mark_given_up(struct window *w, uint64_t seq, const struct ack_chain *durable)
{
	for (uint64_t s = w->state.frontier + 1; s < seq && in_ring(w, s) && !in_head(w, s); s++)
		*slot(w, s) = (uint8_t)given_up(
			(enum outcome) * slot(w, s), ack_covers(durable, s, s));
	if (w->top < seq - 1)
		w->top = seq - 1;
	if (w->jump.first && w->jump.last < seq)
		w->jump.first = 0;
	if (w->head)
		mark_given_up(w->head, seq, durable);
}

static void give_up_to(struct window *w, uint64_t seq)
{
	advance(w);
	if (w->state.frontier + 1 < seq)
		give_up_beyond(w, seq);
	advance(w);
}

void window_give_up(struct window *w, uint64_t seq, const struct ack_chain *durable)
{
	uint64_t before;

	mark_given_up(w, seq, durable); /* all, before any of it is counted */
	w->state.counts.late += window_drop_ahead(w, seq);
	if (in_head(w, seq - 1))
		give_up_to(w, w->head->first);
	give_up_to(w, seq);
	do {
		before = w->state.frontier;
		window_take_ahead(w);
		advance(w);
	} while (w->state.frontier != before);
}
