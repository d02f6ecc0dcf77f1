/* setup_answer.c -- what the server's index templates are, and what is to be done about them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "clock.h"
#include "log.h"
#include "setup_internal.h"

enum { CAUSES_MAX = 8, PRIORITY = 200, STREAM_PRIORITY = 210 };

static int wait_for_template(struct setup *s, const char *before, const char *behind)
{
	(void)snprintf(s->why, sizeof(s->why), "%s the index template %s%s", before,
		setup_rows[s->template].name, behind);
	return ERR_AGAIN;
}

static void complete(struct setup *s)
{
	const char *server = *s->server.name ? s->server.name : "the server";

	s->step = SETUP_DONE;
	if (!s->again)
		log_info("%s%s", server,
			s->conf.mode == SETUP_INSTALL ? ": index templates are in place"
						      : ": index templates are there");
}

/* Moves to the first template from `template` on that records need and that has a step to do. */
static int go_to(struct setup *s, enum setup_step step, unsigned template)
{
	for (; template <SETUP_TEMPLATES; template ++) {
		const struct setup_wish wish = setup_wish_of(s, template);
		bool other = *s->others[template].first.name != '\0';
		bool spare = s->others[template].all && s->conf.mode == SETUP_CHECK;
		if (setup_template_needed(&wish) && (step == SETUP_OTHER ? other : !spare))
			break;
	}
	s->template = template;
	s->step = step;
	s->whole = false;
	if (template <SETUP_TEMPLATES)
		return 0;
	if (step == SETUP_OTHER)
		return go_to(s, SETUP_GET, 0);
	complete(s);
	return 0;
}

static int next_template(struct setup *s)
{
	return go_to(s, SETUP_GET, s->template + 1);
}

/* The template in an answer that is one. */
static const cJSON *template_of(const struct http_answer *answer, const cJSON *root)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "index_templates");

	return answer->status != 200 ? NULL
				     : cJSON_GetObjectItemCaseSensitive(
					       cJSON_GetArrayItem(list, 0), "index_template");
}

/* --- templates of others --- */

static void look_at(struct setup *s, unsigned template, const cJSON *list, const char *index)
{
	struct setup_other other;
	long ours = s->conf.mode == SETUP_INSTALL
			    ? (template == SETUP_STREAM ? STREAM_PRIORITY : PRIORITY)
			    : -1;

	if (!setup_others_find(list, setup_rows[template].name, ours, index, &other))
		s->others[template].all = false;
	else if (!*s->others[template].first.name)
		s->others[template].first = other;
}

/* What indices of ours will be called today. */
static void look_at_names(struct setup *s, unsigned template, const cJSON *list)
{
	static const struct frame_header kinds[] = { { .kind = FRAME_FULL },
		{ .kind = FRAME_FULL, .flags = FRAME_UNSYNCED }, { .kind = FRAME_EVENT },
		{ .kind = FRAME_LITE } };
	const struct index_patterns *p = s->conf.patterns;
	int64_t now = clock_wall_ns();
	char name[INDEX_NAME_MAX];

	s->others[template].all = true;
	s->others[template].first.name[0] = '\0';
	if (template > SETUP_STREAM) {
		index_name(p, &kinds[template == SETUP_EVENTS ? 2 : 3], 1, now, name);
		look_at(s, template, list, name);
		return;
	}
	for (size_t i = s->conf.first; i < p->count; i++) {
		if (p->items[i].stream != (template == SETUP_STREAM))
			continue;
		for (unsigned k = 0; k < 2; k++) {
			index_name(p, &kinds[k], p->items[i].from, now, name);
			look_at(s, template, list, name);
		}
	}
}

int setup_on_list(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	for (unsigned i = 0; i < SETUP_TEMPLATES; i++)
		look_at_names(s, i, answer->status == 200 ? root : NULL);
	return go_to(s, SETUP_OTHER, 0);
}

int setup_on_other(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	const struct setup_other *other = &s->others[s->template].first;
	const cJSON *found = template_of(answer, root);
	char lacks[OTHERS_LACKS_MAX] = "", now[SETUP_TOLD_MAX], *told = s->told[s->template];
	bool stream = s->template == SETUP_STREAM;

	if (answer->status == 200)
		setup_others_lacks(found, stream, lacks);
	(void)snprintf(now, sizeof(now), "%s: %s", other->name, lacks);
	if (stream && found && !cJSON_HasObjectItem(found, "data_stream")) {
		(void)snprintf(s->why, sizeof(s->why),
			"the index template %.100s (priority %ld) comes before ours for %.100s, "
			"and "
			"makes no data stream of it",
			other->name, other->priority, other->index);
		s->step = SETUP_LIST;
		return ERR_AGAIN;
	}
	if (!s->again || strcmp(now, told) != 0)
		(*lacks ? log_warn : log_info)("the index template %s (priority %ld) comes before "
					       "%s for %s, and is used as "
					       "it is%s%s",
			other->name, other->priority, setup_rows[s->template].name, other->index,
			*lacks ? "; it lacks " : "", lacks);
	(void)snprintf(told, SETUP_TOLD_MAX, "%s", now);
	return go_to(s, SETUP_OTHER, s->template + 1);
}

