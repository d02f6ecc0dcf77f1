/* coap_names.h -- names of CoAP's options and content formats. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_COAP_NAMES_H
#define ESPCAP_COAP_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum { COAP_DECIMAL = 10 };

/* token: how frame.protocols calls a body of this format, NULL: not at all. */
struct coap_format {
	uint32_t number;
	const char *name, *token;
};

/* Writes a number in decimal; returns how long it is. */
unsigned coap_decimal(char out[COAP_DECIMAL], uint32_t number);

/* NULL for a number that has no name. */
const struct coap_format *coap_format_of(uint32_t number);
const char *coap_option_name(uint32_t number);

#endif
