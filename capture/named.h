/* named.h -- layers of which nothing is shown but their names. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_NAMED_H
#define ESPCAP_NAMED_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

/* A byte that tells whether a payload can be this layer. */
struct named_byte {
	uint8_t at, mask, from, to; /* mask 0: any */
};

struct named_layer {
	char token[22];
	bool application;
	bool next;     /* when it does not fit, the layer behind it is asked */
	uint8_t least; /* bytes that it has, or more */
	uint8_t data;  /* behind so many bytes the rest is data; 0: nothing is */
	struct named_byte bytes[2];
};

#endif
