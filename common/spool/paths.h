/* paths.h -- names in the spool's folder, and making them durable. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PATHS_H
#define ESPCAP_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum { PATHS_MAX = 1024, PATHS_SEQ = 20 };

/* "dir/name". ERR_TOO_BIG when it does not fit. */
int paths_join(char out[PATHS_MAX], const char *dir, const char *name) ERR_WARN_UNUSED;

/* "dir/chain/00000000000000000001" */
int paths_segment(
	char out[PATHS_MAX], const char *dir, const char *chain, uint64_t seq) ERR_WARN_UNUSED;

/* fsync of a folder, or of the folder that holds path. ERR_SPOOL_IO with errno set. */
int paths_sync(const char *folder) ERR_WARN_UNUSED;
int paths_sync_parent(const char *path) ERR_WARN_UNUSED;

/* Writes a whole small file: beside, fsync, rename, fsync of the folder. */
int paths_replace(const char *path, const void *contents, size_t n) ERR_WARN_UNUSED;

/* The sequences in the names of a chain's segments, rising; unknown names are passed over.
 * *seqs is owned by the caller. gone: those renamed to SEQ.gone instead. */
int paths_list(const char *folder, bool gone, uint64_t **seqs, size_t *count) ERR_WARN_UNUSED;

#endif
