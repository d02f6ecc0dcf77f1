/* bulk.h -- the body of a _bulk request, cut into its items. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_BULK_H
#define FAKE_BULK_H

#include "doc.h"
#include "reply.h"

enum bulk_op { BULK_CREATE, BULK_INDEX };

enum bulk_error { BULK_GOOD, BULK_AS_WORDED, BULK_CONFLICT, BULK_BAD_DOC, BULK_BAD_INDEX };

/* Names are kept as places in bulk.names, which moves while it grows. */
struct bulk_name {
	size_t at, n;
};

struct bulk_item {
	enum bulk_op op;
	struct bulk_name id, index;
	struct view doc;
	/* what became of it */
	int status;
	enum bulk_error error;
	const char *type, *reason; /* borrowed from the rule, or static */
	const char *failure_store; /* NULL: not mentioned */
	bool only200;              /* answered with 200, as what a pipeline drops */
	size_t column;
	uint64_t seq_no;
	uint32_t version;
	struct doc_facts facts;
};

struct bulk {
	struct bulk_item *items;
	size_t n, room;
	struct text names;
	uint64_t auto_ids; /* counts the ids made for items that have none */
};

void bulk_init(struct bulk *b);
void bulk_done(struct bulk *b);
/* Cuts the body; -1 and a whole-request error in `reply` where Elasticsearch refuses it as a whole.
 * Items point into `body`. */
int bulk_parse(struct bulk *b, struct view body, struct view index, struct reply *reply);
struct view bulk_view(const struct bulk *b, struct bulk_name name);
const char *bulk_op_name(enum bulk_op op);

#endif
