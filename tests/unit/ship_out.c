/* ship_out.c -- tests of the files of --out-file: their names, and their ends after a power cut. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gzip_member.h"
#include "out_name.h"
#include "out_tail.h"
#include "rnd.h"

#define A "{\"create\":{\"_index\":\"p\",\"_id\":\"x\"}}\n"
#define D "{\"event.sequence\":1,\"espcap.run\":\"r\",\"@timestamp\":\"t\"}\n"
#define L "{\"srcip\":\"10.0.0.1\"}\n"

static const int64_t NEW_YEAR = INT64_C(1767323045) * 1000000000; /* 2026-01-02T03:04:05 */

/* --- names --- */

static void check_name(const char *path, bool gzip, const char *wanted)
{
	struct out_name n;
	char got[PATHS_MAX];

	assert_int_equal(out_name_split(&n, path, gzip), 0);
	assert_int_equal(out_name_make(&n, 7, NEW_YEAR, got), 0);
	assert_string_equal(got, wanted);
	assert_int_equal(out_name_number(&n, strrchr(got, '/') + 1, &(bool){ false }), 7);
}

static void a_name_has_number_and_time_before_its_endings(void **state)
{
	(void)state;
	check_name("/m/p.ndjson", false, "/m/p-00000007-20260102T030405Z.ndjson");
	check_name("/m/p.ndjson", true, "/m/p-00000007-20260102T030405Z.ndjson.gz");
	check_name("/m/p.ndjson.gz", true, "/m/p-00000007-20260102T030405Z.ndjson.gz");
	check_name("/m/p", false, "/m/p-00000007-20260102T030405Z");
	check_name("p.x", false, "./p-00000007-20260102T030405Z.x");
	check_name("/p.x", false, "//p-00000007-20260102T030405Z.x");
	check_name("/m.d/p", true, "/m.d/p-00000007-20260102T030405Z.gz");
	check_name("/m/.hidden", false, "/m/.hidden-00000007-20260102T030405Z");
}

static void what_is_no_file_has_no_name(void **state)
{
	struct out_name n;
	char path[PATHS_MAX + 10];

	(void)state;
	assert_int_equal(out_name_split(&n, "/m/", false), ERR_INPUT);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(out_name_split(&n, path, false), ERR_TOO_BIG);
}

static void numbers_are_found_in_our_names_alone(void **state)
{
	static const struct {
		const char *file;
		uint64_t number;
		bool part;
	} cases[] = {
		{ "p-00000007-20260102T030405Z.ndjson", 7, false },
		{ "p-00000007-20260102T030405Z.ndjson.part", 7, true },
		{ "p-00000012-19700101T000000Z.gz.part", 12, true },
		{ "p-123456789-20260102T030405Z", 123456789, false },
		{ "p-0000007-20260102T030405Z.ndjson", 0, false },
		{ "p-00000007-20260102T03040Z.ndjson", 0, false },
		{ "p-00000007.ndjson", 0, false },
		{ "q-00000007-20260102T030405Z.ndjson", 0, false },
		{ "p.ndjson", 0, false },
		{ "p", 0, false },
		{ "", 0, false },
	};
	struct out_name n;
	bool part;

	(void)state;
	assert_int_equal(out_name_split(&n, "/m/p.ndjson", false), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(out_name_number(&n, cases[i].file, &part), cases[i].number);
		assert_int_equal(part, cases[i].part);
	}
	assert_true(out_name_is_one("edge-7-00000007-20260102T030405Z.json.part"));
	assert_false(out_name_is_one("holiday-2026.jpg"));
}

static void later_files_sort_behind(void **state)
{
	struct out_name n;
	char last[PATHS_MAX] = "", name[PATHS_MAX];

	(void)state;
	assert_int_equal(out_name_split(&n, "/m/p.ndjson", false), 0);
	for (uint64_t i = 1; i < 99999999; i = i * 3 + 1) { /* though the clock is set back */
		assert_int_equal(out_name_make(&n, i, NEW_YEAR - (int64_t)i, name), 0);
		assert_true(strcmp(last, name) < 0);
		(void)snprintf(last, sizeof(last), "%s", name);
	}
}

/* --- ends --- */

static int file_of(const void *text, size_t n)
{
	int fd = memfd_create("out", 0);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, n, 0), (ssize_t)n);
	return fd;
}

static void check_tail(const void *text, size_t n, off_t durable, off_t whole, bool newline)
{
	struct out_tail tail;
	int fd = file_of(text, n);

	assert_int_equal(out_tail_find(fd, durable, &tail), 0);
	(void)close(fd);
	assert_int_equal(tail.whole, whole);
	assert_int_equal(tail.newline, newline);
}

#define TAIL(text, durable, whole) check_tail(text, sizeof(text) - 1, durable, whole, false)

