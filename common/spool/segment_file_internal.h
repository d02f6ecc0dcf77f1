/* segment_file_internal.h -- what segment_file.c and segment_salvage.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SEGMENT_FILE_INTERNAL_H
#define ESPCAP_SEGMENT_FILE_INTERNAL_H

#include "lmdb_file.h"
#include "segment_file.h"

enum { SEGMENT_VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536 };

/* A frame that a search from end to end has found. */
struct salvaged {
	uint64_t key, at; /* at: byte of the file */
	uint32_t len, count;
	bool whole; /* payload and all */
};

struct segment_file {
	struct lmdb_file lmdb;
	uint64_t epoch;     /* 0 while it is asked for: then that of the first whole frame */
	uint64_t first_seq; /* as its folder's name says */
	struct segment_birth birth;
	struct segment_place *places; /* owned, behind birth.places */
	bool searched;                /* the list below is of this commit: */
	uint64_t searched_txnid, searched_pages;
	struct salvaged *found; /* rising, none twice; owned */
	size_t nfound, found_cap;
};

/* Fills f->found afresh, and, if `birth` is set, looks for the birth record: *birth is true when it
 * was there. ERR_NOMEM; ERR_SPOOL_IO. What a worn disk does not read is passed over. */
int segment_salvage(struct segment_file *f, bool *birth) ERR_WARN_UNUSED;

#endif
