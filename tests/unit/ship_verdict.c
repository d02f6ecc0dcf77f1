/* ship_verdict.c -- tests of the table of verdicts, row by row. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "verdict.h"

static const char *const item_rows[] = {
#define ITEM(name, ...) #name,
#include "verdict.def"
};
static const char *const whole_rows[] = {
#define WHOLE(name, ...) #name,
#include "verdict.def"
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- items: the row that must decide, and what a server says --- */

struct item_case {
	const char *row;
	enum verdict verdict;
	int status;
	const char *type, *reason;
};

#define BLOCK   "cluster_block_exception"
#define ILLEGAL "illegal_argument_exception"

static const struct item_case item_cases[] = {
	{ "indexed", VERDICT_INDEXED, 201, "", "" },
	{ "taken", VERDICT_INDEXED, 200, "", "" },
	{ "already_there", VERDICT_ALREADY_THERE, 409, "version_conflict_engine_exception",
		"[1]: version conflict, document already exists (current version [1])" },
	{ "already_there_untold", VERDICT_ALREADY_THERE, 409, "", "" },
	{ "other_conflict", VERDICT_AGAIN, 409, "resource_already_exists_exception", "" },
	{ "flood_stage", VERDICT_PAUSE_ALL, 429, BLOCK,
		"index [ero] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
		"watermark, index has read-only-allow-delete block; ...];" },
	{ "flood_stage", VERDICT_PAUSE_ALL, 403, BLOCK,
		"index [ero] blocked by: [FORBIDDEN/12/disk usage exceeded flood-stage "
		"watermark];" },
	{ "index_block", VERDICT_PAUSE_INDEX, 403, BLOCK,
		"index [ero] blocked by: [FORBIDDEN/8/index write (api)];" },
	{ "index_block", VERDICT_PAUSE_INDEX, 403, BLOCK,
		"index [ero] blocked by: [FORBIDDEN/5/index read-only (api)];" },
	{ "cluster_block", VERDICT_PAUSE_ALL, 403, BLOCK,
		"blocked by: [FORBIDDEN/6/cluster read-only (api)];" },
	{ "cluster_block", VERDICT_PAUSE_ALL, 429, BLOCK, "" },
	{ "busy", VERDICT_AGAIN, 429, "es_rejected_execution_exception",
		"rejected execution of primary operation" },
	{ "busy", VERDICT_AGAIN, 429, "rejected_execution_exception", "" },
	{ "busy", VERDICT_AGAIN, 429, "circuit_breaking_exception", "[parent] Data too large" },
	{ "unknown_user", VERDICT_PAUSE_ALL, 401, "security_exception",
		"missing authentication credentials" },
	{ "unknown_user", VERDICT_PAUSE_ALL, 401, "", "" },
	{ "no_right_on_index", VERDICT_PAUSE_INDEX, 403, "security_exception",
		"action [indices:data/write/bulk[s]] is unauthorized for user [x] with effective "
		"roles [y] on indices [z]" },
	{ "no_right_on_index", VERDICT_PAUSE_INDEX, 403, "security_exception",
		"action [indices:admin/auto_create] is unauthorized for user [x]" },
	{ "no_right", VERDICT_PAUSE_ALL, 403, "security_exception",
		"no permissions for [indices:data/write/bulk[s]] and User [name=x]" },
	{ "forbidden", VERDICT_PAUSE_INDEX, 403, "forbidden_exception", "" },
	{ "forbidden", VERDICT_PAUSE_INDEX, 403, "", "" },
	{ "no_index", VERDICT_PAUSE_INDEX, 404, "index_not_found_exception",
		"no such index [x] and [action.auto_create_index] is [false]" },
	{ "no_data_stream", VERDICT_PAUSE_INDEX, 404, "resource_not_found_exception",
		"The bulk request failed, [gz] is not a data stream" },
	{ "no_shard", VERDICT_AGAIN, 404, "shard_not_found_exception", "no such shard" },
	{ "no_shard", VERDICT_AGAIN, 404, "index_shard_closed_exception",
		"CurrentState[CLOSED] Closed" },
	{ "time_out", VERDICT_AGAIN, 408, "", "" },
	{ "closed", VERDICT_PAUSE_INDEX, 400, "index_closed_exception", "closed" },
	{ "bad_index_name", VERDICT_PAUSE_INDEX, 400, "invalid_index_name_exception",
		"Invalid index name [BAD], must be lowercase" },
	{ "wants_routing", VERDICT_PAUSE_INDEX, 400, "routing_missing_exception",
		"routing is required for [x]/[1]" },
	{ "shard_limit", VERDICT_PAUSE_ALL, 400, "validation_exception",
		"Validation Failed: 1: this action would add [2] shards, but this cluster "
		"currently has [1000]/[1000] maximum normal shards open;" },
	{ "shard_limit", VERDICT_PAUSE_ALL, 400, ILLEGAL,
		"Validation Failed: 1: this action would add [1] total shards" },
	{ "no_pipeline", VERDICT_PAUSE_INDEX, 400, ILLEGAL,
		"pipeline with id [nope] does not exist" },
	{ "no_template", VERDICT_PAUSE_INDEX, 400, ILLEGAL,
		"no matching index template found for data stream [espcap-packets]" },
	{ "other_template", VERDICT_PAUSE_INDEX, 400, ILLEGAL,
		"cannot create index with name [x], because it matches with template [y] that "
		"creates data streams only" },
	{ "no_write_index", VERDICT_PAUSE_INDEX, 400, ILLEGAL,
		"no write index is defined for alias [x]. The write index may be explicitly "
		"disabled" },
	{ "index_race", VERDICT_AGAIN, 400, "resource_already_exists_exception",
		"index [x/abc] already exists" },
	{ "outside_window", VERDICT_DEAD_TIME, 400, ILLEGAL,
		"the document timestamp [2020] is outside of ranges of currently writable "
		"indices" },
	{ "outside_bounds", VERDICT_DEAD_TIME, 400, "document_parsing_exception",
		"[1:2513] failed to parse: time series index @timestamp value "
		"[2023-06-07T12:48:00Z] must be larger than 2023-06-07T14:30:45Z" },
	{ "outside_bounds", VERDICT_DEAD_TIME, 400, ILLEGAL,
		"time series index @timestamp value [1] must be smaller than 2" },
	{ "poison", VERDICT_DEAD, 400, "document_parsing_exception",
		"[1:15] failed to parse field [@timestamp] of type [date_nanos] in document with "
		"id '2'. Preview of field's value: 'no date'" },
	{ "poison", VERDICT_DEAD, 400, "mapper_parsing_exception", "failed to parse" },
	{ "poison", VERDICT_DEAD, 400, "strict_dynamic_mapping_exception", "set to strict" },
	{ "poison", VERDICT_DEAD, 400, ILLEGAL, "Limit of total fields [1000] has been exceeded" },
	{ "poison", VERDICT_DEAD, 400, ILLEGAL,
		"can't merge a non object mapping [layers.tcp.flags] with an object mapping" },
	{ "poison", VERDICT_DEAD, 400, "", "" },
	{ "pipeline_fails", VERDICT_DEAD, 500, "fail_processor_exception", "not wanted" },
	{ "not_implemented", VERDICT_ALONE, 501, "", "" },
	{ "trouble", VERDICT_AGAIN, 503, "unavailable_shards_exception",
		"primary shard is not active" },
	{ "trouble", VERDICT_AGAIN, 503, "process_cluster_event_timeout_exception", "" },
	{ "trouble", VERDICT_AGAIN, 503, "master_not_discovered_exception", "" },
	{ "trouble", VERDICT_AGAIN, 500, "", "" },
	{ "trouble", VERDICT_AGAIN, 599, "document_parsing_exception", "" },
	{ "odd", VERDICT_ALONE, 413, "", "" },
	{ "odd", VERDICT_ALONE, 404, "resource_missing_exception", "" },
	{ "odd", VERDICT_ALONE, 418, "", "" },
	{ "odd", VERDICT_ALONE, 204, "", "" },
};

