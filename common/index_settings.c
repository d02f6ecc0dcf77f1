/* index_settings.c -- what the options ask of index templates, as settings of an index. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "index_settings.h"

#include <stdio.h>
#include <string.h>

/* A lifecycle is of what comes without end: packets_lite is one index for ever, which a policy would
 * delete as a whole. */
static const struct {
	const char *key;
	enum conf_id option;
	unsigned templates;
} known[INDEX_SETTINGS_MAX] = {
	{ "index.mode", OPT_INDEX_MODE, INDEX_OF_PACKETS },
	{ "index.number_of_shards", OPT_SHARDS, INDEX_OF_PACKETS },
	{ "index.number_of_replicas", OPT_REPLICAS, INDEX_OF_ALL },
	{ "index.refresh_interval", OPT_REFRESH_INTERVAL, INDEX_OF_ALL },
	{ "index.lifecycle.name", OPT_LIFECYCLE, INDEX_OF_PACKETS | INDEX_OF_EVENTS },
};

static int print(const struct conf *c, enum conf_id id, char *out)
{
	long long number = conf_number(c, id);
	const char *text = conf_text(c, id);
	int n;

	if (conf_options[id].type == CONF_TEXT || conf_options[id].type == CONF_WORD)
		n = snprintf(out, INDEX_VALUE_MAX, "%s", text);
	else if (conf_options[id].type != CONF_TIME)
		n = snprintf(out, INDEX_VALUE_MAX, "%lld", number);
	else
		n = snprintf(out, INDEX_VALUE_MAX, number % 1000 ? "%lldms" : "%llds",
			number % 1000 ? number : number / 1000);
	return n < INDEX_VALUE_MAX ? 0 : ERR_TOO_BIG;
}

int index_settings_from(const struct conf *c, struct index_settings *s, struct err_detail *why)
{
	*s = (struct index_settings){ 0 };
	for (size_t i = 0; i < INDEX_SETTINGS_MAX; i++) {
		struct index_setting *row = &s->rows[s->count];
		if (!conf_given(c, known[i].option) || !conf_text(c, known[i].option))
			continue;
		row->option = known[i].option;
		row->key = known[i].key;
		row->templates = known[i].templates;
		/* the policy of a data stream rolls over, which an index of a day or month cannot */
		if (row->option == OPT_LIFECYCLE && conf_flag(c, OPT_DATA_STREAM))
			row->templates = INDEX_OF_STREAMS;
		if (print(c, row->option, row->value))
			return err_set(why, ERR_USAGE, "the name behind --%s is too long",
				conf_options[row->option].name);
		s->count++;
	}
	return 0;
}

const struct index_setting *index_settings_find(const struct index_settings *s, enum conf_id option)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->rows[i].option == option)
			return &s->rows[i];
	return NULL;
}

void index_settings_drop(struct index_settings *s, enum conf_id option)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->rows[i].option != option)
			s->rows[kept++] = s->rows[i];
	s->count = kept;
}
