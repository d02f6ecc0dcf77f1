/* verdict.c -- what a server's answer means for each record. Pure.
 *
 * Nothing is inferred from a 2xx status alone, from the flag `errors`, or from a substring of the
 * body: the items decide, and an answer whose items cannot all be read settles nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "pull.h"

enum from { ANY, ES, ALIEN };

struct row {
	const char *name, *types, *reason, *words;
	int first, last; /* status */
	enum from from;
	enum verdict verdict;
};

static const struct row items[] = {
#define ITEM(name, first, last, types, reason, verdict)                                            \
	{ #name, types, reason, "", first, last, ANY, VERDICT_##verdict },
#include "verdict.def"
};

static const struct row wholes[] = {
#define WHOLE(name, first, last, from, types, reason, verdict, words)                              \
	{ #name, types, reason, words, first, last, from, VERDICT_##verdict },
#include "verdict.def"
};

/* --- the table --- */

/* "-" fits an error without type, "*" one with any. */
static bool fits_type(const char *types, const char *type)
{
	size_t n = strlen(type);

	if (!*types)
		return true;
	if (*types == '-' || *types == '*')
		return (*types == '*') == (n > 0);
	for (const char *at = types; at; at = strchr(at, '|')) {
		at += *at == '|';
		size_t len = strcspn(at, "|");
		if (len == n && memcmp(at, type, n) == 0)
			return true;
	}
	return false;
}

static bool fits_reason(const char *wanted, const char *reason)
{
	return *wanted == '~' ? strstr(reason, wanted + 1) != NULL
			      : strncmp(reason, wanted, strlen(wanted)) == 0;
}

static const struct row *find(const struct row *rows, size_t count, int status, enum from from,
	const char *type, const char *reason)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		if (status >= r->first && status <= r->last &&
			(r->from == ANY || r->from == from) && fits_type(r->types, type) &&
			fits_reason(r->reason, reason))
			return r;
	}
	return NULL;
}

enum verdict verdict_of_item(const struct verdict_item *item, const char **row)
{
	const struct row *r = find(items, sizeof(items) / sizeof(items[0]), item->status, ANY,
		item->type, item->reason);

	if (row)
		*row = r ? r->name : "";
	return r ? r->verdict : VERDICT_AGAIN;
}

/* --- items --- */

/* Members of an object that are looked at. One that comes twice makes the object unreadable. */
struct seen {
	bool status, error, id, store, twice;
};

static void note(struct seen *seen, bool *member)
{
	seen->twice = seen->twice || *member;
	*member = true;
}

struct texts {
	char type[VERDICT_TYPE_MAX], reason[VERDICT_REASON_MAX], id[64], store[16];
};

enum { NAME_MAX_READ = 32 };

static void read_text(struct pull *t, char *out, size_t size)
{
	if (pull_is_string(t))
		pull_string(t, out, size);
	else
		pull_skip(t);
}

/* An error that is no object is read as no text, or as its own reason. */
static void read_error(struct pull *t, struct texts *x)
{
	char name[NAME_MAX_READ];
	size_t n = 0;

	if (!pull_take(t, '{')) {
		pull_skip(t);
		return;
	}
	while (pull_more(t, '}', &n)) {
		pull_name(t, name, sizeof(name));
		if (strcmp(name, "type") == 0)
			read_text(t, x->type, sizeof(x->type));
		else if (strcmp(name, "reason") == 0)
			read_text(t, x->reason, sizeof(x->reason));
		else
			pull_skip(t);
	}
}

static int read_status(struct pull *t)
{
	double value = pull_number(t);

	return value >= 100 && value <= 599 && value == (double)(int)value ? (int)value : 0;
}

/* A member of {"status":201, ...}. */
static void read_member(struct pull *t, struct seen *seen, struct texts *x, int *status)
{
	char name[NAME_MAX_READ];

	pull_name(t, name, sizeof(name));
	if (strcmp(name, "status") == 0) {
		note(seen, &seen->status);
		*status = read_status(t);
	} else if (strcmp(name, "error") == 0) {
		note(seen, &seen->error);
		read_error(t, x);
	} else if (strcmp(name, "_id") == 0) {
		note(seen, &seen->id);
		read_text(t, x->id, sizeof(x->id));
	} else if (strcmp(name, "failure_store") == 0) {
		note(seen, &seen->store);
		read_text(t, x->store, sizeof(x->store));
	} else {
		pull_skip(t);
	}
}

