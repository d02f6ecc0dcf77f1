/* lmdb_file.h -- reads the file of an LMDB environment without LMDB, and believes nothing of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LMDB_FILE_H
#define ESPCAP_LMDB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* LMDB maps its file and follows what stands there: a damaged page sends it out of the map. This
 * one reads page by page with pread(2) and checks each page before it looks into it, so damage is
 * an error and never a crash. It takes no lock and no reader slot, and never writes.
 *
 * While another process writes: LMDB copies pages and never changes those of the last commit, nor
 * those of the one before it as long as the next one is not committed. So what was read is good
 * when meanwhile at most one commit came; else it is read again.
 *
 * Format: LMDB 0.9, data version 1, the unnamed database alone, keys of 8 bytes. In the byte order
 * and word size of this machine, as SPOOL says.
 *
 *  page  0 number (word) | +2 pad | +2 flags | +2 lower, +2 upper, or +4 pages of an overflow run
 *        | node offsets, 2 bytes each | ... | nodes
 *  node  0 size of the data (leaf) or number of a page (branch): 4, or with the flags 6 bytes
 *        | 4 flags | 6 size of the key | 8 key | data, or the number of its overflow run (word)
 *  meta  page | magic 4 | version 4 | address (word) | map size (word) | database of free pages
 *        | main database | last page (word) | transaction (word); the two metas take turns */

enum {
	LMDB_FILE_DEPTH_MAX = 12,
	LMDB_FILE_PAGE_MAX = 65536,
	LMDB_FILE_WORD = sizeof(size_t),
	LMDB_FILE_HEAD = LMDB_FILE_WORD + 8, /* of a page */
	LMDB_FILE_KEY = 8,
};

struct lmdb_level {
	uint64_t number; /* of the page; 0: empty (page 0 is a meta page) */
	uint8_t *page;
	unsigned nodes, at;
};

struct lmdb_file {
	int fd; /* -1: closed */
	size_t page_size;
	uint64_t pages;                       /* whole ones that the file has */
	uint64_t txnid, root, map_size, last; /* of the newer meta page; root UINT64_MAX: empty */
	unsigned depth;
	struct lmdb_level levels[LMDB_FILE_DEPTH_MAX]; /* a descent; pages stay for the next one */
	bool read_any;                                 /* since the last look at the meta pages */
	bool worn; /* what the disk will not read counts as damaged, not as ERR_SPOOL_IO */
};

/* Where a value lies. `page` points to it if it lies within a leaf: valid until the next call. */
struct lmdb_value {
	uint64_t key, at; /* at: byte of the file */
	size_t len;
	const uint8_t *page;
};

/* Into a zeroed *f, of which only `worn` may be set. ERR_END when there is no file; ERR_PERMISSION;
 * ERR_NOMEM, also for want of descriptors; ERR_SPOOL_IO; ERR_SEGMENT_DAMAGED when it is no
 * environment, has two bad meta pages, or such as no two commits leave; then salvage alone can read
 * it: fd, page_size and pages are set. ERR_SPOOL_FORMAT for another version of LMDB. On any error
 * but ERR_SEGMENT_DAMAGED it is closed. */
int lmdb_file_open(struct lmdb_file *f, const char *path, struct err_detail *why) ERR_WARN_UNUSED;
void lmdb_file_close(struct lmdb_file *f);

/* Takes in what was committed since. */
int lmdb_file_refresh(struct lmdb_file *f) ERR_WARN_UNUSED;

enum lmdb_where { LMDB_AT_OR_BEHIND, LMDB_AT_OR_BEFORE, LMDB_LAST };

/* Finds the value of the nearest key. ERR_END: there is none. ERR_SEGMENT_DAMAGED: the way to it
 * leads through a damaged page. ERR_SPOOL_IO: the disk would not read. ERR_NOMEM. */
int lmdb_file_find(struct lmdb_file *f, uint64_t key, enum lmdb_where where,
	struct lmdb_value *value) ERR_WARN_UNUSED;

/* Is what was read since the last lmdb_file_refresh() of one commit? Else it must be read again. */
bool lmdb_file_still_good(struct lmdb_file *f);

/* Bytes of the file, exactly n. ERR_SEGMENT_DAMAGED when it ends before; ERR_SPOOL_IO. */
int lmdb_file_read(const struct lmdb_file *f, uint64_t at, void *out, size_t n) ERR_WARN_UNUSED;

#endif
