/* setup_template.h -- an index template: what it has to hold, and what of that is there. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_TEMPLATE_H
#define ESPCAP_SETUP_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "index_name.h"
#include "index_settings.h"

/* What one template is to hold. */
struct setup_wish {
	const char *text;                      /* ours: NUL-terminated JSON */
	const struct index_patterns *patterns; /* it is for those of them ... */
	size_t first;                          /* ... from number `first` on ... */
	bool stream;                           /* ... that are data streams, or that are not */
	bool fixed;                            /* none: it is for the patterns in its text */
	const struct index_settings *settings; /* and for those options ... */
	unsigned which;                        /* ... that are for INDEX_OF_... */
};

/* Is there a pattern that the template is for? */
bool setup_template_needed(const struct setup_wish *w);

/* found: the template on the server, {"index_patterns":[...],...}, as it gives it; NULL: none.
 * Is it for the indices of every pattern, and does it make data streams if it has to? */
bool setup_template_covers(const struct setup_wish *w, const cJSON *found);

/* The first setting that it does not have as wanted, or NULL. */
const struct index_setting *setup_template_differs(const struct setup_wish *w, const cJSON *found);

/* The text to be put: ours, or that of `found` where it is of the same version or a newer one; for the
 * index patterns that `found` has, and those that are needed, since other sensors may live by the
 * former; with the settings that somebody gave it and we say nothing of, its component templates and
 * aliases; and with what the options ask. NULL when out of memory. Owned by the caller. */
char *setup_template_body(const struct setup_wish *w, const cJSON *found);

/* 0: it has none. */
int setup_template_version(const cJSON *template);

#endif
