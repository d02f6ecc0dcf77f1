/* window_head.c -- the newest records of a chain, settled ahead of what is older. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "window.h"

int window_head_begin(struct window *w, uint64_t first)
{
	const struct ack_chain before = { .frontier = first - 1 };
	struct window *head = malloc(sizeof(*head));

	if (!head)
		return ERR_NOMEM;
	int err = window_init(head, &before);
	if (err) {
		free(head);
		return err;
	}
	head->first = first;
	w->head = head;
	return 0;
}

int window_head_go_on(struct window *w)
{
	if (!w->ncarried)
		return ERR_END;
	struct ack_range r = w->carried[w->ncarried - 1];
	int err = window_head_begin(w, r.last + 1);
	if (err)
		return err;
	w->ncarried--;
	w->head->first = r.first;
	ack_count_range(&w->head->state.counts, &r);
	return 0;
}

uint64_t window_head_free(struct window *w)
{
	return window_free(w->head);
}

/* Is all that the head's frontier has passed in one range of the ack? */
static bool is_told(const struct window *head, const struct ack_chain *durable)
{
	if (head->state.frontier < head->first)
		return true;
	for (unsigned i = 0; i < durable->nranges; i++)
		if (durable->ranges[i].first == head->first &&
			durable->ranges[i].last == head->state.frontier)
			return true;
	return false;
}

/* An answer may come a second time, but not what we append for a record. */
static bool is_appended(enum outcome o)
{
	return o == OUTCOME_DEAD || o == OUTCOME_LOST || o == OUTCOME_APART;
}

/* The head is none any more, and its ring is still there: it tells what it has settled. */
static int keep_appended(
	struct window *w, const struct window *head, const struct ack_chain *durable)
{
	int err = 0;

	for (uint64_t seq = head->state.frontier + 1; seq <= head->top && !err; seq++)
		if (is_appended(window_get(head, seq)) && !ack_covers(durable, seq, seq))
			err = window_settle_ahead(w, seq, window_get(head, seq));
	return err;
}

int window_head_end(struct window *w, const struct ack_chain *durable)
{
	struct window *head = w->head;
	unsigned from = 0;

	while (from < durable->nranges && durable->ranges[from].first < head->first)
		from++;
	unsigned count = durable->nranges - from;
	if (!is_told(head, durable) || w->ncarried + count > ACK_RANGES_MAX)
		return ERR_AGAIN;
	memcpy(w->carried + w->ncarried, durable->ranges + from, count * sizeof(w->carried[0]));
	w->ncarried += count;
	w->head = NULL;
	w->painted = 0; /* new ranges may lie in the ring */
	int err = keep_appended(w, head, durable);
	if (err) {
		w->ncarried -= count;
		w->head = head;
		return err;
	}
	window_done(head);
	free(head);
	(void)window_advance(w);
	return 0;
}

static void add_counts(struct ack_counts *sum, const struct ack_counts *c)
{
	sum->indexed += c->indexed;
	sum->already_there += c->already_there;
	sum->dead += c->dead;
	sum->lost += c->lost;
	sum->late += c->late;
	sum->failure_store += c->failure_store;
	sum->apart += c->apart;
}

void window_head_join(struct window *w)
{
	struct window *head = w->head;

	free(w->ring);
	add_counts(&w->state.counts, &head->state.counts);
	w->state.frontier = head->state.frontier;
	w->ring = head->ring;
	w->painted = head->painted;
	w->free = head->free;
	w->top = head->top;
	w->jump = head->jump;
	w->head = NULL;
	free(head);
}
