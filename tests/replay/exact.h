/* exact.h -- memory that ends where it says: one byte further and the program dies. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEST_EXACT_H
#define ESPCAP_TEST_EXACT_H

#include <stddef.h>
#include <stdint.h>

/* libpcap's buffer is larger than the packet, so an overread of one byte is never seen there. Under
 * the address sanitizer this is an allocation of the exact size; without it the last byte stands
 * in front of a page that cannot be touched. One piece of memory at a time; start with { 0 }. */
struct exact {
	uint8_t *base;
	size_t size; /* of the mapping, 0 under the sanitizer */
};

/* n bytes, not initialised. Valid until the next call with the same object. Aborts when the
 * system has no memory. */
uint8_t *exact_take(struct exact *e, size_t n);

/* The same with a copy of the n bytes at p. */
uint8_t *exact_copy(struct exact *e, const void *p, size_t n);

void exact_done(struct exact *e);

#endif
