/* test_writer.c -- group commit: nothing lost uncounted, whatever the disk does. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "feed.h"

enum { CAP = 3 * FEED_MAP };

static void all_is_there(struct feed *f)
{
	struct feed_found found = feed_find(f->box);

	assert_int_equal(f->taken, f->offered);
	assert_int_equal(f->last.committed, f->taken);
	assert_int_equal(found.records, f->taken);
	assert_int_equal(found.documents, 0);
	assert_int_equal(found.seen.gaps, 0);
	assert_int_equal(found.totals.committed, f->taken);
}

static void records_come_out_as_they_went_in(void **state)
{
	struct feed f = feed_open(*state, WRITER_DROP_NEWEST, 0);

	feed_push(&f, FRAME_FULL, 3000, 700);
	assert_int_equal(feed_close(&f, NULL), 0);
	all_is_there(&f);
}

static void a_frame_holds_one_kind_and_at_most_4096_records(void **state)
{
	struct feed f = feed_open(*state, WRITER_BLOCK, 0);

	feed_push(&f, FRAME_LITE, 10000, 0);
	for (int i = 0; i < 40; i++)
		feed_push(&f, i % 2 ? FRAME_SLIM : FRAME_ECS, 1, 10);
	assert_int_equal(feed_close(&f, NULL), 0);
	all_is_there(&f);
	struct feed_found found = feed_find(*state);
	assert_int_equal(found.kinds[FRAME_LITE], 10000);
	assert_int_equal(found.kinds[FRAME_SLIM], 20);
	assert_int_equal(found.kinds[FRAME_ECS], 20);
	assert_true(found.frames >= 43);
}

static void the_flush_interval_commits_without_being_asked(void **state)
{
	struct feed f = feed_open(*state, WRITER_DROP_OLDEST, 0);

	for (uint64_t n = 1; n <= 5; n++) {
		feed_push(&f, FRAME_FULL, 1, 10);
		feed_wait_committed(&f, n);
	}
	assert_int_equal(feed_close(&f, NULL), 0);
	assert_int_equal(f.last.commits, 5);
	all_is_there(&f);
}

static void the_largest_record_fits_and_a_larger_one_is_refused(void **state)
{
	struct feed f = feed_open(*state, WRITER_DROP_NEWEST, 0);

	assert_null(writer_begin(f.writer, FRAME_FULL, WRITER_RECORD_MAX + 1, 0));
	feed_push(&f, FRAME_FULL, 300, 1000); /* the block is full to its brim before it */
	feed_push(&f, FRAME_FULL, 3, WRITER_RECORD_MAX - 64);
	assert_int_equal(feed_close(&f, NULL), 0);
	all_is_there(&f);
}

static void a_record_of_no_bytes_is_none(void **state)
{
	struct feed f = feed_open(*state, WRITER_DROP_NEWEST, 0);

	for (int i = 0; i < 10; i++) {
		assert_non_null(writer_begin(f.writer, FRAME_FULL, 100, 0));
		writer_end(f.writer, 0, 1, 0, 0);
	}
	feed_push(&f, FRAME_FULL, 2, 10);
	assert_int_equal(feed_close(&f, NULL), 0);
	all_is_there(&f);
}

/* --- (I6), (I2) over restarts, places --- */

static void i6_a_second_capture_is_refused_and_told_who_holds_the_spool(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);
	const struct writer_conf conf = { .sensor = "x", .flush_ms = 20 };
	struct writer *second = NULL;
	struct err_detail why = { "" };
	char pid[64];

	(void)snprintf(pid, sizeof(pid), "held by pid %ld, espcap-capture on ", (long)getpid());
	feed_push(&f, FRAME_FULL, 10, 10);
	assert_int_equal(writer_open(&b->spool, &conf, &second, &why), ERR_SPOOL_LOCKED);
	assert_null(second);
	assert_non_null(strstr(why.text, pid));
	feed_push(&f, FRAME_FULL, 10, 10); /* the first one is undisturbed */
	assert_int_equal(feed_close(&f, NULL), 0);
	all_is_there(&f);
	assert_int_equal(writer_open(&b->spool, &conf, &second, &why), 0);
	assert_int_equal(writer_close(second, NULL, NULL), 0);
}

static void push_of_file(struct writer *w, uint64_t file, uint64_t number)
{
	char *p = writer_begin(w, FRAME_FULL, 64, file);

	assert_non_null(p);
	memcpy(p, "{}", 2);
	writer_end(w, 2, 1, file, number);
}

