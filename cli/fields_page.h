/* fields_page.h -- the reference page of all fields, made from the tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FIELDS_PAGE_H
#define ESPCAP_FIELDS_PAGE_H

#include "decode.h"

/* What `espcap fields` and the page call a type, a level and a class. */
const char *field_type_name(enum field_type type);
const char *field_level_name(enum field_level level);
const char *field_class_name(enum field_class class);
const char *ecs_type_name(enum ecs_type type);

/* Prints the page to stdout, as Markdown: each protocol, how it is recognized, its fields; then ECS. Of
 * all of these only what begins with the prefix. Returns how many fields there are; without any,
 * nothing is printed. */
size_t fields_page(const struct decoder *decoder, const char *prefix);

#endif
