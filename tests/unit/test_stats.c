/* test_stats.c -- the latency histogram, and numbers as people read them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "rnd.h"
#include "test.h"

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Never less than the true quantile, and at most a quarter of a power of two above it. */
static void quantiles_are_at_most_a_quarter_too_high(void **state)
{
	struct rnd r = rnd_start();
	static uint64_t values[1000];

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct stats_latency l = { 0 };
		uint64_t sum = 0;
		for (size_t i = 0; i < 1000; i++) {
			values[i] = rnd_next(&r) >> (32 + rnd_below(&r, 31));
			stats_latency_add(&l, values[i]);
			sum += values[i];
		}
		qsort(values, 1000, sizeof(values[0]), by_value);
		assert_true(l.count == 1000 && l.sum_us == sum && l.max_us == values[999]);
		for (unsigned percent = 1; percent <= 100; percent++) {
			uint64_t want = values[percent * 10 - 1];
			uint64_t got = stats_latency_quantile(&l, percent / 100.0);
			assert_true(got >= want && got <= want + want / 4);
		}
	}
}

static void values_below_a_power_of_two_are_counted_exactly(void **state)
{
	struct rnd r = rnd_start();
	struct stats_latency l = { 0 };
	uint64_t below[33] = { 0 };

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint64_t us = rnd_next(&r) >> (30 + rnd_below(&r, 34));
		if (i < 40) /* the edges */
			us = (UINT64_C(1) << i / 2) - (uint64_t)i % 2;
		stats_latency_add(&l, us);
		for (unsigned power = 2; power <= 32; power++)
			below[power] += us < UINT64_C(1) << power;
	}
	for (unsigned power = 2; power <= 32; power++)
		assert_int_equal(stats_latency_below(&l, power), below[power]);
}

static void short_times_read_well(void **state)
{
	static const struct {
		uint64_t us;
		const char *text;
	} cases[] = { { 0, "0.00 ms" }, { 350, "0.35 ms" }, { 9994, "9.99 ms" }, { 9995, "10 ms" },
		{ 12400, "12 ms" }, { 999499, "999 ms" }, { 999500, "1.0 s" },
		{ 12340000, "12.3 s" } };
	char out[STATS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(stats_short(cases[i].us, out), cases[i].text);
}

static void a_histogram_of_nothing_or_of_one_value_is_right(void **state)
{
	struct stats_latency l = { 0 };

	(void)state;
	assert_int_equal(stats_latency_quantile(&l, 0.5), 0);
	stats_latency_add(&l, 0);
	assert_int_equal(stats_latency_quantile(&l, 1), 0);
	l = (struct stats_latency){ 0 };
	stats_latency_add(&l, UINT64_MAX);
	assert_int_equal(stats_latency_quantile(&l, 0.5), UINT64_MAX);
	for (unsigned bit = 0; bit < 64; bit++) {
		l = (struct stats_latency){ 0 };
		stats_latency_add(&l, UINT64_C(1) << bit);
		assert_int_equal(stats_latency_quantile(&l, 0.5), UINT64_C(1) << bit);
	}
}

struct pair {
	uint64_t value;
	const char *text;
};

static void bytes_are_written_with_four_characters_at_most(void **state)
{
	static const struct pair pairs[] = { { 0, "0 B" }, { 1, "1 B" }, { 1023, "1023 B" },
		{ 1024, "1 KiB" }, { 1536, "1.5 KiB" }, { 102400, "100 KiB" },
		{ 1048063, "1023 KiB" }, { 1048064, "1 MiB" }, { 1048576, "1 MiB" },
		{ 10737418240, "10 GiB" }, { UINT64_MAX, "16 EiB" } };
	char out[STATS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(stats_bytes(pairs[i].value, out), pairs[i].text);
	for (uint64_t n = 1; n < UINT64_C(1) << 40; n += n / 700 + 1) {
		(void)stats_bytes(n, out);
		assert_true(strtod(out, NULL) < 1024);
	}
}

static void counts_are_grouped_by_thousands(void **state)
{
	static const struct pair pairs[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" },
		{ 1234567, "1,234,567" }, { UINT64_MAX, "18,446,744,073,709,551,615" } };
	char out[STATS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(stats_count(pairs[i].value, out), pairs[i].text);
}

static void durations_have_two_units(void **state)
{
	static const struct pair pairs[] = { { 0, "0.0 s" }, { 200, "0.2 s" }, { 59900, "59.9 s" },
		{ 60000, "1 m 0 s" }, { 185000, "3 m 5 s" }, { 7800000, "2 h 10 m" },
		{ 86400000, "1 d 0 h" }, { 273600000, "3 d 4 h" } };
	char out[STATS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(stats_duration((int64_t)pairs[i].value, out), pairs[i].text);
	assert_true(strlen(stats_duration(INT64_MAX, out)) < STATS_TEXT);
}

static void every_error_has_a_name_and_a_text(void **state)
{
	struct err_detail why;
	char filler[2000];

	(void)state;
	assert_string_equal(err_name(0), "OK");
	assert_string_equal(err_name(ERR_SPOOL_FULL), "SPOOL_FULL");
	assert_string_equal(err_text(ERR_SPOOL_FULL), "the spool is full");
	for (int err = 2; err >= -300; err--) { /* also numbers that are no error */
		assert_true(*err_name(err) && *err_text(err));
		assert_int_equal(strcmp(err_name(err), "OK") != 0, err < 0 && err >= ERR_STOPPED);
	}
	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	assert_int_equal(err_set(&why, ERR_CONFIG, "%s", filler), ERR_CONFIG);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	assert_int_equal(err_set(NULL, ERR_CONFIG, "%s", filler), ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_at_most_a_quarter_too_high),
		cmocka_unit_test(values_below_a_power_of_two_are_counted_exactly),
		cmocka_unit_test(short_times_read_well),
		cmocka_unit_test(a_histogram_of_nothing_or_of_one_value_is_right),
		cmocka_unit_test(bytes_are_written_with_four_characters_at_most),
		cmocka_unit_test(counts_are_grouped_by_thousands),
		cmocka_unit_test(durations_have_two_units),
		cmocka_unit_test(every_error_has_a_name_and_a_text),
	};

	return TEST_RUN(tests);
}
