/* window.h -- which records of a chain are settled, and up to where. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WINDOW_H
#define ESPCAP_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "ack.h"
#include "err.h"

/* One byte for each sequence above the frontier, in a ring of fixed size: so the frontier is
 * contiguous, later completions wait behind it, and memory does not depend on the backlog. The
 * frontier moves only when an ack is about to be written: until then each record's outcome is
 * known, and can still turn out to be late. */
enum outcome {
	OUTCOME_UNREAD,
	OUTCOME_TAKEN,   /* in a batch: neither free nor settled */
	OUTCOME_HELD,    /* its index takes nothing: in no batch, until window_turn() */
	OUTCOME_REFUSED, /* would be a dead letter, and there is no room for one: the same */
	/* settled, from here on */
	OUTCOME_SKIPPED, /* never a record: a sequence passed over */
	OUTCOME_RANGED,  /* settled before a restart; counted in its range */
	OUTCOME_INDEXED,
	OUTCOME_STORED_FAILED, /* indexed, in the failure store */
	OUTCOME_ALREADY,
	OUTCOME_DEAD,
	OUTCOME_LOST,
	OUTCOME_LATE,  /* given up before the answer came */
	OUTCOME_APART, /* settled, and not counted here: moved to parked/, or counted elsewhere */
};

enum { WINDOW_SIZE = 1 << 18 };

struct window {
	struct ack_chain state;                   /* as it would be written now, ranges apart */
	uint8_t *ring;                            /* owned; WINDOW_SIZE */
	struct ack_range carried[ACK_RANGES_MAX]; /* of the start, above the frontier */
	unsigned ncarried;
	uint64_t free; /* the lowest sequence that is UNREAD */
	uint64_t top;  /* no slot above was ever set */
	/* a gap too long for the ring: passed in one step once all below it is settled */
	struct {
		uint64_t first, last, lost; /* first 0: none */
	} jump;
};

/* Continues what an ack says. ERR_NOMEM. */
int window_init(struct window *w, const struct ack_chain *ack) ERR_WARN_UNUSED;
void window_done(struct window *w);

/* Is seq inside, that is above the frontier and within the ring? */
bool window_holds(const struct window *w, uint64_t seq);
enum outcome window_get(const struct window *w, uint64_t seq);
void window_set(struct window *w, uint64_t seq, enum outcome outcome);

/* The lowest sequence that nobody has taken. May lie outside when the window is full. */
uint64_t window_free(struct window *w);

/* All records of an outcome that is not settled have another one from now on. */
void window_turn(struct window *w, enum outcome from, enum outcome to);

/* How many of this outcome are there above the frontier? */
uint64_t window_count(const struct window *w, enum outcome outcome);

/* How many records of [first, last] are settled, but not yet behind the frontier. */
uint64_t window_settled(const struct window *w, uint64_t first, uint64_t last);

/* How many sequences of [first, last] are not, wherever they lie. */
uint64_t window_unsettled(const struct window *w, uint64_t first, uint64_t last);

/* Sequences [first, last] will never come: `lost` of them were records that are not settled. */
void window_pass_over(struct window *w, uint64_t first, uint64_t last, uint64_t lost);

/* Is none of [first, last] unread? So it is behind window_pass_over(), unless they are too many for the
 * ring; then w->jump says so. */
bool window_has_passed(const struct window *w, uint64_t first, uint64_t last);

/* Moves the frontier over everything settled, and counts it. True when it moved. */
bool window_advance(struct window *w);

/* Everything below seq was given up by the spool's writer, which counted all of it that no durable
 * ack had settled: answers for those records are late. durable: the ack on the disk. */
void window_give_up(struct window *w, uint64_t seq, const struct ack_chain *durable);

/* What to write: frontier, counts, and as ranges the settled runs above it: those that *before, the
 * ack on the disk, has told of, since what lies there may be trimmed by now; then the lowest others.
 * before may be NULL. */
void window_ack(const struct window *w, const struct ack_chain *before, struct ack_chain *out);

#endif
