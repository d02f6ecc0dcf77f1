/* test_segment_file.c -- reading a segment: what it finds, what it salvages, what it refuses. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"
#include "crc32c.h"
#include "rnd.h"
#include "segments.h"

static struct segment_file *open_file(const struct box *b)
{
	struct segment_file *f = NULL;
	struct err_detail why = { "" };

	if (segment_file_open(box_path(b, "1"), SEGMENTS_EPOCH, &f, &why))
		fail_msg("%s", why.text);
	return f;
}

static int open_again(const struct box *b, uint64_t epoch)
{
	struct segment_file *f;
	struct err_detail why = { "" };
	int err = segment_file_open(box_path(b, "1"), epoch, &f, &why);

	if (!err)
		segment_file_close(f);
	else
		assert_true(*why.text);
	return err;
}

static void a_birth_record_comes_back(void **state)
{
	struct box *b = *state;
	const struct segment_place places[] = { { 7, 70 }, { UINT64_MAX, 80 } };
	struct segment_birth birth = { .epoch = SEGMENTS_EPOCH,
		.first_seq = 42,
		.time_ns = -1,
		.totals = { 1, 2, 3, 4, { 5, 6, 7, 8, 9 } },
		.places = places,
		.nplaces = 2 };

	segment_close(segments_make(box_path(b, "1"), &birth));
	struct segment_file *f = open_file(b);
	const struct segment_birth *got = segment_file_birth(f);
	assert_true(got->epoch == SEGMENTS_EPOCH && got->first_seq == 42 && got->time_ns == -1);
	assert_memory_equal(&got->totals, &birth.totals, sizeof(birth.totals));
	assert_int_equal(got->nplaces, 2);
	assert_memory_equal(got->places, places, sizeof(places));
	assert_int_equal(segment_file_map_size(f), BOX_MAP);
	segment_file_close(f);
}

static void a_birth_record_of_many_places_comes_back(void **state)
{
	static struct segment_place places[SEGMENT_PLACES_MAX];
	struct segment_birth birth = { .epoch = SEGMENTS_EPOCH,
		.first_seq = 1,
		.places = places,
		.nplaces = SEGMENT_PLACES_MAX };
	struct box *b = *state;

	for (uint64_t i = 0; i < SEGMENT_PLACES_MAX; i++)
		places[i] = (struct segment_place){ i + 1, 2 * i };
	segment_close(segments_make(box_path(b, "1"), &birth));
	struct segment_file *f = open_file(b);
	assert_int_equal(segment_file_birth(f)->nplaces, SEGMENT_PLACES_MAX);
	assert_memory_equal(segment_file_birth(f)->places, places, sizeof(places));
	segment_file_close(f);
}

/* Frames of 10 sequences each from 10 to 50; searched through the tree, or from end to end. */
static void finds_all(struct segment_file *f)
{
	struct frame_header h;
	struct buf out;
	uint64_t key = 0;

	buf_init(&out, 1 << 20);
	for (uint64_t seq = 0; seq < 70; seq++) {
		assert_int_equal(segment_file_find(f, seq, &key), seq < 10 ? ERR_END : 0);
		if (seq >= 10)
			assert_int_equal(key, seq >= 50 ? 50 : seq / 10 * 10);
		assert_int_equal(segment_file_read(f, seq, &key, &out), seq > 50 ? ERR_END : 0);
		if (seq > 50)
			continue;
		assert_int_equal(key, seq <= 10 ? 10 : (seq + 9) / 10 * 10);
		assert_int_equal(out.len, FRAME_HEADER + 100 + key);
		assert_int_equal(segment_file_read_header(f, seq, &key, &h), 0);
		assert_int_equal(h.first_seq, key);
	}
	assert_int_equal(segment_file_last_key(f, &key), 0);
	assert_int_equal(key, 50);
	buf_done(&out);
}

