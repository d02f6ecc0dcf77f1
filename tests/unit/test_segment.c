/* test_segment.c -- one LMDB environment: what it holds, refuses and gives back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lmdb.h>

#include "box.h"
#include "crc32c.h"
#include "disk.h"

static const uint64_t EPOCH = 0x1234;

static struct segment *make(const char *path, const struct segment_birth *birth)
{
	struct segment *s = NULL;
	struct err_detail why = { "" };

	if (segment_create(path, BOX_MAP, birth, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static struct segment *make_plain(const struct box *b)
{
	struct segment_birth birth = { .epoch = EPOCH, .first_seq = 1 };

	return make(box_path(b, "seg"), &birth);
}

static int put(struct segment *s, uint64_t seq, uint32_t count, size_t n)
{
	static char payload[1 << 20];
	struct frame_header h = { .kind = FRAME_FULL,
		.first_seq = seq,
		.count = count,
		.raw_len = (uint32_t)n,
		.stored_len = (uint32_t)n,
		.payload_crc = crc32c(payload, n) };

	int err = segment_begin(s);
	if (!err)
		err = segment_put(s, &h, payload);
	return err ? err : segment_commit(s);
}

static int open_again(const struct box *b, uint64_t epoch)
{
	struct segment *s;
	struct err_detail why = { "" };
	int err = segment_open(box_path(b, "seg"), false, epoch, &s, &why);

	if (!err)
		segment_close(s);
	else
		assert_true(err == ERR_SEGMENT_DAMAGED || *why.text);
	return err;
}

static void a_birth_record_comes_back(void **state)
{
	struct box *b = *state;
	const struct segment_place places[] = { { 7, 70 }, { UINT64_MAX, 80 } };
	struct segment_birth birth = { .epoch = EPOCH,
		.first_seq = 42,
		.time_ns = -1,
		.totals = { 1, 2, 3, 4, { 5, 6, 7, 8, 9 } },
		.places = places,
		.nplaces = 2 };
	struct segment *s = make(box_path(b, "seg"), &birth);

	segment_close(s);
	assert_int_equal(segment_open(box_path(b, "seg"), true, EPOCH, &s, NULL), 0);
	const struct segment_birth *got = segment_birth(s);
	assert_true(got->epoch == EPOCH && got->first_seq == 42 && got->time_ns == -1);
	assert_memory_equal(&got->totals, &birth.totals, sizeof(birth.totals));
	assert_int_equal(got->nplaces, 2);
	assert_memory_equal(got->places, places, sizeof(places));
	assert_int_equal(segment_map_size(s), BOX_MAP);
	segment_close(s);
}

static void frames_are_found_by_any_sequence_they_hold(void **state)
{
	struct segment *s = make_plain(*state);
	struct frame_header h;
	struct buf out;
	uint64_t key = 0;

	buf_init(&out, 1 << 20);
	assert_int_equal(segment_last_key(s, &key), ERR_END);
	assert_int_equal(segment_find(s, 5, &key), ERR_END);
	assert_int_equal(segment_read(s, 1, &key, &out), ERR_END);
	for (uint64_t seq = 10; seq <= 50; seq += 10)
		assert_int_equal(put(s, seq, 10, 100 + seq), 0);
	for (uint64_t seq = 0; seq < 70; seq++) {
		assert_int_equal(segment_find(s, seq, &key), seq < 10 ? ERR_END : 0);
		if (seq >= 10)
			assert_int_equal(key, seq >= 50 ? 50 : seq / 10 * 10);
		assert_int_equal(segment_read(s, seq, &key, &out), seq > 50 ? ERR_END : 0);
		if (seq > 50)
			continue;
		assert_int_equal(key, seq <= 10 ? 10 : (seq + 9) / 10 * 10);
		assert_int_equal(out.len, FRAME_HEADER + 100 + key);
		assert_int_equal(segment_read_header(s, seq, &key, &h), 0);
		assert_int_equal(h.first_seq, key);
	}
	assert_int_equal(segment_last_key(s, &key), 0);
	assert_int_equal(key, 50);
	buf_done(&out);
	segment_close(s);
}

static void i2_keys_are_eight_bytes_big_endian_and_only_rise(void **state)
{
	struct box *b = *state;
	struct segment *s = make_plain(b);
	MDB_val key, value;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;
	MDB_cursor *cursor;

	assert_int_equal(put(s, 0x0102030405060708, 1, 10), 0);
	assert_int_not_equal(put(s, 0x0102030405060708, 1, 10), 0); /* never twice */
	segment_close(s);
	assert_int_equal(segment_open(box_path(b, "seg"), true, EPOCH, &s, NULL), 0);
	assert_int_not_equal(put(s, 0x0102030405060707, 1, 10), 0); /* never backwards */
	segment_close(s);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, box_path(b, "seg"), MDB_RDONLY, 0), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &db), 0);
	assert_int_equal(mdb_cursor_open(txn, db, &cursor), 0);
	assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
	assert_int_equal(key.mv_size, 8);
	assert_memory_equal(key.mv_data, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_NEXT), 0);
	assert_memory_equal(key.mv_data, "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_NEXT), MDB_NOTFOUND);
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	mdb_env_close(env);
}

