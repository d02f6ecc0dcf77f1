/* setup.c -- what a server is, and whether it has our index templates.
 *
 * Without our template a server guesses types and says nothing; so the first document is not sent
 * before the templates are there (unless --setup never). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "log.h"
#include "setup_template.h"
#include "templates.h"

enum { TEMPLATES = 3, PACKETS = 0, CAUSES_MAX = 8 };

static const struct {
	const char *name, *path;
} templates[TEMPLATES] = {
	{ "espcap-packets", "/_index_template/espcap-packets" },
	{ "espcap-events", "/_index_template/espcap-events" },
	{ "packets_lite", "/_index_template/packets_lite" },
};

void setup_init(
	struct setup *s, enum sink_setup mode, const struct index_patterns *patterns, size_t first)
{
	*s = (struct setup){ .mode = mode, .patterns = patterns, .first = first };
	if (mode == SETUP_NEVER)
		s->step = SETUP_DONE;
}

void setup_done(struct setup *s)
{
	free(s->body);
	s->body = NULL;
	cJSON_Delete(s->found);
	s->found = NULL;
}

/* Types of its own for each field of layers where the server can have them side by side. */
static const unsigned char *packets_template(const struct setup *s)
{
	if (s->opensearch)
		return template_flat_object;
	if (s->known && (s->major < 8 || (s->major == 8 && s->minor < 3)))
		return template_flattened;
	return template_typed;
}

static const unsigned char *text_of(const struct setup *s)
{
	static const unsigned char *const others[TEMPLATES] = { NULL, template_events,
		template_lite };

	return s->template == PACKETS ? packets_template(s) : others[s->template];
}

static char *make_body(const struct setup *s)
{
	const char *text = (const char *)text_of(s);

	return s->template == PACKETS ? setup_template_body(text, s->found, s->patterns, s->first)
				      : strdup(text);
}

int setup_next(struct setup *s, const char **path, const char **method, const char **body)
{
	*method = "GET";
	*body = NULL;
	switch (s->step) {
	case SETUP_ROOT:
		*path = "/";
		return 0;
	case SETUP_NODES:
		*path = "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor";
		return 0;
	case SETUP_GET:
		*path = templates[s->template].path;
		return 0;
	case SETUP_PUT:
		free(s->body);
		s->body = make_body(s);
		*path = templates[s->template].path;
		*method = "PUT";
		*body = s->body;
		return s->body ? 0 : ERR_NOMEM;
	default:
		return ERR_END;
	}
}

/* --- answers --- */

static void set_version(struct setup *s, const char *number, bool opensearch)
{
	char *dot, *end;
	long major = strtol(number, &dot, 10), minor = *dot == '.' ? strtol(dot + 1, &end, 10) : -1;

	if (dot == number || major < 0 || major > 999 || minor < 0 || minor > 999)
		return;
	s->major = (int)major;
	s->minor = (int)minor;
	s->known = true;
	s->opensearch = opensearch;
	(void)snprintf(s->server, sizeof(s->server), "%s %.32s",
		opensearch ? "OpenSearch" : "Elasticsearch", number);
}

static const char *text_member(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static void read_root(struct setup *s, const cJSON *root)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
	const char *number = text_member(version, "number");
	const char *distribution = text_member(version, "distribution");

	if (number)
		set_version(s, number, distribution && strcmp(distribution, "opensearch") == 0);
}

/* Elasticsearch names a build flavor, OpenSearch does not. */
static void read_nodes(struct setup *s, const cJSON *root)
{
	const cJSON *nodes = cJSON_GetObjectItemCaseSensitive(root, "nodes");
	const cJSON *node = nodes ? nodes->child : NULL;
	const char *number = text_member(node, "version");

	if (number)
		set_version(s, number, text_member(node, "build_flavor") == NULL);
}

static int wait_for(struct setup *s, const char *text, int status)
{
	(void)snprintf(s->why, sizeof(s->why), "%s (status %d)", text, status);
	return ERR_AGAIN;
}

static int wait_for_template(struct setup *s, const char *before, const char *behind)
{
	(void)snprintf(s->why, sizeof(s->why), "%s the index template %s%s", before,
		templates[s->template].name, behind);
	return ERR_AGAIN;
}

