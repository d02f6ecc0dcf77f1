/* json_check.h -- is a text one JSON object? */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_JSON_CHECK_H
#define ESPCAP_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_CHECK_DEPTH = 64 };

/* Exactly one object of RFC 8259 in valid UTF-8, nested at most JSON_CHECK_DEPTH deep. Allocates
 * nothing. */
bool json_is_object(const char *text, size_t n);

#endif
