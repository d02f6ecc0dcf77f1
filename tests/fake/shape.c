/* shape.c -- the shape a client asks for: filter_path and pretty. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uri.h"

enum { MAX_QUERY = 8192, MAX_PATH = 512 };

bool shape_init(struct shape *s, struct view query)
{
	struct text pretty;

	*s = (struct shape){ .pretty = false };
	text_init(&s->bytes, MAX_QUERY);
	text_init(&pretty, MAX_QUERY);
	if (uri_param(query, "pretty", &pretty))
		s->pretty = !view_is(text_view(&pretty), "false");
	text_done(&pretty);
	if (!uri_param(query, "filter_path", &s->bytes))
		return true;
	struct view rest = text_view(&s->bytes);

	while (rest.n) {
		const char *comma = memchr(rest.p, ',', rest.n);
		size_t n = comma ? (size_t)(comma - rest.p) : rest.n;

		if (s->n == SHAPE_PATTERNS)
			return false;
		if (n)
			s->patterns[s->n++] = view_of(rest.p, n);
		rest = view_of(rest.p + n + (comma ? 1 : 0), rest.n - n - (comma ? 1 : 0));
	}
	return true;
}

void shape_done(struct shape *s)
{
	text_done(&s->bytes);
}

void shape_refused(struct reply *r)
{
	reply_error(r, 400, "illegal_argument_exception", "too many patterns in filter_path");
}

/* The first segment of a dotted path, and what comes after it. */
static struct view first_segment(struct view path, struct view *rest)
{
	const char *dot = path.n ? memchr(path.p, '.', path.n) : NULL;
	size_t n = dot ? (size_t)(dot - path.p) : path.n;

	*rest = view_of(path.p + n + (dot ? 1 : 0), path.n - n - (dot ? 1 : 0));
	return view_of(path.p, n);
}

static bool segment_matches(struct view pattern, struct view name)
{
	char glob[MAX_PATH];

	if (pattern.n >= sizeof(glob))
		return false;
	memcpy(glob, pattern.p, pattern.n);
	glob[pattern.n] = '\0';
	return uri_glob(glob, name);
}

/* A pattern that ends before the path does covers all that lies below it. */
static bool pattern_matches(struct view pattern, struct view path)
{
	struct view prest, rest;

	if (pattern.n == 0)
		return true;
	if (path.n == 0)
		return false;
	struct view seg = first_segment(pattern, &prest);
	struct view name = first_segment(path, &rest);

	if (view_is(seg, "**"))
		return pattern_matches(prest, path) || pattern_matches(pattern, rest);
	return segment_matches(seg, name) && pattern_matches(prest, rest);
}

bool shape_keeps(const struct shape *s, const char *path)
{
	bool includes = false, hit = false;

	for (unsigned i = 0; i < s->n; i++) {
		struct view p = s->patterns[i];
		bool exclude = p.p[0] == '-';

		if (exclude)
			p = view_of(p.p + 1, p.n - 1);
		bool matches = pattern_matches(p, view_str(path));

		if (exclude && matches)
			return false;
		includes |= !exclude;
		hit |= !exclude && matches;
	}
	return hit || !includes;
}

/* False when nothing of the node stays; path is where it hangs. */
static bool prune(const struct shape *s, cJSON *node, const char *path)
{
	bool any = false;
	cJSON *next;

	if (!node->child)
		return shape_keeps(s, path);
	for (cJSON *child = node->child; child; child = next) {
		char below[MAX_PATH];

		next = child->next;
		if (child->string)
			snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "",
				child->string);
		else
			snprintf(below, sizeof(below), "%s", path);
		bool keep = prune(s, child, below);

		any |= keep;
		if (!keep)
			cJSON_Delete(cJSON_DetachItemViaPointer(node, child));
	}
	return any;
}

void shape_print(const struct shape *s, cJSON *tree, struct text *out)
{
	bool any = s->n == 0 || prune(s, tree, "");
	char *json = need(any ? cJSON_PrintUnformatted(tree) : strdup("{}"));

	if (s->pretty)
		shape_pretty(view_str(json), out);
	else
		text_str(out, json);
	free(json);
	cJSON_Delete(tree);
}

static void newline(struct text *out, unsigned depth)
{
	text_str(out, "\n");
	for (unsigned i = 0; i < depth; i++)
		text_str(out, "  ");
}

/* Bytes of the JSON string that starts here. */
static size_t string_size(struct view json)
{
	size_t n = 1;

	while (n < json.n && json.p[n] != '"')
		n += json.p[n] == '\\' ? 2 : 1;
	return n < json.n ? n + 1 : json.n;
}

/* An opening or closing bracket; steps over the closing one of "{}" and "[]". */
static size_t pretty_bracket(struct view json, unsigned *depth, struct text *out)
{
	char c = json.p[0];
	bool opens = c == '{' || c == '[';

	if (opens && json.n > 1 && (json.p[1] == '}' || json.p[1] == ']')) {
		text_fmt(out, "%c %c", c, json.p[1]);
		return 2;
	}
	if (opens) {
		text_add(out, &c, 1);
		newline(out, ++*depth);
	} else {
		newline(out, --*depth);
		text_add(out, &c, 1);
	}
	return 1;
}

void shape_pretty(struct view json, struct text *out)
{
	unsigned depth = 0;
	size_t n;

	for (size_t at = 0; at < json.n; at += n) {
		char c = json.p[at];

		n = 1;
		if (strchr("{}[]", c)) {
			n = pretty_bracket(view_of(json.p + at, json.n - at), &depth, out);
		} else if (c == '"') {
			n = string_size(view_of(json.p + at, json.n - at));
			text_add(out, json.p + at, n);
		} else if (c == ',') {
			text_str(out, ",");
			newline(out, depth);
		} else {
			text_str(out, c == ':' ? " : " : (char[]){ c, '\0' });
		}
	}
	text_str(out, "\n");
}
