/* audit.h -- espcap audit: what it finds of each run, and in all. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_H
#define ESPCAP_AUDIT_H

#include "audit_node.h"
#include "audit_spool.h"
#include "looks.h"

enum { AUDIT_RUNS_MAX = 100000, AUDIT_LISTED_MAX = 1000, AUDIT_SHOWN_MAX = 10 };

/* Numbers that should be there: count of them in this range. */
struct audit_hole {
	struct audit_range range;
	uint64_t count;
	bool unclear; /* AUDIT_UNCLEAR */
};

/* How a run belongs to the spool that was named. */
enum audit_origin {
	AUDIT_OTHER,   /* no spool was named, or it is of another sensor */
	AUDIT_HELD,    /* the spool still holds frames of it */
	AUDIT_EARLIER, /* its numbers lie where the spool once had runs of this sensor */
	AUDIT_FOREIGN, /* of this sensor by name, and not of the spool */
};

struct audit_run {
	struct audit_ends ends;   /* range.first 0: there are no documents */
	struct audit_range range; /* that should be there: with what the spool knows */
	enum audit_origin origin;
	enum ack_chain_id chain;
	bool lite;   /* its packets may be of schema lite: what is missing says nothing */
	bool looked; /* else it was left out, see audit->others */
	uint64_t documents, doubles; /* all; those too many */
	uint64_t fates[AUDIT_FATES]; /* of numbers without a document */
	uint64_t settled_missing;    /* of them, those that the spool is done with */
	struct audit_hole *holes;    /* owned; the first AUDIT_LISTED_MAX */
	size_t nholes, holes_cap;
	struct audit_double *twice; /* owned; the first AUDIT_LISTED_MAX */
	size_t ntwice, twice_cap;
};

struct audit {
	struct audit_node node;
	struct audit_facts facts;
	struct audit_spool spool; /* of --spool */
	bool has_spool;
	const char *const *wanted; /* --run; none: all */
	size_t nwanted;
	struct audit_run *runs; /* owned, by first number */
	size_t nruns, runs_cap;
	uint64_t alien, unnumbered, lite; /* documents that were not looked at */
	size_t others;                    /* runs of other sensors, beside --spool */
	/* by reason: what loss documents name without and with numbers; all of it */
	uint64_t lost_unnumbered[LOSS_REASONS], lost_numbered[LOSS_REASONS];
	/* the spool's settled records that should be there, and those that are; not compared: why */
	uint64_t settled, there;
	const char *not_compared;
	struct meter meter;
	uint64_t counted; /* documents, for the meter */
	bool json;
};

/* Finds all runs and everything that is known of their numbers, and compares. The ask child runs.
 * As audit_node.h says; without a sentence in node.why: err_text(). */
int audit_all(struct audit *a) ERR_WARN_UNUSED;
void audit_done(struct audit *a);

/* What the settled records of the spool lack beyond the holes that were found. */
uint64_t audit_lacking(const struct audit *a);

/* Is there anything that could be complete: a document, or the whole of a spool? */
bool audit_found(const struct audit *a);

/* Is everything accounted for, and nothing there twice? Nothing at all is not. */
bool audit_complete(const struct audit *a);

/* audit_run.c: looks at one run, all or, after that, once more at its holes. */
int audit_run_scan(struct audit *a, struct audit_run *r) ERR_WARN_UNUSED;
int audit_run_again(struct audit *a, struct audit_run *r) ERR_WARN_UNUSED;

/* audit_print.c. */
int audit_print(struct audit *a) ERR_WARN_UNUSED;
int audit_print_json(struct audit *a, const char *node) ERR_WARN_UNUSED;

#endif
