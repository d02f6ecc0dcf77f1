/* ship_verdict.c -- tests of the table: what an item of an answer, or a whole answer, means. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "verdict.h"

struct row {
	int status;
	const char *type, *reason;
	enum verdict verdict;
};

static void check_items(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct verdict_item item = { rows[i].status, rows[i].type, rows[i].reason, false };
		enum verdict verdict = verdict_of_item(&item);
		if (verdict != rows[i].verdict)
			fail_msg("%d %s \"%s\": %d, not %d", rows[i].status, rows[i].type,
				rows[i].reason, verdict, rows[i].verdict);
	}
}

#define CHECK(rows) check_items(rows, sizeof(rows) / sizeof(rows[0]))

static void success_and_a_known_id_settle(void **state)
{
	static const struct row rows[] = {
		{ 200, "", "", VERDICT_INDEXED },
		{ 201, "", "", VERDICT_INDEXED },
		{ 409, "version_conflict_engine_exception",
			"[1]: version conflict, document already exists (current version [1])",
			VERDICT_ALREADY_THERE },
		{ 409, "", "", VERDICT_ALREADY_THERE },
	};

	(void)state;
	CHECK(rows);
}

static void nothing_but_200_and_201_counts_as_indexed(void **state)
{
	(void)state;
	for (int status = 100; status <= 599; status++) {
		struct verdict_item item = { status, "", "", false };
		bool indexed = verdict_of_item(&item) == VERDICT_INDEXED;
		assert_int_equal(indexed, status == 200 || status == 201);
	}
}

static void what_may_pass_goes_again(void **state)
{
	static const struct row rows[] = {
		{ 429, "es_rejected_execution_exception", "rejected execution of primary operation",
			VERDICT_AGAIN },
		{ 429, "rejected_execution_exception", "", VERDICT_AGAIN },
		{ 429, "circuit_breaking_exception", "[parent] Data too large", VERDICT_AGAIN },
		{ 429, "", "", VERDICT_AGAIN },
		{ 500, "", "", VERDICT_AGAIN },
		{ 502, "", "", VERDICT_AGAIN },
		{ 503, "unavailable_shards_exception", "primary shard is not active",
			VERDICT_AGAIN },
		{ 504, "", "", VERDICT_AGAIN },
		{ 507, "", "", VERDICT_AGAIN },
		{ 599, "document_parsing_exception", "", VERDICT_AGAIN },
	};

	(void)state;
	CHECK(rows);
}

static void a_block_of_one_index_is_told_from_that_of_a_cluster(void **state)
{
	static const char type[] = "cluster_block_exception";
	static const struct row rows[] = {
		{ 403, type, "index [ero] blocked by: [FORBIDDEN/8/index write (api)];",
			VERDICT_PAUSE_INDEX },
		{ 403, type, "index [ero] blocked by: [FORBIDDEN/5/index read-only (api)];",
			VERDICT_PAUSE_INDEX },
		{ 429, type,
			"index [ero] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded "
			"flood-stage watermark, index has read-only-allow-delete block; ...];",
			VERDICT_PAUSE_ALL },
		{ 403, type, "blocked by: [FORBIDDEN/6/cluster read-only (api)];",
			VERDICT_PAUSE_ALL },
		{ 403, type, "", VERDICT_PAUSE_ALL },
		{ 429, type, "", VERDICT_PAUSE_ALL },
	};

	(void)state;
	CHECK(rows);
}

static void credentials_pause_everything(void **state)
{
	static const struct row rows[] = {
		{ 401, "security_exception", "missing authentication credentials",
			VERDICT_PAUSE_ALL },
		{ 401, "", "", VERDICT_PAUSE_ALL },
		{ 403, "security_exception",
			"action [indices:data/write/bulk[s]] is unauthorized for user [x]",
			VERDICT_PAUSE_ALL },
	};

	(void)state;
	CHECK(rows);
}

static void a_400_that_is_not_the_documents_fault_is_known_by_its_type(void **state)
{
	static const char illegal[] = "illegal_argument_exception";
	static const struct row rows[] = {
		{ 400, "index_closed_exception", "closed", VERDICT_PAUSE_INDEX },
		{ 400, "invalid_index_name_exception",
			"Invalid index name [BAD], must be lowercase", VERDICT_PAUSE_INDEX },
		{ 400, illegal, "pipeline with id [nope] does not exist", VERDICT_PAUSE_INDEX },
		{ 404, "index_not_found_exception",
			"no such index [x] and [action.auto_create_index] is [false]",
			VERDICT_PAUSE_INDEX },
		{ 400, illegal, "no matching index template found for data stream [espcap-packets]",
			VERDICT_PAUSE_INDEX },
		{ 404, "resource_not_found_exception",
			"The bulk request failed, [gz] is not a data stream", VERDICT_PAUSE_INDEX },
		{ 400, "validation_exception",
			"Validation Failed: 1: this action would add [2] shards, but this cluster "
			"currently has [1000]/[1000] maximum normal shards open;",
			VERDICT_PAUSE_ALL },
		{ 400, illegal, "Validation Failed: 1: this action would add [1] total shards",
			VERDICT_PAUSE_ALL },
	};

	(void)state;
	CHECK(rows);
}

static void a_document_that_no_server_will_take_is_dead(void **state)
{
	static const char illegal[] = "illegal_argument_exception";
	static const struct row rows[] = {
		{ 400, "document_parsing_exception",
			"[1:15] failed to parse field [@timestamp] of type [date_nanos] in "
			"document "
			"with id '2'. Preview of field's value: 'no date'",
			VERDICT_DEAD },
		{ 400, "mapper_parsing_exception", "failed to parse", VERDICT_DEAD },
		{ 400, "strict_dynamic_mapping_exception", "mapping set to strict", VERDICT_DEAD },
		{ 400, illegal, "Limit of total fields [1000] has been exceeded", VERDICT_DEAD },
		{ 400, illegal,
			"can't merge a non object mapping [layers.tcp.flags] with an object "
			"mapping",
			VERDICT_DEAD },
		{ 400, illegal,
			"the document timestamp [2020] is outside of ranges of currently writable "
			"indices",
			VERDICT_DEAD },
		{ 400, "", "", VERDICT_DEAD },
	};

	(void)state;
	CHECK(rows);
}

static void a_document_that_is_quoted_in_a_reason_cannot_pause_anything(void **state)
{
	static const char *const types[] = { "document_parsing_exception",
		"mapper_parsing_exception", "strict_dynamic_mapping_exception" };
	static const char *const values[] = { "index [x] blocked by: flood-stage",
		"this action would add [2] shards", "pipeline with id [x] does not exist",
		"no matching index template found", "is not a data stream",
		"cluster_block_exception", "security_exception", "index_closed_exception" };
	char reason[256];

	(void)state;
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++)
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			(void)snprintf(reason, sizeof(reason),
				"failed to parse field [x]. Preview of field's value: '%s'",
				values[v]);
			struct verdict_item item = { 400, types[t], reason, false };
			assert_int_equal(verdict_of_item(&item), VERDICT_DEAD);
		}
}

static void what_is_odd_goes_alone_once_more(void **state)
{
	static const struct row rows[] = {
		{ 413, "", "", VERDICT_ALONE },
		{ 501, "", "", VERDICT_ALONE },
		{ 402, "", "", VERDICT_ALONE },
		{ 403, "forbidden_exception", "", VERDICT_ALONE },
		{ 404, "resource_missing_exception", "", VERDICT_ALONE },
		{ 405, "", "", VERDICT_ALONE },
		{ 406, "", "", VERDICT_ALONE },
		{ 418, "", "", VERDICT_ALONE },
		{ 499, "", "", VERDICT_ALONE },
	};

	(void)state;
	CHECK(rows);
}

/* --- whole requests --- */

