/* batch.h -- records on their way: chosen from the spool, made into a body. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BATCH_H
#define ESPCAP_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "frame.h"
#include "index_name.h"
#include "reader.h"
#include "window.h"

/* The life of a batch stands at the top of ship.c. */
enum batch_state { BATCH_FREE, BATCH_READY, BATCH_FLYING, BATCH_WAITING };

/* What an answer is to hold of each item, beside status and error. */
enum batch_ask {
	ASK_LITTLE, /* nothing: in order, as every server answers */
	ASK_IDS,    /* its _id, that order is seen rather than believed */
	ASK_TERSE,  /* and not even the error's reason, which was longer than an answer may be */
};

struct batch {
	enum batch_state state;
	unsigned queue; /* of which chain */
	enum frame_kind kind;
	char index[INDEX_NAME_MAX];
	uint64_t *seqs;    /* rising; owned, BATCH_RECORDS_MAX */
	uint64_t *id_seqs; /* of their ids; other ones in the parked chain; owned, or NULL */
	size_t count;
	enum batch_ask ask;
	unsigned unclear; /* answers in a row that settled nothing, as they could not be believed */
	bool alone;       /* one record that failed in company */
	bool head;        /* to fill from the head of the window (--order newest-first) */
	bool apart;       /* of the parked chain: not counted there (OUTCOME_APART) */
	bool parks;       /* no body: its records are to be moved to parked/ */
	size_t most;      /* records that batch_fill() may take; 0: as many as fit */
	size_t held;      /* records that it has put on hold */
	unsigned tries;   /* times sent */
	int64_t not_before_ms; /* WAITING */
	int64_t sent_ms;       /* FLYING */
	size_t raw_beside;     /* FLYING: text of all that flew when it was sent, it included */
	unsigned beside;       /* and how many these were */
	struct buf body;       /* READY, FLYING; exactly as large as it is */
	size_t raw;            /* bytes of text in it */
};

enum { BATCH_RECORDS_MAX = 10000, BATCH_TEXT_MAX = 20 << 20 };

/* What bodies are made of: documents, one a line, and */
enum batch_form {
	BATCH_ACTIONS = 1, /* an action line with its _id before each */
	BATCH_NAMED = 2,   /* which names the index, too */
	BATCH_LITE =
		4, /* run and sequence also in lite documents, which have no other place for them */
	BATCH_GZIP = 8,
	BATCH_SIZED = 16, /* with GZIP: a member that says how long it is (gzip_member.h) */
	BATCH_BULK = BATCH_ACTIONS | BATCH_GZIP,
	BATCH_NDJSON = BATCH_LITE,
	BATCH_BODIES = BATCH_ACTIONS | BATCH_NAMED, /* for a file that is posted to /_bulk */
};

/* Where records come from and what is known of them: one for each chain that is shipped. */
struct queue {
	const char *name;
	enum ack_chain_id id;
	struct reader *reader;
	struct window window;
};

/* What happens to records of an index. */
enum batch_fate {
	FATE_SEND,
	FATE_HOLD, /* they wait (OUTCOME_HELD) */
	FATE_PARK, /* they make a batch that parks */
};

struct batch_maker;
struct batch_maker_conf {
	unsigned form;                /* enum batch_form */
	size_t records_max, text_max; /* of one batch */
	/* called for sequences that the chain does not have any more, or cannot read */
	void (*gap)(void *arg, struct queue *q, const struct reader_gap *gap);
	void *gap_arg; /* of fate(), too */
	/* asked before a record of this index is taken; NULL: all are sent. seq: of the record */
	enum batch_fate (*fate)(void *arg, const struct queue *q, const char *index, uint64_t seq);
	const struct index_patterns *patterns;
	const uint64_t *letters_settled; /* parked letters behind it are not counted */
};

int batch_maker_new(const struct batch_maker_conf *conf, struct batch_maker **out) ERR_WARN_UNUSED;
void batch_maker_free(struct batch_maker *m);

/* From now on a body ends with the record that makes its text this long. */
void batch_maker_limit(struct batch_maker *m, size_t text_max);

/* Fills an empty batch with records that nobody has taken, all of one kind and one index, and marks
 * them as taken. b->count is 0 when there are none now. *full: the limits were reached, or records
 * of another index wait behind. ERR_NOMEM, ERR_AGAIN. */
int batch_fill(struct batch_maker *m, struct queue *q, struct batch *b, bool *full) ERR_WARN_UNUSED;

/* Makes the body again from b->seqs, or (b->tries is 0) for the first time. Records that have vanished
 * from the spool (given up, damaged), and those that would make it longer than a body may be by now,
 * leave the batch and are nobody's again. */
int batch_rebuild(struct batch_maker *m, struct queue *q, struct batch *b) ERR_WARN_UNUSED;

/* Gives records back as untaken, body and all. */
void batch_release(struct queue *q, struct batch *b);

/* Reads one line again: text of len bytes without newline, valid until the next call. It is the
 * record, or in a frame of kind FRAME_PARKED the line around it (dead.h). ERR_END when the spool
 * does not have it any more. With a cursor, zeroed at first, rising records are read with one look at
 * each frame; nothing else may be read from the queue meanwhile. */
struct batch_cursor {
	struct reader_frame f; /* header.count 0: none */
	const char *line;
	uint64_t seq; /* where `line` is */
};
int batch_record_at(struct queue *q, struct batch_cursor *at, uint64_t seq, struct frame_header *h,
	const char **text, size_t *len) ERR_WARN_UNUSED;
int batch_record(struct queue *q, uint64_t seq, struct frame_header *h, const char **text,
	size_t *len) ERR_WARN_UNUSED;

#endif
