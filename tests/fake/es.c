/* es.c -- the small endpoints of Elasticsearch: root, health, nodes, count, refresh. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "es.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shape.h"

static const char node_id[] = "ZmFrZS1lcyBpcyBubyBub2", cluster_uuid[] = "ZmFrZS1lcyBpcyBubyBjbA";
static const char build_hash[] = "93788a8c2882eb5b606510680fac214cff1c7a22";

static void print_shaped(struct exchange *x, cJSON *tree, bool pretty)
{
	struct shape shape;

	if (!shape_init(&shape, x->head->query)) {
		cJSON_Delete(tree);
		shape_refused(x->reply);
	} else {
		shape.pretty |= pretty;
		shape_print(&shape, tree, &x->reply->body);
	}
	shape_done(&shape);
}

void es_json(struct exchange *x, cJSON *tree)
{
	print_shaped(x, tree, false);
}

static void refuse_root(struct exchange *x)
{
	char sentence[128];

	snprintf(sentence, sizeof(sentence),
		"Incorrect HTTP method for uri [/] and method [%.*s], allowed: [DELETE]",
		(int)x->head->method.n, x->head->method.p);
	text_str(&x->reply->headers, "Allow: DELETE\r\n");
	reply_sentence(x->reply, 405, sentence);
}

void es_root(struct exchange *x)
{
	if (x->rule && x->rule->root_405) {
		refuse_root(x);
		return;
	}
	cJSON *root = need(cJSON_CreateObject());

	cJSON_AddStringToObject(root, "name", "fake-es");
	cJSON_AddStringToObject(root, "cluster_name", "elasticsearch");
	cJSON_AddStringToObject(root, "cluster_uuid", cluster_uuid);
	cJSON *version = need(cJSON_AddObjectToObject(root, "version"));

	cJSON_AddStringToObject(version, "number", "8.19.0");
	cJSON_AddStringToObject(version, "build_flavor", "default");
	cJSON_AddStringToObject(version, "build_type", "tar");
	cJSON_AddStringToObject(version, "build_hash", build_hash);
	cJSON_AddStringToObject(version, "build_date", "2025-07-23T22:10:18.138212839Z");
	cJSON_AddBoolToObject(version, "build_snapshot", false);
	cJSON_AddStringToObject(version, "lucene_version", "9.12.2");
	cJSON_AddStringToObject(version, "minimum_wire_compatibility_version", "7.17.0");
	cJSON_AddStringToObject(version, "minimum_index_compatibility_version", "7.0.0");
	cJSON_AddStringToObject(root, "tagline", "You Know, for Search");
	print_shaped(x, root, !uri_param(x->head->query, "pretty", NULL));
}

/* One node, one shard and one replica an index: yellow as soon as there is an index. */
void es_health(struct exchange *x)
{
	double n = x->srv->store.nindices;
	cJSON *h = need(cJSON_CreateObject());

	cJSON_AddStringToObject(h, "cluster_name", "elasticsearch");
	cJSON_AddStringToObject(h, "status", n > 0 ? "yellow" : "green");
	cJSON_AddBoolToObject(h, "timed_out", false);
	cJSON_AddNumberToObject(h, "number_of_nodes", 1);
	cJSON_AddNumberToObject(h, "number_of_data_nodes", 1);
	cJSON_AddNumberToObject(h, "active_primary_shards", n);
	cJSON_AddNumberToObject(h, "active_shards", n);
	cJSON_AddNumberToObject(h, "relocating_shards", 0);
	cJSON_AddNumberToObject(h, "initializing_shards", 0);
	cJSON_AddNumberToObject(h, "unassigned_shards", n);
	cJSON_AddNumberToObject(h, "unassigned_primary_shards", 0);
	cJSON_AddNumberToObject(h, "delayed_unassigned_shards", 0);
	cJSON_AddNumberToObject(h, "number_of_pending_tasks", 0);
	cJSON_AddNumberToObject(h, "number_of_in_flight_fetch", 0);
	cJSON_AddNumberToObject(h, "task_max_waiting_in_queue_millis", 0);
	cJSON_AddRawToObject(h, "active_shards_percent_as_number", n > 0 ? "50.0" : "100.0");
	es_json(x, h);
}

static void add_http(const struct server *srv, cJSON *node)
{
	char address[32];
	cJSON *http = need(cJSON_AddObjectToObject(node, "http"));
	cJSON *bound = need(cJSON_AddArrayToObject(http, "bound_address"));

	snprintf(address, sizeof(address), "127.0.0.1:%u", srv->port);
	cJSON_AddItemToArray(bound, cJSON_CreateString(address));
	cJSON_AddStringToObject(http, "publish_address", address);
	cJSON_AddNumberToObject(http, "max_content_length_in_bytes", (double)srv->opt.max_body);
}

