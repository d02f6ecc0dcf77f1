/* print.h -- one value as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PRINT_H
#define ESPCAP_PRINT_H

#include "decode.h"
#include "text.h"

struct printer {
	struct text_time times;
	bool show_secrets;
};

/* Most bytes that the value can become, slack included. */
size_t print_max(const struct value *v, enum field_type type);

/* Writes the value; the caller has made room. secret: the field's class. Returns the end, or NULL
 * when a secret has to be left out (bytes). */
char *print_value(struct printer *p, char *out, const struct packet *pkt, const struct value *v,
	enum field_type type, bool secret);

/* The same in ECS clothes: numbers of keyword paths as text, MAC addresses in upper case. */
char *print_ecs(struct printer *p, char *out, const struct packet *pkt, const struct value *v,
	enum ecs_type type);

#endif
