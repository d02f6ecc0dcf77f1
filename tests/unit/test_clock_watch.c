/* test_clock_watch.c -- steps, slews and stops of the wall clock, its state, and boot times of packets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_watch.h"

#include <string.h>

#include "clock.h"
#include "rnd.h"
#include "test.h"

static const int64_t S = INT64_C(1000000000), MS = INT64_C(1000000);
static const int64_t DAY = INT64_C(86400) * 1000000000;
static const int64_t NOW = INT64_C(1767225600) * 1000000000; /* 2026-01-01 */

static int64_t wall_ns, boot_ns, gap_ns;
static unsigned slow_reads, questions;
static enum clock_kernel kernel;
static struct clock_change change;

static int64_t wall(void)
{
	return wall_ns;
}

/* A thread that is put to sleep between two reads. */
static int64_t boot(void)
{
	if (slow_reads) {
		slow_reads--;
		boot_ns += gap_ns;
		wall_ns += gap_ns;
	}
	return boot_ns;
}

static enum clock_kernel answer(void)
{
	questions++;
	return kernel;
}

static const struct clock_source clocks = { wall, boot };

static int make(void **state)
{
	(void)state;
	wall_ns = NOW;
	boot_ns = 1000 * S;
	questions = slow_reads = 0;
	kernel = CLOCK_KERNEL_SYNCED;
	clock_replace(&clocks);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	clock_replace(NULL);
	return 0;
}

/* Time passes, and the clock with it. */
static void pass(int64_t ns)
{
	boot_ns += ns;
	wall_ns += ns;
}

static unsigned looks(struct clock_watch *w, unsigned n, int64_t every_ns)
{
	unsigned changes = 0;

	for (unsigned i = 0; i < n; i++) {
		pass(every_ns);
		changes += clock_watch_look(w, &change);
	}
	return changes;
}

static void a_step_of_more_than_a_second_is_seen_once(void **state)
{
	static const int64_t steps[] = { 1, 2, -2, 60, 86400, -86400, 100000000, -1700000000 };
	struct clock_watch w;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int64_t step = steps[i] * S + (steps[i] == 1);
		(void)make(NULL);
		clock_watch_init(&w, CLOCK_AUTO, answer);
		assert_int_equal(looks(&w, 30, 100 * MS), 0);
		wall_ns += step;
		pass(100 * MS);
		assert_true(clock_watch_look(&w, &change));
		assert_int_equal(change.after_ns - change.before_ns, step);
		assert_int_equal(change.after_ns, wall_ns);
		assert_int_equal(change.boot_ns, boot_ns);
		assert_int_equal(change.steps, 1);
		assert_false(change.unsynced);
		assert_int_equal(looks(&w, 100, 100 * MS), 0);
	}
}

static void a_second_or_less_is_no_step(void **state)
{
	struct clock_watch w;

	(void)state;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	for (int i = 0; i < 100; i++) { /* a leap second among them */
		wall_ns += i % 2 ? S : -S;
		assert_false(clock_watch_look(&w, &change));
	}
}

/* A daemon slews by a twelfth at most; a stopped clock falls behind by all that passes. */
static void slewing_and_standing_still_are_no_steps(void **state)
{
	static const int64_t per_mille[] = { 1, -1, 83, -83, -1000 };
	struct clock_watch w;

	(void)state;
	for (size_t i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++) {
		(void)make(NULL);
		clock_watch_init(&w, CLOCK_AUTO, answer);
		for (int n = 0; n < 36000; n++) { /* an hour */
			wall_ns += per_mille[i] * 100 * MS / 1000;
			assert_int_equal(looks(&w, 1, 100 * MS), 0);
		}
	}
	wall_ns += 3600 * S; /* it goes on where it should be */
	assert_true(clock_watch_look(&w, &change));
	assert_int_equal(change.after_ns - change.before_ns, 3600 * S);
}

static void a_thread_that_is_put_to_sleep_between_two_reads_sees_no_step(void **state)
{
	struct clock_watch w;

	(void)state;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	gap_ns = 3 * S;
	for (int i = 0; i < 10; i++) {
		slow_reads = 3;
		assert_int_equal(looks(&w, 1, 100 * MS), 0);
	}
}

static void the_kernel_is_asked_once_a_second_however_often_somebody_looks(void **state)
{
	struct clock_watch w;

	(void)state;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	assert_int_equal(looks(&w, 100000, MS / 10), 0); /* ten seconds */
	assert_in_range(questions, 10, 12);
}