static void every_row_of_items_decides_what_it_is_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(item_cases); i++) {
		const struct item_case *c = &item_cases[i];
		const struct verdict_item item = {
			.status = c->status, .type = c->type, .reason = c->reason, .id = ""
		};
		const char *row = NULL;
		enum verdict verdict = verdict_of_item(&item, &row);
		if (strcmp(row, c->row) != 0 || verdict != c->verdict)
			fail_msg("%d %s \"%s\": row %s, verdict %d, not %s, %d", c->status, c->type,
				c->reason, row, verdict, c->row, c->verdict);
		assert_int_equal(verdict_of_item(&item, NULL), verdict);
	}
}

static void no_row_of_items_lacks_a_test(void **state)
{
	(void)state;
	for (size_t r = 0; r < COUNT(item_rows); r++) {
		size_t n = 0;
		for (size_t i = 0; i < COUNT(item_cases); i++)
			n += strcmp(item_cases[i].row, item_rows[r]) == 0;
		if (!n)
			fail_msg("row %s has no test", item_rows[r]);
	}
}

static void nothing_but_200_201_and_409_ever_settles(void **state)
{
	static const char *const types[] = { "", BLOCK, ILLEGAL, "security_exception",
		"version_conflict_engine_exception", "document_parsing_exception" };

	(void)state;
	for (int status = 100; status <= 599; status++)
		for (size_t t = 0; t < COUNT(types); t++) {
			const struct verdict_item item = {
				.status = status, .type = types[t], .reason = "", .id = ""
			};
			enum verdict v = verdict_of_item(&item, NULL);
			assert_int_equal(v == VERDICT_INDEXED, status == 200 || status == 201);
			if (v == VERDICT_ALREADY_THERE)
				assert_int_equal(status, 409);
			assert_true(v != VERDICT_SPLIT && v != VERDICT_FOREIGN);
		}
}

