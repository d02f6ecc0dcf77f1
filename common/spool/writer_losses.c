/* writer_losses.c -- what a writer has lost, from the first count to the document. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "writer_internal.h"

void writer_lost(struct writer *w, const struct loss *loss)
{
	(void)pthread_mutex_lock(&w->mutex);
	loss_add(&w->losses[loss->reason], loss);
	w->status.lost[loss->reason] += loss->count - loss->repeated;
	(void)pthread_mutex_unlock(&w->mutex);
}

void writer_leave(struct writer *w, uint64_t count)
{
	(void)pthread_mutex_lock(&w->mutex);
	w->status.left += count;
	(void)pthread_mutex_unlock(&w->mutex);
}

void writer_drop(struct writer *w, const struct frame_header *h)
{
	const struct loss loss = { .reason = LOSS_SPOOL_FULL,
		.count = h->count,
		.bytes = h->raw_len,
		.start_ns = h->min_time_ns,
		.end_ns = h->max_time_ns };

	if (w->conf.when_full == WRITER_BLOCK && h->file)
		writer_leave(w, h->count);
	else
		writer_lost(w, &loss);
}

/* --- what an earlier writer left --- */

/* Records that were given up but whose loss document was not committed before the end. */
static struct loss trimmed_before(const struct writer *w)
{
	uint64_t reported = chain_totals(w->chain)->lost[LOSS_TRIMMED];
	struct loss loss = w->first.last;

	loss.reason = LOSS_TRIMMED;
	loss.count = w->first.to_tell > reported ? w->first.to_tell - reported : 0;
	return loss;
}

void writer_losses_recover(struct writer *w)
{
	const struct frame_totals *totals = chain_totals(w->chain);

	losses_read(&w->losses_slots, &w->kept);
	for (unsigned r = 0; r < LOSS_TOTALS; r++) {
		struct loss left = r == LOSS_TRIMMED ? trimmed_before(w)
						     : losses_left(&w->kept, (enum loss_reason)r,
							       totals->lost[r]);
		if (left.count)
			loss_add(&w->losses[r], &left);
	}
}

/* --- towards the document --- */

static bool has_reporting(const struct writer *w)
{
	for (unsigned r = 0; r < LOSS_REASONS; r++)
		if (w->reporting[r].count)
			return true;
	return false;
}

bool writer_losses_due(const struct writer *w, int64_t now)
{
	for (unsigned r = 0; r < LOSS_REASONS; r++)
		if (w->losses[r].count && (w->closing || now >= w->loss_next_ms[r]))
			return true;
	return now >= w->report_again_ms && has_reporting(w);
}

void writer_losses_take(struct writer *w, int64_t now)
{
	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		if (!w->losses[r].count || (!w->closing && now < w->loss_next_ms[r]))
			continue;
		loss_add(&w->reporting[r], &w->losses[r]);
		w->losses[r] = (struct loss){ .reason = (enum loss_reason)r };
		w->loss_next_ms[r] = now + LOSS_EVERY_MS;
	}
}

void writer_losses_reported(struct writer *w)
{
	memset(w->reporting, 0, sizeof(w->reporting));
}

/* Both what waits for its time and what waits for room. */
static uint64_t unreported(const struct writer *w, struct losses *losses)
{
	const struct frame_totals *totals = chain_totals(w->chain);
	uint64_t sum = 0;

	*losses = (struct losses){ 0 };
	for (unsigned r = 0; r < LOSS_TOTALS; r++) {
		struct loss *p = &losses->pending[r];
		loss_add(p, &w->losses[r]);
		loss_add(p, &w->reporting[r]);
		p->reason = (enum loss_reason)r;
		sum += p->count;
		if (r == LOSS_TRIMMED) /* `first` keeps that */
			*p = (struct loss){ .reason = LOSS_TRIMMED };
		losses->counted[r] = totals->lost[r] + p->count;
	}
	return sum;
}

void writer_losses_keep(struct writer *w)
{
	struct losses now;

	(void)pthread_mutex_lock(&w->mutex);
	w->status.unreported = unreported(w, &now);
	(void)pthread_mutex_unlock(&w->mutex);
	if (!w->status.unreported || memcmp(now.counted, w->kept.counted, sizeof(now.counted)) == 0)
		return;
	if (losses_write(&w->losses_slots, &now) == 0) /* else in a second again */
		w->kept = now;
}