void es_nodes(struct exchange *x)
{
	cJSON *root = need(cJSON_CreateObject());
	cJSON *count = need(cJSON_AddObjectToObject(root, "_nodes"));

	cJSON_AddNumberToObject(count, "total", 1);
	cJSON_AddNumberToObject(count, "successful", 1);
	cJSON_AddNumberToObject(count, "failed", 0);
	cJSON_AddStringToObject(root, "cluster_name", "elasticsearch");
	cJSON *nodes = need(cJSON_AddObjectToObject(root, "nodes"));
	cJSON *node = need(cJSON_AddObjectToObject(nodes, node_id));

	cJSON_AddStringToObject(node, "name", "fake-es");
	cJSON_AddStringToObject(node, "transport_address", "127.0.0.1:9300");
	cJSON_AddStringToObject(node, "host", "127.0.0.1");
	cJSON_AddStringToObject(node, "ip", "127.0.0.1");
	cJSON_AddStringToObject(node, "version", "8.19.0");
	cJSON_AddStringToObject(node, "build_flavor", "default");
	cJSON_AddStringToObject(node, "build_type", "tar");
	cJSON_AddStringToObject(node, "build_hash", build_hash);
	add_http(x->srv, node);
	es_json(x, root);
}

static void no_such_index(struct exchange *x, struct view name)
{
	struct text *t = &x->reply->body;

	x->reply->status = 404;
	text_clear(t);
	for (int i = 0; i < 2; i++) {
		text_str(t, i ? "}]," : "{\"error\":{\"root_cause\":[{");
		text_str(t, "\"type\":\"index_not_found_exception\",\"reason\":\"no such index [");
		text_view_add(t, name);
		text_str(t, "]\",\"resource.type\":\"index_or_alias\",\"resource.id\":");
		text_json(t, name);
		text_str(t, ",\"index_uuid\":\"_na_\",\"index\":");
		text_json(t, name);
	}
	text_str(t, "},\"status\":404}");
}

/* Marks what one index expression names; false when that is an index that does not exist. */
static bool mark_matching(const struct store *s, struct view expression, bool *marked)
{
	bool all = view_is(expression, "_all"), hit = false;
	char glob[512];

	snprintf(glob, sizeof(glob), "%.*s", (int)expression.n, expression.p);
	for (unsigned i = 0; i < s->nindices; i++) {
		bool here = all || uri_glob(glob, text_view(&s->indices[i].name));

		hit |= here;
		marked[i] |= here;
	}
	return hit || all || strchr(glob, '*');
}

/* Over the comma separated expressions of the path; at an unknown one answers 404: false. */
static bool match_indices(struct exchange *x, double *indices, double *docs)
{
	struct view rest = x->index.n ? x->index : view_str("_all");
	const struct store *s = &x->srv->store;
	bool *marked = need(calloc(s->nindices + 1u, sizeof(*marked))), good = true;

	while (rest.n && good) {
		const char *comma = memchr(rest.p, ',', rest.n);
		size_t n = comma ? (size_t)(comma - rest.p) : rest.n;

		good = mark_matching(s, view_of(rest.p, n), marked);
		if (!good)
			no_such_index(x, view_of(rest.p, n));
		rest = view_of(rest.p + n + (comma ? 1 : 0), rest.n - n - (comma ? 1 : 0));
	}
	for (unsigned i = 0; i < s->nindices; i++) {
		*indices += marked[i];
		*docs += marked[i] ? (double)s->indices[i].docs : 0;
	}
	free(marked);
	return good;
}

void es_count(struct exchange *x)
{
	double indices = 0, docs = 0;

	if (!match_indices(x, &indices, &docs))
		return;
	cJSON *root = need(cJSON_CreateObject());

	cJSON_AddNumberToObject(root, "count", docs);
	cJSON *shards = need(cJSON_AddObjectToObject(root, "_shards"));

	cJSON_AddNumberToObject(shards, "total", indices);
	cJSON_AddNumberToObject(shards, "successful", indices);
	cJSON_AddNumberToObject(shards, "skipped", 0);
	cJSON_AddNumberToObject(shards, "failed", 0);
	es_json(x, root);
}

void es_refresh(struct exchange *x)
{
	double indices = 0, docs = 0;

	if (!match_indices(x, &indices, &docs))
		return;
	cJSON *root = need(cJSON_CreateObject());
	cJSON *shards = need(cJSON_AddObjectToObject(root, "_shards"));

	cJSON_AddNumberToObject(shards, "total", indices * 2);
	cJSON_AddNumberToObject(shards, "successful", indices);
	cJSON_AddNumberToObject(shards, "failed", 0);
	es_json(x, root);
}
