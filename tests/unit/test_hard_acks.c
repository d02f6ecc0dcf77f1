/* test_hard_acks.c -- the real espcap-ship where ack, letters and records do not fit together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box.h"
#include "dead.h"
#include "request.h"
#include "run_ship.h"

static const char *out_file(const struct box *b)
{
	static char path[PATHS_MAX * 2];

	(void)snprintf(path, sizeof(path), "%s/out.ndjson", b->dir);
	return path;
}

/* One line of a record, in a frame of its own. */
static void put_line(
	struct box *b, const char *chain, enum frame_kind kind, uint64_t run, uint64_t seq)
{
	const struct chain_conf conf = { .name = chain, .map_size = CHAIN_MAP_SMALL };
	const struct dead_letter letter = { .run = run,
		.seq = seq,
		.chain = ACK_REC,
		.kind = FRAME_SLIM,
		.index = "p",
		.status = 400,
		.type = "odd",
		.reason = "",
		.attempts = 1,
		.record = "{\"n\":1}",
		.len = 7 };
	struct chain *c;
	struct buf text;

	buf_init(&text, FRAME_RAW_MAX);
	assert_int_equal(dead_letter_write(&letter, &text), 0);
	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	assert_int_equal(chain_append_text(c, kind, &text, 1, NULL, NULL), 0);
	chain_close(c);
	buf_done(&text);
}

static void bury(struct box *b, uint64_t run, uint64_t seq)
{
	put_line(b, "dead", FRAME_DEAD, run, seq);
}

static void park(struct box *b, uint64_t run, uint64_t seq)
{
	put_line(b, "parked", FRAME_PARKED, run, seq);
}

/* A cut has undone commits of which a letter was written: other records have their numbers now, and
 * are not what the letter says. */
static void a_letter_of_an_undone_commit_buries_nobody_else(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 8, 10);
	uint64_t run = chain_run(c);
	chain_close(c);
	bury(b, run + 1, 3);
	bury(b, run, 5);
	bury(b, run + 1, 9); /* which somebody else will have */
	(void)run_ship(b, "--out-file", out_file(b));
	assert_int_equal(run_ship_acked(b).frontier, 8);
	assert_int_equal(run_ship_acked(b).counts.dead, 1);
	assert_int_equal(run_ship_acked(b).counts.indexed, 7);
	assert_true(box_find(out_file(b), "\"n\":3,", 6) >= 0);
	assert_true(box_find(out_file(b), "\"n\":5,", 6) < 0);
}

/* The frame was damaged after letters were made of some of its records, and before the ack knew: the
 * letters are there, so only the others are lost; also where the chain ends with it. */
static void a_damaged_record_that_has_a_letter_is_not_lost(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	for (int i = 0; i < 3; i++)
		box_append_ok(c, 4, 4000);
	uint64_t run = chain_run(c);
	chain_close(c);
	for (uint64_t seq = 5; seq < 12; seq += 4) {
		box_poke(box_data(b, 1), box_frame(b, 1, seq) + FRAME_HEADER + 99, "\xff\xff", 2);
		bury(b, run, seq + 1);
		bury(b, run, seq + 2);
	}
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 1);
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, 12);
	assert_int_equal(now.counts.indexed, 4);
	assert_int_equal(now.counts.dead, 4);
	assert_int_equal(now.counts.lost, 4);
}

static void write_ack(struct box *b, const struct ack *ack)
{
	struct slots slots;

	if (box_has(b, "ack"))
		assert_int_equal(unlink(box_path(b, "ack")), 0);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, ack), 0);
	slots_close(&slots);
}

