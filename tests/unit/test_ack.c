/* test_ack.c -- what is settled and what was given up: counting, and the files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ack.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"
#include "rnd.h"
#include "tail.h"

enum { HIGHEST = 80 };

/* Random frontier and ranges, and the same as one flag for each sequence. */
static void scatter(struct rnd *r, struct ack_chain *c, bool settled[HIGHEST + 2])
{
	*c = (struct ack_chain){ .frontier = rnd_below(r, 20) };
	memset(settled, 0, HIGHEST + 2);
	for (uint64_t i = 1; i <= c->frontier; i++)
		settled[i] = true;
	uint64_t at = c->frontier + 1 + rnd_below(r, 3);
	while (c->nranges < ACK_RANGES_MAX && at < HIGHEST - 8) {
		struct ack_range *range = &c->ranges[c->nranges++];
		range->first = at;
		range->last = at + rnd_below(r, 6);
		for (uint64_t i = range->first; i <= range->last; i++)
			settled[i] = true;
		at = range->last + 1 + rnd_below(r, 4); /* some touch the next one */
	}
}

static void count_from(const struct ack_chain *c, const bool *settled, uint64_t first)
{
	uint64_t n = 0;

	for (uint64_t last = first; last <= HIGHEST; last++) {
		n += settled[last];
		assert_int_equal(ack_settled_in(c, first, last), n);
		assert_int_equal(ack_covers(c, first, last), n == last - first + 1);
	}
}

static void coverage_is_what_counting_by_hand_says(void **state)
{
	struct rnd r = rnd_start();
	bool settled[HIGHEST + 2];
	struct ack_chain c;

	(void)state;
	for (int round = 0; round < 200; round++) {
		scatter(&r, &c, settled);
		uint64_t highest = 0;
		for (uint64_t first = 1; first <= HIGHEST; first++) {
			highest = settled[first] ? first : highest;
			count_from(&c, settled, first);
		}
		assert_int_equal(ack_highest(&c), highest);
	}
}

static void the_ends_of_the_numbers_are_no_special_case(void **state)
{
	struct ack_chain none = { 0 }, all = { .frontier = UINT64_MAX - 1 };

	(void)state;
	assert_false(ack_covers(&none, 1, 1));
	assert_int_equal(ack_settled_in(&none, 1, UINT64_MAX), 0);
	assert_int_equal(ack_highest(&none), 0);
	assert_true(ack_covers(&all, 1, UINT64_MAX - 1));
	assert_false(ack_covers(&all, 1, UINT64_MAX));
	assert_int_equal(ack_settled_in(&all, 1, UINT64_MAX), UINT64_MAX - 1);
}

static void late_failure_store_and_apart_do_not_count_in_the_sum(void **state)
{
	struct ack_counts counts = {
		.indexed = 1, .late = 1000, .failure_store = 1000, .apart = 1000
	};
	const struct ack_range range = { 1, 30, 2, 4, 8, 16, 1, 1000 };

	(void)state;
	ack_count_range(&counts, &range);
	assert_int_equal(counts.indexed, 3);
	assert_int_equal(counts.already_there, 4);
	assert_int_equal(counts.dead, 8);
	assert_int_equal(counts.lost, 16);
	assert_int_equal(counts.failure_store, 1001);
	assert_int_equal(counts.apart, 2000);
	assert_int_equal(ack_sum(&counts), 31);
}

static void full_ack(struct ack *ack, uint64_t salt)
{
	memset(ack, 0, sizeof(*ack));
	for (unsigned i = 0; i < ACK_CHAINS; i++) {
		struct ack_chain *c = &ack->chain[i];
		c->frontier = salt + i;
		c->counts = (struct ack_counts){ salt, i, 3, 4, 5, UINT64_MAX, 6 };
		c->nranges = ACK_RANGES_MAX - i;
		for (unsigned k = 0; k < c->nranges; k++)
			c->ranges[k] = (struct ack_range){ salt + 100 * k + 10, salt + 100 * k + 20,
				k, UINT32_MAX, i, 7, 8, UINT32_MAX - k };
	}
}

static void open_ack(const struct box *b, struct slots *s, bool writable)
{
	assert_int_equal(ack_open(s, b->spool.dir, b->spool.epoch, writable, NULL), 0);
}

