/* fast.h -- the _bulk endpoint of --fast, for benchmarks: counts, and accepts everything. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_FAST_H
#define FAKE_FAST_H

#include "server.h"

/* Half the lines are items; the answer has the shape of a filter_path that asks for the status. */
void fast_bulk(struct exchange *x);

#endif