/* A packet must not be able to write what pauses the shipper. */
static void a_document_that_is_quoted_in_a_reason_cannot_pause_anything(void **state)
{
	static const char *const quoting[][2] = {
		{ "document_parsing_exception",
			"failed to parse field [x]. Preview of field's value: '%s'" },
		{ "mapper_parsing_exception",
			"failed to parse field [x]. Preview of field's value: '%s'" },
		{ "strict_dynamic_mapping_exception", "introduction of [%s] is not allowed" },
		{ ILLEGAL, "unable to convert [%s] to integer" },
		{ ILLEGAL, "field [x] holds '%s'" },
	};
	static const char *const values[] = { "index [x] blocked by: flood-stage",
		"Validation Failed: 1: this action would add [2] shards",
		"pipeline with id [x] does not exist", "no matching index template found",
		"is not a data stream", BLOCK, "security_exception", "index_closed_exception",
		"the document timestamp [x]", "cannot create index with name [x]" };
	char reason[256];

	(void)state;
	for (size_t t = 0; t < COUNT(quoting); t++)
		for (size_t v = 0; v < COUNT(values); v++) {
			const char *at = strstr(quoting[t][1], "%s");
			(void)snprintf(reason, sizeof(reason), "%.*s%s%s",
				(int)(at - quoting[t][1]), quoting[t][1], values[v], at + 2);
			const struct verdict_item item = {
				.status = 400, .type = quoting[t][0], .reason = reason, .id = ""
			};
			assert_int_equal(verdict_of_item(&item, NULL), VERDICT_DEAD);
		}
}

/* --- whole requests --- */

struct whole_case {
	const char *row;
	enum verdict verdict;
	int status;
	const char *body; /* NULL: Elasticsearch's error of this type and reason */
	const char *type, *reason;
};

#define PAGE "<html><body>no</body></html>"

