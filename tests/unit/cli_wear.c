/* cli_wear.c -- what a sensor writes a day, told from how its spool has grown. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "wear.h"

#include <math.h>

#include "box.h"
#include "clock.h"

enum { SECOND = 1000000000, COMMIT = 4 * 4096, DAY = 86400 };
static int64_t now_ns;

static int64_t fake_now(void)
{
	return now_ns;
}

static int fake_clock(void **state)
{
	static const struct clock_source source = { fake_now, fake_now };

	now_ns = INT64_C(1767312000) * SECOND;
	clock_replace(&source);
	return box_make(state);
}

static int real_clock(void **state)
{
	clock_replace(NULL);
	return box_drop(state);
}

#define WEAR_TEST(test) cmocka_unit_test_setup_teardown(test, fake_clock, real_clock)

static bool look(struct box *b, struct chain *c, struct wear *w)
{
	return wear_look(&b->spool, chain_totals(c), w);
}

static void near(double is, double wanted, double share)
{
	if (fabs(is - wanted) > wanted * share)
		fail_msg("%g, wanted %g", is, wanted);
}

/* `commits` commits of three records each, one in so many milliseconds. */
static void commit(struct chain *c, unsigned commits, int64_t every_ms)
{
	for (unsigned i = 0; i < commits; i++) {
		box_append_ok(c, 3, 20);
		now_ns += every_ms * 1000000;
	}
}

static void rates_are_those_of_the_newest_segment(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct wear w;

	commit(c, 400, 300);
	assert_true(look(b, c, &w));
	near(w.commits, 1 / 0.3, 0.01);
	near(w.records, 10, 0.01);
	/* four pages a commit, and the records once */
	near(wear_per_day(&w), DAY * (COMMIT / 0.3 + 10 * w.record_bytes), 0.01);
	assert_true(w.record_bytes > 20 && w.record_bytes < 400);
	chain_close(c);
	now_ns += INT64_C(3600) * SECOND; /* nobody was there */
	c = box_chain(b, 0);
	commit(c, 100, 1000);
	assert_true(look(b, c, &w));
	near(w.commits, 1, 0.02);
	chain_close(c);
}

static void longer_intervals_are_foretold(void **state)
{
	/* as of a sensor with ten records a second */
	const struct wear w = { .records = 10, .commits = 2.86, .record_bytes = 200 };

	(void)state;
	near(wear_per_day_at(&w, 250), DAY * (COMMIT / 0.35 + 2000), 0.01);
	near(wear_per_day_at(&w, 250), wear_per_day(&w), 0.01);
	near(wear_per_day_at(&w, 5000), DAY * (COMMIT / 5.1 + 2000), 0.01);
	/* a record a minute is a commit a minute, however short the interval */
	const struct wear rare = { .records = 1 / 60.0, .commits = 1 / 60.0, .record_bytes = 200 };
	near(wear_per_day_at(&rare, 250), wear_per_day(&rare), 0.01);
	/* at load a commit is full before its interval ends */
	const struct wear busy = { .records = 1e5, .commits = 20, .record_bytes = 200 };
	near(wear_per_day_at(&busy, 60000), DAY * (19.1 * COMMIT + 2e7), 0.01);
}

static void what_says_nothing_about_a_day_is_not_told(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct frame_totals none = { .committed = 0 };
	struct wear w;

	assert_false(wear_look(&b->spool, &none, &w)); /* no segment */
	commit(c, 9, 1000);
	assert_false(look(b, c, &w)); /* too young */
	commit(c, 2, 1000);
	assert_true(look(b, c, &w));
	now_ns += INT64_C(26) * 3600 * SECOND; /* the clock was set: a segment lives for a day */
	assert_false(look(b, c, &w));
	now_ns -= INT64_C(27) * 3600 * SECOND;
	assert_false(look(b, c, &w));
	chain_close(c);
}

static void amounts_read_well(void **state)
{
	char out[WEAR_TEXT];

	(void)state;
	assert_string_equal(wear_text(5.34e9, out), "about 5.3 GB");
	assert_string_equal(wear_text(12.3e9, out), "about 12 GB");
	assert_string_equal(wear_text(816.7e6, out), "about 817 MB");
	assert_string_equal(wear_text(1.2e12, out), "about 1200 GB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEAR_TEST(rates_are_those_of_the_newest_segment),
		cmocka_unit_test(longer_intervals_are_foretold),
		WEAR_TEST(what_says_nothing_about_a_day_is_not_told),
		cmocka_unit_test(amounts_read_well),
	};

	return TEST_RUN(tests);
}