static void resume_places_are_the_last_packet_of_each_file(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_BLOCK, 0);

	assert_int_equal(writer_place(f.writer, 7), 0);
	for (uint64_t n = 1; n <= 5000; n++) { /* two files, packet by packet */
		push_of_file(f.writer, 7, 2 * n);
		if (n % 100 == 0)
			push_of_file(f.writer, UINT64_MAX, n);
	}
	assert_int_equal(feed_close(&f, NULL), 0);
	for (int i = 0; i < 2; i++) {
		f = feed_open(b, WRITER_BLOCK, 0);
		assert_int_equal(writer_place(f.writer, 7), 10000);
		assert_int_equal(writer_place(f.writer, UINT64_MAX), 5000);
		assert_int_equal(writer_place(f.writer, 8), 0);
		assert_int_equal(feed_close(&f, NULL), 0);
	}
}

/* --- (I7) --- */

static void i7_drop_newest_loses_exactly_what_its_documents_say(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, CAP);

	feed_push(&f, FRAME_FULL, 200, 10000);
	while (f.offered < 5000 || f.last.lost[LOSS_SPOOL_FULL] < 500) {
		feed_push(&f, FRAME_FULL, 200, 10000);
		writer_status(f.writer, &f.last);
	}
	pid_t ship = feed_ship(b); /* room again: what was lost can be said */
	feed_wait_state(&f, WRITER_OK);
	feed_push(&f, FRAME_FULL, 10, 10000);
	assert_int_equal(feed_close(&f, NULL), 0);
	feed_end(ship);
	const uint64_t *lost = f.last.lost;
	assert_int_equal(f.offered - f.taken, lost[LOSS_RING_FULL]);
	assert_int_equal(
		f.offered, f.last.committed + lost[LOSS_RING_FULL] + lost[LOSS_SPOOL_FULL]);
	const struct feed_found found = feed_find(b); /* settled segments are gone */
	assert_int_equal(found.totals.committed, f.last.committed + f.last.events);
	assert_int_equal(found.totals.lost[LOSS_RING_FULL], lost[LOSS_RING_FULL]);
	assert_int_equal(found.totals.lost[LOSS_SPOOL_FULL], lost[LOSS_SPOOL_FULL]);
	assert_true(found.documents > 0 && found.lost[LOSS_SPOOL_FULL] <= lost[LOSS_SPOOL_FULL]);
}

static void i7_drop_oldest_loses_exactly_what_its_documents_say(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_DROP_OLDEST, CAP);

	for (int i = 0; i < 30; i++) {
		feed_push(&f, FRAME_FULL, 150, 10000);
		feed_wait_committed(&f, f.taken);
	}
	assert_int_equal(f.taken, f.offered);
	assert_int_equal(feed_close(&f, NULL), 0);
	struct feed_found found = feed_find(b);
	uint64_t trimmed = f.last.lost[LOSS_TRIMMED];
	assert_true(trimmed > 1000);
	assert_int_equal(f.last.committed, f.offered);
	assert_int_equal(f.last.lost[LOSS_SPOOL_FULL], 0);
	/* every record, and every loss document, is here or named as trimmed */
	assert_int_equal(
		found.records + found.documents + trimmed, f.last.committed + f.last.events);
	assert_int_equal(found.totals.lost[LOSS_TRIMMED], trimmed);
	assert_int_equal(found.first_number, f.offered - found.records + 1);
	struct slots slots;
	struct first first;
	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, false, NULL), 0);
	first_read(&slots, &first);
	slots_close(&slots);
	assert_int_equal(first.trimmed, trimmed);
	assert_int_equal(found.loss[LOSS_TRIMMED].last_seq, first.first_seq - 1);
}

static void i7_block_waits_and_loses_nothing(void **state)
{
	struct box *b = *state;
	pid_t ship = feed_ship(b);
	struct feed f = feed_open(b, WRITER_BLOCK, CAP);

	feed_push(&f, FRAME_FULL, 6000, 10000); /* 60 MB through 24 */
	assert_int_equal(feed_close(&f, NULL), 0);
	feed_end(ship);
	assert_int_equal(f.taken, 6000);
	assert_int_equal(f.last.committed, 6000);
	for (unsigned r = 0; r < LOSS_REASONS; r++)
		assert_int_equal(f.last.lost[r], 0);
	assert_int_equal(feed_find(b).totals.committed, 6000);
}

struct stopper {
	struct feed *feed;
	volatile bool stop;
};

static void *stop_when_waiting(void *arg)
{
	struct stopper *s = arg;
	struct writer_status status;

	do
		writer_status(s->feed->writer, &status);
	while (status.state != WRITER_WAITING);
	__atomic_store_n(&s->stop, true, __ATOMIC_RELEASE);
	return NULL;
}