static void a_full_ack_comes_back_and_the_older_one_too(void **state)
{
	struct box *b = *state;
	struct slots s;
	struct ack one, two, got, older;

	full_ack(&one, 1000);
	full_ack(&two, UINT64_C(1) << 60);
	open_ack(b, &s, true);
	ack_read(&s, &got, &older);
	assert_int_equal(got.chain[ACK_REC].frontier, 0);
	assert_int_equal(ack_write(&s, &one), 0);
	ack_read(&s, &got, &older);
	assert_memory_equal(&got, &one, sizeof(one));
	assert_memory_equal(&older, &one, sizeof(one)); /* there is only one */
	assert_int_equal(ack_write(&s, &two), 0);
	slots_close(&s);
	open_ack(b, &s, false);
	ack_read(&s, &got, &older);
	assert_memory_equal(&got, &two, sizeof(two));
	assert_memory_equal(&older, &one, sizeof(one));
	slots_close(&s);
}

static void without_a_file_or_of_another_epoch_nothing_is_settled(void **state)
{
	struct box *b = *state;
	struct slots s;
	struct ack ack, got;

	assert_int_equal(ack_open(&s, b->spool.dir, b->spool.epoch, false, NULL), ERR_END);
	ack_read(&s, &got, NULL);
	assert_int_equal(ack_highest(&got.chain[ACK_REC]), 0);
	full_ack(&ack, 5);
	assert_int_equal(ack_open(&s, b->spool.dir, b->spool.epoch + 1, true, NULL), 0);
	assert_int_equal(ack_write(&s, &ack), 0);
	slots_close(&s);
	open_ack(b, &s, false);
	ack_read(&s, &got, NULL);
	assert_int_equal(ack_highest(&got.chain[ACK_REC]), 0);
	slots_close(&s);
}

/* Either slot cut at every byte: the counts and the frontier fall back together, or not at all. */
static void either_slot_cut_at_any_byte_leaves_a_whole_ack(void **state)
{
	static uint8_t before[2 * SLOTS_SIZE], after[2 * SLOTS_SIZE];
	struct box *b = *state;
	struct slots s;
	struct ack ack[3], got;

	for (int which = 0; which < 2; which++) {
		open_ack(b, &s, true);
		for (unsigned i = 0; i < 3; i++) {
			full_ack(&ack[i], 1000 * (i + 1) + (unsigned)which);
			assert_int_equal(ack_write(&s, &ack[i]), 0);
			if (i == 2)
				break;
			assert_int_equal(pread(s.fd, before, sizeof(before), 0), sizeof(before));
		}
		assert_int_equal(pread(s.fd, after, sizeof(after), 0), sizeof(after));
		off_t slot = memcmp(before, after, SLOTS_SIZE) ? 0 : SLOTS_SIZE;
		for (size_t n = 0; n <= SLOTS_SIZE; n++) {
			assert_int_equal(pwrite(s.fd, before, sizeof(before), 0), sizeof(before));
			assert_int_equal(pwrite(s.fd, after + slot, n, slot), n);
			ack_read(&s, &got, NULL);
			assert_true(memcmp(&got, &ack[1], sizeof(got)) == 0 ||
				    memcmp(&got, &ack[2], sizeof(got)) == 0);
		}
		assert_memory_equal(&got, &ack[2], sizeof(got));
		if (which == 0) /* one more write: the other slot is the newer one next time */
			assert_int_equal(ack_write(&s, &ack[0]), 0);
		slots_close(&s);
	}
}

static void ranges_that_cannot_be_are_not_believed(void **state)
{
	static const struct ack_range bad[][2] = {
		{ { .first = 5, .last = 9 }, { .first = 20, .last = 30 } },   /* at the frontier */
		{ { .first = 11, .last = 20 }, { .first = 20, .last = 30 } }, /* overlap */
		{ { .first = 30, .last = 40 }, { .first = 11, .last = 20 } }, /* fall */
		{ { .first = 20, .last = 19 }, { .first = 30, .last = 31 } }, /* backwards */
	};
	struct box *b = *state;
	struct slots s;
	struct ack good, ack, got, older;

	full_ack(&good, 3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_ack(b, &s, true);
		assert_int_equal(ack_write(&s, &good), 0);
		ack = good;
		ack.chain[ACK_REC].frontier = 10;
		ack.chain[ACK_REC].nranges = 2;
		memcpy(ack.chain[ACK_REC].ranges, bad[i], sizeof(bad[i]));
		assert_int_equal(ack_write(&s, &ack), 0);
		ack_read(&s, &got, &older);
		assert_memory_equal(&got, &good, sizeof(got));
		slots_close(&s);
	}
}

