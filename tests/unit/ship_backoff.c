/* ship_backoff.c -- tests of the waits after a failure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "backoff.h"
#include "rnd.h"

enum { MINUTE = 60000, HOUR = 3600000, DRAWS = 4000 };

static int64_t limit_after(unsigned failures, int64_t max)
{
	int64_t limit = BACKOFF_FIRST_MS;

	while (failures-- && limit < max)
		limit *= 2;
	return limit < max ? limit : max;
}

static void a_wait_lies_between_nothing_and_the_doubled_limit(void **state)
{
	struct rnd seed = rnd_start();
	struct backoff b;

	(void)state;
	for (unsigned i = 0; i < DRAWS; i++) {
		int64_t max = 500 + (int64_t)rnd_below(&seed, 2 * MINUTE);
		backoff_init(&b, max, rnd_next(&seed));
		for (unsigned failures = 0; failures < 20; failures++) {
			int64_t wait = backoff_failed(&b, 0);
			assert_in_range(wait, 0, limit_after(failures, max));
		}
	}
}

static void the_jitter_is_full(void **state)
{
	struct backoff b;
	unsigned tenths[10] = { 0 };

	(void)state;
	for (unsigned i = 0; i < DRAWS; i++) {
		backoff_init(&b, MINUTE, i);
		for (unsigned failures = 0; failures < 7; failures++)
			(void)backoff_failed(&b, 0);
		int64_t wait = backoff_failed(&b, 0);
		tenths[wait * 10 / (MINUTE + 1)]++;
	}
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(tenths[i], DRAWS / 20, DRAWS / 5);
}

static void the_first_limit_is_half_a_second(void **state)
{
	int64_t longest = 0;
	struct backoff b;

	(void)state;
	for (unsigned i = 0; i < DRAWS; i++) {
		backoff_init(&b, MINUTE, i);
		int64_t wait = backoff_failed(&b, 0);
		longest = wait > longest ? wait : longest;
	}
	assert_in_range(longest, 490, 500);
}

static void only_success_resets_the_limit(void **state)
{
	struct backoff b;
	int64_t longest = 0;

	(void)state;
	backoff_init(&b, MINUTE, 1);
	for (unsigned i = 0; i < 20; i++)
		(void)backoff_failed(&b, 10);
	for (unsigned i = 0; i < 50; i++) {
		int64_t wait = backoff_failed(&b, 0);
		longest = wait > longest ? wait : longest;
	}
	assert_in_range(longest, MINUTE / 2, MINUTE);
	backoff_succeeded(&b);
	assert_in_range(backoff_failed(&b, 0), 0, BACKOFF_FIRST_MS);
}

static void a_server_that_names_a_time_is_not_asked_before_it(void **state)
{
	struct backoff b;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		backoff_init(&b, MINUTE, i);
		assert_int_equal(backoff_failed(&b, 5000), 5000);
		assert_int_equal(backoff_failed(&b, 2 * MINUTE), 2 * MINUTE);
	}
	backoff_init(&b, MINUTE, 1);
	for (unsigned i = 0; i < 30; i++)
		assert_in_range(backoff_failed(&b, 20000), 20000, MINUTE);
}

static void a_server_cannot_name_more_than_an_hour(void **state)
{
	struct backoff b;

	(void)state;
	backoff_init(&b, MINUTE, 1);
	assert_int_equal(backoff_failed(&b, HOUR), HOUR);
	assert_int_equal(backoff_failed(&b, HOUR + 1), HOUR);
	assert_int_equal(backoff_failed(&b, INT64_MAX), HOUR);
}

static void failures_without_end_never_wait_longer_than_the_maximum(void **state)
{
	struct backoff b;

	(void)state;
	backoff_init(&b, INT64_MAX, 7);
	for (unsigned i = 0; i < 100000; i++)
		assert_in_range(backoff_failed(&b, 0), 0, (uint64_t)BACKOFF_FIRST_MS << 16);
	backoff_init(&b, BACKOFF_FIRST_MS, 7);
	for (unsigned i = 0; i < 1000; i++)
		assert_in_range(backoff_failed(&b, 0), 0, BACKOFF_FIRST_MS);
}

static void two_sensors_do_not_come_back_in_step(void **state)
{
	struct backoff a, b;
	unsigned equal = 0;

	(void)state;
	backoff_init(&a, MINUTE, 1);
	backoff_init(&b, MINUTE, 2);
	for (unsigned i = 0; i < 100; i++)
		equal += backoff_failed(&a, 0) == backoff_failed(&b, 0);
	assert_in_range(equal, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_lies_between_nothing_and_the_doubled_limit),
		cmocka_unit_test(the_jitter_is_full),
		cmocka_unit_test(the_first_limit_is_half_a_second),
		cmocka_unit_test(only_success_resets_the_limit),
		cmocka_unit_test(a_server_that_names_a_time_is_not_asked_before_it),
		cmocka_unit_test(a_server_cannot_name_more_than_an_hour),
		cmocka_unit_test(failures_without_end_never_wait_longer_than_the_maximum),
		cmocka_unit_test(two_sensors_do_not_come_back_in_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
