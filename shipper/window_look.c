/* window_look.c -- what there is in a window, and what is put back. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

uint64_t window_next_unread(const struct window *w, uint64_t seq)
{
	while (window_holds(w, seq) && window_get(w, seq) != OUTCOME_UNREAD)
		seq++;
	return seq;
}

uint64_t window_count(const struct window *w, enum outcome outcome)
{
	uint64_t end = w->state.frontier + WINDOW_SIZE, n = 0;

	for (uint64_t seq = w->state.frontier + 1; seq <= w->top && seq <= end; seq++)
		n += w->ring[seq % WINDOW_SIZE] == outcome;
	return w->head ? n + window_count(w->head, outcome) : n;
}

bool window_is_half_full(const struct window *w)
{
	return w->free - w->state.frontier > WINDOW_SIZE / 2 ||
	       (w->head && window_is_half_full(w->head));
}

void window_untake(struct window *w, uint64_t seq)
{
	struct window *part = w->head && seq >= w->head->first ? w->head : w;

	if (window_get(w, seq) != OUTCOME_TAKEN)
		return;
	window_set(w, seq, OUTCOME_UNREAD);
	if (seq < part->free)
		part->free = seq;
}
