/* ship_answer.c -- tests of reading the answer of _bulk: a complete one counts, nothing else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "rnd.h"
#include "verdict.h"

enum { SEEN_MAX = 16 };

struct seen {
	size_t count;
	struct {
		int status;
		char type[64], reason[256];
		bool failure_store, store_failed;
		char id[64];
	} items[SEEN_MAX];
};

static struct err_detail why;

static void see(void *arg, size_t i, const struct verdict_item *item)
{
	struct seen *seen = arg;

	assert_int_equal(i, seen->count);
	assert_in_range(item->status, 100, 599);
	if (i < SEEN_MAX) {
		seen->items[i].status = item->status;
		seen->items[i].failure_store = item->failure_store;
		seen->items[i].store_failed = item->store_failed;
		(void)snprintf(seen->items[i].id, 64, "%s", item->id);
		(void)snprintf(seen->items[i].type, 64, "%s", item->type);
		(void)snprintf(seen->items[i].reason, 256, "%s", item->reason);
	}
	seen->count++;
}

/* Reads from an allocation of exactly n bytes, so that the sanitizer sees an overread of one. */
static int read_answer(const void *body, size_t n, size_t sent, struct seen *seen)
{
	char *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	if (n)
		memcpy(copy, body, n);
	*seen = (struct seen){ 0 };
	why.text[0] = '\0';
	int err = verdict_read(copy, n, sent, see, seen, &why);
	free(copy);
	if (err) {
		assert_true(err == ERR_INPUT || err == ERR_UNSUPPORTED);
		assert_int_equal(seen->count, 0);
		assert_true(strlen(why.text) > 10);
	} else {
		assert_int_equal(seen->count, sent);
	}
	return err ? ERR_INPUT : 0;
}

static int read_text(const char *body, size_t sent, struct seen *seen)
{
	return read_answer(body, strlen(body), sent, seen);
}

#define ITEM(rest) "{\"create\":{" rest "}}"
#define CREATED    ITEM("\"status\":201")

static const char mixed[] = "{\"errors\":true,\"took\":0,\"items\":[" CREATED "," ITEM(
	"\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\","
	"\"reason\":"
	"\"[1]: version conflict, document already exists (current version "
	"[1])\"}") "," ITEM("\"status\":400,\"error\":{\"type\":\"document_"
			    "parsing_exception\",\"reason\":\"["
			    "1:15] failed to parse field [@timestamp] of type "
			    "[date_nanos] in document with "
			    "id '2'. Preview of field's value: 'no date'\"}") "]}";

static void every_item_is_handed_out_in_order(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(read_text(mixed, 3, &seen), 0);
	assert_int_equal(seen.items[0].status, 201);
	assert_string_equal(seen.items[0].type, "");
	assert_string_equal(seen.items[0].reason, "");
	assert_int_equal(seen.items[1].status, 409);
	assert_string_equal(seen.items[1].type, "version_conflict_engine_exception");
	assert_int_equal(seen.items[2].status, 400);
	assert_string_equal(seen.items[2].type, "document_parsing_exception");
	assert_non_null(strstr(seen.items[2].reason, "Preview of field's value: 'no date'"));
}

static void members_may_come_in_any_order(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(
		read_text("{\"took\":3,\"errors\":false,\"items\":[" CREATED "]}", 1, &seen), 0);
	assert_int_equal(read_text("{\"items\":[" CREATED "],\"errors\":false}", 1, &seen), 0);
	assert_int_equal(read_text("{\"items\":[]}", 0, &seen), 0);
	assert_int_equal(read_text(" {\"items\":[" CREATED "]}\r\n\t ", 1, &seen), 0);
}

static void the_items_decide_and_not_the_flag(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(
		read_text("{\"errors\":false,\"items\":[" ITEM("\"status\":400") "]}", 1, &seen),
		0);
	assert_int_equal(seen.items[0].status, 400);
	assert_int_equal(read_text("{\"errors\":true,\"items\":[" CREATED "]}", 1, &seen), 0);
	assert_int_equal(seen.items[0].status, 201);
	/* the flag alone says nothing about what became of the documents */
	assert_int_equal(read_text("{\"errors\":false,\"took\":1}", 1, &seen), ERR_INPUT);
	assert_int_equal(read_text("{\"errors\":false,\"took\":1}", 0, &seen), ERR_INPUT);
}

static void an_answer_that_is_cut_anywhere_settles_nothing(void **state)
{
	struct seen seen;

	(void)state;
	for (size_t n = 0; n < sizeof(mixed) - 1; n++)
		assert_int_equal(read_answer(mixed, n, 3, &seen), ERR_INPUT);
}

