/* ack.h -- what is settled (`ack`, written by ship) and what was given up (`first`). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ACK_H
#define ESPCAP_ACK_H

#include <stdbool.h>
#include <stdint.h>

#include "loss.h"
#include "slots.h"

/* The chains that are read and settled. Their order is on disk. */
enum ack_chain_id { ACK_REC, ACK_LOSS, ACK_PARKED, ACK_DEAD, ACK_CHAINS };

enum { ACK_RANGES_MAX = 16 };

/* Of settled records. Each record is in one of the first four. */
struct ack_counts {
	uint64_t indexed;       /* 200 or 201 on create */
	uint64_t already_there; /* 409 on create */
	uint64_t dead;          /* a dead letter was made of it */
	uint64_t lost;          /* damaged; a loss document names it */
	uint64_t late;          /* answers for records that had been given up; outside the sum */
	uint64_t failure_store; /* of indexed: went to the server's failure store */
	/* outside it: in rec/ records that were moved to parked/, whose sum will count them; in loss/
	 * documents that were; in parked/ what another chain's sum counts, or none */
	uint64_t apart;
};

struct ack_range {
	uint64_t first, last; /* both settled, and all between */
	uint32_t indexed, already_there, dead, lost, failure_store, apart;
};

/* Everything up to the frontier is settled; counts are of exactly those records. Ranges lie above
 * it, rising, apart from each other.
 *
 * The chain dead/ is settled by requests alone (dead_work.h) and has no ranges. There `indexed` are
 * the letters that went to parked/, `lost` those that were purged or damaged, `apart` letters of
 * loss documents. So of the records of rec/
 *   dead letters now = rec.dead + parked.dead - dead.indexed - dead.lost
 *   parked now       = rec.apart + dead.indexed - settled in parked
 *   backlog          = committed - settled in rec - rec.apart - given up + parked now */
struct ack_chain {
	uint64_t frontier;
	struct ack_counts counts;
	struct ack_range ranges[ACK_RANGES_MAX];
	unsigned nranges;
};

struct ack {
	struct ack_chain chain[ACK_CHAINS];
	/* Up to these sequences of dead/ and parked/ each line's record is settled by this ack: a start
	 * looks at those behind. */
	uint64_t heeded_dead, heeded_parked;
};

/* Adds every kind of count. */
void ack_count_range(struct ack_counts *counts, const struct ack_range *range);
uint64_t ack_sum(const struct ack_counts *counts); /* settled records: late does not count */

/* Is every sequence of [first, last] settled? And the number of settled ones. */
bool ack_covers(const struct ack_chain *chain, uint64_t first, uint64_t last);
uint64_t ack_settled_in(const struct ack_chain *chain, uint64_t first, uint64_t last);

/* The highest sequence that is settled in any way. */
uint64_t ack_highest(const struct ack_chain *chain);

/* The file. `both`: also the older whole slot, for decisions by ranges; equal to *ack when there
 * is only one. A file that is missing or has no whole slot of this epoch gives a zeroed ack. */
int ack_open(struct slots *s, const char *dir, uint64_t epoch, bool writable,
	struct err_detail *why) ERR_WARN_UNUSED;
void ack_read(struct slots *s, struct ack *ack, struct ack *older);
int ack_write(struct slots *s, const struct ack *ack) ERR_WARN_UNUSED;

/* `first`: records below it were given up or settled, and their segments may be gone. */
struct first {
	uint64_t first_seq; /* the first one kept; at least 1 */
	/* records given up by drop-oldest, since the spool was made */
	uint64_t trimmed, trimmed_bytes;
	/* what loss documents of reason "trimmed" have to name in all: the packets among these
	 * records, and what loss documents named that were given up with them */
	uint64_t to_tell, repeated;
	/* range and times of what was trimmed last: what the chain's totals do not yet count as
	 * reported becomes a loss document at the next start */
	struct loss last;
};

int first_open(struct slots *s, const char *dir, uint64_t epoch, bool writable,
	struct err_detail *why) ERR_WARN_UNUSED;
void first_read(struct slots *s, struct first *first);
int first_write(struct slots *s, const struct first *first) ERR_WARN_UNUSED;

#endif
