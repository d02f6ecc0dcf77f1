/* rule.c -- one rule of a script: which requests it meets and what it does to them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rule.h"

#include <stdlib.h>
#include <string.h>

#include "uri.h"

void rule_init(struct rule *r)
{
	*r = (struct rule){
		.after = 1,
		.times = INT64_MAX,
		.every = 1,
		.status = -1,
		.read = -1,
		.limit_in_flight = -1,
		.limit_body = -1,
		.cut = CUT_NONE,
		.delay_ms = 0,
		.drip = -1,
	};
	text_init(&r->headers, 65536);
	text_init(&r->body, 1 << 24);
	store_init(&r->refused);
	store_index(&r->refused, view_str("refused"));
}

void rule_done(struct rule *r)
{
	free(r->path);
	free(r->method);
	free(r->index);
	free(r->poison);
	free(r->until_header);
	free(r->items.type);
	free(r->items.reason);
	free(r->items.failure_store);
	free(r->items.needle);
	text_done(&r->headers);
	text_done(&r->body);
	store_done(&r->refused);
}

static bool matches(const struct rule *r, const struct rule_request *q)
{
	if (r->method && !view_is(q->method, r->method))
		return false;
	if (r->path && !uri_glob(r->path, q->path))
		return false;
	if (!r->index)
		return true;
	/* without an index in the path the items are asked, one by one */
	return q->index.n ? uri_glob(r->index, q->index) : r->items.given;
}

bool rule_acts(struct rule *r, const struct rule_request *q)
{
	if (!matches(r, q))
		return false;
	r->seen++;
	if (r->seen < (uint64_t)r->after || r->fired >= (uint64_t)r->times)
		return false;
	if ((r->seen - (uint64_t)r->after + 1) % (uint64_t)r->every != 0)
		return false;
	r->fired++;
	return true;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* A running choice; a sticky one takes its number from the id instead of the order of arrival. */
static bool choose(struct rule *r, const struct rule_item *it)
{
	const struct rule_items *w = &r->items;
	uint64_t seed = (uint64_t)w->a, turn = w->sticky ? view_hash(it->id) : ++r->items_seen;

	if (w->which == WHICH_EVERY)
		return turn % seed == 0;
	return mix(mix(seed + 0x9e3779b97f4a7c15u) + turn * 0x9e3779b97f4a7c15u) >> 63;
}

static bool at_place(struct rule *r, const struct rule_item *it)
{
	size_t place = r->items.which == WHICH_INDEX  ? (size_t)r->items.a
		       : r->items.which == WHICH_LAST ? it->n - 1
						      : 0;
	struct store_result ignored;

	if (!r->items.sticky)
		return it->at == place;
	if (it->at == place)
		store_put(&r->refused, 0, it->id, 0, true, &ignored);
	return store_has(&r->refused, 0, it->id);
}

bool rule_refuses(struct rule *r, const struct rule_item *it)
{
	const struct rule_items *w = &r->items;

	if (!w->given || (r->index && !uri_glob(r->index, it->index)))
		return false;
	switch (w->which) {
	case WHICH_ALL:
		return true;
	case WHICH_EVERY:
	case WHICH_HALF:
		return choose(r, it);
	case WHICH_MATCH:
		return memmem(it->doc.p, it->doc.n, w->needle, strlen(w->needle)) != NULL;
	case WHICH_SEQ_MOD:
		return it->sequence >= 0 && it->sequence % w->a == w->b;
	default:
		return at_place(r, it);
	}
}

bool rule_stores(const struct rule *r)
{
	if (!r)
		return true;
	if (r->has_store)
		return r->store;
	return !r->hang && r->answer != ANSWER_HTML && r->answer != ANSWER_REDIRECT &&
	       r->answer != ANSWER_GARBAGE && r->answer != ANSWER_GZIP_BOMB;
}
