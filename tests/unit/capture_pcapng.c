/* capture_pcapng.c -- tests of the pcapng reader: every block, both orders, cut at every byte. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "capture_blocks.h"
#include "memfile.h"
#include "pcapng.h"
#include "rnd.h"

enum { FRAMES_MAX = 64 };

/* --- what the reader says of it --- */

struct seen {
	size_t count;
	struct {
		char data[64], interface[300], comment[2][64];
		uint32_t cap_len, len, linktype;
		int64_t time_ns;
		int32_t id;
		unsigned comments;
	} frames[FRAMES_MAX];
	int end;
	struct err_detail why;
};

static struct seen seen;
static struct memfile memfile;

static void note(const struct frame *f)
{
	assert_true(seen.count < FRAMES_MAX);
	memset(&seen.frames[seen.count], 0, sizeof(seen.frames[0]));
	memcpy(seen.frames[seen.count].data, f->data, f->cap_len < 63 ? f->cap_len : 63);
	if (f->interface)
		(void)snprintf(seen.frames[seen.count].interface, 300, "%s", f->interface);
	for (unsigned i = 0; i < f->ncomments && i < 2; i++)
		memcpy(seen.frames[seen.count].comment[i], f->comments[i].text,
			f->comments[i].len < 63 ? f->comments[i].len : 63);
	seen.frames[seen.count].comments = f->ncomments;
	seen.frames[seen.count].cap_len = f->cap_len;
	seen.frames[seen.count].len = f->len;
	seen.frames[seen.count].linktype = f->linktype;
	seen.frames[seen.count].time_ns = f->time_ns;
	seen.frames[seen.count++].id = f->interface_id;
}

static void read_part(size_t n)
{
	struct stream *stream;
	struct frame f;

	memfile_write(&memfile, blocks_file.bytes, n);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(stream_open(memfile.path, NULL, NULL, NULL, &stream, &seen.why), 0);
	struct pcapng *p = pcapng_new(stream);
	assert_non_null(p);
	while ((seen.end = pcapng_next(p, &f, &seen.why)) == 0)
		note(&f);
	if (seen.end != ERR_END)
		assert_true(strlen(seen.why.text) > 5);
	pcapng_free(p);
	stream_close(stream);
}

static void read_file(size_t frames, int end)
{
	read_part(blocks_file.n);
	if (seen.end != end)
		fail_msg("ended with %d (%s)", seen.end, seen.why.text);
	assert_int_equal(seen.count, frames);
}

static int begin(void **state)
{
	(void)state;
	blocks_reset();
	return 0;
}

static int open_file(void **state)
{
	(void)state;
	memfile_open(&memfile);
	return 0;
}

static int close_file(void **state)
{
	(void)state;
	memfile_close(&memfile);
	return 0;
}

/* --- the tests --- */

static void the_magic_number_is_known(void **state)
{
	(void)state;
	assert_true(pcapng_is((const uint8_t *)"\x0a\x0d\x0d\x0a", 4));
	assert_false(pcapng_is((const uint8_t *)"\x0a\x0d\x0d\x0a", 3));
	assert_false(pcapng_is((const uint8_t *)"\xd4\xc3\xb2\xa1", 4));
}

static void packets_have_interface_time_and_both_lengths(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		(void)begin(state);
		blocks_section(big);
		blocks_interface(1, "eth0");
		blocks_interface(113, "any");
		blocks_packet(0, 1767323045123456, "first");
		blocks_begin_packet(1, 1767323045123457, "second", 1500);
		blocks_end();
		read_file(2, ERR_END);
		assert_string_equal(seen.frames[0].data, "first");
		assert_string_equal(seen.frames[0].interface, "eth0");
		assert_int_equal(seen.frames[0].linktype, 1);
		assert_int_equal(seen.frames[0].id, 0);
		assert_int_equal(seen.frames[0].len, 5);
		assert_true(seen.frames[0].time_ns == INT64_C(1767323045123456000));
		assert_string_equal(seen.frames[1].interface, "any");
		assert_int_equal(seen.frames[1].linktype, 113);
		assert_int_equal(seen.frames[1].id, 1);
		assert_int_equal(seen.frames[1].cap_len, 6);
		assert_int_equal(seen.frames[1].len, 1500);
	}
}

