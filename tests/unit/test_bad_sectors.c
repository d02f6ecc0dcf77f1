/* test_bad_sectors.c -- a disk that does not read a page: it costs what lies there, and no more. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"
#include "disk.h"
#include "lmdb_file.h"
#include "run_ship.h"
#include "segment_file.h"

enum { PAGE = 4096, CALLS_MAX = 200, ALWAYS = 1 << 30 };

struct sum {
	uint64_t records, lost, calls;
};

/* As espcap-ship reads: after an error once more, from the same place. */
static struct sum read_on(struct reader *r, uint64_t from)
{
	struct sum sum = { 0 };
	struct reader_frame f;
	int err = 0;

	for (; err != ERR_END && sum.calls < CALLS_MAX; sum.calls++) {
		err = reader_next(r, from, &f);
		if (err && err != ERR_END) {
			assert_int_equal(err, ERR_SPOOL_IO);
			assert_int_equal(f.gap.first, 0); /* it may be there yet */
			continue;
		}
		sum.lost += f.gap.lost;
		if (!err) {
			sum.records += f.header.count;
			from = f.header.first_seq + f.header.count;
		}
	}
	assert_int_equal(err, ERR_END);
	return sum;
}

static struct sum read_all(struct box *b)
{
	struct reader *r;

	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	struct sum sum = read_on(r, 1);
	reader_free(r);
	return sum;
}

/* Four segments, frames within pages and over several. The last sequence. */
static uint64_t fill(struct box *b)
{
	struct chain *c = box_chain(b, 0);

	for (int i = 0; chain_segments(c) < 4; i++)
		box_append_ok(c, 4, i % 3 ? 400 : 20000);
	uint64_t all = chain_next_seq(c) - 1;
	chain_close(c);
	return all;
}

/* Reads everything while one page of a segment fails a number of times, for each page. */
static void fail_each_page(
	struct box *b, size_t segment, unsigned times, uint64_t all, uint64_t least, uint64_t most)
{
	uint64_t seq = box_nth(b, segment);
	char name[64];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%020llu/data.mdb", (unsigned long long)seq);
	assert_int_equal(stat(box_data(b, seq), &st), 0);
	for (off_t at = 0; at < st.st_size; at += PAGE) {
		disk_bad(name, at, at + PAGE, times);
		struct sum sum = read_all(b);
		if (sum.records + sum.lost != all || sum.lost < least || sum.lost > most)
			fail_msg("segment %zu, page %ld: %llu read and %llu lost of %llu", segment,
				(long)(at / PAGE), (unsigned long long)sum.records,
				(unsigned long long)sum.lost, (unsigned long long)all);
		disk_reset();
	}
}

static void a_page_that_cannot_be_read_costs_what_is_on_it(void **state)
{
	struct box *b = *state;
	uint64_t all = fill(b);

	for (size_t n = 0; n < 4; n++)
		fail_each_page(b, n, ALWAYS, all, 0, 80);
}

static void a_page_that_can_be_read_after_all_costs_nothing(void **state)
{
	struct box *b = *state;
	uint64_t all = fill(b);

	for (size_t n = 0; n < 4; n++)
		fail_each_page(b, n, n % 2 ? 4 : 1, all, 0, 0);
	/* also while the segment is searched from end to end, since something else in it is
	 * damaged */
	uint64_t seq = box_nth(b, 2), frame = seq;
	while (box_frame(b, seq, frame) % PAGE != LMDB_FILE_HEAD)
		frame += 4; /* to one with pages of its own, of which there is no older copy */
	box_poke(box_data(b, seq), box_frame(b, seq, frame) + 100, "\xff\xff\xff", 3);
	for (unsigned times = 1; times < READER_IO_TRIES; times += 3)
		fail_each_page(b, 2, times, all, 4, 4);
}

