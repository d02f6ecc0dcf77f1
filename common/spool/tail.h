/* tail.h -- up to where a chain was written: for accounting, and for readers beside its writer. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TAIL_H
#define ESPCAP_TAIL_H

#include "frame.h"
#include "slots.h"

/* CHAIN/tail, two slots, is written behind each commit and never synced. So it may be older than the
 * chain, after a power cut, but never newer. It says
 *  - how many records a newest segment held that is damaged: its last frames have no successor
 *    whose totals would tell;
 *  - what is durable: the file of a segment shows a commit a moment before its sync has ended.
 * Losing it loses nothing else. */
struct tail {
	uint64_t last_seq; /* 0: not known */
	struct frame_totals totals;
};

/* Opens it for its writer, making it, or for a reader. It is a hint, so an error is none: then s is
 * closed, and what is read is zero. */
void tail_open(struct slots *s, const char *dir, const char *chain, uint64_t epoch, bool writable);
void tail_read(struct slots *s, struct tail *tail);
int tail_write(struct slots *s, const struct tail *tail) ERR_WARN_UNUSED;

void tail_remove(const char *dir, const char *chain);

#endif
