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

#ifndef WINDOW_BITS
#define WINDOW_BITS 18 /* a test has a smaller one */
#endif
enum { WINDOW_SIZE = 1 << WINDOW_BITS };

/* A record that is settled, and that neither a range nor a ring has: see window_settle_ahead(). */
struct window_ahead {
	uint64_t seq;
	enum outcome outcome;
};

/* What was settled before a restart, or while newer records went first, is a range of the ack, and may
 * lie far above the ring: `carried`. The frontier goes over a range in one step.
 *
 * With a head (window_head_begin()) the newest records have a ring of their own: it is a window whose
 * frontier begins just below its first sequence, so all that is settled in it is one range of the ack,
 * however long. All carried ranges lie below it. When the frontier gets there the two become one. */
struct window {
	struct ack_chain state;                   /* as it would be written now, ranges apart */
	uint8_t *ring;                            /* owned; WINDOW_SIZE */
	struct ack_range carried[ACK_RANGES_MAX]; /* above the frontier, rising */
	unsigned ncarried;
	uint64_t painted; /* carried ranges are marked in the ring up to here */
	uint64_t free;    /* the lowest sequence that is UNREAD */
	uint64_t top;     /* no slot above was ever set */
	/* a gap too long for the ring: passed in one step once all below it is settled */
	struct {
		uint64_t first, last, lost; /* first 0: none */
	} jump;
	struct window *head;        /* owned; NULL: none */
	struct window_ahead *ahead; /* owned; rising; a head has none of its own */
	size_t nahead, ahead_room;
	uint64_t first; /* of a head: its first sequence */
};

/* Continues what an ack says. ERR_NOMEM. */
int window_init(struct window *w, const struct ack_chain *ack) ERR_WARN_UNUSED;
void window_done(struct window *w);

/* Is it settled by the ack that this continues: behind a frontier, or in a range? */
bool window_is_behind(const struct window *w, uint64_t seq);

/* Is seq inside, that is above the frontier and within the ring, or in the head's? */
bool window_holds(const struct window *w, uint64_t seq);
enum outcome window_get(const struct window *w, uint64_t seq);
void window_set(struct window *w, uint64_t seq, enum outcome outcome);

/* A record that was taken is nobody's again. */
void window_untake(struct window *w, uint64_t seq);

/* The lowest sequence that nobody has taken. May lie outside when the window is full. */
uint64_t window_free(struct window *w);

/* All records of an outcome that is not settled have another one from now on. */
void window_turn(struct window *w, enum outcome from, enum outcome to);

/* How many of this outcome are there above the frontier? */
uint64_t window_count(const struct window *w, enum outcome outcome);

/* From seq on, the first one that is unread or outside. */
uint64_t window_next_unread(const struct window *w, uint64_t seq);

/* How many records of [first, last] are settled, but not yet behind the frontier. */
uint64_t window_settled(const struct window *w, uint64_t first, uint64_t last);

/* How many sequences of [first, last] are not, wherever they lie. */
uint64_t window_unsettled(const struct window *w, uint64_t first, uint64_t last);

/* Where a gap [first, last] ends for us: before what the ring does not hold of settled ranges, and
 * before the head. What lies behind is a gap of its own. */
uint64_t window_gap_end(const struct window *w, uint64_t first, uint64_t last);

/* Sequences [first, last] will never come: `lost` of them were records that are not settled. */
void window_pass_over(struct window *w, uint64_t first, uint64_t last, uint64_t lost);

/* Is none of [first, last] unread, or does a jump wait to go over exactly these? So it is behind
 * window_pass_over(). */
bool window_has_passed(const struct window *w, uint64_t first, uint64_t last);

/* Moves the frontier, and the head's, over everything settled, and counts it. True when one moved. */
bool window_advance(struct window *w);

/* Is half of a ring used up, so that only a moved frontier makes room? */
bool window_is_half_full(const struct window *w);

/* Everything below seq was given up by the spool's writer, which counted all of it that no durable
 * ack had settled: answers for those records are late. durable: the ack on the disk. */
void window_give_up(struct window *w, uint64_t seq, const struct ack_chain *durable);

/* window_ahead.c: a record that nobody has taken, and of which a letter, a line of parked/ or a loss
 * document is durable: it is settled, wherever it lies, and marked once a ring gets there. ERR_NOMEM. */
int window_settle_ahead(struct window *w, uint64_t seq, enum outcome outcome) ERR_WARN_UNUSED;

/* For window.c: of those that no ring holds yet, the outcome of one, and how many lie in [first, last];
 * what rings hold by now is marked in them; those below a sequence go, and how many these were. */
enum outcome window_ahead(const struct window *w, uint64_t seq);
uint64_t window_ahead_count(const struct window *w, uint64_t first, uint64_t last);
void window_take_ahead(struct window *w);
size_t window_drop_ahead(struct window *w, uint64_t seq);

/* window_ack.c: what to write: frontier, counts, and as ranges the settled runs above it: those that
 * *before, the ack on the disk, has told of, since what lies there may be trimmed by now; then the
 * head; then the lowest others. before may be NULL. */
void window_ack(const struct window *w, const struct ack_chain *before, struct ack_chain *out);

/* window_head.c: from a sequence on, above all that was set, records have a ring of their own. The ack
 * on the disk must have room for its range. ERR_NOMEM: then they have not. */
int window_head_begin(struct window *w, uint64_t first) ERR_WARN_UNUSED;

/* The topmost carried range goes on as the head. ERR_NOMEM; ERR_END when there is none. */
int window_head_go_on(struct window *w) ERR_WARN_UNUSED;

/* The lowest sequence of the head that nobody has taken; there must be one. */
uint64_t window_head_free(struct window *w);

/* Ends the head: what *durable, the ack just written, tells of it is carried, what else has a letter, a
 * line or a document is settled ahead, and the rest was never sent. None of its records may be taken.
 * ERR_NOMEM: nothing is changed. ERR_AGAIN when the ack does not tell of all that its frontier
 * passed, or there are too many ranges. */
int window_head_end(struct window *w, const struct ack_chain *durable) ERR_WARN_UNUSED;

/* For window.c: the frontier has reached the head, which takes its place. */
void window_head_join(struct window *w);

#endif
