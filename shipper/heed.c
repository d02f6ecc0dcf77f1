/* heed.c -- which lines of dead/ and parked/ a start has to look at: those that the ack does not cover. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship_internal.h"

void heed_note(struct heed *h, uint64_t last, unsigned queue, uint64_t first_rec, uint64_t last_rec)
{
	bool full = h->count == HEED_MAX;
	struct heed_lines *l = full ? &h->lines[HEED_MAX - 1] : &h->lines[h->count++];

	if (!full)
		*l = (struct heed_lines){ 0 };
	l->last = h->seen = last;
	if (!l->of[queue].first || first_rec < l->of[queue].first)
		l->of[queue].first = first_rec;
	if (last_rec > l->of[queue].last)
		l->of[queue].last = last_rec;
}

unsigned heed_covered(const struct heed *h, const struct queue *queues, const struct ack *ack)
{
	unsigned n = 0;

	for (bool all = true; n < h->count && all; n += all)
		for (unsigned q = 0; q < QUEUES; q++)
			all = all &&
			      (!h->lines[n].of[q].first ||
				      ack_covers(&ack->chain[queues[q].id], h->lines[n].of[q].first,
					      h->lines[n].of[q].last));
	return n;
}

uint64_t heed_upto(const struct heed *h, unsigned count, const struct chain *chain)
{
	uint64_t upto = count ? h->lines[count - 1].last : 0;

	if (count == h->count)
		upto = chain && chain_next_seq(chain) - 1 > h->seen ? chain_next_seq(chain) - 1
								    : h->seen;
	return upto > h->upto ? upto : h->upto;
}

void heed_pass(struct heed *h, unsigned count, const struct chain *chain)
{
	h->upto = heed_upto(h, count, chain);
	h->count -= count;
	for (unsigned i = 0; i < h->count; i++)
		h->lines[i] = h->lines[i + count];
}
