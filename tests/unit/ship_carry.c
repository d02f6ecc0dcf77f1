/* ship_carry.c -- tests of what comes home by --in-file: lines of files, and records of lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "carry_line.h"
#include "gzip_member.h"
#include "line_file.h"
#include "rnd.h"

enum { TEXT_BYTES = 6 << 20 };

#define RUN "00000000000v5"
#define ID  RUN "0000000000009"
#define DOC                                                                                        \
	"\"@timestamp\":\"2026-01-02T03:04:05.123456789Z\",\"event\":{\"dataset\":\"espcap."       \
	"packet\"}"
#define MEMBERS "{\"event.sequence\":9,\"espcap.run\":\"" RUN "\","

static const struct index_patterns patterns = { .count = 2,
	.items = { { .from = 1, .text = "old-%Y" }, { .from = 5, .text = "p-%Y.%m.%d" } } };

/* --- lines --- */

static struct line_file *lines_of(const void *text, size_t n)
{
	struct line_file *f;
	int fd = memfd_create("in", 0);

	assert_true(fd >= 0);
	for (size_t at = 0; at < n;) {
		ssize_t done = pwrite(fd, (const char *)text + at, n - at, (off_t)at);
		assert_true(done > 0);
		at += (size_t)done;
	}
	assert_int_equal(line_file_new(fd, false, &f), 0);
	return f;
}

/* Lines of random lengths, one of them too long, come back as they are. */
static size_t random_lines(struct rnd *rnd, char *text, bool ended)
{
	size_t n = 0;

	for (unsigned i = 0; i < 60; i++) {
		size_t len = (size_t)rnd_below(rnd, i % 7 ? 300 : 200000);
		len = i == 23 ? LINE_FILE_MAX + (size_t)rnd_below(rnd, 2000000) : len;
		memset(text + n, 'a' + (int)(i % 26), len);
		n += len;
		text[n++] = '\n';
	}
	return ended ? n : n - 1;
}

static void check_lines(struct line_file *f, const char *text, size_t n)
{
	struct line line;
	const char *p = text, *end = text + n;
	uint64_t number = 1;

	for (; p < end; number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = newline ? (size_t)(newline - p) : (size_t)(end - p);
		assert_int_equal(line_file_next(f, &line), 0);
		assert_int_equal(line.number, number);
		assert_int_equal(line.at, p - text);
		assert_int_equal(line.end, (size_t)(p - text) + len + (newline != NULL));
		assert_int_equal(line.torn, newline == NULL);
		if (!line.long_one) {
			assert_int_equal(line.len, len);
			assert_memory_equal(line.text, p, len);
		} else {
			assert_true(len > LINE_FILE_MAX);
		}
		p += len + 1;
	}
	assert_int_equal(line_file_next(f, &line), ERR_END);
	assert_int_equal(line_file_next(f, &line), ERR_END);
}

static void plain_lines_come_back(void **state)
{
	struct rnd rnd = rnd_start();
	char *text = malloc(TEXT_BYTES);

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		size_t n = random_lines(&rnd, text, i % 2);
		struct line_file *f = lines_of(text, n);
		check_lines(f, text, n);
		line_file_free(f);
	}
	free(text);
	struct line_file *empty = lines_of("", 0);
	check_lines(empty, "", 0);
	line_file_free(empty);
}

/* Members of ours of random lengths, and one of zlib's in the midst. */
static size_t pack(struct rnd *rnd, const char *text, size_t n, struct buf *out)
{
	struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(1);
	struct buf one;
	size_t count = 0;

	buf_init(&one, TEXT_BYTES + 100000);
	assert_int_equal(buf_reserve(&one, TEXT_BYTES + 90000), 0);
	for (size_t at = 0; at < n; count++) {
		size_t len = 1 + (size_t)rnd_below(rnd, n / 3);
		len = len < n - at ? len : n - at;
		size_t got = count == 1 ? libdeflate_gzip_compress(
						  deflate, text + at, len, one.data, one.cap)
					: gzip_member_write(deflate, text + at, len, &one);
		assert_int_equal(buf_add(out, one.data, got), 0);
		at += len;
	}
	buf_done(&one);
	libdeflate_free_compressor(deflate);
	return count;
}

static void lines_of_gzip_come_back_whoever_made_it(void **state)
{
	struct rnd rnd = rnd_start();
	char *text = malloc(TEXT_BYTES);
	struct buf packed;

	(void)state;
	buf_init(&packed, TEXT_BYTES);
	for (unsigned i = 0; i < 10; i++) {
		size_t n = random_lines(&rnd, text, i % 2);
		buf_reset(&packed);
		(void)pack(&rnd, text, n, &packed);
		struct line_file *f = lines_of(packed.data, packed.len);
		check_lines(f, text, n);
		line_file_free(f);
	}
	buf_done(&packed);
	free(text);
}

