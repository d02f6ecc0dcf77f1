/* test_reader.c -- reading a chain: everything that is whole, and what is missing by number. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"
#include "crc32c.h"
#include "plant.h"
#include "rnd.h"
#include "segment.h"

static struct reader *open_reader(struct box *b)
{
	struct reader *r;

	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	return r;
}

static void seen_is(struct box *b, uint64_t from, uint64_t records, uint64_t gaps, uint64_t lost)
{
	struct box_seen seen = box_read(b, "rec", from);

	assert_int_equal(seen.end, ERR_END);
	assert_int_equal(seen.records, records);
	assert_int_equal(seen.gaps, gaps);
	assert_int_equal(seen.lost, lost);
}

static void every_record_of_every_segment_is_read_once(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_fill(c, 4);
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	seen_is(b, 1, last, 0, 0);
	for (uint64_t from = 1; from <= last; from += 7) { /* frames hold 4: whole ones come back */
		struct box_seen seen = box_read(b, "rec", from);
		assert_int_equal(seen.first, (from - 1) / 4 * 4 + 1);
		assert_int_equal(seen.records, last - seen.first + 1);
		assert_int_equal(seen.gaps, 0);
	}
	seen_is(b, last + 1, 0, 0, 0);
}

static void commits_are_seen_as_they_come(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct reader *r = open_reader(b);
	struct reader_frame f;

	assert_int_equal(reader_next(r, 1, &f), ERR_END);
	for (uint64_t next = 1; next < 40; next += 3) {
		box_append_ok(c, 3, 60000);
		assert_int_equal(reader_next(r, next, &f), 0);
		assert_int_equal(f.header.first_seq, next);
		assert_int_equal(f.gap.first, 0);
		assert_int_equal(reader_next(r, next + 3, &f), ERR_END);
	}
	assert_true(chain_segments(c) > 1);
	reader_free(r);
	chain_close(c);
}

static unsigned open_data_files(void)
{
	char link[600], target[PATHS_MAX];
	const struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while ((entry = readdir(dir))) {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%s", entry->d_name);
		ssize_t len = readlink(link, target, sizeof(target) - 1);
		if (len > 8 && memcmp(target + len - 8, "data.mdb", 8) == 0)
			n++;
	}
	(void)closedir(dir);
	return n;
}

static void only_a_few_segments_are_open_at_a_time(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct reader *r = open_reader(b);
	struct reader_frame f;

	box_fill(c, 7);
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	for (uint64_t next = 1; next <= last; next += f.header.count) {
		assert_int_equal(reader_next(r, next, &f), 0);
		assert_true(open_data_files() <= 4);
	}
	reader_forget(r, last + 1);
	assert_int_equal(open_data_files(), 0);
	assert_int_equal(reader_next(r, 1, &f), 0); /* and they open again */
	reader_free(r);
}

static off_t size_after_commits(struct box *b, bool with_reader)
{
	struct chain *c = box_chain(b, 0);
	struct reader *r = open_reader(b);
	struct reader_frame f;
	struct stat st;

	box_append_ok(c, 1, 0);
	if (with_reader)
		assert_int_equal(reader_next(r, 1, &f), 0);
	for (int i = 0; i < 200; i++)
		box_append_ok(c, 1, 100);
	assert_int_equal(stat(box_data(b, 1), &st), 0);
	reader_free(r);
	chain_close(c);
	box_remove_tree(box_path(b, "rec"));
	return st.st_size;
}

/* With a transaction of its own, LMDB could use no page again while it sleeps. */
static void i5_a_reader_that_sleeps_holds_up_nothing(void **state)
{
	struct box *b = *state;

	assert_int_equal(size_after_commits(b, true), size_after_commits(b, false));
}

/* --- damage --- */

static void i9_a_damaged_frame_costs_itself_and_is_counted(void **state)
{
	static const long hits[] = { 8, 33, 44, 100, FRAME_HEADER - 1, FRAME_HEADER + 7 };
	struct box *b = *state;

	for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
		struct chain *c = box_chain(b, 0);
		for (int k = 0; k < 8; k++)
			box_append_ok(c, 5, 3000);
		chain_close(c);
		box_flip(box_data(b, 1), box_frame(b, 1, 11) + hits[i]);
		seen_is(b, 1, 35, 1, 5);
		seen_is(b, 11, 25, 1, 5);
		seen_is(b, 13, 25, 1, 3);
		box_remove_tree(box_path(b, "rec"));
	}
}

