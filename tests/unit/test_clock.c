/* test_clock.c -- dates without time zones, and clocks that can be replaced. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "rnd.h"
#include "test.h"

static const int64_t S = INT64_C(1000000000);

static void iso_is(int64_t ns, const char *want)
{
	char got[CLOCK_ISO_LEN + 1];

	clock_iso(ns, got);
	assert_string_equal(got, want);
}

static void known_moments_are_written_with_nine_decimals(void **state)
{
	(void)state;
	iso_is(0, "1970-01-01T00:00:00.000000000Z");
	iso_is(1, "1970-01-01T00:00:00.000000001Z");
	iso_is(-1, "1969-12-31T23:59:59.999999999Z");
	iso_is(-S, "1969-12-31T23:59:59.000000000Z");
	iso_is(951782400 * S, "2000-02-29T00:00:00.000000000Z");
	iso_is(1709251199 * S + 5, "2024-02-29T23:59:59.000000005Z");
	iso_is(4107542400 * S, "2100-03-01T00:00:00.000000000Z");
	iso_is(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
	iso_is(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
}

static void every_day_is_that_of_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = -106751; day <= 106751; day++) {
		time_t t = day * 86400;
		struct tm tm;
		assert_non_null(gmtime_r(&t, &tm));
		struct clock_date d = clock_date_of_day(day);
		assert_true(d.year == tm.tm_year + 1900 && d.month == tm.tm_mon + 1 &&
			    d.day == tm.tm_mday);
	}
}

static void what_is_written_can_be_read_back(void **state)
{
	struct rnd r = rnd_start();
	char text[CLOCK_ISO_LEN + 1];
	int64_t back = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t ns = (int64_t)rnd_next(&r) >> rnd_below(&r, 40);
		if (i < 4000) /* from either end inwards: what is clamped stands there */
			ns = i % 2 ? INT64_MAX - i / 2 * (S / 1000)
				   : INT64_MIN + i / 2 * (S / 1000);
		clock_iso(ns, text);
		assert_int_equal(clock_parse_iso(text, &back), 0);
		assert_true(back == ns);
	}
}

static void only_that_form_is_read(void **state)
{
	static const char good[] = "2026-01-02T03:04:05.123456789Z";
	static const char *const bad[] = { "", "2026", "2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05.12345678Z", "2026-01-02t03:04:05.123456789Z",
		"2026-13-02T03:04:05.123456789Z", "2026-00-02T03:04:05.123456789Z",
		"2026-01-00T03:04:05.123456789Z", "2026-01-32T03:04:05.123456789Z",
		"2026-02-29T03:04:05.123456789Z", "2026-04-31T03:04:05.123456789Z",
		"2024-02-30T03:04:05.123456789Z", "2026-01-02T24:04:05.123456789Z",
		"2026-01-02T03:60:05.123456789Z", "2026-01-02T03:04:60.123456789Z",
		"1600-01-02T03:04:05.123456789Z", "2300-01-02T03:04:05.123456789Z",
		"-026-01-02T03:04:05.123456789Z", "2262-04-11T23:47:17.000000000Z",
		"2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z" };
	int64_t ns = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (clock_parse_iso(bad[i], &ns) != ERR_INPUT)
			fail_msg("\"%s\" was read", bad[i]);
	assert_int_equal(ns, 42);
	for (size_t i = 0; i < CLOCK_ISO_LEN; i++) { /* any character may be wrong */
		char text[CLOCK_ISO_LEN + 1];
		memcpy(text, good, sizeof(text));
		for (const char *c = "x:-. /"; *c; c++) {
			text[i] = *c == good[i] ? 'y' : *c;
			assert_int_equal(clock_parse_iso(text, &ns), ERR_INPUT);
		}
	}
	assert_int_equal(clock_parse_iso(good, &ns), 0);
	assert_int_equal(ns, INT64_C(1767323045123456789));
}

static int64_t wall(void)
{
	return 77;
}

static int64_t monotonic(void)
{
	return 5 * S;
}

static void clocks_can_be_replaced_and_brought_back(void **state)
{
	static const struct clock_source fixed = { wall, monotonic };
	struct timespec t;

	(void)state;
	clock_replace(&fixed);
	assert_int_equal(clock_wall_ns(), 77);
	assert_int_equal(clock_ms(clock_monotonic_ns()), 5000);
	clock_replace(NULL);
	int64_t before = clock_monotonic_ns();
	assert_true(clock_monotonic_ns() >= before);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &t), 0);
	int64_t off = clock_wall_ns() - (int64_t)t.tv_sec * S;
	assert_true(off >= 0 && off < 60 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_moments_are_written_with_nine_decimals),
		cmocka_unit_test(every_day_is_that_of_the_c_library),
		cmocka_unit_test(what_is_written_can_be_read_back),
		cmocka_unit_test(only_that_form_is_read),
		cmocka_unit_test(clocks_can_be_replaced_and_brought_back),
	};

	return TEST_RUN(tests);
}
