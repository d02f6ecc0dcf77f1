/* power_log.h -- the list of changes that power_log.so writes: what a disk was told, in order. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_LOG_H
#define ESPCAP_POWER_LOG_H

#include <stdint.h>

/* The library looks at what happens below the folder ESPCAP_POWER_ROOT and appends one entry a call
 * to the file ESPCAP_POWER_LOG. All threads and processes of a workload share the file: a call and
 * its entry are made under one lock, so the order is the one in which the disk saw them.
 *
 * Files and folders are named by inode; paths are relative to the root. What is written through a
 * map would be missed: LMDB is used without MDB_WRITEMAP and without its lock file.
 *
 * An entry is the struct, then `path`, then `path2`, then `data`, none with a NUL. */
enum power_kind {
	POWER_ROOT = 1, /* first: inode of the root */
	POWER_CREATE,   /* path: a new file; inode */
	POWER_MKDIR,    /* path: a new folder; inode */
	POWER_WRITE,    /* inode, at, data; sync: through a synchronous descriptor */
	POWER_SIZE,     /* inode, at: its new size */
	POWER_GROW,     /* inode, at: it is at least that long */
	POWER_RENAME,   /* path, path2 */
	POWER_LINK,     /* path, path2: a second name of a file */
	POWER_UNLINK,   /* path; a folder too */
	POWER_SYNC,     /* inode */
	POWER_MARK,     /* data: what the workload says */
};

enum { POWER_MAGIC = 0x52575045, POWER_PATH_MAX = 4096 };

struct power_entry {
	uint32_t magic, kind;
	uint64_t inode, at;
	uint32_t pid, sync;
	uint32_t path_len, path2_len, data_len, zero;
};

#endif
