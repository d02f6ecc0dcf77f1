/* reader_internal.h -- what reader.c and reader_search.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_READER_INTERNAL_H
#define ESPCAP_READER_INTERNAL_H

#include "reader.h"
#include "segment_file.h"
#include "tail.h"

enum { READER_OPEN_MAX = 4 };

struct opened {
	uint64_t seq; /* 0: empty */
	struct segment_file *file;
	uint64_t used; /* for the oldest to go */
};

struct reader {
	const struct spool *spool;
	char name[16];
	uint64_t *seqs; /* of the folder, as read last */
	size_t count;
	struct opened opened[READER_OPEN_MAX];
	uint64_t uses;
	struct frame_coder *coder;
	struct buf value, text;
	struct tail tail;   /* as read last */
	struct tail passed; /* up to the last damaged frame of a search whose header is whole */
	unsigned io_tries;  /* that failed since the last good one */
	bool worn;          /* what is opened now is a worn disk's */
	/* the last frame that was found: totals up to there */
	uint64_t after; /* sequence behind it, 0: none yet */
	struct frame_totals totals;
};

/* Reads the chain's folder, and its tail: in this order the tail is never ahead of what is
 * found. */
int reader_list(struct reader *r) ERR_WARN_UNUSED;

/* The segment that is named by its first sequence, open. */
int reader_segment(struct reader *r, uint64_t seq, struct segment_file **out) ERR_WARN_UNUSED;

/* The disk was asked often enough: from now on segments are opened as those of a worn one. */
void reader_turn_worn(struct reader *r, bool worn);

/* Is it only this segment or frame that cannot be read? */
bool reader_passes_over(int err);

/* Is this frame, of a segment that may have been searched, one of the chain's? */
bool reader_was_committed(struct reader *r, struct segment_file *s, const struct frame_header *h);

/* The tail again. */
void reader_read_tail(struct reader *r);

#endif
