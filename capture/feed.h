/* feed.h -- the packet thread: frames become documents, and documents go to the sink. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FEED_H
#define ESPCAP_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "document.h"
#include "sensor_clock.h"
#include "sink.h"
#include "source.h"
#include "workers.h"

/* received = documents + without_document + dropped by the sink. Filtered frames and those the
 * kernel dropped never came. */
struct feed_counts {
	uint64_t received, documents, without_document, dropped, filtered, kernel_dropped, skipped;
};

struct feed {
	struct maker maker;      /* the packet thread's, unless there are */
	struct workers *workers; /* which make the documents; or NULL */
	struct sink *sink;
	uint64_t count_max; /* 0: no limit */
	struct feed_counts counts;
	const volatile bool *stop;
	struct sensor_clock *clock; /* that stamps the frames; NULL: another machine's */
	/* Called about every second and at the end, for progress and kernel counters. */
	void (*tick)(void *arg, struct feed *feed, struct source *source);
	void *tick_arg;
	/* Called when a frame has another link type than the one before it. */
	void (*linktype)(void *arg, uint32_t linktype);
	void *linktype_arg;
	int64_t last_linktype; /* -1: no frame yet */
	int64_t next_tick_ms;
	unsigned since_clock; /* frames since the clock was last read */
	bool stopped;         /* the last source was not read to its end, since *stop became true */
};

/* Nothing comes for a moment: what has come so far goes on. */
void feed_idle(struct feed *feed);

/* Runs a source to its end. `skip`: frames with numbers up to this are passed over (--resume).
 * `file` identifies the source in the places given to the sink. 0 at the end of the file, after
 * count_max packets or when stopped; else the source's or the sink's error with a sentence. */
int feed_run(struct feed *feed, struct source *source, uint64_t file, const char *path,
	uint64_t skip, struct err_detail *why) ERR_WARN_UNUSED;

#endif
