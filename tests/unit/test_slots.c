/* test_slots.c -- two slots, of which one is always whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crc32c.h"
#include "rnd.h"
#include "test.h"

enum { MAGIC = 0x54455354 };
static const uint64_t EPOCH = UINT64_C(0x0123456789abcdef);
static char path[64];
static int syncs, failing_syncs;

/* In place of the C library's: this is what the library under test calls. */
int fdatasync(int fd)
{
	syncs++;
	if (failing_syncs) {
		failing_syncs--;
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static int make_place(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/espcap-slots-XXXXXX");
	fd = mkstemp(path);
	(void)close(fd);
	return fd < 0 || unlink(path);
}

static int drop_place(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static void open_it(struct slots *s)
{
	assert_int_equal(slots_open(s, path, MAGIC, EPOCH, true, NULL), 0);
}

static void write_text(struct slots *s, const char *text)
{
	assert_int_equal(slots_write(s, text, strlen(text)), 0);
}

/* The text that somebody who opens the file now finds, "" for none. */
static void finds(const char *want)
{
	struct slots s;

	assert_int_equal(slots_open_reader(&s, path, MAGIC, EPOCH), 0);
	int i = slots_read(&s);
	if (*want) {
		assert_true(i >= 0);
		assert_int_equal(s.len[i], strlen(want));
		assert_memory_equal(s.contents[i], want, strlen(want));
	} else {
		assert_int_equal(i, -1);
	}
	slots_close(&s);
}

static void read_file(uint8_t out[2 * SLOTS_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(pread(fd, out, 2 * SLOTS_SIZE, 0), 2 * SLOTS_SIZE);
	(void)close(fd);
}

static void write_file(const uint8_t in[2 * SLOTS_SIZE])
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, in, 2 * SLOTS_SIZE, 0), 2 * SLOTS_SIZE);
	(void)close(fd);
}

static void the_last_write_is_what_is_read(void **state)
{
	struct slots s;
	char text[16];

	(void)state;
	open_it(&s);
	finds("");
	for (int i = 0; i < 9; i++) {
		(void)snprintf(text, sizeof(text), "write %d", i);
		write_text(&s, text);
		finds(text);
	}
	slots_close(&s);
	open_it(&s); /* and it goes on from there */
	write_text(&s, "again");
	finds("again");
	slots_close(&s);
}

static void a_missing_file_is_the_end(void **state)
{
	struct slots s;

	(void)state;
	assert_int_equal(slots_open_reader(&s, path, MAGIC, EPOCH), ERR_END);
	assert_int_equal(slots_open(&s, path, MAGIC, EPOCH, false, NULL), ERR_END);
	assert_int_equal(s.fd, -1);
}

static void its_space_is_there_before_it_is_needed(void **state)
{
	struct slots s;
	struct stat st;

	(void)state;
	open_it(&s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2 * SLOTS_SIZE);
	assert_true(st.st_blocks * 512 >= 2 * SLOTS_SIZE);
	slots_close(&s);
}

/* A cut in the middle of a write: the first n bytes of the new slot and the rest of the old one.
 * At every n the file reads as one of both writes, and as the new one when all of it is there. */
static void torn_everywhere(int writes)
{
	uint8_t before[2 * SLOTS_SIZE], after[2 * SLOTS_SIZE], torn[2 * SLOTS_SIZE];
	struct slots s, again;
	char text[32] = "";

	(void)unlink(path);
	open_it(&s);
	for (int i = 0; i < writes; i++) {
		(void)snprintf(text, sizeof(text), "the old contents %d", i);
		write_text(&s, text);
	}
	read_file(before);
	write_text(&s, "the new contents");
	read_file(after);
	slots_close(&s);
	size_t slot = memcmp(before, after, SLOTS_SIZE) ? 0 : SLOTS_SIZE;
	size_t needed = SLOTS_HEADER + strlen("the new contents");
	for (size_t n = 0; n <= SLOTS_SIZE; n++) {
		memcpy(torn, before, sizeof(torn));
		memcpy(torn + slot, after + slot, n);
		write_file(torn);
		bool whole = memcmp(torn + slot, after + slot, needed) == 0;
		finds(whole ? "the new contents" : text);
		if (n % 64)
			continue;
		open_it(&again); /* the next write repairs it */
		write_text(&again, "repaired");
		slots_close(&again);
		finds("repaired");
	}
}

static void either_slot_torn_at_any_byte_leaves_the_other(void **state)
{
	(void)state;
	torn_everywhere(2);
	torn_everywhere(3);
}

static void a_slot_with_any_bit_flipped_is_not_whole(void **state)
{
	uint8_t good[2 * SLOTS_SIZE], bad[2 * SLOTS_SIZE];
	struct slots s;

	(void)state;
	open_it(&s);
	write_text(&s, "the old one");
	write_text(&s, "the new one");
	slots_close(&s);
	read_file(good);
	size_t slot = memcmp(good + SLOTS_HEADER, "the new one", 11) == 0 ? 0 : SLOTS_SIZE;
	for (size_t bit = 0; bit < (SLOTS_HEADER + 11) * 8; bit++) {
		memcpy(bad, good, sizeof(bad));
		bad[slot + bit / 8] ^= (uint8_t)(1 << bit % 8);
		write_file(bad);
		finds("the old one");
	}
}

static void both_slots_bad_is_nothing_and_can_be_written_again(void **state)
{
	struct rnd r = rnd_start();
	uint8_t noise[2 * SLOTS_SIZE];
	struct slots s;

	(void)state;
	open_it(&s);
	slots_close(&s);
	rnd_fill(&r, noise, sizeof(noise));
	write_file(noise);
	finds("");
	open_it(&s);
	write_text(&s, "first");
	finds("first");
	write_text(&s, "second");
	finds("second");
	slots_close(&s);
}

static void slots_of_another_spool_or_purpose_do_not_count(void **state)
{
	struct slots s;

	(void)state;
	assert_int_equal(slots_open(&s, path, MAGIC, EPOCH + 1, true, NULL), 0);
	write_text(&s, "foreign epoch");
	slots_close(&s);
	finds("");
	assert_int_equal(slots_open(&s, path, MAGIC + 1, EPOCH, true, NULL), 0);
	write_text(&s, "foreign magic");
	slots_close(&s);
	finds("");
}

static void a_length_beyond_the_slot_is_refused_under_a_right_crc(void **state)
{
	uint8_t file[2 * SLOTS_SIZE], big[SLOTS_CONTENTS + 1] = { 0 };
	struct slots s;

	(void)state;
	open_it(&s);
	assert_int_equal(slots_write(&s, big, SLOTS_CONTENTS + 1), ERR_TOO_BIG);
	assert_int_equal(slots_write(&s, big, SLOTS_CONTENTS), 0);
	assert_int_equal(slots_read(&s), 1);
	slots_close(&s);
	read_file(file);
	uint8_t *slot = file + SLOTS_SIZE; /* the first write: gen 1 */
	uint32_t len = SLOTS_CONTENTS + 1;
	memcpy(slot + 24, &len, 4);
	memset(slot + 28, 0, 4);
	uint32_t crc = crc32c(slot, SLOTS_SIZE);
	memcpy(slot + 28, &crc, 4);
	write_file(file);
	finds("");
}

static void a_write_counts_only_when_it_is_synced(void **state)
{
	struct slots s;

	(void)state;
	open_it(&s);
	write_text(&s, "one");
	syncs = 0;
	write_text(&s, "two");
	assert_int_equal(syncs, 1);
	uint64_t gen = s.gen;
	failing_syncs = 1;
	assert_int_equal(slots_write(&s, "three", 5), ERR_SPOOL_IO);
	assert_int_equal(s.gen, gen);
	finds("two");           /* others must not delete anything for what a cut may bring back */
	write_text(&s, "four"); /* over the slot of three: two is still whole meanwhile */
	assert_int_equal(s.gen, gen + 1);
	finds("four");
	int newer = slots_read(&s);
	assert_memory_equal(s.contents[1 - newer], "two", 3);
	slots_close(&s);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)
	const struct CMUnitTest tests[] = {
		T(the_last_write_is_what_is_read),
		T(a_missing_file_is_the_end),
		T(its_space_is_there_before_it_is_needed),
		T(either_slot_torn_at_any_byte_leaves_the_other),
		T(a_slot_with_any_bit_flipped_is_not_whole),
		T(both_slots_bad_is_nothing_and_can_be_written_again),
		T(slots_of_another_spool_or_purpose_do_not_count),
		T(a_length_beyond_the_slot_is_refused_under_a_right_crc),
		T(a_write_counts_only_when_it_is_synced),
	};

	return TEST_RUN(tests);
}
