/* segment_internal.h -- what segment.c and segment_read.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SEGMENT_INTERNAL_H
#define ESPCAP_SEGMENT_INTERNAL_H

#include <lmdb.h>

#include "paths.h"
#include "segment.h"

enum { SEGMENT_KEY = 8 };

struct segment {
	MDB_env *env;
	MDB_dbi db;
	MDB_txn *write, *read; /* read: reset between uses */
	size_t map_size, page_size;
	bool writable;
	struct segment_birth birth;
	struct segment_place *places; /* owned, behind birth.places */
	char path[PATHS_MAX];
};

/* LMDB's codes as ours. */
int segment_error(int code);

/* A sequence as a key, big-endian (I2). */
void segment_key(uint64_t seq, uint8_t out[SEGMENT_KEY]);

/* Takes up s->read; mdb_txn_reset() puts it down. LMDB's code. */
int segment_begin_read(struct segment *s);

#endif