static void a_blocked_writer_can_be_stopped(void **state)
{
	struct box *b = *state;
	struct feed f;
	struct stopper s = { .feed = &f };
	const struct writer_conf conf = { .sensor = "x",
		.when_full = WRITER_BLOCK,
		.flush_ms = 20,
		.cap = CAP,
		.stop = &s.stop };
	struct err_detail why = { "" };
	pthread_t thread;

	f = feed_open_conf(b, &conf);
	assert_int_equal(pthread_create(&thread, NULL, stop_when_waiting, &s), 0);
	while (f.taken == f.offered)
		feed_push(&f, FRAME_FULL, 1, 10000);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(feed_close(&f, &why), ERR_SPOOL_FULL);
	assert_non_null(strstr(why.text, b->spool.dir));
	struct feed_found found = feed_find(b);
	assert_int_equal(found.records, f.last.committed);
	assert_int_equal(found.last_number, found.records); /* nothing behind what is missing */
	assert_int_equal(f.offered, f.last.committed + f.last.lost[LOSS_SPOOL_FULL]);
	assert_int_equal(f.last.unreported, f.last.lost[LOSS_SPOOL_FULL]);
}

/* --- a slow disk, a broken disk --- */

static sem_t gate;
static _Atomic bool gate_shut;

static void hold(enum disk_call call, const char *path, void *arg)
{
	(void)path;
	(void)arg;
	if (call == DISK_SYNC && gate_shut)
		(void)sem_wait(&gate);
}

static void i7_when_a_sync_hangs_the_packet_thread_counts_and_goes_on(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);

	assert_int_equal(sem_init(&gate, 0, 0), 0);
	gate_shut = true;
	disk_watch(hold, NULL);
	while (f.offered - f.taken < 1000) /* never blocks, though nothing is written */
		feed_push(&f, FRAME_FULL, 100, 10000);
	gate_shut = false;
	assert_int_equal(sem_post(&gate), 0);
	feed_wait_committed(&f, f.taken);
	disk_reset();
	feed_push(&f, FRAME_FULL, 10, 10);
	assert_int_equal(feed_close(&f, NULL), 0);
	struct feed_found found = feed_find(b);
	assert_int_equal(found.records, f.taken);
	assert_int_equal(found.lost[LOSS_RING_FULL], f.offered - f.taken);
	assert_int_equal(f.last.lost[LOSS_RING_FULL], f.offered - f.taken);
}

static void open_gate(void *arg)
{
	unsigned *waited = arg;

	if ((*waited)++ == 0) {
		gate_shut = false;
		(void)sem_post(&gate);
	}
}

static void a_file_waits_for_a_slow_disk_whatever_the_policy(void **state)
{
	unsigned waited = 0;
	const struct writer_conf conf = { .sensor = "x",
		.when_full = WRITER_DROP_NEWEST,
		.flush_ms = 20,
		.waits = open_gate,
		.waits_arg = &waited };
	struct feed f = feed_open_conf(*state, &conf);

	f.file = 7;
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	gate_shut = true;
	disk_watch(hold, NULL);
	while (!waited && f.taken == f.offered)
		feed_push(&f, FRAME_FULL, 100, 10000);
	assert_int_equal(feed_close(&f, NULL), 0);
	disk_reset();
	assert_int_equal(f.taken, f.offered);
	assert_int_equal(f.last.committed, f.offered);
	all_is_there(&f);
}

static void a_broken_disk_ends_a_blocking_writer_with_a_sentence(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_BLOCK, 0);
	struct err_detail why = { "" };

	feed_push(&f, FRAME_FULL, 10, 10);
	feed_wait_committed(&f, 10);
	disk_fail(DISK_SYNC, 1, 1000000, EIO);
	feed_push(&f, FRAME_FULL, 10, 10);
	feed_wait_state(&f, WRITER_WAITING);
	assert_non_null(writer_begin(f.writer, FRAME_FULL, 10, 0));
	feed_wait_state(&f, WRITER_FAILED);
	assert_null(writer_begin(f.writer, FRAME_FULL, 10, 0));
	assert_int_equal(feed_close(&f, &why), ERR_SPOOL_IO);
	disk_reset();
	assert_non_null(strstr(why.text, b->spool.dir));
	assert_int_equal(feed_find(b).records, 10);
	assert_int_equal(f.last.committed, 10);
}

static void i7_a_disk_that_recovers_loses_only_what_was_counted(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);

	feed_push(&f, FRAME_FULL, 10, 10);
	feed_wait_committed(&f, 10);
	disk_fail(DISK_SYNC, 1, 1000000, EIO);
	feed_push(&f, FRAME_FULL, 25, 10);
	feed_wait_state(&f, WRITER_DROPPING);
	disk_reset();
	feed_push(&f, FRAME_FULL, 10, 10);
	feed_wait_state(&f, WRITER_OK);
	assert_int_equal(feed_close(&f, NULL), 0);
	struct feed_found found = feed_find(b);
	assert_int_equal(found.records + found.lost[LOSS_SPOOL_FULL], 45);
	assert_true(found.lost[LOSS_SPOOL_FULL] > 0);
	assert_int_equal(found.lost[LOSS_SPOOL_FULL], f.last.lost[LOSS_SPOOL_FULL]);
}

