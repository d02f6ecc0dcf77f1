/* settle_brake.c -- records that would be dead letters, while it may be the index that is wrong. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "settle.h"

static void count_death(struct deaths *d, const struct verdict_item *item)
{
	for (size_t i = 0; i < d->kinds; i++)
		if (d->of[i].status == item->status && strcmp(d->of[i].type, item->type) == 0) {
			d->of[i].count++;
			return;
		}
	if (d->kinds == sizeof(d->of) / sizeof(d->of[0]))
		return;
	struct death *new = &d->of[d->kinds++];
	*new = (struct death){ .status = item->status, .count = 1 };
	(void)snprintf(new->type, sizeof(new->type), "%s", item->type);
}

void deaths_note(
	struct deaths *d, const struct verdict_item *item, enum verdict verdict, bool alone)
{
	d->stored += verdict == VERDICT_INDEXED || verdict == VERDICT_ALREADY_THERE;
	if (verdict == VERDICT_DEAD || verdict == VERDICT_DEAD_TIME ||
		(verdict == VERDICT_ALONE && alone))
		count_death(d, item);
}

void brake_look(struct tally *t, const struct deaths *d)
{
	const struct death none = { .count = 0 }, *most = &none;

	for (size_t i = 0; i < d->kinds; i++)
		if (d->of[i].count > most->count)
			most = &d->of[i];
	const struct brake_answer answer = { .sent = t->batch->count,
		.stored = d->stored,
		.alike = most->count,
		.status = most->status,
		.type = most->type };
	bool before = brake_holds(&t->ship->brake, t->batch->index);
	t->braked = brake_heed(&t->ship->brake, t->batch->index, &answer, ship_now_ms());
	if (before && !t->braked)
		log_info("index %.200s takes records again; those that it still refuses become "
			 "dead letters",
			t->batch->index);
}

/* xorshift64 */
static uint64_t next_random(struct brake *b)
{
	uint64_t x = b->random ? b->random : 88172645463325252U;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return b->random = x;
}

uint64_t brake_sample(struct ship *s, struct queue *q, const char *index)
{
	enum { TRIES = 16 };
	const struct window *w = &q->window;
	uint64_t span = w->top - w->state.frontier;
	char other[INDEX_NAME_MAX];

	for (unsigned i = 0; i < TRIES && span; i++) {
		uint64_t seq = w->state.frontier + 1 + next_random(&s->brake) % span;
		if (window_holds(w, seq) && window_get(w, seq) == OUTCOME_HELD &&
			!batch_index(s->maker, q, seq, other) && strcmp(other, index) == 0)
			return seq;
	}
	return 0;
}
