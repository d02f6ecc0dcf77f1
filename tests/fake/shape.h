/* shape.h -- the shape a client asks for: filter_path and pretty. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_SHAPE_H
#define FAKE_SHAPE_H

#include <cJSON.h>

#include "reply.h"
#include "text.h"

enum { SHAPE_PATTERNS = 32 };

struct shape {
	bool pretty;
	unsigned n; /* patterns; 0 keeps all */
	struct view patterns[SHAPE_PATTERNS];
	struct text bytes; /* what the patterns point into */
};

/* False when there are more than SHAPE_PATTERNS patterns. */
bool shape_init(struct shape *s, struct view query);
void shape_done(struct shape *s);
/* What to answer when shape_init said no. */
void shape_refused(struct reply *r);
/* Whether the leaf with that path ("items.create.status") stays; arrays are no segment of it. */
bool shape_keeps(const struct shape *s, const char *path);
/* Adds the tree in that shape to `out`, and takes the tree. */
void shape_print(const struct shape *s, cJSON *tree, struct text *out);
/* Compact JSON as Elasticsearch prints it with ?pretty, and with the newline it ends on. */
void shape_pretty(struct view json, struct text *out);

#endif
