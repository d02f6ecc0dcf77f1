/* out_tail.h -- the end of a file of documents that a kill or a power cut may have torn. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OUT_TAIL_H
#define ESPCAP_OUT_TAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

struct out_tail {
	off_t whole;  /* the file is cut to this length */
	bool newline; /* then somebody else's last line has no end: it gets one */
};

/* What of the file is whole. `durable`: so much of it was synced, and may be acknowledged; it is never
 * cut, whatever it holds. What lies behind is whole up to the first line that is no JSON, or the first
 * member of gzip that is not whole, and an action line goes with the document that it is for.
 *
 * Negative: not known. Then only an end that is torn is one of ours to cut: a last line without its
 * newline, or with zeros in it, that begins as ours do, or a last member of ours. Text of somebody else
 * is never cut. ERR_SYS with errno; ERR_NOMEM. */
int out_tail_find(int fd, off_t durable, struct out_tail *tail) ERR_WARN_UNUSED;

/* Is a file that is not empty gzip? */
bool out_tail_is_gzip(int fd);

#endif