/* Letters that were tried again are gone; then the ack is lost. */
static void a_lost_ack_makes_no_damage_of_letters_that_are_settled(void **state)
{
	struct box *b = *state;
	const char *const words[] = { "dead", "purge", b->spool.dir, "--all", NULL };
	struct chain *c = box_chain(b, 0);
	int status = -1;

	box_append_ok(c, 4, 10);
	bury(b, chain_run(c), 1);
	bury(b, chain_run(c), 2);
	bury(b, chain_run(c), 3);
	chain_close(c);
	box_remove_tree(box_path(b, "dead/00000000000000000001"));
	box_remove_tree(box_path(b, "dead/00000000000000000002"));
	(void)run_ship(b, "--out-file", out_file(b));
	pid_t espcap = run_start("espcap", words);
	assert_int_equal(waitpid(espcap, &status, 0), espcap);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	assert_true(box_find(out_file(b), "purged", 6) >= 0);
	assert_true(box_find(out_file(b), "corrupt", 7) < 0);
}

/* A ship that is killed as soon as it has done what was asked for. */
static void purge_by_ship(struct box *b)
{
	const char *const words[] = { "--spool", b->spool.dir, "--out-file", out_file(b),
		"--config", "", NULL };
	static struct request r = { .action = REQUEST_PURGE, .until = 2, .before_ns = INT64_MAX };
	const struct timespec pause = { .tv_nsec = 1000000 };
	int status;

	assert_int_equal(request_put(&b->spool, &r, NULL), 0);
	pid_t ship = run_start("espcap-ship", words);
	for (int i = 0; i < 30000 && request_is_there(&b->spool); i++)
		(void)nanosleep(&pause, NULL);
	assert_int_equal(kill(ship, SIGKILL), 0);
	assert_int_equal(waitpid(ship, &status, 0), ship);
	assert_false(request_is_there(&b->spool));
}

static void purge_by_espcap(struct box *b)
{
	const char *const words[] = { "dead", "purge", b->spool.dir, "--all", NULL };
	int status = -1;
	pid_t espcap = run_start("espcap", words);

	assert_int_equal(waitpid(espcap, &status, 0), espcap);
	assert_int_equal(status, 0);
}

/* The newer slot is damaged behind a purge. */
static void purged_letters_stay_away(struct box *b, void (*purge)(struct box *))
{
	struct chain *c = box_chain(b, 0);
	struct slots slots;
	struct ack ack;

	box_append_ok(c, 4, 10);
	bury(b, chain_run(c), 1);
	bury(b, chain_run(c), 2);
	chain_close(c);
	(void)run_ship(b, "--out-file", out_file(b));
	purge(b);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	box_flip(box_path(b, "ack"), slots_read(&slots) * SLOTS_SIZE + SLOTS_HEADER);
	ack_read(&slots, &ack, NULL);
	slots_close(&slots);
	assert_int_equal(ack.chain[ACK_DEAD].frontier, 2);
	assert_int_equal(ack.chain[ACK_DEAD].counts.lost, 2);
}

static void letters_that_a_ship_purged_stay_away(void **state)
{
	purged_letters_stay_away(*state, purge_by_ship);
}

