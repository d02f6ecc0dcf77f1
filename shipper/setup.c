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

#include "clock.h"
#include "log.h"
#include "setup_internal.h"
#include "templates.h"

static const int64_t DAY_NS = INT64_C(86400) * 1000000000;

const struct setup_row setup_rows[SETUP_TEMPLATES] = {
	[SETUP_PACKETS] = { "espcap-packets", INDEX_OF_PACKETS, NULL },
	[SETUP_STREAM] = { "espcap-packets-stream", INDEX_OF_PACKETS | INDEX_OF_STREAMS, NULL },
	[SETUP_EVENTS] = { "espcap-events", INDEX_OF_EVENTS, template_events },
	[SETUP_LITE] = { "packets_lite", INDEX_OF_LITE, template_lite },
};

/* Types of its own for each field of layers where the server can have them side by side. */
static const unsigned char *const forms[LAYERS_KINDS] = { [LAYERS_TYPED] = template_typed,
	[LAYERS_FLAT_OBJECT] = template_flat_object,
	[LAYERS_FLATTENED] = template_flattened };

void setup_init(struct setup *s, const struct setup_conf *conf)
{
	*s = (struct setup){ .conf = *conf, .day = clock_wall_ns() / DAY_NS };
	if (conf->settings)
		s->settings = *conf->settings;
	if (conf->mode == SETUP_NEVER)
		s->step = SETUP_DONE;
}

void setup_done(struct setup *s)
{
	free(s->body);
	s->body = NULL;
	cJSON_Delete(s->found);
	s->found = NULL;
}

void setup_look_again(struct setup *s)
{
	int64_t day = clock_wall_ns() / DAY_NS;

	if (s->conf.mode == SETUP_NEVER || s->step != SETUP_DONE || day == s->day)
		return;
	s->day = day;
	s->again = true;
	s->step = SETUP_LIST;
}

struct setup_wish setup_wish_of(const struct setup *s, unsigned template)
{
	const unsigned char *text = setup_rows[template].text;

	return (struct setup_wish){ .text = (const char *)(text ? text : forms[s->layers]),
		.patterns = s->conf.patterns,
		.first = s->conf.first,
		.stream = template == SETUP_STREAM,
		.fixed = template > SETUP_STREAM,
		.settings = &s->settings,
		.which = setup_rows[template].which };
}

bool setup_is_older(const cJSON *template)
{
	return setup_template_version(template) < TEMPLATE_VERSION;
}

/* --- requests --- */

/* What a look at a template of ours needs of it: the mapping is a hundred times as long. */
static const char looked_at[] =
	"?filter_path=index_templates.index_template.index_patterns,"
	"index_templates.index_template.version,index_templates.index_template.data_stream,"
	"index_templates.index_template.template.settings";

static void path_to(struct setup *s, const char *name, const char *query)
{
	size_t n = (size_t)snprintf(s->path, sizeof(s->path), "/_index_template/");

	for (; *name && n < sizeof(s->path) - 4; name++) {
		bool plain = strchr("-_.~", *name) || (*name >= '0' && *name <= '9') ||
			     (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
		n += (size_t)snprintf(s->path + n, sizeof(s->path) - n, plain ? "%c" : "%%%02X",
			(unsigned char)*name);
	}
	(void)snprintf(s->path + n, sizeof(s->path) - n, "%s", query);
}

static int prepare_put(struct setup *s, const char **body)
{
	const struct setup_wish wish = setup_wish_of(s, s->template);

	free(s->body);
	s->body = setup_template_body(&wish, s->found);
	*body = s->body;
	return s->body ? 0 : ERR_NOMEM;
}

int setup_next(struct setup *s, const char **path, const char **method, const char **body)
{
	*method = s->step == SETUP_PUT ? "PUT" : "GET";
	*body = NULL;
	*path = s->path;
	switch (s->step) {
	case SETUP_ROOT:
		*path = "/";
		return 0;
	case SETUP_NODES:
		*path = "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor";
		return 0;
	case SETUP_LIST:
		*path = "/_index_template?filter_path=index_templates.name,index_templates."
			"index_template.index_patterns,index_templates.index_template.priority";
		return 0;
	case SETUP_OTHER:
		path_to(s, s->others[s->template].first.name,
			"?filter_path=index_templates.index_template.template.mappings,"
			"index_templates.index_template.data_stream");
		return 0;
	case SETUP_GET:
		path_to(s, setup_rows[s->template].name, s->whole ? "" : looked_at);
		return 0;
	case SETUP_PUT:
		path_to(s, setup_rows[s->template].name, "");
		return prepare_put(s, body);
	default:
		return ERR_END;
	}
}

/* --- answers --- */

static int wait_for(struct setup *s, const char *text, int status)
{
	(void)snprintf(s->why, sizeof(s->why), "%s (status %d)", text, status);
	return ERR_AGAIN;
}

/* Answers that mean the same whatever was asked. 0: this one does not. */
static int common_trouble(struct setup *s, const struct http_answer *answer)
{
	if (answer->status == 401 || answer->status == 403)
		return wait_for(s,
			answer->status == 401
				? "the server does not accept the credentials, or wants some; "
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

/* --- the server --- */

/* Begins with the templates. */
static int on_known(struct setup *s)
{
	if (s->conf.settings)
		s->settings = *s->conf.settings;
	const char *refuses = setup_server_refuses(&s->server, &s->settings);

	s->layers = setup_server_layers(&s->server);
	if (refuses && s->conf.mode == SETUP_INSTALL) {
		(void)snprintf(
			s->why, sizeof(s->why), "%s, and this is %s", refuses, s->server.name);
		return ERR_AGAIN;
	}
	if (refuses)
		log_warn("%s; this is %s", refuses, s->server.name);
	s->step = SETUP_LIST;
	return 0;
}

static int on_server(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	bool last = s->step == SETUP_NODES;

	if (last)
		setup_server_read_nodes(&s->server, root);
	else
		setup_server_read_root(&s->server, root);
	if (s->server.known)
		return on_known(s);
	if (!root && (last ? answer->status != 403 : answer->status == 200))
		return wait_for(
			s, "this is not Elasticsearch: it does not answer in JSON", answer->status);
	if (last)
		return on_known(s);
	s->step = SETUP_NODES; /* some answer 405 or 403 at their root */
	return 0;
}

static int take(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	bool asks_server = s->step == SETUP_ROOT || s->step == SETUP_NODES;
	int err = asks_server && answer->status == 403 ? 0 : common_trouble(s, answer);

	if (err)
		return err; /* asked again later */
	if (asks_server) {
		err = on_server(s, answer, root);
		if (err)
			s->step = SETUP_ROOT;
		return err;
	}
	if (s->step == SETUP_LIST)
		return setup_on_list(s, answer, root);
	if (s->step == SETUP_OTHER)
		return setup_on_other(s, answer, root);
	return s->step == SETUP_GET ? setup_on_template(s, answer, root)
				    : setup_on_put(s, answer, root);
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
	int err = take(s, answer, root);
	cJSON_Delete(root);
	return err;
}