static void several_damaged_frames_in_a_row_are_one_gap(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	for (int k = 0; k < 8; k++)
		box_append_ok(c, 5, 3000);
	chain_close(c);
	for (uint64_t seq = 11; seq <= 26; seq += 5)
		box_poke(box_data(b, 1), box_frame(b, 1, seq) + 33, "\xff", 1);
	seen_is(b, 1, 20, 1, 20);
	seen_is(b, 16, 10, 1, 15);
	box_poke(box_data(b, 1), box_frame(b, 1, 1) + 33, "\xff", 1); /* the very first one too */
	seen_is(b, 1, 15, 2, 25);
}

static void sequences_that_were_passed_over_are_no_loss(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 5, 3000);
	chain_close(c);
	c = box_chain(b, 20);
	box_append_ok(c, 5, 3000);
	box_append_ok(c, 5, 3000);
	chain_close(c);
	seen_is(b, 1, 15, 1, 0);
	box_poke(box_data(b, 21), box_frame(b, 21, 21) + 33, "\xff", 1);
	seen_is(b, 1, 10, 1, 5); /* 6 to 20 passed over, 21 to 25 damaged */
	seen_is(b, 6, 5, 1, 5);
}

/* Segments of which nothing is left: cut, gone, or nothing but noise. */
/* A writer that was killed before its first commit leaves a segment with a later name. */
static void what_was_passed_over_at_the_end_is_a_gap_without_loss(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct segment_birth birth = {
		.epoch = b->spool.epoch, .first_seq = 8, .totals = { .committed = 4, .skipped = 3 }
	};
	struct segment *s;
	struct reader_frame f;

	box_append_ok(c, 4, 100);
	chain_close(c);
	assert_int_equal(segment_create(box_segment(b, 8), BOX_MAP, &birth, &s, NULL), 0);
	segment_close(s);
	struct reader *r = open_reader(b);
	assert_int_equal(reader_next(r, 5, &f), ERR_END);
	assert_true(f.gap.first == 5 && f.gap.last == 7 && f.gap.lost == 0);
	assert_int_equal(reader_next(r, 8, &f), ERR_END);
	assert_int_equal(f.gap.first, 0);
	reader_free(r);
}

static void spoil(struct box *b, uint64_t segment, int how)
{
	const char *data = box_data(b, segment);
	static char noise[BOX_MAP];

	if (how == 0)
		assert_int_equal(truncate(data, 5000), 0);
	else if (how == 1)
		box_remove_tree(box_segment(b, segment));
	else
		box_poke(data, 0, memset(noise, 0xa5, sizeof(noise)), sizeof(noise));
}

static void a_damaged_segment_costs_itself_and_is_counted(void **state)
{
	struct box *b = *state;

	for (int how = 0; how < 3; how++) {
		struct chain *c = box_chain(b, 0);
		box_fill(c, 5);
		uint64_t last = chain_next_seq(c) - 1, second = box_nth(b, 1),
			 fourth = box_nth(b, 3);
		uint64_t third = box_nth(b, 2);
		chain_close(c);
		spoil(b, second, how);
		seen_is(b, 1, last - (third - second), 1, third - second);
		spoil(b, third, how);
		seen_is(b, 1, last - (fourth - second), 1, fourth - second);
		box_remove_tree(box_path(b, "rec"));
	}
}

/* A shipper that starts when its frontier lies before, or in, the damaged segment. */
static void a_new_reader_counts_a_damaged_segment_exactly(void **state)
{
	struct box *b = *state;

	for (int how = 0; how < 3; how++) {
		struct chain *c = box_chain(b, 0);
		box_fill(c, 4);
		uint64_t last = chain_next_seq(c) - 1, second = box_nth(b, 1),
			 third = box_nth(b, 2);
		chain_close(c);
		spoil(b, second, how);
		seen_is(b, second, last - third + 1, 1, third - second);
		seen_is(b, second + 6, last - third + 1, 1, third - second - 6);
		box_remove_tree(box_path(b, "rec"));
	}
}

