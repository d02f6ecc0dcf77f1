/* audit_spool.h -- what a sensor's spool says of its records. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_SPOOL_H
#define ESPCAP_AUDIT_SPOOL_H

#include "audit_facts.h"
#include "status.h"

/* A run of which the spool still holds frames. */
struct audit_held {
	uint64_t run;
	enum ack_chain_id chain;  /* ACK_REC, ACK_LOSS */
	struct audit_range range; /* that is held */
};

struct audit_spool {
	struct status st;
	struct audit_held *held; /* owned */
	size_t nheld, held_cap;
	uint64_t held_first;       /* the first record of rec/ that is held */
	bool lite;                 /* frames of schema lite are among them */
	char host[AUDIT_HOST_MAX]; /* host.name of a packet that is held; "": not known */
};

/* Reads ack first, and everything else behind it: what is settled meanwhile counts as waiting. Adds
 * letters and passed-over stretches to the facts. With a sentence. */
int audit_spool_read(struct audit_spool *s, const char *dir, struct audit_facts *facts,
	struct err_detail *why) ERR_WARN_UNUSED;
void audit_spool_done(struct audit_spool *s);

/* The index patterns that were in force, with * for dates, separated by commas; none known: "". */
void audit_spool_indices(const struct audit_spool *s, char *out, size_t size);

/* The same of one pattern. Appends; false when there is no room. */
bool audit_indices_add(char *out, size_t size, const char *pattern);

#endif
