/* box.h -- a spool in a folder of its own, and records whose contents say their number. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BOX_H
#define ESPCAP_BOX_H

#include "chain.h"
#include "reader.h"
#include "spool.h"
#include "test.h"

struct box {
	char dir[PATHS_MAX]; /* the folder around the spool */
	struct spool spool;
};

/* cmocka's setup and teardown: *state is a struct box with a new spool. */
int box_make(void **state);
int box_drop(void **state);
#define BOX_TEST(test) cmocka_unit_test_setup_teardown(test, box_make, box_drop)

/* "DIR/spool/name", valid until the fourth call after. */
const char *box_path(const struct box *b, const char *name);
bool box_has(const struct box *b, const char *name);
void box_remove_tree(const char *path);

/* The chain "rec" with small segments. */
enum { BOX_MAP = 1 << 20 };
struct chain *box_chain(struct box *b, uint64_t settled_to);

/* One frame of `count` records {"n":SEQUENCE,...}, each with `pad` bytes that do not compress. */
int box_append(struct chain *c, unsigned count, size_t pad);
void box_append_ok(struct chain *c, unsigned count, size_t pad);

/* Appends frames of 4 records, 160 KB in all, until the chain has `segments` segments. */
void box_fill(struct chain *c, size_t segments);

/* Reads from a sequence to the end as espcap-ship would, with a reader of its own. Fails the test
 * when a record is not the one of its sequence. */
struct box_seen {
	uint64_t records, first, last, gaps, lost;
	int end; /* why it ended: ERR_END */
};
struct box_seen box_read(struct box *b, const char *chain, uint64_t from);

/* The folder of a segment, valid as box_path(). */
const char *box_segment(const struct box *b, uint64_t seq);

/* The n-th segment of rec/, from 0. */
uint64_t box_nth(const struct box *b, size_t n);

/* Overwrites bytes of a file at an offset, from its end when it is negative. */
void box_poke(const char *path, long at, const void *bytes, size_t n);

/* Changes one byte of a file, whatever it was. */
void box_flip(const char *path, long at);

/* Finds bytes in a file: the offset of the last place, -1 for none. */
long box_find(const char *path, const void *bytes, size_t n);

/* A checksum of a whole file. */
uint32_t box_sum(const char *path);

/* The data.mdb of a segment of rec/, valid as box_path(), and where in it a frame lies. */
const char *box_data(const struct box *b, uint64_t segment);
long box_frame(const struct box *b, uint64_t segment, uint64_t first_seq);

#endif
