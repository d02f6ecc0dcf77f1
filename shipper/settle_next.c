/* settle_next.c -- what a batch does after its answer: it is free, waits, or is halved. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "settle.h"

static void wait_ms(struct batch *b, int64_t ms)
{
	b->state = BATCH_WAITING;
	b->not_before_ms = ship_now_ms() + ms;
	buf_done(&b->body);
}

static int by_seq(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static struct batch *free_batch(struct ship *s)
{
	for (unsigned i = 0; i < BATCHES; i++)
		if (s->batches[i].state == BATCH_FREE)
			return &s->batches[i];
	return NULL;
}

/* The records from `half` on, in a batch of their own; without a free one they are untaken again. */
static void part(struct ship *s, struct batch *b, size_t half, int64_t wait)
{
	struct batch *other = free_batch(s);
	struct batch rest = *b;

	rest.seqs = b->seqs + half;
	rest.count = b->count - half;
	rest.body = (struct buf){ 0 };
	if (!other) {
		batch_release(&s->queues[b->queue], &rest);
		return;
	}
	memcpy(other->seqs, rest.seqs, rest.count * sizeof(*b->seqs));
	rest.seqs = other->seqs;
	rest.id_seqs = other->id_seqs;
	rest.alone = rest.count == 1;
	*other = rest;
	wait_ms(other, wait);
}

void next_halves(struct tally *t, int64_t wait)
{
	struct batch *b = t->batch;
	size_t half = b->count / 2;

	part(t->ship, b, half, wait);
	b->count = half;
	b->alone = half == 1;
	wait_ms(b, wait);
}

/* Records that go again only when something is mended: they leave the batch. */
static bool waits_for_people(struct tally *t)
{
	struct ship *s = t->ship;
	struct batch *b = t->batch;

	if (t->pause) {
		pause_begin(s, b, t->pause_why);
		return true;
	}
	if (t->slow) {
		const struct verdict_item item = {
			.status = t->stuck.status, .type = t->stuck.type, .reason = t->stuck.reason
		};
		park_refused(s, b, &item);
		return true;
	}
	if (!s->paused)
		return false;
	batch_release(&s->queues[b->queue], b); /* the next small request tells more */
	pause_again(s);
	return true;
}

/* A server that is busy now and then is none of anybody's business; one that takes nothing is. */
static bool takes_nothing(const struct tally *t)
{
	enum { SILENT_MS = 30000, SILENT_TRIES = 6 };

	return t->batch->tries >= SILENT_TRIES && ship_now_ms() - t->ship->progress_ms >= SILENT_MS;
}

void next_try(struct tally *t, int64_t retry_after_ms)
{
	struct ship *s = t->ship;
	struct batch *b = t->batch;

	b->count = t->kept;
	if (b->count == 0) {
		b->state = BATCH_FREE;
		buf_done(&b->body);
		return;
	}
	qsort(b->seqs, b->count, sizeof(*b->seqs), by_seq);
	if (t->why[0] && (t->foreign || takes_nothing(t)))
		progress_trouble(s, t->why);
	if (waits_for_people(t))
		return;
	if (t->alone && b->count > 1) {
		next_halves(t, 0);
		return;
	}
	b->alone = t->alone;
	bool at_once = t->alone || t->elsewhere;
	wait_ms(b, at_once ? 0 : backoff_failed(&s->backoff, retry_after_ms));
}
