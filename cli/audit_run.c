/* audit_run.c -- espcap audit: one run, its holes and doubles. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "audit.h"

struct looking {
	struct audit *a;
	struct audit_run *r;
	struct audit_owner owner;
};

/* --- what is found --- */

static int list_hole(struct audit_run *r, const struct audit_hole *hole)
{
	if (r->nholes == AUDIT_LISTED_MAX)
		return 0;
	if (r->nholes == r->holes_cap) {
		size_t cap = r->holes_cap ? 2 * r->holes_cap : 16;
		struct audit_hole *more = realloc(r->holes, cap * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		r->holes = more;
		r->holes_cap = cap;
	}
	r->holes[r->nholes++] = *hole;
	return 0;
}

static int take_fate(
	void *arg, enum audit_fate fate, struct audit_range piece, uint64_t count, bool settled)
{
	struct looking *l = arg;
	bool missing = fate == AUDIT_HOLE || fate == AUDIT_UNCLEAR;
	fate = missing && l->r->lite ? AUDIT_SKIPPED : fate;
	const struct audit_hole hole = { piece, count, fate == AUDIT_UNCLEAR };

	l->r->fates[fate] += count;
	if (settled)
		l->r->settled_missing += count;
	return missing && !l->r->lite ? list_hole(l->r, &hole) : 0;
}

static int take_hole(void *arg, struct audit_range hole)
{
	struct looking *l = arg;

	return audit_explain(&l->a->facts, &l->owner, hole, take_fate, l);
}

static int take_double(void *arg, const struct audit_double *d)
{
	struct looking *l = arg;
	struct audit_run *r = l->r;

	r->doubles += d->documents - 1;
	if (r->ntwice == AUDIT_LISTED_MAX)
		return 0;
	if (r->ntwice == r->twice_cap) {
		size_t cap = r->twice_cap ? 2 * r->twice_cap : 16;
		struct audit_double *more = realloc(r->twice, cap * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		r->twice = more;
		r->twice_cap = cap;
	}
	r->twice[r->ntwice++] = *d;
	return 0;
}

static int take_count(void *arg, uint64_t documents)
{
	struct looking *l = arg;

	l->r->documents += documents;
	l->a->counted += documents;
	meter_show(&l->a->meter, l->a->counted);
	return 0;
}

/* --- looking --- */

static struct looking begin(struct audit *a, struct audit_run *r)
{
	struct looking l = { a, r,
		{ .host = r->ends.host,
			.run = r->ends.run,
			.mine = r->origin == AUDIT_HELD || r->origin == AUDIT_EARLIER,
			.known = r->origin == AUDIT_HELD,
			.chain = r->chain } };

	audit_facts_for(&a->facts, &l.owner);
	return l;
}

static int scan(struct looking *l, struct audit_range range)
{
	struct audit_counting counting = { &l->a->node, l->r->ends.run };
	const struct audit_counter counter = audit_node_counter(&counting);
	const struct audit_sink sink = { take_hole, take_double, take_count, l };

	return audit_scan(&counter, range, &sink);
}

int audit_run_scan(struct audit *a, struct audit_run *r)
{
	struct looking l = begin(a, r);

	return r->range.first ? scan(&l, r->range) : 0;
}

/* Documents may have come while we looked, or have been there and not yet found by a search. */
int audit_run_again(struct audit *a, struct audit_run *r)
{
	struct looking l = begin(a, r);
	struct audit_hole *holes = r->holes;
	size_t n = r->nholes;
	int err = 0;

	r->holes = NULL;
	r->nholes = r->holes_cap = 0;
	for (size_t i = 0; i < n && !err; i++) {
		const struct audit_hole *hole = &holes[i];
		if (hole->unclear || hole->count < hole->range.last - hole->range.first + 1) {
			err = list_hole(r, hole);
			continue;
		}
		r->fates[AUDIT_HOLE] -= hole->count;
		if (a->has_spool)
			r->settled_missing -= hole->count;
		err = scan(&l, hole->range);
	}
	free(holes);
	return err;
}
