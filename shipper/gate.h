/* gate.h -- metered links: when and how much may be sent. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_GATE_H
#define ESPCAP_GATE_H

#include "budget.h"
#include "hours.h"
#include "log.h"
#include "rate.h"

/* Bytes are those that TCP carries on the connections of the sink, in both directions, with TLS and
 * with what was sent again; not the headers of TCP and IP, and not the name service. */
struct gate {
	struct hours hours;
	struct rate rate;
	struct budget budget;
	uint64_t seen;   /* of the sink's bytes */
	double part;     /* what goes over the wire of a byte of text, about */
	bool closed;     /* was said */
	bool used_up;    /* the day's budget */
	int64_t look_ms; /* what time it was */
	int64_t save_ms; /* while the clock is behind its days: write how long we ran */
	struct log_limit limit;
};

struct ship;
struct batch;

/* Can --max-rate be that? ERR_USAGE with a sentence. */
int gate_check_rate(int64_t per_s, struct err_detail *why) ERR_WARN_UNUSED;

/* What the configuration says. Errors with a sentence. */
int gate_begin(struct ship *s, struct err_detail *why) ERR_WARN_UNUSED;
void gate_end(struct ship *s);

/* Counts what was sent since the last call, and takes time in which nothing may be sent off what
 * --give-up-after counts. Called after each event. */
void gate_tend(struct ship *s, int64_t now_ms);

/* May a request begin? If not, *at_ms is when to ask again. */
bool gate_is_open(struct ship *s, int64_t now_ms, int64_t *at_ms);

/* Why nothing is sent; "" when something may be. */
const char *gate_words(const struct ship *s, char *text, size_t size);

/* Is there enough left of the day for this one? If so, it is claimed. */
bool gate_takes(struct ship *s, const struct batch *b);

/* How much text a request may hold, so that it is no more than a second of the rate, nor more than a
 * little of a day. */
size_t gate_most(const struct ship *s);

#endif