/* Five members of forty lines each. */
static void five_members(struct buf *all, size_t starts[5])
{
	struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(1);
	struct buf one;

	buf_init(all, 1 << 20);
	buf_init(&one, 1 << 20);
	assert_int_equal(buf_reserve(&one, 65536), 0);
	for (unsigned m = 0; m < 5; m++) {
		char text[2000];
		size_t n = 0;
		for (unsigned i = 0; i < 40; i++)
			n += (size_t)snprintf(
				text + n, sizeof(text) - n, "line %u of %u, whole\n", i, m);
		n = gzip_member_write(deflate, text, n, &one);
		starts[m] = all->len;
		assert_int_equal(buf_add(all, one.data, n), 0);
	}
	buf_done(&one);
	libdeflate_free_compressor(deflate);
}

/* How many lines there are, all of them whole; *errors: what was told beside them. */
static unsigned whole_lines(const char *text, size_t n, unsigned *errors)
{
	struct line_file *f = lines_of(text, n);
	struct line line;
	unsigned good = 0;
	int err;

	*errors = 0;
	while ((err = line_file_next(f, &line)) != ERR_END) {
		assert_true(!err || err == ERR_INPUT || err == ERR_TRUNCATED);
		*errors += err != 0;
		assert_true(*errors < 100);
		if (err)
			continue;
		assert_false(line.torn);
		assert_memory_equal(line.text, "line ", 5);
		assert_memory_equal(line.text + line.len - 5, "whole", 5);
		good++;
	}
	line_file_free(f);
	return good;
}

/* However it is cut or damaged: it ends, and what is given as a line was one. */
static void cut_and_damaged_gzip_gives_whole_members_only(void **state)
{
	struct rnd rnd = rnd_start();
	size_t starts[5];
	unsigned errors;
	struct buf all;

	(void)state;
	five_members(&all, starts);
	for (unsigned i = 0; i < 3000; i++) {
		size_t n = i % 2 ? 2 + (size_t)rnd_below(&rnd, all.len - 1) : all.len;
		/* a head that is not ours any more makes its member one of anybody's */
		size_t at = starts[rnd_below(&rnd, 5)] + GZIP_MEMBER_HEADER +
			    (size_t)rnd_below(&rnd, 60);
		char bit = (char)(i % 3 ? 1 << rnd_below(&rnd, 8) : 0), kept = all.data[at];
		if (bit)
			all.data[at] = (char)(kept ^ bit);
		unsigned good = whole_lines(all.data, n, &errors);
		if (bit)
			all.data[at] = kept;
		assert_true(good % 40 == 0);
		assert_true(errors || good == 200 || (i % 2 && good < 200));
	}
	buf_done(&all);
}

/* --- records --- */

static struct carry_lines carry;
static struct dead_letter record;
static char buffer[4096];

static enum carry_line take(const char *text)
{
	const char *why = NULL;

	(void)snprintf(buffer, sizeof(buffer), "%s", text);
	carry.patterns = &patterns;
	enum carry_line what = carry_line_read(&carry, buffer, strlen(text), &record, &why);
	assert_int_equal(what == CARRY_BAD, why != NULL);
	return what;
}

static void check_record(const char *index, enum frame_kind kind, unsigned flags, const char *text)
{
	assert_int_equal(record.run, 997);
	assert_int_equal(record.seq, 9);
	assert_string_equal(record.index, index);
	assert_int_equal(record.kind, kind);
	assert_int_equal(record.flags, flags);
	assert_int_equal(record.len, strlen(text));
	assert_memory_equal(record.record, text, record.len);
}

static int forget(void **state)
{
	(void)state;
	memset(&carry, 0, sizeof(carry));
	return 0;
}

static void a_document_names_its_record_and_the_patterns_its_index(void **state)
{
	(void)state;
	assert_int_equal(take(MEMBERS DOC "}"), CARRY_RECORD);
	check_record("p-2026.01.02", FRAME_FULL, 0, "{" DOC "}");
	assert_int_equal(take(MEMBERS DOC "}\r"), CARRY_RECORD);
	assert_int_equal(take(MEMBERS DOC ",\"espcap\":{\"clock\":\"unsynced\"}}"), CARRY_RECORD);
	check_record("p-unsynced", FRAME_FULL, FRAME_UNSYNCED,
		"{" DOC ",\"espcap\":{\"clock\":\"unsynced\"}}");
	assert_int_equal(take(MEMBERS "\"srcip\":\"1.2.3.4\"}"), CARRY_RECORD);
	check_record("packets_lite", FRAME_LITE, 0, "{\"srcip\":\"1.2.3.4\"}");
	assert_int_equal(take(MEMBERS "\"@timestamp\":\"2026-02-02T03:04:05.123456789Z\",\"event\":"
				      "{\"dataset\":\"espcap.loss\"}}"),
		CARRY_RECORD);
	assert_string_equal(record.index, "espcap-events-2026.02");
	assert_int_equal(record.kind, FRAME_EVENT);
}