static void a_new_reader_counts_a_damaged_first_segment(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_fill(c, 3);
	uint64_t last = chain_next_seq(c) - 1, second = box_nth(b, 1);
	chain_close(c);
	spoil(b, 1, 0);
	seen_is(b, 1, last - second + 1, 1, second - 1);
	seen_is(b, 5, last - second + 1, 1, second - 5);
}

/* What a copy by hand may bring in: a whole frame of another spool, in a segment of ours. */
static void i9_a_frame_of_another_spool_is_not_believed(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct frame_header h = { .first_seq = 6, .count = 1, .raw_len = 3, .stored_len = 3 };

	box_append_ok(c, 5, 0);
	chain_close(c);
	h.payload_crc = crc32c("{}\n", 3);
	h.epoch = b->spool.epoch + 1;
	plant_frame(box_segment(b, 1), &h, "{}\n");
	seen_is(b, 1, 5, 0, 0);
}

static void the_gap_of_a_damaged_last_frame_is_told_at_the_end(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct reader *r = open_reader(b);
	struct reader_frame f;

	box_append_ok(c, 5, 3000);
	box_append_ok(c, 7, 3000);
	chain_close(c);
	box_poke(box_data(b, 1), box_frame(b, 1, 6) + FRAME_HEADER, "\xff\xff", 2);
	for (int tail = 1; tail >= 0; tail--) { /* a power cut may take the tail away */
		if (!tail)
			assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
		assert_int_equal(reader_next(r, 1, &f), 0);
		assert_int_equal(reader_next(r, 6, &f), ERR_END);
		assert_true(f.gap.first == 6 && f.gap.last == 12 && f.gap.lost == 7);
	}
	reader_free(r);
}

/* What is left when a writer passes sequences over, makes its segment, and dies. */
static void what_was_passed_over_is_told_before_there_is_a_frame_behind_it(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct reader *r = open_reader(b);
	struct segment_birth birth = { .epoch = b->spool.epoch, .first_seq = 9 };
	struct err_detail why;
	struct segment *s;
	struct reader_frame f;

	box_append_ok(c, 5, 3000);
	birth.totals = *chain_totals(c);
	birth.totals.skipped = 3;
	chain_close(c);
	assert_int_equal(segment_create(box_segment(b, 9), BOX_MAP, &birth, &s, &why), 0);
	segment_close(s);
	assert_int_equal(reader_next(r, 1, &f), 0);
	assert_int_equal(reader_next(r, 6, &f), ERR_END);
	assert_true(f.gap.first == 6 && f.gap.last == 8 && f.gap.lost == 0);
	reader_free(r);
}

/* A frame behind segment 1, as a power cut leaves it between the data and the meta page. */
static void plant_undone(
	struct box *b, uint64_t first, uint32_t count, const struct frame_totals *t)
{
	static const char text[] = "{\"undone\":1}\n{\"undone\":2}\n{\"undone\":3}\n";
	struct frame_header h = { .codec = FRAME_PLAIN,
		.first_seq = first,
		.count = count,
		.run = 1,
		.epoch = b->spool.epoch,
		.totals = *t };
	uint8_t meta[2 * 4096];
	FILE *f = fopen(box_data(b, 1), "re");

	assert_non_null(f);
	assert_int_equal(fread(meta, sizeof(meta), 1, f), 1);
	assert_int_equal(fclose(f), 0);
	h.raw_len = h.stored_len = count * (uint32_t)((sizeof(text) - 1) / 3);
	h.payload_crc = crc32c(text, h.stored_len);
	h.totals.committed += count;
	plant_frame(box_segment(b, 1), &h, text);
	box_poke(box_data(b, 1), 0, meta, sizeof(meta));
}