static void an_answer_with_something_behind_it_settles_nothing(void **state)
{
	char longer[sizeof(mixed) + 1];
	struct seen seen;

	(void)state;
	memcpy(longer, mixed, sizeof(mixed));
	for (int byte = 0; byte < 256; byte++) {
		longer[sizeof(mixed) - 1] = (char)byte;
		int expected =
			byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t' ? 0 : ERR_INPUT;
		assert_int_equal(read_answer(longer, sizeof(mixed), 3, &seen), expected);
	}
}

static void too_few_or_too_many_items_settle_nothing(void **state)
{
	struct seen seen;

	(void)state;
	for (size_t sent = 0; sent < 8; sent++)
		assert_int_equal(read_text(mixed, sent, &seen), sent == 3 ? 0 : ERR_INPUT);
	assert_int_equal(read_text("{\"items\":[]}", 1, &seen), ERR_INPUT);
}

static void an_item_that_is_no_answer_to_create_settles_nothing(void **state)
{
	static const char *const items[] = {
		"{\"index\":{\"status\":201}}",
		"{\"Create\":{\"status\":201}}",
		"{\"create\":{\"status\":201},\"index\":{\"status\":201}}",
		"{\"index\":{\"status\":201},\"create\":{\"status\":201}}",
		"{\"create\":{}}",
		"{\"create\":{\"Status\":201}}",
		"{\"create\":{\"status\":\"201\"}}",
		"{\"create\":{\"status\":null}}",
		"{\"create\":{\"status\":[201]}}",
		"{\"create\":{\"status\":201.5}}",
		"{\"create\":{\"status\":99}}",
		"{\"create\":{\"status\":600}}",
		"{\"create\":{\"status\":0}}",
		"{\"create\":{\"status\":-201}}",
		"{\"create\":{\"status\":1e300}}",
		"{\"create\":{\"status\":4294967497}}",
		"{\"create\":[{\"status\":201}]}",
		"{\"create\":201}",
		"{\"create\":null}",
		"{}",
		"[]",
		"[{\"status\":201}]",
		"201",
		"\"create\"",
		"null",
		"true",
	};
	char body[256];
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"items\":[%s]}", items[i]);
		assert_int_equal(read_text(body, 1, &seen), ERR_INPUT);
		/* one bad item costs the good one beside it too */
		(void)snprintf(body, sizeof(body), "{\"items\":[" CREATED ",%s]}", items[i]);
		assert_int_equal(read_text(body, 2, &seen), ERR_INPUT);
	}
}

static void what_is_no_answer_of_bulk_settles_nothing(void **state)
{
	static const char *const bodies[] = {
		"",
		"x",
		"<html><body>200 OK</body></html>",
		"[]",
		"[" CREATED "]",
		"null",
		"{}",
		"{\"Items\":[" CREATED "]}",
		"{\"items\":{\"a\":" CREATED "}}",
		"{\"items\":" CREATED "}",
		"{\"items\":\""
		"201"
		"\"}",
		"{\"answer\":{\"items\":[" CREATED "]}}",
		"{\"items\":[" CREATED "]",
		"{\"items\":[" CREATED ",]}",
		"{\"items\":[" CREATED "]}{\"items\":[" CREATED "]}",
		"{\"error\":{\"type\":\"x\"},\"status\":200}",
	};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(read_text(bodies[i], 1, &seen), ERR_INPUT);
}

static void odd_errors_are_read_as_no_text(void **state)
{
	static const char *const errors[] = { "\"a string\"", "null", "7", "[]", "{}",
		"{\"type\":7,\"reason\":[]}", "{\"type\":null,\"reason\":{\"a\":\"b\"}}" };
	char body[256];
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"items\":[{\"create\":{\"error\":%s,\"status\":400}}]}", errors[i]);
		assert_int_equal(read_text(body, 1, &seen), 0);
		assert_int_equal(seen.items[0].status, 400);
		assert_string_equal(seen.items[0].type, "");
		assert_string_equal(seen.items[0].reason, "");
	}
}

static void the_failure_store_is_told(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(
		read_text("{\"items\":[" ITEM("\"status\":201,\"failure_store\":\"used\"") "," ITEM(
				  "\"status\":201,\"failure_store\":\"failed\"") "," CREATED "]}",
			3, &seen),
		0);
	assert_true(seen.items[0].failure_store);
	assert_false(seen.items[1].failure_store);
	assert_false(seen.items[2].failure_store);
	assert_false(seen.items[0].store_failed);
	assert_true(seen.items[1].store_failed);
	assert_false(seen.items[2].store_failed);
}

static void an_id_is_given_when_it_is_there(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(
		read_text("{\"items\":[" ITEM("\"_id\":\"00abc\",\"status\":201") "," CREATED "]}",
			2, &seen),
		0);
	assert_string_equal(seen.items[0].id, "00abc");
	assert_string_equal(seen.items[1].id, "");
}

