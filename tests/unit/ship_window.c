/* ship_window.c -- tests of the window: which records are settled, and up to where. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "window.h"

static const struct ack_chain nothing;

static void begin(struct window *w, uint64_t frontier)
{
	const struct ack_chain ack = { .frontier = frontier };

	assert_int_equal(window_init(w, &ack), 0);
}

static void set_all(struct window *w, uint64_t first, uint64_t last, enum outcome outcome)
{
	for (uint64_t seq = first; seq <= last; seq++)
		window_set(w, seq, outcome);
}

static void a_window_begins_behind_the_frontier_of_the_ack(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 41);
	assert_int_equal(window_free(&w), 42);
	assert_false(window_holds(&w, 41));
	assert_true(window_holds(&w, 42));
	assert_true(window_holds(&w, 41 + WINDOW_SIZE));
	assert_false(window_holds(&w, 42 + WINDOW_SIZE));
	window_done(&w);
}

static void a_gap_that_was_passed_over_is_known(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 10);
	assert_false(window_has_passed(&w, 12, 20));
	window_pass_over(&w, 12, 20, 5);
	assert_true(window_has_passed(&w, 12, 20));
	assert_true(window_has_passed(&w, 5, 10));
	assert_false(window_has_passed(&w, 11, 20));
	assert_false(window_has_passed(&w, 12, 21));
	window_set(&w, 11, OUTCOME_INDEXED);
	assert_true(window_advance(&w));
	assert_true(window_has_passed(&w, 11, 20));
	window_done(&w);
}

static void nothing_outside_can_be_set(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 41);
	window_set(&w, 41, OUTCOME_INDEXED);
	window_set(&w, 42 + WINDOW_SIZE, OUTCOME_INDEXED);
	assert_int_equal(window_get(&w, 41), OUTCOME_UNREAD);
	assert_int_equal(window_get(&w, 42), OUTCOME_UNREAD);
	assert_int_equal(window_get(&w, 42 + WINDOW_SIZE), OUTCOME_UNREAD);
	assert_false(window_advance(&w));
	window_done(&w);
}

static void the_frontier_moves_only_when_an_ack_is_about_to_be_written(void **state)
{
	struct ack_chain ack;
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 5, OUTCOME_INDEXED);
	window_ack(&w, NULL, &ack);
	assert_int_equal(w.state.frontier, 0);
	assert_int_equal(ack.frontier, 0);
	assert_int_equal(ack.nranges, 1);
	assert_true(window_advance(&w));
	window_ack(&w, NULL, &ack);
	assert_int_equal(ack.frontier, 5);
	assert_int_equal(ack.counts.indexed, 5);
	assert_int_equal(ack.nranges, 0);
	assert_false(window_advance(&w));
	window_done(&w);
}

static void a_record_without_an_outcome_holds_the_frontier(void **state)
{
	struct ack_chain ack;
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 10, OUTCOME_INDEXED);
	window_set(&w, 4, OUTCOME_TAKEN);
	assert_true(window_advance(&w));
	window_ack(&w, NULL, &ack);
	assert_int_equal(ack.frontier, 3);
	assert_int_equal(ack.nranges, 1);
	assert_int_equal(ack.ranges[0].first, 5);
	assert_int_equal(ack.ranges[0].last, 10);
	assert_int_equal(ack.ranges[0].indexed, 6);
	window_set(&w, 4, OUTCOME_DEAD);
	assert_true(window_advance(&w));
	window_ack(&w, NULL, &ack);
	assert_int_equal(ack.frontier, 10);
	assert_int_equal(ack.counts.indexed, 9);
	assert_int_equal(ack.counts.dead, 1);
	window_done(&w);
}

static void each_outcome_is_counted_as_what_it_is(void **state)
{
	static const struct {
		enum outcome outcome;
		struct ack_counts counts;
	} rows[] = {
		{ OUTCOME_SKIPPED, { 0 } },
		{ OUTCOME_INDEXED, { .indexed = 1 } },
		{ OUTCOME_STORED_FAILED, { .indexed = 1, .failure_store = 1 } },
		{ OUTCOME_ALREADY, { .already_there = 1 } },
		{ OUTCOME_DEAD, { .dead = 1 } },
		{ OUTCOME_LOST, { .lost = 1 } },
		{ OUTCOME_LATE, { .late = 1 } },
		{ OUTCOME_APART, { .apart = 1 } },
	};
	struct window w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&w, 7);
		window_set(&w, 8, rows[i].outcome);
		assert_true(window_advance(&w));
		assert_int_equal(w.state.frontier, 8);
		assert_memory_equal(&w.state.counts, &rows[i].counts, sizeof(struct ack_counts));
		window_done(&w);
	}
}

static void ranges_of_an_ack_are_settled_after_a_restart(void **state)
{
	const struct ack_chain ack = { .frontier = 10,
		.counts = { .indexed = 9, .dead = 1 },
		.nranges = 2,
		.ranges = { { 12, 14, 2, 1, 0, 0, 0, 0 }, { 20, 20, 0, 0, 0, 1, 0, 0 } } };
	struct ack_chain out;
	struct window w;

	(void)state;
	assert_int_equal(window_init(&w, &ack), 0);
	assert_int_equal(window_free(&w), 11);
	assert_int_equal(window_get(&w, 12), OUTCOME_RANGED);
	assert_int_equal(window_get(&w, 15), OUTCOME_UNREAD);
	window_ack(&w, NULL, &out);
	assert_memory_equal(&out, &ack, sizeof(ack)); /* nothing is forgotten by a restart */
	window_set(&w, 11, OUTCOME_INDEXED);
	assert_int_equal(window_free(&w), 15);
	assert_true(window_advance(&w));
	window_ack(&w, NULL, &out);
	assert_int_equal(out.frontier, 14);
	assert_int_equal(out.counts.indexed, 12);
	assert_int_equal(out.counts.already_there, 1);
	assert_int_equal(out.nranges, 1);
	assert_int_equal(out.ranges[0].lost, 1);
	window_done(&w);
}

