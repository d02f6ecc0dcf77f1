/* audit_print.c -- espcap audit: its findings as a table. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "stats.h"

enum { SENSOR_SHOWN = 20 };

static void print_cell(uint64_t n, int width)
{
	char text[STATS_TEXT];

	(void)printf("  %*s", width, stats_count(n, text));
}

static void print_row(const struct audit_run *r)
{
	char id[RECORD_ID_PART];

	record_id_part(r->ends.run, id);
	(void)printf("%.*s  %-*.*s", RECORD_ID_PART, id, SENSOR_SHOWN, SENSOR_SHOWN,
		*r->ends.host ? r->ends.host : "-");
	print_cell(r->range.first, 13);
	print_cell(r->range.last, 13);
	print_cell(r->documents, 13);
	print_cell(r->fates[AUDIT_LOST], 9);
	print_cell(r->fates[AUDIT_DEAD], 6);
	print_cell(r->fates[AUDIT_WAITING], 9);
	print_cell(r->fates[AUDIT_HOLE] + r->fates[AUDIT_UNCLEAR], 9);
	print_cell(r->doubles, 9);
	(void)putchar('\n');
}

static void print_range(struct audit_range r)
{
	char a[STATS_TEXT], b[STATS_TEXT];

	if (r.first == r.last)
		(void)printf("%s", stats_count(r.first, a));
	else
		(void)printf("%s to %s", stats_count(r.first, a), stats_count(r.last, b));
}

static void print_hole(const struct audit *a, const struct audit_run *r, const struct audit_hole *h)
{
	char n[STATS_TEXT];
	bool mine = r->origin == AUDIT_HELD || r->origin == AUDIT_EARLIER;

	(void)printf("  %s ", h->unclear ? "unclear" : "hole");
	print_range(h->range);
	if (h->count < h->range.last - h->range.first + 1)
		(void)printf(": %s of them", stats_count(h->count, n));
	if (h->unclear)
		(void)printf(" more than a loss document counts%s",
			a->has_spool ? ""
				     : "; losses and clock changes that were given up with "
				       "packets are not counted there, --spool tells");
	else if (a->has_spool && mine)
		(void)printf("; the sensor says that it is settled");
	(void)putchar('\n');
}

static int print_double(struct audit *a, const struct audit_run *r, const struct audit_double *d)
{
	char where[AUDIT_SHOWN_MAX][AUDIT_WHERE_MAX], n[STATS_TEXT];
	size_t count;

	int err = audit_node_where(&a->node, r->ends.run, d->seq, where, AUDIT_SHOWN_MAX, &count);
	if (err)
		return err;
	(void)printf("  %llu documents of %s:", (unsigned long long)d->documents,
		stats_count(d->seq, n));
	for (size_t i = 0; i < count; i++)
		(void)printf(" %s", where[i]);
	(void)putchar('\n');
	return 0;
}

static void print_more(uint64_t shown, uint64_t all)
{
	if (all > shown)
		(void)printf("  and more; --json lists up to %d\n", AUDIT_LISTED_MAX);
}

static int print_run(struct audit *a, const struct audit_run *r)
{
	size_t holes = r->nholes < AUDIT_SHOWN_MAX ? r->nholes : AUDIT_SHOWN_MAX;
	size_t twice = r->ntwice < AUDIT_SHOWN_MAX ? r->ntwice : AUDIT_SHOWN_MAX;
	int err = 0;

	print_row(r);
	for (size_t i = 0; i < holes; i++)
		print_hole(a, r, &r->holes[i]);
	print_more(holes, r->nholes);
	for (size_t i = 0; i < twice && !err; i++)
		err = print_double(a, r, &r->twice[i]);
	print_more(twice, r->ntwice);
	if (a->has_spool && r->origin == AUDIT_FOREIGN)
		(void)printf("  not of this spool, as far as it can tell\n");
	if (r->lite && r->fates[AUDIT_SKIPPED])
		(void)printf("  losses and clock changes only: its packets are of schema lite, it "
			     "seems, and its numbers say nothing\n");
	return err;
}

static void print_losses(const struct audit *a)
{
	char n[STATS_TEXT];

	for (size_t i = 0; i < a->facts.nregions; i++) {
		const struct audit_region *r = &a->facts.regions[i];
		if (r->skips)
			continue;
		(void)printf("lost: %s of ", stats_count(r->count, n));
		print_range(r->range);
		for (unsigned reason = 0; reason < LOSS_REASONS; reason++)
			if (r->reasons & 1U << reason)
				(void)printf(", %s", loss_name((enum loss_reason)reason));
		(void)printf("%s%s\n", *r->host ? ", on " : ", told by the spool only", r->host);
	}
	for (unsigned reason = 0; reason < LOSS_REASONS; reason++)
		if (a->lost_unnumbered[reason])
			(void)printf("lost before they had numbers, %s: %s\n",
				loss_name((enum loss_reason)reason),
				stats_count(a->lost_unnumbered[reason], n));
}

static void print_notes(const struct audit *a)
{
	char n[STATS_TEXT];

	if (a->lite)
		(void)printf("not audited: %s documents of packets_lite; schema lite carries no "
			     "sequence number\n",
			stats_count(a->lite, n));
	if (a->unnumbered)
		(void)printf("not audited: %s documents without espcap.run or event.sequence\n",
			stats_count(a->unnumbered, n));
	if (a->alien)
		(void)printf("not audited: %s documents whose espcap.run is not of espcap\n",
			stats_count(a->alien, n));
	if (a->others)
		(void)printf("not audited: %s runs of other sensors\n", stats_count(a->others, n));
	if (a->node.refresh_refused)
		(void)printf("the server does not let us refresh: documents of the last seconds "
			     "may be missing here\n");
}

static void print_spool(const struct audit *a)
{
	char settled[STATS_TEXT], there[STATS_TEXT], n[STATS_TEXT];

	if (!a->has_spool)
		return;
	if (a->not_compared) {
		(void)printf("sensor: its total of settled records is not compared, since %s\n",
			a->not_compared);
		return;
	}
	(void)printf("sensor: %s records are settled as stored, %s of them are there\n",
		stats_count(a->settled, settled), stats_count(a->there, there));
	if (audit_lacking(a))
		(void)printf("lacking: %s of them, at the ends of runs that the spool holds no "
			     "longer, or in indices that were deleted\n",
			stats_count(audit_lacking(a), n));
}

static void print_verdict(const struct audit *a)
{
	uint64_t documents = 0, holes = 0, doubles = 0;
	char runs[STATS_TEXT], n[STATS_TEXT], h[STATS_TEXT], d[STATS_TEXT];
	size_t looked = 0;

	for (size_t i = 0; i < a->nruns; i++) {
		const struct audit_run *r = &a->runs[i];
		looked += r->looked;
		documents += r->documents;
		holes += r->fates[AUDIT_HOLE] + r->fates[AUDIT_UNCLEAR];
		doubles += r->doubles;
	}
	holes += audit_lacking(a);
	if (!audit_found(a)) {
		(void)printf(
			"nothing found: no document with espcap.run and event.sequence that was "
			"asked for\n");
		return;
	}
	(void)printf("%s: %s runs, %s documents, %s missing, %s too many\n",
		audit_complete(a) ? "complete" : "NOT complete", stats_count(looked, runs),
		stats_count(documents, n), stats_count(holes, h), stats_count(doubles, d));
}

int audit_print(struct audit *a)
{
	int err = 0;

	if (a->nruns)
		(void)printf("%-13s  %-*s  %13s  %13s  %13s  %9s  %6s  %9s  %9s  %9s\n", "run",
			SENSOR_SHOWN, "sensor", "first", "last", "documents", "lost", "dead",
			"waiting", "missing", "too many");
	for (size_t i = 0; i < a->nruns && !err; i++)
		if (a->runs[i].looked)
			err = print_run(a, &a->runs[i]);
	if (err)
		return err;
	print_losses(a);
	print_notes(a);
	print_spool(a);
	print_verdict(a);
	return 0;
}
