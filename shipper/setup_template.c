/* setup_template.c -- an index template: what it has to hold, and what of that is there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_template.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 256, DEPTH_MAX = 16, STREAM_PRIORITY = 210 };
static const char key[] = "index_patterns";

static cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* --- index patterns --- */

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

static bool is_of(const struct setup_wish *w, size_t i)
{
	return !w->fixed && w->patterns->items[i].stream == w->stream;
}

bool setup_template_needed(const struct setup_wish *w)
{
	bool any = w->fixed;

	for (size_t i = w->fixed ? 0 : w->first; !any && i < w->patterns->count; i++)
		any = is_of(w, i);
	return any;
}

static void add_pattern(cJSON *list, const char *pattern)
{
	char name[INDEX_NAME_MAX];

	index_pattern_wildcard(pattern, name);
	add(list, name);
	index_pattern_unsynced(pattern, name);
	add(list, name);
}

/* Adds what is needed and not covered. wide: for all sensors, where the last one names a sensor. */
static void add_needed(const struct setup_wish *w, cJSON *list, bool wide)
{
	const struct index_patterns *p = w->patterns;

	for (size_t i = w->first; !w->fixed && i < p->count; i++) {
		bool last = i + 1 == p->count;
		if (is_of(w, i))
			add_pattern(list, wide && last && *p->wide ? p->wide : p->items[i].text);
	}
}

/* Adds those of our text. */
static void add_ours(const struct setup_wish *w, cJSON *list)
{
	cJSON *ours = cJSON_Parse(w->text);
	const cJSON *pattern;

	cJSON_ArrayForEach(pattern, member(ours, key)) add(list, pattern->valuestring);
	cJSON_Delete(ours);
}

/* The patterns that are there, in a new list. */
static cJSON *list_of(const cJSON *found)
{
	const cJSON *there = member(found, key);

	return cJSON_IsArray(there) ? cJSON_Duplicate(there, true) : cJSON_CreateArray();
}

bool setup_template_covers(const struct setup_wish *w, const cJSON *found)
{
	cJSON *list = list_of(found);
	int before = cJSON_GetArraySize(list);

	add_needed(w, list, false);
	bool all = list && cJSON_GetArraySize(list) == before;
	cJSON_Delete(list);
	return all && (!w->stream || cJSON_IsObject(member(found, "data_stream")));
}

/* --- settings --- */

/* Servers give settings back in objects and as texts, people may put them dotted: here they are
 * dotted, and begin with "index.". */
static void flatten(const cJSON *from, const char *prefix, int depth, cJSON *to)
{
	const cJSON *item;
	char path[KEY_MAX];

	cJSON_ArrayForEach(item, from)
	{
		bool bare = !*prefix && strcmp(item->string, "index") != 0 &&
			    strncmp(item->string, "index.", 6) != 0;
		int n = snprintf(path, sizeof(path), "%s%s%s%s", bare ? "index." : "", prefix,
			*prefix ? "." : "", item->string);
		if (n >= (int)sizeof(path))
			continue;
		if (cJSON_IsObject(item) && depth < DEPTH_MAX)
			flatten(item, path, depth + 1, to);
		else if (!member(to, path))
			(void)cJSON_AddItemToObject(to, path, cJSON_Duplicate(item, true));
	}
}

static cJSON *settings_of(const cJSON *template)
{
	cJSON *flat = cJSON_CreateObject();

	flatten(member(member(template, "template"), "settings"), "", 0, flat);
	return flat;
}

static bool is_asked(const struct setup_wish *w, size_t i)
{
	return i < w->settings->count && (w->settings->rows[i].templates & w->which);
}

const struct index_setting *setup_template_differs(const struct setup_wish *w, const cJSON *found)
{
	const struct index_setting *differs = NULL;
	cJSON *flat = settings_of(found);

	for (size_t i = 0; i < w->settings->count && !differs; i++) {
		const struct index_setting *row = &w->settings->rows[i];
		const cJSON *there = member(flat, row->key);
		bool same = cJSON_IsString(there) && strcmp(there->valuestring, row->value) == 0;
		/* that of a server which is told nothing */
		same = same || (!there && strcmp(row->value, "standard") == 0);
		if (is_asked(w, i) && !same)
			differs = row;
	}
	cJSON_Delete(flat);
	return differs;
}

/* Ours first, then what somebody else has set, then what was asked for. */
static void set_settings(const struct setup_wish *w, cJSON *root, const cJSON *found)
{
	cJSON *flat = settings_of(root), *body = member(root, "template");

	flatten(member(member(found, "template"), "settings"), "", 0, flat);
	for (size_t i = 0; i < w->settings->count; i++) {
		const struct index_setting *row = &w->settings->rows[i];
		if (!is_asked(w, i))
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(flat, row->key);
		(void)cJSON_AddStringToObject(flat, row->key, row->value);
	}
	cJSON_DeleteItemFromObjectCaseSensitive(body, "settings");
	if (!cJSON_AddItemToObject(body, "settings", flat))
		cJSON_Delete(flat);
}

/* --- the whole --- */

/* What a server takes of what it gives; others of its members are its own. */
static void copy_members(cJSON *to, const cJSON *found, const char *const *names)
{
	for (; *names; names++) {
		const cJSON *there = member(found, *names);
		if (there && !member(to, *names))
			(void)cJSON_AddItemToObject(to, *names, cJSON_Duplicate(there, true));
	}
}

int setup_template_version(const cJSON *template)
{
	const cJSON *version = member(template, "version");

	return cJSON_IsNumber(version) ? version->valueint : 0;
}

static cJSON *text_to_put(const struct setup_wish *w, const cJSON *found)
{
	static const char *const whole[] = { "template", "composed_of", "priority", "version",
		"_meta", "data_stream", "allow_auto_create", NULL };
	static const char *const kept[] = { "composed_of", "allow_auto_create", NULL };
	static const char *const inner[] = { "aliases", "lifecycle", NULL };
	cJSON *root = cJSON_Parse(w->text);

	if (found && setup_template_version(found) >= setup_template_version(root)) {
		cJSON_Delete(root);
		root = cJSON_CreateObject();
		copy_members(root, found, whole);
		if (!member(root, "template"))
			(void)cJSON_AddObjectToObject(root, "template");
		return root;
	}
	copy_members(root, found, kept);
	copy_members(member(root, "template"), member(found, "template"), inner);
	return root;
}

/* A data stream's template comes before that of indices, should both be for one name. */
static void make_stream(cJSON *root)
{
	cJSON *priority = member(root, "priority");

	if (!member(root, "data_stream"))
		(void)cJSON_AddObjectToObject(root, "data_stream");
	if (cJSON_IsNumber(priority) && priority->valueint < STREAM_PRIORITY)
		(void)cJSON_SetNumberHelper(priority, STREAM_PRIORITY);
}

char *setup_template_body(const struct setup_wish *w, const cJSON *found)
{
	cJSON *root = text_to_put(w, found);
	cJSON *list = list_of(found);

	if (w->fixed)
		add_ours(w, list);
	add_needed(w, list, true);
	set_settings(w, root, found);
	if (w->stream)
		make_stream(root);
	cJSON_DeleteItemFromObjectCaseSensitive(root, key);
	char *text = cJSON_AddItemToObject(root, key, list) ? cJSON_PrintUnformatted(root) : NULL;
	cJSON_Delete(root);
	return text;
}
