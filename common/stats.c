/* stats.c -- a latency histogram, and numbers as people read them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

#include <stdio.h>
#include <string.h>

/* Bucket 4*k + q holds the values whose highest bit is k and whose next two bits are q. */
static unsigned bucket_of(uint64_t us)
{
	if (us >= UINT64_C(1) << 32)
		return STATS_BUCKETS - 1;
	if (us < 4)
		return (unsigned)us;
	unsigned high = 63 - (unsigned)__builtin_clzll(us);
	return 4 * high + (unsigned)(us >> (high - 2) & 3);
}

static uint64_t upper_edge(unsigned bucket)
{
	if (bucket < 8)
		return bucket < 4 ? bucket : 4;
	return (UINT64_C(1) << (bucket / 4)) +
	       ((uint64_t)(bucket % 4) + 1) * (UINT64_C(1) << (bucket / 4 - 2)) - 1;
}

void stats_latency_add(struct stats_latency *l, uint64_t us)
{
	l->count++;
	l->sum_us += us;
	if (us > l->max_us)
		l->max_us = us;
	l->buckets[bucket_of(us)]++;
}

uint64_t stats_latency_quantile(const struct stats_latency *l, double share)
{
	uint64_t want = (uint64_t)(share * (double)l->count + 0.5);
	uint64_t seen = 0;

	for (unsigned i = 0; i < STATS_BUCKETS && l->count; i++) {
		seen += l->buckets[i];
		if (seen >= want && seen)
			return i == STATS_BUCKETS - 1 || upper_edge(i) > l->max_us ? l->max_us
										   : upper_edge(i);
	}
	return 0;
}

uint64_t stats_latency_below(const struct stats_latency *l, unsigned power)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < 4 * power && i < STATS_BUCKETS; i++)
		count += l->buckets[i];
	return count;
}

const char *stats_bytes(uint64_t n, char out[STATS_TEXT])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)n;
	size_t unit = 0;

	while (value >= 1023.5 && unit < 6) { /* else it would be written as 1024 */
		value /= 1024;
		unit++;
	}
	int decimals = unit > 0 && value < 99.95 ? 1 : 0;
	(void)snprintf(out, STATS_TEXT, "%.*f %s", decimals, value, units[unit]);
	char *zero = strstr(out, ".0 ");
	if (zero)
		memmove(zero, zero + 2, strlen(zero + 2) + 1);
	return out;
}

const char *stats_count(uint64_t n, char out[STATS_TEXT])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *p = out;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

const char *stats_short(uint64_t us, char out[STATS_TEXT])
{
	double ms = (double)us / 1000;

	if (us >= 999500)
		(void)snprintf(out, STATS_TEXT, "%.1f s", ms / 1000);
	else
		(void)snprintf(out, STATS_TEXT, "%.*f ms", ms < 9.995 ? 2 : 0, ms);
	return out;
}

const char *stats_duration(int64_t ms, char out[STATS_TEXT])
{
	long long s = ms / 1000;

	if (ms < 60000)
		(void)snprintf(out, STATS_TEXT, "%.1f s", (double)ms / 1000);
	else if (s < 3600)
		(void)snprintf(out, STATS_TEXT, "%lld m %lld s", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(out, STATS_TEXT, "%lld h %lld m", s / 3600, s / 60 % 60);
	else
		(void)snprintf(out, STATS_TEXT, "%lld d %lld h", s / 86400, s / 3600 % 24);
	return out;
}
