/* limits.h -- what a capture keeps its spool within, for those who look at it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LIMITS_H
#define ESPCAP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "spool.h"
#include "writer.h"

/* The file `limits`, written by capture at its start: for people, and for ship, which takes its shares
 * of the cap from it. An error in writing it is none, and it stays as what was in force last. */
struct limits {
	uint64_t cap, free_floor; /* bytes */
	char when_full[16];       /* block, drop-oldest, drop-newest */
};

void limits_write(
	const struct spool *spool, uint64_t cap, uint64_t free_floor, enum writer_policy when_full);

/* False when there is none, or it is no such file. */
bool limits_read(const struct spool *spool, struct limits *l);

/* `limits-ship`: of dead letters; written by ship at its start, for people only. Where there is none,
 * the share is meant, and pause. */
struct limits_ship {
	uint64_t dead_max;
	bool dead_drop;
};
void limits_ship_write(const struct spool *spool, const struct limits_ship *l);
void limits_ship_read(const struct spool *spool, struct limits_ship *l);

/* The shares of a spool's cap: letters, unless --dead-max says otherwise, and parked records. A spool
 * whose cap nobody has told has one of 10 GiB. */
uint64_t limits_dead_max(const struct spool *spool);
uint64_t limits_parked_max(const struct spool *spool);

/* What dead/, parked/ and loss/ take of it: at most three quarters, so that records have room. */
uint64_t limits_taken(const struct spool *spool, uint64_t cap);

#endif
