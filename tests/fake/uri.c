/* uri.c -- paths, query parameters and globs of a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "uri.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* Decodes %XX into room for at least v.n bytes; -1 on a broken escape. */
static long decode(struct view v, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		char hex[3] = { 0 };

		to[n] = v.p[i];
		if (v.p[i] == '%') {
			if (i + 2 >= v.n || !isxdigit((unsigned char)v.p[i + 1]) ||
				!isxdigit((unsigned char)v.p[i + 2]))
				return -1;
			memcpy(hex, v.p + i + 1, 2);
			to[n] = (char)strtol(hex, NULL, 16);
			i += 2;
		}
		n++;
	}
	return (long)n;
}

bool uri_split(struct uri *u, struct view path)
{
	u->n = 0;
	if (path.n > sizeof(u->bytes))
		return false;
	long n = decode(path, u->bytes);

	if (n < 1)
		return false;
	u->path = view_of(u->bytes, (size_t)n);
	for (size_t at = 1; at < u->path.n;) {
		const char *p = u->bytes + at;
		const char *slash = memchr(p, '/', u->path.n - at);
		size_t len = slash ? (size_t)(slash - p) : u->path.n - at;

		if (len && u->n == URI_SEGMENTS)
			return false;
		if (len)
			u->seg[u->n++] = view_of(p, len);
		at += len + 1;
	}
	return true;
}

/* Takes the next name[=value] off the query. */
static bool next_param(struct view *rest, struct view *name, struct view *value)
{
	if (rest->n == 0)
		return false;
	const char *amp = memchr(rest->p, '&', rest->n);
	size_t n = amp ? (size_t)(amp - rest->p) : rest->n;
	const char *eq = memchr(rest->p, '=', n);

	*name = view_of(rest->p, eq ? (size_t)(eq - rest->p) : n);
	*value = eq ? view_of(eq + 1, n - name->n - 1) : view_of(rest->p + n, 0);
	*rest = view_of(rest->p + n + (amp ? 1 : 0), rest->n - n - (amp ? 1 : 0));
	return true;
}

bool uri_param(struct view query, const char *name, struct text *out)
{
	struct view key, value;

	while (next_param(&query, &key, &value)) {
		if (!view_is(key, name))
			continue;
		char *room = out ? text_room(out, value.n + 1) : NULL;
		long n = room ? decode(value, room) : 0;

		if (n > 0)
			out->len += (size_t)n;
		return true;
	}
	return false;
}

struct view uri_unknown_param(struct view query, const char *const known[])
{
	struct view key, value;

	while (next_param(&query, &key, &value)) {
		size_t i = 0;

		while (known[i] && !view_is(key, known[i]))
			i++;
		if (!known[i] && key.n)
			return key;
	}
	return view_of(NULL, 0);
}

bool uri_glob(const char *pattern, struct view v)
{
	char *s = need(strndup(v.n ? v.p : "", v.n));
	bool hit = fnmatch(pattern, s, 0) == 0;

	free(s);
	return hit;
}
