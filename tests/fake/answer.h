/* answer.h -- the JSON answer to a _bulk request, right or mangled. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_ANSWER_H
#define FAKE_ANSWER_H

#include "bulk.h"
#include "rule.h"
#include "shape.h"

/* Members, order and words are those of Elasticsearch 8.19; `mangle` breaks one thing of it. */
void answer_print(const struct bulk *b, const struct shape *shape, enum rule_answer mangle,
	uint64_t took_ms, struct text *out);

/* An index's uuid, made from its name; 22 characters and a zero. */
void answer_uuid(struct view index, char uuid[23]);

#endif
