/* out_name.h -- what the files of a rotated --out-file are called. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OUT_NAME_H
#define ESPCAP_OUT_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "paths.h"

/* Of DIR/packets.ndjson: DIR/packets-00000007-20260102T030405Z.ndjson, and with .part behind it while
 * it is written. Numbers rise by one, so that the order is plain and a missing file is seen; the time,
 * when it was begun, keeps files of one number apart that two disks were carried home with. No sign is
 * in it that a file system of a USB stick refuses. */
struct out_name {
	char folder[PATHS_MAX]; /* "." without one */
	char stem[PATHS_MAX];   /* packets */
	char ending[64];        /* .ndjson, .ndjson.gz, or "" */
};

enum { OUT_NAME_DIGITS = 8 };
#define OUT_NAME_PART ".part"

/* gzip: the ending says so, too. ERR_TOO_BIG; ERR_INPUT for a path that names a folder. */
int out_name_split(struct out_name *n, const char *path, bool gzip) ERR_WARN_UNUSED;

/* The path of file `number`, begun at a time, without .part. */
int out_name_make(const struct out_name *n, uint64_t number, int64_t wall_ns,
	char out[PATHS_MAX]) ERR_WARN_UNUSED;

/* The number of a file that is one of ours, whatever its ending; else 0. */
uint64_t out_name_number(const struct out_name *n, const char *file, bool *part);

/* Does the name look like that of a file which a rotated --out-file of any stem has written? */
bool out_name_is_one(const char *file);

#endif