/* --- losses of others --- */

static void i7_losses_the_caller_knows_of_become_documents(void **state)
{
	struct box *b = *state;
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);
	const struct loss one = {
		.reason = LOSS_KERNEL_DROP, .count = 5, .start_ns = 1000, .end_ns = 2000
	};

	for (int i = 0; i < 40; i++) /* one document at once, the others together at the end */
		writer_lost(f.writer, &one);
	feed_push(&f, FRAME_FULL, 1, 10);
	feed_wait_committed(&f, 1);
	writer_lost(f.writer, &one);
	assert_int_equal(feed_close(&f, NULL), 0);
	struct feed_found found = feed_find(b);
	assert_int_equal(found.lost[LOSS_KERNEL_DROP], 205);
	assert_true(found.documents >= 1 && found.documents <= 3);
	assert_int_equal(f.last.events, found.documents);
	assert_int_equal(found.totals.lost[LOSS_KERNEL_DROP], 205);
}

/* A kill -9 between giving records up and committing the document that says so. */
static void i7_what_was_given_up_before_a_kill_is_reported_at_the_next_start(void **state)
{
	struct box *b = *state;
	struct first first = { .first_seq = 50,
		.trimmed = 19, /* two loss documents are among them */
		.to_tell = 17,
		.last = { .reason = LOSS_TRIMMED, .count = 9, .first_seq = 40, .last_seq = 49 } };
	struct slots slots;

	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(first_write(&slots, &first), 0);
	slots_close(&slots);
	for (int i = 0; i < 3; i++) { /* once, not at each start */
		struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);
		assert_int_equal(feed_close(&f, NULL), 0);
		struct feed_found found = feed_find(b);
		assert_int_equal(found.documents, 1);
		assert_int_equal(found.lost[LOSS_TRIMMED], 17);
		assert_int_equal(found.loss[LOSS_TRIMMED].last_seq, 49);
		assert_true(found.seen.last >= 50);
	}
}

static void i2_sequences_start_above_what_ack_and_first_know(void **state)
{
	struct box *b = *state;
	struct ack ack = { 0 };
	struct slots slots;

	ack.chain[ACK_REC].frontier = 10;
	ack.chain[ACK_REC].nranges = 1;
	ack.chain[ACK_REC].ranges[0] = (struct ack_range){ .first = 90, .last = 99, .indexed = 10 };
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, &ack), 0);
	slots_close(&slots);
	struct feed f = feed_open(b, WRITER_DROP_NEWEST, 0);
	feed_push(&f, FRAME_FULL, 5, 10);
	assert_int_equal(feed_close(&f, NULL), 0);
	assert_int_equal(box_nth(b, 0), 100);
	assert_int_equal(feed_find(b).seen.last, 104);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FEED_TEST(records_come_out_as_they_went_in),
		FEED_TEST(a_frame_holds_one_kind_and_at_most_4096_records),
		FEED_TEST(the_flush_interval_commits_without_being_asked),
		FEED_TEST(the_largest_record_fits_and_a_larger_one_is_refused),
		FEED_TEST(a_record_of_no_bytes_is_none),
		FEED_TEST(i6_a_second_capture_is_refused_and_told_who_holds_the_spool),
		FEED_TEST(resume_places_are_the_last_packet_of_each_file),
		FEED_TEST(i7_drop_newest_loses_exactly_what_its_documents_say),
		FEED_TEST(i7_drop_oldest_loses_exactly_what_its_documents_say),
		FEED_TEST(i7_block_waits_and_loses_nothing),
		FEED_TEST(a_blocked_writer_can_be_stopped),
		FEED_TEST(i7_when_a_sync_hangs_the_packet_thread_counts_and_goes_on),
		FEED_TEST(a_file_waits_for_a_slow_disk_whatever_the_policy),
		FEED_TEST(a_broken_disk_ends_a_blocking_writer_with_a_sentence),
		FEED_TEST(i7_a_disk_that_recovers_loses_only_what_was_counted),
		FEED_TEST(i7_losses_the_caller_knows_of_become_documents),
		FEED_TEST(i7_what_was_given_up_before_a_kill_is_reported_at_the_next_start),
		FEED_TEST(i2_sequences_start_above_what_ack_and_first_know),
	};

	return TEST_RUN(tests);
}
