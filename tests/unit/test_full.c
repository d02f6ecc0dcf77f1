/* test_full.c -- a disk that is really full: a small tmpfs, seen by this process only. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ballast.h"
#include "feed.h"

enum { SKIP = 77 };

/* The spool lies on a file system of its own. */
static int make_on_disk(void **state, const char *size)
{
	struct box *b = calloc(1, sizeof(*b));
	char options[64], dir[PATHS_MAX + 8];

	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/espcap-unit-XXXXXX");
	(void)snprintf(options, sizeof(options), "size=%s", size);
	if (!mkdtemp(b->dir) || mount("tmpfs", b->dir, "tmpfs", 0, options) != 0)
		return -1;
	(void)snprintf(dir, sizeof(dir), "%s/spool", b->dir);
	*state = b;
	return spool_open(&b->spool, dir, true, NULL);
}

static int make_small(void **state)
{
	return make_on_disk(state, "44m");
}

static int make_large(void **state)
{
	return make_on_disk(state, "300m");
}

static int drop(void **state)
{
	struct box *b = *state;
	int err = umount2(b->dir, MNT_DETACH);

	(void)rmdir(b->dir);
	free(b);
	return err;
}

static struct feed open_feed(struct box *b, enum writer_policy when_full, uint64_t floor)
{
	const struct writer_conf conf = {
		.sensor = "edge", .when_full = when_full, .flush_ms = 20, .free_floor = floor
	};

	return feed_open_conf(b, &conf);
}

static void i7_on_a_full_disk_drop_oldest_goes_on_with_exact_counts(void **state)
{
	struct box *b = *state;
	struct feed f = open_feed(b, WRITER_DROP_OLDEST, 0);

	for (int i = 0; i < 30; i++) {
		feed_push(&f, FRAME_FULL, 150, 20000);
		feed_wait_committed(&f, f.taken);
	}
	assert_int_equal(feed_close(&f, NULL), 0);
	struct feed_found found = feed_find(b);
	assert_int_equal(f.last.committed, f.offered);
	assert_true(f.last.lost[LOSS_TRIMMED] > 1000);
	assert_int_equal(found.totals.lost[LOSS_TRIMMED], f.last.lost[LOSS_TRIMMED]);
	assert_int_equal(found.records + found.documents + f.last.lost[LOSS_TRIMMED],
		f.last.committed + f.last.events);
}

static void i7_on_a_full_disk_drop_newest_counts_what_it_drops(void **state)
{
	struct box *b = *state;
	struct feed f = open_feed(b, WRITER_DROP_NEWEST, 0);
	char file[PATHS_MAX + 8];

	/* the rest of the disk is somebody else's */
	(void)snprintf(file, sizeof(file), "%s/other", b->dir);
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	feed_push(&f, FRAME_FULL, 10, 20000);
	feed_wait_committed(&f, 10);
	for (off_t size = 32 << 20; size >= 65536;)
		if (posix_fallocate(fd, 0, size) == 0)
			break;
		else
			size -= 65536;
	while (f.offered < 1500 || f.last.lost[LOSS_SPOOL_FULL] < 300) {
		feed_push(&f, FRAME_FULL, 50, 20000);
		writer_status(f.writer, &f.last);
	}
	feed_wait_state(&f, WRITER_DROPPING);
	assert_int_equal(ftruncate(fd, 0), 0); /* room again */
	(void)close(fd);
	feed_push(&f, FRAME_FULL, 10, 20000);
	feed_wait_state(&f, WRITER_OK);
	assert_int_equal(feed_close(&f, NULL), 0);
	struct feed_found found = feed_find(b);
	assert_int_equal(found.records, f.last.committed);
	assert_int_equal(found.lost[LOSS_SPOOL_FULL], f.last.lost[LOSS_SPOOL_FULL]);
	assert_int_equal(found.records + found.lost[LOSS_SPOOL_FULL] + found.lost[LOSS_RING_FULL],
		f.offered);
}

