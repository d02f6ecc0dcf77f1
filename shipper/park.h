/* park.h -- indices that take nothing while others do: their records wait aside, then in parked/. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PARK_H
#define ESPCAP_PARK_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "verdict.h"

struct ship;

/* An index that has refused (VERDICT_PAUSE_INDEX), from then until it takes a record again.
 *
 *   refused --[park_refused]--> WAITS: its records are on hold (OUTCOME_HELD), no batch, no body, no
 *       connection is theirs; one of them is sent every 5 s, then every 30 s
 *     after --park-after, or after a tenth of it when they fill half the window
 *       --[park_tend]--> PARKS: its records of other chains are appended to parked/, a frame at a
 *       time, and are settled there (OUTCOME_APART); so the frontier moves. One is sent a minute
 *   any --a record of it is taken [park_taken]--> gone; all that was on hold is free again
 *
 * Of 60 old days that are read-only each has its entry, and costs one small request now and then. */
struct stuck {
	char index[INDEX_NAME_MAX]; /* "": no entry */
	int status;                 /* what it said last */
	char type[64], reason[160];
	int64_t since_ms, next_ms; /* first refused; when one is sent again */
	unsigned tries;
	unsigned queue;
	uint64_t sample; /* a record that is on hold, to be sent; 0: none */
	bool parks;
};

enum { STUCK_MAX = 128 };

/* So many sentences of a kind were told in ten minutes. */
struct burst {
	int64_t until_ms;
	unsigned told;
};

/* What happens to records of an index: for batch_maker_conf; `ship` is a struct ship. */
enum batch_fate park_fate(void *ship, const struct queue *q, const char *index, uint64_t seq);

/* The records of a batch were refused because of their index, or as many of them as are left in it;
 * the batch becomes free. item: what was said. */
void park_refused(struct ship *s, struct batch *b, const struct verdict_item *item);

/* The index has taken a record. */
void park_taken(struct ship *s, const char *index);

/* Fills an empty batch with the record of an index that is to be tried again; false: none is due. */
bool park_probe(struct ship *s, struct batch *b, int64_t now);

/* Decides which index parks by now, and says rarely which ones take nothing. */
void park_tend(struct ship *s, int64_t now);

/* Its entry, or NULL. */
const struct stuck *park_entry(const struct ship *s, const char *index);

/* When the next record of such an index is due; INT64_MAX: none. */
int64_t park_next_ms(const struct ship *s);

/* One sentence about all of them; "" when there is none. */
const char *park_words(const struct ship *s, char *text, size_t size);

/* park_move.c: appends the records of a batch that parks to parked/, durably, and settles them; those for
 * which there is no room are on hold. The batch becomes free. */
void park_batch(struct ship *s, struct batch *b);

#endif
