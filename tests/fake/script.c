/* script.c -- the script: from JSON to rules, and from a request to its rule. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <cJSON.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doc.h"
#include "keys.h"

static bool read_answer(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;
	static const char *const names[] = { [ANSWER_NORMAL] = "normal",
		[ANSWER_REORDERED] = "reordered",
		[ANSWER_MISSING_ITEM] = "missing_item",
		[ANSWER_EXTRA_ITEM] = "extra_item",
		[ANSWER_OTHER_OP] = "other_op",
		[ANSWER_ERRORS_FALSE] = "errors_false_with_failures",
		[ANSWER_ERRORS_TRUE] = "errors_true_without",
		[ANSWER_PRETTY] = "pretty",
		[ANSWER_STATUS_STRING] = "status_string",
		[ANSWER_STATUS_MISSING] = "status_missing",
		[ANSWER_STATUS_NEGATIVE] = "status_negative",
		[ANSWER_TRUNCATED_JSON] = "truncated_json",
		[ANSWER_HTML] = "html200",
		[ANSWER_REDIRECT] = "redirect302",
		[ANSWER_GARBAGE] = "garbage64m",
		[ANSWER_HTTP10] = "http10",
		[ANSWER_LENGTH_LONG] = "content_length_long",
		[ANSWER_LENGTH_SHORT] = "content_length_short",
		[ANSWER_TRAILERS] = "chunked_trailers",
		[ANSWER_BAD_GZIP] = "bad_gzip",
		[ANSWER_GZIP_BOMB] = "gzip_bomb",
		[ANSWER_EMPTY] = "empty200",
		NULL };
	int n = keys_read_name(k, v, names);

	if (n < 0)
		return false;
	r->answer = (enum rule_answer)n;
	return true;
}

static bool read_continue(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;
	static const char *const names[] = { "normal", "never", "early", "late", NULL };
	int n = keys_read_name(k, v, names);

	if (n < 0)
		return false;
	r->expect = (enum rule_continue)n;
	return true;
}

static bool read_headers(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;

	if (!cJSON_IsObject(v))
		return keys_wrong(k, "headers must be an object");
	for (const cJSON *h = v->child; h; h = h->next) {
		if (!cJSON_IsString(h))
			return keys_wrong(k, "the header %s must be a text", h->string);
		text_fmt(&r->headers, "%s: %s\r\n", h->string, h->valuestring);
		r->own_type |= strcasecmp(h->string, "Content-Type") == 0;
	}
	return true;
}

static bool read_body(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;
	r->has_body = true;
	r->json_body = !cJSON_IsString(v);
	if (cJSON_IsString(v)) {
		text_str(&r->body, v->valuestring);
		return true;
	}
	char *json = need(cJSON_PrintUnformatted(v));

	text_str(&r->body, json);
	free(json);
	return true;
}

static bool read_cut(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;
	static const char *const names[] = { "before_answer", "in_headers", NULL };
	static const struct keys_key bytes = { "cut", KEY_INT, offsetof(struct rule, cut), 0,
		NULL };

	if (cJSON_IsNumber(v))
		return keys_read_one(k, &bytes, v);
	int n = keys_read_name(k, v, names);

	if (n < 0)
		return false;
	r->cut = n == 0 ? 0 : CUT_IN_HEADERS;
	return true;
}

/* ":N" n times, and then the end. */
static bool read_numbers(const char *s, unsigned n, int64_t numbers[2])
{
	for (unsigned i = 0; i < n; i++) {
		char *end;

		if (s[0] != ':' || !isdigit((unsigned char)s[1]) || strlen(s) > 20)
			return false;
		numbers[i] = (int64_t)strtol(s + 1, &end, 10);
		s = end;
	}
	return *s == '\0';
}

