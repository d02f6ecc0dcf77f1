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

void brake_say(struct tally *t, const struct verdict_item *item)
{
	(void)snprintf(t->why, sizeof(t->why),
		"index %.60s refuses nearly all records alike (status %d %.60s%s%.*s), which "
		"looks like a wrong template or mapping: none becomes a dead letter; mend it, or "
		"say --brake off",
		t->batch->index, item->status, item->type, *item->reason ? ": " : "",
		reason_told(item->reason), item->reason);
}
