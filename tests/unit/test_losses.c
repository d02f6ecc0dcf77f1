/* test_losses.c -- losses that no document could name before the writer's end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "losses.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "feed.h"

enum { CAP = 3 * FEED_MAP, PAD = 10000 };

/* --- the file --- */

static struct slots open_file(struct box *b)
{
	struct slots s;

	assert_int_equal(losses_open(&s, b->spool.dir, b->spool.epoch, true, NULL), 0);
	return s;
}

static void what_is_written_is_read(void **state)
{
	struct slots s = open_file(*state);
	struct losses in = { 0 }, out;

	losses_read(&s, &out);
	assert_int_equal(out.counted[LOSS_SPOOL_FULL] + out.pending[LOSS_SPOOL_FULL].count, 0);
	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		in.counted[r] = 100 + r;
		in.pending[r] = (struct loss){ .reason = (enum loss_reason)r,
			.count = r,
			.bytes = 2 * r,
			.first_seq = 3,
			.last_seq = 4,
			.start_ns = 5,
			.end_ns = 6 };
	}
	assert_int_equal(losses_write(&s, &in), 0);
	slots_close(&s);
	s = open_file(*state);
	losses_read(&s, &out);
	slots_close(&s);
	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		const struct loss *p = &out.pending[r];
		assert_true(out.counted[r] == 100 + r && p->reason == r && p->count == r);
		assert_true(p->bytes == 2 * r && p->first_seq == 3 && p->last_seq == 4);
		assert_true(p->start_ns == 5 && p->end_ns == 6);
	}
}

static void what_was_reported_since_is_not_left(void **state)
{
	struct losses l = { .counted = { 50, 50 },
		.pending = { { .count = 20 }, { .reason = LOSS_RING_FULL, .count = 20 } } };

	(void)state;
	assert_int_equal(losses_left(&l, LOSS_RING_FULL, 30).count, 20);
	assert_int_equal(losses_left(&l, LOSS_RING_FULL, 45).count, 5);
	assert_int_equal(losses_left(&l, LOSS_RING_FULL, 50).count, 0);
	assert_int_equal(losses_left(&l, LOSS_RING_FULL, 80).count, 0);
	/* a chain that has forgotten what it said: never more than was pending */
	assert_int_equal(losses_left(&l, LOSS_RING_FULL, 0).count, 20);
}

/* --- the writer --- */

static uint64_t lost_by(const struct feed *f)
{
	return f->last.lost[LOSS_SPOOL_FULL] + f->last.lost[LOSS_RING_FULL];
}

static void push_and_wait(struct feed *f, uint64_t n)
{
	feed_push(f, FRAME_FULL, n, PAD);
	for (writer_status(f->writer, &f->last); f->last.committed + lost_by(f) < f->offered;
		writer_status(f->writer, &f->last))
		(void)usleep(1000);
}

/* A full spool; nobody ships. In the end not even a loss document can be committed. */
static struct feed fill(struct box *b)
{
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, CAP);

	while (!f.last.lost[LOSS_SPOOL_FULL])
		push_and_wait(&f, 200);
	disk_fail(DISK_META, 1, 1000000, ENOSPC);
	push_and_wait(&f, 50);
	return f;
}

/* A later start, with room: what of it is reported. */
static struct feed_found start_again(struct box *b)
{
	disk_reset();
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);

	assert_int_equal(feed_close(&f, NULL), 0);
	assert_int_equal(f.last.unreported, 0);
	assert_int_equal(f.last.lost[LOSS_SPOOL_FULL], 0); /* they are not its own */
	return feed_find(b);
}

static void i7_what_a_full_spool_could_not_say_is_said_at_the_next_start(void **state)
{
	struct box *b = *state;
	struct feed f = fill(b);

	assert_int_equal(feed_close(&f, NULL), 0);
	const uint64_t *lost = f.last.lost;
	uint64_t all = lost_by(&f);
	assert_int_equal(f.offered, f.last.committed + all);
	assert_int_equal(f.last.unreported,
		all - feed_find(b).lost[LOSS_SPOOL_FULL] - feed_find(b).lost[LOSS_RING_FULL]);
	assert_true(f.last.unreported > 0);
	for (int i = 0; i < 3; i++) { /* once, not at each start */
		struct feed_found found = start_again(b);
		assert_int_equal(found.lost[LOSS_SPOOL_FULL], lost[LOSS_SPOOL_FULL]);
		assert_int_equal(found.lost[LOSS_RING_FULL], lost[LOSS_RING_FULL]);
		assert_int_equal(found.totals.lost[LOSS_SPOOL_FULL], lost[LOSS_SPOOL_FULL]);
		assert_true(found.loss[LOSS_SPOOL_FULL].bytes >= lost[LOSS_SPOOL_FULL] * PAD);
	}
}

