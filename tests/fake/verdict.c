/* verdict.c -- what becomes of each item of a bulk body: the rule's word, then the server's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <string.h>

/* Why Elasticsearch would not make an index of that name, in the order it asks; or NULL. */
static const char *bad_index_name(struct view name)
{
	bool upper = false;

	for (size_t i = 0; i < name.n; i++) {
		if (strchr(" \"*,/<>?\\|", name.p[i]))
			return "must not contain the following characters [' "
			       "','\"','*',',','/','<','>','?',"
			       "'\\','|']";
		if (name.p[i] == '#' || name.p[i] == ':')
			return name.p[i] == '#' ? "must not contain '#'" : "must not contain ':'";
		upper |= name.p[i] >= 'A' && name.p[i] <= 'Z';
	}
	if (strchr("_-+", name.p[0]))
		return "must not start with '_', '-', or '+'";
	if (name.n > 255)
		return "index name is too long";
	return upper ? "must be lowercase" : NULL;
}

static void set_error(struct bulk_item *it, enum bulk_error error, int status, const char *type,
	const char *reason)
{
	it->error = error;
	it->status = status;
	it->type = type;
	it->reason = reason;
}

/* A document that failed in the index may still be kept, in the index's failure store. */
static unsigned target_index(struct exchange *x, const struct bulk *b, const struct bulk_item *it)
{
	struct view name = bulk_view(b, it->index);
	struct text full;

	if (!it->failure_store || strcmp(it->failure_store, "used") != 0)
		return store_index(&x->srv->store, name);
	text_init(&full, 512);
	text_str(&full, ".fs-");
	text_view_add(&full, name);
	unsigned index = store_index(&x->srv->store, text_view(&full));

	text_done(&full);
	x->srv->stats.failure_store++;
	return index;
}

static void put(struct exchange *x, struct bulk *b, struct bulk_item *it)
{
	struct stats *stats = &x->srv->stats;
	struct store_result r;

	store_put(&x->srv->store, target_index(x, b, it), bulk_view(b, it->id), it->facts.sha,
		it->op == BULK_CREATE, &r);
	stats->same_id_other_content += r.other_content;
	stats->same_id_other_index += r.other_index;
	it->version = r.version;
	it->seq_no = r.seq_no;
	if (r.outcome == STORE_CONFLICT) {
		stats->conflict409++;
		set_error(it, BULK_CONFLICT, 409, "version_conflict_engine_exception", "");
		return;
	}
	stats->stored++;
	it->status = r.outcome == STORE_CREATED ? 201 : 200;
}

/* The answer without the deed: for a script that says store: false. */
static void pretend(struct bulk_item *it)
{
	it->version = 1;
	it->status = 201;
}

/* True when the rule refuses the item; a status below 300 only names the failure store. */
static bool by_rule(struct exchange *x, struct bulk *b, size_t i)
{
	struct bulk_item *it = &b->items[i];
	struct rule_item asked = {
		.id = bulk_view(b, it->id),
		.index = bulk_view(b, it->index),
		.doc = it->doc,
		.sequence = it->facts.sequence,
		.at = i,
		.n = b->n,
	};
	const struct rule_items *w = x->rule ? &x->rule->items : NULL;
	const char *type, *reason;

	if (!w || !rule_refuses(x->rule, &asked))
		return false;
	it->failure_store = w->failure_store;
	it->only200 = w->status == 200;
	if (w->status < 300)
		return false;
	reply_default_error((int)w->status, &type, &reason);
	set_error(it, BULK_AS_WORDED, (int)w->status, w->type ? w->type : type,
		w->reason ? w->reason : reason);
	return true;
}

/* True when Elasticsearch itself would refuse it. */
static bool by_server(const struct bulk *b, struct bulk_item *it)
{
	const char *why = bad_index_name(bulk_view(b, it->index));
	struct doc_fault fault;

	if (why) {
		set_error(it, BULK_BAD_INDEX, 400, "invalid_index_name_exception", why);
		return true;
	}
	if (it->id.n == 0) {
		set_error(it, BULK_AS_WORDED, 400, "illegal_argument_exception",
			"if _id is specified it must not be empty");
		return true;
	}
	if (doc_check(it->doc, &fault))
		return false;
	set_error(it, BULK_BAD_DOC, fault.status, fault.type, fault.why);
	it->column = fault.column;
	return true;
}

/* errors:false needs a failure to hide, so one is made where the script names none. */
static bool by_answer(const struct exchange *x, const struct bulk *b, size_t i)
{
	const char *type, *reason;

	const struct rule *r = x->rule;

	if (!r || r->answer != ANSWER_ERRORS_FALSE || r->items.given || i != b->n / 2)
		return false;
	reply_default_error(429, &type, &reason);
	set_error(&b->items[i], BULK_AS_WORDED, 429, type, reason);
	return true;
}

static void note(struct exchange *x, const struct bulk *b, const struct bulk_item *it)
{
	struct itemlog_line line = {
		.request = x->number,
		.sha = it->facts.sha,
		.index = bulk_view(b, it->index),
		.id = bulk_view(b, it->id),
		.sequence = it->facts.sequence,
		.status = it->status,
	};

	/* what is stored is JSON */
	if (x->srv->opt.log_documents && it->status < 300 &&
		uri_glob(x->srv->opt.log_documents, line.index))
		line.document = it->doc;
	if (it->error != BULK_GOOD && it->error != BULK_CONFLICT)
		x->srv->stats.refused[it->status]++;
	itemlog_add(&x->srv->log, &line);
}

void verdict_apply(struct exchange *x, struct bulk *b)
{
	bool stores = rule_stores(x->rule);

	for (size_t i = 0; i < b->n; i++) {
		struct bulk_item *it = &b->items[i];
		bool refused;

		doc_read(it->doc, &it->facts);
		refused = by_rule(x, b, i) || by_answer(x, b, i) || by_server(b, it);
		if (!refused && stores)
			put(x, b, it);
		else if (!refused)
			pretend(it);
		if (it->only200 && it->status == 201)
			it->status = 200;
		if (refused || stores)
			note(x, b, it);
	}
	x->srv->stats.items += b->n;
	itemlog_flush(&x->srv->log);
}
