/* test_loss.c -- loss documents, and that they are durable before anything counts as settled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loss.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "box.h"
#include "clock.h"
#include "guard.h"
#include "json_judge.h"
#include "run_ship.h"

/* The text at a path of names, "" for none. */
static const char *text_at(const cJSON *root, const char *a, const char *b, const char *c)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, a);

	item = b ? cJSON_GetObjectItemCaseSensitive(item, b) : item;
	item = c ? cJSON_GetObjectItemCaseSensitive(item, c) : item;
	return cJSON_IsString(item) ? item->valuestring : "";
}

static double number_at(const cJSON *root, const char *name)
{
	const cJSON *espcap = cJSON_GetObjectItemCaseSensitive(root, "espcap");
	const cJSON *loss = cJSON_GetObjectItemCaseSensitive(espcap, "loss");
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(loss, name);

	return cJSON_IsNumber(item) ? item->valuedouble : -1;
}

static cJSON *document(const struct loss *loss, const char *sensor)
{
	struct guard g;
	char *out = guard_alloc(&g, LOSS_DOCUMENT_MAX);
	struct event_head head = { .sensor = sensor, .now_ns = INT64_C(1767323045123456789) };
	size_t n = loss_document(loss, &head, out);

	assert_true(n <= LOSS_DOCUMENT_MAX);
	assert_true(judge_json(out, n));
	assert_null(memchr(out, '\n', n));
	static const char begin[] = "{\"@timestamp\":\"2026-01-02T03:04:05.123456789Z\"";
	assert_memory_equal(out, begin, sizeof(begin) - 1);
	cJSON *root = cJSON_ParseWithLength(out, n);
	guard_free(&g);
	return root;
}

static void a_document_says_how_many_why_and_when(void **state)
{
	const struct loss loss = { .reason = LOSS_TRIMMED,
		.count = 12,
		.bytes = 3456,
		.first_seq = 7,
		.last_seq = 18,
		.start_ns = 1,
		.end_ns = INT64_C(86400000000000) };
	cJSON *root = document(&loss, "edge-7");

	(void)state;
	assert_string_equal(text_at(root, "event", "dataset", NULL), "espcap.loss");
	assert_string_equal(text_at(root, "event", "reason", NULL), "trimmed");
	assert_string_equal(
		text_at(root, "event", "start", NULL), "1970-01-01T00:00:00.000000001Z");
	assert_string_equal(text_at(root, "event", "end", NULL), "1970-01-02T00:00:00.000000000Z");
	assert_string_equal(text_at(root, "host", "name", NULL), "edge-7");
	assert_string_equal(text_at(root, "observer", "name", NULL), "edge-7");
	assert_string_equal(text_at(root, "espcap", "loss", "reason"), "trimmed");
	assert_true(strlen(text_at(root, "message", NULL, NULL)) > 20);
	assert_true(number_at(root, "count") == 12 && number_at(root, "bytes") == 3456);
	assert_true(
		number_at(root, "first_sequence") == 7 && number_at(root, "last_sequence") == 18);
	cJSON_Delete(root);
}

static void what_is_not_known_is_not_said(void **state)
{
	const struct loss loss = { .reason = LOSS_KERNEL_DROP, .count = 1 };
	cJSON *root = document(&loss, "x");

	(void)state;
	assert_string_equal(text_at(root, "event", "start", NULL), "");
	assert_string_equal(text_at(root, "event", "end", NULL), "");
	assert_true(number_at(root, "bytes") == -1 && number_at(root, "first_sequence") == -1);
	assert_true(number_at(root, "count") == 1);
	cJSON_Delete(root);
}

/* A sensor that has just started in 1970 cannot say that it lost packets in 1969. */
static void no_time_is_before_1970_and_an_unsynced_clock_is_told(void **state)
{
	const struct loss loss = {
		.reason = LOSS_KERNEL_DROP, .count = 1, .start_ns = -500000000, .end_ns = 500000000
	};
	const struct event_head head = {
		.sensor = "x", .now_ns = -1, .boot_ns = 4711, .boot_id = "b"
	};
	char out[LOSS_DOCUMENT_MAX];
	cJSON *root = cJSON_ParseWithLength(out, loss_document(&loss, &head, out));

	(void)state;
	assert_string_equal(
		text_at(root, "@timestamp", NULL, NULL), "1970-01-01T00:00:00.000000001Z");
	assert_string_equal(
		text_at(root, "event", "start", NULL), "1970-01-01T00:00:00.000000001Z");
	assert_string_equal(text_at(root, "event", "end", NULL), "1970-01-01T00:00:00.500000000Z");
	assert_string_equal(text_at(root, "host", "boot", "id"), "b");
	assert_string_equal(text_at(root, "espcap", "clock", NULL), "unsynced");
	cJSON_Delete(root);
}

