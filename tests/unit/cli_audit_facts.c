/* cli_audit_facts.c -- tests of what is said of numbers without a document. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "audit_facts.h"
#include "rnd.h"

enum { NUMBERS = 400, ALL_FATES = AUDIT_FATES };

static struct audit_facts facts;
static struct audit_owner owner;
static uint64_t told[ALL_FATES], settled_sum;
static char lines[8192];

static int on_fate(
	void *arg, enum audit_fate fate, struct audit_range piece, uint64_t count, bool settled)
{
	static const char marks[] = "HULDWS";
	size_t n = strlen(lines);

	(void)arg;
	assert_true(piece.first <= piece.last && count > 0);
	assert_true(count <= piece.last - piece.first + 1);
	told[fate] += count;
	settled_sum += settled ? count : 0;
	if (n + 100 < sizeof(lines))
		(void)snprintf(lines + n, sizeof(lines) - n, "%c%llu-%llu:%llu%s ", marks[fate],
			(unsigned long long)piece.first, (unsigned long long)piece.last,
			(unsigned long long)count, settled ? "s" : "");
	return 0;
}

static void begin(void)
{
	audit_facts_done(&facts);
	owner = (struct audit_owner){ .host = "edge", .run = 7 };
}

static void region(const char *host, uint64_t run, uint64_t first, uint64_t last, uint64_t count,
	enum loss_reason reason)
{
	struct audit_region r = {
		.run = run, .range = { first, last }, .count = count, .reasons = 1U << reason
	};

	(void)snprintf(r.host, sizeof(r.host), "%s", host);
	assert_int_equal(audit_add_region(&facts, &r), 0);
}

static void letter(uint64_t run, uint64_t seq, enum audit_fate fate)
{
	const struct audit_letter l = { run, seq, fate };

	assert_int_equal(audit_add_letter(&facts, &l), 0);
}

static void explain(uint64_t first, uint64_t last)
{
	const struct audit_range gap = { first, last };

	memset(told, 0, sizeof(told));
	lines[0] = '\0';
	settled_sum = 0;
	assert_int_equal(audit_explain(&facts, &owner, gap, on_fate, NULL), 0);
}

static void ready(void)
{
	audit_facts_sort(&facts);
	audit_facts_for(&facts, &owner);
}

static void what_nobody_knows_is_a_hole(void **state)
{
	(void)state;
	begin();
	ready();
	explain(3, 5);
	assert_string_equal(lines, "H3-5:3 ");
}

static void a_loss_document_explains_what_it_counts(void **state)
{
	(void)state;
	begin();
	region("edge", 9, 10, 19, 10, LOSS_CORRUPT);
	ready();
	explain(8, 21);
	assert_string_equal(lines, "H8-9:2 L10-19:10 H20-21:2 ");
	explain(10, 19); /* used up */
	assert_string_equal(lines, "U10-19:10 ");
}

static void fewer_than_are_missing_are_unclear(void **state)
{
	(void)state;
	begin();
	region("edge", 9, 10, 19, 4, LOSS_TRIMMED);
	ready();
	explain(10, 12);
	assert_string_equal(lines, "L10-12:3 ");
	explain(15, 18);
	assert_string_equal(lines, "L15-18:1 U15-18:3 ");
}

static void documents_of_ranges_that_overlap_are_one(void **state)
{
	(void)state;
	begin();
	region("edge", 1, 15, 30, 6, LOSS_TRIMMED);
	region("edge", 2, 10, 19, 10, LOSS_CORRUPT);
	ready();
	assert_int_equal(facts.nregions, 1);
	explain(10, 30);
	assert_string_equal(lines, "L10-30:16 U10-30:5 ");
}

static void others_losses_explain_nothing(void **state)
{
	(void)state;
	begin();
	region("other", 9, 10, 19, 10, LOSS_CORRUPT);
	ready();
	explain(10, 11);
	assert_string_equal(lines, "H10-11:2 ");
	owner.run = 9; /* the document itself is of this run */
	audit_facts_for(&facts, &owner);
	explain(10, 11);
	assert_string_equal(lines, "L10-11:2 ");
	owner.run = 7;
	facts.regions[0].anybody = true;
	audit_facts_for(&facts, &owner);
	explain(12, 13);
	assert_string_equal(lines, "L12-13:2 ");
}

static void a_loss_that_only_the_spool_tells_is_of_its_runs(void **state)
{
	(void)state;
	begin();
	region("", 9, 10, 19, 10, LOSS_CORRUPT);
	ready();
	explain(10, 11);
	assert_string_equal(lines, "H10-11:2 ");
	owner.mine = true;
	audit_facts_for(&facts, &owner);
	explain(10, 11);
	assert_string_equal(lines, "L10-11:2 ");
}