static void an_interface_says_what_its_ticks_are(void **state)
{
	static const uint8_t nano = 9, binary = 0x80 | 10;
	uint8_t offset[8] = { 0 };

	(void)state;
	for (int big = 0; big < 2; big++) {
		(void)begin(state);
		offset[0] = big ? 0 : 100;
		offset[7] = big ? 100 : 0;
		blocks_section(big);
		blocks_begin_interface(1, 0);
		blocks_option(IF_TSRESOL, &nano, 1);
		blocks_end_options();
		blocks_end();
		blocks_begin_interface(1, 0);
		blocks_option(IF_TSRESOL, &binary, 1);
		blocks_option(IF_TSOFFSET, offset, 8);
		blocks_end_options();
		blocks_end();
		blocks_packet(0, 1767323045123456789, "a");
		blocks_packet(1, 1024 + 512, "b");
		read_file(2, ERR_END);
		assert_true(seen.frames[0].time_ns == INT64_C(1767323045123456789));
		assert_true(seen.frames[1].time_ns == INT64_C(101500000000));
	}
}

static void an_interface_without_a_name_has_what_tells_it_from_others(void **state)
{
	static const struct {
		uint16_t first, second;
		const char *name;
	} interfaces[] = { { 0, 0, "" }, { 15, 0, "other words" }, { 15, 3, "some words" },
		{ 3, IF_NAME, "lo" } };

	(void)state;
	blocks_section(false);
	for (unsigned i = 0; i < 4; i++) {
		blocks_begin_interface(1, 0);
		if (interfaces[i].first)
			blocks_option(interfaces[i].first, "other words", 11);
		if (interfaces[i].second == 3)
			blocks_option(3, "some words", 10);
		if (interfaces[i].second == IF_NAME)
			blocks_option(IF_NAME, "lo", 2);
		blocks_end_options();
		blocks_end();
	}
	for (unsigned i = 0; i < 4; i++)
		blocks_packet(i, 0, "a");
	read_file(4, ERR_END);
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(seen.frames[i].interface, interfaces[i].name);
}

static void options_are_found_whatever_stands_around_them(void **state)
{
	(void)state;
	blocks_section(false);
	blocks_begin_interface(1, 0);
	blocks_option(3, "a description", 13);
	blocks_option(IF_NAME, "lo", 2);
	blocks_option(IF_NAME, "second name", 11);
	blocks_option(12, "Linux", 5);
	blocks_end_options();
	blocks_option(IF_NAME, "behind the end", 14);
	blocks_end();
	blocks_begin_packet(0, 0, "abc", 3);
	blocks_option(2, "\0\0\0\1", 4);
	blocks_option(OPT_COMMENT, "one", 3);
	blocks_option(OPT_COMMENT, "two\xff\"", 5);
	blocks_end_options();
	blocks_end();
	blocks_packet(0, 0, "no comment");
	read_file(2, ERR_END);
	assert_string_equal(seen.frames[0].interface, "lo");
	assert_int_equal(seen.frames[0].comments, 2);
	assert_string_equal(seen.frames[0].comment[0], "one");
	assert_string_equal(seen.frames[0].comment[1], "two\xff\"");
	assert_int_equal(seen.frames[1].comments, 0);
}

static void an_option_that_lies_about_its_length_ends_the_options(void **state)
{
	(void)state;
	blocks_section(false);
	blocks_begin_interface(1, 0);
	blocks_number(IF_NAME, 2);
	blocks_number(60000, 2);
	blocks_raw("eth0", 4);
	blocks_end();
	blocks_begin_packet(0, 0, "abc", 3);
	blocks_number(OPT_COMMENT, 2);
	blocks_number(5, 2);
	blocks_raw("abcd", 4);
	blocks_end();
	read_file(1, ERR_END);
	assert_string_equal(seen.frames[0].interface, "");
	assert_int_equal(seen.frames[0].comments, 0);
}

