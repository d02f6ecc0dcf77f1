/* pause.c -- somebody has to mend something: credentials, a blocked cluster, the shard limit. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship_internal.h"

/* What is mended is noticed within 30 s. */
enum { FIRST_MS = 5000, LATER_MS = 27000, DOUBLINGS = 3 };

static int64_t wait_of(const struct ship *s)
{
	int64_t wait = s->pause_tries < DOUBLINGS ? (int64_t)FIRST_MS << s->pause_tries : LATER_MS;

	wait = wait < LATER_MS ? wait : LATER_MS;
	return wait < s->conf.backoff_max_ms ? wait : s->conf.backoff_max_ms;
}

void pause_begin(struct ship *s, struct batch *b, const char *why)
{
	int64_t now = ship_now_ms();

	batch_release(&s->queues[b->queue], b);
	if (*why)
		progress_trouble(s, why);
	if (s->paused && now < s->pause_next_ms)
		return; /* it was on its way when the first one came back */
	for (unsigned i = 0; i < BATCHES && !s->paused; i++) {
		struct batch *other = &s->batches[i];
		if (other->state == BATCH_READY || other->state == BATCH_WAITING)
			batch_release(&s->queues[other->queue], other);
	}
	s->pause_tries = s->paused ? s->pause_tries + 1 : 0;
	s->paused = true;
	s->pause_next_ms = now + wait_of(s);
}

bool pause_holds(const struct ship *s, int64_t now)
{
	return s->paused && (s->flying > 0 || now < s->pause_next_ms);
}

void pause_again(struct ship *s)
{
	s->pause_tries++;
	s->pause_next_ms = ship_now_ms() + wait_of(s);
}

void pause_over(struct ship *s)
{
	s->paused = false;
	s->pause_tries = 0;
	s->pause_next_ms = 0;
}
