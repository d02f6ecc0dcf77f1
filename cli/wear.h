/* wear.h -- how much a running capture writes to its disk, and what it would with other intervals. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WEAR_H
#define ESPCAP_WEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "spool.h"

/* From what is durable: how the newest segment has grown since it was made, which is when capture
 * started, or a day ago at most. A commit writes four pages whatever is in it: leaf, branch, list of
 * free pages, meta page; and, once, the pages of larger frames. The journal of the file system comes
 * on top: with ext4 a sixth at three commits a second, half at one in five seconds (`tests/bench/run
 * --rows quiet`). */
struct wear {
	double records, commits; /* a second */
	double record_bytes;     /* that a record takes in the segment */
};

enum {
	WEAR_SD_MS = 5000,       /* the flush interval of --media sd */
	WEAR_SECONDS_LEAST = 10, /* less says nothing about a day */
};

/* The newest segment of "rec". now: the chain's totals; false when it is too young to tell, when the
 * clock was set meanwhile, or when nothing was committed. */
bool wear_look(const struct spool *spool, const struct frame_totals *now, struct wear *w);

/* Bytes a day at the present rate; with another flush interval. */
double wear_per_day(const struct wear *w);
double wear_per_day_at(const struct wear *w, int64_t flush_ms);

/* "about 5 GB", "about 60 MB": powers of 1000, as people compare it with what a card can take. */
enum { WEAR_TEXT = 32 };
const char *wear_text(double bytes, char out[WEAR_TEXT]);

#endif
