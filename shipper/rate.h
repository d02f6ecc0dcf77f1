/* rate.h -- so many bytes a second: a bucket of tokens. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_RATE_H
#define ESPCAP_RATE_H

#include <stdint.h>

/* What was sent is taken from the bucket when it is known, so that it may be in debt; nothing is sent
 * until the debt is paid. It holds half a second's worth at most. */
struct rate {
	int64_t per_s;  /* 0: no limit */
	int64_t tokens; /* thousandths of a byte */
	int64_t at_ms;
};

void rate_init(struct rate *r, int64_t per_s, int64_t now_ms);
void rate_spend(struct rate *r, uint64_t bytes, int64_t now_ms);

/* How long until more may be sent, with so many bytes on their way that are not spent yet. */
int64_t rate_wait_ms(struct rate *r, uint64_t on_their_way, int64_t now_ms);

#endif