static void a_document_can_be_read_again(void **state)
{
	const struct loss loss = {
		.reason = LOSS_CORRUPT, .count = 77, .bytes = 9, .first_seq = 771, .last_seq = 847
	};
	const struct event_head odd = { .sensor = "\"loss\":{\"reason\":\"trimmed\"", .now_ns = 1 };
	static const char dull[] = "{\"loss\":{\"reason\":\"dull\",\"count\":1}}";
	const struct loss unnumbered = { .reason = LOSS_RING_FULL, .count = 5 };
	char text[LOSS_DOCUMENT_MAX];
	struct loss read = { 0 };

	(void)state;
	size_t n = loss_document(&loss, &odd, text);
	assert_true(loss_read(text, n, &read));
	assert_int_equal(read.reason, LOSS_CORRUPT);
	assert_int_equal(read.count, 77);
	assert_int_equal(read.first_seq, 771);
	assert_int_equal(read.last_seq, 847);
	n = loss_document(&unnumbered, &odd, text);
	assert_true(loss_read(text, n, &read));
	assert_true(read.reason == LOSS_RING_FULL && read.count == 5 && read.first_seq == 0);
	for (size_t cut = 0; cut < n; cut++) {
		struct guard g;
		char *exact = guard_alloc(&g, cut ? cut : 1);
		memcpy(exact, text, cut);
		(void)loss_read(exact, cut, &read);
		guard_free(&g);
	}
	assert_false(loss_read(dull, sizeof(dull) - 1, &read));
}

static void every_reason_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned a = 0; a < LOSS_REASONS; a++) {
		const struct loss loss = { .reason = (enum loss_reason)a, .count = 1 };
		cJSON *root = document(&loss, "x");
		assert_string_equal(text_at(root, "event", "reason", NULL), loss_name(loss.reason));
		cJSON_Delete(root);
		for (unsigned b = 0; b < a; b++)
			assert_string_not_equal(
				loss_name((enum loss_reason)a), loss_name((enum loss_reason)b));
	}
}

static void the_longest_document_fits(void **state)
{
	const struct loss loss = { .reason = LOSS_RING_FULL,
		.count = UINT64_MAX,
		.bytes = UINT64_MAX,
		.first_seq = UINT64_MAX,
		.last_seq = UINT64_MAX,
		.start_ns = INT64_MIN,
		.end_ns = INT64_MAX };
	char sensor[1000];

	(void)state;
	for (int c = 1; c < 256; c++) {
		memset(sensor, c, sizeof(sensor) - 1);
		sensor[sizeof(sensor) - 1] = '\0';
		cJSON *root = document(&loss, sensor);
		assert_non_null(root);
		assert_true(number_at(root, "count") > 1e19);
		cJSON_Delete(root);
	}
}

static void losses_add_up_to_the_widest_range(void **state)
{
	struct loss sum = { 0 };
	const struct loss parts[] = {
		{ LOSS_TRIMMED, 2, 1, 20, 10, 11, 500, 600 },
		{ LOSS_TRIMMED, 3, 3, 0, 0, 0, 0, 0 },
		{ LOSS_TRIMMED, 4, 0, 40, 3, 6, 700, 800 },
		{ LOSS_TRIMMED, 1, 0, 1, 90, 90, 400, 450 },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		loss_add(&sum, &parts[i]);
	assert_true(sum.reason == LOSS_TRIMMED && sum.count == 10 && sum.bytes == 61);
	assert_true(sum.repeated == 4 && sum.first_seq == 3 && sum.last_seq == 90);
	assert_true(sum.start_ns == 400 && sum.end_ns == 800);
}

/* --- (I10), with the real espcap-ship --- */

static void i10_no_frontier_passes_a_loss_that_could_not_be_written_down(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	char out[PATHS_MAX * 2];

	for (int i = 0; i < 5; i++)
		box_append_ok(c, 10, 1000);
	chain_close(c);
	box_poke(box_data(b, 1), box_frame(b, 1, 21) + 33, "\xff", 1);
	(void)snprintf(out, sizeof(out), "%s/out.ndjson", b->dir);
	/* a file where the folder of loss documents should be */
	assert_int_equal(paths_replace(box_path(b, "loss"), "x", 1), 0);
	assert_int_equal(run_ship(b, "--out-file", out), 1);
	assert_int_equal(run_ship_acked(b).frontier, 20);
	assert_int_equal(run_ship_acked(b).counts.lost, 0);
	assert_int_equal(unlink(box_path(b, "loss")), 0);
	assert_int_equal(run_ship(b, "--out-file", out), 1); /* something was lost */
	assert_int_equal(run_ship_acked(b).frontier, 50);
	assert_int_equal(run_ship_acked(b).counts.lost, 10);
	assert_int_equal(run_ship_acked(b).counts.indexed, 40);
	assert_true(box_find(out, "\"first_sequence\":21,\"last_sequence\":30", 38) > 0);
	assert_true(box_find(out, "\"reason\":\"corrupt\",\"count\":10,", 30) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_says_how_many_why_and_when),
		cmocka_unit_test(what_is_not_known_is_not_said),
		cmocka_unit_test(no_time_is_before_1970_and_an_unsynced_clock_is_told),
		cmocka_unit_test(a_document_can_be_read_again),
		cmocka_unit_test(every_reason_has_a_name_of_its_own),
		cmocka_unit_test(the_longest_document_fits),
		cmocka_unit_test(losses_add_up_to_the_widest_range),
		BOX_TEST(i10_no_frontier_passes_a_loss_that_could_not_be_written_down),
	};

	return TEST_RUN(tests);
}
