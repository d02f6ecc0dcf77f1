/* capture_stream.c -- tests of the bytes of a file: plain, gzip or zstd, told by content. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "memfile.h"
#include "rnd.h"
#include "stream.h"

enum { SMALL = 5000, LARGE = 900000, PACKED_MAX = 1 << 20 };

static struct memfile memfile;
static struct err_detail why;
static uint8_t plain[LARGE], packed[PACKED_MAX], got[LARGE + 1];

static int begin(void **state)
{
	struct rnd rnd = rnd_start();

	(void)state;
	memfile_open(&memfile);
	for (size_t i = 0; i < LARGE; i++)
		plain[i] = (uint8_t)('a' + rnd_below(&rnd, 6));
	return 0;
}

static int end(void **state)
{
	(void)state;
	memfile_close(&memfile);
	return 0;
}

static void write_file(const void *bytes, size_t n)
{
	memfile_write(&memfile, bytes, n);
}

static size_t gzip(const void *from, size_t n, uint8_t *out)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)from;
	z.avail_in = (uInt)n;
	z.next_out = out;
	z.avail_out = PACKED_MAX;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	n = z.total_out;
	(void)deflateEnd(&z);
	return n;
}

static size_t zstd(const void *from, size_t n, uint8_t *out)
{
	size_t code = ZSTD_compress(out, PACKED_MAX, from, n, 3);

	assert_false(ZSTD_isError(code));
	return code;
}

static struct stream *open_stream(void)
{
	struct stream *s;

	assert_int_equal(stream_open(memfile.path, NULL, NULL, NULL, &s, &why), 0);
	return s;
}

/* Reads all in pieces of a size; what came, and whether an error was told behind it. */
static size_t read_all(struct stream *s, size_t piece, bool *error)
{
	size_t n = 0;

	*error = false;
	for (;;) {
		size_t want = piece < sizeof(got) - n ? piece : sizeof(got) - n;
		ssize_t code = stream_read(s, got + n, want);
		if (code < 0)
			break;
		n += (size_t)code;
		if ((size_t)code < want)
			break;
	}
	*error = stream_error(s) != NULL;
	return n;
}

static void assert_reads(const uint8_t *bytes, size_t n, size_t piece)
{
	struct stream *s = open_stream();
	bool error;

	assert_int_equal(read_all(s, piece, &error), n);
	assert_false(error);
	assert_memory_equal(got, bytes, n);
	assert_int_equal(stream_read(s, got, 1), 0); /* and stays at the end */
	stream_close(s);
}

static void what_is_packed_is_told_by_its_content(void **state)
{
	static const size_t sizes[] = { 1, 19, 20, 21, 100, SMALL, LARGE };
	static const size_t pieces[] = { 1, 7, 20, 4096, LARGE + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			if (sizes[i] == LARGE && pieces[k] < 4096)
				continue;
			write_file(plain, sizes[i]);
			assert_reads(plain, sizes[i], pieces[k]);
			write_file(packed, gzip(plain, sizes[i], packed));
			assert_reads(plain, sizes[i], pieces[k]);
			write_file(packed, zstd(plain, sizes[i], packed));
			assert_reads(plain, sizes[i], pieces[k]);
		}
}

static void members_and_frames_follow_each_other(void **state)
{
	static const uint8_t skippable[] = { 0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3 };
	size_t n = gzip(plain, 1000, packed);

	(void)state;
	n += gzip(plain + 1000, SMALL - 1000, packed + n);
	write_file(packed, n);
	assert_reads(plain, SMALL, 333);
	n = zstd(plain, 1000, packed);
	n += zstd(plain + 1000, SMALL - 1000, packed + n);
	write_file(packed, n);
	assert_reads(plain, SMALL, 333);
	memcpy(packed, skippable, sizeof(skippable));
	n = sizeof(skippable) + zstd(plain, SMALL, packed + sizeof(skippable));
	write_file(packed, n);
	assert_reads(plain, SMALL, 333);
}

static void bytes_that_only_begin_like_packed_ones_are_plain(void **state)
{
	static const char *const texts[] = { "\x1f\x8b\x07rest of it, no gzip", "\x1f\x8b",
		"\x28\xb5\x2f", "\x28\xb5\x2f\xfcrest of it, no zstd", "\xd4\xc3\xb2\xa1" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_file(texts[i], strlen(texts[i]));
		assert_reads((const uint8_t *)texts[i], strlen(texts[i]), 5);
	}
}