/* --- ours --- */

static void warn(const struct setup *s, const cJSON *found, const struct index_setting *differs)
{
	if (s->again)
		return;
	if (setup_is_older(found))
		log_warn("the index template %s on the server is older than this espcap; --setup "
			 "install renews it",
			setup_rows[s->template].name);
	if (differs)
		log_warn("the index template %s on the server does not have %s %s; --setup install "
			 "sets it",
			setup_rows[s->template].name, differs->key, differs->value);
}

/* It is there, and no or not all of what is wanted. */
static int on_wanting(struct setup *s, const struct setup_wish *wish, const cJSON *found)
{
	if (s->conf.mode == SETUP_INSTALL && found && !s->whole) {
		s->whole = true; /* what somebody else put there is kept */
		return 0;
	}
	if (s->conf.mode == SETUP_INSTALL) {
		cJSON_Delete(s->found);
		s->found = found ? cJSON_Duplicate(found, true) : NULL;
		s->step = SETUP_PUT;
		return 0;
	}
	if (!found)
		return wait_for_template(
			s, "the server does not have", "; --setup install puts it there");
	if (wish->stream && !cJSON_HasObjectItem(found, "data_stream"))
		return wait_for_template(
			s, "data streams are not made by", "; --setup install mends it");
	if (!setup_template_covers(wish, found))
		return wait_for_template(s, "the index pattern in force is not in",
			" of the server; --setup install adds it");
	warn(s, found, setup_template_differs(wish, found));
	return next_template(s);
}

int setup_on_template(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	const struct setup_wish wish = setup_wish_of(s, s->template);
	const cJSON *found = template_of(answer, root);

	if (answer->status != 200 && answer->status != 404)
		return wait_for_template(s, "the server does not tell whether it has", "");
	if (found && setup_template_covers(&wish, found) && !setup_template_differs(&wish, found) &&
		!setup_is_older(found))
		return next_template(s);
	return on_wanting(s, &wish, found);
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
	const char *reason = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(error, "reason"));
	return reason ? reason : "no reason given";
}

/* What people can do about a reason that servers give. */
static const struct {
	const char *reason, *text;
} remedies[] = {
	{ "unknown setting [index.lifecycle",
		"it has no lifecycle policies; leave --lifecycle out" },
	{ "that have the same priority",
		"one of the same priority is for the same indices, and with "
		"a higher one would be used instead of ours: " },
	{ "unknown field [data_stream", "it has no data streams; leave --data-stream out" },
	{ "logsdb", "it has no logsdb; leave --index-mode out" },
	{ "unknown setting [index.mode", "it has no logsdb; leave --index-mode out" },
};

static int refused(struct setup *s, const char *reason)
{
	const char *remedy = NULL, *name = setup_rows[s->template].name;
	const char *other = strstr(reason, "existing templates [");

	for (size_t i = 0; !remedy && i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (strstr(reason, remedies[i].reason))
			remedy = remedies[i].text;
	s->step = SETUP_GET;
	if (!remedy)
		(void)snprintf(s->why, sizeof(s->why),
			"the server refuses the index template %s: %.240s", name, reason);
	else
		(void)snprintf(s->why, sizeof(s->why),
			"the server refuses the index template %s: %s%.*s", name, remedy,
			other ? (int)strcspn(other + 18, "]") + 1 : 0, other ? other + 18 : "");
	return ERR_AGAIN;
}

int setup_on_put(struct setup *s, const struct http_answer *answer, const cJSON *root)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(root, "error");
	bool packets = s->template == SETUP_PACKETS || s->template == SETUP_STREAM;

	if (answer->status == 200)
		return next_template(s);
	/* of a server that nobody knows the forms are tried, from the newest on */
	if (!s->server.known && packets && answer->status == 400 && s->layers + 1 < LAYERS_KINDS) {
		s->layers++;
		return 0;
	}
	s->layers = setup_server_layers(&s->server);
	return refused(s, innermost_reason(error));
}