/* Nothing is wrong with the disk then, however often it is tried. */
static void a_want_of_descriptors_is_no_bad_sector(void **state)
{
	struct box *b = *state;
	struct rlimit before, none;
	struct segment_file *f;

	fill(b);
	const char *path = box_segment(b, 1);
	int fd = dup(0); /* the lowest that is free */
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int err = segment_file_open(path, b->spool.epoch, &f, NULL);
	int worn = segment_file_open_worn(path, b->spool.epoch, &f, NULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(err, ERR_NOMEM);
	assert_int_equal(worn, ERR_NOMEM);
}

/* Those who ask only how far a chain goes need not read it. */
static void the_extent_is_known_when_its_end_cannot_be_read(void **state)
{
	struct box *b = *state;
	uint64_t all = fill(b), first, last, seq = box_nth(b, 3);
	struct frame_totals totals;
	struct reader *r;
	struct stat st;
	char name[64];

	(void)snprintf(name, sizeof(name), "%020llu/data.mdb", (unsigned long long)seq);
	assert_int_equal(stat(box_data(b, seq), &st), 0);
	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	for (off_t at = 0; at < st.st_size; at += PAGE) {
		disk_bad(name, at, at + PAGE, ALWAYS);
		assert_int_equal(reader_extent(r, &first, &last, &totals), 0);
		assert_int_equal(last, all);
		assert_int_equal(totals.committed, all);
		disk_bad(name, at, at + PAGE, 1); /* reading has tries of its own */
		assert_int_equal(read_on(r, seq).records, all + 1 - seq);
		reader_forget(r, ALWAYS);
		disk_reset();
	}
	reader_free(r);
}

/* The next writer counts on from what can be read. */
static void a_chain_goes_on_behind_a_page_that_cannot_be_read(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct stat st;

	for (int i = 0; i < 30; i++)
		box_append_ok(c, 4, i % 3 ? 400 : 8000);
	uint64_t all = chain_next_seq(c) - 1;
	assert_int_equal(chain_segments(c), 1);
	chain_close(c);
	assert_int_equal(stat(box_data(b, 1), &st), 0);
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
	disk_bad("/00000000000000000001/data.mdb", 0, st.st_size, 1);
	c = box_chain(b, 0); /* it could, the second time */
	assert_int_equal(chain_totals(c)->committed, all);
	assert_int_equal(chain_next_seq(c), all + 1);
	chain_close(c);
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
	for (off_t at = 0; at < st.st_size; at += PAGE) {
		disk_bad("/00000000000000000001/data.mdb", at, at + PAGE, ALWAYS);
		c = box_chain(b, 0);
		uint64_t lost = all - chain_totals(c)->committed;
		if (lost > 80 || chain_next_seq(c) <= all)
			fail_msg("page %ld: goes on with %llu, %llu lost of %llu",
				(long)(at / PAGE), (unsigned long long)chain_next_seq(c),
				(unsigned long long)lost, (unsigned long long)all);
		chain_close(c);
		assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
		disk_reset();
	}
}

/* Nor does it count from nothing, when the disk reads nothing of the newest one. */
static void a_chain_counts_on_behind_a_segment_that_cannot_be_read(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	char name[64];

	box_fill(c, 2);
	uint64_t all = chain_next_seq(c) - 1, second = box_nth(b, 1);
	chain_close(c);
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
	(void)snprintf(name, sizeof(name), "%020llu/data.mdb", (unsigned long long)second);
	disk_bad(name, 0, 1 << 30, ALWAYS);
	c = box_chain(b, 0);
	assert_int_equal(chain_totals(c)->committed, second - 1);
	assert_true(chain_next_seq(c) > all);
	assert_int_equal(chain_segments(c), 2);
	box_append_ok(c, 4, 10);
	chain_close(c);
	disk_reset(); /* the disk is well again */
	assert_int_equal(read_all(b).records, all + 4);
}

static int one_line(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	(void)f;
	(void)seq;
	(void)line;
	(void)len;
	++*(uint64_t *)arg;
	return 0;
}

/* Dead letters and loss documents are read so, at each start of espcap-ship. */
static void who_reads_all_lines_does_not_stop_at_a_page_that_cannot_be_read(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	uint64_t lines = 0, missing = 0;
	char name[64];

	box_fill(c, 3);
	uint64_t all = chain_next_seq(c) - 1, seq = box_nth(b, 1);
	chain_close(c);
	(void)snprintf(name, sizeof(name), "%020llu/data.mdb", (unsigned long long)seq);
	long at = box_frame(b, seq, seq);
	disk_bad(name, at, at + PAGE, ALWAYS);
	assert_int_equal(reader_each_line(&b->spool, "rec", 1, one_line, &lines, &missing), 0);
	disk_reset();
	assert_int_equal(missing, 4);
	assert_int_equal(lines, all - 4);
}

static void a_passing_error_forgets_nothing_that_is_settled(void **state)
{
	struct box *b = *state;
	struct ack ack = { .chain[ACK_REC].frontier = 7 }, now;
	struct slots slots;

	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, &ack), 0);
	ack.chain[ACK_REC].frontier = 8;
	assert_int_equal(ack_write(&slots, &ack), 0);
	disk_bad("/ack", 0, 2 * SLOTS_SIZE, 4);
	ack_read(&slots, &now, NULL);
	assert_int_equal(now.chain[ACK_REC].frontier, 8);
	slots_close(&slots);
	disk_reset();
}

