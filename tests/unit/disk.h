/* disk.h -- a disk that fails, or is looked at, at a chosen moment. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DISK_H
#define ESPCAP_DISK_H

#include <stdbool.h>
#include <sys/types.h>

/* A program that links disk.c has these system calls of its own, in front of those of the C
 * library, for itself and for LMDB. They do the real thing, unless told to fail. */
enum disk_call {
	DISK_WRITE,   /* pwrite, writev */
	DISK_META,    /* pwrite through a descriptor with O_DSYNC: LMDB's meta page */
	DISK_SYNC,    /* fdatasync */
	DISK_FSYNC,   /* of a file or folder */
	DISK_RESERVE, /* fallocate */
	DISK_MKDIR,
	DISK_RENAME,
	DISK_UNLINK,
	DISK_ANY, /* each of them, counted together */
	DISK_CALLS
};

/* Calls so far, since disk_reset(). */
unsigned disk_count(enum disk_call call);

/* From now on call number nth (from 1) fails with this errno, and `times` - 1 more behind it. */
void disk_fail(enum disk_call call, unsigned nth, unsigned times, int error);

/* Bytes [from, to) of files whose path ends like this cannot be read for some times: pread(2) ends
 * before them, and from there gives EIO. NULL: all can be read. */
void disk_bad(const char *ending, off_t from, off_t to, unsigned times);

/* Before each call: path is the file, or the old name of a rename. NULL: nobody looks. */
void disk_watch(void (*look)(enum disk_call call, const char *path, void *arg), void *arg);

/* No failures, no watcher, counts at zero. */
void disk_reset(void);

#endif
