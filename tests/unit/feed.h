/* feed.h -- numbered records into a writer, and what of them comes out of the spool again. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FEED_H
#define ESPCAP_FEED_H

#include <sys/types.h>

#include "box.h"
#include "writer.h"

/* BOX_TEST() with a disk that does not fail yet. */
int feed_box(void **state);
#define FEED_TEST(test) cmocka_unit_test_setup_teardown(test, feed_box, box_drop)

struct feed {
	struct box *box;
	struct writer *writer;
	struct writer_status last; /* after feed_close() */
	uint64_t offered, taken;   /* records; the difference is what writer_begin() refused */
	uint64_t number;           /* of the last one */
	uint64_t file;             /* capture file that they are of; 0: none */
};

/* Segments of 8 MiB, whatever the cap. */
enum { FEED_MAP = 8 << 20 };

struct feed feed_open(struct box *b, enum writer_policy when_full, uint64_t cap);
struct feed feed_open_conf(struct box *b, const struct writer_conf *conf);

/* n records with `pad` bytes each that do not compress. */
void feed_push(struct feed *f, enum frame_kind kind, uint64_t n, size_t pad);

/* Waits, at most a minute, until the writer has a state, or has committed so much. */
void feed_wait_state(struct feed *f, enum writer_state state);
void feed_wait_committed(struct feed *f, uint64_t committed);

int feed_close(struct feed *f, struct err_detail *why);

/* What can be read from the spool: all its frames, and its loss documents added up. */
struct feed_found {
	uint64_t records, frames, documents;
	uint64_t lost[LOSS_REASONS]; /* said by loss documents */
	struct loss loss[LOSS_REASONS];
	uint64_t kinds[FRAME_KINDS]; /* records by kind */
	uint64_t first_number, last_number;
	struct box_seen seen; /* its gaps */
	struct frame_totals totals;
};
struct feed_found feed_find(struct box *b);

/* A process that settles whatever is committed, as espcap-ship would, until it is ended. */
pid_t feed_ship(struct box *b);
void feed_end(pid_t ship);

#endif
