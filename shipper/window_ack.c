/* window_ack.c -- what of a window an ack tells: its frontier, and ranges above it. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

/* A walk over the settled runs of a window, rising. */
struct walk {
	const struct window *w;
	uint64_t seq;
	unsigned carried; /* the next of its ranges */
};

static void count_in_range(struct ack_range *r, enum outcome outcome)
{
	r->indexed += outcome == OUTCOME_INDEXED || outcome == OUTCOME_STORED_FAILED;
	r->already_there += outcome == OUTCOME_ALREADY;
	r->dead += outcome == OUTCOME_DEAD;
	r->lost += outcome == OUTCOME_LOST;
	r->failure_store += outcome == OUTCOME_STORED_FAILED;
	r->apart += outcome == OUTCOME_APART;
}

static void count_carried(struct ack_range *r, const struct ack_range *c)
{
	r->indexed += c->indexed;
	r->already_there += c->already_there;
	r->dead += c->dead;
	r->lost += c->lost;
	r->failure_store += c->failure_store;
	r->apart += c->apart;
}

static enum outcome at(const struct walk *x)
{
	return (enum outcome)x->w->ring[x->seq % WINDOW_SIZE];
}

/* Where the ring ends, as far as it is in use. */
static uint64_t ring_end(const struct window *w)
{
	uint64_t end = w->state.frontier + WINDOW_SIZE;

	if (w->head && w->head->first - 1 < end)
		end = w->head->first - 1;
	return w->top < end ? w->top : end;
}

static bool at_carried(const struct walk *x)
{
	return x->carried < x->w->ncarried && x->seq == x->w->carried[x->carried].first;
}

/* Takes the carried range that begins here into the run, unless the counts would not have room for it. */
static bool take_carried(struct walk *x, struct ack_range *r)
{
	const struct ack_range *c = &x->w->carried[x->carried];

	if (c->first != r->first && c->last - r->first >= UINT32_MAX)
		return false;
	count_carried(r, c);
	x->seq = c->last + 1;
	x->carried++;
	return true;
}

/* Takes one more step of a run; false at its end. */
static bool take(struct walk *x, uint64_t end, struct ack_range *r)
{
	if (at_carried(x))
		return take_carried(x, r);
	if (x->seq > end || at(x) < OUTCOME_SKIPPED)
		return false;
	count_in_range(r, at(x));
	x->seq++;
	return true;
}

/* The next settled run; false when there is none. */
static bool next_run(struct walk *x, struct ack_range *r)
{
	uint64_t end = ring_end(x->w);

	while (x->seq <= end && !at_carried(x) && at(x) < OUTCOME_SKIPPED)
		x->seq++;
	if (x->seq > end && x->carried == x->w->ncarried)
		return false;
	if (x->seq > end && !at_carried(x))
		x->seq = x->w->carried[x->carried].first;
	*r = (struct ack_range){ .first = x->seq };
	while (take(x, end, r))
		r->last = x->seq - 1;
	return true;
}

/* How many ranges of an ack, if there is one, lie in [first, last]. */
static unsigned ranges_in(const struct ack_chain *ack, uint64_t first, uint64_t last)
{
	unsigned n = 0;

	for (unsigned i = 0; ack && i < ack->nranges; i++)
		n += ack->ranges[i].first >= first && ack->ranges[i].last <= last;
	return n;
}

/* The room is for those that were told of; `kept` places are for others still to come. */
static void put(const struct ack_range *r, const struct ack_chain *before, unsigned kept,
	struct ack_chain *out)
{
	unsigned told = ranges_in(before, r->last + 1, UINT64_MAX);
	bool is_told = ranges_in(before, r->first, r->last) > 0;

	if (out->nranges >= ACK_RANGES_MAX ||
		(!is_told && out->nranges + told + kept >= ACK_RANGES_MAX))
		return;
	out->ranges[out->nranges++] = *r;
}

/* What lies behind the head's frontier. */
static struct ack_range head_range(const struct window *head)
{
	const struct ack_counts *c = &head->state.counts;

	return (struct ack_range){ .first = head->first,
		.last = head->state.frontier,
		.indexed = (uint32_t)c->indexed,
		.already_there = (uint32_t)c->already_there,
		.dead = (uint32_t)c->dead,
		.lost = (uint32_t)c->lost,
		.failure_store = (uint32_t)c->failure_store,
		.apart = (uint32_t)c->apart };
}

static bool has_range(const struct window *head)
{
	return head && head->state.frontier >= head->first;
}

/* A place is kept for the head's range as long as the ack on the disk does not tell of it: what its
 * frontier has passed is always told (see window_give_up()). */
static unsigned kept_for_head(const struct window *head, const struct ack_chain *before)
{
	for (unsigned i = 0; head && before && i < before->nranges; i++)
		if (before->ranges[i].first == head->first)
			return 0;
	return head != NULL;
}

void window_ack(const struct window *w, const struct ack_chain *before, struct ack_chain *out)
{
	unsigned kept = kept_for_head(w->head, before);
	struct walk x = { w, w->state.frontier + 1, 0 };
	struct ack_range r;

	*out = w->state;
	out->nranges = 0;
	while (next_run(&x, &r))
		put(&r, before, kept, out);
	if (has_range(w->head)) {
		r = head_range(w->head);
		put(&r, before, 0, out);
		kept = 0;
	}
	if (!w->head)
		return;
	x = (struct walk){ w->head, w->head->state.frontier + 1, 0 };
	while (next_run(&x, &r))
		put(&r, before, kept, out);
}