static void letters_that_espcap_purged_stay_away(void **state)
{
	purged_letters_stay_away(*state, purge_by_espcap);
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

/* What the newer slot alone calls settled stays until the older one does: a ship is killed when it
 * has trimmed, and then the newer slot is damaged. */
static void letters_go_when_both_slots_know(void **state)
{
	struct box *b = *state;
	const char *const words[] = { "--spool", b->spool.dir, "--out-file", out_file(b),
		"--config", "", NULL };
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct ack ack = { .chain[ACK_REC] = { .frontier = 3, .counts.dead = 3 } };
	struct chain *c = box_chain(b, 0);
	struct slots slots;
	int status;

	box_append_ok(c, 4, 10);
	for (uint64_t seq = 1; seq <= 3; seq++)
		bury(b, chain_run(c), seq);
	chain_close(c);
	write_ack(b, &ack);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	ack_read(&slots, &ack, NULL);
	ack.chain[ACK_DEAD] = (struct ack_chain){ .frontier = 1, .counts.lost = 1 };
	assert_int_equal(ack_write(&slots, &ack), 0);
	pid_t ship = run_start("espcap-ship", words);
	for (int i = 0; i < 30000 && box_has(b, "dead/00000000000000000001"); i++)
		(void)nanosleep(&pause, NULL);
	assert_int_equal(kill(ship, SIGKILL), 0);
	assert_int_equal(waitpid(ship, &status, 0), ship);
	assert_false(box_has(b, "dead/00000000000000000001"));
	box_flip(box_path(b, "ack"), slots_read(&slots) * SLOTS_SIZE + SLOTS_HEADER);
	ack_read(&slots, &ack, NULL);
	slots_close(&slots);
	assert_int_equal(ack.chain[ACK_DEAD].frontier, 1);
}

/* The same where the older slot has ranges: what they have counted is counted once, also of one that
 * reaches into what is still there. */
static void an_ack_that_falls_back_counts_each_letter_once(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_fill(c, 3);
	uint64_t run = chain_run(c), all = chain_next_seq(c) - 1, last = box_nth(b, 2);
	chain_close(c);
	bury(b, run, 2);
	bury(b, run, 5);
	bury(b, run, last + 1);
	bury(b, run, last + 2);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 1);
	assert_int_equal(box_nth(b, 0), last);
	struct ack old = {
		.chain[ACK_REC] = { .frontier = 1,
			.counts.indexed = 1,
			.nranges = 2,
			.ranges = { { .first = 4, .last = 6, .indexed = 2, .dead = 1 },
				{ .first = last - 2, .last = last + 2, .indexed = 3, .dead = 2 } } }
	};
	write_ack(b, &old);
	(void)run_ship(b, "--out-file", out_file(b));
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, all);
	assert_int_equal(now.counts.dead, 4);
	assert_int_equal(ack_sum(&now.counts), all);
}

/* A letter that stayed when others were asked for lies there twice. */
static void an_ack_that_falls_back_counts_a_letter_once_that_lies_there_twice(void **state)
{
	struct box *b = *state;
	const struct ack old = { .chain[ACK_REC] = { .frontier = 1, .counts.indexed = 1 } };
	struct chain *c = box_chain(b, 0);

	box_fill(c, 3);
	uint64_t run = chain_run(c), all = chain_next_seq(c) - 1;
	chain_close(c);
	bury(b, run, 2);
	bury(b, run, 5);
	bury(b, run, 2);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 1);
	assert_true(box_nth(b, 0) > 5);
	write_ack(b, &old);
	(void)run_ship(b, "--out-file", out_file(b));
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, all);
	assert_int_equal(now.counts.dead, 2);
	assert_int_equal(ack_sum(&now.counts), all);
}

/* What was moved to parked/ is settled there, and counted there. */
static void an_ack_that_falls_back_counts_what_was_parked_where_it_is(void **state)
{
	struct box *b = *state;
	const struct ack old = { .chain[ACK_REC] = { .frontier = 1, .counts.indexed = 1 } };
	struct chain *c = box_chain(b, 0);

	box_fill(c, 3);
	uint64_t run = chain_run(c), all = chain_next_seq(c) - 1;
	chain_close(c);
	park(b, run, 5);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 0);
	assert_true(box_nth(b, 0) > 5);
	assert_int_equal(run_ship_acked(b).counts.apart, 1);
	write_ack(b, &old);
	(void)run_ship(b, "--out-file", out_file(b));
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, all);
	assert_int_equal(now.counts.apart, 1);
	assert_int_equal(ack_sum(&now.counts), all - 1);
}

/* And where a loss document has named some of what was trimmed. */
static void an_ack_that_falls_back_knows_what_was_lost(void **state)
{
	struct box *b = *state;
	const struct ack old = { .chain[ACK_REC] = { .frontier = 1, .counts.indexed = 1 } };
	struct chain *c = box_chain(b, 0);

	box_fill(c, 3);
	uint64_t all = chain_next_seq(c) - 1;
	chain_close(c);
	box_poke(box_data(b, 1), box_frame(b, 1, 5) + FRAME_HEADER + 99, "\xff\xff", 2);
	assert_int_equal(run_ship(b, "--out-file", out_file(b)), 1);
	assert_true(box_nth(b, 0) > 8);
	write_ack(b, &old);
	(void)run_ship(b, "--out-file", out_file(b));
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, all);
	assert_int_equal(now.counts.lost, 4);
	assert_int_equal(ack_sum(&now.counts), all);
}

