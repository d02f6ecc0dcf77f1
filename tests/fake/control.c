/* control.c -- the endpoints below /_fake/ by which tests steer and ask the server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "es.h"

enum { IDS_BLOCK = 256 * 1024 };

static void acknowledge(struct exchange *x)
{
	x->reply->product = false;
	text_str(&x->reply->body, "{\"acknowledged\":true}");
}

void control_script(struct exchange *x)
{
	struct script_error error;
	struct script *script;

	x->reply->product = false;
	if (x->srv->opt.fast) {
		reply_sentence(x->reply, 400, "with --fast there is no script");
		return;
	}
	script = script_parse(x->body, &error);
	if (!script) {
		reply_sentence(x->reply, 400, error.text);
		return;
	}
	script_drop(x->srv->script);
	x->srv->script = script;
	acknowledge(x);
}

static void add_counters(cJSON *to, const struct stats *s)
{
	static const struct {
		const char *name;
		size_t at;
	} rows[] = {
		{ "requests", offsetof(struct stats, requests) },
		{ "bulk_requests", offsetof(struct stats, bulk_requests) },
		{ "items", offsetof(struct stats, items) },
		{ "stored", offsetof(struct stats, stored) },
		{ "conflict409", offsetof(struct stats, conflict409) },
		{ "same_id_other_content", offsetof(struct stats, same_id_other_content) },
		{ "same_id_other_index", offsetof(struct stats, same_id_other_index) },
		{ "failure_store", offsetof(struct stats, failure_store) },
		{ "bytes_in", offsetof(struct stats, bytes_in) },
		{ "bytes_raw", offsetof(struct stats, bytes_raw) },
		{ "in_flight_max", offsetof(struct stats, in_flight_max) },
		{ "in_flight_bytes_max", offsetof(struct stats, in_flight_bytes_max) },
		{ "connections", offsetof(struct stats, connections) },
		{ "redirects_followed", offsetof(struct stats, redirects_followed) },
		{ "redirects_with_credentials",
			offsetof(struct stats, redirects_with_credentials) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		cJSON_AddNumberToObject(to, rows[i].name,
			(double)*(const uint64_t *)(const void *)((const char *)s + rows[i].at));
}

static void add_by_status(cJSON *to, const char *name, const uint64_t counts[STATS_STATUS])
{
	cJSON *object = need(cJSON_AddObjectToObject(to, name));
	char key[12];

	for (int i = 0; i < STATS_STATUS; i++) {
		if (!counts[i])
			continue;
		snprintf(key, sizeof(key), "%d", i);
		cJSON_AddNumberToObject(object, key, (double)counts[i]);
	}
}

void control_stats(struct exchange *x)
{
	struct server *srv = x->srv;
	cJSON *root = need(cJSON_CreateObject());

	x->reply->product = false;
	add_counters(root, &srv->stats);
	cJSON_AddNumberToObject(root, "connections_open", (double)srv->connections_open);
	add_by_status(root, "refused", srv->stats.refused);
	add_by_status(root, "answers", srv->stats.answers);
	cJSON *rules = need(cJSON_AddArrayToObject(root, "rules"));

	for (unsigned i = 0; i < srv->script->n; i++)
		cJSON_AddItemToArray(
			rules, need(cJSON_CreateNumber((double)srv->script->rules[i].fired)));
	es_json(x, root);
}

static bool more_ids(struct reply *r, struct text *out)
{
	const struct server *srv = r->source;
	struct store_line line;

	while (out->len < IDS_BLOCK) {
		if (!store_next(&srv->store, &r->cursor, &line))
			return false;
		text_view_add(out, line.id);
		text_fmt(out, " %016" PRIx64 " ", line.sha);
		text_view_add(out, line.index);
		text_str(out, "\n");
	}
	return true;
}

void control_ids(struct exchange *x)
{
	x->reply->product = false;
	x->reply->type = "text/plain; charset=UTF-8";
	x->reply->frame = REPLY_CHUNKED;
	x->reply->more = more_ids;
	x->reply->source = x->srv;
}

void control_reset(struct exchange *x)
{
	struct server *srv = x->srv;
	struct script_error ignored;

	store_done(&srv->store);
	store_init(&srv->store);
	srv->stats = (struct stats){ .requests = 0 };
	srv->auto_ids = 0;
	cJSON_Delete(srv->templates);
	srv->templates = need(cJSON_CreateObject());
	script_drop(srv->script);
	srv->script = script_parse(view_str("{\"rules\":[]}"), &ignored);
	acknowledge(x);
}

void control_redirected(struct exchange *x)
{
	x->srv->stats.redirects_followed++;
	x->srv->stats.redirects_with_credentials += http_header(x->head, "Authorization").p != NULL;
	acknowledge(x);
}