static bool read_which(struct keys_read *k, const cJSON *v)
{
	static const struct {
		const char *name;
		enum rule_which which;
		unsigned numbers;
	} forms[] = {
		{ "all", WHICH_ALL, 0 },
		{ "first", WHICH_FIRST, 0 },
		{ "last", WHICH_LAST, 0 },
		{ "every", WHICH_EVERY, 1 },
		{ "half", WHICH_HALF, 1 },
		{ "index", WHICH_INDEX, 1 },
		{ "seq_mod", WHICH_SEQ_MOD, 2 },
	};
	struct rule_items *w = &((struct rule *)k->into)->items;
	const char *s = cJSON_IsString(v) ? v->valuestring : "";

	if (strncmp(s, "match:", 6) == 0 && s[6]) {
		w->which = WHICH_MATCH;
		free(w->needle);
		w->needle = need(strdup(s + 6));
		return true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t n = strlen(forms[i].name);
		int64_t numbers[2] = { 1, 0 };

		if (strncmp(s, forms[i].name, n) != 0 ||
			!read_numbers(s + n, forms[i].numbers, numbers))
			continue;
		w->which = forms[i].which;
		w->a = numbers[0];
		w->b = numbers[1];
		if (w->a > 0 || w->which == WHICH_HALF || w->which == WHICH_INDEX)
			return true;
	}
	return keys_wrong(k, "which has no such value \"%s\"", s);
}

static bool read_store(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;
	static const struct keys_key key = { "store", KEY_BOOL, offsetof(struct rule, store), 0,
		NULL };

	r->has_store = true;
	return keys_read_one(k, &key, v);
}

#define AT(member) offsetof(struct rule, member)

static bool read_items(struct keys_read *k, const cJSON *v)
{
	struct rule *r = k->into;
	static const struct keys_key keys[] = {
		{ "status", KEY_INT, AT(items.status), 100, NULL },
		{ "type", KEY_STRING, AT(items.type), 0, NULL },
		{ "reason", KEY_STRING, AT(items.reason), 0, NULL },
		{ "failure_store", KEY_STRING, AT(items.failure_store), 0, NULL },
		{ "sticky", KEY_BOOL, AT(items.sticky), 0, NULL },
		{ "which", KEY_CUSTOM, 0, 0, read_which },
		{ NULL, KEY_INT, 0, 0, NULL },
	};

	r->items.given = true;
	if (!keys_read(k, v, "items", keys))
		return false;
	if (r->items.status >= 100 && r->items.status <= 999)
		return true;
	return keys_wrong(k, "items needs a status of three digits");
}

static const struct keys_key match_keys[] = {
	{ "path", KEY_STRING, AT(path), 0, NULL },
	{ "method", KEY_STRING, AT(method), 0, NULL },
	{ "index", KEY_STRING, AT(index), 0, NULL },
	{ "after", KEY_INT, AT(after), 1, NULL },
	{ "times", KEY_INT, AT(times), 1, NULL },
	{ "every", KEY_INT, AT(every), 1, NULL },
	{ NULL, KEY_INT, 0, 0, NULL },
};

static const struct keys_key action_keys[] = {
	{ "status", KEY_INT, AT(status), 100, NULL },
	{ "headers", KEY_CUSTOM, 0, 0, read_headers },
	{ "body", KEY_CUSTOM, 0, 0, read_body },
	{ "items", KEY_CUSTOM, 0, 0, read_items },
	{ "answer", KEY_CUSTOM, 0, 0, read_answer },
	{ "limit_in_flight_bytes", KEY_INT, AT(limit_in_flight), 0, NULL },
	{ "limit_body_bytes", KEY_INT, AT(limit_body), 0, NULL },
	{ "html", KEY_BOOL, AT(html), 0, NULL },
	{ "poison_whole_body", KEY_STRING, AT(poison), 0, NULL },
	{ "unauthorized", KEY_TRUE, AT(unauthorized), 0, NULL },
	{ "until_header", KEY_STRING, AT(until_header), 0, NULL },
	{ "root_405", KEY_TRUE, AT(root_405), 0, NULL },
	{ "template_missing", KEY_TRUE, AT(template_missing), 0, NULL },
	{ "read", KEY_INT, AT(read), 0, NULL },
	{ "close", KEY_BOOL, AT(close), 0, NULL },
	{ "store", KEY_CUSTOM, 0, 0, read_store },
	{ "delay_ms", KEY_INT, AT(delay_ms), 0, NULL },
	{ "drip_bytes_per_s", KEY_INT, AT(drip), 1, NULL },
	{ "hang", KEY_TRUE, AT(hang), 0, NULL },
	{ "cut", KEY_CUSTOM, 0, 0, read_cut },
	{ "rst", KEY_BOOL, AT(rst), 0, NULL },
	{ "continue", KEY_CUSTOM, 0, 0, read_continue },
	{ NULL, KEY_INT, 0, 0, NULL },
};

