/* bulk.c -- the body of a _bulk request, cut into its items. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "bulk.h"

#include <cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

enum { NAMES_MAX = 1 << 30 };

struct parse {
	struct bulk *bulk;
	struct reply *reply;
	struct view index; /* of the path */
	struct bulk_name last_index;
	struct text invalid; /* "1: index is missing;" ... */
	unsigned invalid_n, line;
};

void bulk_init(struct bulk *b)
{
	*b = (struct bulk){ .items = NULL };
	text_init(&b->names, NAMES_MAX);
}

void bulk_done(struct bulk *b)
{
	free(b->items);
	text_done(&b->names);
}

struct view bulk_view(const struct bulk *b, struct bulk_name name)
{
	if (name.n == 0)
		return view_of("", 0);
	return view_of(b->names.p + name.at, name.n);
}

const char *bulk_op_name(enum bulk_op op)
{
	return op == BULK_CREATE ? "create" : "index";
}

static struct bulk_name keep(struct bulk *b, struct view v)
{
	struct bulk_name name = { b->names.len, v.n };

	text_view_add(&b->names, v);
	return name;
}

static struct bulk_item *add_item(struct bulk *b)
{
	if (b->n == b->room) {
		b->room = b->room ? b->room * 2 : 256;
		b->items = need(realloc(b->items, b->room * sizeof(*b->items)));
	}
	b->items[b->n] = (struct bulk_item){ .status = 0 };
	return &b->items[b->n++];
}

__attribute__((format(printf, 2, 3))) static int refuse(struct parse *p, const char *fmt, ...)
{
	char reason[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	reply_error(p->reply, 400, "illegal_argument_exception", reason);
	return -1;
}

static int malformed(struct parse *p, const char *expected, const char *found)
{
	return refuse(p, "Malformed action/metadata line [%u], expected %s but found [%s]", p->line,
		expected, found);
}

/* Takes a line, without its newline and a carriage return before that. */
static bool next_line(struct view *rest, struct view *line)
{
	const char *nl = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

	if (!nl)
		return false;
	*line = view_of(rest->p, (size_t)(nl - rest->p));
	*rest = view_of(nl + 1, rest->n - line->n - 1);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

__attribute__((format(printf, 2, 3))) static void invalid(struct parse *p, const char *fmt, ...)
{
	va_list ap;

	text_fmt(&p->invalid, "%u: ", ++p->invalid_n);
	va_start(ap, fmt);
	text_vfmt(&p->invalid, fmt, ap);
	va_end(ap);
	text_str(&p->invalid, ";");
}

static struct bulk_name make_id(struct parse *p)
{
	char id[32];
	int n = snprintf(id, sizeof(id), "auto%016" PRIx64, ++p->bulk->auto_ids);

	return keep(p->bulk, view_of(id, (size_t)n));
}

static void name_index(struct parse *p, struct bulk_item *it, struct view index)
{
	if (index.n == 0)
		invalid(p, "index is missing");
	if (!view_same(bulk_view(p->bulk, p->last_index), index))
		p->last_index = keep(p->bulk, index);
	it->index = p->last_index;
}

static int check_params(struct parse *p, const cJSON *meta)
{
	static const char *const known[] = { "_index", "_id", "routing", "if_seq_no",
		"if_primary_term", "retry_on_conflict", "pipeline", "require_alias",
		"require_data_stream", "dynamic_templates", "version", "version_type", "op_type",
		"_source", "list_executed_pipelines" };
	for (const cJSON *v = meta->child; v; v = v->next) {
		size_t i = 0;

		while (i < sizeof(known) / sizeof(*known) && strcmp(known[i], v->string) != 0)
			i++;
		if (i == sizeof(known) / sizeof(*known))
			return refuse(p,
				"Action/metadata line [%u] contains an unknown parameter [%s]",
				p->line, v->string);
	}
	return 0;
}

static int read_meta(struct parse *p, enum bulk_op op, const cJSON *meta)
{
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(meta, "_id"));
	const char *index = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(meta, "_index"));

	if (!cJSON_IsObject(meta))
		return malformed(p, "START_OBJECT or END_OBJECT", "VALUE_STRING");
	if (check_params(p, meta) < 0)
		return -1;
	struct bulk_item *it = add_item(p->bulk);

	it->op = op;
	name_index(p, it, index ? view_str(index) : p->index);
	it->id = id ? keep(p->bulk, view_str(id)) : make_id(p);
	if (it->id.n > STORE_MAX_ID)
		invalid(p, "id [%s] is too long, must be no longer than 512 bytes but was: %zu", id,
			it->id.n);
	return 0;
}

static int read_action(struct parse *p, struct view line)
{
	cJSON *tree = cJSON_ParseWithLength(line.p, line.n);
	const cJSON *action = tree ? tree->child : NULL;
	const char *op = action ? action->string : NULL;
	int r = -1;

	if (!cJSON_IsObject(tree))
		reply_error(p->reply, 400, "x_content_parse_exception",
			"Unrecognized token: was expecting (JSON String, Number, Array, Object "
			"or token 'null', 'true' or 'false')");
	else if (!op)
		malformed(p, "FIELD_NAME", "END_OBJECT");
	else if (strcmp(op, "create") == 0 || strcmp(op, "index") == 0)
		r = read_meta(p, op[0] == 'c' ? BULK_CREATE : BULK_INDEX, action);
	else if (strcmp(op, "delete") == 0 || strcmp(op, "update") == 0)
		refuse(p, "fake-es knows create and index only, line [%u] has [%s]", p->line, op);
	else
		malformed(p, "field [create], [delete], [index] or [update]", op);
	cJSON_Delete(tree);
	return r;
}

static int read_items(struct parse *p, struct view body)
{
	struct view action, doc;

	while (next_line(&body, &action)) {
		p->line++;
		if (action.n == 0)
			continue;
		size_t before = p->bulk->n;

		if (read_action(p, action) < 0)
			return -1;
		if (!next_line(&body, &doc)) {
			/* an action without a document is no request */
			p->bulk->n = before;
			break;
		}
		p->line++;
		p->bulk->items[before].doc = doc;
	}
	return 0;
}

static int check_all(struct parse *p)
{
	struct text reason;

	if (p->bulk->n && !p->invalid_n)
		return 0;
	if (!p->bulk->n) {
		text_clear(&p->invalid);
		text_str(&p->invalid, "1: no requests added;");
	}
	text_init(&reason, NAMES_MAX);
	text_str(&reason, "Validation Failed: ");
	text_view_add(&reason, text_view(&p->invalid));
	text_add(&reason, "", 1);
	reply_error(p->reply, 400, "action_request_validation_exception", reason.p);
	text_done(&reason);
	return -1;
}

int bulk_parse(struct bulk *b, struct view body, struct view index, struct reply *reply)
{
	struct parse p = { .bulk = b, .reply = reply, .index = index };

	text_init(&p.invalid, NAMES_MAX);
	if (body.n == 0) {
		reply_error(reply, 400, "parse_exception", "request body is required");
		return -1;
	}
	if (body.p[body.n - 1] != '\n')
		return refuse(&p, "The bulk request must be terminated by a newline [\\n]");
	int r = read_items(&p, body);

	if (r == 0)
		r = check_all(&p);
	text_done(&p.invalid);
	return r;
}
