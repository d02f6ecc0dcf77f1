/* chain_internal.h -- what chain.c, chain_open.c and trim.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CHAIN_INTERNAL_H
#define ESPCAP_CHAIN_INTERNAL_H

#include "chain.h"
#include "tail.h"

enum { CHAIN_PAGE_SLACK = 8192 }; /* of a map, for what LMDB wants beside the frames */

struct chain_segment {
	uint64_t first_seq, bytes; /* on the disk, once it is sealed */
};

struct chain {
	const struct spool *spool;
	struct chain_conf conf;
	struct segment *current; /* the newest one, NULL before the first append */
	bool frames_in_current;
	int64_t since_ns;  /* monotonic: when the segment in use was made */
	bool full;         /* the segment in use takes no more frames */
	bool damaged;      /* found at the start: the numbers at the end are not sure */
	bool was_unsynced; /* the last frame of records at the start */
	uint64_t run, next_seq, least_next;
	uint64_t tried; /* one past the highest sequence of an append that failed */
	/* a segment that failed before it held anything, and could not be removed yet; 0: none */
	uint64_t leftover;
	struct frame_totals totals;
	struct tail tail;
	struct slots tail_slots;
	struct chain_segment *list; /* rising; the last one is `current` when there is one */
	size_t count, list_cap;
	struct segment_place *places;
	size_t nplaces;
};

/* The next sequence is at least seq; what is passed over is counted. */
void chain_skip_to(struct chain *c, uint64_t seq);

/* The tail is what the chain holds now: called behind each commit. */
void chain_note_tail(struct chain *c);

/* Moves a segment to quarantine/CHAIN-SEQ, or CHAIN-SEQ.2 ... where that name is taken. */
int chain_quarantine(const struct spool *spool, const char *name, uint64_t seq) ERR_WARN_UNUSED;

/* Fills c->list from the folder; what a stopped unlink left is finished. */
int chain_list(struct chain *c) ERR_WARN_UNUSED;

/* Unlinks a segment by the rules of a trim. */
int chain_unlink(const struct spool *spool, const char *name, uint64_t seq) ERR_WARN_UNUSED;

/* The steps behind the rename of an unlink; also after a stopped one. */
int chain_finish_unlink(const struct spool *spool, const char *name, uint64_t seq) ERR_WARN_UNUSED;

/* What it costs to give the oldest segment up, of two at least. */
struct chain_cost {
	uint64_t records; /* that are not settled */
	struct loss loss; /* the packets among them, and what loss documents among them named */
};
int chain_cost_of_oldest(const struct chain *c, const struct ack_chain *ack,
	struct chain_cost *cost) ERR_WARN_UNUSED;

/* Remembers the last packet of a capture file. */
int chain_set_place(struct chain *c, uint64_t file, uint64_t number) ERR_WARN_UNUSED;

#endif