/* {"create":{"status":201, ...}} and nothing else. */
static bool read_item(struct pull *t, struct texts *x, struct verdict_item *item)
{
	char op[NAME_MAX_READ];
	struct seen seen = { 0 };
	size_t ops = 0, n = 0;
	int status = 0;

	x->type[0] = x->reason[0] = x->id[0] = x->store[0] = '\0';
	if (!pull_take(t, '{') || !pull_more(t, '}', &ops))
		return false;
	pull_name(t, op, sizeof(op));
	if (strcmp(op, "create") != 0 || !pull_take(t, '{'))
		return false;
	while (pull_more(t, '}', &n))
		read_member(t, &seen, x, &status);
	if (pull_more(t, '}', &ops) || t->bad || !status || seen.twice)
		return false;
	*item = (struct verdict_item){ .status = status,
		.type = x->type,
		.reason = x->reason,
		.failure_store = strcmp(x->store, "used") == 0,
		.store_failed = strcmp(x->store, "failed") == 0,
		.id = x->id };
	return true;
}

/* Behind the bracket of `items`. each NULL: only looks. Leaves t at the first bad item. */
static bool read_items(struct pull *t, size_t *count,
	void (*each)(void *arg, size_t i, const struct verdict_item *item), void *arg)
{
	struct texts x;
	struct verdict_item item;

	*count = 0;
	while (pull_more(t, ']', count)) {
		if (!read_item(t, &x, &item))
			return false;
		if (each)
			each(arg, *count - 1, &item);
	}
	return !t->bad;
}

/* What the outermost object holds. */
struct outer {
	struct pull items; /* behind the bracket */
	bool found, twice, good;
	size_t count;
};

static void read_outer(struct pull *t, struct outer *o)
{
	char name[NAME_MAX_READ];
	size_t n = 0;

	*o = (struct outer){ .good = true };
	while (o->good && pull_more(t, '}', &n)) {
		pull_name(t, name, sizeof(name));
		if (strcmp(name, "items") != 0 || !pull_take(t, '[')) {
			pull_skip(t);
			continue;
		}
		o->twice = o->found;
		o->found = true;
		o->items = *t;
		o->good = read_items(t, &o->count, NULL, NULL);
	}
}

int verdict_read(const char *body, size_t n, size_t sent,
	void (*each)(void *arg, size_t i, const struct verdict_item *item), void *arg,
	struct err_detail *why)
{
	struct pull t = pull_of(body, n);
	struct outer o;
	size_t count;

	if (!pull_take(&t, '{'))
		return err_set(why, ERR_UNSUPPORTED,
			"this is not Elasticsearch: it answers with something else than JSON");
	read_outer(&t, &o);
	if (!o.good && !t.bad)
		return err_set(
			why, ERR_INPUT, "the answer has an item that is no answer to create");
	if (!pull_done(&t) || !o.found || o.twice)
		return err_set(why, ERR_INPUT, "the answer is no complete answer of _bulk");
	if (o.count != sent)
		return err_set(why, ERR_INPUT, "the answer has %zu items for %zu documents",
			o.count, sent);
	(void)read_items(&o.items, &count, each, arg);
	return 0;
}

/* --- whole requests --- */

/* {"error":{"type":..,"reason":..},"status":N}, or "error" as a text: whose answer is it? */
static enum from read_whole(const char *body, size_t n, int status, struct texts *x)
{
	struct pull t = pull_of(body, n);
	struct seen seen = { 0 };
	size_t members = 0;
	int said = 0;

	*x = (struct texts){ 0 };
	if (!pull_take(&t, '{'))
		return ALIEN;
	while (pull_more(&t, '}', &members))
		read_member(&t, &seen, x, &said);
	if (pull_done(&t) && seen.error && said == status && !seen.twice)
		return ES;
	*x = (struct texts){ 0 };
	return ALIEN;
}

void verdict_of_request(int status, const char *body, size_t n, struct verdict_whole *out)
{
	static const struct row odd = { "no_status", "", "",
		"this is not Elasticsearch: it answers with a status that HTTP does not know", 0, 0,
		ANY, VERDICT_FOREIGN };
	enum from from = ANY;
	struct texts x = { 0 };

	if (status != 200)
		from = read_whole(body, n, status, &x);
	const struct row *r = find(
		wholes, sizeof(wholes) / sizeof(wholes[0]), status, from, x.type, x.reason);
	if (!r)
		r = &odd;
	*out = (struct verdict_whole){ .verdict = r->verdict, .row = r->name, .words = r->words };
	(void)snprintf(out->type, sizeof(out->type), "%s", x.type);
	(void)snprintf(out->reason, sizeof(out->reason), "%s", x.reason);
}

bool verdict_is_foreign(int status, const char *body, size_t n)
{
	struct pull t = pull_of(body, n);
	struct verdict_whole whole;

	if (status == 200)
		return !pull_take(&t, '{');
	verdict_of_request(status, body, n, &whole);
	return whole.verdict == VERDICT_FOREIGN;
}
