/* vary.h -- makes a copied frame differ from its original as another conversation would. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_VARY_H
#define BENCH_VARY_H

#include <stddef.h>
#include <stdint.h>

/* Changes an Ethernet frame in place; its length stays. The same copy number changes all frames
 * of a conversation alike, so that it stays one. Checksums become random. */
void vary(uint8_t *frame, size_t length, uint64_t copy, uint64_t time_ns);

/* Contents of a TCP or UDP payload: DNS, HTTP and TLS. */
struct vary_flow {
	uint64_t copy, time_ns;
	unsigned service; /* the lower port */
	int tcp;
};
void vary_payload(uint8_t *p, size_t n, const struct vary_flow *flow);

/* 64 well-mixed bits. */
uint64_t vary_hash(uint64_t a, uint64_t b);

#endif
