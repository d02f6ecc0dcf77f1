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
#include "record_id.h"
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

static void die(enum disk_call call, const char *path, void *arg)
{
	(void)path;
	(void)arg;
	if (call == DISK_META)
		_exit(0);
}

/* Three frames of four records; of a fourth one the pages are written, and no meta page. */
static void write_and_die_in_a_commit(struct box *b)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct chain *c = box_chain(b, 0);
		for (int i = 0; i < 3; i++)
			box_append_ok(c, 4, 2000);
		disk_watch(die, NULL);
		(void)box_append(c, 4, 2000);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static pid_t start_ship(const struct box *b)
{
	const char *const words[] = { "--spool", b->spool.dir, "--out-file", out_file(b), "--setup",
		"never", "--config", "", NULL };

	return run_start("espcap-ship", words);
}

static bool comes(const char *path, const char *text)
{
	for (int i = 0; i < 1000; i++) {
		if (access(path, F_OK) == 0 && box_find(path, text, strlen(text)) >= 0)
			return true;
		(void)usleep(10000);
	}
	return false;
}

/* A search from end to end finds what a kill kept from being committed. Its numbers go to the records
 * of the next capture: who had shipped it would take those for stored. */
static void what_was_never_committed_is_not_shipped(void **state)
{
	struct box *b = *state;
	char part[RECORD_ID_PART + 1] = "";
	struct lock trim;

	write_and_die_in_a_commit(b);
	box_poke(box_data(b, 1), box_frame(b, 1, 5) + FRAME_HEADER + 20, "\xff\xff", 2);
	/* no ack can be written: the spool does not know what the ship knows */
	assert_int_equal(spool_lock_trim(&b->spool, 0, &trim), 0);
	pid_t ship = start_ship(b);
	assert_true(comes(out_file(b), "\"n\":12,"));
	(void)usleep(300000);
	struct chain *c = box_chain(b, 0);
	assert_int_equal(chain_next_seq(c), 13);
	box_append_ok(c, 4, 100);
	lock_drop(&trim);
	record_id_part(chain_run(c), part);
	assert_true(comes(out_file(b), part));
	chain_close(c);
	assert_int_equal(kill(ship, SIGTERM), 0);
	assert_int_equal(waitpid(ship, NULL, 0), ship);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(gaps_close_to_each_other_are_passed_however_long_they_are),
		BOX_TEST(damage_right_behind_what_was_given_up_is_told),
		BOX_TEST(what_was_never_committed_is_not_shipped),
	};

	return TEST_RUN(tests);
}
