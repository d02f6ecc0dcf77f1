/* status.h -- what a spool holds, and who works on it, from its files alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_STATUS_H
#define ESPCAP_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "ack.h"
#include "frame.h"
#include "limits.h"
#include "lock.h"
#include "quarantine.h"
#include "says.h"
#include "spool.h"
#include "wear.h"

struct chain_state {
	struct frame_totals totals;
	uint64_t first, last, segments, disk_bytes;
};

struct status {
	struct spool spool;
	struct chain_state rec, loss, dead, parked;
	struct ack ack;
	struct first first;
	struct limits limits;
	struct limits_ship limits_ship;
	char says[SAYS_MAX]; /* why ship waits, "" when it does not */
	bool limits_known, requested;
	/* the terms of the identity, of records of rec/ */
	uint64_t indexed, already_there, dead_letters, lost, backlog, parked_now, late,
		undone;             /* settled, and not committed any more: a power cut undid it */
	uint64_t loss_backlog;      /* loss documents of ship's own that wait */
	struct frame_totals before; /* of what the spool does not hold any more */
	int64_t oldest_ns, newest_ns; /* of records in the spool; 0: none */
	int64_t waiting_ns;           /* of the oldest that is not settled; 0: none */
	int64_t parked_ns;            /* of the first that is parked and waits; 0: none */
	uint64_t free_bytes;
	struct quarantine quarantine;
	char capture[LOCK_HOLDER_MAX], ship[LOCK_HOLDER_MAX], trim[LOCK_HOLDER_MAX];
	bool capture_runs, ship_runs, trims;
	bool wears; /* is it known? */
	struct wear wear;
};

/* Fills in the rest of a status whose spool is open. */
int status_read(struct status *st) ERR_WARN_UNUSED;

/* How many records loss documents name, by reason; milliseconds since the time of the oldest record
 * that waits. */
uint64_t status_losses(const struct status *st, unsigned reason);
int64_t status_lag_ms(const struct status *st);
int64_t status_parked_lag_ms(const struct status *st);

/* a less b, at least 0. */
uint64_t status_less(uint64_t a, uint64_t b);

#endif
