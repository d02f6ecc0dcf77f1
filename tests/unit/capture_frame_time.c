/* capture_frame_time.c -- tests of packet times: every resolution, and what no index can hold. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "frame_time.h"
#include "rnd.h"

static const int64_t NS = 1000000000;
static const int64_t LAST_SECOND = INT64_MAX / 1000000000; /* 2262-04-11T23:47:16 */

static struct frame at_ticks(uint8_t tsresol, uint64_t ticks, int64_t offset_s)
{
	struct frame_resolution r = frame_resolution_of(tsresol);
	struct frame f = { 0 };

	r.offset_s = offset_s;
	frame_set_ticks(&f, ticks, &r);
	return f;
}

static void assert_time(struct frame f, int64_t ns)
{
	assert_false(f.time_clamped);
	assert_int_equal(f.time_ns, ns);
}

static void ticks_of_powers_of_ten_become_nanoseconds(void **state)
{
	static const struct {
		uint8_t power;
		uint64_t ticks;
		int64_t ns;
	} rows[] = {
		{ 0, 1767323045, INT64_C(1767323045000000000) },
		{ 1, 17673230451, INT64_C(1767323045100000000) },
		{ 3, 1767323045123, INT64_C(1767323045123000000) },
		{ 6, 1767323045123456, INT64_C(1767323045123456000) },
		{ 9, 1767323045123456789, INT64_C(1767323045123456789) },
		{ 10, 17673230451234567891u, INT64_C(1767323045123456789) },
		{ 12, 5123456789012u, INT64_C(5123456789) },
		{ 19, 18446744073709551615u, INT64_C(1844674407) },
		{ 6, 0, 0 },
		{ 6, 1, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_time(at_ticks(rows[i].power, rows[i].ticks, 0), rows[i].ns);
}

static void ticks_of_powers_of_two_become_nanoseconds(void **state)
{
	static const struct {
		uint8_t power;
		uint64_t ticks;
		int64_t ns;
	} rows[] = {
		{ 0x80, 7, INT64_C(7000000000) },
		{ 0x81, 3, INT64_C(1500000000) },
		{ 0x8a, 1025, INT64_C(1000976562) },
		{ 0x94, (UINT64_C(5) << 20) + (UINT64_C(1) << 19), INT64_C(5500000000) },
		{ 0xa0, (UINT64_C(9) << 32) + (UINT64_C(1) << 31), INT64_C(9500000000) },
		{ 0xa0, (UINT64_C(9) << 32) + (UINT64_C(1) << 30), INT64_C(9250000000) },
		{ 0xbf, UINT64_C(3) << 62, INT64_C(1500000000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_time(at_ticks(rows[i].power, rows[i].ticks, 0), rows[i].ns);
}

static void no_fraction_ever_reaches_a_whole_second(void **state)
{
	(void)state;
	for (unsigned power = 0; power < 64; power++) {
		uint64_t ticks = (UINT64_C(1) << power) - 1;
		assert_in_range(at_ticks((uint8_t)(0x80 | power), ticks, 0).time_ns, 0, NS - 1);
	}
	for (uint64_t unit = 1, power = 0; power < 20; power++, unit *= 10)
		assert_in_range(at_ticks((uint8_t)power, unit - 1, 0).time_ns, 0, NS - 1);
}

/* The bytes of an option are anybody's: every one of them must give some resolution. */
static void every_byte_of_an_option_gives_a_time(void **state)
{
	struct rnd rnd = rnd_start();

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++)
		for (unsigned i = 0; i < 200; i++) {
			struct frame f = at_ticks(
				(uint8_t)byte, rnd_next(&rnd), i & 1 ? (int64_t)rnd_next(&rnd) : 0);
			assert_true(f.time_ns >= 0);
		}
}

static void an_offset_moves_the_time_by_seconds(void **state)
{
	(void)state;
	assert_time(at_ticks(6, 1500000, 1767323045), INT64_C(1767323046500000000));
	assert_time(at_ticks(6, 3500000, -3), INT64_C(500000000));
}

static void a_time_before_1970_is_clamped_and_told(void **state)
{
	struct frame f = { 0 };

	(void)state;
	frame_set_time(&f, -1, 0);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, 0);
	assert_int_equal(f.time_s, -1);
	frame_set_time(&f, INT64_MIN, 0);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, 0);
	f = at_ticks(6, 3500001, -4);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, 0);
	assert_int_equal(f.time_s, -1); /* and .500001 behind it: half a second before 1970 */
	assert_int_equal(f.time_rest_ns, 500001000);
	frame_set_time(&f, -5, 2 * NS + 7); /* a file may say anything */
	assert_true(f.time_clamped);
	assert_int_equal(f.time_s, -3);
	assert_int_equal(f.time_rest_ns, 7);
	frame_set_time(&f, -1, NS);
	assert_false(f.time_clamped);
	assert_int_equal(f.time_ns, 0);
	frame_set_time(&f, 0, 0);
	assert_false(f.time_clamped);
	assert_int_equal(f.time_ns, 0);
}

static void a_time_after_2106_is_no_trouble(void **state)
{
	struct frame f = { 0 };

	(void)state;
	frame_set_time(&f, 4294967295, 999999999);
	assert_time(f, INT64_C(4294967295999999999));
	frame_set_time(&f, 4294967296, 0);
	assert_time(f, INT64_C(4294967296000000000));
	assert_time(at_ticks(6, UINT64_C(4294967296000001), 0), INT64_C(4294967296000001000));
}

static void a_time_after_2262_is_clamped_and_told(void **state)
{
	struct frame f = { 0 };

	(void)state;
	frame_set_time(&f, LAST_SECOND, 854775807);
	assert_time(f, INT64_MAX);
	frame_set_time(&f, LAST_SECOND, 854775808);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, INT64_MAX);
	frame_set_time(&f, LAST_SECOND + 1, 0);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, INT64_MAX);
	assert_int_equal(f.time_s, LAST_SECOND + 1);
	assert_int_equal(f.time_rest_ns, 0);
	frame_set_time(&f, LAST_SECOND, 999999999);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_s, LAST_SECOND);
	assert_int_equal(f.time_rest_ns, 999999999);
	for (unsigned bit = 40; bit < 64; bit++) { /* seconds with any high bit are late ones */
		f = at_ticks(0, UINT64_C(1) << bit, 0);
		assert_true(f.time_clamped);
		assert_int_equal(f.time_ns, INT64_MAX);
		assert_int_equal(f.time_s, bit < 63 ? INT64_C(1) << bit : INT64_MAX);
	}
	f = at_ticks(0, UINT64_MAX, 0);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, INT64_MAX);
	f = at_ticks(6, 1, INT64_MAX);
	assert_true(f.time_clamped);
	assert_int_equal(f.time_ns, INT64_MAX);
}

/* Microseconds and nanoseconds, as nearly all files have them, against plain arithmetic. */
static void usual_times_are_exact(void **state)
{
	struct rnd rnd = rnd_start();

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t us = rnd_below(&rnd, UINT64_C(9000000000) * 1000000);
		uint64_t ns = rnd_below(&rnd, UINT64_C(9000000000) * 1000000000);
		assert_time(at_ticks(6, us, 0), (int64_t)us * 1000);
		assert_time(at_ticks(9, ns, 0), (int64_t)ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_of_powers_of_ten_become_nanoseconds),
		cmocka_unit_test(ticks_of_powers_of_two_become_nanoseconds),
		cmocka_unit_test(no_fraction_ever_reaches_a_whole_second),
		cmocka_unit_test(every_byte_of_an_option_gives_a_time),
		cmocka_unit_test(an_offset_moves_the_time_by_seconds),
		cmocka_unit_test(a_time_before_1970_is_clamped_and_told),
		cmocka_unit_test(a_time_after_2106_is_no_trouble),
		cmocka_unit_test(a_time_after_2262_is_clamped_and_told),
		cmocka_unit_test(usual_times_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