/* A batch that is released lowers what is free; the ack must not forget what lies above. */
static void an_ack_names_what_is_settled_above_a_free_record(void **state)
{
	struct ack_chain out;
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 20, OUTCOME_TAKEN);
	assert_int_equal(window_free(&w), 21);
	set_all(&w, 11, 20, OUTCOME_INDEXED);
	set_all(&w, 1, 10, OUTCOME_UNREAD);
	w.free = 1; /* as batch_release() does */
	window_ack(&w, NULL, &out);
	assert_int_equal(out.nranges, 1);
	assert_int_equal(out.ranges[0].first, 11);
	assert_int_equal(out.ranges[0].last, 20);
	window_done(&w);
}

static void no_more_ranges_than_an_ack_has_room_for(void **state)
{
	struct ack_chain out;
	struct window w;

	(void)state;
	begin(&w, 0);
	for (uint64_t i = 1; i <= 2 * ACK_RANGES_MAX; i++)
		window_set(&w, 3 * i, OUTCOME_INDEXED);
	window_ack(&w, NULL, &out);
	assert_int_equal(out.nranges, ACK_RANGES_MAX);
	for (unsigned i = 0; i < ACK_RANGES_MAX; i++) /* the lowest ones */
		assert_int_equal(out.ranges[i].first, 3 * (i + 1));
	window_done(&w);
}

/* Records at the beginning of a long gap were settled: the frontier goes over them before it jumps. */
static void a_gap_longer_than_the_ring_may_begin_with_settled_records(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 4, OUTCOME_TAKEN);
	set_all(&w, 5, 8, OUTCOME_INDEXED);
	window_pass_over(&w, 5, UINT64_C(1) << 33, 10);
	set_all(&w, 1, 4, OUTCOME_INDEXED);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, UINT64_C(1) << 33);
	assert_int_equal(w.state.counts.indexed, 8);
	assert_int_equal(w.state.counts.lost, 10);
	window_done(&w);
}

static void what_is_not_settled_is_counted_within_the_ring_and_beyond(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 10);
	set_all(&w, 12, 20, OUTCOME_INDEXED);
	window_set(&w, 15, OUTCOME_TAKEN);
	assert_int_equal(window_unsettled(&w, 1, 10), 0);
	assert_int_equal(window_unsettled(&w, 5, 20), 2);
	assert_int_equal(window_unsettled(&w, 12, 14), 0);
	assert_int_equal(window_unsettled(&w, 12, 10 + WINDOW_SIZE + 5), WINDOW_SIZE - 10 + 1 + 5);
	assert_int_equal(window_unsettled(&w, 100 + WINDOW_SIZE, 109 + WINDOW_SIZE), 10);
	window_done(&w);
}

/* A segment whose records are settled may be gone as soon as two acks say so: an ack that does not
 * know that any more would make damage of it at the next start. */
