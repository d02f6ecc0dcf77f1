/* backoff.c -- how long to wait after a failure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "backoff.h"

enum { DOUBLINGS_MAX = 16 };
static const int64_t HOUR_MS = 3600000;

void backoff_init(struct backoff *b, int64_t max_ms, uint64_t seed)
{
	*b = (struct backoff){ .max_ms = max_ms, .random = seed };
}

/* splitmix64 */
static uint64_t next_random(struct backoff *b)
{
	b->random += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = b->random;
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int64_t backoff_failed(struct backoff *b, int64_t retry_after_ms)
{
	unsigned doublings = b->failures < DOUBLINGS_MAX ? b->failures : DOUBLINGS_MAX;
	int64_t limit = (int64_t)BACKOFF_FIRST_MS << doublings;

	limit = limit < b->max_ms ? limit : b->max_ms;
	if (b->failures < DOUBLINGS_MAX)
		b->failures++;
	int64_t wait = (int64_t)(next_random(b) % (uint64_t)(limit + 1));
	if (retry_after_ms > HOUR_MS)
		retry_after_ms = HOUR_MS;
	return wait < retry_after_ms ? retry_after_ms : wait;
}

void backoff_succeeded(struct backoff *b)
{
	b->failures = 0;
}
