/* frame_time.h -- packet times of every resolution as nanoseconds. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FRAME_TIME_H
#define ESPCAP_FRAME_TIME_H

#include "decode.h"

/* Ticks of 10^-power or 2^-power seconds (if_tsresol of pcapng), and an offset in seconds. */
struct frame_resolution {
	uint8_t power;
	bool binary;
	int64_t offset_s;
};

struct frame_resolution frame_resolution_of(uint8_t tsresol);

/* Sets the frame's time; finer than nanoseconds is cut. Times that date_nanos cannot hold (before
 * 1970, after 2262) are clamped and marked. */
void frame_set_ticks(struct frame *f, uint64_t ticks, const struct frame_resolution *r);
void frame_set_time(struct frame *f, int64_t seconds, int64_t nanoseconds);

#endif