static void frames_are_found_by_any_sequence_they_hold(void **state)
{
	struct box *b = *state;
	struct segment *s = segments_make_plain(box_path(b, "1"));
	struct segment_file *f = open_file(b);
	struct buf out;
	uint64_t key = 0;

	buf_init(&out, 1 << 20);
	assert_int_equal(segment_file_last_key(f, &key), ERR_END);
	assert_int_equal(segment_file_find(f, 5, &key), ERR_END);
	assert_int_equal(segment_file_read(f, 1, &key, &out), ERR_END);
	buf_done(&out);
	for (uint64_t seq = 10; seq <= 50; seq += 10)
		assert_int_equal(segments_put(s, seq, 10, 100 + seq), 0);
	finds_all(f);
	assert_false(segment_file_is_damaged(f));
	assert_int_equal(segment_file_salvage(f), 0);
	assert_int_equal(segment_file_salvage(f), ERR_END); /* once for a commit */
	finds_all(f);
	segment_close(s);
	segment_file_close(f);
}

static void commits_show_as_they_come_also_behind_a_search(void **state)
{
	struct box *b = *state;
	struct segment *s = segments_make_plain(box_path(b, "1"));
	struct segment_file *f = open_file(b);
	uint64_t key;

	for (uint64_t seq = 1; seq < 400; seq++) {
		assert_int_equal(segments_put(s, seq, 1, seq % 7 ? 300 : 5000), 0);
		assert_int_equal(segment_file_last_key(f, &key), 0);
		assert_int_equal(key, seq);
		if (seq % 50 == 0)
			assert_int_equal(segment_file_salvage(f), 0);
	}
	segment_close(s);
	segment_file_close(f);
}

static void a_segment_of_another_spool_is_refused(void **state)
{
	struct box *b = *state;
	struct err_detail why;

	segment_close(segments_make_plain(box_path(b, "1")));
	assert_int_equal(open_again(b, SEGMENTS_EPOCH), 0);
	assert_int_equal(open_again(b, SEGMENTS_EPOCH + 1), ERR_SEGMENT_DAMAGED);
	assert_int_equal(
		segment_file_open(box_path(b, "none"), SEGMENTS_EPOCH, NULL, &why), ERR_END);
}

/* --- damage --- */

enum { SMALL = 300, LARGE = 9000, FRAMES = 120 };

/* Small frames, which share leaf pages, and large ones in runs of their own, mixed. */
static void make_mixed(const struct box *b)
{
	struct segment *s = segments_make_plain(box_path(b, "1"));

	for (uint64_t seq = 1; seq <= FRAMES; seq++)
		assert_int_equal(segments_put(s, seq, 1, seq % 4 ? SMALL : LARGE), 0);
	segment_seal(s);
	segment_close(s);
}

/* Whole frames that are found; fails when one is not what its sequence says. 0 when nothing opens. */
static unsigned whole_frames(const struct box *b)
{
	struct segment_file *f;
	struct frame_header h;
	const uint8_t *payload;
	struct buf out;
	uint64_t key = 0;
	unsigned n = 0, turns = 0;

	int err = segment_file_open(box_path(b, "1"), SEGMENTS_EPOCH, &f, NULL);
	if (err) {
		assert_int_equal(err, ERR_SEGMENT_DAMAGED);
		return 0;
	}
	buf_init(&out, FRAME_HEADER + FRAME_RAW_MAX + 65536); /* a damaged length, too */
again:
	for (key = 0, n = 0; !(err = segment_file_read(f, key + 1, &key, &out));) {
		assert_true(++turns < 10 * FRAMES);
		if (frame_unpack(out.data, out.len, &h, &payload) || h.first_seq != key)
			continue;
		assert_int_equal(h.stored_len, key % 4 ? SMALL : LARGE);
		n++;
	}
	assert_int_equal(err, ERR_END);
	if (n < FRAMES && segment_file_salvage(f) == 0)
		goto again;
	buf_done(&out);
	segment_file_close(f);
	return n;
}

