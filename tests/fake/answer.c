/* answer.c -- the JSON answer to a _bulk request, right or mangled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum leaf {
	INDEX,
	ID,
	VERSION,
	RESULT,
	TOTAL,
	SUCCESSFUL,
	FAILED,
	SEQ_NO,
	TERM,
	STATUS,
	FAILURE_STORE,
	ERROR_TYPE,
	ERROR_REASON,
	ERROR_UUID,
	ERROR_SHARD,
	ERROR_INDEX,
	LEAVES
};

/* Which leaves a filter_path keeps is the same for all items of an op, so it is asked once. */
struct print {
	const struct bulk *b;
	struct text *out;
	uint32_t kept[2]; /* by op: bit per leaf */
	enum rule_answer mangle;
	size_t victim; /* the item that a mangled answer breaks */
};

static void ask_filter(struct print *p, const struct shape *shape)
{
	static const char *const names[LEAVES] = { [INDEX] = "_index",
		[ID] = "_id",
		[VERSION] = "_version",
		[RESULT] = "result",
		[TOTAL] = "_shards.total",
		[SUCCESSFUL] = "_shards.successful",
		[FAILED] = "_shards.failed",
		[SEQ_NO] = "_seq_no",
		[TERM] = "_primary_term",
		[STATUS] = "status",
		[FAILURE_STORE] = "failure_store",
		[ERROR_TYPE] = "error.type",
		[ERROR_REASON] = "error.reason",
		[ERROR_UUID] = "error.index_uuid",
		[ERROR_SHARD] = "error.shard",
		[ERROR_INDEX] = "error.index" };
	char path[64];

	for (unsigned op = 0; op < 2; op++) {
		for (unsigned i = 0; i < LEAVES; i++) {
			snprintf(path, sizeof(path), "items.%s.%s", bulk_op_name((enum bulk_op)op),
				names[i]);
			if (shape_keeps(shape, path))
				p->kept[op] |= 1u << i;
		}
	}
}

static bool keeps(const struct print *p, const struct bulk_item *it, enum leaf leaf)
{
	return p->kept[it->op] >> leaf & 1;
}

static void name_of(struct print *p, const char *name)
{
	text_comma(p->out);
	text_fmt(p->out, "\"%s\":", name);
}

static void put_text(struct print *p, const struct bulk_item *it, enum leaf leaf, const char *name,
	struct view v)
{
	if (!keeps(p, it, leaf))
		return;
	name_of(p, name);
	text_json(p->out, v);
}

static void put_number(
	struct print *p, const struct bulk_item *it, enum leaf leaf, const char *name, uint64_t n)
{
	if (!keeps(p, it, leaf))
		return;
	name_of(p, name);
	text_fmt(p->out, "%" PRIu64, n);
}

static void put_status(struct print *p, const struct bulk_item *it, bool victim)
{
	if (!keeps(p, it, STATUS) || (victim && p->mangle == ANSWER_STATUS_MISSING))
		return;
	name_of(p, "status");
	if (victim && p->mangle == ANSWER_STATUS_STRING)
		text_fmt(p->out, "\"%d\"", it->status);
	else if (victim && p->mangle == ANSWER_STATUS_NEGATIVE)
		text_fmt(p->out, "-%d", it->status);
	else
		text_fmt(p->out, "%d", it->status);
}

static void put_failure_store(struct print *p, const struct bulk_item *it)
{
	if (it->failure_store)
		put_text(p, it, FAILURE_STORE, "failure_store", view_str(it->failure_store));
}

/* Opens an object under a name; object_end takes it back when it stayed empty. */
static size_t object_begin(struct print *p, const char *name)
{
	size_t mark = p->out->len;

	name_of(p, name);
	text_str(p->out, "{");
	return mark;
}

static void object_end(struct print *p, size_t mark)
{
	if (p->out->len && p->out->p[p->out->len - 1] == '{')
		p->out->len = mark;
	else
		text_str(p->out, "}");
}

static void put_good(struct print *p, const struct bulk_item *it, bool victim)
{
	put_number(p, it, VERSION, "_version", it->version);
	put_text(p, it, RESULT, "result", view_str(it->status == 201 ? "created" : "updated"));
	size_t mark = object_begin(p, "_shards");

	/* one replica by default, and no second node for it */
	put_number(p, it, TOTAL, "total", 2);
	put_number(p, it, SUCCESSFUL, "successful", 1);
	put_number(p, it, FAILED, "failed", 0);
	object_end(p, mark);
	put_number(p, it, SEQ_NO, "_seq_no", it->seq_no);
	put_number(p, it, TERM, "_primary_term", 1);
	put_failure_store(p, it);
	put_status(p, it, victim);
}

