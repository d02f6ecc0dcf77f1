/* setup_others.c -- index templates of others that come before ours. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_others.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(member(object, name));

	return text ? text : "";
}

static bool fits(const cJSON *template, const char *index)
{
	const cJSON *pattern;

	cJSON_ArrayForEach(pattern, member(template, "index_patterns"))
	{
		if (cJSON_IsString(pattern) && fnmatch(pattern->valuestring, index, 0) == 0)
			return true;
	}
	return false;
}

/* Without one it is the lowest. */
static long priority_of(const cJSON *template)
{
	const cJSON *priority = member(template, "priority");

	return cJSON_IsNumber(priority) ? (long)priority->valuedouble : 0;
}

bool setup_others_find(const cJSON *list, const char *ours, long priority, const char *index,
	struct setup_other *other)
{
	const char *name = NULL;
	long highest = -1;
	const cJSON *row;

	cJSON_ArrayForEach(row, member(list, "index_templates"))
	{
		const cJSON *template = member(row, "index_template");
		long its = priority_of(template);
		if (!fits(template, index)) {
			/* says nothing of this index */
		} else if (strcmp(text_of(row, "name"), ours) == 0) {
			priority = its;
		} else if (its > highest) {
			highest = its;
			name = text_of(row, "name");
		}
	}
	if (!name || highest <= priority)
		return false;
	bool whole = snprintf(other->name, sizeof(other->name), "%s", name) < OTHERS_NAME_MAX;
	if (!whole) /* cannot be asked for */
		other->name[0] = '\0';
	other->priority = highest;
	(void)snprintf(other->index, sizeof(other->index), "%s", index);
	return true;
}

/* --- what it lacks --- */

/* The type of a field, whose name people may have dotted or in objects; "" when it is not mapped. */
static const char *type_of(const cJSON *properties, const char *path)
{
	const cJSON *field = member(properties, path);
	const char *dot = strchr(path, '.');
	char first[64];

	if (field || !dot)
		return text_of(field, "type");
	(void)snprintf(first, sizeof(first), "%.*s", (int)(dot - path), path);
	return text_of(member(member(member(properties, first), "properties"), dot + 1), "type");
}

static void add(char *out, const char *text)
{
	size_t n = strlen(out);

	(void)snprintf(out + n, OTHERS_LACKS_MAX - n, "%s%s", n ? ", " : "", text);
}

/* false, and "false" as Elasticsearch gives it back. */
static bool is_false(const cJSON *dynamic)
{
	const char *text = cJSON_GetStringValue(dynamic);

	return cJSON_IsFalse(dynamic) || (text && strcmp(text, "false") == 0);
}

void setup_others_lacks(const cJSON *template, bool stream, char out[OTHERS_LACKS_MAX])
{
	const cJSON *mappings = member(member(template, "template"), "mappings");
	const cJSON *properties = member(mappings, "properties");
	bool is_stream = member(template, "data_stream") != NULL;

	out[0] = '\0';
	if (stream != is_stream)
		add(out, stream ? "\"data_stream\" as --data-stream asks"
				: "--data-stream here, since it makes a data stream");
	if (!is_false(member(mappings, "dynamic")))
		add(out, "\"dynamic\": false, so the server guesses types");
	if (strcmp(type_of(properties, "@timestamp"), "date_nanos") != 0)
		add(out, "@timestamp as date_nanos");
	if (!*type_of(properties, "event.sequence") || !*type_of(properties, "espcap.run"))
		add(out, "event.sequence or espcap.run, by which espcap audit counts");
}
