/* herd.h -- many sensors that lost the same server do not come back all at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HERD_H
#define ESPCAP_HERD_H

#include <stdbool.h>
#include <stdint.h>

/* The random waits after failures (backoff.h) spread the first requests. The first one that is answered
 * shows that the server is back, to all of the fleet at about the same time: who has much to send then
 * waits once more, for a random time that grows with it, up to half a minute. An outage of less than
 * half a minute is nobody else's, or there is little to send. */
enum { HERD_OUTAGE_MS = 30000, HERD_WAIT_MAX_MS = 30000 };

struct herd {
	int64_t down_ms;  /* since when no request got through; 0: the last one did */
	int64_t until_ms; /* what is not new waits */
};

/* What a request has come to. backlog: records that wait. random: any number. */
void herd_heed(struct herd *h, bool got_through, int64_t now_ms, uint64_t backlog, uint64_t random);

#endif
