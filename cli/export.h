/* export.h -- an export: records of a spool in files that every machine can read. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_EXPORT_H
#define ESPCAP_EXPORT_H

#include <stdint.h>
#include <stdio.h>

#include "frame.h"
#include "spool.h"

/* A folder:
 *
 *   EXPORT      "espcap export 1", and how many records are in each file, with a CRC32C
 *   rec  loss   frames (frame.h), one behind the other, rising; totals and epoch are 0
 *   pattern     the spool's, if it had one
 *
 * Frames are little-endian and have their checksums, so unlike a spool this can go to a machine of
 * another byte order, word size or version of LMDB. Records keep run and sequence, hence their _id.
 */
enum { EXPORT_VERSION = 1 };

struct export_counts {
	uint64_t rec, loss;
};

/* Writes DIR/EXPORT, or reads and checks it: ERR_INPUT with a sentence. */
int export_put_counts(const char *dir, const struct export_counts *c) ERR_WARN_UNUSED;
int export_get_counts(
	const char *dir, struct export_counts *c, struct err_detail *why) ERR_WARN_UNUSED;

/* Takes away an export that failed in the making. */
void export_remove(const char *dir);

/* A file being written: lines are gathered into large frames. */
struct export_file {
	FILE *file;
	struct frame_coder *coder;
	struct buf text, packed;
	struct frame_header h; /* of the frame in the making; count 0: none */
	uint64_t records, bytes;
};

/* One record, as it goes on. */
struct export_record {
	uint64_t run, seq;
	enum frame_kind kind;
	uint8_t flags; /* of its frame */
	int64_t time_ns;
	const char *text; /* len bytes without newline */
	size_t len;
};

int export_open(struct export_file *x, const char *dir, const char *name) ERR_WARN_UNUSED;
int export_add(struct export_file *x, const struct export_record *r) ERR_WARN_UNUSED;
/* Durable when it returns 0. Closes it in any case. */
int export_close(struct export_file *x) ERR_WARN_UNUSED;

/* Reads the next frame of an open file, checked, into value: header and payload. ERR_END,
 * ERR_INPUT when it is damaged or cut, ERR_SPOOL_FORMAT, ERR_SYS. */
int export_next(FILE *file, struct frame_coder *coder, struct buf *value, struct buf *text,
	struct frame_header *h) ERR_WARN_UNUSED;

#endif