static void tell(struct box *b, uint64_t first, uint64_t last, uint64_t count)
{
	const struct chain_conf conf = { .name = "loss", .map_size = CHAIN_MAP_SMALL };
	const struct loss loss = {
		.reason = LOSS_CORRUPT, .count = count, .first_seq = first, .last_seq = last
	};
	struct chain *c;

	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	assert_int_equal(chain_append_loss(c, &loss, "box", 1, NULL), 0);
	chain_close(c);
}

/* Frames of four records, of which some are damaged; the ack knows of 4, and of those from 5 up to
 * `known`. A loss document tells of `count` of [first, last]. How many more are told of then? */
static uint64_t told_in_the_end(
	struct box *b, const uint64_t *damaged, uint64_t known, uint64_t first, uint64_t last)
{
	struct ack ack = { .chain[ACK_REC] = { .frontier = 3, .counts.indexed = 3, .nranges = 1 } };
	struct chain *c = box_chain(b, 0);
	struct slots slots;

	for (int i = 0; i < 6; i++)
		box_append_ok(c, 4, 4000);
	chain_close(c);
	for (; *damaged; damaged++)
		box_poke(box_data(b, 1), box_frame(b, 1, *damaged) + FRAME_HEADER + 99, "\xff\xff",
			2);
	ack.chain[ACK_REC].ranges[0] = (struct ack_range){
		.first = 5, .last = known, .indexed = (uint32_t)(known - 8), .lost = 4
	};
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, &ack), 0);
	slots_close(&slots);
	tell(b, first, last, 4);
	(void)run_ship(b, "--out-file", out_file(b));
	struct ack_chain now = run_ship_acked(b);
	assert_int_equal(now.frontier, 24);
	assert_int_equal(ack_sum(&now.counts), 24);
	return now.counts.lost;
}

static unsigned documents(struct box *b)
{
	char line[4096];
	unsigned n = 0;
	FILE *f = fopen(out_file(b), "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, "\"reason\":\"corrupt\",\"count\":4,") != NULL;
	assert_int_equal(fclose(f), 0);
	return n;
}

/* Damage beside damage that was told of, and that the ack knows of. */
static void damage_is_told_beside_what_is_known(void **state)
{
	static const uint64_t damaged[] = { 9, 13, 0 };

	assert_int_equal(told_in_the_end(*state, damaged, 12, 9, 12), 8);
	assert_int_equal(documents(*state), 2);
}

/* A gap that was told of as a whole, of which the ack knows a part. */
static void damage_is_told_once_though_its_gap_has_become_smaller(void **state)
{
	static const uint64_t damaged[] = { 9, 13, 0 };

	assert_int_equal(told_in_the_end(*state, damaged, 12, 5, 16), 8);
	assert_int_equal(documents(*state), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_letter_of_an_undone_commit_buries_nobody_else),
		BOX_TEST(a_damaged_record_that_has_a_letter_is_not_lost),
		BOX_TEST(letters_that_a_ship_purged_stay_away),
		BOX_TEST(letters_that_espcap_purged_stay_away),
		BOX_TEST(damage_is_told_beside_what_is_known),
		BOX_TEST(damage_is_told_once_though_its_gap_has_become_smaller),
		BOX_TEST(a_lost_ack_makes_no_damage_of_letters_that_are_settled),
		BOX_TEST(an_ack_that_falls_back_behind_a_trim_loses_no_count),
		BOX_TEST(letters_go_when_both_slots_know),
		BOX_TEST(an_ack_that_falls_back_counts_each_letter_once),
		BOX_TEST(an_ack_that_falls_back_counts_a_letter_once_that_lies_there_twice),
		BOX_TEST(an_ack_that_falls_back_counts_what_was_parked_where_it_is),
		BOX_TEST(an_ack_that_falls_back_knows_what_was_lost),
	};

	return TEST_RUN(tests);
}
