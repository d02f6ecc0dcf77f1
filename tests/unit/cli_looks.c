/* cli_looks.c -- tests of what the commands that look into a spool share: words, and progress. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "looks.h"

static int64_t now_ms;

static int64_t wall(void)
{
	return 0;
}

static int64_t monotonic(void)
{
	return now_ms * 1000000;
}

static void times_are_days_or_seconds_in_utc(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = { { "1970-01-02", INT64_C(86400000000000) },
		{ "1970-01-01T00:00:01Z", 1000000000 }, { "1970-01-01 00:00:01Z", 1000000000 },
		{ "1970-01-01t00:00:01Z", 1000000000 }, { "1970-01-01T00:00:00.5Z", 500000000 },
		{ "1970-01-01T00:00:00.123456789Z", 123456789 } };
	static const char *const bad[] = { "", "1970", "1970-1-1", "1970-13-01",
		"1970-01-01T00:00:01", "1970-01-01T00:00:01+", "1970-01-01T00:00:01.Z",
		"1970-01-01T00:00:01.1234567891Z", "1970-01-01T00:00Z", "yesterday!",
		"1970-01-01T00:00:01.aZ", "1970-02-30" };
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(looks_time(good[i].text, &ns));
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (looks_time(bad[i], &ns))
			fail_msg("\"%s\" is a time", bad[i]);
}

static void numbers_are_whole_and_positive(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "+1", " 1", "1 ", "1x", "0x1",
		"18446744073709551616" };
	uint64_t n;

	(void)state;
	assert_true(looks_number("1", &n) && n == 1);
	assert_true(looks_number("18446744073709551615", &n) && n == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (looks_number(bad[i], &n))
			fail_msg("\"%s\" is a number", bad[i]);
}

static void a_record_without_a_time_has_that_of_its_frame(void **state)
{
	static const char timed[] = "{\"@timestamp\":\"1970-01-01T00:00:00.000000007Z\",\"a\":1}";
	static const char lite[] = "{\"srcip\":\"1.2.3.4\"}";
	const struct frame_header h = { .min_time_ns = 5 };

	(void)state;
	assert_int_equal(frame_record_time(&h, timed, sizeof(timed) - 1), 7);
	assert_int_equal(frame_record_time(&h, timed, 40), 5); /* cut */
	assert_int_equal(frame_record_time(&h, lite, sizeof(lite) - 1), 5);
}

/* --- progress --- */

/* What standard error gets while a meter stands at each of the four values, a second apart. */
static const char *shown(struct meter *m, const uint64_t done[4])
{
	static char text[1024];
	char path[] = "/tmp/espcap-unit-looks-XXXXXX";
	int fd = mkstemp(path), saved = dup(STDERR_FILENO);

	assert_true(fd >= 0 && saved >= 0);
	(void)unlink(path);
	(void)fflush(stderr);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	for (int i = 0; i < 4; i++) {
		meter_show(m, done[i]);
		meter_show(m, done[i] + 1); /* too soon */
		now_ms += 1000;
	}
	meter_end(m);
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	(void)close(saved);
	(void)close(fd);
	return text;
}

static void long_work_shows_on_a_terminal_how_far_it_is(void **state)
{
	static const struct clock_source frozen = { wall, monotonic };
	static const uint64_t done[4] = { 1, 1000, 5, 7 };
	struct meter m;

	(void)state;
	now_ms = 5000;
	clock_replace(&frozen);
	meter_begin(&m, "checked", 2000, false);
	m.terminal = true;
	assert_string_equal(shown(&m, done),
		"\rchecked 1,000 of 2,000\rchecked 5 of 2,000    \rchecked 7 of 2,000"
		"\r                  \r");
	meter_begin(&m, "checked", 2048, true);
	m.terminal = true;
	assert_non_null(strstr(shown(&m, done), "checked 1000 B of 2 KiB"));
	meter_begin(&m, "checked", 2000, false);
	m.terminal = false;
	assert_string_equal(shown(&m, done), "");
	clock_replace(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_days_or_seconds_in_utc),
		cmocka_unit_test(numbers_are_whole_and_positive),
		cmocka_unit_test(a_record_without_a_time_has_that_of_its_frame),
		cmocka_unit_test(long_work_shows_on_a_terminal_how_far_it_is),
	};

	return TEST_RUN(tests);
}
