/* audit_facts.c -- what is known of numbers that are missing at the centre: lost, dead, waiting. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_facts.h"

#include <stdlib.h>
#include <string.h>

static uint64_t width(struct audit_range r)
{
	return r.last - r.first + 1;
}

/* --- collecting --- */

void audit_facts_done(struct audit_facts *f)
{
	free(f->regions);
	free(f->letters);
	*f = (struct audit_facts){ 0 };
}

/* Room for one more; NULL: too many, or no memory. */
static void *grow(void *items, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return items;
	if (count >= AUDIT_FACTS_MAX)
		return NULL;
	size_t more = *cap ? 2 * *cap : 64;
	void *grown = realloc(items, more * size);
	if (grown)
		*cap = more;
	return grown;
}

int audit_add_region(struct audit_facts *f, const struct audit_region *region)
{
	struct audit_region *more = grow(
		f->regions, f->nregions, &f->regions_cap, sizeof(*f->regions));

	if (!more)
		return f->nregions >= AUDIT_FACTS_MAX ? ERR_TOO_BIG : ERR_NOMEM;
	f->regions = more;
	f->regions[f->nregions] = *region;
	f->regions[f->nregions++].left = region->count;
	return 0;
}

int audit_add_letter(struct audit_facts *f, const struct audit_letter *letter)
{
	struct audit_letter *more = grow(
		f->letters, f->nletters, &f->letters_cap, sizeof(*f->letters));

	if (!more)
		return f->nletters >= AUDIT_FACTS_MAX ? ERR_TOO_BIG : ERR_NOMEM;
	f->letters = more;
	f->letters[f->nletters++] = *letter;
	return 0;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
	const struct audit_region *x = a, *y = b;
	int order = (x->skips < y->skips) - (x->skips > y->skips); /* those first */

	order = order ? order : strcmp(x->host, y->host);
	order = order ? order : compare(x->range.first, y->range.first);
	return order ? order : compare(x->range.last, y->range.last);
}

static int by_letter(const void *a, const void *b)
{
	const struct audit_letter *x = a, *y = b;
	int order = compare(x->run, y->run);

	return order ? order : compare(x->seq, y->seq);
}

static bool belong_together(const struct audit_region *a, const struct audit_region *b)
{
	/* frame by frame, for those */
	uint64_t until = a->range.last + a->skips;

	return a->skips == b->skips && strcmp(a->host, b->host) == 0 && b->range.first <= until;
}

static void join(struct audit_region *a, const struct audit_region *b)
{
	if (b->range.last > a->range.last)
		a->range.last = b->range.last;
	a->count += b->count;
	a->left += b->left;
	a->reasons |= b->reasons;
	if (a->run != b->run)
		a->run = 0;
	a->seq = 0;
}

void audit_facts_sort(struct audit_facts *f)
{
	size_t kept = 0;

	if (f->nregions)
		qsort(f->regions, f->nregions, sizeof(*f->regions), by_place);
	for (size_t i = 0; i < f->nregions; i++) {
		if (kept && belong_together(&f->regions[kept - 1], &f->regions[i]))
			join(&f->regions[kept - 1], &f->regions[i]);
		else
			f->regions[kept++] = f->regions[i];
	}
	f->nregions = kept;
	if (f->nletters)
		qsort(f->letters, f->nletters, sizeof(*f->letters), by_letter);
}

void audit_facts_for(struct audit_facts *f, const struct audit_owner *owner)
{
	for (size_t i = 0; i < f->nregions; i++) {
		struct audit_region *r = &f->regions[i];
		if (r->skips)
			r->applies = owner->known && owner->chain == ACK_REC;
		else if (!*r->host)
			r->applies = owner->mine;
		else
			r->applies = r->anybody || (r->run && r->run == owner->run) ||
				     strcmp(r->host, owner->host) == 0;
	}
}

/* --- explaining --- */

struct explaining {
	struct audit_facts *f;
	const struct audit_owner *owner;
	audit_fate_fn tell;
	void *arg;
};

static int tell(const struct explaining *e, enum audit_fate fate, struct audit_range piece,
	uint64_t count, bool settled)
{
	return count ? e->tell(e->arg, fate, piece, count, settled) : 0;
}

