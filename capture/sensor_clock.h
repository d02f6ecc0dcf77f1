/* sensor_clock.h -- the clock that stamps the packets of a live capture. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SENSOR_CLOCK_H
#define ESPCAP_SENSOR_CLOCK_H

#include "clock_watch.h"
#include "decode.h"
#include "writer.h"

/* Packet thread only. */
struct sensor_clock {
	struct clock_watch watch;
	struct writer *writer; /* NULL: no spool, so no clock documents */
	bool marks;            /* the documents hold marks, so it is worth a word */
};

/* marks: the documents have a place for marks (not lite). */
void sensor_clock_start(
	struct sensor_clock *c, enum clock_trust trust, struct writer *writer, bool marks);

/* When capturing has begun: says once what is done because of the clock, if anything is. */
void sensor_clock_announce(const struct sensor_clock *c);

/* Several times a second, not while a record is being written: a clock that was set, or whose state
 * has changed, is logged and becomes a clock document. */
void sensor_clock_look(struct sensor_clock *c);

/* Marks a frame that was stamped by an unsynced clock. */
void sensor_clock_mark(struct sensor_clock *c, struct frame *f);

#endif
