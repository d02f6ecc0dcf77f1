/* target_segment.c -- segments whose LMDB is whole and whose keys and values are anything.
 *
 * LMDB itself trusts its file (segment.c); everything behind it is held here. A row of
 *   key length (low 4 bits, 0: 8) and REPAIR | key, 8 bytes | value length, 2 bytes | value
 * The first value goes under key 0: the birth record, of which REPAIR puts the CRC right. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "bytes.h"
#include "crc32c.h"
#include "fuzz.h"
#include "wire.h"

enum {
	KEY = 8,
	KEY_MAX = 16,
	MAP = 4 << 20,
	REPAIR = 0x80,
	VALUES_MAX = 64,
	VALUE_ROOM = 65536,
	EPOCH = 99
};
enum { BIRTH_EPOCH_AT = 8 };

static const char *segment_path(void)
{
	static char path[300];

	if (!*path) {
		(void)snprintf(path, sizeof(path), "%s/segment", fuzz_folder());
		if (mkdir(path, 0700) != 0)
			abort();
	}
	return path;
}

static void must(int code, const char *what)
{
	if (code)
		fuzz_fail("%s: %s", what, mdb_strerror(code));
}

static void repair(uint8_t *value, size_t n, bool birth)
{
	struct wire w = { value + BIRTH_EPOCH_AT };

	if (birth && n > 60) {
		wire_u64(&w, EPOCH);
		w.p = value + n - 4;
		wire_u32(&w, crc32c(value, n - 4));
	} else if (!birth && n >= FRAME_HEADER) {
		w.p = value + FRAME_HEADER - 4;
		wire_u32(&w, crc32c(value, FRAME_HEADER - 4));
	}
}

static void put_value(MDB_txn *txn, MDB_dbi db, struct bytes *b, bool birth)
{
	static uint8_t copy[VALUE_ROOM];
	uint8_t key[KEY_MAX] = { 0 }, flags = bytes_u8(b);
	const uint8_t *seq = bytes_take(b, KEY);
	size_t n = bytes_le16(b),
	       nkey = birth || !(flags & (KEY_MAX - 1)) ? KEY : flags & (KEY_MAX - 1);
	struct bytes value = bytes_upto(b, n);

	if (seq && !birth)
		memcpy(key, seq, KEY);
	n = bytes_left(&value);
	memcpy(copy, value.p, n);
	if (flags & REPAIR)
		repair(copy, n, birth);
	MDB_val k = { nkey, key }, v = { n, copy };
	(void)mdb_put(txn, db, &k, &v, MDB_NOOVERWRITE); /* the first of a key stays */
}

static void write_segment(struct bytes b)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/data.mdb", segment_path());
	(void)unlink(path);
	must(mdb_env_create(&env), "create");
	must(mdb_env_set_mapsize(env, MAP), "map size");
	must(mdb_env_open(env, segment_path(), MDB_NOSYNC | MDB_NOLOCK, 0600), "open");
	must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	must(mdb_dbi_open(txn, NULL, 0, &db), "database");
	for (int i = 0; i < VALUES_MAX && bytes_left(&b); i++)
		put_value(txn, db, &b, i == 0);
	must(mdb_txn_commit(txn), "commit");
	mdb_env_close(env);
}

/* As the reader goes through a segment. */
static void walk(struct segment *s)
{
	const struct segment_birth *birth = segment_birth(s);
	struct frame_header h;
	struct buf value;
	const uint8_t *payload;
	uint64_t seq = 0, key, found, sum = 0;

	for (size_t i = 0; i < birth->nplaces; i++)
		sum += birth->places[i].number;
	buf_init(&value, FRAME_HEADER + FRAME_RAW_MAX + VALUE_ROOM);
	for (int i = 0; i <= VALUES_MAX && sum != 1 && !segment_read(s, seq, &key, &value); i++) {
		if (key < seq)
			fuzz_fail("a key below what was asked for");
		if (!segment_find(s, key, &found) && found != key)
			fuzz_fail("a key that is there is not found");
		int whole = frame_unpack(value.data, value.len, &h, &payload);
		int header = segment_read_header(s, key, &found, &h);
		if (header && !whole)
			fuzz_fail("a whole frame has no header");
		if (key == UINT64_MAX)
			break;
		seq = key + 1;
	}
	if (!segment_last_key(s, &key) && segment_read(s, key, &found, &value) == 0 && found != key)
		fuzz_fail("the last key is not there");
	buf_done(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct segment *s;
	struct err_detail why;

	write_segment(bytes_of(data, n));
	if (segment_open(segment_path(), false, EPOCH, &s, &why))
		return 0;
	walk(s);
	segment_close(s);
	return 0;
}

/* --- seeds: what our own writer stores --- */

static void add_row(struct buf *out, const void *key, const void *value, size_t n)
{
	uint8_t head[1] = { REPAIR }, length[2] = { (uint8_t)n, (uint8_t)(n >> 8) };

	buf_add(out, head, 1);
	buf_add(out, key, KEY);
	buf_add(out, length, 2);
	buf_add(out, value, n);
}

static void add_frame(struct segment *s, uint64_t seq)
{
	static const char text[] = "{\"a\":1}\n{\"a\":2}\n";
	struct frame_header h = { .codec = FRAME_PLAIN,
		.first_seq = seq,
		.count = 2,
		.raw_len = sizeof(text) - 1,
		.stored_len = sizeof(text) - 1,
		.payload_crc = crc32c(text, sizeof(text) - 1) };

	if (segment_begin(s) || segment_put(s, &h, text) || segment_commit(s))
		abort();
}

static void make_segment(const char *path, size_t nplaces)
{
	static const struct segment_place places[] = { { 1, 10 }, { 2, 20 } };
	struct segment_birth birth = {
		.epoch = EPOCH, .first_seq = 1, .places = places, .nplaces = nplaces
	};
	struct segment *s;
	struct err_detail why = { "" };

	if (segment_create(path, MAP, &birth, &s, &why))
		fuzz_fail("%s", why.text);
	for (uint64_t seq = 1; seq < 7; seq += 2)
		add_frame(s, seq);
	segment_close(s);
}

static void read_rows(const char *path, struct buf *out)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;
	MDB_cursor *cursor;
	MDB_val key, value;

	must(mdb_env_create(&env), "create");
	must(mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK, 0600), "open");
	must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "begin");
	must(mdb_dbi_open(txn, NULL, 0, &db), "database");
	must(mdb_cursor_open(txn, db, &cursor), "cursor");
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
		add_row(out, key.mv_data, value.mv_data, value.mv_size);
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	mdb_env_close(env);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	char path[300];
	struct buf rows;

	buf_init(&rows, 1 << 20);
	for (size_t nplaces = 0; nplaces <= 2; nplaces += 2) {
		buf_reset(&rows);
		(void)snprintf(path, sizeof(path), "%s/seed%zu", fuzz_folder(), nplaces);
		make_segment(path, nplaces);
		read_rows(path, &rows);
		s->keep(s, rows.data, rows.len);
	}
	buf_done(&rows);
}
