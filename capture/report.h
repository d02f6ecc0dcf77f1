/* report.h -- what espcap-capture tells while it runs and at its end. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_REPORT_H
#define ESPCAP_REPORT_H

#include "feed.h"
#include "log.h"
#include "writer.h"

enum { REPORT_WARNED_MAX = 8 };

struct report {
	struct writer *writer; /* NULL: no spool */
	int fd;                /* JSON lines for espcap, -1: none */
	bool live;
	int64_t start_ms;
	uint64_t done, size;     /* bytes of the file being read */
	uint64_t kernel_dropped; /* as the system counted last */
	uint64_t lost;           /* packets, if there is a spool */
	bool spooled;
	enum writer_state state; /* as logged last */
	struct log_limit limit_state, limit_slow;
	bool slow, unreserved; /* was told */
	bool blocks;           /* policy: the packet thread waits */
	bool documents;        /* else the article's lines */
	const char *source_name;
	uint32_t warned[REPORT_WARNED_MAX]; /* link types of the source that are not decoded */
	unsigned nwarned;
};

/* A source begins. Warns, once for each, of its link types that are not decoded: of that of all
 * its frames now, else when a frame has one. The name must live as long as the source. */
void report_source(struct report *r, const struct source *source, const char *name);
void report_linktype(void *report, uint32_t linktype);

/* Once a second: kernel drops become losses, trouble is logged, a line goes to fd. */
void report_tick(struct report *r, struct feed *feed, struct source *source);

/* While the spool's writer waits for room: says so, once. */
void report_waits(void *report);

/* After the last packet and the last commit: the line for espcap, and the sentence for people. */
void report_end(struct report *r, const struct feed *feed, const struct writer_status *status);

#endif