static void a_clock_that_becomes_synced_is_believed_two_seconds_later(void **state)
{
	struct clock_watch w;

	(void)state;
	kernel = CLOCK_KERNEL_UNSYNCED;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	assert_true(w.unsynced);
	assert_int_equal(looks(&w, 100, 100 * MS), 0);
	assert_true(w.unsynced);
	kernel = CLOCK_KERNEL_SYNCED;
	int64_t since = boot_ns;
	assert_int_equal(looks(&w, 19, 100 * MS), 0);
	assert_true(w.unsynced);
	assert_int_equal(looks(&w, 20, 100 * MS), 1);
	assert_false(w.unsynced);
	assert_false(change.unsynced);
	assert_int_equal(change.steps, 0);
	assert_int_equal(change.before_ns, change.after_ns);
	assert_in_range(change.boot_ns - since, 2 * S, 4 * S);
}

static void a_step_within_these_two_seconds_begins_them_anew(void **state)
{
	struct clock_watch w;

	(void)state;
	kernel = CLOCK_KERNEL_UNSYNCED;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	kernel = CLOCK_KERNEL_SYNCED;
	assert_int_equal(looks(&w, 20, 100 * MS), 0);
	wall_ns += DAY;
	assert_int_equal(looks(&w, 19, 100 * MS), 1);
	assert_int_equal(change.steps, 1);
	assert_true(change.unsynced && w.unsynced);
	assert_int_equal(looks(&w, 3, 100 * MS), 1);
	assert_false(change.unsynced || w.unsynced);
}

/* As when somebody sets the clock by hand: the kernel then says unsynced. */
static void a_clock_that_loses_its_state_is_unsynced_at_once(void **state)
{
	struct clock_watch w;

	(void)state;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	assert_false(w.unsynced);
	kernel = CLOCK_KERNEL_UNSYNCED;
	wall_ns -= DAY;
	assert_int_equal(looks(&w, 1, 100 * MS), 1); /* not only at the next question */
	assert_true(change.unsynced && w.unsynced);
	assert_int_equal(change.steps, 1);
	kernel = CLOCK_KERNEL_SYNCED;
	assert_int_equal(looks(&w, 40, 100 * MS), 1);
	kernel = CLOCK_KERNEL_UNSYNCED;
	assert_int_equal(looks(&w, 11, 100 * MS), 1);
	assert_true(change.unsynced && w.unsynced);
	assert_int_equal(change.steps, 0);
}

static void a_flickering_state_stays_unsynced(void **state)
{
	struct clock_watch w;
	unsigned changes = 0;

	(void)state;
	kernel = CLOCK_KERNEL_UNSYNCED;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	for (int i = 0; i < 100; i++) {
		kernel = i % 2 ? CLOCK_KERNEL_UNSYNCED : CLOCK_KERNEL_SYNCED;
		changes += looks(&w, 10, 100 * MS);
	}
	assert_int_equal(changes, 0);
	assert_true(w.unsynced);
}

static void the_option_is_stronger_than_the_kernel(void **state)
{
	static const enum clock_kernel answers[] = { CLOCK_KERNEL_SYNCED, CLOCK_KERNEL_UNSYNCED,
		CLOCK_KERNEL_UNKNOWN };
	struct clock_watch w;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		kernel = answers[i];
		clock_watch_init(&w, CLOCK_SYNCED, answer);
		assert_int_equal(looks(&w, 50, 100 * MS), 0);
		assert_false(w.unsynced || w.unknown);
		clock_watch_init(&w, CLOCK_UNSYNCED, answer);
		assert_int_equal(looks(&w, 50, 100 * MS), 0);
		assert_true(w.unsynced && !w.unknown);
	}
	assert_int_equal(questions, 0);
	wall_ns += DAY; /* steps are seen all the same */
	assert_true(clock_watch_look(&w, &change));
	assert_true(change.unsynced);
}

static void a_kernel_that_does_not_tell_is_taken_for_synced(void **state)
{
	struct clock_watch w;

	(void)state;
	kernel = CLOCK_KERNEL_UNKNOWN;
	clock_watch_init(&w, CLOCK_AUTO, answer);
	assert_true(w.unknown && !w.unsynced);
	assert_int_equal(looks(&w, 50, 100 * MS), 0);
	assert_false(w.unsynced);
}