static void a_name_without_end_is_cut(void **state)
{
	static char name[5000];

	(void)state;
	memset(name, 'n', sizeof(name));
	blocks_section(false);
	blocks_begin_interface(1, 0);
	blocks_option(IF_NAME, name, sizeof(name));
	blocks_end_options();
	blocks_end();
	blocks_packet(0, 0, "x");
	read_file(1, ERR_END);
	assert_in_range(strlen(seen.frames[0].interface), 1, 255);
}

static void old_and_simple_packet_blocks_are_read(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		(void)begin(state);
		blocks_section(big);
		blocks_begin_interface(1, 4);
		blocks_end();
		blocks_interface(113, NULL);
		blocks_begin(PB);
		blocks_number(1, 2);
		blocks_number(7, 2); /* drops */
		blocks_number(0, 4);
		blocks_number(2500000, 4);
		blocks_number(3, 4);
		blocks_number(9, 4);
		blocks_raw("old", 3);
		blocks_pad();
		blocks_end();
		blocks_begin(SPB);
		blocks_number(9, 4); /* longer than the snaplen of interface 0 */
		blocks_raw("simp", 4);
		blocks_end();
		blocks_begin(SPB);
		blocks_number(2, 4);
		blocks_raw("ab", 2);
		blocks_pad();
		blocks_end();
		read_file(3, ERR_END);
		assert_string_equal(seen.frames[0].data, "old");
		assert_int_equal(seen.frames[0].id, 1);
		assert_int_equal(seen.frames[0].linktype, 113);
		assert_int_equal(seen.frames[0].len, 9);
		assert_true(seen.frames[0].time_ns == 2500000000);
		assert_string_equal(seen.frames[1].data, "simp");
		assert_int_equal(seen.frames[1].len, 9);
		assert_int_equal(seen.frames[1].cap_len, 4);
		assert_int_equal(seen.frames[1].time_ns, 0);
		assert_string_equal(seen.frames[2].data, "ab");
		assert_int_equal(seen.frames[2].cap_len, 2);
	}
}

static void blocks_of_other_types_are_passed_over(void **state)
{
	static const uint32_t types[] = { NRB, ISB, DSB, 0x0bad, 0x80000001, 0xffffffff, 0 };

	(void)state;
	blocks_section(false);
	blocks_interface(1, "a");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		blocks_begin(types[i]);
		blocks_raw("some contents", 13);
		blocks_pad();
		blocks_end();
		blocks_packet(0, i, "x");
	}
	read_file(sizeof(types) / sizeof(types[0]), ERR_END);
}

static void a_new_section_has_its_own_order_and_interfaces(void **state)
{
	(void)state;
	blocks_section(false);
	blocks_interface(1, "a");
	blocks_packet(0, 0, "one");
	blocks_section(true);
	blocks_interface(113, "b");
	blocks_packet(0, 0, "two");
	blocks_packet(1, 0, "nobody's");
	read_file(2, ERR_INPUT);
	assert_string_equal(seen.frames[1].data, "two");
	assert_string_equal(seen.frames[1].interface, "b");
	assert_int_equal(seen.frames[1].linktype, 113);
	assert_int_equal(seen.frames[1].id, 1); /* ids go on counting, as in Wireshark */
}

/* A file that holds every kind of block. */
static size_t everything(bool big, size_t ends[32])
{
	size_t n = 0;

	(void)begin(NULL);
#define MARK ends[n++] = blocks_file.n
	blocks_section(big);
	MARK;
	blocks_begin_interface(1, 64);
	blocks_option(IF_NAME, "eth0", 4);
	blocks_option(IF_TSRESOL, "\x09", 1);
	blocks_end_options();
	blocks_end();
	MARK;
	blocks_begin_packet(0, 5, "hello", 5);
	blocks_option(OPT_COMMENT, "why", 3);
	blocks_end_options();
	blocks_end();
	MARK;
	blocks_begin(SPB);
	blocks_number(4, 4);
	blocks_raw("simp", 4);
	blocks_end();
	MARK;
	blocks_begin(ISB);
	blocks_number(0, 4);
	blocks_number(0, 8);
	blocks_end();
	MARK;
	blocks_packet(0, 6, "last");
	MARK;
#undef MARK
	return n;
}

