/* test_hard_spools.c -- the real espcap-ship on spools that are hard to bring to an end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"
#include "chain_internal.h"
#include "disk.h"
#include "run_ship.h"
#include "tail.h"

static const char *out_file(const struct box *b)
{
	static char path[PATHS_MAX * 2];

	(void)snprintf(path, sizeof(path), "%s/out.ndjson", b->dir);
	return path;
}

/* Sequences that nobody has lie before the next frame. */
static void pass_over(struct chain *c, uint64_t n)
{
	chain_skip_to(c, chain_next_seq(c) + n);
}

static void gaps_close_to_each_other_are_passed_however_long_they_are(void **state)
{
	static const uint64_t lengths[] = { 70000, 70000, 70000, 300000, 70000, 65536, 65535 };
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	uint64_t records = 4;

	box_append_ok(c, 4, 10);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++, records += 4) {
		pass_over(c, lengths[i]);
		box_append_ok(c, 4, 10);
	}
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	assert_int_equal(run_ship_acked(b).frontier, last);
	assert_int_equal(run_ship_acked(b).counts.indexed, records);
}

/* The oldest segment was given up, and the next one begins with a damaged frame: the gap that a ship
 * meets is both. */
static void damage_right_behind_what_was_given_up_is_told(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct ack ack = { .chain[ACK_REC] = { .frontier = 4, .counts.indexed = 4 } };
	struct first first;
	struct slots slots;
	struct loss loss;

	box_fill(c, 3);
	uint64_t second = box_nth(b, 1), last = chain_next_seq(c) - 1;
	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	first_read(&slots, &first);
	assert_int_equal(chain_drop_oldest(c, &ack.chain[ACK_REC], &slots, &first, &loss), 0);
	slots_close(&slots);
	chain_close(c);
	assert_int_equal(loss.count, second - 1 - 4);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, &ack), 0);
	slots_close(&slots);
	box_poke(box_data(b, second), box_frame(b, second, second) + 40, "\xff", 1);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 1); /* something is lost */
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, last);
	assert_int_equal(now.counts.lost, 4);
	assert_int_equal(ack_sum(&now.counts), last - loss.count);
	assert_true(box_find(out_file(b), "\"reason\":\"corrupt\",\"count\":4,", 29) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(gaps_close_to_each_other_are_passed_however_long_they_are),
		BOX_TEST(damage_right_behind_what_was_given_up_is_told),
	};

	return TEST_RUN(tests);
}