static void an_ack_keeps_what_the_one_before_it_has_told(void **state)
{
	struct ack_chain before, out;
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 100, 110, OUTCOME_INDEXED);
	set_all(&w, 200, 220, OUTCOME_ALREADY);
	window_ack(&w, NULL, &before);
	for (uint64_t i = 1; i <= ACK_RANGES_MAX;
		i++) /* then the records before it, every third one */
		window_set(&w, 3 * i, OUTCOME_INDEXED);
	set_all(&w, 111, 115, OUTCOME_DEAD);
	set_all(&w, 300, 310, OUTCOME_INDEXED);
	window_ack(&w, &before, &out);
	assert_int_equal(out.nranges, ACK_RANGES_MAX);
	assert_true(ack_covers(&out, 100, 115));
	assert_true(ack_covers(&out, 200, 220));
	assert_true(ack_covers(&out, 3, 3)); /* of the others the lowest */
	assert_int_equal(out.ranges[ACK_RANGES_MAX - 3].first, 3 * (ACK_RANGES_MAX - 2));
	window_done(&w);
}

static void a_gap_is_passed_over_and_its_records_count_as_lost(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 100);
	window_pass_over(&w, 101, 110, 4);
	assert_int_equal(w.state.frontier, 100);
	assert_int_equal(window_free(&w), 111);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, 110);
	assert_int_equal(w.state.counts.lost, 4);
	window_done(&w);
}

static void a_gap_leaves_what_was_settled_inside_it(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 100);
	set_all(&w, 103, 105, OUTCOME_INDEXED);
	window_pass_over(&w, 101, 110, 7);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.counts.indexed, 3);
	assert_int_equal(w.state.counts.lost, 7);
	window_done(&w);
}

static void a_gap_longer_than_the_ring_is_passed_in_one_step(void **state)
{
	const uint64_t far = UINT64_C(1) << 32;
	struct window w;

	(void)state;
	begin(&w, 10);
	window_pass_over(&w, 11, far, 5);
	assert_int_equal(w.state.frontier, 10);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, far);
	assert_int_equal(w.state.counts.lost, 5);
	assert_int_equal(window_free(&w), far + 1);
	assert_false(window_advance(&w));
	window_done(&w);
}

static void a_long_gap_waits_for_what_lies_before_it(void **state)
{
	const uint64_t far = UINT64_C(1) << 32;
	struct window w;

	(void)state;
	begin(&w, 10);
	set_all(&w, 11, 13, OUTCOME_TAKEN);
	window_pass_over(&w, 14, far, 0);
	window_set(&w, 11, OUTCOME_INDEXED);
	window_set(&w, 13, OUTCOME_INDEXED);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, 11);
	window_set(&w, 12, OUTCOME_ALREADY);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, far);
	assert_int_equal(w.state.counts.indexed, 2);
	assert_int_equal(w.state.counts.already_there, 1);
	assert_int_equal(w.state.counts.lost, 0);
	window_done(&w);
}

/* The gap is too long to be marked, but records behind it are in the ring and on their way. */
static void what_lies_behind_a_long_gap_keeps_its_outcome(void **state)
{
	enum { GAP = 70000 };
	struct window w;

	(void)state;
	begin(&w, 10);
	window_pass_over(&w, 11, 10 + GAP, 3);
	set_all(&w, 11 + GAP, 20 + GAP, OUTCOME_INDEXED);
	window_set(&w, 21 + GAP, OUTCOME_TAKEN);
	set_all(&w, 22 + GAP, 23 + GAP, OUTCOME_DEAD);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, 20 + GAP);
	assert_int_equal(window_get(&w, 21 + GAP), OUTCOME_TAKEN);
	assert_int_equal(window_get(&w, 22 + GAP), OUTCOME_DEAD);
	window_set(&w, 21 + GAP, OUTCOME_INDEXED);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, 23 + GAP);
	assert_int_equal(w.state.counts.lost, 3);
	assert_int_equal(w.state.counts.indexed, 11);
	assert_int_equal(w.state.counts.dead, 2);
	window_done(&w);
}

static void what_was_settled_inside_a_long_gap_is_not_lost(void **state)
{
	enum { GAP = 70000 };
	const struct ack_chain ack = {
		.frontier = 10, .nranges = 1, .ranges = { { 500, 599, 100, 0, 0, 0, 0, 0 } }
	};
	struct window w;

	(void)state;
	assert_int_equal(window_init(&w, &ack), 0);
	assert_int_equal(window_settled(&w, 11, 10 + GAP), 100);
	assert_int_equal(window_settled(&w, 550, UINT64_MAX), 50);
	assert_int_equal(window_settled(&w, 1, 500), 1);
	window_pass_over(&w, 11, 10 + GAP, GAP - 100);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, 10 + GAP);
	assert_int_equal(w.state.counts.indexed, 100);
	assert_int_equal(w.state.counts.lost, GAP - 100);
	window_done(&w);
}

