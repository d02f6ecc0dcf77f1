/* settle_brake.c -- records that would be dead letters, while it may be the index that is wrong. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "dead.h"
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

static bool is_of_index(struct ship *s, struct queue *q, uint64_t seq, const char *index)
{
	struct frame_header h;
	struct dead_line parked;
	const char *line;
	char name[INDEX_NAME_MAX];
	size_t len;

	if (batch_record(q, seq, &h, &line, &len))
		return false;
	if (h.kind != FRAME_PARKED) {
		index_name(&s->patterns, &h, seq, frame_record_time(&h, line, len), name);
		return strcmp(name, index) == 0;
	}
	return !dead_line_read(line, len, &parked) && parked.index.len == strlen(index) &&
	       memcmp(parked.index.p, index, parked.index.len) == 0;
}

uint64_t brake_sample(struct ship *s, struct queue *q, const char *index)
{
	enum { TRIES = 16 };
	const struct window *w = &q->window;
	uint64_t span = w->top - w->state.frontier;

	for (unsigned i = 0; i < TRIES && span; i++) {
		uint64_t seq = w->state.frontier + 1 + next_random(&s->brake) % span;
		if (window_holds(w, seq) && window_get(w, seq) == OUTCOME_HELD &&
			is_of_index(s, q, seq, index))
			return seq;
	}
	return 0;
}