static void more_ranges_than_there_is_room_for_are_not_believed(void **state)
{
	struct box *b = *state;
	struct slots s;
	struct ack ack, got;
	uint8_t packed[SLOTS_CONTENTS];

	full_ack(&ack, 3);
	open_ack(b, &s, true);
	assert_int_equal(ack_write(&s, &ack), 0);
	int newer = slots_read(&s);
	uint32_t len = s.len[newer];
	memcpy(packed, s.contents[newer], len);
	assert_int_equal(packed[64], ACK_RANGES_MAX);
	packed[64]++;
	assert_int_equal(slots_write(&s, packed, len), 0);
	assert_int_equal(slots_write(&s, packed, len - 1), 0); /* and one that ends too early */
	ack_read(&s, &got, NULL);
	assert_int_equal(ack_highest(&got.chain[ACK_REC]), 0);
	slots_close(&s);
}

static void first_comes_back_and_begins_at_one(void **state)
{
	struct box *b = *state;
	struct slots s;
	const struct first want = { .first_seq = 77,
		.trimmed = 5,
		.trimmed_bytes = 6,
		.to_tell = 9,
		.repeated = 7,
		.last = { .reason = LOSS_TRIMMED,
			.count = 1,
			.bytes = 2,
			.first_seq = 3,
			.last_seq = 4,
			.start_ns = -5,
			.end_ns = 6 } };
	struct first got;

	assert_int_equal(first_open(&s, b->spool.dir, b->spool.epoch, false, NULL), ERR_END);
	first_read(&s, &got);
	assert_int_equal(got.first_seq, 1);
	assert_int_equal(first_open(&s, b->spool.dir, b->spool.epoch, true, NULL), 0);
	first_read(&s, &got);
	assert_int_equal(got.first_seq, 1);
	assert_int_equal(first_write(&s, &want), 0);
	first_read(&s, &got);
	assert_int_equal(got.first_seq, 77);
	assert_int_equal(got.trimmed, 5);
	assert_int_equal(got.trimmed_bytes, 6);
	assert_int_equal(got.to_tell, 9);
	assert_int_equal(got.repeated, 7);
	assert_int_equal(got.last.reason, LOSS_TRIMMED);
	assert_true(got.last.count == 1 && got.last.bytes == 2 && got.last.first_seq == 3);
	assert_true(got.last.last_seq == 4 && got.last.start_ns == -5 && got.last.end_ns == 6);
	slots_close(&s);
}

static void an_ack_is_no_first(void **state)
{
	struct box *b = *state;
	struct slots s;
	struct ack ack;
	struct first got;

	full_ack(&ack, 9);
	open_ack(b, &s, true);
	assert_int_equal(ack_write(&s, &ack), 0);
	slots_close(&s);
	assert_int_equal(rename(box_path(b, "ack"), box_path(b, "first")), 0);
	assert_int_equal(first_open(&s, b->spool.dir, b->spool.epoch, false, NULL), 0);
	first_read(&s, &got);
	assert_int_equal(got.first_seq, 1);
	slots_close(&s);
}

/* A cut undid a commit that the shipper had sent; the tail, which is never synced, knows of it. */
static void i2_what_is_settled_and_gone_is_no_damage(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct slots s;

	box_append_ok(c, 10, 0);
	chain_close(c);
	tail_open(&s, b->spool.dir, "rec", b->spool.epoch, true);
	const struct tail ahead = { .last_seq = 25, .totals = { .committed = 25 } };
	assert_int_equal(tail_write(&s, &ahead), 0);
	slots_close(&s);
	c = box_chain(b, 25);
	assert_int_equal(chain_next_seq(c), 26);
	assert_int_equal(chain_totals(c)->committed, 25);
	assert_int_equal(chain_totals(c)->skipped, 0);
	chain_close(c);
	c = box_chain(b, 24); /* but this one record nobody has */
	assert_true(chain_next_seq(c) > UINT32_MAX);
	chain_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coverage_is_what_counting_by_hand_says),
		cmocka_unit_test(the_ends_of_the_numbers_are_no_special_case),
		cmocka_unit_test(late_failure_store_and_apart_do_not_count_in_the_sum),
		BOX_TEST(a_full_ack_comes_back_and_the_older_one_too),
		BOX_TEST(without_a_file_or_of_another_epoch_nothing_is_settled),
		BOX_TEST(either_slot_cut_at_any_byte_leaves_a_whole_ack),
		BOX_TEST(ranges_that_cannot_be_are_not_believed),
		BOX_TEST(more_ranges_than_there_is_room_for_are_not_believed),
		BOX_TEST(first_comes_back_and_begins_at_one),
		BOX_TEST(an_ack_is_no_first),
		BOX_TEST(i2_what_is_settled_and_gone_is_no_damage),
	};

	return TEST_RUN(tests);
}