static void a_file_that_is_cut_anywhere_gives_what_is_whole_and_says_so(void **state)
{
	static const size_t frames_after[] = { 0, 0, 1, 2, 2, 3 };
	size_t ends[32];

	(void)state;
	for (int big = 0; big < 2; big++) {
		size_t blocks = everything(big, ends);
		for (size_t n = 12; n <= blocks_file.n; n++) {
			size_t whole = 0, frames;
			while (whole < blocks && ends[whole] <= n)
				whole++;
			frames = whole ? frames_after[whole - 1] : 0;
			read_part(n);
			assert_int_equal(seen.count, frames);
			bool at_end = whole && ends[whole - 1] == n;
			assert_int_equal(seen.end, at_end ? ERR_END : ERR_TRUNCATED);
		}
	}
}

/* Whatever a byte becomes: frames inside their blocks, and an end. */
static void changed_bytes_do_no_harm(void **state)
{
	struct rnd rnd = rnd_start();
	size_t ends[32];

	(void)state;
	for (unsigned i = 0; i < 1500; i++) {
		size_t blocks = everything(i & 1, ends); /* each may become a packet */
		for (uint64_t k = 0; k <= rnd_below(&rnd, 3); k++)
			blocks_file.bytes[rnd_below(&rnd, blocks_file.n)] = (uint8_t)rnd_next(&rnd);
		read_part(blocks_file.n);
		assert_in_range(seen.count, 0, blocks);
		for (size_t f = 0; f < seen.count; f++)
			assert_true(seen.frames[f].cap_len <= seen.frames[f].len);
	}
}

static void impossible_blocks_are_refused_with_a_sentence(void **state)
{
	static const uint32_t lengths[] = { 0, 4, 8, 11, 13, (16 << 20) + 4, 0x80000000,
		0xfffffffc };
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		(void)begin(state);
		blocks_section(false);
		blocks_interface(1, "a");
		blocks_packet(0, 0, "good");
		at = blocks_file.n;
		blocks_packet(0, 0, "bad");
		blocks_file.n = at + 4;
		blocks_number(lengths[i], 4);
		blocks_file.n = at + 40;
		read_file(1, ERR_INPUT);
	}
	(void)begin(state);
	blocks_section(false);
	blocks_packet(0, 0, "no interface");
	read_file(0, ERR_INPUT);
	(void)begin(state);
	blocks_section(false);
	blocks_interface(1, NULL);
	blocks_begin_packet(0, 0, "abcd", 4);
	blocks_end();
	blocks_file.n = blocks_file.block + 20;
	blocks_number(5000, 4); /* captured length beyond the block */
	blocks_file.n = blocks_file.block + 36;
	read_file(0, ERR_INPUT);
}

static void a_section_without_magic_is_refused(void **state)
{
	(void)state;
	blocks_section(false);
	blocks_file.bytes[9] ^= 0xff;
	read_file(0, ERR_INPUT);
}

static void a_comment_count_has_an_end(void **state)
{
	(void)state;
	blocks_section(false);
	blocks_interface(1, NULL);
	blocks_begin_packet(0, 0, "x", 1);
	for (unsigned i = 0; i < 3000; i++)
		blocks_option(OPT_COMMENT, "c", 1);
	blocks_end();
	read_file(1, ERR_END);
	assert_in_range(seen.frames[0].comments, 1, 1024);
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_magic_number_is_known),
		TEST(packets_have_interface_time_and_both_lengths),
		TEST(an_interface_says_what_its_ticks_are),
		TEST(an_interface_without_a_name_has_what_tells_it_from_others),
		TEST(options_are_found_whatever_stands_around_them),
		TEST(an_option_that_lies_about_its_length_ends_the_options),
		TEST(a_name_without_end_is_cut),
		TEST(old_and_simple_packet_blocks_are_read),
		TEST(blocks_of_other_types_are_passed_over),
		TEST(a_new_section_has_its_own_order_and_interfaces),
		TEST(a_file_that_is_cut_anywhere_gives_what_is_whole_and_says_so),
		TEST(changed_bytes_do_no_harm),
		TEST(impossible_blocks_are_refused_with_a_sentence),
		TEST(a_section_without_magic_is_refused),
		TEST(a_comment_count_has_an_end),
	};

	return cmocka_run_group_tests(tests, open_file, close_file);
}
