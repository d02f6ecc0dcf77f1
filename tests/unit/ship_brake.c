/* ship_brake.c -- tests of the brake: a wrong template is told from poison. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>

#include "brake.h"
#include "rnd.h"

static struct brake brake;

static int begin(void **state)
{
	(void)state;
	brake = (struct brake){ .off = false };
	return 0;
}

static bool heed(const char *index, size_t sent, size_t alike, size_t stored, int64_t now)
{
	const struct brake_answer a = { .sent = sent,
		.stored = stored,
		.alike = alike,
		.status = 400,
		.type = "document_parsing_exception" };

	return brake_heed(&brake, index, &a, now);
}

static void nearly_all_of_a_large_answer_brakes(void **state)
{
	static const struct {
		size_t sent, alike;
		bool on;
	} rows[] = { { 100, 100, true }, { 100, 90, true }, { 100, 89, false }, { 99, 99, false },
		{ 1, 1, false }, { 10000, 10000, true }, { 10000, 9000, true },
		{ 10000, 8999, false }, { 10000, 5000, false }, { 10000, 100, false },
		{ 10000, 0, false } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)begin(state);
		size_t stored = rows[i].sent - rows[i].alike;
		if (heed("a", rows[i].sent, rows[i].alike, stored, 0) != rows[i].on)
			fail_msg("%zu of %zu", rows[i].alike, rows[i].sent);
		assert_int_equal(brake_holds(&brake, "a"), rows[i].on);
	}
}

static void so_do_many_small_ones_in_a_row(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 100; i++)
		assert_int_equal(heed("a", 1, 1, 0, i), i == 100);
	assert_true(heed("a", 3, 3, 0, 101));
}

static void one_that_is_stored_in_between_begins_the_row_anew(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_false(heed("a", 1, i % 50 != 0, i % 50 == 0, i));
	assert_false(heed("a", 50, 50, 0, 1000)); /* with the 49 before */
	assert_true(heed("a", 1, 1, 0, 1001));
}

static void another_error_begins_the_row_anew(void **state)
{
	struct brake_answer a = { .sent = 60, .alike = 60, .status = 400, .type = "x" };

	(void)state;
	assert_false(brake_heed(&brake, "a", &a, 0));
	a.type = "y";
	assert_false(brake_heed(&brake, "a", &a, 0));
	a.status = 413;
	assert_false(brake_heed(&brake, "a", &a, 0));
	assert_true(brake_heed(&brake, "a", &a, 0));
}

static void indices_have_nothing_to_do_with_each_other(void **state)
{
	(void)state;
	assert_true(heed("a", 100, 100, 0, 0));
	assert_false(heed("b", 100, 0, 100, 0));
	assert_false(heed("b", 99, 99, 0, 0));
	assert_false(brake_holds(&brake, "b"));
	assert_true(brake_holds(&brake, "a"));
	assert_false(brake_holds(&brake, ""));
}

static void it_stays_on_until_one_is_stored(void **state)
{
	(void)state;
	assert_true(heed("a", 100, 100, 0, 0));
	for (unsigned i = 0; i < 50; i++)
		assert_true(heed("a", 1, 1, 0, i));
	assert_true(heed("a", 1, 0, 0, 50)); /* busy, for example */
	assert_false(heed("a", 1, 0, 1, 51));
	assert_false(brake_holds(&brake, "a"));
}

/* Ten thousand packets of a kind that no server takes, and then good ones. */
static void what_turned_out_to_be_poison_is_believed_for_a_while(void **state)
{
	(void)state;
	assert_true(heed("a", 10000, 10000, 0, 0));
	assert_false(heed("a", 1, 0, 1, 5000));
	assert_false(heed("a", 10000, 10000, 0, 5001));
	assert_false(heed("a", 10000, 10000, 0, 5000 + BRAKE_BELIEVED_MS - 1));
	assert_true(heed("a", 10000, 10000, 0, 5000 + BRAKE_BELIEVED_MS));
	/* another error is not */
	(void)begin(state);
	assert_true(heed("a", 100, 100, 0, 0));
	assert_false(heed("a", 1, 0, 1, 1));
	const struct brake_answer other = {
		.sent = 100, .alike = 100, .status = 400, .type = "illegal_argument_exception"
	};
	assert_true(brake_heed(&brake, "a", &other, 2));
}

static void heed_at_random(struct rnd *rnd, unsigned percent, int64_t now)
{
	size_t sent = 1 + rnd_below(rnd, 400), alike = 0;

	for (size_t k = 0; k < sent; k++)
		alike += rnd_below(rnd, 100) < percent;
	if (heed("a", sent, alike, sent - alike, now))
		fail_msg("%u %%: %zu of %zu", percent, alike, sent);
}

static void poison_at_random_never_brakes(void **state)
{
	struct rnd rnd = rnd_start();

	for (unsigned percent = 1; percent <= 50; percent += 49) {
		(void)begin(state);
		for (unsigned i = 0; i < 20000; i++)
			heed_at_random(&rnd, percent, i);
	}
}

static void who_does_not_want_it_has_none(void **state)
{
	(void)state;
	brake.off = true;
	assert_false(heed("a", 10000, 10000, 0, 0));
	assert_false(brake_holds(&brake, "a"));
}

static void of_more_indices_than_there_is_room_for_those_that_are_held_stay(void **state)
{
	char name[16];

	(void)state;
	for (unsigned i = 0; i < BRAKE_INDICES - 1; i++) {
		(void)snprintf(name, sizeof(name), "held-%u", i);
		assert_true(heed(name, 100, 100, 0, i));
	}
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "other-%u", i);
		assert_false(heed(name, 50, 50, 0, 1000 + i));
	}
	assert_true(heed("one more", 100, 100, 0, 3000));
	assert_false(heed("too many", 100, 100, 0, 3001)); /* they become letters */
	assert_true(brake_holds(&brake, "held-0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nearly_all_of_a_large_answer_brakes, begin),
		cmocka_unit_test_setup(so_do_many_small_ones_in_a_row, begin),
		cmocka_unit_test_setup(one_that_is_stored_in_between_begins_the_row_anew, begin),
		cmocka_unit_test_setup(another_error_begins_the_row_anew, begin),
		cmocka_unit_test_setup(indices_have_nothing_to_do_with_each_other, begin),
		cmocka_unit_test_setup(it_stays_on_until_one_is_stored, begin),
		cmocka_unit_test_setup(what_turned_out_to_be_poison_is_believed_for_a_while, begin),
		cmocka_unit_test_setup(poison_at_random_never_brakes, begin),
		cmocka_unit_test_setup(who_does_not_want_it_has_none, begin),
		cmocka_unit_test_setup(
			of_more_indices_than_there_is_room_for_those_that_are_held_stay, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
