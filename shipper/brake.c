/* brake.c -- is it poison, or is the index wrong? Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "brake.h"

#include <stdio.h>
#include <string.h>

static const struct brake_index *find(const struct brake *b, const char *index)
{
	for (size_t i = 0; i < BRAKE_INDICES; i++)
		if (strcmp(b->items[i].index, index) == 0)
			return &b->items[i];
	return NULL;
}

/* The index's own entry, or that of the one that was not heard of for longest and is not held. */
static struct brake_index *entry(struct brake *b, const char *index)
{
	const struct brake_index *found = find(b, index);
	struct brake_index *oldest = NULL;

	if (found)
		return &b->items[found - b->items];
	for (size_t i = 0; i < BRAKE_INDICES; i++)
		if (!b->items[i].on && (!oldest || b->items[i].used_ms < oldest->used_ms))
			oldest = &b->items[i];
	if (!oldest)
		return NULL;
	*oldest = (struct brake_index){ .status = 0 };
	(void)snprintf(oldest->index, sizeof(oldest->index), "%s", index);
	return oldest;
}

static bool is_same(const struct brake_index *x, const struct brake_answer *a)
{
	return x->status == a->status && strcmp(x->type, a->type) == 0;
}

static void remember(struct brake_index *x, const struct brake_answer *a)
{
	x->status = a->status;
	(void)snprintf(x->type, sizeof(x->type), "%s", a->type);
	x->run = 0;
	x->believed_ms = 0;
}

/* Nearly all of a large answer, or many small ones in a row. */
static bool is_too_much(const struct brake_index *x, const struct brake_answer *a)
{
	return (a->sent >= BRAKE_RECORDS && a->alike >= BRAKE_RECORDS * BRAKE_TENTHS / 10 &&
		       a->alike * 10 >= a->sent * BRAKE_TENTHS) ||
	       x->run >= BRAKE_RECORDS;
}

bool brake_heed(
	struct brake *b, const char *index, const struct brake_answer *answer, int64_t now_ms)
{
	if (b->off || (!answer->alike && !find(b, index)))
		return false;
	struct brake_index *x = entry(b, index);
	if (!x)
		return false;
	x->used_ms = now_ms;
	if (x->on && !answer->stored)
		return true;
	if (x->on) {
		x->on = false;
		x->believed_ms = now_ms + BRAKE_BELIEVED_MS;
	}
	if (answer->alike && !is_same(x, answer))
		remember(x, answer);
	x->run = answer->stored ? 0 : x->run + answer->alike;
	x->on = answer->alike && now_ms >= x->believed_ms && is_too_much(x, answer);
	return x->on;
}

bool brake_holds(const struct brake *b, const char *index)
{
	const struct brake_index *x = *index ? find(b, index) : NULL;

	return x && x->on;
}
