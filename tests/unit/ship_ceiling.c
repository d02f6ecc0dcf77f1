/* ship_ceiling.c -- tests of the learned limit of a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "ceiling.h"
#include "rnd.h"

enum { FULL = 5000000 };

/* Sends requests as large as may be to somebody with this limit; how many were refused. */
static unsigned send(struct ceiling *c, size_t limit, unsigned requests, int64_t now)
{
	unsigned refused = 0;

	for (unsigned i = 0; i < requests; i++) {
		size_t text = c->max < FULL ? c->max : FULL;
		if (text > limit) {
			ceiling_refused(c, text, now);
			refused++;
		} else {
			ceiling_passed(c, text, now);
		}
	}
	return refused;
}

static void without_a_refusal_there_is_no_limit(void **state)
{
	struct ceiling c;

	(void)state;
	ceiling_init(&c);
	assert_int_equal(send(&c, FULL, 1000, 0), 0);
	assert_true(c.max == SIZE_MAX);
}

static void a_limit_is_found_within_a_handful_of_refusals(void **state)
{
	static const size_t limits[] = { 2000, 16384, 100000, 1000000, 1048576, 4999999 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct ceiling c;
		ceiling_init(&c);
		unsigned refused = send(&c, limits[i], 40, 0);
		print_message("limit %zu: %u refused, then %zu\n", limits[i], refused, c.max);
		assert_in_range(refused, 1, 16);
		assert_in_range(c.max, limits[i] / 2, limits[i]);
		assert_int_equal(send(&c, limits[i], 1000, 0), 0);
	}
}

/* Four of a size are on their way when the first comes back. */
static void refusals_of_the_same_size_count_once(void **state)
{
	struct ceiling c;

	(void)state;
	ceiling_init(&c);
	for (unsigned i = 0; i < 4; i++)
		ceiling_refused(&c, 1000000, 0);
	assert_int_equal(c.max, 500000);
	ceiling_passed(&c, 500000, 0);
	for (unsigned i = 0; i < 4; i++)
		ceiling_refused(&c, 750000, 0);
	assert_int_equal(c.max, 500000);
}

static void a_limit_that_was_lifted_is_noticed_slowly(void **state)
{
	struct ceiling c;
	int64_t now = 0;
	unsigned refused = 0;

	(void)state;
	ceiling_init(&c);
	(void)send(&c, 100000, 100, now);
	assert_int_equal(send(&c, SIZE_MAX, 100, now + CEILING_DOUBT_MS - 1), 0);
	assert_in_range(c.max, 50000, 120000);
	for (unsigned i = 0; i < 10; i++)
		(void)send(&c, SIZE_MAX, 100, now += CEILING_DOUBT_MS);
	assert_true(c.max >= FULL);
	/* one that stays costs a few refusals each time */
	ceiling_init(&c);
	(void)send(&c, 100000, 100, 0);
	for (unsigned i = 1; i <= 10; i++)
		refused += send(&c, 100000, 1000, i * (int64_t)CEILING_DOUBT_MS);
	print_message(
		"a limit that stays: %u of 10,000 requests refused in 100 minutes\n", refused);
	assert_in_range(refused, 1, 60);
}

/* The limit counts what is sent, and documents compress well or badly. */
static void it_settles_also_when_the_limit_is_of_something_else(void **state)
{
	struct rnd rnd = rnd_start();
	struct ceiling c;
	unsigned refused = 0;

	(void)state;
	ceiling_init(&c);
	for (unsigned i = 0; i < 2000; i++) {
		size_t text = c.max < FULL ? c.max : FULL;
		size_t sent = text / (5 + rnd_below(&rnd, 10));
		if (sent > 20000) {
			ceiling_refused(&c, text, 0);
			refused++;
		} else {
			ceiling_passed(&c, text, 0);
		}
	}
	print_message("%u of 2000 refused, then %zu\n", refused, c.max);
	assert_in_range(refused, 1, 100);
	assert_in_range(c.max, 20000, 300000);
}

static void nothing_is_too_small(void **state)
{
	struct ceiling c;

	(void)state;
	ceiling_init(&c);
	for (unsigned i = 0; i < 100; i++)
		ceiling_refused(&c, c.max < FULL ? c.max : FULL, 0);
	assert_int_equal(c.max, 1);
	ceiling_refused(&c, 0, 0);
	assert_int_equal(c.max, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_refusal_there_is_no_limit),
		cmocka_unit_test(a_limit_is_found_within_a_handful_of_refusals),
		cmocka_unit_test(refusals_of_the_same_size_count_once),
		cmocka_unit_test(a_limit_that_was_lifted_is_noticed_slowly),
		cmocka_unit_test(it_settles_also_when_the_limit_is_of_something_else),
		cmocka_unit_test(nothing_is_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