static const char *data_of(const struct box *b)
{
	static char data[PATHS_MAX + 80];

	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "1"));
	return data;
}

static uint8_t *slurp(const char *path, size_t *n)
{
	struct stat st;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	uint8_t *all = malloc((size_t)st.st_size);
	assert_int_equal(fread(all, 1, (size_t)st.st_size, f), st.st_size);
	(void)fclose(f);
	*n = (size_t)st.st_size;
	return all;
}

/* In a branch or a leaf, as its flags say; half of the time where offsets and lengths stand. */
static size_t place_in_tree(struct rnd *r, const uint8_t *all, size_t n)
{
	size_t page;

	do
		page = rnd_below(r, n / 4096) * 4096;
	while (all[page + 10] != 1 && all[page + 10] != 2);
	return page + rnd_below(r, rnd_below(r, 2) ? 64 : 4096);
}

static void a_flipped_bit_costs_at_most_one_frame(void **state)
{
	struct rnd r = rnd_start();
	struct box *b = *state;
	size_t n, lost = 0;

	make_mixed(b);
	uint8_t *all = slurp(data_of(b), &n);
	for (size_t i = 0; i < 3000; i++) {
		size_t at = i % 2 ? rnd_below(&r, n) : place_in_tree(&r, all, n);
		uint8_t bad = all[at] ^ (uint8_t)(1 << rnd_below(&r, 8));
		box_poke(data_of(b), (long)at, &bad, 1);
		unsigned whole = whole_frames(b);
		if (whole + 1 < FRAMES)
			fail_msg("%u of %d frames are left after a flip at %zu", whole, FRAMES, at);
		lost += FRAMES - whole;
		box_poke(data_of(b), (long)at, &all[at], 1);
	}
	assert_true(lost > 100);
	assert_int_equal(whole_frames(b), FRAMES);
	free(all);
}

static void a_ruined_page_costs_the_frames_on_it(void **state)
{
	struct rnd r = rnd_start();
	struct box *b = *state;
	uint8_t page[4096];
	size_t n;

	make_mixed(b);
	uint8_t *all = slurp(data_of(b), &n);
	for (size_t i = 0; i < 3 * (n / sizeof(page)); i++) {
		size_t at = i / 3 * sizeof(page);
		memset(page, i % 3 ? 0xff : 0, sizeof(page));
		if (i % 3 == 2) /* a page of somewhere else */
			memcpy(page, all + rnd_below(&r, n / 4096) * 4096, sizeof(page));
		box_poke(data_of(b), (long)at, page, sizeof(page));
		unsigned whole = whole_frames(b);
		if (whole + 4096 / SMALL < FRAMES)
			fail_msg("%u frames are left without page %zu", whole, at / 4096);
		box_poke(data_of(b), (long)at, all + at, sizeof(page));
	}
	free(all);
}

static void what_lies_before_a_cut_is_found(void **state)
{
	struct box *b = *state;
	size_t n;

	make_mixed(b);
	free(slurp(data_of(b), &n));
	unsigned before = FRAMES;
	for (size_t size = n; size > 0; size -= size > 1024 ? 1024 : size) {
		assert_int_equal(truncate(data_of(b), (off_t)size), 0);
		unsigned whole = whole_frames(b);
		assert_true(whole <= before && before - whole <= 4096 / SMALL);
		before = whole;
	}
	assert_int_equal(before, 0);
}

