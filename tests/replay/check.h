/* check.h -- is this text a document of ours? */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEST_CHECK_H
#define ESPCAP_TEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "document.h"

/* Knows every path of ecs.def and every field of the decoders, with its JSON type. */
struct check;
struct check *check_new(const struct decoder *decoder); /* aborts when memory is out */
void check_free(struct check *c);

/* One line of valid UTF-8 that is valid JSON; at most DOCUMENT_MAX bytes; every path known and of
 * its type; no path twice; nothing null, no empty string or array, no array of more than 256
 * values; texts of at most 32,000 bytes (label and file names aside); addresses in the form of
 * their place. NULL when all holds, else what does not, valid until the next call. */
const char *check_document(struct check *c, const char *text, size_t n);

/* The part that needs no table: length, UTF-8 by RFC 3629 worked out apart from common/json.c, no
 * control character, and numbers as JSON writes them. NULL or what is wrong. */
const char *check_text(const char *text, size_t n);

#endif