struct whole {
	int status;
	const char *body;
	enum verdict verdict;
};

static void check_whole(const struct whole *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = NULL;
		enum verdict verdict = verdict_of_request(
			rows[i].status, rows[i].body, strlen(rows[i].body), &text);
		if (verdict != rows[i].verdict)
			fail_msg("%d %s: %d, not %d", rows[i].status, rows[i].body, verdict,
				rows[i].verdict);
		if (verdict != VERDICT_INDEXED)
			assert_true(text && *text);
		assert_int_equal(verdict_of_request(
					 rows[i].status, rows[i].body, strlen(rows[i].body), NULL),
			verdict);
	}
}

static void a_whole_answer_is_judged_by_its_status(void **state)
{
	static const struct whole rows[] = {
		{ 200, "", VERDICT_INDEXED },
		{ 200, "{\"error\":{\"type\":\"security_exception\"}}", VERDICT_INDEXED },
		{ 400, "", VERDICT_SPLIT },
		{ 400,
			"{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"The bulk "
			"request must be terminated by a newline [\\\\n]\"},\"status\":400}",
			VERDICT_SPLIT },
		{ 413, "", VERDICT_SPLIT },
		{ 401, "", VERDICT_PAUSE_ALL },
		{ 403, "", VERDICT_PAUSE_ALL },
		{ 407, "<html>", VERDICT_PAUSE_ALL },
		{ 301, "", VERDICT_PAUSE_ALL },
		{ 302, "<html>", VERDICT_PAUSE_ALL },
		{ 404, "<html>not found</html>", VERDICT_PAUSE_INDEX },
		{ 429, "", VERDICT_AGAIN },
		{ 500, "", VERDICT_AGAIN },
		{ 501, "", VERDICT_AGAIN },
		{ 503, "{}", VERDICT_AGAIN },
		{ 406,
			"{\"error\":\"Content-Type header [text/plain] is not "
			"supported\",\"status\":406}",
			VERDICT_AGAIN },
		{ 201, "", VERDICT_AGAIN },
		{ 204, "", VERDICT_AGAIN },
		{ 299, "", VERDICT_AGAIN },
		{ 408, "", VERDICT_AGAIN },
	};

	(void)state;
	check_whole(rows, sizeof(rows) / sizeof(rows[0]));
}

