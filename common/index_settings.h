/* index_settings.h -- what the options ask of index templates, as settings of an index. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_INDEX_SETTINGS_H
#define ESPCAP_INDEX_SETTINGS_H

#include <stddef.h>

#include "conf.h"

/* The templates that an option is for. */
enum {
	INDEX_OF_PACKETS = 1, /* also as a data stream */
	INDEX_OF_EVENTS = 2,
	INDEX_OF_LITE = 4,
	INDEX_OF_ALL = 7,
	INDEX_OF_STREAMS = 8 /* of packets, as a data stream only */
};
enum { INDEX_SETTINGS_MAX = 5, INDEX_VALUE_MAX = 128 };

/* Those options that were given; what was not is left to the server, or to who has set it there. */
struct index_settings {
	size_t count;
	struct index_setting {
		enum conf_id option;
		const char *key;    /* "index.number_of_replicas" */
		unsigned templates; /* INDEX_OF_... */
		char value[INDEX_VALUE_MAX];
	} rows[INDEX_SETTINGS_MAX];
};

/* ERR_USAGE with a sentence when a value cannot be one. */
int index_settings_from(
	const struct conf *c, struct index_settings *s, struct err_detail *why) ERR_WARN_UNUSED;

/* The row of an option, or NULL when it was not given; and taking it away again. */
const struct index_setting *index_settings_find(
	const struct index_settings *s, enum conf_id option);
void index_settings_drop(struct index_settings *s, enum conf_id option);

#endif
