/* setup_template.h -- the index patterns of an index template: which are needed, which are there. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_TEMPLATE_H
#define ESPCAP_SETUP_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "index_name.h"

/* found: the template of packets as a server gives it, {"index_patterns":[...],...}; NULL: none. */

/* Does it cover the indices of every pattern of `patterns` from number `first` on? */
bool setup_template_covers(const cJSON *found, const struct index_patterns *patterns, size_t first);

/* The text to be put: that of `ours`, or of `found` where that is of the same version or a newer one;
 * for the index patterns that `found` has, and those that are needed, since other sensors may live
 * by the former. NULL when out of memory. Owned by the caller. */
char *setup_template_body(
	const char *ours, const cJSON *found, const struct index_patterns *patterns, size_t first);

/* 0: it has none. */
int setup_template_version(const cJSON *template);

#endif
