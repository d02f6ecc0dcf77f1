/* request.h -- what `espcap dead` asks of whoever holds ship.lock. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_REQUEST_H
#define ESPCAP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "dead.h"
#include "spool.h"

/* The file `request`: made whole by espcap, removed by who has done all of it. It outlives both, so
 * that work which was begun is finished: by ship when it starts, or by the next `espcap dead`. */
enum request_action { REQUEST_RETRY, REQUEST_PURGE };
enum { REQUEST_IDS_MAX = 1000 };

struct request_id {
	uint64_t run, seq;
};

/* Which letters are meant: those that fit all that is said. */
struct request {
	enum request_action action;
	uint64_t until;      /* sequence in dead/: later letters are not meant */
	uint64_t loss_after; /* in loss/: what is behind it may have been written for this one */
	char type[DEAD_TYPE_MAX + 1]; /* "": any */
	int64_t before_ns;            /* of the letter; INT64_MAX: any */
	size_t nids;                  /* 0: any */
	struct request_id ids[REQUEST_IDS_MAX];
};

bool request_means(const struct request *r, const struct dead_line *d);

bool request_is_there(const struct spool *spool);

/* Durable when it returns 0. ERR_AGAIN: there is one already; else with a sentence. */
int request_put(
	const struct spool *spool, const struct request *r, struct err_detail *why) ERR_WARN_UNUSED;

/* ERR_END when there is none, ERR_INPUT when it is damaged, ERR_SPOOL_IO. */
int request_read(const struct spool *spool, struct request *r) ERR_WARN_UNUSED;
int request_remove(const struct spool *spool) ERR_WARN_UNUSED;

/* Moves a damaged one to quarantine/. */
int request_reject(const struct spool *spool) ERR_WARN_UNUSED;

#endif
