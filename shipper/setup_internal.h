/* setup_internal.h -- what setup.c and setup_answer.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_INTERNAL_H
#define ESPCAP_SETUP_INTERNAL_H

#include <cjson/cJSON.h>

#include "setup.h"
#include "setup_template.h"

enum { SETUP_PACKETS, SETUP_STREAM, SETUP_EVENTS, SETUP_LITE };

struct setup_row {
	const char *name;
	unsigned which;
	const unsigned char *text; /* NULL: by the form of layers */
};
extern const struct setup_row setup_rows[SETUP_TEMPLATES];

/* Is a template of an older espcap than this one? */
bool setup_is_older(const cJSON *template);

/* What a template is to hold on this server. */
struct setup_wish setup_wish_of(const struct setup *s, unsigned template);

/* setup_answer.c: answers to each step. They move on to the next one. */
int setup_on_list(struct setup *s, const struct http_answer *answer, const cJSON *root);
int setup_on_other(struct setup *s, const struct http_answer *answer, const cJSON *root);
int setup_on_template(struct setup *s, const struct http_answer *answer, const cJSON *root);
int setup_on_put(struct setup *s, const struct http_answer *answer, const cJSON *root);

#endif
