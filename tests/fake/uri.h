/* uri.h -- paths, query parameters and globs of a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_URI_H
#define FAKE_URI_H

#include "text.h"

enum { URI_SEGMENTS = 6 };

/* The decoded path, cut at its slashes. */
struct uri {
	char bytes[4096];
	struct view path;
	struct view seg[URI_SEGMENTS];
	unsigned n;
};

/* False: too long, too many segments or a broken escape. Views point into *u. */
bool uri_split(struct uri *u, struct view path);
/* Adds the decoded value of a query parameter to `out` (may be NULL); false: it is not there. */
bool uri_param(struct view query, const char *name, struct text *out);
/* The name of the first parameter that is not in the list (ends with NULL); n is 0 when all are. */
struct view uri_unknown_param(struct view query, const char *const known[]);
/* `*` also matches slashes. */
bool uri_glob(const char *pattern, struct view v);

#endif