/* Which of the two would count? */
static void what_is_said_twice_settles_nothing(void **state)
{
	static const char *const bodies[] = {
		"{\"items\":[" ITEM("\"status\":201,\"status\":400") "]}",
		"{\"items\":[" ITEM("\"status\":201,\"status\":201") "]}",
		"{\"items\":[" ITEM("\"error\":{},\"status\":400,\"error\":{}") "]}",
		"{\"items\":[" ITEM("\"_id\":\"a\",\"_id\":\"b\",\"status\":201") "]}",
		"{\"items\":[" CREATED "],\"items\":[" CREATED "]}",
		"{\"items\":[{\"create\":{\"status\":201},\"create\":{\"status\":400}}]}",
	};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(read_text(bodies[i], 1, &seen), ERR_INPUT);
}

/* cJSON takes control characters for blanks, leading zeros for numbers, and ends names at \u0000. */
static void what_is_no_json_settles_nothing(void **state)
{
	static const char *const bodies[] = {
		"{\"items\":[{\"create\":{\"status\":0201}}]}",
		"{\"items\":[{\"create\":{\"status\":+201}}]}",
		"{\"items\":[{\"create\":{\"status\":201.}}]}",
		"{\"items\":[{\"create\":{\"status\":201e}}]}",
		"{\"items\":[{\"create\":{\"status\":0xC9}}]}",
		"{\"items\":[{\"create\\u0000x\":{\"status\":201}}]}",
		"{\"items\":[{\"create\":{\"status\\u0000\":201}}]}",
		"{\"items\":[{\"create\":{\"status\":201,\"x\":\"\x01\"}}]}",
		"{\"items\":[\x01{\"create\":{\"status\":201}}]}",
		"{\"items\":[{\"create\":{\"status\":201,}}]}",
		"{\"items\":[{\"create\":{\"status\":201 \"a\":1}}]}",
		"{\"items\":[{\"create\":{\"status\":201,\"x\":\"\\q\"}}]}",
		"{\"items\":[{\"create\":{\"status\":201,\"x\":\"\\u12G4\"}}]}",
		"{\"items\":[{\"create\":{\"status\":201,\"x\":nul}}]}",
		"{items:[{\"create\":{\"status\":201}}]}",
		"{'items':[{'create':{'status':201}}]}",
		"\xEF\xBB\xBF{\"items\":[{\"create\":{\"status\":201}}]}",
	};
	static const char nul[] = "{\"items\":[{\"create\":{\"status\":201}}\0]}";
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (read_text(bodies[i], 1, &seen) != ERR_INPUT)
			fail_msg("taken: %s", bodies[i]);
	assert_int_equal(read_answer(nul, sizeof(nul) - 1, 1, &seen), ERR_INPUT);
}

static void a_number_is_a_number_however_it_is_written(void **state)
{
	static const char *const numbers[] = { "200", "2e2", "200.0", "2.00E+2", "20000e-2" };
	char body[128];
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"items\":[{\"create\":{\"status\":%s}}]}",
			numbers[i]);
		assert_int_equal(read_text(body, 1, &seen), 0);
		assert_int_equal(seen.items[0].status, 200);
	}
}

static void pretty_print_and_what_nobody_asked_for_change_nothing(void **state)
{
	struct seen seen;

	(void)state;
	assert_int_equal(
		read_text(
			"{\n  \"took\" : 3,\n  \"ingest_took\" : 1.5e0,\n  \"errors\" : false,\n"
			"  \"items\" : [\r\n\t{ \"create\" : {\n \"_index\" : \"a\", \"_version\" "
			": 1, \"_shards\" : {\"total\" : [1, {}, []], \"x\" : null}, \"status\" "
			": 201 } }\n  ]\n}\n",
			1, &seen),
		0);
	assert_int_equal(seen.items[0].status, 201);
}

static void texts_are_decoded_and_cut_between_characters(void **state)
{
	struct seen seen;
	struct buf b;

	(void)state;
	assert_int_equal(
		read_text(
			"{\"items\":[" ITEM(
				"\"status\":400,\"error\":{\"type\":\"a\\u0000"
				"\\u00e9\\ud83d\\ude00\\ud83dx\",\"reason\":\"\\\"\\n\xff\"}") "]}",
			1, &seen),
		0);
	assert_string_equal(
		seen.items[0].type, "a\xEF\xBF\xBD\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBDx");
	assert_string_equal(seen.items[0].reason, "\"\n\xff");
	buf_init(&b, 32 << 20);
	buf_adds(&b, "{\"items\":[{\"create\":{\"status\":400,\"error\":{\"reason\":\"x");
	for (unsigned i = 0; i < 5000000; i++)
		buf_adds(&b, "\xC3\xA9");
	buf_adds(&b, "\"}}}]}");
	assert_int_equal(read_answer(b.data, b.len, 1, &seen), 0);
	size_t n = strlen(seen.items[0].reason); /* 10 MB, of which we keep the beginning */
	assert_int_equal(n, 255);
	buf_done(&b);
}