static void a_full_map_is_an_ordinary_end_and_nothing_of_it_is_stored(void **state)
{
	struct box *b = *state;
	struct segment *s = make_plain(b);
	uint64_t seq = 1, key = 0;
	int err;

	while (!(err = put(s, seq, 1, 100000)))
		seq++;
	assert_int_equal(err, ERR_SEGMENT_FULL);
	assert_true(seq > 5);
	assert_int_equal(segment_last_key(s, &key), 0);
	assert_int_equal(key, seq - 1);
	assert_true(segment_used(s) <= segment_map_size(s));
	segment_close(s);
	assert_int_equal(open_again(b, EPOCH), 0);
}

static void its_space_is_reserved_and_given_back_when_sealed(void **state)
{
	struct box *b = *state;
	struct segment *s = make_plain(b);
	struct stat st;
	char data[PATHS_MAX + 80];

	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "seg"));
	assert_int_equal(put(s, 1, 1, 1000), 0);
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_blocks * 512 >= BOX_MAP);
	segment_seal(s);
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_blocks * 512 < BOX_MAP / 4);
	segment_close(s);
	assert_int_equal(open_again(b, EPOCH), 0);
}

static void one_that_cannot_be_made_leaves_nothing(void **state)
{
	static const enum disk_call calls[] = { DISK_MKDIR, DISK_WRITE, DISK_META, DISK_SYNC,
		DISK_FSYNC, DISK_RESERVE };
	struct segment_birth birth = { .epoch = EPOCH, .first_seq = 1 };
	struct box *b = *state;
	struct segment *s;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		disk_reset();
		disk_fail(calls[i], 1, 1, ENOSPC);
		int err = segment_create(box_path(b, "seg"), BOX_MAP, &birth, &s, NULL);
		disk_reset();
		assert_int_not_equal(err, 0);
		assert_false(box_has(b, "seg"));
	}
	disk_fail(DISK_RESERVE, 1, 1, ENOSPC); /* a full disk shows here and not in a commit */
	assert_int_equal(
		segment_create(box_path(b, "seg"), BOX_MAP, &birth, &s, NULL), ERR_SPOOL_FULL);
	disk_fail(DISK_RESERVE, 1, 1, EOPNOTSUPP); /* a file system that cannot reserve will do */
	assert_int_equal(segment_create(box_path(b, "seg"), BOX_MAP, &birth, &s, NULL), 0);
	disk_reset();
	segment_close(s);
}

static void a_segment_of_another_spool_is_refused(void **state)
{
	struct box *b = *state;

	segment_close(make_plain(b));
	assert_int_equal(open_again(b, EPOCH), 0);
	assert_int_equal(open_again(b, EPOCH + 1), ERR_SEGMENT_DAMAGED);
	assert_int_equal(segment_open(box_path(b, "none"), false, EPOCH, NULL, NULL), ERR_END);
}

/* LMDB maps the file: one that ends too early would be a SIGBUS. */
static void a_file_cut_anywhere_is_refused_or_whole(void **state)
{
	struct box *b = *state;
	struct segment *s = make_plain(b);
	struct stat st;
	char data[PATHS_MAX + 80];

	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "seg"));
	for (uint64_t seq = 1; seq < 20; seq++)
		assert_int_equal(put(s, seq, 1, 3000), 0);
	size_t used = segment_used(s);
	segment_seal(s);
	segment_close(s);
	assert_int_equal(stat(data, &st), 0);
	for (off_t size = st.st_size; size >= 0; size -= 1024) {
		assert_int_equal(truncate(data, size), 0);
		assert_int_equal(
			open_again(b, EPOCH), (size_t)size >= used ? 0 : ERR_SEGMENT_DAMAGED);
	}
}

