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

/* A folder with LMDB's data.mdb. One unnamed database: key 0 holds the segment's
 * birth record, every other key is the first sequence of a frame, 8 bytes big-endian, put with
 * MDB_APPEND. Nothing is ever deleted or changed in it.
 *
 * This is the side of its one writer, from the making of the folder to the seal. Nobody opens a
 * segment for writing again: LMDB trusts its file, and this one it has made itself. Readers, in any
 * process, use segment_file.h. No environment is used after fork. */
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

void segment_close(struct segment *s);

/* Bytes in use and of the map. */
size_t segment_used(const struct segment *s);
size_t segment_map_size(const struct segment *s);

/* Has the disk set the whole map aside? Not every file system can. */
bool segment_is_reserved(const struct segment *s);

/* One transaction of appends. After any error but those of segment_begin() the transaction is
 * gone and nothing of it is stored; the segment must not be appended to again (C-4). put copies.
 * ERR_SEGMENT_FULL: an ordinary end. errno is that of the disk, 0 if it is not to blame. */
int segment_begin(struct segment *s) ERR_WARN_UNUSED;
int segment_put(
	struct segment *s, const struct frame_header *h, const void *payload) ERR_WARN_UNUSED;
int segment_commit(struct segment *s) ERR_WARN_UNUSED;
void segment_abort(struct segment *s);

/* Gives the reserved space behind the data back: of an open one, and of one whose writer is dead. */
void segment_seal(struct segment *s);
void segment_give_back(const char *path);

#endif
