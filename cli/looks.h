/* looks.h -- what the commands that look into a spool share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LOOKS_H
#define ESPCAP_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "ack.h"
#include "frame.h"
#include "reader.h"
#include "spool.h"

/* Opens a spool that is there; else says why and returns an error. */
int looks_open(const char *dir, struct spool *spool) ERR_WARN_UNUSED;

/* What root makes in a spool must be the services' own: root acts as the spool's owner. Says why it
 * cannot. */
int looks_become_owner(const struct spool *spool) ERR_WARN_UNUSED;

/* ack and first as they are now; zero what cannot be read. */
void looks_settled(const struct spool *spool, struct ack *ack, struct first *first);

/* Frontier and ranges together. */
struct ack_counts looks_counts(const struct ack_chain *chain);

/* Records that are dead: neither retried nor given up since. */
uint64_t looks_letters(const struct ack *ack);

/* The last sequence that a chain ever had, as far as its segments or its tail tell; 0: none. */
int looks_last(const struct spool *spool, const char *chain, uint64_t *last);

/* Was everything of a gap in rec/ settled or given up, and trimmed, while we read? */
bool looks_trimmed(const struct spool *spool, const struct reader_gap *gap);

/* "2026-01-02", "2026-01-02T03:04:05Z" with or without a fraction, in UTC. */
bool looks_time(const char *text, int64_t *ns);

/* A whole positive decimal number. */
bool looks_number(const char *text, uint64_t *n);

/* What a terminal is shown of long work, on standard error: "VERB DONE of ALL UNIT". */
struct meter {
	const char *verb;
	bool bytes; /* DONE and ALL are bytes */
	uint64_t all;
	int64_t shown_ms;
	int width;
	bool terminal;
};
void meter_begin(struct meter *m, const char *verb, uint64_t all, bool bytes);
void meter_show(struct meter *m, uint64_t done);
void meter_end(struct meter *m);

#endif
