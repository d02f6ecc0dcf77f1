/* test_bad_disk.c -- a disk that refuses: segments made anew, and each call of a writer in turn. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "feed.h"

enum { CAP = 3 * FEED_MAP };

/* --- a chain and its reader --- */

/* A first commit fails, one of a birth goes well, a second commit fails. */
static void first_and_third_sync(enum disk_call call, const char *path, void *arg)
{
	unsigned *n = arg;

	(void)path;
	if (call == DISK_SYNC && (++*n == 1 || *n == 3))
		disk_fail(DISK_SYNC, 0, 1, EIO);
}

/* The reader has the failed segment open when another one takes its name. */
static void a_reader_finds_a_segment_that_was_made_anew(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct reader_frame f;
	struct reader *r;
	unsigned syncs = 0;

	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	box_append_ok(c, 5, 10);
	assert_int_equal(reader_next(r, 1, &f), 0);
	disk_watch(first_and_third_sync, &syncs);
	assert_int_equal(box_append(c, 5, 10), ERR_SPOOL_IO);
	disk_reset();
	assert_int_equal(reader_next(r, 6, &f), ERR_END);
	assert_int_equal(chain_segments(c), 2);
	box_append_ok(c, 5, 10);
	assert_int_equal(chain_segments(c), 2);
	assert_int_equal(reader_next(r, 6, &f), 0);
	assert_true(f.header.first_seq == 6 && f.header.count == 5 && !f.gap.first);
	box_append_ok(c, 5, 10);
	assert_int_equal(reader_next(r, 11, &f), 0);
	reader_free(r);
	chain_close(c);
	assert_true(box_nth(b, 0) == 1 && box_nth(b, 1) == 6);
	struct box_seen seen = box_read(b, "rec", 1);
	assert_true(seen.records == 15 && seen.gaps == 0);
}

/* A name that cannot be had again yet is no reason to stop for ever. */
static void what_could_not_be_removed_is_removed_later(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	unsigned syncs = 0;

	box_append_ok(c, 5, 10);
	disk_watch(first_and_third_sync, &syncs);
	assert_int_equal(box_append(c, 5, 10), ERR_SPOOL_IO);
	disk_reset();
	disk_fail(DISK_RENAME, 1, 2, EIO);
	assert_int_equal(box_append(c, 5, 10), ERR_SPOOL_IO);
	disk_fail(DISK_UNLINK, 1, 2, EIO);
	assert_int_equal(box_append(c, 5, 10), ERR_SPOOL_IO);
	disk_reset();
	box_append_ok(c, 5, 10);
	chain_close(c);
	struct box_seen seen = box_read(b, "rec", 1);
	assert_true(seen.records == 10 && seen.gaps == 0);
	assert_false(box_has(b, "quarantine/rec-00000000000000000006.1"));
}

/* LMDB leaves a meta page behind that is neither old nor new, and the records in the file. */
static void nothing_is_left_of_a_commit_whose_meta_page_failed(void **state)
{
	struct box *b = *state;

	for (unsigned i = 0; i < 12; i++) { /* whichever free pages LMDB takes */
		struct chain *c = box_chain(b, 0);
		uint64_t next = chain_next_seq(c), n = 1 + i % 4;
		for (unsigned k = 0; k < n; k++)
			box_append_ok(c, 5, k % 2 ? 10 : 30000);
		disk_fail(i % 3 ? DISK_META : DISK_SYNC, 1, 1000, EIO);
		assert_int_equal(box_append(c, 7, 10), ERR_SPOOL_IO);
		disk_reset();
		chain_abandon(c);
		chain_close(c);
		struct box_seen seen = box_read(b, "rec", next);
		assert_true(seen.records == 5 * n && seen.gaps == 0);
	}
}

/* A commit that failed and is on the disk all the same: a segment of another spool with the same
 * epoch, which holds more, in the place of the old one. */
static void spread(struct box *b)
{
	struct box other = *b;
	char command[4 * PATHS_MAX];

	assert_int_equal(paths_join(other.dir, b->dir, "other"), 0);
	assert_int_equal(paths_join(other.spool.dir, b->dir, "other"), 0);
	assert_int_equal(mkdir(other.dir, 0700), 0);
	struct chain *c = box_chain(&other, 0);
	box_append_ok(c, 5, 10);
	box_append_ok(c, 5, 10);
	chain_close(c);
	(void)snprintf(command, sizeof(command), "cp %s/rec/%020d/data.mdb %s", other.dir, 1,
		box_data(b, 1));
	assert_int_equal(system(command), 0);
}

static void a_failed_commit_that_came_to_the_disk_is_given_up_once(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	const struct ack_chain none = { 0 };
	struct slots slots;
	struct first first;
	struct loss loss;

	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	first_read(&slots, &first);
	box_append_ok(c, 5, 10);
	disk_fail(DISK_SYNC, 1, 1, EIO);
	box_append_ok(c, 5, 10);
	disk_reset();
	assert_int_equal(box_nth(b, 1), 6);
	spread(b);
	struct box_seen seen = box_read(b, "rec", 1);
	assert_true(seen.records == 10 && seen.gaps == 0);
	assert_int_equal(chain_drop_oldest(c, &none, &slots, &first, &loss), 0);
	assert_true(loss.count == 5 && loss.first_seq == 1 && loss.last_seq == 5);
	assert_true(first.trimmed == 5 && first.first_seq == 6);
	slots_close(&slots);
	chain_close(c);
}