static void word_reason(const struct print *p, const struct bulk_item *it, struct text *reason)
{
	struct view id = bulk_view(p->b, it->id), index = bulk_view(p->b, it->index);

	if (it->error == BULK_CONFLICT)
		text_fmt(reason,
			"[%.*s]: version conflict, document already exists (current version [%u])",
			(int)id.n, id.p, it->version);
	else if (it->error == BULK_BAD_INDEX)
		text_fmt(
			reason, "Invalid index name [%.*s], %s", (int)index.n, index.p, it->reason);
	else if (it->error == BULK_BAD_DOC && it->status == 400 && it->column)
		text_fmt(reason, "[1:2] failed to parse: [1:%zu] %s", it->column, it->reason);
	else if (it->error == BULK_BAD_DOC && it->status == 400)
		text_fmt(reason, "[0:0] failed to parse, %s", it->reason);
	else
		text_str(reason, it->reason);
}

static void put_error(struct print *p, const struct bulk_item *it)
{
	struct view index = bulk_view(p->b, it->index);
	struct text reason;
	char uuid[23];

	put_text(p, it, ERROR_TYPE, "type", view_str(it->type));
	text_init(&reason, 1 << 20);
	word_reason(p, it, &reason);
	put_text(p, it, ERROR_REASON, "reason", text_view(&reason));
	text_done(&reason);
	if (it->error != BULK_CONFLICT && it->error != BULK_BAD_INDEX)
		return;
	answer_uuid(index, uuid);
	put_text(p, it, ERROR_UUID, "index_uuid",
		view_str(it->error == BULK_CONFLICT ? uuid : "_na_"));
	if (it->error == BULK_CONFLICT)
		put_text(p, it, ERROR_SHARD, "shard", view_str("0"));
	put_text(p, it, ERROR_INDEX, "index", index);
}

static void put_bad(struct print *p, const struct bulk_item *it, bool victim)
{
	put_status(p, it, victim);
	put_failure_store(p, it);
	size_t mark = object_begin(p, "error");

	put_error(p, it);
	object_end(p, mark);
}

static void put_item(struct print *p, size_t i)
{
	const struct bulk_item *it = &p->b->items[i];
	size_t mark = p->out->len;
	bool victim = i == p->victim;
	enum bulk_op other = it->op == BULK_CREATE ? BULK_INDEX : BULK_CREATE;

	text_comma(p->out);
	text_str(p->out, "{");
	object_begin(p, bulk_op_name(victim && p->mangle == ANSWER_OTHER_OP ? other : it->op));
	size_t empty = p->out->len;

	put_text(p, it, INDEX, "_index", bulk_view(p->b, it->index));
	put_text(p, it, ID, "_id", bulk_view(p->b, it->id));
	if (it->error == BULK_GOOD)
		put_good(p, it, victim);
	else
		put_bad(p, it, victim);
	if (p->out->len == empty)
		p->out->len = mark;
	else
		text_str(p->out, "}}");
}

static void put_items(struct print *p)
{
	size_t n = p->b->n, mark = p->out->len;

	name_of(p, "items");
	text_str(p->out, "[");
	size_t empty = p->out->len;

	for (size_t i = 0; i < n; i++) {
		size_t at = p->mangle == ANSWER_REORDERED ? n - 1 - i : i;

		if (p->mangle == ANSWER_MISSING_ITEM && at == p->victim)
			continue;
		put_item(p, at);
		if (p->mangle == ANSWER_EXTRA_ITEM && at == p->victim)
			put_item(p, at);
	}
	if (p->out->len == empty)
		p->out->len = mark;
	else
		text_str(p->out, "]");
}

static bool any_error(const struct bulk *b, enum rule_answer mangle)
{
	bool errors = mangle == ANSWER_ERRORS_TRUE;

	if (mangle == ANSWER_ERRORS_FALSE)
		return false;
	for (size_t i = 0; i < b->n && !errors; i++)
		errors = b->items[i].error != BULK_GOOD;
	return errors;
}

void answer_print(const struct bulk *b, const struct shape *shape, enum rule_answer mangle,
	uint64_t took_ms, struct text *out)
{
	struct text plain;
	struct print p = { .b = b, .out = &plain, .mangle = mangle, .victim = b->n / 2 };

	text_init(&plain, out->max);
	ask_filter(&p, shape);
	text_str(&plain, "{");
	if (shape_keeps(shape, "errors"))
		text_fmt(&plain, "\"errors\":%s", any_error(b, mangle) ? "true" : "false");
	if (shape_keeps(shape, "took")) {
		name_of(&p, "took");
		text_fmt(&plain, "%" PRIu64, took_ms);
	}
	put_items(&p);
	text_str(&plain, "}");
	if (shape->pretty || mangle == ANSWER_PRETTY)
		shape_pretty(text_view(&plain), out);
	else
		text_view_add(out, text_view(&plain));
	text_done(&plain);
}

void answer_uuid(struct view index, char uuid[23])
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint64_t h = view_hash(index);

	for (int i = 0; i < 22; i++) {
		uuid[i] = set[h >> 58];
		h = h * 6364136223846793005u + 1442695040888963407u;
	}
	uuid[22] = '\0';
}