static void a_full_disk_is_called_full_and_not_broken(void **state)
{
	struct box *b = *state;
	struct chain_conf conf = { .name = "rec", .map_size = 16 << 20 };
	struct chain *c;
	int err;

	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	while (!(err = box_append(c, 4, 100000)))
		;
	assert_int_equal(err, ERR_SPOOL_FULL);
	uint64_t last = chain_next_seq(c) - 1;
	assert_int_equal(box_append(c, 4, 100000), ERR_SPOOL_FULL);
	chain_close(c);
	struct box_seen seen = box_read(b, "rec", 1);
	assert_true(seen.records == last && seen.last == last && seen.gaps == 0);
	assert_false(box_has(b, "quarantine/rec-00000000000000000001.1"));
}

/* An acknowledgement must not fail for want of room: its file has its space from the start. */
static void on_a_full_disk_what_is_settled_can_still_be_written(void **state)
{
	struct box *b = *state;
	struct slots slots;
	struct ack ack = { 0 }, got;
	char file[PATHS_MAX + 8], block[4096] = { 0 };

	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	(void)snprintf(file, sizeof(file), "%s/other", b->dir);
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	(void)close(fd);
	for (uint64_t n = 1; n < 10; n++) {
		ack.chain[ACK_REC].frontier = n;
		assert_int_equal(ack_write(&slots, &ack), 0);
		ack_read(&slots, &got, NULL);
		assert_int_equal(got.chain[ACK_REC].frontier, n);
	}
	slots_close(&slots);
}

/* It goes when there is not a block left, and is back when there is room. */
static void a_full_disk_gets_the_ballast(void **state)
{
	struct box *b = *state;
	char file[PATHS_MAX + 8], block[4096] = { 0 };

	assert_true(access(box_path(b, "ballast"), F_OK) == 0);
	(void)snprintf(file, sizeof(file), "%s/other", b->dir);
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		;
	(void)close(fd);
	ballast_tend(b->spool.dir);
	assert_false(box_has(b, "ballast"));
	struct slots slots; /* what could not be made before */
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	slots_close(&slots);
	ballast_tend(b->spool.dir);
	assert_false(box_has(b, "ballast"));
	assert_int_equal(unlink(file), 0);
	ballast_tend(b->spool.dir);
	assert_true(box_has(b, "ballast"));
}

/* The default cap is half of what was free when the spool was made: what the spool itself holds
 * must not make it smaller at each start. */
static void the_default_cap_does_not_shrink_by_what_the_spool_holds(void **state)
{
	struct box *b = *state;
	struct feed f = open_feed(b, WRITER_DROP_OLDEST, 0);

	for (int i = 0; i < 40; i++) { /* 120 of 150 MB */
		feed_push(&f, FRAME_FULL, 200, 20000);
		feed_wait_committed(&f, f.taken);
	}
	assert_int_equal(feed_close(&f, NULL), 0);
	assert_int_equal(f.last.lost[LOSS_TRIMMED], 0);
	uint64_t number = f.number;
	for (int i = 0; i < 3; i++) {
		f = open_feed(b, WRITER_DROP_OLDEST, 0);
		f.number = number++;
		feed_push(&f, FRAME_FULL, 1, 10);
		feed_wait_committed(&f, 1);
		assert_int_equal(feed_close(&f, NULL), 0);
		assert_int_equal(f.last.lost[LOSS_TRIMMED], 0);
	}
	struct feed_found found = feed_find(b);
	assert_int_equal(found.seen.gaps, 0);
	assert_int_equal(found.records, 40 * 200 + 3);
}

static bool can_mount(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

int main(void)
{
#define SMALL(test) cmocka_unit_test_setup_teardown(test, make_small, drop)
#define LARGE(test) cmocka_unit_test_setup_teardown(test, make_large, drop)
	const struct CMUnitTest tests[] = {
		SMALL(i7_on_a_full_disk_drop_oldest_goes_on_with_exact_counts),
		SMALL(i7_on_a_full_disk_drop_newest_counts_what_it_drops),
		SMALL(a_full_disk_is_called_full_and_not_broken),
		SMALL(on_a_full_disk_what_is_settled_can_still_be_written),
		SMALL(a_full_disk_gets_the_ballast),
		LARGE(the_default_cap_does_not_shrink_by_what_the_spool_holds),
	};

	if (!can_mount()) {
		(void)printf("skipped: mounting a small tmpfs wants root and a mount namespace\n");
		return SKIP;
	}
	return TEST_RUN(tests);
}
