/* segment.h -- one append-only LMDB environment of a chain. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SEGMENT_H
#define ESPCAP_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "frame.h"

/* A folder with LMDB's data.mdb and lock.mdb. One unnamed database: key 0 holds the segment's
 * birth record, every other key is the first sequence of a frame, 8 bytes big-endian, put with
 * MDB_APPEND. Nothing is ever deleted or changed in it.
 *
 * LMDB's rules that bind callers: no environment is opened twice in one process, none is used
 * after fork, no transaction stays open across I/O. Every function here ends its transaction
 * before it returns, except between segment_begin() and segment_commit(). */
struct segment;

enum { SEGMENT_VERSION = 1, SEGMENT_PLACES_MAX = 4096 };

/* The last packet of a capture file that the chain holds. */
struct segment_place {
	uint64_t file, number;
};

/* What a segment knows from its start: where the chain stood when it was made. */
struct segment_birth {
	uint64_t epoch, first_seq;
	int64_t time_ns;
	struct frame_totals totals;
	const struct segment_place *places; /* borrowed */
	size_t nplaces;
};

/* Makes the folder and the environment, reserves map_size bytes on the disk, and stores the birth
 * record, all durable when it returns; on an error nothing is left behind. ERR_SPOOL_FULL when
 * the disk has no room for it; ERR_SPOOL_IO. */
int segment_create(const char *path, size_t map_size, const struct segment_birth *birth,
	struct segment **out, struct err_detail *why) ERR_WARN_UNUSED;

/* Opens an existing one. writable: for the chain's one writer. ERR_SEGMENT_DAMAGED when the file
 * is shorter than it says or no segment of this epoch; ERR_SPOOL_FORMAT for a newer version;
 * ERR_END when it is gone; ERR_AGAIN when LMDB has no reader slot for us; ERR_PERMISSION. */
int segment_open(const char *path, bool writable, uint64_t epoch, struct segment **out,
	struct err_detail *why) ERR_WARN_UNUSED;
void segment_close(struct segment *s);

/* The birth record; places are valid until segment_close(). */
const struct segment_birth *segment_birth(const struct segment *s);
uint64_t segment_first_seq(const struct segment *s);

/* Bytes in use and of the map. */
size_t segment_used(const struct segment *s);
size_t segment_map_size(const struct segment *s);

/* One transaction of appends. After any error but those of segment_begin() the transaction is
 * gone and nothing of it is stored; the segment must not be appended to again (C-4). put copies.
 * ERR_SEGMENT_FULL: an ordinary end. */
int segment_begin(struct segment *s) ERR_WARN_UNUSED;
int segment_put(
	struct segment *s, const struct frame_header *h, const void *payload) ERR_WARN_UNUSED;
int segment_commit(struct segment *s) ERR_WARN_UNUSED;
void segment_abort(struct segment *s);

/* Gives the reserved space behind the data back. */
void segment_seal(struct segment *s);

/* The first value whose key is at least seq (and at least 1), copied into out; *key is its key.
 * ERR_END when there is none, ERR_SEGMENT_DAMAGED for what LMDB refuses or for a key that is none.
 */
int segment_read(struct segment *s, uint64_t seq, uint64_t *key, struct buf *out) ERR_WARN_UNUSED;

/* The same without the payload: only the first FRAME_HEADER bytes. */
int segment_read_header(
	struct segment *s, uint64_t seq, uint64_t *key, struct frame_header *h) ERR_WARN_UNUSED;

/* The largest key that is at most seq: that of the frame which holds seq, if one does. ERR_END when
 * there is none. */
int segment_find(struct segment *s, uint64_t seq, uint64_t *key) ERR_WARN_UNUSED;

/* The last key, or ERR_END when there is no frame. */
int segment_last_key(struct segment *s, uint64_t *key) ERR_WARN_UNUSED;

#endif