static void a_torn_line_of_ours_goes_and_what_is_durable_stays(void **state)
{
	const off_t d = sizeof(D) - 1, a = sizeof(A) - 1, l = sizeof(L) - 1;

	(void)state;
	TAIL("", -1, 0);
	TAIL(D, -1, d);
	TAIL(D D, d, 2 * d);
	TAIL(D "{\"event.seq", -1, d);
	TAIL(D "{\"event.seq", d, d);
	TAIL(D "{\"sr", -1, d);
	TAIL(D L, 0, d + l);
	TAIL(D "\0\0\0\0", -1, d);
	TAIL(D "{\"event.sequence\":1,\0\0\0\"}\n", -1, d);
	TAIL(A D, -1, a + d);
	TAIL(A, -1, 0);
	TAIL(A D A, -1, a + d);
	TAIL(A D A, a + d, a + d);
	TAIL(A D A "{\"event", -1, a + d);
	TAIL(A D A "{\"event", a + d, a + d);
	/* zeros in the midst, with whole lines behind them */
	TAIL(D "{\"event.sequence\":2,\0\0\0\0}\n" D, d, d);
	TAIL(A D A "{\"event.sequence\":2,\0\0\0\0}\n" A D, a + d, a + d);
	/* never below what is durable, whatever it holds */
	TAIL("rubbish\n\0\0\n" D, 11, 11 + d);
	TAIL(D D "{", 2 * d, 2 * d);
}

static void text_of_somebody_else_is_not_cut(void **state)
{
	static const char other[] = "a note", note[] = D "a note";

	(void)state;
	check_tail(other, sizeof(other) - 1, -1, sizeof(other) - 1, true);
	check_tail(note, sizeof(note) - 1, -1, sizeof(note) - 1, true);
	TAIL("a note\n", -1, 7);
	TAIL("\x1f\x8b\x08 somebody's gzip", -1, 19);
}

/* Three members, of which the last one may be cut or damaged. */
static size_t members(struct buf *all, size_t ends[3])
{
	struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(1);
	struct buf one;

	buf_init(all, 1 << 20);
	buf_init(&one, 1 << 20);
	for (unsigned i = 0; i < 3; i++) {
		char text[4000];
		memset(text, 'a' + (int)i, sizeof(text));
		assert_int_equal(buf_reserve(&one, 8192 + GZIP_MEMBER_EXTRA), 0);
		size_t n = gzip_member_write(deflate, text, sizeof(text) - i, &one);
		assert_int_equal(gzip_member_length((const uint8_t *)one.data), n);
		assert_int_equal(buf_add(all, one.data, n), 0);
		ends[i] = all->len;
	}
	buf_done(&one);
	libdeflate_free_compressor(deflate);
	return all->len;
}

static void a_torn_member_goes(void **state)
{
	struct buf all;
	size_t ends[3], n = members(&all, ends);

	(void)state;
	check_tail(all.data, n, -1, (off_t)n, false);
	check_tail(all.data, n, (off_t)ends[0], (off_t)n, false);
	for (size_t cut = ends[1]; cut < n; cut++) {
		check_tail(all.data, cut, -1, (off_t)ends[1], false);
		check_tail(all.data, cut, (off_t)ends[0], (off_t)ends[1], false);
	}
	memset(all.data + ends[1] + 30, 0, 8); /* a sector that did not come */
	check_tail(all.data, n, -1, (off_t)ends[1], false);
	memset(all.data + ends[0] + 30, 0, 8);
	check_tail(all.data, n, (off_t)ends[0], (off_t)ends[0], false);
	check_tail(all.data, n, (off_t)ends[1], (off_t)ends[1], false);
	buf_done(&all);
}

static void a_flipped_bit_of_a_member_is_noticed(void **state)
{
	struct rnd rnd = rnd_start();
	struct buf all, text;
	size_t ends[3];

	(void)state;
	(void)members(&all, ends);
	buf_init(&text, 1 << 20);
	assert_int_equal(gzip_member_check((const uint8_t *)all.data, ends[0], &text), 0);
	assert_int_equal(text.len, 4000);
	for (unsigned i = 0; i < 2000; i++) {
		size_t at = (size_t)rnd_below(&rnd, ends[0]);
		char bit = (char)(1 << rnd_below(&rnd, 8));
		all.data[at] ^= bit;
		int err = gzip_member_check((const uint8_t *)all.data, ends[0], &text);
		/* a bit that no decoder looks at, behind the end of the last block */
		assert_true(err == ERR_INPUT || (text.len == 4000 && text.data[3999] == 'a'));
		all.data[at] ^= bit;
	}
	buf_done(&all);
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_number_and_time_before_its_endings),
		cmocka_unit_test(what_is_no_file_has_no_name),
		cmocka_unit_test(numbers_are_found_in_our_names_alone),
		cmocka_unit_test(later_files_sort_behind),
		cmocka_unit_test(a_torn_line_of_ours_goes_and_what_is_durable_stays),
		cmocka_unit_test(text_of_somebody_else_is_not_cut),
		cmocka_unit_test(a_torn_member_goes),
		cmocka_unit_test(a_flipped_bit_of_a_member_is_noticed),
	};

	return TEST_RUN(tests);
}
