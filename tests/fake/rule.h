/* rule.h -- one rule of a script: which requests it meets and what it does to them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_RULE_H
#define FAKE_RULE_H

#include "store.h"
#include "text.h"

enum rule_which {
	WHICH_ALL,
	WHICH_EVERY,
	WHICH_HALF,
	WHICH_FIRST,
	WHICH_LAST,
	WHICH_INDEX,
	WHICH_MATCH,
	WHICH_SEQ_MOD
};

enum rule_answer {
	ANSWER_NORMAL,
	ANSWER_REORDERED,
	ANSWER_MISSING_ITEM,
	ANSWER_EXTRA_ITEM,
	ANSWER_OTHER_OP,
	ANSWER_ERRORS_FALSE,
	ANSWER_ERRORS_TRUE,
	ANSWER_PRETTY,
	ANSWER_STATUS_STRING,
	ANSWER_STATUS_MISSING,
	ANSWER_STATUS_NEGATIVE,
	ANSWER_TRUNCATED_JSON,
	ANSWER_HTML,
	ANSWER_REDIRECT,
	ANSWER_GARBAGE,
	ANSWER_HTTP10,
	ANSWER_LENGTH_LONG,
	ANSWER_LENGTH_SHORT,
	ANSWER_TRAILERS,
	ANSWER_BAD_GZIP,
	ANSWER_GZIP_BOMB,
	ANSWER_EMPTY
};

enum rule_continue { CONTINUE_NORMAL, CONTINUE_NEVER, CONTINUE_EARLY, CONTINUE_LATE };

enum { CUT_NONE = -1, CUT_IN_HEADERS = -2 };

struct rule_items {
	bool given, sticky;
	int64_t status;
	char *type, *reason, *failure_store, *needle;
	enum rule_which which;
	int64_t a, b; /* every:a, half:a, index:a, seq_mod:a:b */
};

struct rule {
	/* match */
	char *path, *method, *index; /* NULL: any */
	int64_t after, times, every;
	/* what is answered: at most one; numbers that were not given are -1 */
	int64_t status, read, limit_in_flight, limit_body;
	bool unauthorized, root_405, template_missing;
	char *poison;
	struct rule_items items;
	enum rule_answer answer;
	/* details of the above */
	struct text headers, body;
	bool has_body, json_body, own_type, html, close;
	char *until_header;
	/* what is stored, and how the answer goes out */
	bool has_store, store, hang, rst;
	int64_t cut, delay_ms, drip;
	enum rule_continue expect;
	/* state */
	uint64_t seen, fired, items_seen, random;
	struct store refused; /* ids of a sticky rule that goes by position */
};

struct rule_request {
	struct view method, path, index; /* index: that of the path, n is 0 without one */
};

struct rule_item {
	struct view id, index, doc;
	int64_t sequence; /* -1: none */
	size_t at, n;     /* place in the body, items in the body */
};

void rule_init(struct rule *r);
void rule_done(struct rule *r);
/* Counts the request if it matches; true when the rule acts on it. */
bool rule_acts(struct rule *r, const struct rule_request *q);
/* Whether the rule's `items` refuse this one. */
bool rule_refuses(struct rule *r, const struct rule_item *it);
/* Whether items of a request under this rule (or NULL) are kept. */
bool rule_stores(const struct rule *r);

#endif
