/* rnd.h -- random numbers that can be repeated: ESPCAP_SEED=N gives the same ones. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_RND_H
#define ESPCAP_RND_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "test.h"

struct rnd {
	uint64_t state;
};

/* Prints the seed. */
static inline struct rnd rnd_start(void)
{
	const char *text = getenv("ESPCAP_SEED");
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	uint64_t seed = text ? strtoull(text, NULL, 0)
			     : (uint64_t)t.tv_sec * 1000000007 + (uint64_t)t.tv_nsec;
	print_message("ESPCAP_SEED=%llu\n", (unsigned long long)seed);
	return (struct rnd){ seed };
}

/* A counter, mixed by two multiplications with odd numbers. */
static inline uint64_t rnd_next(struct rnd *r)
{
	uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* From 0 to n - 1. */
static inline uint64_t rnd_below(struct rnd *r, uint64_t n)
{
	return rnd_next(r) % n;
}

static inline void rnd_fill(struct rnd *r, void *p, size_t n)
{
	uint8_t *out = p;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)rnd_next(r);
}

#endif
