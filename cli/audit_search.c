/* audit_search.c -- what the centre holds: the searches.
 *
 * JSON numbers are doubles for many a reader, so every sequence number is asked for as text
 * ("format":"0"), and every bound is written as the integer that it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit_node_internal.h"
#include "json.h"

enum { RUNS_PAGE = 1000 };

/* {"bool":{"filter":[...]}} of a run, and of numbers from first to last. */
static void add_query(struct audit_node *node, uint64_t run, struct audit_range r)
{
	char id[RECORD_ID_PART];

	record_id_part(run, id);
	buf_printf(&node->body,
		"\"query\":{\"bool\":{\"filter\":[{\"term\":{\"espcap.run\":\"%.*s\"}},"
		"{\"range\":{\"event.sequence\":{\"gte\":%llu,\"lte\":%llu}}}]}}",
		RECORD_ID_PART, id, (unsigned long long)r.first, (unsigned long long)r.last);
}

/* --- runs --- */

static void ask_runs(struct audit_node *node, const char *after)
{
	char memory[8192];
	struct json j;

	buf_reset(&node->body);
	buf_printf(&node->body,
		"{\"size\":0,\"query\":{\"exists\":{\"field\":\"event.sequence\"}},"
		"\"aggs\":{\"runs\":{\"composite\":{\"size\":%d,\"sources\":[{\"run\":"
		"{\"terms\":{\"field\":\"espcap.run\"}}}]",
		RUNS_PAGE);
	if (after) {
		json_init(&j, memory, sizeof(memory));
		json_open(&j, NULL);
		json_str(&j, "run", after);
		json_close(&j);
		buf_adds(&node->body, ",\"after\":");
		buf_add(&node->body, memory, json_len(&j));
	}
	buf_adds(&node->body, "}}}}");
}

static int take_runs(struct audit_node *node, const cJSON *runs,
	int (*each)(void *arg, uint64_t run), void *arg, uint64_t *alien)
{
	const cJSON *bucket;
	uint64_t run, n;
	int err = 0;

	cJSON_ArrayForEach(bucket, audit_get(runs, "buckets"))
	{
		const char *text = audit_text(audit_get(bucket, "key"), "run");
		if (err || !text || !audit_count(audit_get(bucket, "doc_count"), &n))
			return err ? err : audit_nonsense(node);
		if (audit_parse_run(text, &run))
			err = each(arg, run);
		else
			*alien += n;
	}
	return err;
}

int audit_node_runs(
	struct audit_node *node, int (*each)(void *arg, uint64_t run), void *arg, uint64_t *alien)
{
	cJSON *last = NULL, *answer = NULL;
	const char *after = NULL;
	int err = 0;

	do {
		ask_runs(node, after);
		err = audit_search(node, node->indices, &answer);
		const cJSON *runs = audit_get(audit_get(answer, "aggregations"), "runs");
		if (!err)
			err = take_runs(node, runs, each, arg, alien);
		after = audit_text(audit_get(runs, "after_key"), "run");
		cJSON_Delete(last);
		last = answer; /* `after` lies in it */
		answer = NULL;
	} while (!err && after);
	cJSON_Delete(last);
	return err;
}

/* --- the ends of a run --- */

static void ask_end(struct audit_node *node, uint64_t run, const char *order)
{
	audit_msearch_next(node);
	buf_adds(&node->body, "{\"size\":1,\"track_total_hits\":false,\"_source\":false,");
	add_query(node, run, (struct audit_range){ 0, INT64_MAX });
	buf_printf(&node->body,
		",\"sort\":[{\"event.sequence\":{\"order\":\"%s\",\"unmapped_type\":\"long\"}}],"
		"\"docvalue_fields\":[{\"field\":\"event.sequence\",\"format\":\"0\"},"
		"\"host.name\",\"@timestamp\",\"event.dataset\"]}\n",
		order);
}

static bool take_end(struct audit_ends *e, const cJSON *answer, bool last)
{
	const cJSON *hit = cJSON_GetArrayItem(audit_hits(answer), 0);
	const char *dataset = audit_field(hit, "event.dataset");

	if (!hit)
		return true;
	if (!audit_parse_number(
		    audit_field(hit, "event.sequence"), last ? &e->range.last : &e->range.first))
		return false;
	audit_take_text(e->host, sizeof(e->host), audit_field(hit, "host.name"));
	audit_take_text(last ? e->end : e->begin, AUDIT_TIME_MAX, audit_field(hit, "@timestamp"));
	e->packets = e->packets || !dataset || strcmp(dataset, "espcap.packet") == 0;
	return true;
}

int audit_node_ends(struct audit_node *node, struct audit_ends *ends, size_t n)
{
	cJSON *answer;

	audit_msearch_begin(node);
	for (size_t i = 0; i < n; i++) {
		ask_end(node, ends[i].run, "asc");
		ask_end(node, ends[i].run, "desc");
	}
	int err = audit_msearch(node, 2 * n, &answer);
	const cJSON *responses = audit_get(answer, "responses");
	for (size_t i = 0; i < n && !err; i++) {
		struct audit_ends *e = &ends[i];
		*e = (struct audit_ends){ .run = e->run };
		if (!take_end(e, cJSON_GetArrayItem(responses, (int)(2 * i)), false) ||
			!take_end(e, cJSON_GetArrayItem(responses, (int)(2 * i + 1)), true) ||
			e->range.first > e->range.last)
			err = audit_nonsense(node);
	}
	cJSON_Delete(answer);
	return err;
}

/* --- counting --- */

