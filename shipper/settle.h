/* settle.h -- one answer, record by record: the state that settle*.c and bury.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETTLE_H
#define ESPCAP_SETTLE_H

#include "dead.h"
#include "ship_internal.h"
#include "verdict.h"

/* A record that the server will never take. Its texts stand in tally.texts, one behind the other. */
struct dead_item {
	uint64_t seq;
	int status;
	bool time, store_failed;
	size_t type, reason;
};

enum { BURY_TEXTS_MAX = 8 << 20 };

struct tally {
	struct ship *ship;
	struct batch *batch;
	struct queue *queue;
	size_t kept;            /* records that go again, moved to the front of batch->seqs */
	struct dead_item *dead; /* owned; as many as the batch has records */
	size_t ndead;
	struct buf texts; /* at most BURY_TEXTS_MAX: whoever finds no room goes again */
	bool slow, pause, foreign, busy, alone;
	bool elsewhere; /* another node may take them at once */
	/* why its index takes nothing: of the first record that says so */
	struct {
		int status;
		char type[64], reason[160];
	} stuck;
	bool braked;   /* what would be dead waits: the index is likelier to be wrong */
	char why[400]; /* first error that makes records wait */
	/* that makes all wait: without the index, which differs from day to day */
	char pause_why[256];
};

/* A record of the answer is settled; `late` when it lies behind the frontier by now. */
void tally_settle(struct tally *t, uint64_t seq, enum outcome outcome);

/* A record goes again. item, if not NULL, says why; the first one that does is told. */
void tally_keep(struct tally *t, uint64_t seq, const struct verdict_item *item);

/* How many bytes of a server's reason can be told: it may quote the value it did not like. */
int reason_told(const char *reason);

/* settle_brake.c: how many of the answer's records die, and alike? brake_look() heeds them, and sets
 * t->braked when none of them may. */
struct deaths {
	size_t stored, alike, kinds;
	struct death {
		int status;
		char type[VERDICT_TYPE_MAX];
		size_t count;
	} of[4]; /* what else there is cannot be nearly all */
};
void deaths_note(
	struct deaths *d, const struct verdict_item *item, enum verdict verdict, bool alone);
void brake_look(struct tally *t, const struct deaths *d);
/* A record on hold of this index, chosen at random: where one poisoned record is met again and again,
 * nobody would learn that the others are not. 0: none was found. */
uint64_t brake_sample(struct ship *s, struct queue *q, const char *index);

/* settle_look.c: is the answer one to these documents, in their order? Then 0, and nothing was done
 * yet. Else nothing may be settled by it: ERR_UNSUPPORTED when no Elasticsearch answers, ERR_AGAIN
 * when it takes the ids to know, ERR_INPUT when it is unclear. */
int answer_look(
	struct tally *t, const char *body, size_t len, struct err_detail *why) ERR_WARN_UNUSED;

/* settle_next.c: what the batch does next, by what the tally says; t->kept records are left in it. */
void next_try(struct tally *t, int64_t retry_after_ms);
/* Half of the records get a batch of their own, and both wait. */
void next_halves(struct tally *t, int64_t wait);

/* Fills in what the spool knows of a record: all but status, type and reason. Valid until the queue's
 * next record is read. */
int letter_of(struct queue *q, struct batch_cursor *at, const struct batch *b, uint64_t seq,
	struct dead_letter *letter) ERR_WARN_UNUSED;

/* bury.c: a record becomes a dead letter; bury_all() makes the letters of an answer durable, and only
 * then settles their records (I10). Those for which there is no room wait or are lost; those that the
 * disk does not take go again. */
void bury(struct tally *t, uint64_t seq, const struct verdict_item *item);
void bury_all(struct tally *t);

#endif