static const struct whole_case whole_cases[] = {
	{ "items", VERDICT_INDEXED, 200, "", "", "" },
	{ "items", VERDICT_INDEXED, 200, NULL, "security_exception", "" },
	{ "no_items", VERDICT_FOREIGN, 201, "", "", "" },
	{ "no_items", VERDICT_FOREIGN, 204, "", "", "" },
	{ "no_items", VERDICT_FOREIGN, 206, "{", "", "" },
	{ "no_items", VERDICT_FOREIGN, 100, "", "", "" },
	{ "redirect", VERDICT_FOREIGN, 301, "", "", "" },
	{ "redirect", VERDICT_FOREIGN, 307, PAGE, "", "" },
	{ "whole_unknown_user", VERDICT_PAUSE_ALL, 401, "Unauthorized", "", "" },
	{ "whole_unknown_user", VERDICT_PAUSE_ALL, 401, NULL, "security_exception", "" },
	{ "whole_flood_stage", VERDICT_PAUSE_ALL, 429, NULL, BLOCK,
		"index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
		"watermark];" },
	{ "whole_index_block", VERDICT_PAUSE_INDEX, 403, NULL, BLOCK,
		"index [a] blocked by: [FORBIDDEN/8/index write (api)];" },
	{ "whole_cluster_block", VERDICT_PAUSE_ALL, 403, NULL, BLOCK,
		"blocked by: [FORBIDDEN/6/cluster read-only (api)];" },
	{ "whole_no_right", VERDICT_PAUSE_ALL, 403, NULL, "security_exception",
		"action [indices:data/write/bulk] is unauthorized for user [x]" },
	{ "forbidden_on_the_way", VERDICT_PAUSE_ALL, 403, PAGE, "", "" },
	{ "proxy_user", VERDICT_PAUSE_ALL, 407, PAGE, "", "" },
	{ "too_large", VERDICT_SPLIT, 413, "", "", "" },
	{ "too_large", VERDICT_SPLIT, 413, PAGE, "", "" },
	{ "too_large", VERDICT_SPLIT, 413, "{\"Message\":\"Request size exceeded\"}", "", "" },
	{ "whole_busy", VERDICT_AGAIN, 429, "", "", "" },
	{ "whole_busy", VERDICT_AGAIN, 429, NULL, "circuit_breaking_exception",
		"[parent] Data too large" },
	{ "whole_busy", VERDICT_AGAIN, 429, NULL, "es_rejected_execution_exception", "" },
	{ "whole_time_out", VERDICT_AGAIN, 408, PAGE, "", "" },
	{ "whole_no_index", VERDICT_PAUSE_INDEX, 404, NULL, "index_not_found_exception",
		"no such index [a]" },
	{ "whole_no_data_stream", VERDICT_PAUSE_INDEX, 404, NULL, "resource_not_found_exception",
		"The bulk request failed, [gz] is not a data stream" },
	{ "whole_closed", VERDICT_PAUSE_INDEX, 400, NULL, "index_closed_exception", "closed" },
	{ "whole_bad_index_name", VERDICT_PAUSE_INDEX, 400, NULL, "invalid_index_name_exception",
		"Invalid index name [A]" },
	{ "whole_shard_limit", VERDICT_PAUSE_ALL, 400, NULL, "validation_exception",
		"Validation Failed: 1: this action would add [2] shards" },
	{ "whole_no_pipeline", VERDICT_PAUSE_INDEX, 400, NULL, ILLEGAL,
		"pipeline with id [nope] does not exist" },
	{ "whole_no_template", VERDICT_PAUSE_INDEX, 400, NULL, ILLEGAL,
		"no matching index template found for data stream [x]" },
	{ "garbled", VERDICT_PAUSE_ALL, 400, NULL, ILLEGAL,
		"Malformed action/metadata line [3], expected one of [create, delete, index, "
		"update] but found [x]" },
	{ "cut_on_the_way", VERDICT_PAUSE_ALL, 400, NULL, ILLEGAL,
		"The bulk request must be terminated by a newline [\\\\n]" },
	{ "lost_on_the_way", VERDICT_PAUSE_ALL, 400, NULL, "parse_exception",
		"request body is required" },
	{ "not_unpacked", VERDICT_PAUSE_ALL, 400, NULL, "json_parse_exception",
		"Illegal character ((CTRL-CHAR, code 31)): only regular white space is allowed" },
	{ "unknown_parameter", VERDICT_PAUSE_ALL, 400, NULL, ILLEGAL,
		"request [/a/_bulk] contains unrecognized parameter: [filter_path]" },
	{ "whole_poison", VERDICT_SPLIT, 400, NULL, "document_parsing_exception", "x" },
	{ "whole_poison", VERDICT_SPLIT, 400, NULL, "parse_exception",
		"Failed to parse content to map" },
	{ "no_bulk", VERDICT_PAUSE_ALL, 405,
		"{\"error\":\"Incorrect HTTP method for uri [/a/_bulk] and method [POST]\","
		"\"status\":405}",
		"", "" },
	{ "no_bulk", VERDICT_PAUSE_ALL, 406,
		"{\"error\":\"Content-Type header [text/plain] is not supported\",\"status\":406}",
		"", "" },
	{ "no_bulk", VERDICT_PAUSE_ALL, 415, NULL, "media_type_header_exception", "" },
	{ "whole_odd", VERDICT_PAUSE_ALL, 400,
		"{\"error\":\"no handler found for uri [/a/_bulk]\",\"status\":400}", "", "" },
	{ "alien", VERDICT_FOREIGN, 400, PAGE, "", "" },
	{ "alien", VERDICT_FOREIGN, 400, "", "", "" },
	{ "alien", VERDICT_FOREIGN, 400, "{\"message\":\"no\"}", "", "" },
	{ "alien", VERDICT_FOREIGN, 400, "{\"error\":{\"type\":\"x\"},\"status\":500}", "", "" },
	{ "alien", VERDICT_FOREIGN, 404, PAGE, "", "" },
	{ "alien", VERDICT_FOREIGN, 404, "{\"ok\":false,\"message\":\"Unknown resource.\"}", "",
		"" },
	{ "alien", VERDICT_FOREIGN, 405, PAGE, "", "" },
	{ "alien", VERDICT_FOREIGN, 411, PAGE, "", "" },
	{ "alien", VERDICT_FOREIGN, 414, PAGE, "", "" },
	{ "alien", VERDICT_FOREIGN, 431, PAGE, "", "" },
	{ "portal", VERDICT_FOREIGN, 511, PAGE, "", "" },
	{ "whole_not_implemented", VERDICT_FOREIGN, 501, PAGE, "", "" },
	{ "bad_gateway", VERDICT_AGAIN, 502, PAGE, "", "" },
	{ "bad_gateway", VERDICT_AGAIN, 504, PAGE, "", "" },
	{ "whole_trouble", VERDICT_AGAIN, 503, NULL, "cluster_block_exception",
		"blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];" },
	{ "whole_trouble", VERDICT_AGAIN, 503, NULL, "master_not_discovered_exception", "" },
	{ "whole_trouble", VERDICT_AGAIN, 500, NULL, "index_closed_exception", "closed" },
	{ "whole_trouble", VERDICT_AGAIN, 501, NULL, "x", "" },
	{ "whole_trouble", VERDICT_AGAIN, 520, PAGE, "", "" },
};