static void i1_an_undone_commit_is_not_salvaged(void **state)
{
	struct box *b = *state;

	for (uint32_t count = 1; count <= 3;
		count += 2) { /* in the way of what comes, or just before */
		struct chain *c = box_chain(b, 0);
		box_append_ok(c, 5, 3000);
		struct frame_totals totals = *chain_totals(c);
		chain_close(c);
		plant_undone(b, 6, count, &totals);
		c = box_chain(b, count == 1 ? 6 : 0);
		box_append_ok(c, 5, 3000);
		chain_close(c);
		box_poke(box_data(b, 1), box_frame(b, 1, 1) + FRAME_HEADER, "\xff\xff", 2);
		seen_is(b, 1, 5, 1, 5);
		assert_int_equal(box_drop(state) || box_make(state), 0);
		b = *state;
	}
}

/* Any byte of a segment's file may change: no wrong record, no crash, no endless loop. */
static void i9_flipped_bytes_anywhere_never_give_a_wrong_record(void **state)
{
	struct rnd r = rnd_start();
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	for (int k = 0; k < 30; k++)
		box_append_ok(c, 5, (size_t)(k % 3) * 2000);
	box_append_ok(c, 5, 3000);
	chain_close(c);
	const char *data = box_data(b, 1);
	for (int i = 0; i < 150; i++) {
		uint8_t noise[4];
		/* payloads and headers of frames; LMDB's own pages are the crash tests' business */
		long at = box_frame(b, 1, 1 + 5 * rnd_below(&r, 30)) + (long)rnd_below(&r, 900);
		rnd_fill(&r, noise, sizeof(noise));
		if (at % 4096 < 32 || at % 4096 > 4080)
			continue;
		char kept[4];
		FILE *f = fopen(data, "re");
		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		assert_int_equal(fread(kept, 1, 4, f), 4);
		(void)fclose(f);
		box_poke(data, at, noise, sizeof(noise));
		struct box_seen seen = box_read(b, "rec", 1);
		assert_int_equal(seen.end, ERR_END);
		assert_true(seen.records + seen.lost == 155);
		assert_true(seen.records >= 150);
		box_poke(data, at, kept, sizeof(kept));
	}
}

static void the_extent_is_that_of_the_last_frame(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct reader *r = open_reader(b);
	uint64_t first = 0, last = 0;
	struct frame_totals totals;
	const uint64_t *seqs;

	assert_int_equal(reader_extent(r, &first, &last, &totals), ERR_END);
	box_fill(c, 3);
	uint64_t next = chain_next_seq(c);
	chain_close(c);
	assert_int_equal(reader_extent(r, &first, &last, &totals), 0);
	assert_int_equal(first, 1);
	assert_int_equal(last, next - 1);
	assert_int_equal(totals.committed, next - 1);
	assert_int_equal(reader_segments(r, &seqs), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(seqs[i], box_nth(b, i));
	reader_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(every_record_of_every_segment_is_read_once),
		BOX_TEST(commits_are_seen_as_they_come),
		BOX_TEST(only_a_few_segments_are_open_at_a_time),
		BOX_TEST(i5_a_reader_that_sleeps_holds_up_nothing),
		BOX_TEST(i9_a_damaged_frame_costs_itself_and_is_counted),
		BOX_TEST(several_damaged_frames_in_a_row_are_one_gap),
		BOX_TEST(sequences_that_were_passed_over_are_no_loss),
		BOX_TEST(what_was_passed_over_at_the_end_is_a_gap_without_loss),
		BOX_TEST(a_damaged_segment_costs_itself_and_is_counted),
		BOX_TEST(a_new_reader_counts_a_damaged_segment_exactly),
		BOX_TEST(a_new_reader_counts_a_damaged_first_segment),
		BOX_TEST(i9_a_frame_of_another_spool_is_not_believed),
		BOX_TEST(the_gap_of_a_damaged_last_frame_is_told_at_the_end),
		BOX_TEST(i1_an_undone_commit_is_not_salvaged),
		BOX_TEST(what_was_passed_over_is_told_before_there_is_a_frame_behind_it),
		BOX_TEST(i9_flipped_bytes_anywhere_never_give_a_wrong_record),
		BOX_TEST(the_extent_is_that_of_the_last_frame),
	};

	return TEST_RUN(tests);
}