static void without_a_birth_record_frames_say_where_the_chain_stood(void **state)
{
	struct segment_birth birth = { .epoch = SEGMENTS_EPOCH, .first_seq = 1 };
	struct box *b = *state;

	make_mixed(b);
	long at = box_find(data_of(b), "ESPS", 4);
	while (at > 0) { /* in leaf pages that were replaced, too */
		box_poke(data_of(b), at + 20, "\xee", 1);
		box_poke(data_of(b), at, "espS", 4);
		at = box_find(data_of(b), "ESPS", 4);
	}
	struct segment_file *f = open_file(b);
	assert_true(segment_file_is_damaged(f));
	assert_true(segment_file_birth(f)->epoch == birth.epoch);
	assert_true(segment_file_birth(f)->first_seq == birth.first_seq);
	assert_int_equal(segment_file_birth(f)->totals.committed, 0);
	segment_file_close(f);
	assert_int_equal(whole_frames(b), FRAMES);
}

static void every_flipped_bit_of_the_only_birth_record_is_refused(void **state)
{
	const struct segment_place place = { 0x1122334455667788, 3 };
	struct segment_birth birth = {
		.epoch = SEGMENTS_EPOCH, .first_seq = 1, .places = &place, .nplaces = 1
	};
	struct box *b = *state;
	size_t n, record = 4 + 4 + 24 + FRAME_TOTALS + 4 + 16 + 4;

	segment_close(segments_make(box_path(b, "1"), &birth));
	long at = box_find(data_of(b), "ESPS", 4);
	assert_true(at > 0);
	uint8_t *all = slurp(data_of(b), &n);
	for (size_t bit = 0; bit < record * 8; bit += 3) {
		size_t byte = (size_t)at + bit / 8;
		uint8_t bad = all[byte] ^ (uint8_t)(1 << bit % 8);
		box_poke(data_of(b), (long)byte, &bad, 1);
		assert_int_equal(open_again(b, SEGMENTS_EPOCH), ERR_SEGMENT_DAMAGED);
		box_poke(data_of(b), (long)byte, &all[byte], 1);
	}
	assert_int_equal(open_again(b, SEGMENTS_EPOCH), 0);
	free(all);
}

static void i8_a_segment_of_a_newer_version_is_refused_as_such(void **state)
{
	struct box *b = *state;

	segment_close(segments_make_plain(box_path(b, "1")));
	size_t n, record = 4 + 4 + 24 + FRAME_TOTALS + 4 + 4;
	uint8_t *all = slurp(data_of(b), &n);
	long at = box_find(data_of(b), "ESPS", 4);
	all[at + 4] = SEGMENT_VERSION + 1;
	uint32_t crc = crc32c(all + at, record - 4);
	memcpy(all + at + record - 4, &crc, 4);
	box_poke(data_of(b), at, all + at, record);
	free(all);
	assert_int_equal(open_again(b, SEGMENTS_EPOCH), ERR_SPOOL_FORMAT);
}

static void i8_a_file_of_another_lmdb_is_refused_as_such(void **state)
{
	struct box *b = *state;

	make_mixed(b);
	for (int meta = 0; meta < 2; meta++) /* behind magic, the version of the data */
		box_poke(data_of(b), meta * 4096 + 16 + 4, "\2", 1);
	assert_int_equal(open_again(b, SEGMENTS_EPOCH), ERR_SPOOL_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_birth_record_comes_back),
		BOX_TEST(a_birth_record_of_many_places_comes_back),
		BOX_TEST(frames_are_found_by_any_sequence_they_hold),
		BOX_TEST(commits_show_as_they_come_also_behind_a_search),
		BOX_TEST(a_segment_of_another_spool_is_refused),
		BOX_TEST(a_flipped_bit_costs_at_most_one_frame),
		BOX_TEST(a_ruined_page_costs_the_frames_on_it),
		BOX_TEST(what_lies_before_a_cut_is_found),
		BOX_TEST(without_a_birth_record_frames_say_where_the_chain_stood),
		BOX_TEST(every_flipped_bit_of_the_only_birth_record_is_refused),
		BOX_TEST(i8_a_segment_of_a_newer_version_is_refused_as_such),
		BOX_TEST(i8_a_file_of_another_lmdb_is_refused_as_such),
	};

	return TEST_RUN(tests);
}