static void answers_for_records_that_were_given_up_are_late(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 3, OUTCOME_TAKEN);
	set_all(&w, 4, 6, OUTCOME_INDEXED); /* in no ack yet */
	window_give_up(&w, 11, &nothing);
	assert_int_equal(w.state.frontier, 10);
	assert_int_equal(w.state.counts.late, 3);
	assert_int_equal(ack_sum(&w.state.counts), 0);
	window_done(&w);
}

/* The spool's writer does not count what a durable ack names: so the shipper has to. */
static void what_a_durable_ack_named_stays_settled_when_it_is_given_up(void **state)
{
	struct ack_chain durable;
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 3, OUTCOME_TAKEN);
	set_all(&w, 4, 6, OUTCOME_INDEXED);
	set_all(&w, 7, 7, OUTCOME_DEAD);
	(void)window_advance(&w);
	window_ack(&w, NULL, &durable);
	assert_true(ack_covers(&durable, 4, 7));
	set_all(&w, 8, 9, OUTCOME_INDEXED); /* after the ack was written */
	window_give_up(&w, 11, &durable);
	assert_int_equal(w.state.frontier, 10);
	assert_int_equal(w.state.counts.indexed, 3);
	assert_int_equal(w.state.counts.dead, 1);
	assert_int_equal(w.state.counts.late, 2);
	window_done(&w);
}

static void more_can_be_given_up_than_the_ring_holds(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 5, OUTCOME_TAKEN);
	window_give_up(&w, 10 * (uint64_t)WINDOW_SIZE, &nothing);
	assert_int_equal(w.state.frontier, 10 * (uint64_t)WINDOW_SIZE - 1);
	assert_int_equal(window_free(&w), 10 * (uint64_t)WINDOW_SIZE);
	assert_int_equal(ack_sum(&w.state.counts), 0);
	window_done(&w);
}

static void a_long_gap_that_is_given_up_is_counted_by_the_writer_alone(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 0);
	set_all(&w, 1, 5, OUTCOME_TAKEN);
	window_pass_over(&w, 6, 80000, 500);
	window_give_up(&w, 90000, &nothing);
	assert_int_equal(w.state.frontier, 89999);
	assert_int_equal(w.state.counts.lost, 0);
	window_done(&w);
}

static void a_full_window_has_nothing_free_inside(void **state)
{
	struct window w;

	(void)state;
	begin(&w, 5);
	set_all(&w, 6, 5 + WINDOW_SIZE, OUTCOME_INDEXED);
	window_set(&w, 6, OUTCOME_TAKEN);
	assert_false(window_holds(&w, window_free(&w)));
	window_set(&w, 6, OUTCOME_INDEXED);
	assert_true(window_advance(&w));
	assert_int_equal(w.state.frontier, 5 + WINDOW_SIZE);
	assert_int_equal(w.state.counts.indexed, WINDOW_SIZE);
	assert_true(window_holds(&w, window_free(&w)));
	window_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_begins_behind_the_frontier_of_the_ack),
		cmocka_unit_test(a_gap_that_was_passed_over_is_known),
		cmocka_unit_test(nothing_outside_can_be_set),
		cmocka_unit_test(the_frontier_moves_only_when_an_ack_is_about_to_be_written),
		cmocka_unit_test(a_record_without_an_outcome_holds_the_frontier),
		cmocka_unit_test(each_outcome_is_counted_as_what_it_is),
		cmocka_unit_test(ranges_of_an_ack_are_settled_after_a_restart),
		cmocka_unit_test(an_ack_names_what_is_settled_above_a_free_record),
		cmocka_unit_test(no_more_ranges_than_an_ack_has_room_for),
		cmocka_unit_test(a_gap_longer_than_the_ring_may_begin_with_settled_records),
		cmocka_unit_test(what_is_not_settled_is_counted_within_the_ring_and_beyond),
		cmocka_unit_test(an_ack_keeps_what_the_one_before_it_has_told),
		cmocka_unit_test(a_gap_is_passed_over_and_its_records_count_as_lost),
		cmocka_unit_test(a_gap_leaves_what_was_settled_inside_it),
		cmocka_unit_test(a_gap_longer_than_the_ring_is_passed_in_one_step),
		cmocka_unit_test(a_long_gap_waits_for_what_lies_before_it),
		cmocka_unit_test(what_lies_behind_a_long_gap_keeps_its_outcome),
		cmocka_unit_test(what_was_settled_inside_a_long_gap_is_not_lost),
		cmocka_unit_test(answers_for_records_that_were_given_up_are_late),
		cmocka_unit_test(what_a_durable_ack_named_stays_settled_when_it_is_given_up),
		cmocka_unit_test(more_can_be_given_up_than_the_ring_holds),
		cmocka_unit_test(a_long_gap_that_is_given_up_is_counted_by_the_writer_alone),
		cmocka_unit_test(a_full_window_has_nothing_free_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
