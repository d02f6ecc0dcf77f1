/* setup_others.h -- index templates of others that come before ours. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_OTHERS_H
#define ESPCAP_SETUP_OTHERS_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "index_name.h"

/* A new index gets the one template that has the highest priority of all whose patterns fit its name.
 * So what an administrator makes with a higher one than ours holds instead of ours, all of it. */
enum { OTHERS_NAME_MAX = 128, OTHERS_LACKS_MAX = 256 };

struct setup_other {
	char name[OTHERS_NAME_MAX]; /* "": none */
	long priority;
	char index[INDEX_NAME_MAX]; /* for which it comes first */
};

/* list: {"index_templates":[{"name":...,"index_template":{"index_patterns":[...],"priority":N}},...]}.
 * The template of another name than `ours` that holds for an index of this name: the highest, if it is
 * higher than `ours` there, or than `priority` where `ours` is not there. True, and *other, when there
 * is one. A name of OTHERS_NAME_MAX bytes or more is cut, and "" in other->name. */
bool setup_others_find(const cJSON *list, const char *ours, long priority, const char *index,
	struct setup_other *other);

/* What such a template lacks of what documents of ours need, separated by commas; "" for nothing. */
void setup_others_lacks(const cJSON *template, bool stream, char out[OTHERS_LACKS_MAX]);

#endif