static void an_action_line_names_both(void **state)
{
	(void)state;
	assert_int_equal(
		take("{\"create\":{\"_index\":\"other-1\",\"_id\":\"" ID "\"}}"), CARRY_ACTION);
	assert_int_equal(take(MEMBERS DOC "}"), CARRY_RECORD);
	check_record("other-1", FRAME_FULL, 0, "{" DOC "}");
	assert_int_equal(take("{\"create\":{\"_index\":\"packets_lite\",\"_id\":\"" ID "\"}}"),
		CARRY_ACTION);
	assert_int_equal(take("{\"srcip\":\"1.2.3.4\"}"), CARRY_RECORD);
	check_record("packets_lite", FRAME_LITE, 0, "{\"srcip\":\"1.2.3.4\"}");
	assert_int_equal(take(""), CARRY_BLANK);
}

static void what_is_in_a_string_is_no_member(void **state)
{
	static const char text[] = "{" DOC
				   ",\"layers\":{\"x\":\"\\\"clock\\\":\\\"unsynced\\\"\"}}";

	(void)state;
	assert_int_equal(
		take(MEMBERS DOC ",\"layers\":{\"x\":\"\\\"clock\\\":\\\"unsynced\\\"\"}}"),
		CARRY_RECORD);
	check_record("p-2026.01.02", FRAME_FULL, 0, text);
}

static void nothing_else_is_a_record(void **state)
{
	static const char *const bad[] = { "hello", "{}", "{" DOC "}", "{\"srcip\":\"1.2.3.4\"}",
		MEMBERS, MEMBERS "}", MEMBERS DOC, MEMBERS DOC "}}", MEMBERS "\"a\":1}",
		"{\"event.sequence\":0,\"espcap.run\":\"" RUN "\"," DOC "}",
		"{\"event.sequence\":x,\"espcap.run\":\"" RUN "\"," DOC "}",
		"{\"event.sequence\":99999999999999999999,\"espcap.run\":\"" RUN "\"," DOC "}",
		"{\"event.sequence\":9,\"espcap.run\":\"00000000000_5\"," DOC "}",
		"{\"event.sequence\":9,\"espcap.run\":\"short\"," DOC "}",
		"{\"create\":{\"_index\":\"\",\"_id\":\"" ID "\"}}",
		"{\"create\":{\"_index\":\"Big\",\"_id\":\"" ID "\"}}",
		"{\"create\":{\"_index\":\"p\",\"_id\":\"short\"}}",
		"{\"create\":{\"_index\":\"p\",\"_id\":\"" ID "\"}} ",
		"{\"create\":{\"_index\":\"p\",\"_id\":\"" RUN "0000000000000\"}}",
		"{\"index\":{\"_index\":\"p\"}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (take(bad[i]) != CARRY_BAD)
			fail_msg("taken: %s", bad[i]);
		assert_false(carry.waits);
	}
}

static void an_action_line_and_its_document_belong_together(void **state)
{
	static const char action[] = "{\"create\":{\"_index\":\"p\",\"_id\":\"" RUN
				     "0000000000008\"}}";

	(void)state;
	assert_int_equal(take(action), CARRY_ACTION);
	assert_int_equal(take(MEMBERS DOC "}"), CARRY_BAD); /* of another record */
	assert_int_equal(take(MEMBERS DOC "}"), CARRY_RECORD);
	assert_int_equal(take(action), CARRY_ACTION);
	assert_int_equal(take(action), CARRY_BAD); /* the first one has no document */
	assert_true(carry.waits);
	assert_int_equal(take(""), CARRY_BAD);
	assert_false(carry.waits);
}

static void no_beginning_of_a_line_is_a_record(void **state)
{
	static const char line[] = MEMBERS DOC ",\"layers\":{\"tcp.port\":[1,2]}}";
	char cut[sizeof(line)];

	(void)state;
	for (size_t n = 1; n < sizeof(line) - 1; n++) {
		memcpy(cut, line, n);
		cut[n] = '\0';
		assert_int_equal(take(cut), CARRY_BAD);
	}
	assert_int_equal(take(line), CARRY_RECORD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_come_back),
		cmocka_unit_test(lines_of_gzip_come_back_whoever_made_it),
		cmocka_unit_test(cut_and_damaged_gzip_gives_whole_members_only),
		cmocka_unit_test_setup(
			a_document_names_its_record_and_the_patterns_its_index, forget),
		cmocka_unit_test_setup(an_action_line_names_both, forget),
		cmocka_unit_test_setup(what_is_in_a_string_is_no_member, forget),
		cmocka_unit_test_setup(nothing_else_is_a_record, forget),
		cmocka_unit_test_setup(an_action_line_and_its_document_belong_together, forget),
		cmocka_unit_test_setup(no_beginning_of_a_line_is_a_record, forget),
	};

	return TEST_RUN(tests);
}
