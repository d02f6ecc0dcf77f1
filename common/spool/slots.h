/* slots.h -- a small state file of two slots, of which one is always whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SLOTS_H
#define ESPCAP_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* The file is two slots of 4 KiB: 0 magic | 4 version | 8 gen | 16 epoch | 24 length
 * | 28 crc32c(0..28 and the contents) | 32 contents. A write goes to the older slot and is synced
 * before it counts; so a cut in the middle leaves the other slot as it was. Of two whole slots of
 * the right epoch the one with the higher gen counts. */
enum { SLOTS_SIZE = 4096, SLOTS_HEADER = 32, SLOTS_CONTENTS = SLOTS_SIZE - SLOTS_HEADER };

struct slots {
	int fd; /* -1: closed */
	uint32_t magic;
	uint64_t epoch, gen;
	bool whole[2]; /* as read last */
	uint64_t gens[2];
	uint8_t contents[2][SLOTS_CONTENTS];
	uint32_t len[2];
};

/* Opens path, creating it (both slots empty) when create is set. ERR_END when it is not there. */
int slots_open(struct slots *s, const char *path, uint32_t magic, uint64_t epoch, bool create,
	struct err_detail *why) ERR_WARN_UNUSED;
int slots_open_reader(
	struct slots *s, const char *path, uint32_t magic, uint64_t epoch) ERR_WARN_UNUSED;
void slots_close(struct slots *s);

/* Reads both slots afresh. The index of the newer whole one, or -1 when there is none. */
int slots_read(struct slots *s);

/* Writes and syncs. ERR_SPOOL_IO, with errno: what was there before counts, as far as the disk takes
 * anything at all; write again. */
int slots_write(struct slots *s, const void *contents, size_t n) ERR_WARN_UNUSED;

/* The same without a sync, for what may be lost. */
int slots_put(struct slots *s, const void *contents, size_t n) ERR_WARN_UNUSED;

#endif