/* Packed data that is cut gives what it holds, and then an error, never a silent end. */
static void packed_data_that_is_cut_anywhere_is_an_error(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		size_t n = kind ? zstd(plain, 600, packed) : gzip(plain, 600, packed);
		for (size_t cut = 4; cut < n; cut++) {
			bool error;
			write_file(packed, cut);
			struct stream *s = open_stream();
			size_t came = read_all(s, 100, &error);
			assert_in_range(came, 0, 600);
			assert_memory_equal(got, plain, came);
			assert_true(error);
			stream_close(s);
		}
	}
}

static void damaged_packed_data_is_an_error_or_right(void **state)
{
	struct rnd rnd = rnd_start();

	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		size_t n = i & 1 ? zstd(plain, 600, packed) : gzip(plain, 600, packed);
		bool error;
		packed[4 + rnd_below(&rnd, n - 4)] ^= (uint8_t)(1 << rnd_below(&rnd, 8));
		write_file(packed, n);
		struct stream *s = open_stream();
		size_t came = read_all(s, 100, &error);
		/* gzip has a checksum; the zstd frame here has none */
		if (!(i & 1) && !error) {
			assert_int_equal(came, 600);
			assert_memory_equal(got, plain, 600);
		}
		stream_close(s);
	}
}

static void garbage_behind_packed_data_is_an_error(void **state)
{
	bool error;

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		size_t n = kind ? zstd(plain, 600, packed) : gzip(plain, 600, packed);
		memset(packed + n, 'g', 40);
		write_file(packed, n + 40);
		struct stream *s = open_stream();
		assert_int_equal(read_all(s, 600, &error), 600);
		assert_true(error);
		assert_true(strlen(stream_error(s)) > 5);
		stream_close(s);
	}
}

static long resident_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* A file of a few kilobytes that unpacks to 256 MiB must not cost its size in memory. */
static void a_bomb_is_read_in_bounded_memory(void **state)
{
	enum { MIB = 1 << 20, BOMB = 256 };
	static uint8_t zeros[MIB], out[65536];
	z_stream z = { 0 };
	size_t came = 0;
	ssize_t n;

	(void)state;
	write_file("", 0);
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	for (unsigned i = 0; i < BOMB; i++) {
		z.next_in = zeros;
		z.avail_in = MIB;
		z.next_out = packed;
		z.avail_out = PACKED_MAX;
		assert_true(deflate(&z, i == BOMB - 1 ? Z_FINISH : Z_NO_FLUSH) >= 0);
		assert_int_equal(z.avail_in, 0);
		size_t made = PACKED_MAX - z.avail_out;
		memfile_add(&memfile, packed, made);
	}
	(void)deflateEnd(&z);
	long before = resident_kib();
	struct stream *s = open_stream();
	while ((n = stream_read(s, out, sizeof(out))) > 0)
		came += (size_t)n;
	assert_null(stream_error(s));
	assert_int_equal(came, (size_t)BOMB * MIB);
	assert_in_range(resident_kib() - before, 0, 32 * 1024);
	stream_close(s);
}

/* A frame may ask for a window of gigabytes: more than 128 MiB is refused. */
static void a_window_that_is_too_large_is_refused(void **state)
{
	/* magic, descriptor without a size, window of 2^(10+21): 2 GiB; an empty last block */
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00 };
	bool error;

	(void)state;
	write_file(frame, sizeof(frame));
	struct stream *s = open_stream();
	assert_int_equal(read_all(s, 100, &error), 0);
	assert_true(error);
	stream_close(s);
}

/* --- where bytes come from --- */

static unsigned idled;
static int token[2]; /* the child writes its second half when a byte comes */

static bool on_idle(void *arg)
{
	assert_ptr_equal(arg, &memfile);
	if (idled++ == 0)
		assert_int_equal(write(token[1], "x", 1), 1);
	return true;
}

/* Standard input becomes a pipe into which a child writes the bytes one by one; from the middle on
 * only when the reader has found nothing to read. */
