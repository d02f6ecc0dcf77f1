/* writer_internal.h -- what the packet thread's side and the two threads of a writer share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WRITER_INTERNAL_H
#define ESPCAP_WRITER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "chain.h"
#include "clock_event.h"
#include "losses.h"
#include "writer.h"

enum {
	BLOCKS = 16,
	BLOCK_SIZE = FRAME_RAW_CLOSE + WRITER_RECORD_MAX + 64,
	QUEUE_FRAMES = 1024,
	QUEUE_BYTES = 16 << 20, /* compressed */
	COMMIT_AT = 1 << 20,    /* a group of this size does not wait for the flush interval */
	COMMIT_FRAMES = 128,
	LOSS_EVERY_MS = 10000, /* one document a reason */
	TICK_MS = 1000,
	PRODUCER_WAIT_MS = 100, /* between two calls of conf.waits */
};

/* One record: where it ends in its block, and what its frame must know of it. */
struct entry {
	uint32_t end;
	uint32_t pad;
	int64_t time_ns;
	uint64_t file, number;
};

/* A block is filled by the packet thread and read, behind it, by the framing thread: everything
 * below `count` records stands still. */
struct block {
	char *memory;
	struct entry *entries; /* FRAME_COUNT_MAX */
	enum frame_kind kind;
	uint8_t flags; /* of its frames */
	_Atomic uint32_t count;
	_Atomic bool closed; /* no more records */
	uint32_t framed;     /* records already taken; framing thread only */
};

struct queued {
	struct chain_frame frame;
	void *payload; /* owned */
	int64_t due_ms;
};

struct writer {
	const struct spool *spool;
	struct writer_conf conf;
	struct lock lock;
	struct chain *chain;
	struct slots ack_slots, first_slots;
	struct first first;
	bool have_ack;
	/* committing thread only: losses whose documents are being stored, or wait for room */
	struct loss reporting[LOSS_REASONS];
	int64_t report_again_ms;
	struct slots losses_slots; /* the file of what no document names yet */
	struct losses kept;        /* what stands in it */

	/* the ring of blocks: [tail, head) are in use, head - 1 is being filled */
	struct block blocks[BLOCKS];
	_Atomic uint32_t head, tail;
	struct block *filling; /* packet thread only */
	_Atomic bool asleep;   /* the framing thread waits for the first record */
	_Atomic bool unsynced; /* set by the packet thread */
	_Atomic bool failed;
	_Atomic int64_t commit_since_ms; /* when the commit that runs began; 0: none runs */

	pthread_mutex_t mutex; /* everything below */
	pthread_cond_t for_framer, for_committer, for_producer;
	pthread_t framer, committer;
	bool framer_runs, committer_runs, closing, framer_done, framer_ended, committer_ended;
	struct queued queue[QUEUE_FRAMES];
	uint32_t queue_head, queue_tail;
	size_t queue_bytes;
	struct loss losses[LOSS_REASONS];
	int64_t loss_next_ms[LOSS_REASONS];
	struct clock_events clock_events;
	struct writer_status status;
};

/* --- writer_events.c --- */

/* Committing thread: documents of all that is being reported, as one frame more of its group; its
 * payload stands in *text. False when there are none. */
bool writer_events_frame(const struct writer *w, const struct clock_events *clock,
	struct frame_coder *coder, struct buf *text, struct chain_frame *frame);

/* --- writer.c --- */

/* Packet thread, and the end: what is being filled goes to the framing thread. */
void writer_close_block(struct writer *w);

/* --- writer_losses.c --- */

/* The records of a frame will not be stored: they are lost; or --resume takes them again. */
void writer_drop(struct writer *w, const struct frame_header *h);

/* Records of a capture file will not be stored: --resume takes them again. */
void writer_leave(struct writer *w, uint64_t count);

/* At the start: what earlier writers counted, and no document names, is to be reported. */
void writer_losses_recover(struct writer *w);

/* Committing thread, with the mutex: is there something to report, and report it. */
bool writer_losses_due(const struct writer *w, int64_t now);
void writer_losses_take(struct writer *w, int64_t now);

/* Committing thread: what was taken is committed; and: what is not is written to `losses`. */
void writer_losses_reported(struct writer *w);
void writer_losses_keep(struct writer *w);

void *writer_frame_loop(void *writer);
void *writer_commit_loop(void *writer);

/* The last thing that a thread does. */
void writer_thread_ends(struct writer *w, bool *ended);

/* Waits on a condition until a moment of the monotonic clock; the mutex is held. */
void writer_wait_until(struct writer *w, pthread_cond_t *cond, int64_t at_ms);

#endif