static void answer_nested(struct buf *b, const char *open, size_t depth, const char *inside)
{
	buf_reset(b);
	buf_adds(b, "{\"x\":");
	for (size_t i = 0; i < depth; i++)
		buf_adds(b, open);
	buf_adds(b, inside);
	assert_false(b->failed);
}

static void deep_nesting_is_refused_without_harm(void **state)
{
	static const size_t depths[] = { 999, 1000, 1001, 10000, 1000000 };
	struct seen seen;
	struct buf b;

	(void)state;
	buf_init(&b, 16 << 20);
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		answer_nested(&b, "[", depths[i], "");
		assert_int_equal(read_answer(b.data, b.len, 1, &seen), ERR_INPUT);
		answer_nested(&b, "{\"a\":", depths[i], "1");
		assert_int_equal(read_answer(b.data, b.len, 1, &seen), ERR_INPUT);
	}
	buf_done(&b);
}

static void an_answer_as_large_as_a_request_can_make_it_is_read(void **state)
{
	enum { ITEMS = 10000 };
	struct seen seen;
	struct buf b;

	(void)state;
	buf_init(&b, 16 << 20);
	buf_adds(&b, "{\"errors\":true,\"took\":1,\"items\":[");
	for (unsigned i = 0; i < ITEMS; i++)
		buf_adds(&b, i ? "," CREATED : ITEM("\"status\":429"));
	buf_adds(&b, "]}");
	assert_int_equal(read_answer(b.data, b.len, ITEMS, &seen), 0);
	assert_int_equal(seen.items[0].status, 429);
	assert_int_equal(read_answer(b.data, b.len, ITEMS - 1, &seen), ERR_INPUT);
	assert_int_equal(read_answer(b.data, b.len, ITEMS + 1, &seen), ERR_INPUT);
	buf_done(&b);
}

static void an_array_without_end_is_refused(void **state)
{
	enum { ITEMS = 400000 };
	struct seen seen;
	struct buf b;

	(void)state;
	buf_init(&b, 16 << 20);
	buf_adds(&b, "{\"items\":[");
	for (unsigned i = 0; i < ITEMS; i++)
		buf_adds(&b, i ? ",0" : "0");
	assert_int_equal(read_answer(b.data, b.len, 1, &seen), ERR_INPUT);
	buf_adds(&b, "]}");
	assert_int_equal(read_answer(b.data, b.len, 1, &seen), ERR_INPUT);
	assert_int_equal(read_answer(b.data, b.len, ITEMS, &seen), ERR_INPUT);
	buf_done(&b);
}

/* Whatever bytes change: either nothing is handed out, or exactly as many items as were sent. */
static void changed_bytes_never_give_a_part_of_an_answer(void **state)
{
	struct rnd seed = rnd_start();
	char body[sizeof(mixed)];
	struct seen seen;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(body, mixed, sizeof(mixed));
		for (uint64_t k = 0; k <= rnd_below(&seed, 3); k++)
			body[rnd_below(&seed, sizeof(mixed) - 1)] = (char)rnd_below(&seed, 256);
		(void)read_answer(body, sizeof(mixed) - 1, 3, &seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_handed_out_in_order),
		cmocka_unit_test(members_may_come_in_any_order),
		cmocka_unit_test(the_items_decide_and_not_the_flag),
		cmocka_unit_test(an_answer_that_is_cut_anywhere_settles_nothing),
		cmocka_unit_test(an_answer_with_something_behind_it_settles_nothing),
		cmocka_unit_test(too_few_or_too_many_items_settle_nothing),
		cmocka_unit_test(an_item_that_is_no_answer_to_create_settles_nothing),
		cmocka_unit_test(what_is_no_answer_of_bulk_settles_nothing),
		cmocka_unit_test(odd_errors_are_read_as_no_text),
		cmocka_unit_test(the_failure_store_is_told),
		cmocka_unit_test(an_id_is_given_when_it_is_there),
		cmocka_unit_test(what_is_said_twice_settles_nothing),
		cmocka_unit_test(what_is_no_json_settles_nothing),
		cmocka_unit_test(a_number_is_a_number_however_it_is_written),
		cmocka_unit_test(pretty_print_and_what_nobody_asked_for_change_nothing),
		cmocka_unit_test(texts_are_decoded_and_cut_between_characters),
		cmocka_unit_test(deep_nesting_is_refused_without_harm),
		cmocka_unit_test(an_answer_as_large_as_a_request_can_make_it_is_read),
		cmocka_unit_test(an_array_without_end_is_refused),
		cmocka_unit_test(changed_bytes_never_give_a_part_of_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
