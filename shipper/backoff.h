/* backoff.h -- how long to wait after a failure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BACKOFF_H
#define ESPCAP_BACKOFF_H

#include <stdint.h>

/* Full jitter: a random time between 0 and min(max, 0.5 s * 2^failures). Many sensors that lost
 * the same server then do not come back in step. A value; only success resets it. */
struct backoff {
	int64_t max_ms;
	unsigned failures;
	uint64_t random; /* state of the generator; any seed */
};

enum { BACKOFF_FIRST_MS = 500 };

void backoff_init(struct backoff *b, int64_t max_ms, uint64_t seed);

/* Counts a failure; the wait before the next try. A server's Retry-After (ms, 0: none) is a lower
 * bound, capped by an hour. */
int64_t backoff_failed(struct backoff *b, int64_t retry_after_ms);
void backoff_succeeded(struct backoff *b);

#endif