/* Answers that mean the same whatever was asked. 0: this one does not. */
static int common_trouble(struct setup *s, const struct http_answer *answer)
{
	if (answer->status == 401 || answer->status == 403)
		return wait_for(s,
			answer->status == 401 ? "the server does not accept the credentials; "
						"--user with --password-file, --api-key-file or "
						"--token-file gives others"
					      : "the server forbids to look at index templates; "
						"--setup never does without",
			answer->status);
	if (answer->status >= 300 && answer->status < 400)
		return wait_for(
			s, "this is not Elasticsearch: it answers with a redirect", answer->status);
	if (answer->status == 429 || answer->status >= 500)
		return wait_for(s, "the server is busy or in trouble", answer->status);
	return 0;
}

static int next_template(struct setup *s)
{
	s->step = SETUP_GET;
	if (++s->template == TEMPLATES) {
		s->step = SETUP_DONE;
		log_info("%s%s", *s->server ? s->server : "the server",
			s->mode == SETUP_INSTALL ? ": index templates are in place"
						 : ": index templates are there");
	}
	return 0;
}

/* The template in an answer that is one. */
static const cJSON *template_of(const struct http_answer *answer, const cJSON *root)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "index_templates");

	return answer->status != 200 ? NULL
				     : cJSON_GetObjectItemCaseSensitive(
					       cJSON_GetArrayItem(list, 0), "index_template");
}

/* It is there, and no or not all of what is wanted. */
static int on_wanting(struct setup *s, const cJSON *found, bool covers)
{
	if (s->mode == SETUP_INSTALL) {
		cJSON_Delete(s->found);
		s->found = found ? cJSON_Duplicate(found, true) : NULL;
		s->step = SETUP_PUT;
		return 0;
	}
	if (!found)
		return wait_for_template(
			s, "the server does not have", "; --setup install puts it there");
	if (!covers)
		return wait_for_template(s, "the index pattern in force is not in",
			" of the server; --setup install adds it");
	log_warn("the index template %s on the server is older than this espcap; --setup install "
		 "renews it",
		templates[s->template].name);
	return next_template(s);
}

static int on_template(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	const cJSON *found = template_of(answer, root);
	bool covers = s->template != PACKETS ||
		      (found && setup_template_covers(found, s->patterns, s->first));

	if (answer->status != 200 && answer->status != 404)
		return wait_for_template(s, "the server does not tell whether it has", "");
	if (found && covers && setup_template_version(found) >= TEMPLATE_VERSION)
		return next_template(s);
	return on_wanting(s, found, covers);
}

/* Servers wrap the cause into several general sentences: the innermost one tells. */
static const char *innermost_reason(const cJSON *error)
{
	const cJSON *inner;

	for (int i = 0; i < CAUSES_MAX; i++) {
		inner = cJSON_GetObjectItemCaseSensitive(error, "caused_by");
		if (!inner)
			break;
		error = inner;
	}
	const char *reason = text_member(error, "reason");
	return reason ? reason : "no reason given";
}

static int on_put(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(root, "error");

	if (answer->status == 200)
		return next_template(s);
	s->step = SETUP_GET;
	(void)snprintf(s->why, sizeof(s->why), "the server refuses the index template %s: %.160s",
		templates[s->template].name, innermost_reason(error));
	return ERR_AGAIN;
}

static int on_root(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	if (s->step == SETUP_ROOT) {
		read_root(s, root);
		s->step = s->known ? SETUP_GET : SETUP_NODES; /* some answer 405 or 403 here */
		if (!s->known && answer->status == 200 && !root)
			return wait_for(s, "this is not Elasticsearch: it does not answer in JSON",
				answer->status);
		return 0;
	}
	read_nodes(s, root);
	if (!s->known && !root)
		return wait_for(
			s, "this is not Elasticsearch: it does not answer in JSON", answer->status);
	s->step = SETUP_GET; /* unknown: then as the newest */
	return 0;
}

int setup_answer(struct setup *s, const struct http_answer *answer)
{
	s->why[0] = '\0';
	if (answer->status == 0) {
		(void)snprintf(s->why, sizeof(s->why), "%.240s",
			answer->error ? answer->error : "no answer");
		return ERR_AGAIN;
	}
	cJSON *root = cJSON_ParseWithLength(answer->body, answer->len);
	int err = s->step == SETUP_ROOT && answer->status == 403 ? 0 : common_trouble(s, answer);
	if (err) {
		/* asked again later */
	} else if (s->step == SETUP_ROOT || s->step == SETUP_NODES) {
		err = on_root(s, answer, root);
		if (err)
			s->step = SETUP_ROOT;
	} else if (s->step == SETUP_GET) {
		err = on_template(s, answer, root);
	} else {
		err = on_put(s, answer, root);
	}
	cJSON_Delete(root);
	return err;
}
