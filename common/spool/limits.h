/* limits.h -- what a capture keeps its spool within, for those who look at it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LIMITS_H
#define ESPCAP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "spool.h"
#include "writer.h"

/* The file `limits`, written by capture at its start. It is for people only: nothing works by it, so
 * an error in writing it is none, and it stays as what was in force last. */
struct limits {
	uint64_t cap, free_floor; /* bytes */
	char when_full[16];       /* block, drop-oldest, drop-newest */
};

void limits_write(
	const struct spool *spool, uint64_t cap, uint64_t free_floor, enum writer_policy when_full);

/* False when there is none, or it is no such file. */
bool limits_read(const struct spool *spool, struct limits *l);

#endif