/* Numbers and how many documents each has, from an aggregation by number. */
static bool take_bucket(const cJSON *bucket, struct audit_range r, struct audit_double *d)
{
	return audit_parse_number(audit_text(bucket, "key_as_string"), &d->seq) &&
	       d->seq >= r.first && d->seq <= r.last &&
	       audit_count(audit_get(bucket, "doc_count"), &d->documents);
}

static int by_number(struct audit_counting *c, struct audit_range r, unsigned size, unsigned least,
	cJSON **answer)
{
	buf_reset(&c->node->body);
	buf_adds(&c->node->body, "{\"size\":0,\"track_total_hits\":true,");
	add_query(c->node, c->run, r);
	/* as many terms as there can be, or a shard would tell only some of its own */
	buf_printf(&c->node->body,
		",\"aggs\":{\"numbers\":{\"terms\":{\"field\":\"event.sequence\",\"size\":%u,"
		"\"shard_size\":%u,\"min_doc_count\":%u,\"order\":{\"_key\":\"asc\"},"
		"\"format\":\"0\"}}}}",
		size, size, least);
	return audit_search(c->node, c->node->indices, answer);
}

static const cJSON *buckets_of(const cJSON *answer)
{
	return audit_get(audit_get(audit_get(answer, "aggregations"), "numbers"), "buckets");
}

static int count_block(void *arg, struct audit_range r, uint64_t *documents,
	struct audit_double *doubles, size_t *ndoubles)
{
	struct audit_counting *c = arg;
	const cJSON *bucket;
	cJSON *answer;

	int err = by_number(c, r, AUDIT_BLOCK, 2, &answer);
	if (err)
		return err;
	bool good = audit_total(answer, documents);
	*ndoubles = 0;
	cJSON_ArrayForEach(bucket, buckets_of(answer))
	{
		good = good && *ndoubles < AUDIT_BLOCK &&
		       take_bucket(bucket, r, &doubles[(*ndoubles)++]);
	}
	cJSON_Delete(answer);
	return good ? 0 : audit_nonsense(c->node);
}

static int list_present(void *arg, struct audit_range r, uint64_t *seqs, size_t *n)
{
	struct audit_counting *c = arg;
	const cJSON *bucket;
	bool good = true;
	cJSON *answer;

	int err = by_number(c, r, AUDIT_PART, 1, &answer);
	if (err)
		return err;
	*n = 0;
	cJSON_ArrayForEach(bucket, buckets_of(answer))
	{
		struct audit_double d;
		good = good && *n < AUDIT_PART && take_bucket(bucket, r, &d);
		if (good)
			seqs[(*n)++] = d.seq;
	}
	cJSON_Delete(answer);
	return good ? 0 : audit_nonsense(c->node);
}

static int count_ranges(void *arg, const struct audit_range *ranges, size_t n, uint64_t *documents)
{
	struct audit_counting *c = arg;
	cJSON *answer;

	audit_msearch_begin(c->node);
	for (size_t i = 0; i < n; i++) {
		audit_msearch_next(c->node);
		buf_adds(&c->node->body, "{\"size\":0,\"track_total_hits\":true,");
		add_query(c->node, c->run, ranges[i]);
		buf_adds(&c->node->body, "}\n");
	}
	int err = audit_msearch(c->node, n, &answer);
	const cJSON *responses = audit_get(answer, "responses");
	for (size_t i = 0; i < n && !err; i++)
		if (!audit_total(cJSON_GetArrayItem(responses, (int)i), &documents[i]))
			err = audit_nonsense(c->node);
	cJSON_Delete(answer);
	return err;
}

static int find_next(void *arg, struct audit_range r, uint64_t *seq)
{
	struct audit_counting *c = arg;
	cJSON *answer;

	buf_reset(&c->node->body);
	buf_adds(&c->node->body, "{\"size\":1,\"track_total_hits\":false,\"_source\":false,");
	add_query(c->node, c->run, r);
	buf_adds(&c->node->body,
		",\"sort\":[{\"event.sequence\":{\"order\":\"asc\",\"unmapped_type\":\"long\"}}],"
		"\"docvalue_fields\":[{\"field\":\"event.sequence\",\"format\":\"0\"}]}");
	int err = audit_search(c->node, c->node->indices, &answer);
	if (err)
		return err;
	const cJSON *hit = cJSON_GetArrayItem(audit_hits(answer), 0);
	*seq = 0;
	if (hit && !audit_parse_number(audit_field(hit, "event.sequence"), seq))
		err = audit_nonsense(c->node);
	cJSON_Delete(answer);
	return err;
}

struct audit_counter audit_node_counter(struct audit_counting *counting)
{
	return (struct audit_counter){ count_block, count_ranges, list_present, find_next,
		counting };
}

int audit_node_where(struct audit_node *node, uint64_t run, uint64_t seq,
	char (*where)[AUDIT_WHERE_MAX], size_t max, size_t *n)
{
	const cJSON *hit;
	cJSON *answer;

	buf_reset(&node->body);
	buf_printf(&node->body, "{\"size\":%zu,\"_source\":false,\"sort\":[\"_index\"],", max);
	add_query(node, run, (struct audit_range){ seq, seq });
	buf_adds(&node->body, "}");
	int err = audit_search(node, node->indices, &answer);
	*n = 0;
	cJSON_ArrayForEach(hit, audit_hits(answer))
	{
		char *out = where[*n];
		const char *index = audit_text(hit, "_index"), *id = audit_text(hit, "_id");
		char text[2 * AUDIT_WHERE_MAX];
		(void)snprintf(
			text, sizeof(text), "%.250s/%.60s", index ? index : "?", id ? id : "?");
		audit_take_text(out, AUDIT_WHERE_MAX, text);
		if (++*n == max)
			break;
	}
	cJSON_Delete(answer);
	return err;
}