/* What was given up durably is said, and once, though its segment cannot be removed yet. */
static void what_cannot_be_removed_is_given_up_once(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	const struct ack_chain none = { 0 };
	struct slots slots;
	struct first first;
	struct loss loss;

	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	first_read(&slots, &first);
	box_fill(c, 3);
	uint64_t records = box_nth(b, 1) - 1;
	disk_fail(DISK_RENAME, 1, 2, EIO);
	assert_int_equal(chain_drop_oldest(c, &none, &slots, &first, &loss), ERR_SPOOL_IO);
	assert_int_equal(loss.count, records);
	assert_int_equal(chain_drop_oldest(c, &none, &slots, &first, &loss), ERR_SPOOL_IO);
	assert_int_equal(loss.count, 0);
	assert_int_equal(chain_drop_oldest(c, &none, &slots, &first, &loss), 0);
	assert_true(loss.count == 0 && first.trimmed == records && chain_segments(c) == 2);
	slots_close(&slots);
	chain_close(c);
}

/* A broken call is made up for by a new segment; a full disk is for the caller to decide about. */
static void append(struct chain *c, size_t pad)
{
	int err = box_append(c, 4, pad);

	assert_true(!err || err == ERR_SPOOL_FULL);
	if (err)
		box_append_ok(c, 4, pad);
}

static void one_failure_of_any_call_loses_nothing(void **state)
{
	struct box *b = *state;
	unsigned n = 1;

	for (bool met = true; met; n++) {
		struct chain *c = box_chain(b, 0);
		disk_reset();
		disk_fail(DISK_ANY, n, 1, n % 2 ? EIO : ENOSPC);
		for (int i = 0; i < 12; i++) /* a segment and a half */
			append(c, i % 2 ? 30000 : 15000);
		met = disk_count(DISK_ANY) >= n;
		disk_reset();
		uint64_t last = chain_next_seq(c) - 1;
		chain_close(c);
		struct box_seen seen = box_read(b, "rec", 1);
		assert_true(seen.last == last && seen.lost == 0);
	}
	(void)printf("%u calls of a chain failed in turn\n", n - 2);
	assert_true(n > 40);
}

/* --- a writer that gives up its oldest records, while its disk fails --- */

static void check_counts(struct feed *f)
{
	const uint64_t *lost = f->last.lost;

	assert_int_equal(f->offered,
		f->last.committed + lost[LOSS_RING_FULL] + lost[LOSS_SPOOL_FULL] + f->last.left);
	if (f->last.unreported) { /* the next one says it */
		struct feed next = feed_open(f->box, WRITER_DROP_OLDEST, CAP);
		assert_int_equal(feed_close(&next, NULL), 0);
		f->last.events += next.last.events;
		f->last.lost[LOSS_TRIMMED] += next.last.lost[LOSS_TRIMMED];
	}
	struct feed_found found = feed_find(f->box);
	assert_int_equal(found.totals.committed, f->last.committed + f->last.events);
	for (unsigned r = 0; r < LOSS_TOTALS; r++)
		assert_int_equal(found.totals.lost[r], lost[r]);
	assert_int_equal(found.records + found.documents + lost[LOSS_TRIMMED],
		f->last.committed + f->last.events);
}

static void refill(struct box *b, unsigned nth, unsigned times, int error)
{
	struct feed f = feed_open(b, WRITER_DROP_OLDEST, CAP);

	disk_reset();
	disk_fail(DISK_ANY, nth, times, error);
	for (int i = 0; i < 16; i++) {
		feed_push(&f, FRAME_FULL, 150, 14000);
		writer_status(f.writer, &f.last);
		while (f.last.committed + f.last.lost[LOSS_SPOOL_FULL] +
				f.last.lost[LOSS_RING_FULL] <
			f.offered) {
			(void)usleep(1000);
			writer_status(f.writer, &f.last);
		}
	}
	disk_fail(DISK_ANY, 0, 0, 0); /* well again, before it closes */
	assert_int_equal(feed_close(&f, NULL), 0);
	check_counts(&f);
}

static void i7_drop_oldest_on_a_failing_disk_counts_every_record(void **state)
{
	bool all = getenv("ESPCAP_LONG") != NULL;
	void *box = NULL;
	unsigned rounds = 0, calls = 1000;

	(void)state;
	for (unsigned n = 1; n < calls; n += all ? 1 : 23) {
		const int error = n % 2 ? EIO : ENOSPC;
		assert_int_equal(box_make(&box), 0);
		refill(box, n, n % 3 ? 1 : 25, error);
		calls = disk_count(DISK_ANY);
		assert_int_equal(box_drop(&box), 0);
		rounds++;
	}
	(void)printf("%u rounds with a failing call, of %u calls\n", rounds, calls);
	assert_true(rounds >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FEED_TEST(a_reader_finds_a_segment_that_was_made_anew),
		FEED_TEST(what_could_not_be_removed_is_removed_later),
		FEED_TEST(nothing_is_left_of_a_commit_whose_meta_page_failed),
		FEED_TEST(a_failed_commit_that_came_to_the_disk_is_given_up_once),
		FEED_TEST(what_cannot_be_removed_is_given_up_once),
		FEED_TEST(one_failure_of_any_call_loses_nothing),
		cmocka_unit_test(i7_drop_oldest_on_a_failing_disk_counts_every_record),
	};

	return TEST_RUN(tests);
}
