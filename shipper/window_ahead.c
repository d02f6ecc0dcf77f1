/* window_ahead.c -- records that are settled and that neither the ack tells of nor a ring holds. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "window.h"

/* The place of the first one that is not below seq. */
static size_t place(const struct window *w, uint64_t seq)
{
	size_t low = 0, high = w->nahead;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (w->ahead[mid].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

enum outcome window_ahead(const struct window *w, uint64_t seq)
{
	size_t i = place(w, seq);

	return i < w->nahead && w->ahead[i].seq == seq ? w->ahead[i].outcome : OUTCOME_UNREAD;
}

uint64_t window_ahead_count(const struct window *w, uint64_t first, uint64_t last)
{
	return first <= last ? place(w, last + 1) - place(w, first) : 0;
}

int window_settle_ahead(struct window *w, uint64_t seq, enum outcome outcome)
{
	enum { ROOM = 64 };
	size_t i = place(w, seq);

	if (window_is_behind(w, seq) || window_get(w, seq) >= OUTCOME_SKIPPED)
		return 0;
	if (window_holds(w, seq)) {
		window_set(w, seq, outcome);
		return 0;
	}
	if (w->nahead == w->ahead_room) {
		size_t room = w->ahead_room ? 2 * w->ahead_room : ROOM;
		struct window_ahead *more = realloc(w->ahead, room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		w->ahead = more;
		w->ahead_room = room;
	}
	memmove(w->ahead + i + 1, w->ahead + i, (w->nahead - i) * sizeof(*w->ahead));
	w->ahead[i] = (struct window_ahead){ seq, outcome };
	w->nahead++;
	return 0;
}

void window_take_ahead(struct window *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->nahead; i++) {
		struct window_ahead a = w->ahead[i];
		if (window_is_behind(w, a.seq))
			continue;
		if (!window_holds(w, a.seq))
			w->ahead[kept++] = a;
		else if (window_get(w, a.seq) == OUTCOME_UNREAD)
			window_set(w, a.seq, a.outcome);
	}
	w->nahead = kept;
}

size_t window_drop_ahead(struct window *w, uint64_t seq)
{
	size_t n = place(w, seq);

	w->nahead -= n;
	memmove(w->ahead, w->ahead + n, w->nahead * sizeof(*w->ahead));
	return n;
}