static void the_error_of_a_whole_answer_means_what_it_means_for_an_item(void **state)
{
	static const struct whole rows[] = {
		{ 403,
			"{\"error\":{\"root_cause\":[{\"type\":\"cluster_block_exception\","
			"\"reason\":\"blocked by: [FORBIDDEN/6/cluster read-only (api)];\"}],"
			"\"type\":\"cluster_block_exception\",\"reason\":\"blocked by: "
			"[FORBIDDEN/6/cluster read-only (api)];\"},\"status\":403}",
			VERDICT_PAUSE_ALL },
		{ 403,
			"{\"error\":{\"type\":\"cluster_block_exception\",\"reason\":\"index [a] "
			"blocked by: [FORBIDDEN/8/index write (api)];\"},\"status\":403}",
			VERDICT_PAUSE_INDEX },
		{ 429,
			"{\"error\":{\"type\":\"cluster_block_exception\",\"reason\":\"index [a] "
			"blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
			"watermark];\"},\"status\":429}",
			VERDICT_PAUSE_ALL },
		{ 404,
			"{\"error\":{\"type\":\"index_not_found_exception\",\"reason\":\"no such "
			"index [a]\"},\"status\":404}",
			VERDICT_PAUSE_INDEX },
		{ 400,
			"{\"error\":{\"type\":\"index_closed_exception\",\"reason\":\"closed\"},"
			"\"status\":400}",
			VERDICT_PAUSE_INDEX },
		{ 400,
			"{\"error\":{\"type\":\"validation_exception\",\"reason\":\"this action "
			"would add [2] shards\"},\"status\":400}",
			VERDICT_PAUSE_ALL },
		/* one bad document can fail the whole body: halve until it is alone */
		{ 400,
			"{\"error\":{\"type\":\"document_parsing_exception\",\"reason\":\"x\"},"
			"\"status\":400}",
			VERDICT_SPLIT },
		{ 500,
			"{\"error\":{\"type\":\"index_closed_exception\",\"reason\":\"closed\"},"
			"\"status\":500}",
			VERDICT_AGAIN },
	};

	(void)state;
	check_whole(rows, sizeof(rows) / sizeof(rows[0]));
}

static void only_200_means_that_the_items_are_read(void **state)
{
	(void)state;
	for (int status = 1; status <= 999; status++) {
		enum verdict verdict = verdict_of_request(status, NULL, 0, NULL);
		assert_int_equal(verdict == VERDICT_INDEXED, status == 200);
		assert_int_not_equal(verdict, VERDICT_ALREADY_THERE);
		assert_int_not_equal(verdict, VERDICT_DEAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_and_a_known_id_settle),
		cmocka_unit_test(nothing_but_200_and_201_counts_as_indexed),
		cmocka_unit_test(what_may_pass_goes_again),
		cmocka_unit_test(a_block_of_one_index_is_told_from_that_of_a_cluster),
		cmocka_unit_test(credentials_pause_everything),
		cmocka_unit_test(a_400_that_is_not_the_documents_fault_is_known_by_its_type),
		cmocka_unit_test(a_document_that_no_server_will_take_is_dead),
		cmocka_unit_test(a_document_that_is_quoted_in_a_reason_cannot_pause_anything),
		cmocka_unit_test(what_is_odd_goes_alone_once_more),
		cmocka_unit_test(a_whole_answer_is_judged_by_its_status),
		cmocka_unit_test(the_error_of_a_whole_answer_means_what_it_means_for_an_item),
		cmocka_unit_test(only_200_means_that_the_items_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
