/* wire.h -- little-endian integers into memory whose size the caller knows. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WIRE_H
#define ESPCAP_WIRE_H

#include <stdint.h>

/* The counterpart of struct bytes for our own layouts: fixed sizes, so nothing to check. */
struct wire {
	uint8_t *p;
};

static inline void wire_u8(struct wire *w, uint8_t v)
{
	*w->p++ = v;
}

static inline void wire_u32(struct wire *w, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		*w->p++ = (uint8_t)(v >> (8 * i));
}

static inline void wire_u64(struct wire *w, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		*w->p++ = (uint8_t)(v >> (8 * i));
}

#endif