/* The real one, while the page of a frame in the second of three segments fails a number of
 * times. */
static struct ack_chain ship(struct box *b, unsigned times, int code)
{
	const char *bin = getenv("ESPCAP_BIN_DIR");
	char preload[PATHS_MAX], page[128];
	const char *const words[] = { "--spool", b->spool.dir, "--out-file", "/dev/null", "--once",
		"--setup", "never", "--config", "", NULL };
	struct chain *c = box_chain(b, 0);
	int status;

	box_fill(c, 3);
	chain_close(c);
	uint64_t seq = box_nth(b, 1);
	long at = box_frame(b, seq, seq + 4) - LMDB_FILE_HEAD;
	assert_non_null(bin); /* ctest sets it */
	(void)snprintf(preload, sizeof(preload), "%s/bad_page.so", bin);
	(void)snprintf(page, sizeof(page), "%ld %ld %u rec/%020llu/data.mdb", at, at + PAGE, times,
		(unsigned long long)seq);
	assert_int_equal(setenv("ESPCAP_BAD_PAGE", page, 1), 0);
	assert_int_equal(setenv("LD_PRELOAD", preload, 1), 0);
	pid_t child = run_start("espcap-ship", words);
	assert_int_equal(unsetenv("LD_PRELOAD"), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
	return run_ship_acked(b);
}

static void espcap_ship_delivers_all_of_a_page_that_can_be_read_after_all(void **state)
{
	struct ack_chain ack = ship(*state, READER_IO_TRIES - 1, 0);

	assert_int_equal(ack.counts.indexed, ack.frontier);
}

static void espcap_ship_counts_what_lies_on_a_page_that_cannot_be_read(void **state)
{
	struct ack_chain ack = ship(*state, ALWAYS, 1);

	assert_int_equal(ack.counts.lost, 4);
	assert_int_equal(ack.counts.indexed, ack.frontier - 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_page_that_cannot_be_read_costs_what_is_on_it),
		BOX_TEST(a_page_that_can_be_read_after_all_costs_nothing),
		BOX_TEST(a_want_of_descriptors_is_no_bad_sector),
		BOX_TEST(the_extent_is_known_when_its_end_cannot_be_read),
		BOX_TEST(a_chain_goes_on_behind_a_page_that_cannot_be_read),
		BOX_TEST(a_chain_counts_on_behind_a_segment_that_cannot_be_read),
		BOX_TEST(a_passing_error_forgets_nothing_that_is_settled),
		BOX_TEST(espcap_ship_delivers_all_of_a_page_that_can_be_read_after_all),
		BOX_TEST(espcap_ship_counts_what_lies_on_a_page_that_cannot_be_read),
		BOX_TEST(who_reads_all_lines_does_not_stop_at_a_page_that_cannot_be_read),
	};

	return TEST_RUN(tests);
}