static void the_real_kernel_answers_and_has_a_boot(void **state)
{
	struct clock_watch w;

	(void)state;
	clock_replace(NULL);
	clock_watch_init(&w, CLOCK_AUTO, NULL);
	assert_int_equal(strlen(w.boot_id), 36);
	assert_false(clock_watch_look(&w, &change));
	assert_in_range(clock_ask_kernel(), CLOCK_KERNEL_SYNCED, CLOCK_KERNEL_UNKNOWN);
	int64_t before = clock_boot_ns(), now = clock_watch_boot_of(&w, clock_wall_ns());
	assert_true(now >= before - MS && now <= clock_boot_ns() + MS);
}

/* --- boot times --- */

/* Packets come at random, and up to 100 ms late; the clock is set forward and back at random. Each
 * has the boot time at which it was stamped, or one between that and its arrival when no look had
 * seen the clock since it was set. */
static void a_packet_has_the_boot_time_of_its_stamp_whatever_the_clock_does(void **state)
{
	struct rnd rnd = rnd_start();
	struct clock_watch w;
	bool seen = true; /* a look has seen the clock as it stamps */

	(void)state;
	wall_ns = 5 * S; /* 1970 */
	clock_watch_init(&w, CLOCK_UNSYNCED, answer);
	pass(S);
	for (unsigned i = 0; i < 200000; i++) {
		pass((int64_t)rnd_below(&rnd, 10) * MS);
		int64_t stamp = wall_ns, stamped = boot_ns;
		bool known = seen;
		if (rnd_below(&rnd, 50) == 0) {
			int64_t by = (int64_t)rnd_below(&rnd, 2) ? 3 * S : DAY;
			wall_ns += wall_ns > 2 * DAY && rnd_below(&rnd, 2) ? -by : by;
			seen = false;
		}
		pass((int64_t)rnd_below(&rnd, 100) * MS);
		if (rnd_below(&rnd, 3) == 0)
			seen = clock_watch_look(&w, &change) || seen;
		int64_t got = clock_watch_boot_of(&w, stamp);
		assert_true(got >= stamped && got <= boot_ns);
		assert_true(got == stamped || !known);
	}
}

static void a_packet_before_the_watch_has_a_boot_time_too(void **state)
{
	struct clock_watch w;

	(void)state;
	boot_ns = 0;
	clock_watch_init(&w, CLOCK_UNSYNCED, answer);
	assert_int_equal(clock_watch_boot_of(&w, wall_ns - DAY), 1);
	pass(S);
	assert_int_equal(clock_watch_boot_of(&w, wall_ns - DAY), boot_ns);
	assert_int_equal(clock_watch_boot_of(&w, INT64_MAX), boot_ns);
	assert_int_equal(clock_watch_boot_of(&w, 0), boot_ns);
}

static void joined_changes_tell_where_the_clock_was_and_where_it_is(void **state)
{
	struct clock_change a = { .before_ns = 100 * S,
		.after_ns = 500 * S,
		.boot_ns = 10 * S,
		.unsynced = true,
		.steps = 1 };
	const struct clock_change b = { .before_ns = 510 * S,
		.after_ns = 200 * S,
		.boot_ns = 20 * S,
		.unsynced = false,
		.steps = 1 };

	(void)state;
	clock_change_join(&a, &b);
	assert_int_equal(a.before_ns, 110 * S);
	assert_int_equal(a.after_ns, 200 * S);
	assert_int_equal(a.boot_ns, 20 * S);
	assert_int_equal(a.steps, 2);
	assert_false(a.unsynced);
}

#define T(test) cmocka_unit_test_setup_teardown(test, make, drop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_step_of_more_than_a_second_is_seen_once),
		T(a_second_or_less_is_no_step),
		T(slewing_and_standing_still_are_no_steps),
		T(a_thread_that_is_put_to_sleep_between_two_reads_sees_no_step),
		T(the_kernel_is_asked_once_a_second_however_often_somebody_looks),
		T(a_clock_that_becomes_synced_is_believed_two_seconds_later),
		T(a_step_within_these_two_seconds_begins_them_anew),
		T(a_clock_that_loses_its_state_is_unsynced_at_once),
		T(a_flickering_state_stays_unsynced),
		T(the_option_is_stronger_than_the_kernel),
		T(a_kernel_that_does_not_tell_is_taken_for_synced),
		T(the_real_kernel_answers_and_has_a_boot),
		T(a_packet_has_the_boot_time_of_its_stamp_whatever_the_clock_does),
		T(a_packet_before_the_watch_has_a_boot_time_too),
		T(joined_changes_tell_where_the_clock_was_and_where_it_is),
	};

	return TEST_RUN(tests);
}