static void letters_are_dead_or_wait(void **state)
{
	(void)state;
	begin();
	letter(7, 12, AUDIT_DEAD);
	letter(8, 11, AUDIT_DEAD);
	letter(7, 10, AUDIT_WAITING);
	letter(7, 12, AUDIT_DEAD); /* the same one twice */
	letter(7, 14, AUDIT_DEAD);
	ready();
	explain(10, 13);
	assert_string_equal(lines, "W10-10:1s H11-11:1 D12-12:1s H13-13:1 ");
}

static void held(uint64_t frontier)
{
	facts.spool = true;
	facts.ack.chain[ACK_REC].frontier = frontier;
	facts.first_kept = 1;
	owner.mine = owner.known = true;
	owner.chain = ACK_REC;
}

static void what_is_not_settled_waits(void **state)
{
	(void)state;
	begin();
	held(10);
	facts.ack.chain[ACK_REC].nranges = 2;
	facts.ack.chain[ACK_REC].ranges[0] = (struct ack_range){ .first = 15, .last = 16 };
	facts.ack.chain[ACK_REC].ranges[1] = (struct ack_range){ .first = 20, .last = 21 };
	ready();
	explain(9, 22);
	assert_string_equal(lines, "H9-10:2s W11-14:4 H15-16:2s W17-19:3 H20-21:2s W22-22:1 ");
	owner.known = false; /* of a spool that does not hold it any more: it is all settled */
	explain(9, 22);
	assert_string_equal(lines, "H9-22:14s ");
}

static void what_was_given_up_is_lost(void **state)
{
	(void)state;
	begin();
	held(10);
	facts.first_kept = 15;
	ready();
	explain(9, 16);
	assert_string_equal(lines, "H9-10:2s L11-14:4 W15-16:2 ");
}

/* Loss documents count packets; the spool knows how many documents of losses and clocks went along. */
static void events_that_were_given_up_are_lost(void **state)
{
	(void)state;
	begin();
	held(100);
	facts.events_given_up = 2;
	region("edge", 9, 10, 19, 7, LOSS_TRIMMED);
	ready();
	explain(10, 19);
	assert_string_equal(lines, "L10-19:9s U10-19:1s ");
}

static void numbers_that_were_passed_over_are_no_holes(void **state)
{
	const struct audit_region gap = { .range = { 30, 39 }, .count = 10, .skips = true };

	(void)state;
	begin();
	held(100);
	region("edge", 9, 20, 49, 20, LOSS_TRIMMED);
	assert_int_equal(audit_add_region(&facts, &gap), 0);
	ready();
	explain(20, 49);
	assert_string_equal(lines, "L20-29:10s S30-39:10s L40-49:10s ");
	owner.known = false;
	audit_facts_for(&facts, &owner);
	explain(35, 35);
	assert_string_equal(lines, "U35-35:1s ");
}

/* Every number gets one fate, whatever is known of it. */
static void every_number_once(void **state)
{
	struct rnd r = rnd_start();

	(void)state;
	for (int i = 0; i < 2000; i++) {
		begin();
		held(rnd_below(&r, NUMBERS));
		owner.known = rnd_below(&r, 2);
		facts.first_kept = 1 + rnd_below(&r, NUMBERS);
		for (uint64_t n = rnd_below(&r, 10); n; n--) {
			uint64_t first = 1 + rnd_below(&r, NUMBERS), wide = rnd_below(&r, 50);
			region(rnd_below(&r, 4) ? "edge" : "other", rnd_below(&r, 9), first,
				first + wide, 1 + rnd_below(&r, wide + 1),
				(enum loss_reason)rnd_below(&r, LOSS_REASONS));
			letter(5 + rnd_below(&r, 3), 1 + rnd_below(&r, NUMBERS), AUDIT_DEAD);
		}
		ready();
		uint64_t first = 1 + rnd_below(&r, NUMBERS), last = first + rnd_below(&r, NUMBERS);
		explain(first, last);
		uint64_t sum = 0;
		for (unsigned f = 0; f < ALL_FATES; f++)
			sum += told[f];
		assert_true(sum == last - first + 1);
		assert_true(settled_sum <= sum);
	}
	begin();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_knows_is_a_hole),
		cmocka_unit_test(a_loss_document_explains_what_it_counts),
		cmocka_unit_test(fewer_than_are_missing_are_unclear),
		cmocka_unit_test(documents_of_ranges_that_overlap_are_one),
		cmocka_unit_test(others_losses_explain_nothing),
		cmocka_unit_test(a_loss_that_only_the_spool_tells_is_of_its_runs),
		cmocka_unit_test(letters_are_dead_or_wait),
		cmocka_unit_test(what_is_not_settled_waits),
		cmocka_unit_test(what_was_given_up_is_lost),
		cmocka_unit_test(events_that_were_given_up_are_lost),
		cmocka_unit_test(numbers_that_were_passed_over_are_no_holes),
		cmocka_unit_test(every_number_once),
	};

	return TEST_RUN(tests);
}
