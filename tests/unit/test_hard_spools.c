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

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(gaps_close_to_each_other_are_passed_however_long_they_are),
	};

	return TEST_RUN(tests);
}
