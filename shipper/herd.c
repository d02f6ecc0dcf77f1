/* herd.c -- many sensors that lost the same server do not come back all at once. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "herd.h"

static int64_t wait_ms(int64_t outage_ms, uint64_t backlog, uint64_t random)
{
	/* a millisecond for each record: about what a busy server needs for it */
	uint64_t limit = backlog < HERD_WAIT_MAX_MS ? backlog : HERD_WAIT_MAX_MS;

	return outage_ms < HERD_OUTAGE_MS ? 0 : (int64_t)(random % (limit + 1));
}

void herd_heed(struct herd *h, bool got_through, int64_t now_ms, uint64_t backlog, uint64_t random)
{
	if (!got_through) {
		if (!h->down_ms)
			h->down_ms = now_ms;
		return;
	}
	if (h->down_ms)
		h->until_ms = now_ms + wait_ms(now_ms - h->down_ms, backlog, random);
	h->down_ms = 0;
}
