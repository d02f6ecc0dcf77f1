/* hours.h -- times of the day at which may be sent: HH:MM-HH:MM, local time. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HOURS_H
#define ESPCAP_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum { HOURS_MAX = 16 };

/* Minutes of a day by the clock on the wall: from is inside, to is not. from > to goes over midnight. */
struct hours {
	struct {
		int from, to;
	} items[HOURS_MAX];
	size_t count; /* 0: always */
};

/* Takes windows, several in one text separated by commas. 24:00 is the end of the day; equal ends are
 * refused. ERR_USAGE with a sentence. */
int hours_parse(struct hours *h, const char *const *texts, size_t count,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Is a moment (seconds since 1970) inside? By the local time of that moment: so a window within an
 * hour that the clock leaves out does not come that day, and in an hour that it repeats it comes
 * twice. */
bool hours_open(const struct hours *h, int64_t wall_s);

/* The next moment at which they are open, at most two days ahead; `wall_s` when they are open, 0 when
 * there is none. */
int64_t hours_next(const struct hours *h, int64_t wall_s);

#endif
