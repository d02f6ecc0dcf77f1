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

/* The oldest segment was given up, and the next one begins with a damaged frame: the gap that a
 * ship meets is both. */
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

/* A search from end to end finds what a kill kept from being committed. Its numbers go to the
 * records of the next capture: who had shipped it would take those for stored. */
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

/* Where the tree names a frame: its key, behind the length of the key. */
static void poke_key(const struct box *b, uint64_t segment, uint64_t seq, const char key[8])
{
	char want[10] = { 8, 0 };

	for (int i = 0; i < 8; i++)
		want[2 + i] = (char)(seq >> (56 - 8 * i));
	long at = box_find(box_data(b, segment), want, sizeof(want));
	assert_true(at > 0);
	box_poke(box_data(b, segment), at + 2, key, 8);
}

/* The last frame lies whole on the disk, under another key, and no tail tells of it. */
static void hidden_by_a_key(void **state, const char key[8])
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	for (int i = 0; i < 5; i++)
		box_append_ok(c, 4, 3000);
	chain_close(c);
	poke_key(b, 1, 17, key);
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
	(void)alarm(60); /* this may loop */
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	assert_int_equal(run_ship_acked(b).frontier, 20);
	assert_int_equal(run_ship_acked(b).counts.indexed, 20);
	c = box_chain(b, 0);
	assert_int_equal(chain_totals(c)->committed, 20);
	assert_true(chain_next_seq(c) > 20);
	chain_close(c);
	assert_int_equal(box_read(b, "rec", 1).records, 20);
	(void)alarm(0);
}

static void a_frame_is_found_though_its_key_is_too_low(void **state)
{
	hidden_by_a_key(state, "\0\0\0\0\0\0\0\x0f");
}

static void a_frame_is_found_though_its_key_is_too_high(void **state)
{
	hidden_by_a_key(state, "\0\0\0\0\0\x01\0\x11");
}

static void a_frame_is_found_though_its_key_is_the_highest_there_can_be(void **state)
{
	hidden_by_a_key(state, "\xff\xff\xff\xff\xff\xff\xff\xff");
}

/* Its header is damaged, so no one knows what was in it; what lies before it is there all the
 * same. */
static void a_spool_whose_last_frame_is_damaged_is_not_called_empty(void **state)
{
	struct box *b = *state;
	const char *const words[] = { "--spool", b->spool.dir, "--node", "http://127.0.0.1:1",
		"--once", "--give-up-after", "500ms", "--setup", "check", "--config", "", NULL };
	struct chain *c = box_chain(b, 0);
	int status = -1;

	for (int i = 0; i < 5; i++)
		box_append_ok(c, 4, 3000);
	chain_close(c);
	box_poke(box_data(b, 1), box_frame(b, 1, 17) + 100, "\xff\xff", 2);
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
	pid_t ship = run_start("espcap-ship", words);
	assert_int_equal(waitpid(ship, &status, 0), ship);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* What was never committed is not waited for, either. */
static void what_was_never_committed_holds_up_no_end(void **state)
{
	struct box *b = *state;

	write_and_die_in_a_commit(b);
	box_poke(box_data(b, 1), box_frame(b, 1, 5) + FRAME_HEADER + 20, "\xff\xff", 2);
	(void)run_ship(b, "--out-file", out_file(b));
	assert_int_equal(run_ship_acked(b).frontier, 12);
	assert_int_equal(run_ship_acked(b).counts.lost, 4);
	uint64_t size = box_sum(out_file(b));
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	assert_int_equal(box_sum(out_file(b)), size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(gaps_close_to_each_other_are_passed_however_long_they_are),
		BOX_TEST(damage_right_behind_what_was_given_up_is_told),
		BOX_TEST(what_was_never_committed_is_not_shipped),
		BOX_TEST(a_frame_is_found_though_its_key_is_too_low),
		BOX_TEST(a_frame_is_found_though_its_key_is_too_high),
		BOX_TEST(a_frame_is_found_though_its_key_is_the_highest_there_can_be),
		BOX_TEST(a_spool_whose_last_frame_is_damaged_is_not_called_empty),
		BOX_TEST(what_was_never_committed_holds_up_no_end),
	};

	return TEST_RUN(tests);
}
