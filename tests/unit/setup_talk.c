/* setup_talk.c -- a talk with the set-up, for its tests: one plays the server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setup s;
const char *path, *method, *body;

struct index_patterns in_force;

struct index_settings asked;

void begin_from(enum sink_setup mode, size_t first)
{
	const struct setup_conf conf = {
		.mode = mode, .patterns = &in_force, .first = first, .settings = &asked
	};

	setup_init(&s, &conf);
}

void begin_with(enum sink_setup mode, const char *pattern)
{
	in_force = (struct index_patterns){ .count = 1 };
	in_force.items[0].from = 1;
	(void)snprintf(in_force.items[0].text, INDEX_NAME_MAX, "%s", pattern);
	begin_from(mode, 0);
}

int answer(int status, const char *text)
{
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1); /* of its exact size */

	assert_non_null(copy);
	if (n)
		memcpy(copy, text, n);
	struct http_answer a = { .status = status, .body = copy, .len = n, .error = text };
	int err = setup_answer(&s, &a);
	free(copy);
	assert_int_equal(err ? ERR_AGAIN : 0, err);
	assert_int_equal(s.why[0] != '\0', err != 0); /* whoever waits says for what */
	return err;
}

static const char template_path[] = "/_index_template/";
static const char looked_at[] =
	"?filter_path=index_templates.index_template.index_patterns,"
	"index_templates.index_template.version,index_templates.index_template.data_stream,"
	"index_templates.index_template.template.settings";

/* A template that is looked at is not asked for with its mapping. */
static bool looks_at_template(const char *wanted_method, const char *wanted_path)
{
	return strcmp(wanted_method, "GET") == 0 && !s.whole && !strchr(wanted_path, '?') &&
	       strncmp(wanted_path, template_path, sizeof(template_path) - 1) == 0;
}

void asks(const char *wanted_method, const char *wanted_path)
{
	char wanted[512];

	(void)snprintf(wanted, sizeof(wanted), "%s%s", wanted_path,
		looks_at_template(wanted_method, wanted_path) ? looked_at : "");
	assert_int_equal(setup_next(&s, &path, &method, &body), 0);
	assert_string_equal(method, wanted_method);
	assert_string_equal(path, wanted);
	assert_int_equal(body != NULL, strcmp(method, "PUT") == 0);
}

const char refuses_root[] = "{\"error\":\"Incorrect HTTP method for uri [/] and method "
			    "[GET], allowed: [DELETE]\",\"status\":405}";

const struct server servers[SERVERS] = {
	{ 405, refuses_root,
		"{\"nodes\":{\"f9XLx\":{\"version\":\"8.19.0\",\"build_flavor\":\"default\"}}}",
		"Elasticsearch 8.19.0", false, 8, 19, "object" },
	{ 405, refuses_root,
		"{\"nodes\":{\"f9XLx\":{\"version\":\"9.2.0\",\"build_flavor\":\"default\"}}}",
		"Elasticsearch 9.2.0", false, 9, 2, "object" },
	{ 200,
		"{\"name\":\"vm\",\"version\":{\"number\":\"7.17.28\",\"build_flavor\":\"oss\","
		"\"lucene_version\":\"8.11.3\"},\"tagline\":\"You Know, for Search\"}",
		NULL, "Elasticsearch 7.17.28", false, 7, 17, "flattened" },
	{ 200,
		"{\"name\":\"vm\",\"version\":{\"distribution\":\"opensearch\",\"number\":"
		"\"2.19.1\"},\"tagline\":\"The OpenSearch Project: https://opensearch.org/\"}",
		NULL, "OpenSearch 2.19.1", true, 2, 19, "flat_object" },
	{ 200, "{\"version\":{\"distribution\":\"opensearch\",\"number\":\"3.0.0\"}}", NULL,
		"OpenSearch 3.0.0", true, 3, 0, "flat_object" },
	/* not measured, but on either side of the version that knows subobjects */
	{ 200, "{\"version\":{\"number\":\"8.2.3\",\"build_flavor\":\"default\"}}", NULL,
		"Elasticsearch 8.2.3", false, 8, 2, "flattened" },
	{ 200, "{\"version\":{\"number\":\"8.3.0\",\"build_flavor\":\"default\"}}", NULL,
		"Elasticsearch 8.3.0", false, 8, 3, "object" },
	{ 403, "{\"error\":{\"type\":\"security_exception\"},\"status\":403}",
		"{\"nodes\":{\"a\":{\"version\":\"2.19.1\"}}}", "OpenSearch 2.19.1", true, 2, 19,
		"flat_object" },
};

const char nodes_path[] = "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor";
const char list_path[] = "/_index_template?filter_path=index_templates.name,index_templates."
			 "index_template.index_patterns,index_templates.index_template.priority";

/* What it is; the list of its templates is asked for next. */
void meet_only(const struct server *server)
{
	asks("GET", "/");
	assert_int_equal(answer(server->root_status, server->root), 0);
	if (!server->nodes)
		return;
	asks("GET", nodes_path);
	assert_int_equal(answer(200, server->nodes), 0);
}

void meet(const struct server *server)
{
	meet_only(server);
	asks("GET", list_path);
	assert_int_equal(answer(200, "{}"), 0);
}

/* What a server gives back: as Elasticsearch does, with false as text. */
const char *there(int version, const char *pattern)
{
	static char text[512];

	(void)snprintf(text, sizeof(text),
		"{\"index_templates\":[{\"name\":\"x\",\"index_template\":{\"index_patterns\":[\"%"
		"s\"],"
		"\"template\":{\"mappings\":{\"dynamic\":\"false\",\"properties\":{\"layers\":{"
		"\"dynamic\":\"false\",\"subobjects\":false}}}},\"priority\":200,\"version\":%d}}]"
		"}",
		pattern, version);
	return text;
}
