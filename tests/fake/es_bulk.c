/* es_bulk.c -- the _bulk endpoint: checks of the whole request, then parse, judge, answer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "es.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "answer.h"
#include "fast.h"
#include "verdict.h"

/* True when the request is refused for what its head says. */
static bool refuse_head(struct exchange *x)
{
	static const char *const known[] = { "pretty", "filter_path", "human", "error_trace",
		"format", "refresh", "timeout", "wait_for_active_shards", "routing", "pipeline",
		"require_alias", "require_data_stream", "list_executed_pipelines",
		"include_source_on_error", "_source", "_source_includes", "_source_excludes",
		NULL };
	struct view type = http_header(x->head, "Content-Type");
	struct view param = uri_unknown_param(x->head->query, known);
	char why[512];

	if (!http_header_has(x->head, "Content-Type", "json")) {
		snprintf(why, sizeof(why), "Content-Type header [%.*s] is not supported",
			(int)type.n, type.p ? type.p : "");
		reply_sentence(x->reply, 406, why);
		return true;
	}
	if (param.n == 0)
		return false;
	snprintf(why, sizeof(why), "request [%.*s] contains unrecognized parameter: [%.*s]",
		(int)x->head->path.n, x->head->path.p, (int)param.n, param.p);
	reply_error(x->reply, 400, "illegal_argument_exception", why);
	return true;
}

/* Indexing pressure: raw bytes of bodies whose answer is not out yet. */
static bool refuse_pressure(struct exchange *x)
{
	struct server *srv = x->srv;
	int64_t limit = x->rule ? x->rule->limit_in_flight : -1;
	uint64_t now = srv->in_flight_bytes, size = x->body.n;
	char why[512];

	if (limit < 0 || now + size <= (uint64_t)limit)
		return false;
	snprintf(why, sizeof(why),
		"rejected execution of coordinating operation "
		"[coordinating_and_primary_bytes=%" PRIu64 ", replica_bytes=0, all_bytes=%" PRIu64
		", coordinating_operation_bytes=%" PRIu64 ", max_coordinating_bytes=%" PRId64 "]",
		now, now, size, limit);
	reply_error(x->reply, 429, "es_rejected_execution_exception", why);
	x->reply->instant = true;
	return true;
}

static bool refuse_poison(struct exchange *x, const struct bulk *b)
{
	const char *poison = x->rule ? x->rule->poison : NULL;

	for (size_t i = 0; poison && i < b->n; i++) {
		if (!memmem(b->items[i].doc.p, b->items[i].doc.n, poison, strlen(poison)))
			continue;
		reply_error(x->reply, 400, "parse_exception", "Failed to parse content to map");
		return true;
	}
	return false;
}

static void hold(struct exchange *x)
{
	struct server *srv = x->srv;

	x->held = x->body.n;
	srv->in_flight_bytes += x->held;
	if (srv->in_flight_bytes > srv->stats.in_flight_bytes_max)
		srv->stats.in_flight_bytes_max = srv->in_flight_bytes;
}

static void answer_items(struct exchange *x, struct bulk *b, uint64_t started_ns)
{
	enum rule_answer mangle = x->rule ? x->rule->answer : ANSWER_NORMAL;
	struct shape shape;
	uint64_t took_ms;

	if (!shape_init(&shape, x->head->query)) {
		shape_refused(x->reply);
	} else {
		hold(x);
		verdict_apply(x, b);
		took_ms = (uv_hrtime() - started_ns) / 1000000;
		answer_print(b, &shape, mangle, took_ms, &x->reply->body);
		x->reply->frame = REPLY_CHUNKED;
	}
	shape_done(&shape);
}

void es_bulk(struct exchange *x)
{
	uint64_t started_ns = uv_hrtime();
	struct bulk b;

	if (x->srv->opt.fast) {
		fast_bulk(x);
		return;
	}
	if (refuse_head(x) || refuse_pressure(x))
		return;
	bulk_init(&b);
	b.auto_ids = x->srv->auto_ids;
	int r = bulk_parse(&b, x->body, x->index, x->reply);

	x->srv->auto_ids = b.auto_ids;
	if (r == 0 && !refuse_poison(x, &b))
		answer_items(x, &b, started_ns);
	bulk_done(&b);
}
