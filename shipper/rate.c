/* rate.c -- so many bytes a second: a bucket of tokens. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

enum { MILLI = 1000, FULL_MS = 500 };

void rate_init(struct rate *r, int64_t per_s, int64_t now_ms)
{
	*r = (struct rate){ .per_s = per_s, .at_ms = now_ms };
}

/* Bytes a second are thousandths of a byte a millisecond. */
static void fill(struct rate *r, int64_t now_ms)
{
	int64_t full = r->per_s * FULL_MS, new;

	if (now_ms <= r->at_ms)
		return;
	if (__builtin_mul_overflow(r->per_s, now_ms - r->at_ms, &new) || new > full - r->tokens)
		r->tokens = full;
	else
		r->tokens += new;
	r->at_ms = now_ms;
}

void rate_spend(struct rate *r, uint64_t bytes, int64_t now_ms)
{
	if (!r->per_s)
		return;
	fill(r, now_ms);
	r->tokens -= (int64_t)bytes * MILLI;
}

int64_t rate_wait_ms(struct rate *r, uint64_t on_their_way, int64_t now_ms)
{
	if (!r->per_s)
		return 0;
	fill(r, now_ms);
	int64_t left = r->tokens - (int64_t)on_their_way * MILLI;
	return left >= 0 ? 0 : (-left + r->per_s - 1) / r->per_s;
}
