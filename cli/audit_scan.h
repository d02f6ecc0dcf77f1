/* audit_scan.h -- which numbers of a range are missing or double, by asking how many there are. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_SCAN_H
#define ESPCAP_AUDIT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Both ends belong to it. */
struct audit_range {
	uint64_t first, last;
};

/* A number that more than one document has. */
struct audit_double {
	uint64_t seq, documents;
};

enum {
	AUDIT_BLOCK = 20000, /* numbers of one question: also what memory is bounded by */
	AUDIT_PART = 1000,   /* numbers that are listed one by one */
	AUDIT_PARTS = AUDIT_BLOCK / AUDIT_PART,
};

/* Who can be asked. Every answer is exact; an error ends the scan and is handed on. */
struct audit_counter {
	/* Documents in a range of at most AUDIT_BLOCK numbers, and the numbers, rising, that have
	 * more than one; room for all of them. */
	int (*block)(void *arg, struct audit_range range, uint64_t *documents,
		struct audit_double *doubles, size_t *ndoubles);
	/* Documents in each of at most AUDIT_PARTS ranges. */
	int (*counts)(void *arg, const struct audit_range *ranges, size_t n, uint64_t *documents);
	/* The numbers of a range of at most AUDIT_PART that are there, rising, each once. */
	int (*present)(void *arg, struct audit_range range, uint64_t *seqs, size_t *n);
	/* The lowest number of a range that is there; 0: none. */
	int (*next)(void *arg, struct audit_range range, uint64_t *seq);
	void *arg;
};

/* What comes out, in rising order. */
struct audit_sink {
	int (*hole)(void *arg, struct audit_range hole); /* as wide as it is */
	int (*twice)(void *arg, const struct audit_double *d);
	/* so many documents more were counted; may end the scan (ERR_STOPPED) */
	int (*counted)(void *arg, uint64_t documents);
	void *arg;
};

/* Looks at a range block by block. What is counted cannot hide a hole behind a double: a block's
 * distinct numbers are its documents less those too many, and only a block with fewer distinct
 * numbers than it is wide is looked into: by the counts of its parts, and number by number where a
 * part lacks some. A complete range costs one question a block, an empty stretch two.
 *
 * ERR_INPUT when the answers cannot be true; ERR_NOMEM. */
int audit_scan(const struct audit_counter *counter, struct audit_range range,
	const struct audit_sink *sink) ERR_WARN_UNUSED;

#endif