/* A detail without the thing it details would be ignored, so it is an error too. */
static bool check_rule(struct keys_read *k)
{
	const struct rule *r = k->into;
	int verdicts = (r->status >= 0) + (r->items.given || r->answer) +
		       (r->limit_in_flight >= 0) + (r->limit_body >= 0) + (r->poison != NULL) +
		       r->unauthorized + r->root_405 + r->template_missing + (r->read >= 0);

	if (verdicts > 1)
		return keys_wrong(k, "an action can only have one answer");
	if (r->status > 599)
		return keys_wrong(k, "status must be below 600");
	if ((r->headers.len || r->has_body) && r->status < 0)
		return keys_wrong(k, "headers and body need a status");
	if (r->html && r->limit_body < 0)
		return keys_wrong(k, "html needs limit_body_bytes");
	if (r->close && r->read < 0)
		return keys_wrong(k, "close needs read");
	if (r->rst && r->cut == CUT_NONE)
		return keys_wrong(k, "rst needs cut");
	if (r->until_header && (!r->unauthorized || !strstr(r->until_header, ": ")))
		return keys_wrong(
			k, "until_header needs unauthorized and the form \"Name: value\"");
	return true;
}

static bool read_rule(struct keys_read *k, const cJSON *json)
{
	bool acts = false;

	if (!cJSON_IsObject(json))
		return keys_wrong(k, "it must be an object");
	for (const cJSON *part = json->child; part; part = part->next) {
		bool action = strcmp(part->string, "action") == 0;

		if (!action && strcmp(part->string, "match") != 0)
			return keys_wrong(k, "it has an unknown key \"%s\"", part->string);
		if (!keys_read(k, part, part->string, action ? action_keys : match_keys))
			return false;
		acts |= action;
	}
	return acts ? check_rule(k) : keys_wrong(k, "it has no action");
}

static bool read_rules(struct script *s, const cJSON *list, struct script_error *error)
{
	for (const cJSON *json = list->child; json; json = json->next) {
		char detail[200] = "";
		struct keys_read k = { &s->rules[s->n], detail, sizeof(detail) };

		rule_init(k.into);
		s->n++;
		if (read_rule(&k, json))
			continue;
		snprintf(error->text, sizeof(error->text), "rule %u: %s", s->n, detail);
		return false;
	}
	return true;
}

struct script *script_parse(struct view json, struct script_error *error)
{
	struct doc_fault fault;
	cJSON *tree = doc_check(json, &fault) ? cJSON_ParseWithLength(json.p, json.n) : NULL;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "rules");
	int n = cJSON_GetArraySize(list);
	struct script *s = NULL;

	if (tree)
		snprintf(error->text, sizeof(error->text), "it must be {\"rules\":[...]}");
	else
		snprintf(error->text, sizeof(error->text), "no JSON object: %s at byte %zu",
			fault.why, fault.column);
	if (cJSON_GetArraySize(tree) == 1 && cJSON_IsArray(list) && n <= SCRIPT_RULES) {
		s = need(calloc(1, sizeof(*s)));
		s->refs = 1;
		s->rules = need(calloc((size_t)n + 1, sizeof(*s->rules)));
		if (!read_rules(s, list, error)) {
			script_drop(s);
			s = NULL;
		}
	}
	cJSON_Delete(tree);
	return s;
}

struct script *script_hold(struct script *s)
{
	s->refs++;
	return s;
}

void script_drop(struct script *s)
{
	if (!s || --s->refs)
		return;
	for (unsigned i = 0; i < s->n; i++)
		rule_done(&s->rules[i]);
	free(s->rules);
	free(s);
}

struct rule *script_pick(struct script *s, const struct rule_request *q)
{
	for (unsigned i = 0; i < s->n; i++)
		if (rule_acts(&s->rules[i], q))
			return &s->rules[i];
	return NULL;
}
