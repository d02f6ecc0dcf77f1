/* check_files.h -- the small files of a spool: are they whole, and what if not. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CHECK_FILES_H
#define ESPCAP_CHECK_FILES_H

#include <stdbool.h>

#include "spool.h"

/* Each prints a line for each finding and sets *bad. */
void check_state_files(const struct spool *spool, bool *bad); /* SPOOL, ack, first, ... */
void check_tail_file(const struct spool *spool, const char *chain, bool *bad);

#endif
