/* quarantine.h -- what lies in a spool's quarantine/. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_QUARANTINE_H
#define ESPCAP_QUARANTINE_H

#include <stdint.h>

#include "spool.h"

struct quarantine {
	uint64_t entries, bytes; /* bytes: on the disk */
};

void quarantine_look(const struct spool *spool, struct quarantine *q);

/* Moves DIR/name there, under a name that is not taken. ERR_SPOOL_IO with errno set. */
int quarantine_move(const struct spool *spool, const char *name) ERR_WARN_UNUSED;

#endif
