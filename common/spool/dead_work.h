/* dead_work.h -- doing a request: dead letters go to parked/ again, or become a loss document. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DEAD_WORK_H
#define ESPCAP_DEAD_WORK_H

#include <stdint.h>

#include "ack.h"
#include "loss.h"
#include "request.h"

/* For whoever holds ship.lock: espcap-ship, or espcap while no ship runs.
 *
 * dead/ is settled from the front only. So a step takes the next letters behind the frontier, puts
 * those that are meant into parked/ or names them in a loss document, appends those that stay to
 * the end of dead/ again, and moves the frontier behind them: their segments can be trimmed, and
 * however letters are chosen, one number says what is settled.
 *
 * Until the ack with the new frontier is durable a step may be done again, by a process that knows
 * nothing of the first one. A letter that lies further behind once more is passed over where it was;
 * one whose number stands in parked/ is not put there again; a loss document that is in loss/ is not
 * written again. Hence: nothing of parked/ and loss/ may be shipped before the request is done, and steps
 * are cut by what is in dead/ alone. */
struct dead_work;

/* Appends durably, in the way of the caller. */
struct dead_work_sink {
	int (*append)(void *arg, enum ack_chain_id id, const struct buf *text, uint32_t count);
	int (*lose)(void *arg, const struct loss *loss);
	void *arg;
	bool keeps; /* letters whose records *ack does not call settled stay, as if not meant */
};

/* Reads the request, which letters there are, and what a stopped one has left behind above the
 * frontiers of *ack: 24 bytes a letter. ERR_END when there is no request; ERR_INPUT when it is
 * damaged; else what reading the spool gave. */
int dead_work_begin(const struct spool *spool, const struct ack *ack,
	const struct dead_work_sink *sink, struct dead_work **out) ERR_WARN_UNUSED;
void dead_work_free(struct dead_work *w);

/* One step: the entry of dead/ in *ack moves along. ERR_END when there is nothing left to do: then the
 * caller makes its ack durable, and removes the request. ERR_AGAIN, with `waits` in the sum, when a
 * letter is meant whose record *ack does not call settled yet: a ship was killed between the two, and
 * the next one sees from the letter that the record is dead; nothing was done. A ship itself keeps
 * such letters: its ack may have no room for all that is settled behind records that wait. After any
 * other error begin again. */
int dead_work_step(struct dead_work *w, struct ack *ack) ERR_WARN_UNUSED;

struct dead_work_sum {
	enum request_action action;
	uint64_t meant;  /* letters that were moved or purged */
	uint64_t stayed; /* and others that were passed */
	uint64_t damaged;
	bool waits;
};
const struct dead_work_sum *dead_work_sum(const struct dead_work *w);

#endif