static void every_flipped_bit_of_the_birth_record_is_refused(void **state)
{
	const struct segment_place place = { 0x1122334455667788, 3 };
	struct segment_birth birth = {
		.epoch = EPOCH, .first_seq = 1, .places = &place, .nplaces = 1
	};
	struct box *b = *state;
	char data[PATHS_MAX + 80];
	uint8_t record[4 + 4 + 24 + 32 + LOSS_REASONS * 8 + 4 + 16 + 4];

	segment_close(make(box_path(b, "seg"), &birth));
	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "seg"));
	long at = box_find(data, "ESPS", 4);
	assert_true(at > 0);
	FILE *f = fopen(data, "re");
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fread(record, 1, sizeof(record), f), sizeof(record));
	(void)fclose(f);
	for (size_t bit = 0; bit < sizeof(record) * 8; bit += 3) {
		uint8_t bad = record[bit / 8] ^ (uint8_t)(1 << bit % 8);
		box_poke(data, at + (long)bit / 8, &bad, 1);
		int err = open_again(b, EPOCH);
		assert_true(err == ERR_SEGMENT_DAMAGED ||
			    (bit / 8 / 4 == 1 && err == ERR_SPOOL_FORMAT));
		box_poke(data, at + (long)bit / 8, &record[bit / 8], 1);
	}
	assert_int_equal(open_again(b, EPOCH), 0);
}

static void i8_a_segment_of_a_newer_version_is_refused_as_such(void **state)
{
	struct box *b = *state;
	char data[PATHS_MAX + 80];

	segment_close(make_plain(b));
	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "seg"));
	long at = box_find(data, "ESPS", 4);
	box_poke(data, at + 4, "\2", 1);
	assert_int_equal(open_again(b, EPOCH), ERR_SPOOL_FORMAT);
}

/* --- (I5) --- */

static int note_active(const char *line, void *arg)
{
	long pid;
	char thread[64], txn[64];

	if (sscanf(line, "%ld %63s %63s", &pid, thread, txn) == 3 && pid == (long)getppid() &&
		strcmp(txn, "-") != 0)
		*(int *)arg = 1;
	return 0;
}

/* 0: our process has no transaction open in the environment, as another process sees it. */
static int transactions_of_parent(const char *path)
{
	MDB_env *env;
	MDB_txn *txn;
	int active = 0;

	(void)alarm(5); /* a write transaction that is open would hold us up */
	if (mdb_env_create(&env) || mdb_env_open(env, path, 0, 0) ||
		mdb_reader_list(env, note_active, &active) < 0 || active)
		return 1;
	if (mdb_txn_begin(env, NULL, 0, &txn))
		return 2;
	mdb_txn_abort(txn);
	return 0;
}

static void no_transaction(const char *path)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(transactions_of_parent(path));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void i5_no_function_leaves_a_transaction_open(void **state)
{
	struct box *b = *state;
	struct segment *s = make_plain(b);
	const char *path = box_path(b, "seg");
	struct frame_header h;
	struct buf small, out;
	uint64_t key;

	buf_init(&out, 1 << 20);
	buf_init(&small, 10);
	no_transaction(path);
	assert_int_equal(put(s, 1, 10, 100), 0);
	no_transaction(path);
	assert_int_equal(segment_read(s, 1, &key, &out), 0);
	no_transaction(path);
	assert_int_equal(segment_read(s, 1, &key, &small), ERR_TOO_BIG);
	no_transaction(path);
	assert_int_equal(segment_read_header(s, 1, &key, &h), 0);
	assert_int_equal(segment_last_key(s, &key), 0);
	assert_int_equal(segment_find(s, 5, &key), 0);
	assert_int_equal(segment_read(s, 2, &key, &out), ERR_END);
	no_transaction(path);
	assert_int_not_equal(put(s, 1, 1, 10), 0); /* refused: out of order */
	no_transaction(path);
	disk_fail(DISK_SYNC, 1, 1, EIO);
	assert_int_not_equal(put(s, 20, 1, 10), 0);
	disk_reset();
	no_transaction(path);
	buf_done(&out);
	buf_done(&small);
	segment_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_birth_record_comes_back),
		BOX_TEST(frames_are_found_by_any_sequence_they_hold),
		BOX_TEST(i2_keys_are_eight_bytes_big_endian_and_only_rise),
		BOX_TEST(a_full_map_is_an_ordinary_end_and_nothing_of_it_is_stored),
		BOX_TEST(its_space_is_reserved_and_given_back_when_sealed),
		BOX_TEST(one_that_cannot_be_made_leaves_nothing),
		BOX_TEST(a_segment_of_another_spool_is_refused),
		BOX_TEST(a_file_cut_anywhere_is_refused_or_whole),
		BOX_TEST(every_flipped_bit_of_the_birth_record_is_refused),
		BOX_TEST(i8_a_segment_of_a_newer_version_is_refused_as_such),
		BOX_TEST(i5_no_function_leaves_a_transaction_open),
	};

	return TEST_RUN(tests);
}
