/* carry_internal.h -- the state of --in-file, and the files that share it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CARRY_INTERNAL_H
#define ESPCAP_CARRY_INTERNAL_H

#include "carry.h"
#include "carry_job.h"
#include "carry_line.h"
#include "line_file.h"

enum {
	CARRY_GROUP_FRAMES = 8,
	CARRY_PACKED_MAX = 2 * (FRAME_RAW_MAX + FRAME_RAW_MAX / 64),
};

/* Unreadable lines that follow each other for one reason are told in one sentence. */
struct bad_lines {
	uint64_t first, last; /* first 0: none */
	const char *why;
};

struct carry {
	struct carry_job job;
	struct lock lock; /* capture.lock */
	struct chain *chain;
	struct frame_coder *coder;
	struct line_file *lines; /* of the file at.file, or NULL */
	struct carry_lines reading;
	uint64_t action_line;                         /* the one whose document is awaited */
	struct carry_mark at;                         /* what is read next */
	struct carry_mark text_end, closed, appended; /* of the text, the group, the spool */
	struct buf text;                              /* of the frame in the making */
	uint32_t text_lines;
	int64_t text_since_ms, min_ns, max_ns;
	struct chain_frame frames[CARRY_GROUP_FRAMES];
	size_t offsets[CARRY_GROUP_FRAMES]; /* of their payloads in packed */
	size_t count;
	struct buf packed; /* never grows */
	struct bad_lines bad;
	bool bad_unsaved, done, goes_back; /* goes_back: the file can be read from a place again */
	uint64_t records;                  /* of this run */
	int64_t due_ms, save_due_ms;
};

/* carry.c: the text becomes a frame of the group. */
int carry_close_frame(struct carry *c) ERR_WARN_UNUSED;

/* carry_read.c: one line, or one step to the next file. ERR_END: all is read; ERR_AGAIN: there is
 * nothing to read now; ERR_NOMEM. */
int carry_step(struct carry *c) ERR_WARN_UNUSED;
/* Says which lines were passed over, as far as it has not. */
void carry_tell_bad(struct carry *c);
/* Was everything before this place of the file in hand told by a run that was killed, or by this? */
bool carry_was_told(const struct carry *c, uint64_t end);

#endif