static void i7_what_two_full_starts_could_not_say_adds_up(void **state)
{
	struct box *b = *state;
	uint64_t lost = 0;

	for (int i = 0; i < 2; i++) {
		struct feed f = fill(b);
		assert_int_equal(feed_close(&f, NULL), 0);
		lost += lost_by(&f);
		disk_reset();
	}
	struct feed_found found = start_again(b);
	assert_int_equal(found.lost[LOSS_SPOOL_FULL] + found.lost[LOSS_RING_FULL], lost);
}

/* The numbers are on the disk a second later, so a kill does not take them away. */
static void lose_and_wait(struct box *b, int fd)
{
	struct feed f = fill(b);
	uint64_t lost = lost_by(&f);
	struct slots s;
	struct losses kept;
	if (losses_open(&s, b->spool.dir, b->spool.epoch, false, NULL))
		_exit(1);
	for (uint64_t sum = 0; sum != lost; (void)usleep(10000)) {
		losses_read(&s, &kept);
		sum = kept.counted[LOSS_SPOOL_FULL] + kept.counted[LOSS_RING_FULL];
	}
	if (write(fd, &lost, sizeof(lost)) != (ssize_t)sizeof(lost))
		_exit(1);
	(void)pause();
}

static void i7_a_kill_does_not_take_away_what_was_counted(void **state)
{
	struct box *b = *state;
	uint64_t lost = 0;
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0)
		lose_and_wait(b, ends[1]);
	assert_int_equal(read(ends[0], &lost, sizeof(lost)), sizeof(lost));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)close(ends[0]);
	(void)close(ends[1]);
	for (int i = 0; i < 2; i++) {
		struct feed_found found = start_again(b);
		assert_int_equal(found.lost[LOSS_SPOOL_FULL] + found.lost[LOSS_RING_FULL], lost);
	}
}

/* A blocking writer that is stopped: what was of a file is taken again, so it is not lost. */
static void records_of_a_file_are_left_and_not_lost(void **state)
{
	struct box *b = *state;
	bool stop = false;
	const struct writer_conf conf = {
		.sensor = "x", .when_full = WRITER_BLOCK, .flush_ms = 20, .cap = CAP, .stop = &stop
	};
	struct feed f = feed_open_conf(b, &conf);

	f.file = 7;
	feed_push(&f, FRAME_FULL, 3300, PAD); /* more than the spool holds, but for its buffers */
	feed_wait_state(&f, WRITER_WAITING);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	while (f.taken == f.offered) /* each that is refused is left */
		feed_push(&f, FRAME_FULL, 1, PAD);
	assert_int_equal(feed_close(&f, NULL), ERR_SPOOL_FULL);
	assert_true(f.last.left > 0);
	assert_int_equal(f.offered, f.last.committed + f.last.left);
	assert_int_equal(f.last.lost[LOSS_SPOOL_FULL] + f.last.lost[LOSS_RING_FULL], 0);
	struct feed_found found = start_again(b);
	assert_int_equal(found.records, f.last.committed);
	assert_int_equal(found.documents, 0);
	f = feed_open(b, WRITER_BLOCK, 0);
	assert_int_equal(writer_place(f.writer, 7), found.records);
	assert_int_equal(feed_close(&f, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FEED_TEST(what_is_written_is_read),
		FEED_TEST(what_was_reported_since_is_not_left),
		FEED_TEST(i7_what_a_full_spool_could_not_say_is_said_at_the_next_start),
		FEED_TEST(i7_what_two_full_starts_could_not_say_adds_up),
		FEED_TEST(i7_a_kill_does_not_take_away_what_was_counted),
		FEED_TEST(records_of_a_file_are_left_and_not_lost),
	};

	return TEST_RUN(tests);
}
