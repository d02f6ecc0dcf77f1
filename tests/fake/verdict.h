/* verdict.h -- what becomes of each item of a bulk body: the rule's word, then the server's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_VERDICT_H
#define FAKE_VERDICT_H

#include "bulk.h"
#include "server.h"

/* Stores what may be stored, fills in each item, counts; then the log has been written. */
void verdict_apply(struct exchange *x, struct bulk *b);

#endif