/* What a region says of numbers that lie in it. */
static int use_region(
	const struct explaining *e, struct audit_region *r, struct audit_range piece, bool settled)
{
	uint64_t all = width(piece), counted = all < r->left ? all : r->left, events = 0;

	r->left -= counted;
	if (r->skips) {
		int err = tell(e, AUDIT_SKIPPED, piece, counted, settled);
		return err ? err : tell(e, AUDIT_HOLE, piece, all - counted, settled);
	}
	/* loss and clock documents that were given up with packets are not counted there */
	if (r->reasons & 1U << LOSS_TRIMMED) {
		events = all - counted < e->f->events_given_up ? all - counted
							       : e->f->events_given_up;
		e->f->events_given_up -= events;
	}
	int err = tell(e, AUDIT_LOST, piece, counted + events, settled);
	return err ? err : tell(e, AUDIT_UNCLEAR, piece, all - counted - events, settled);
}

/* The region that the beginning of a piece lies in, NULL for none, and cuts the piece where that
 * changes. Between regions that overlap the first one counts. */
static struct audit_region *find_region(struct audit_facts *f, struct audit_range *piece)
{
	struct audit_region *found = NULL;

	for (size_t i = 0; i < f->nregions && !found; i++) {
		struct audit_region *r = &f->regions[i];
		if (!r->applies || r->range.last < piece->first || r->range.first > piece->last)
			continue;
		if (r->range.first > piece->first) {
			piece->last = r->range.first - 1;
			continue;
		}
		found = r;
		piece->last = r->range.last < piece->last ? r->range.last : piece->last;
	}
	return found;
}

static int explain_by_regions(const struct explaining *e, struct audit_range gap, bool settled)
{
	int err = 0;

	while (gap.first <= gap.last && !err) {
		struct audit_range piece = gap;
		struct audit_region *found = find_region(e->f, &piece);
		err = found ? use_region(e, found, piece, settled)
			    : tell(e, AUDIT_HOLE, piece, width(piece), settled);
		gap.first = piece.last + 1;
	}
	return err;
}

/* --- by what the spool says of them --- */

/* The end of the stretch from `at` on that is all settled or all not. */
static uint64_t same_until(const struct ack_chain *ack, uint64_t at, uint64_t last, bool *settled)
{
	*settled = at <= ack->frontier;
	if (*settled)
		return ack->frontier < last ? ack->frontier : last;
	for (unsigned i = 0; i < ack->nranges; i++) {
		const struct ack_range *r = &ack->ranges[i];
		if (at >= r->first && at <= r->last) {
			*settled = true;
			return r->last < last ? r->last : last;
		}
		if (r->first > at)
			return r->first - 1 < last ? r->first - 1 : last;
	}
	return last;
}

static int explain_by_ack(const struct explaining *e, struct audit_range gap)
{
	const struct ack_chain *ack = &e->f->ack.chain[e->owner->chain];
	int err = 0;

	while (gap.first <= gap.last && !err) {
		bool settled;
		struct audit_range piece = gap;
		piece.last = same_until(ack, gap.first, gap.last, &settled);
		if (settled || (e->owner->chain == ACK_REC && piece.first < e->f->first_kept)) {
			if (!settled && piece.last >= e->f->first_kept)
				piece.last = e->f->first_kept - 1;
			err = settled ? explain_by_regions(e, piece, true)
				      : tell(e, AUDIT_LOST, piece, width(piece), false);
		} else {
			err = tell(e, AUDIT_WAITING, piece, width(piece), false);
		}
		gap.first = piece.last + 1;
	}
	return err;
}

/* The place of the first letter of a run that is at least seq. */
static size_t find_letter(const struct audit_facts *f, uint64_t run, uint64_t seq)
{
	const struct audit_letter key = { .run = run, .seq = seq };
	size_t low = 0, high = f->nletters;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_letter(&f->letters[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int explain_rest(const struct explaining *e, struct audit_range gap)
{
	if (gap.first > gap.last)
		return 0;
	return e->owner->known ? explain_by_ack(e, gap) : explain_by_regions(e, gap, e->f->spool);
}

int audit_explain(struct audit_facts *f, const struct audit_owner *owner, struct audit_range gap,
	audit_fate_fn tell_fate, void *arg)
{
	const struct explaining e = { f, owner, tell_fate, arg };
	size_t i = find_letter(f, owner->run, gap.first);
	int err = 0;

	for (; i < f->nletters && !err; i++) {
		const struct audit_letter *l = &f->letters[i];
		if (l->run != owner->run || l->seq > gap.last)
			break;
		if (l->seq < gap.first)
			continue; /* the same one twice */
		err = explain_rest(&e, (struct audit_range){ gap.first, l->seq - 1 });
		bool settled = !owner->known ||
			       ack_covers(&f->ack.chain[owner->chain], l->seq, l->seq);
		if (!err)
			err = tell(&e, l->fate, (struct audit_range){ l->seq, l->seq }, 1, settled);
		gap.first = l->seq + 1;
	}
	return err ? err : explain_rest(&e, gap);
}
