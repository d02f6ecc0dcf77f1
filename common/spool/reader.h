/* reader.h -- reading a chain: in order, and single frames again. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_READER_H
#define ESPCAP_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "chain.h"
#include "frame.h"
#include "spool.h"

/* A reader sees commits of another process as they come: what its writer's tail knows of, or all,
 * when no writer runs. It only reads, opens a few segments at a time, and takes no lock. */
struct reader;

/* What lies between the sequence asked for and the frame that was found. */
struct reader_gap {
	uint64_t first, last; /* 0: nothing lies between */
	uint64_t lost;        /* committed records among them; the others were skipped */
	uint64_t last_lost;   /* none of them lies behind this one */
};

struct reader_frame {
	struct frame_header header;
	struct reader_gap gap;
	const char *text; /* header.raw_len bytes, header.count lines; valid until the next call */
};

int reader_new(const struct spool *spool, const char *name, struct reader **out) ERR_WARN_UNUSED;
void reader_free(struct reader *r);

/* The first whole frame that holds `from` or something behind it. What is damaged was searched from
 * end to end; what then is missing shows in the gap. ERR_END: nothing there (yet), with a gap when
 * records at the end are missing. ERR_AGAIN, ERR_NOMEM, ERR_SPOOL_IO: try again later; what a disk
 * would not read READER_IO_TRIES times counts as damaged. */
enum { READER_IO_TRIES = 5 };
int reader_next(struct reader *r, uint64_t from, struct reader_frame *frame) ERR_WARN_UNUSED;

/* The same for who does not come again later: tries often enough at once. */
int reader_next_now(struct reader *r, uint64_t from, struct reader_frame *frame) ERR_WARN_UNUSED;

/* The first sequence that the chain still has, and the totals of its last frame (or of the birth of
 * its newest segment). A newest segment that cannot be read is passed over, and what the disk would
 * not read after some tries at once. ERR_END for a chain without segments. */
int reader_extent(struct reader *r, uint64_t *first, uint64_t *last,
	struct frame_totals *totals) ERR_WARN_UNUSED;

/* First sequence of the newest segment that can be read. ERR_END when there is none. */
int reader_newest(struct reader *r, uint64_t *seq) ERR_WARN_UNUSED;

/* First sequences of all segments, rising; valid until the next call of any reader function. */
size_t reader_segments(struct reader *r, const uint64_t **seqs);

/* Calls each with every line of a chain from a sequence on, without its newline, until it returns
 * anything but 0, which is then returned. *missing: records that are not there any more. */
typedef int (*reader_line_fn)(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len);
int reader_each_line(const struct spool *spool, const char *chain, uint64_t from,
	reader_line_fn each, void *arg, uint64_t *missing) ERR_WARN_UNUSED;

/* The line of a sequence that a frame holds, without its newline; its length. */
size_t reader_line(const struct reader_frame *f, uint64_t seq, const char **line);

/* Closes what is open below a sequence, so that a trim gives its space back. */
void reader_forget(struct reader *r, uint64_t below);

#endif
