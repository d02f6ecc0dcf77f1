/* capture_date.c -- tests of times in text: of mail and of RFC 3339, beside the C library's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "date.h"

#include <string.h>
#include <time.h>

#include "guard.h"
#include "rnd.h"
#include "test.h"

enum { NOON = 1770289200 }; /* 2026-02-05 11:00:00 UTC */

static struct bytes text_of(const char *text)
{
	return bytes_of((const uint8_t *)text, strlen(text));
}

static void assert_mail(const char *text, int64_t seconds)
{
	int64_t found = -1;

	assert_true(date_mail(text_of(text), &found));
	assert_int_equal(found, seconds);
}

static void assert_iso(const char *text, int64_t seconds, uint32_t nanoseconds)
{
	int64_t found = -1;
	uint32_t fraction = UINT32_MAX;

	assert_true(date_iso(text_of(text), &found, &fraction));
	assert_int_equal(found, seconds);
	assert_int_equal(fraction, nanoseconds);
}

static void mail_has_a_day_of_the_week_and_seconds_or_not(void **state)
{
	(void)state;
	assert_mail("Thu, 05 Feb 2026 12:00:00 +0100", NOON);
	assert_mail("5 Feb 2026 12:00 +0100", NOON);
	assert_mail("  Thu,\t5  feb 2026 12:00:07   +0100 (CET)", NOON + 7);
	assert_mail(
		"Fri, 5 Feb 2026 23:59:60 -0000", NOON + 46800); /* nobody asks which day it was */
}

static void zones_of_mail_are_numbers_or_letters(void **state)
{
	(void)state;
	assert_mail("5 Feb 2026 11:00:00 GMT", NOON);
	assert_mail("5 Feb 2026 11:00:00 Z", NOON);
	assert_mail("5 Feb 2026 06:00:00 EST", NOON);
	assert_mail("5 Feb 2026 03:00:00 pst", NOON);
	assert_mail("5 Feb 2026 16:30:00 +05:30", NOON);
	assert_mail("4 Feb 2026 23:15:00 -1145", NOON);
}

static void years_of_two_digits_are_near(void **state)
{
	(void)state;
	assert_mail("5 Feb 26 11:00:00 +0000", NOON);
	assert_mail("1 Jan 70 00:00:00 +0000", 0);
	assert_mail("31 Dec 69 23:59:59 +0000", -1);
}

static void no_date_is_refused(void **state)
{
	static const char *const bad[] = { "", "Thu,", "5 Feb 2026", "5 Feb 2026 12:00:00",
		"0 Feb 2026 12:00:00 Z", "29 Feb 2026 12:00:00 Z", "31 Apr 2026 12:00:00 Z",
		"5 Fee 2026 12:00:00 Z", "5 Feb 2026 24:00:00 Z", "5 Feb 2026 12:60:00 Z",
		"5 Feb 2026 12:00:61 Z", "5 Feb 2026 1200 Z", "5 Feb 1600 12:00:00 Z",
		"x Feb 2026 12:00:00 Z" };
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(date_mail(text_of(bad[i]), &seconds));
	assert_mail("29 Feb 2000 00:00:00 Z", 951782400);
	assert_false(date_mail(text_of("29 Feb 1900 00:00:00 Z"), &seconds));
}

static void iso_times_have_a_fraction_and_a_zone_or_not(void **state)
{
	(void)state;
	assert_iso("2026-02-05T11:00:00Z", NOON, 0);
	assert_iso("2026-02-05T11:00:00", NOON, 0);
	assert_iso("2026-02-05T12:00:00.5+01:00", NOON, 500000000);
	assert_iso("2026-02-05T12:00:00.123456+0100", NOON, 123456000);
	assert_iso("2026-02-05T11:00:00.1234567899Z", NOON, 123456789);
	assert_iso("1969-12-31T23:59:59.000000001Z", -1, 1);
}

static void no_iso_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "-", "2026", "2026-02-05", "2026-02-05 11:00:00Z",
		"26-02-05T11:00:00Z", "2026-2-05T11:00:00Z", "2026-13-01T00:00:00Z",
		"2026-02-30T00:00:00Z", "2026-02-05T25:00:00Z", "2026-02-05T11" };
	int64_t seconds;
	uint32_t fraction;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(date_iso(text_of(bad[i]), &seconds, &fraction));
}

static void every_time_is_that_of_the_c_library(void **state)
{
	struct rnd rnd = rnd_start();

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char text[64];
		time_t wanted = (time_t)rnd_below(&rnd, 250000000000) -
				11600000000; /* 1602 to 9524 */
		struct tm tm;
		assert_non_null(gmtime_r(&wanted, &tm));
		assert_true(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm));
		assert_iso(text, wanted, 0);
		assert_true(strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm));
		assert_mail(text, wanted);
	}
}

static void a_cut_text_is_not_read_beyond_its_end(void **state)
{
	static const char mail[] = "Thu, 05 Feb 2026 12:00:00 +0100";
	static const char iso[] = "2026-02-05T12:00:00.123456+01:00";
	int64_t seconds;
	uint32_t fraction;

	(void)state;
	for (size_t n = 0; n < sizeof(iso); n++) {
		struct guard g;
		uint8_t *p = guard_copy(&g, iso, n);
		(void)date_iso(bytes_of(p, n), &seconds, &fraction);
		guard_free(&g);
		p = guard_copy(&g, mail, n < sizeof(mail) ? n : 0);
		(void)date_mail(bytes_of(p, n < sizeof(mail) ? n : 0), &seconds);
		guard_free(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_has_a_day_of_the_week_and_seconds_or_not),
		cmocka_unit_test(zones_of_mail_are_numbers_or_letters),
		cmocka_unit_test(years_of_two_digits_are_near),
		cmocka_unit_test(no_date_is_refused),
		cmocka_unit_test(iso_times_have_a_fraction_and_a_zone_or_not),
		cmocka_unit_test(no_iso_time_is_refused),
		cmocka_unit_test(every_time_is_that_of_the_c_library),
		cmocka_unit_test(a_cut_text_is_not_read_beyond_its_end),
	};

	return TEST_RUN(tests);
}
