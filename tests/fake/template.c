/* template.c -- index templates: kept as Elasticsearch would keep what was put. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "es.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"

enum { MAX_KEY = 512 };

/* Hangs a value under a dotted key, making the objects on the way. */
static void put_nested(cJSON *root, const char *key, cJSON *value)
{
	char name[MAX_KEY];
	const char *dot;

	for (; (dot = strchr(key, '.')); key = dot + 1) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - key), key);
		cJSON *next = cJSON_GetObjectItemCaseSensitive(root, name);

		root = cJSON_IsObject(next) ? next : need(cJSON_AddObjectToObject(root, name));
	}
	cJSON_AddItemToObject(root, key, value);
}

/* Settings are texts, whatever they were put as. */
static cJSON *as_text(const cJSON *v)
{
	if (cJSON_IsString(v))
		return need(cJSON_CreateString(v->valuestring));
	char *json = need(cJSON_PrintUnformatted(v));
	cJSON *text = need(cJSON_CreateString(json));

	free(json);
	return text;
}

static cJSON *as_texts(const cJSON *list)
{
	cJSON *out = need(cJSON_CreateArray());

	for (const cJSON *v = list->child; v; v = v->next)
		cJSON_AddItemToArray(out, as_text(v));
	return out;
}

/* Flattens settings and hangs them up again under "index". */
static void add_settings(cJSON *to, const cJSON *from, const char *prefix)
{
	for (const cJSON *v = from->child; v; v = v->next) {
		char key[MAX_KEY];

		snprintf(key, sizeof(key), "%s%s%s", prefix, *prefix ? "." : "", v->string);
		if (cJSON_IsObject(v)) {
			add_settings(to, v, key);
			continue;
		}
		char full[MAX_KEY + 8];
		bool has = strncmp(key, "index.", 6) == 0;

		snprintf(full, sizeof(full), "%s%s", has ? "" : "index.", key);
		put_nested(to, full, cJSON_IsArray(v) ? as_texts(v) : as_text(v));
	}
}

static cJSON *normal_body(const cJSON *body)
{
	static const char *const rest[] = { "mappings", "aliases", "lifecycle",
		"data_stream_options" };
	cJSON *out = need(cJSON_CreateObject());
	const cJSON *settings = cJSON_GetObjectItemCaseSensitive(body, "settings");

	if (settings)
		add_settings(need(cJSON_AddObjectToObject(out, "settings")), settings, "");
	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(body, rest[i]);

		if (v)
			cJSON_AddItemToObject(out, rest[i], need(cJSON_Duplicate(v, true)));
	}
	return out;
}

static cJSON *normal_member(const char *name, const cJSON *v)
{
	if (strcmp(name, "template") == 0)
		return normal_body(v);
	if (strcmp(name, "index_patterns") == 0 && cJSON_IsString(v)) {
		cJSON *list = need(cJSON_CreateArray());

		cJSON_AddItemToArray(list, as_text(v));
		return list;
	}
	return need(cJSON_Duplicate(v, true));
}

static const char *const members[] = {
	"index_patterns",
	"template",
	"composed_of",
	"priority",
	"version",
	"_meta",
	"data_stream",
	"allow_auto_create",
	"ignore_missing_component_templates",
	"deprecated",
};

enum { MEMBERS = sizeof(members) / sizeof(*members) };

static cJSON *normal(const cJSON *put)
{
	cJSON *out = need(cJSON_CreateObject());

	for (size_t i = 0; i < MEMBERS; i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(put, members[i]);

		if (v)
			cJSON_AddItemToObject(out, members[i], normal_member(members[i], v));
		else if (strcmp(members[i], "composed_of") == 0)
			cJSON_AddItemToObject(out, members[i], need(cJSON_CreateArray()));
	}
	return out;
}

/* False and a reason when it is no template. */
static bool check(const cJSON *put, char *why, size_t size)
{
	for (const cJSON *v = put->child; v; v = v->next) {
		size_t i = 0;

		while (i < MEMBERS && strcmp(members[i], v->string) != 0)
			i++;
		if (i < MEMBERS)
			continue;
		snprintf(why, size, "[1:2] [index_template] unknown field [%s]", v->string);
		return false;
	}
	return true;
}

static void put_template(struct exchange *x, const char *name)
{
	struct doc_fault fault = { .why = "" };
	char why[512];

	if (x->body.n == 0) {
		reply_error(x->reply, 400, "parse_exception", "request body is required");
		return;
	}
	if (!doc_check(x->body, &fault)) {
		snprintf(why, sizeof(why), "[1:%zu] %s", fault.column, fault.why);
		reply_error(x->reply, 400, "x_content_parse_exception", why);
		return;
	}
	cJSON *put = need(cJSON_ParseWithLength(x->body.p, x->body.n));

	if (!check(put, why, sizeof(why))) {
		reply_error(x->reply, 400, "x_content_parse_exception", why);
	} else if (!cJSON_GetObjectItemCaseSensitive(put, "index_patterns")) {
		reply_error(
			x->reply, 400, "illegal_argument_exception", "Required [index_patterns]");
	} else {
		cJSON_DeleteItemFromObjectCaseSensitive(x->srv->templates, name);
		cJSON_AddItemToObject(x->srv->templates, name, normal(put));
		text_str(&x->reply->body, "{\"acknowledged\":true}");
	}
	cJSON_Delete(put);
}

static void missing(
	struct exchange *x, const char *type, const char *what, const char *name, const char *how)
{
	char why[MAX_KEY + 64];

	snprintf(why, sizeof(why), "%s [%s] %s", what, name, how);
	reply_error(x->reply, 404, type, why);
}

static void get_template(struct exchange *x, const char *name)
{
	bool hidden = x->rule && x->rule->template_missing, found = false;
	bool any = strchr(name, '*') && x->uri.n > 1;
	cJSON *root = need(cJSON_CreateObject());
	cJSON *list = need(cJSON_AddArrayToObject(root, "index_templates"));

	for (const cJSON *v = x->srv->templates->child; v; v = v->next) {
		if (hidden || !uri_glob(name, view_str(v->string)))
			continue;
		cJSON *entry = need(cJSON_CreateObject());

		cJSON_AddStringToObject(entry, "name", v->string);
		cJSON_AddItemToObject(entry, "index_template", need(cJSON_Duplicate(v, true)));
		cJSON_AddItemToArray(list, entry);
		found = true;
	}
	if (!found && any)
		x->reply->status = 404; /* and an empty list: so it does */
	if (found || any || x->uri.n == 1) {
		es_json(x, root);
		return;
	}
	cJSON_Delete(root);
	missing(x, "resource_not_found_exception", "index template matching", name, "not found");
}

static void delete_template(struct exchange *x, const char *name)
{
	if (!cJSON_GetObjectItemCaseSensitive(x->srv->templates, name)) {
		missing(x, "index_template_missing_exception", "index_template", name, "missing");
		return;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(x->srv->templates, name);
	text_str(&x->reply->body, "{\"acknowledged\":true}");
}

void template_any(struct exchange *x)
{
	struct view seg = x->uri.n > 1 ? x->uri.seg[1] : view_str("*");
	char name[MAX_KEY];

	snprintf(name, sizeof(name), "%.*s", (int)seg.n, seg.p);
	if (strchr(name, ','))
		reply_error(x->reply, 400, "illegal_argument_exception",
			"template name may not contain ','");
	else if (view_is(x->head->method, "PUT") || view_is(x->head->method, "POST"))
		put_template(x, name);
	else if (view_is(x->head->method, "DELETE"))
		delete_template(x, name);
	else
		get_template(x, name);
}
