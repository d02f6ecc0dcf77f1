/* ship_limits.c -- tests of what is limited: bytes a second, bytes a day, times of the day, herds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "box.h"
#include "budget.h"
#include "herd.h"
#include "hours.h"
#include "rate.h"
#include "rnd.h"

/* --- rate --- */

static void a_rate_without_limit_never_waits(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 0, 1000);
	rate_spend(&r, 1 << 30, 1000);
	assert_int_equal(rate_wait_ms(&r, 1 << 30, 1000), 0);
}

static void a_debt_is_paid_before_more_is_sent(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 1000, 0);
	assert_int_equal(rate_wait_ms(&r, 0, 0), 0);
	rate_spend(&r, 1500, 0);
	assert_int_equal(rate_wait_ms(&r, 0, 0), 1500);
	assert_int_equal(rate_wait_ms(&r, 0, 1499), 1);
	assert_int_equal(rate_wait_ms(&r, 0, 1500), 0);
	assert_int_equal(rate_wait_ms(&r, 100, 1500), 100); /* is on its way */
}

static void a_pause_earns_no_more_than_half_a_second(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 1000, 0);
	rate_spend(&r, 500, INT64_MAX / 2);
	assert_int_equal(rate_wait_ms(&r, 0, INT64_MAX / 2), 0);
	rate_spend(&r, 1, INT64_MAX / 2);
	assert_int_equal(rate_wait_ms(&r, 0, INT64_MAX / 2), 1);
	assert_int_equal(rate_wait_ms(&r, 0, 5), 1); /* a clock that goes back is none */
}

/* Requests of any size, sent as soon as they may be. */
static void over_a_minute_it_is_the_rate(void **state)
{
	struct rnd seed = rnd_start();
	const int64_t per_s = 1000 + (int64_t)rnd_below(&seed, 1000000);
	uint64_t sent = 0;
	struct rate r;

	(void)state;
	rate_init(&r, per_s, 0);
	for (int64_t now = 0; now < 60000; now++) {
		if (rate_wait_ms(&r, 0, now))
			continue;
		uint64_t size = rnd_below(&seed, (uint64_t)per_s);
		rate_spend(&r, size, now);
		sent += size;
	}
	assert_in_range(sent, (uint64_t)per_s * 58, (uint64_t)per_s * 62);
}

/* --- hours --- */

static void parse(struct hours *h, const char *text)
{
	struct err_detail why;

	assert_int_equal(hours_parse(h, &text, 1, &why), 0);
}

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static int64_t utc(int year, int month, int day, int hour, int minute)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute };

	return timegm(&tm);
}

static void what_is_no_window_is_refused_with_a_sentence(void **state)
{
	static const char *const texts[] = { "", "22:00", "22:00-", "22:00-6:00", "24:00-06:00",
		"22:00-24:01", "25:00-06:00", "22:60-23:00", "10:00-10:00", "22:00-06:00,",
		"22:00-06:00 ", "22.00-06.00", "-1:00-06:00" };
	struct err_detail why;
	struct hours h;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(hours_parse(&h, &texts[i], 1, &why), ERR_USAGE);
		assert_non_null(strstr(why.text, "22:00-06:30"));
	}
}

static void a_window_goes_over_midnight_and_to_the_end_of_the_day(void **state)
{
	struct hours h;

	(void)state;
	set_zone("UTC");
	assert_int_equal(hours_parse(&h, NULL, 0, NULL), 0);
	assert_true(hours_open(&h, 0)); /* none: always */
	parse(&h, "22:00-06:30,12:00-12:01");
	assert_false(hours_open(&h, utc(2026, 7, 1, 21, 59)));
	assert_true(hours_open(&h, utc(2026, 7, 1, 22, 0)));
	assert_true(hours_open(&h, utc(2026, 7, 2, 0, 0)));
	assert_true(hours_open(&h, utc(2026, 7, 2, 6, 29) + 59));
	assert_false(hours_open(&h, utc(2026, 7, 2, 6, 30)));
	assert_true(hours_open(&h, utc(2026, 7, 2, 12, 0)));
	assert_int_equal(hours_next(&h, utc(2026, 7, 2, 6, 30) + 7), utc(2026, 7, 2, 12, 0));
	assert_int_equal(hours_next(&h, utc(2026, 7, 2, 12, 1)), utc(2026, 7, 2, 22, 0));
	parse(&h, "23:00-24:00");
	assert_true(hours_open(&h, utc(2026, 7, 1, 23, 59)));
	assert_false(hours_open(&h, utc(2026, 7, 2, 0, 0)));
}

