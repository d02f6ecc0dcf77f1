/* test_hard_acks.c -- the real espcap-ship where ack, letters and records do not fit together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "run_ship.h"

static const char *out_file(const struct box *b)
{
	static char path[PATHS_MAX * 2];

	(void)snprintf(path, sizeof(path), "%s/out.ndjson", b->dir);
	return path;
}

static void write_ack(struct box *b, const struct ack *ack)
{
	struct slots slots;

	assert_int_equal(unlink(box_path(b, "ack")), 0);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, ack), 0);
	slots_close(&slots);
}

/* The newer slot is damaged, or a cut took it: what was trimmed meanwhile was settled. */
static void an_ack_that_falls_back_behind_a_trim_loses_no_count(void **state)
{
	struct box *b = *state;
	struct ack old = { .chain[ACK_REC] = {
				   .frontier = 6, .counts.indexed = 5, .counts.dead = 1 } };
	struct chain *c = box_chain(b, 0);

	box_fill(c, 3);
	uint64_t all = chain_next_seq(c) - 1;
	chain_close(c);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	assert_true(box_nth(b, 0) > 6);
	write_ack(b, &old);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, all);
	assert_int_equal(now.counts.lost, 0);
	assert_int_equal(now.counts.dead, 1);
	assert_int_equal(ack_sum(&now.counts), all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(an_ack_that_falls_back_behind_a_trim_loses_no_count),
	};

	return TEST_RUN(tests);
}
