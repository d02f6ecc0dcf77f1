/* test_segment.c -- one LMDB environment: what it holds, refuses and gives back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include <lmdb.h>

#include "box.h"
#include "disk.h"
#include "segment_file.h"
#include "segments.h"

static uint64_t last_key(const struct box *b)
{
	struct segment_file *f;
	uint64_t key = 0;

	assert_int_equal(segment_file_open(box_path(b, "seg"), SEGMENTS_EPOCH, &f, NULL), 0);
	assert_int_equal(segment_file_last_key(f, &key), 0);
	assert_false(segment_file_is_damaged(f));
	segment_file_close(f);
	return key;
}

static void i2_keys_are_eight_bytes_big_endian_and_only_rise(void **state)
{
	struct box *b = *state;
	struct segment *s = segments_make_plain(box_path(b, "seg"));
	MDB_val key, value;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;
	MDB_cursor *cursor;

	assert_int_equal(segments_put(s, 0x0102030405060708, 1, 10), 0);
	assert_int_not_equal(segments_put(s, 0x0102030405060708, 1, 10), 0); /* never twice */
	assert_int_not_equal(segments_put(s, 0x0102030405060707, 1, 10), 0); /* never backwards */
	segment_close(s);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, box_path(b, "seg"), MDB_RDONLY | MDB_NOLOCK, 0), 0);
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
	struct segment *s = segments_make_plain(box_path(b, "seg"));
	uint64_t seq = 1;
	int err;

	while (!(err = segments_put(s, seq, 1, 100000)))
		seq++;
	assert_int_equal(err, ERR_SEGMENT_FULL);
	assert_true(seq > 5);
	assert_int_equal(last_key(b), seq - 1);
	assert_true(segment_used(s) <= segment_map_size(s));
	segment_close(s);
	assert_int_equal(last_key(b), seq - 1);
}

static void its_space_is_reserved_and_given_back_after_a_kill(void **state)
{
	struct box *b = *state;
	struct segment *s = segments_make_plain(box_path(b, "seg"));
	struct stat st;
	char data[PATHS_MAX + 80];

	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "seg"));
	assert_int_equal(segments_put(s, 1, 1, 1000), 0);
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_blocks * 512 >= BOX_MAP);
	segment_close(s); /* as a kill leaves it */
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_blocks * 512 >= BOX_MAP);
	segment_give_back(box_path(b, "seg"));
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_blocks * 512 < BOX_MAP / 4);
	assert_int_equal(last_key(b), 1);
}

static void its_space_is_given_back_when_it_is_sealed(void **state)
{
	struct box *b = *state;
	struct segment *s = segments_make_plain(box_path(b, "seg"));
	struct stat st;
	char data[PATHS_MAX + 80];

	(void)snprintf(data, sizeof(data), "%s/data.mdb", box_path(b, "seg"));
	segment_seal(s);
	assert_int_equal(stat(data, &st), 0);
	assert_true(st.st_blocks * 512 < BOX_MAP / 4);
	segment_close(s);
}

static void one_that_cannot_be_made_leaves_nothing(void **state)
{
	static const enum disk_call calls[] = { DISK_MKDIR, DISK_WRITE, DISK_META, DISK_SYNC,
		DISK_FSYNC, DISK_RESERVE };
	struct segment_birth birth = { .epoch = SEGMENTS_EPOCH, .first_seq = 1 };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(i2_keys_are_eight_bytes_big_endian_and_only_rise),
		BOX_TEST(a_full_map_is_an_ordinary_end_and_nothing_of_it_is_stored),
		BOX_TEST(its_space_is_reserved_and_given_back_after_a_kill),
		BOX_TEST(its_space_is_given_back_when_it_is_sealed),
		BOX_TEST(one_that_cannot_be_made_leaves_nothing),
	};

	return TEST_RUN(tests);
}
