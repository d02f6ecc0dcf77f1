/* setup_template.c -- the index patterns of an index template. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_template.h"

#include <fnmatch.h>

static const char key[] = "index_patterns";

/* A wildcard that is as wide or wider covers it. */
static bool covers(const cJSON *list, const char *name)
{
	const cJSON *pattern;

	cJSON_ArrayForEach(pattern, list)
	{
		if (cJSON_IsString(pattern) && fnmatch(pattern->valuestring, name, 0) == 0)
			return true;
	}
	return false;
}

static void add(cJSON *list, const char *name)
{
	if (!covers(list, name))
		(void)cJSON_AddItemToArray(list, cJSON_CreateString(name));
}

/* Adds what is needed and not covered. */
static void add_needed(cJSON *list, const struct index_patterns *patterns, size_t first)
{
	char name[INDEX_NAME_MAX];

	for (size_t i = first; i < patterns->count; i++) {
		index_pattern_wildcard(patterns->items[i].text, name);
		add(list, name);
		index_pattern_unsynced(patterns->items[i].text, name);
		add(list, name);
	}
}

/* The patterns that are there, in a new list. */
static cJSON *list_of(const cJSON *found)
{
	const cJSON *there = cJSON_GetObjectItemCaseSensitive(found, key);

	return cJSON_IsArray(there) ? cJSON_Duplicate(there, true) : cJSON_CreateArray();
}

bool setup_template_covers(const cJSON *found, const struct index_patterns *patterns, size_t first)
{
	cJSON *list = list_of(found);
	int before = cJSON_GetArraySize(list);

	add_needed(list, patterns, first);
	bool all = list && cJSON_GetArraySize(list) == before;
	cJSON_Delete(list);
	return all;
}

/* What a server takes of what it gives; others of its members are its own. */
static cJSON *copy_of(const cJSON *found)
{
	static const char *const members[] = { "template", "composed_of", "priority", "version",
		"_meta", "data_stream", "allow_auto_create" };
	cJSON *copy = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(found, members[i]);
		if (member)
			(void)cJSON_AddItemToObject(
				copy, members[i], cJSON_Duplicate(member, true));
	}
	return copy;
}

int setup_template_version(const cJSON *template)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(template, "version");

	return cJSON_IsNumber(version) ? version->valueint : 0;
}

char *setup_template_body(
	const char *ours, const cJSON *found, const struct index_patterns *patterns, size_t first)
{
	cJSON *root = cJSON_Parse(ours), *list = list_of(found);

	if (found && setup_template_version(found) >= setup_template_version(root)) {
		cJSON_Delete(root);
		root = copy_of(found);
	}
	add_needed(list, patterns, first);
	cJSON_DeleteItemFromObjectCaseSensitive(root, key);
	char *text = cJSON_AddItemToObject(root, key, list) ? cJSON_PrintUnformatted(root) : NULL;
	cJSON_Delete(root);
	return text;
}