static pid_t pipe_in(const uint8_t *bytes, size_t n)
{
	int ends[2];
	char byte;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(token), 0);
	pid_t child = fork();
	if (child == 0) {
		for (size_t i = 0; i < n; i++)
			if ((i == n / 2 && read(token[0], &byte, 1) != 1) ||
				write(ends[1], bytes + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return child;
}

static void a_pipe_is_told_by_content_and_says_when_it_waits(void **state)
{
	int saved = dup(STDIN_FILENO), status;
	struct stream *s;
	bool error;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		size_t n = 100;
		if (kind)
			n = kind == 1 ? gzip(plain, n, packed) : zstd(plain, n, packed);
		assert_true(n / 2 > 20); /* what has to come before anything is told */
		idled = 0;
		pid_t child = pipe_in(kind ? packed : plain, n);
		assert_int_equal(stream_open("-", NULL, on_idle, &memfile, &s, &why), 0);
		assert_int_equal(read_all(s, 100, &error), 100);
		assert_memory_equal(got, plain, 100);
		assert_false(error);
		assert_true(idled > 0);
		assert_int_equal(stream_identity(s), 0);
		assert_int_equal(stream_size(s), 0);
		assert_null(stream_plain_file(s));
		stream_close(s);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		(void)close(token[0]);
		(void)close(token[1]);
	}
	(void)dup2(saved, STDIN_FILENO);
	(void)close(saved);
}

static void what_cannot_be_opened_says_why(void **state)
{
	struct stream *s;

	(void)state;
	assert_int_equal(stream_open("/nowhere/file.pcap", NULL, NULL, NULL, &s, &why), ERR_INPUT);
	assert_non_null(strstr(why.text, "/nowhere/file.pcap"));
	assert_int_equal(stream_open("/tmp", NULL, NULL, NULL, &s, &why), ERR_INPUT);
	assert_non_null(strstr(why.text, "folder"));
}

static void a_peek_takes_nothing(void **state)
{
	const uint8_t *bytes;

	(void)state;
	for (size_t n = 0; n < 24; n++) {
		write_file(plain, n);
		struct stream *s = open_stream();
		size_t peeked = stream_peek(s, &bytes);
		bool error;
		assert_int_equal(peeked, n < 20 ? n : 20);
		assert_memory_equal(bytes, plain, peeked);
		assert_int_equal(read_all(s, 3, &error), n);
		assert_memory_equal(got, plain, n);
		stream_close(s);
	}
}

static void a_file_keeps_its_identity_while_it_grows(void **state)
{
	(void)state;
	write_file(plain, 40);
	struct stream *s = open_stream();
	uint64_t identity = stream_identity(s);
	stream_close(s);
	assert_int_not_equal(identity, 0);
	write_file(plain, SMALL);
	s = open_stream();
	assert_true(stream_identity(s) == identity);
	assert_int_equal(stream_size(s), SMALL);
	stream_close(s);
	plain[20] ^= 1;
	write_file(plain, SMALL);
	s = open_stream();
	assert_true(stream_identity(s) != identity);
	stream_close(s);
}

static void only_a_plain_file_is_handed_out_from_its_beginning(void **state)
{
	bool error;

	(void)state;
	write_file(packed, gzip(plain, SMALL, packed));
	struct stream *s = open_stream();
	assert_null(stream_plain_file(s));
	assert_int_equal(read_all(s, 100, &error), SMALL);
	stream_close(s);
	write_file(plain, SMALL);
	s = open_stream();
	FILE *file = stream_plain_file(s);
	assert_non_null(file);
	assert_int_equal(fread(got, 1, sizeof(got), file), SMALL);
	assert_memory_equal(got, plain, SMALL);
	assert_int_equal(stream_position(s), SMALL);
	(void)fclose(file);
	stream_close(s);
}

static void the_position_counts_packed_bytes(void **state)
{
	size_t n = gzip(plain, LARGE, packed);
	uint64_t last = 0;

	(void)state;
	write_file(packed, n);
	struct stream *s = open_stream();
	assert_int_equal(stream_size(s), n);
	while (stream_read(s, got, 10000) > 0) {
		assert_in_range(stream_position(s), last, n);
		last = stream_position(s);
	}
	assert_int_equal(stream_position(s), n);
	stream_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_is_told_by_its_content),
		cmocka_unit_test(members_and_frames_follow_each_other),
		cmocka_unit_test(bytes_that_only_begin_like_packed_ones_are_plain),
		cmocka_unit_test(packed_data_that_is_cut_anywhere_is_an_error),
		cmocka_unit_test(damaged_packed_data_is_an_error_or_right),
		cmocka_unit_test(garbage_behind_packed_data_is_an_error),
		cmocka_unit_test(a_bomb_is_read_in_bounded_memory),
		cmocka_unit_test(a_window_that_is_too_large_is_refused),
		cmocka_unit_test(a_pipe_is_told_by_content_and_says_when_it_waits),
		cmocka_unit_test(what_cannot_be_opened_says_why),
		cmocka_unit_test(a_peek_takes_nothing),
		cmocka_unit_test(a_file_keeps_its_identity_while_it_grows),
		cmocka_unit_test(only_a_plain_file_is_handed_out_from_its_beginning),
		cmocka_unit_test(the_position_counts_packed_bytes),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