/* In Berlin the hour from two is left out on 29 March 2026, and comes twice on 25 October. */
static void the_clock_on_the_wall_counts_also_when_it_is_changed(void **state)
{
	struct hours h;

	(void)state;
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	parse(&h, "02:15-02:45");
	assert_int_equal(hours_next(&h, utc(2026, 3, 28, 12, 0)), utc(2026, 3, 30, 0, 15));
	assert_int_equal(hours_next(&h, utc(2026, 10, 24, 12, 0)), utc(2026, 10, 25, 0, 15));
	assert_false(hours_open(&h, utc(2026, 10, 25, 0, 45)));
	assert_true(hours_open(&h, utc(2026, 10, 25, 1, 15)));
	parse(&h, "01:00-03:00");
	assert_true(hours_open(&h, utc(2026, 3, 29, 0, 59)));
	assert_false(hours_open(&h, utc(2026, 3, 29, 1, 0))); /* it is three */
	set_zone("UTC");
}

/* --- budget --- */

static void begin(const struct box *box, struct budget *b, int64_t day)
{
	struct err_detail why;

	assert_int_equal(budget_open(b, box->spool.dir, 7, 1000000, 0, &why), 0);
	(void)budget_look(b, day, 0);
}

static void what_was_claimed_counts_after_a_kill(void **state)
{
	struct budget b;

	begin(*state, &b, 100);
	assert_true(budget_allows(&b, 1000000));
	assert_int_equal(budget_claim(&b, 30000), 0);
	budget_spend(&b, 20000);
	budget_close(&b); /* as a kill does */
	begin(*state, &b, 100);
	assert_in_range(b.used, 30000, 30000 + 1000000 / 50);
	assert_false(budget_allows(&b, 1000000 - 30000 + 1));
	uint64_t used = b.used;
	assert_int_equal(budget_save(&b), 0);
	budget_close(&b);
	begin(*state, &b, 100);
	assert_int_equal(b.used, used);
	budget_close(&b);
}

static void a_claim_is_written_rarely_and_never_beyond_the_budget(void **state)
{
	struct budget b;

	begin(*state, &b, 100);
	uint64_t writes = b.slots.gen;
	for (int i = 0; i < 999; i++) {
		assert_true(budget_allows(&b, 1000));
		assert_int_equal(budget_claim(&b, 1000), 0);
		assert_true(b.claimed >= b.used + 1000);
		budget_spend(&b, 1000);
	}
	assert_in_range(b.slots.gen - writes, 40, 60);
	assert_int_equal(b.claimed, 1000000);
	assert_false(budget_allows(&b, 1001));
	budget_close(&b);
}

static void a_day_comes_once_however_the_clock_is_set(void **state)
{
	const int64_t day_ms = 86400000;
	struct budget b;

	begin(*state, &b, 100);
	budget_spend(&b, 900);
	assert_false(budget_look(&b, 99, 1000));
	assert_false(budget_look(&b, 100, 2000));
	assert_int_equal(b.used, 900);
	assert_true(budget_look(&b, 101, 3000)); /* a new one */
	assert_int_equal(b.used, 0);
	budget_spend(&b, 900);
	for (int i = 0; i < 10; i++) {
		assert_false(budget_look(&b, 100, 4000 + i));
		assert_false(budget_look(&b, 101, 4000 + i));
	}
	assert_true(budget_look(&b, 50000, 5000)); /* somebody has set it to another century */
	budget_spend(&b, 900);
	assert_false(budget_look(&b, 102, 6000));
	assert_false(budget_look(&b, 102, 5000 + day_ms - 1));
	assert_true(budget_look(&b, 102, 5000 + day_ms)); /* after a day of waiting */
	assert_int_equal(b.used, 0);
	assert_true(budget_look(&b, 103, 5000 + day_ms + 1));
	budget_close(&b);
}

