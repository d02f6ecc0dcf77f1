/* test_record_id.c -- ids as text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "record_id.h"

#include <string.h>

#include "rnd.h"
#include "test.h"

static void id_is(uint64_t run, uint64_t seq, const char *want)
{
	char id[RECORD_ID_LEN + 1] = "";

	record_id_write(run, seq, id);
	assert_string_equal(id, want);
}

static void ids_are_base32hex_of_run_and_sequence(void **state)
{
	(void)state;
	id_is(0, 0, "00000000000000000000000000");
	id_is(0, 1, "00000000000000000000000001");
	id_is(1, 31, "0000000000001000000000000v");
	id_is(32, 1024, "00000000000100000000000100");
	id_is(UINT64_MAX, UINT64_C(1) << 63, "fvvvvvvvvvvvv8000000000000");
}

static void every_id_can_be_read_back(void **state)
{
	struct rnd r = rnd_start();
	char id[RECORD_ID_LEN];
	uint64_t run, seq;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t a = rnd_next(&r) >> rnd_below(&r, 64);
		uint64_t b = rnd_next(&r) >> rnd_below(&r, 64);
		record_id_write(a, b, id);
		assert_int_equal(record_id_parse(id, &run, &seq), 0);
		assert_true(run == a && seq == b);
	}
}

static void ids_sort_as_their_numbers_do(void **state)
{
	struct rnd r = rnd_start();
	char x[RECORD_ID_PART], y[RECORD_ID_PART];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t a = rnd_next(&r) >> rnd_below(&r, 64);
		uint64_t b = i % 2 ? a + 1 : rnd_next(&r) >> rnd_below(&r, 64);
		record_id_part(a, x);
		record_id_part(b, y);
		int order = memcmp(x, y, RECORD_ID_PART);
		assert_true((order < 0) == (a < b) && (order == 0) == (a == b));
	}
}

static void what_is_no_id_is_refused(void **state)
{
	static const char *const bad[] = { "", "0", "0000000000000000000000000",
		"0000000000000000000000000W", "000000000000000000000000 0",
		"000000000000V0000000000000", "w0000000000000000000000000",
		"g0000000000000000000000000", "0000000000000g000000000000",
		"000000000000_0000000000000" };
	uint64_t run = 7, seq = 8;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(record_id_parse(bad[i], &run, &seq), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_base32hex_of_run_and_sequence),
		cmocka_unit_test(every_id_can_be_read_back),
		cmocka_unit_test(ids_sort_as_their_numbers_do),
		cmocka_unit_test(what_is_no_id_is_refused),
	};

	return TEST_RUN(tests);
}
