/* clock.h -- the two clocks, which tests can replace. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CLOCK_H
#define ESPCAP_CLOCK_H

#include <stdint.h>

/* Intervals, backoff and flushing use the monotonic clock only: the wall clock of a sensor may
 * start in 1970 and jump by days. */
struct clock_source {
	int64_t (*wall_ns)(void);      /* since 1970-01-01 UTC */
	int64_t (*monotonic_ns)(void); /* since some fixed moment */
};

/* Replaces the clocks for the process; NULL brings the real ones back. Not while threads of ours
 * run. */
void clock_replace(const struct clock_source *source);

int64_t clock_wall_ns(void);
int64_t clock_monotonic_ns(void);

/* Since the system was started, sleep included: nobody can set it, and it passes as the wall clock
 * does. A replaced clock has its monotonic one here. */
int64_t clock_boot_ns(void);

static inline int64_t clock_ms(int64_t ns)
{
	return ns / 1000000;
}

/* "2026-01-02T03:04:05.123456789Z": CLOCK_ISO_LEN characters and a NUL, for every ns that an
 * int64 holds (years 1677 to 2262). */
enum { CLOCK_ISO_LEN = 30 };
void clock_iso(int64_t wall_ns, char out[CLOCK_ISO_LEN + 1]);

/* Civil date of a day since 1970-01-01, proleptic Gregorian; month and day count from 1. */
struct clock_date {
	int year, month, day;
};
struct clock_date clock_date_of_day(int64_t day);

/* Parses exactly the form that clock_iso() writes. Returns 0, or ERR_INPUT. */
int clock_parse_iso(const char *s, int64_t *wall_ns);

#endif
