/* audit.c -- espcap audit: all runs of the centre, beside what is known of their numbers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <stdlib.h>
#include <string.h>

void audit_done(struct audit *a)
{
	for (size_t i = 0; i < a->nruns; i++) {
		free(a->runs[i].holes);
		free(a->runs[i].twice);
	}
	free(a->runs);
	audit_facts_done(&a->facts);
	audit_spool_done(&a->spool);
	audit_node_done(&a->node);
}

/* --- which runs --- */

static struct audit_run *find_run(const struct audit *a, uint64_t run)
{
	for (size_t i = 0; i < a->nruns; i++)
		if (a->runs[i].ends.run == run)
			return &a->runs[i];
	return NULL;
}

static int add_run(void *arg, uint64_t run)
{
	struct audit *a = arg;

	if (a->nruns == AUDIT_RUNS_MAX)
		return err_set(&a->node.why, ERR_TOO_BIG,
			"there are more than %d runs; --index with fewer indices, or --run, "
			"chooses",
			AUDIT_RUNS_MAX);
	if (a->nruns == a->runs_cap) {
		size_t cap = a->runs_cap ? 2 * a->runs_cap : 64;
		struct audit_run *more = realloc(a->runs, cap * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		a->runs = more;
		a->runs_cap = cap;
	}
	a->runs[a->nruns++] = (struct audit_run){ .ends.run = run };
	return 0;
}

static int add_wanted(struct audit *a)
{
	char id[RECORD_ID_LEN + 1];
	uint64_t run, seq;
	int err = 0;

	for (size_t i = 0; i < a->nwanted && !err; i++) {
		(void)memcpy(id, a->wanted[i], RECORD_ID_PART);
		(void)memcpy(id + RECORD_ID_PART, a->wanted[i], RECORD_ID_PART + 1);
		err = record_id_parse(id, &run, &seq); /* checked when the option was read */
		if (!err && !find_run(a, run))
			err = add_run(a, run);
	}
	return err;
}

/* Runs that the spool knows and the centre perhaps does not. */
static int add_held(struct audit *a)
{
	int err = 0;

	for (size_t i = 0; i < a->spool.nheld && !err; i++) {
		const struct audit_held *held = &a->spool.held[i];
		struct audit_run *r = find_run(a, held->run);
		if (!r && a->nwanted)
			continue;
		if (!r)
			err = add_run(a, held->run);
		r = err ? NULL : find_run(a, held->run);
		if (!r)
			continue;
		r->origin = AUDIT_HELD;
		r->chain = held->chain;
		r->range = held->range;
	}
	return err;
}

static int ask_ends(struct audit *a)
{
	struct audit_ends ends[AUDIT_ENDS_MAX];
	int err = 0;

	for (size_t at = 0; at < a->nruns && !err; at += AUDIT_ENDS_MAX) {
		size_t n = a->nruns - at < AUDIT_ENDS_MAX ? a->nruns - at : AUDIT_ENDS_MAX;
		for (size_t i = 0; i < n; i++)
			ends[i].run = a->runs[at + i].ends.run;
		err = audit_node_ends(&a->node, ends, n);
		for (size_t i = 0; i < n && !err; i++)
			a->runs[at + i].ends = ends[i];
	}
	return err;
}

static int by_first(const void *a, const void *b)
{
	const struct audit_run *x = a, *y = b;

	int order = (x->range.first > y->range.first) - (x->range.first < y->range.first);
	return order ? order : (x->ends.run > y->ends.run) - (x->ends.run < y->ends.run);
}

/* The numbers that should be there: from the first to the last document, and what the spool holds. */
static void set_ranges(struct audit *a)
{
	for (size_t i = 0; i < a->nruns; i++) {
		struct audit_run *r = &a->runs[i];
		struct audit_range there = r->ends.range;
		if (!r->range.first)
			r->range = there;
		if (there.first && there.first < r->range.first)
			r->range.first = there.first;
		if (there.last > r->range.last)
			r->range.last = there.last;
		r->looked = true;
		if (!*r->ends.host && r->origin == AUDIT_HELD && r->chain == ACK_REC)
			(void)memcpy(r->ends.host, a->spool.host, sizeof(r->ends.host));
	}
	if (a->nruns)
		qsort(a->runs, a->nruns, sizeof(*a->runs), by_first);
}

/* --- which of them are the spool's --- */

static bool has_host(const struct audit *a, const char *host)
{
	if (*host && strcmp(a->spool.host, host) == 0)
		return true;
	for (size_t i = 0; i < a->nruns; i++)
		if (a->runs[i].origin == AUDIT_HELD && a->runs[i].ends.range.first &&
			strcmp(a->runs[i].ends.host, host) == 0)
			return true;
	return false;
}

/* Runs of this sensor below what the spool holds are its own, unless two of them share a number:
 * then they are of more than one spool, and nobody can tell which is whose. */
static void find_earlier(struct audit *a)
{
	uint64_t end = 0;
	bool apart = true;

	for (size_t i = 0; i < a->nruns; i++) {
		struct audit_run *r = &a->runs[i];
		if (r->origin == AUDIT_HELD || !r->range.first)
			continue;
		bool ours = has_host(a, r->ends.host);
		r->looked = ours || a->nwanted;
		a->others += !r->looked;
		r->origin = ours ? AUDIT_FOREIGN : AUDIT_OTHER;
		if (!ours || !r->ends.packets || r->range.last >= a->spool.held_first)
			continue;
		r->origin = AUDIT_EARLIER;
		apart = apart && r->range.first > end;
		end = r->range.last > end ? r->range.last : end;
	}
	for (size_t i = 0; i < a->nruns && !apart; i++)
		if (a->runs[i].origin == AUDIT_EARLIER)
			a->runs[i].origin = AUDIT_FOREIGN;
	if (!apart)
		a->not_compared = "several spools of this sensor have been shipped there";
}

/* --- losses --- */

/* One that waits in the spool may have come meanwhile. */
static bool is_known(const struct audit *a, const struct audit_loss *loss)
{
	for (size_t i = 0; i < a->facts.nregions; i++) {
		const struct audit_region *r = &a->facts.regions[i];
		if (r->seq && !*r->host && r->run == loss->run && r->seq == loss->seq)
			return true;
	}
	return false;
}

static int take_loss(void *arg, const struct audit_loss *l)
{
	struct audit *a = arg;
	const struct loss *loss = &l->loss;
	struct audit_region region = { .run = l->run,
		.seq = l->seq,
		.range = { loss->first_seq, loss->last_seq },
		.count = loss->count - loss->repeated,
		.reasons = 1U << loss->reason };

	if (!loss->first_seq) {
		a->lost_unnumbered[loss->reason] += loss->count;
		return 0;
	}
	a->lost_numbered[loss->reason] += loss->count - loss->repeated;
	memcpy(region.host, l->host, sizeof(region.host));
	return is_known(a, l) ? 0 : audit_add_region(&a->facts, &region);
}

/* Runs of a shipper's own, which are of its loss documents, do not count. */
static bool is_anybodys(const struct audit *a, const char *host)
{
	for (size_t i = 0; i < a->nruns; i++)
		if (a->runs[i].ends.packets && strcmp(a->runs[i].ends.host, host) == 0)
			return false;
	return true;
}

static void join_losses(struct audit *a)
{
	audit_facts_sort(&a->facts);
	for (size_t i = 0; i < a->facts.nregions; i++) {
		struct audit_region *r = &a->facts.regions[i];
		r->anybody = *r->host && is_anybodys(a, r->host);
	}
}

/* --- all of it --- */

static uint64_t to_count(const struct audit *a)
{
	uint64_t all = 0;

	for (size_t i = 0; i < a->nruns; i++)
		if (a->runs[i].looked && a->runs[i].range.first)
			all += a->runs[i].range.last - a->runs[i].range.first + 1;
	return all;
}

/* A run of nothing but losses and clocks, beside documents of schema lite. */
static void find_lite(struct audit *a)
{
	for (size_t i = 0; i < a->nruns; i++) {
		const struct audit_ends *ends = &a->runs[i].ends;
		a->runs[i].lite = a->lite && !ends->packets && ends->range.first &&
				  a->runs[i].origin != AUDIT_HELD;
	}
}

static int scan_runs(struct audit *a)
{
	bool holes = false;
	int err = 0;

	meter_begin(&a->meter, "counted", to_count(a), false);
	for (size_t i = 0; i < a->nruns && !err; i++) {
		if (a->runs[i].looked)
			err = audit_run_scan(a, &a->runs[i]);
		holes = holes || a->runs[i].fates[AUDIT_HOLE];
	}
	if (!err && holes)
		err = audit_node_refresh(&a->node);
	for (size_t i = 0; i < a->nruns && !err; i++)
		if (a->runs[i].fates[AUDIT_HOLE])
			err = audit_run_again(a, &a->runs[i]);
	meter_end(&a->meter);
	return err;
}

/* What the spool calls stored, and what of it is there. */
static void compare(struct audit *a)
{
	a->settled = a->spool.st.indexed + a->spool.st.already_there;
	for (size_t i = 0; i < a->nruns; i++) {
		const struct audit_run *r = &a->runs[i];
		if (r->origin == AUDIT_EARLIER)
			a->there += r->documents - r->doubles;
		if (r->origin != AUDIT_HELD || r->chain != ACK_REC || !r->range.first)
			continue;
		uint64_t settled = ack_settled_in(
			&a->facts.ack.chain[ACK_REC], r->range.first, r->range.last);
		a->there += settled > r->settled_missing ? settled - r->settled_missing : 0;
	}
}

static void begin_comparing(struct audit *a)
{
	find_earlier(a);
	if (a->nwanted)
		a->not_compared = "only some runs were asked for";
	else if (a->spool.lite)
		a->not_compared = "documents of schema lite carry no sequence number";
	else if (a->spool.st.undone)
		a->not_compared = "a power cut has undone records that were settled";
}

static int find_runs(struct audit *a)
{
	int err = a->nwanted ? add_wanted(a) : audit_node_runs(&a->node, add_run, a, &a->alien);

	if (!err && a->has_spool)
		err = add_held(a);
	if (!err)
		err = ask_ends(a);
	set_ranges(a);
	return err;
}

int audit_all(struct audit *a)
{
	int err = audit_node_greet(&a->node);

	if (!err)
		err = audit_node_refresh(&a->node);
	if (!err)
		err = find_runs(a);
	if (!err)
		err = audit_node_losses(&a->node, take_loss, a);
	if (!err && !a->nwanted)
		err = audit_node_unnumbered(&a->node, &a->unnumbered, &a->lite);
	if (err)
		return err;
	join_losses(a);
	if (a->has_spool)
		begin_comparing(a);
	find_lite(a);
	err = scan_runs(a);
	if (!err && a->has_spool && !a->not_compared)
		compare(a);
	return err;
}

uint64_t audit_lacking(const struct audit *a)
{
	uint64_t found = 0;

	if (!a->has_spool || a->not_compared)
		return 0;
	for (size_t i = 0; i < a->nruns; i++) {
		const struct audit_run *r = &a->runs[i];
		if (r->origin == AUDIT_EARLIER || (r->origin == AUDIT_HELD && r->chain == ACK_REC))
			found += r->fates[AUDIT_HOLE] + r->fates[AUDIT_UNCLEAR];
	}
	return status_less(status_less(a->settled, a->there), found);
}

bool audit_found(const struct audit *a)
{
	bool found = a->has_spool && !a->nwanted;

	for (size_t i = 0; i < a->nruns; i++)
		found = found || a->runs[i].documents;
	return found;
}

bool audit_complete(const struct audit *a)
{
	for (size_t i = 0; i < a->nruns; i++) {
		const struct audit_run *r = &a->runs[i];
		if (r->fates[AUDIT_HOLE] || r->fates[AUDIT_UNCLEAR] || r->doubles)
			return false;
	}
	return audit_lacking(a) == 0 && audit_found(a);
}
