/* stats.h -- a latency histogram, and numbers as people read them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_STATS_H
#define ESPCAP_STATS_H

#include <stddef.h>
#include <stdint.h>

/* Durations in microseconds, in buckets a quarter of a power of two wide (19 % at most), from
 * 1 us to 2^32 us. A value: zero it to begin. One writer. */
enum { STATS_BUCKETS = 4 * 32 + 1 };
struct stats_latency {
	uint64_t count, sum_us, max_us;
	uint64_t buckets[STATS_BUCKETS];
};

void stats_latency_add(struct stats_latency *l, uint64_t us);

/* Upper edge of the bucket in which the given share (0..1) of all values has been reached; 0
 * without values. */
uint64_t stats_latency_quantile(const struct stats_latency *l, double share);

/* How many values are below 2^power microseconds; power 2 to 32. */
uint64_t stats_latency_below(const struct stats_latency *l, unsigned power);

/* "0 B", "1.5 KiB", "10 GiB": powers of 1024, at most one decimal. */
enum { STATS_TEXT = 32 };
const char *stats_bytes(uint64_t n, char out[STATS_TEXT]);

/* "1,234,567" */
const char *stats_count(uint64_t n, char out[STATS_TEXT]);

/* "0.2 s", "3 m 5 s", "2 h 10 m", "3 d 4 h" */
const char *stats_duration(int64_t ms, char out[STATS_TEXT]);

/* What takes less: "0.35 ms", "12 ms", "1.5 s" */
const char *stats_short(uint64_t us, char out[STATS_TEXT]);

#endif