static const char *body_of(const struct whole_case *c, char *memory, size_t size)
{
	if (c->body)
		return c->body;
	(void)snprintf(memory, size,
		"{\"error\":{\"root_cause\":[{\"type\":\"%s\",\"reason\":\"%s\"}],\"type\":\"%s\","
		"\"reason\":\"%s\"},\"status\":%d}\n",
		c->type, c->reason, c->type, c->reason, c->status);
	return memory;
}

static void every_row_of_whole_answers_decides_what_it_is_for(void **state)
{
	char memory[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(whole_cases); i++) {
		const struct whole_case *c = &whole_cases[i];
		const char *body = body_of(c, memory, sizeof(memory));
		struct verdict_whole v;
		verdict_of_request(c->status, body, strlen(body), &v);
		if (strcmp(v.row, c->row) != 0 || v.verdict != c->verdict)
			fail_msg("%d %s: row %s, verdict %d, not %s, %d", c->status, body, v.row,
				v.verdict, c->row, c->verdict);
		assert_int_equal(*v.words == '\0', v.verdict == VERDICT_INDEXED);
		assert_string_equal(v.type, c->body || c->status == 200 ? "" : c->type);
	}
}

static void no_row_of_whole_answers_lacks_a_test(void **state)
{
	(void)state;
	for (size_t r = 0; r < COUNT(whole_rows); r++) {
		size_t n = 0;
		for (size_t i = 0; i < COUNT(whole_cases); i++)
			n += strcmp(whole_cases[i].row, whole_rows[r]) == 0;
		if (!n)
			fail_msg("row %s has no test", whole_rows[r]);
	}
}

static void only_200_means_that_the_items_are_read(void **state)
{
	(void)state;
	for (int status = 1; status <= 999; status++) {
		struct verdict_whole v;
		verdict_of_request(status, NULL, 0, &v);
		assert_int_equal(v.verdict == VERDICT_INDEXED, status == 200);
		assert_int_not_equal(v.verdict, VERDICT_ALREADY_THERE);
		assert_int_not_equal(v.verdict, VERDICT_DEAD);
	}
}

/* Only Elasticsearch's own word makes a request be halved down to dead letters; 413 is a size. */
static void nobody_but_elasticsearch_ever_poisons_a_request(void **state)
{
	static const char *const bodies[] = { "", PAGE, "{}", "null", "[1]", "{\"status\":400}",
		"{\"error\":{\"type\":\"document_parsing_exception\"}}", "{\"error\":1",
		"{\"message\":\"Bad Request\",\"status\":400}",
		"{\"error\":{\"type\":\"a\"},\"error\":{\"type\":\"a\"},\"status\":400}" };

	(void)state;
	for (int status = 100; status <= 599; status++)
		for (size_t b = 0; b < COUNT(bodies); b++) {
			struct verdict_whole v;
			verdict_of_request(status, bodies[b], strlen(bodies[b]), &v);
			if ((v.verdict == VERDICT_SPLIT) != (status == 413))
				fail_msg("%d %s: row %s", status, bodies[b], v.row);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_items_decides_what_it_is_for),
		cmocka_unit_test(no_row_of_items_lacks_a_test),
		cmocka_unit_test(nothing_but_200_201_and_409_ever_settles),
		cmocka_unit_test(a_document_that_is_quoted_in_a_reason_cannot_pause_anything),
		cmocka_unit_test(every_row_of_whole_answers_decides_what_it_is_for),
		cmocka_unit_test(no_row_of_whole_answers_lacks_a_test),
		cmocka_unit_test(only_200_means_that_the_items_are_read),
		cmocka_unit_test(nobody_but_elasticsearch_ever_poisons_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