static void waiting_for_a_day_goes_on_after_a_restart(void **state)
{
	const int64_t day_ms = 86400000;
	struct budget b;

	begin(*state, &b, 50000);
	budget_spend(&b, 900);
	(void)budget_look(&b, 100, day_ms / 2);
	assert_int_equal(budget_save(&b), 0);
	budget_close(&b);
	begin(*state, &b, 100); /* its clock begins with 0 again */
	assert_int_equal(b.used, 900);
	assert_false(budget_look(&b, 100, day_ms / 2 - 1));
	assert_true(budget_look(&b, 100, day_ms / 2));
	budget_close(&b);
}

/* --- herd --- */

static void only_a_long_outage_with_a_backlog_is_waited_after(void **state)
{
	struct herd h = { 0 };

	(void)state;
	herd_heed(&h, true, 1000, 1000000, 29999);
	assert_int_equal(h.until_ms, 0);
	herd_heed(&h, false, 1000, 0, 29999);
	herd_heed(&h, false, 20000, 0, 29999);
	herd_heed(&h, true, 1000 + HERD_OUTAGE_MS - 1, 1000000, 29999);
	assert_true(h.until_ms <= 1000 + HERD_OUTAGE_MS - 1);
	herd_heed(&h, false, 100000, 0, 29999);
	herd_heed(&h, true, 200000, 0, 29999);
	assert_int_equal(h.until_ms, 200000); /* nothing to send */
}

static void waits_are_spread_and_grow_with_the_backlog(void **state)
{
	enum { SENSORS = 2000, PARTS = 6 };
	struct rnd seed = rnd_start();

	(void)state;
	for (uint64_t backlog = 6000; backlog <= 600000; backlog *= 10) {
		uint64_t limit = backlog < HERD_WAIT_MAX_MS ? backlog : HERD_WAIT_MAX_MS;
		unsigned parts[PARTS] = { 0 };
		for (int i = 0; i < SENSORS; i++) {
			struct herd h = { .down_ms = 1 };
			herd_heed(&h, true, 1000000, backlog, rnd_next(&seed));
			uint64_t wait = (uint64_t)(h.until_ms - 1000000);
			assert_in_range(wait, 0, limit);
			parts[wait * PARTS / (limit + 1)]++;
		}
		for (int i = 0; i < PARTS; i++)
			assert_in_range(parts[i], SENSORS / PARTS / 2, SENSORS / PARTS * 3 / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_without_limit_never_waits),
		cmocka_unit_test(a_debt_is_paid_before_more_is_sent),
		cmocka_unit_test(a_pause_earns_no_more_than_half_a_second),
		cmocka_unit_test(over_a_minute_it_is_the_rate),
		cmocka_unit_test(what_is_no_window_is_refused_with_a_sentence),
		cmocka_unit_test(a_window_goes_over_midnight_and_to_the_end_of_the_day),
		cmocka_unit_test(the_clock_on_the_wall_counts_also_when_it_is_changed),
		BOX_TEST(what_was_claimed_counts_after_a_kill),
		BOX_TEST(a_claim_is_written_rarely_and_never_beyond_the_budget),
		BOX_TEST(a_day_comes_once_however_the_clock_is_set),
		BOX_TEST(waiting_for_a_day_goes_on_after_a_restart),
		cmocka_unit_test(only_a_long_outage_with_a_backlog_is_waited_after),
		cmocka_unit_test(waits_are_spread_and_grow_with_the_backlog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
