/* segment_file.h -- reading a segment: its file, page by page, damaged or not. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SEGMENT_FILE_H
#define ESPCAP_SEGMENT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "frame.h"
#include "segment.h"

/* For everybody but the chain's writer, also while that one writes, also in the same process. It
 * needs no lock and nothing but leave to read.
 *
 * A search goes down LMDB's tree. Where that is damaged, or when the caller finds that something is
 * missing, the file is searched for frames from end to end, once for each commit: each frame names
 * itself by header, checksums and epoch, wherever it lies. So a damaged page costs the frames that
 * are on it and no others. */
struct segment_file;

/* ERR_END when it is gone; ERR_SEGMENT_DAMAGED when there is neither a birth record nor a frame of
 * this epoch in it; ERR_SPOOL_FORMAT for a newer version; ERR_PERMISSION; ERR_SPOOL_IO. */
int segment_file_open(const char *path, uint64_t epoch, struct segment_file **out,
	struct err_detail *why) ERR_WARN_UNUSED;
/* The same, and what the disk will not read counts as damaged, now and later: for those who have
 * tried often enough. */
int segment_file_open_worn(const char *path, uint64_t epoch, struct segment_file **out,
	struct err_detail *why) ERR_WARN_UNUSED;
/* The epoch of a segment whose spool is not known: its birth record's, else that of its first whole
 * frame. ERR_SEGMENT_DAMAGED when it has neither. */
int segment_file_epoch(const char *path, uint64_t *epoch) ERR_WARN_UNUSED;
void segment_file_close(struct segment_file *f);

/* What the segment knows from its start; places are valid until segment_file_close(). When the
 * birth record is damaged: what the first frame says of it, without places and time. */
const struct segment_birth *segment_file_birth(const struct segment_file *f);

/* Is it still there? A writer that could not commit to a new segment makes it anew, under its
 * name. */
bool segment_file_is_there(const struct segment_file *f);

/* Was it searched from end to end because something in it is damaged? */
bool segment_file_is_damaged(const struct segment_file *f);

/* The map that its writer gave it; 0 when that cannot be read. */
uint64_t segment_file_map_size(const struct segment_file *f);

/* Searches from end to end, unless that was done since the last commit: for a caller who misses
 * records, or who was given a damaged frame. 0: it was done now, so ask again. ERR_END: nothing
 * new; ERR_NOMEM; ERR_SPOOL_IO. */
int segment_file_salvage(struct segment_file *f) ERR_WARN_UNUSED;

/* The first value whose key is at least seq (and at least 1), copied into out; *key is its key. It
 * is not checked, and cut short where a worn disk does not read all of it. ERR_END when there is
 * none; ERR_SPOOL_IO when the disk would not read it; ERR_TOO_BIG beyond out's maximum; ERR_NOMEM;
 * ERR_AGAIN while its writer is too fast for us. */
int segment_file_read(
	struct segment_file *f, uint64_t seq, uint64_t *key, struct buf *out) ERR_WARN_UNUSED;

/* The same, of the value only the header, checked: also ERR_FRAME_DAMAGED and ERR_SPOOL_FORMAT. */
int segment_file_read_header(struct segment_file *f, uint64_t seq, uint64_t *key,
	struct frame_header *h) ERR_WARN_UNUSED;

/* The largest key that is at most seq: that of the frame which holds seq, if one does. ERR_END when
 * there is none. */
int segment_file_find(struct segment_file *f, uint64_t seq, uint64_t *key) ERR_WARN_UNUSED;

/* Was a frame of this key found by a search alone, behind the end of a tree whose end is whole?
 * Then a kill or a cut kept it from being committed. */
bool segment_file_is_uncommitted(struct segment_file *f, uint64_t key);

/* The last key, or ERR_END when there is no frame. */
int segment_file_last_key(struct segment_file *f, uint64_t *key) ERR_WARN_UNUSED;

#endif
