/* dead_index.h -- which dead letters there are: each once. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DEAD_INDEX_H
#define ESPCAP_DEAD_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "dead.h"
#include "spool.h"

/* One letter may lie in dead/ more than once: when a kill came between the letter and the ack, or
 * between the steps of a request. The last one counts. 24 bytes a letter. */
struct dead_index;

/* Of the letters behind a sequence: the frontier of dead/. */
int dead_index_new(
	const struct spool *spool, uint64_t frontier, struct dead_index **out) ERR_WARN_UNUSED;
void dead_index_free(struct dead_index *x);

/* Is the letter at sequence `at` of dead/ the last one of its record? */
bool dead_index_is_last(const struct dead_index *x, const struct dead_line *d, uint64_t at);

size_t dead_index_count(const struct dead_index *x);

#endif
