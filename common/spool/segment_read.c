/* segment_read.c -- finding and copying the frames of a segment. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bytes.h"
#include "segment_internal.h"

enum { VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536 };

enum where { AT_OR_BEHIND, AT_OR_BEFORE, LAST };

static int move(MDB_cursor *cursor, enum where where, MDB_val *key, MDB_val *value)
{
	uint8_t wanted[SEGMENT_KEY];

	memcpy(wanted, key->mv_data, SEGMENT_KEY);
	if (where == LAST)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	int code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
	if (where == AT_OR_BEHIND)
		return code;
	if (code == MDB_NOTFOUND)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	if (!code &&
		(key->mv_size != SEGMENT_KEY || memcmp(key->mv_data, wanted, SEGMENT_KEY) != 0))
		code = mdb_cursor_get(cursor, key, value, MDB_PREV);
	return code;
}

/* Calls back with a value while the transaction is open. Key 0, the birth record, is no value. */
static int look(struct segment *s, uint64_t seq, enum where where, uint64_t *found,
	int (*use)(void *arg, const MDB_val *value), void *arg)
{
	uint8_t at[SEGMENT_KEY];
	MDB_val key = { SEGMENT_KEY, at }, value = { 0 };
	MDB_cursor *cursor = NULL;

	segment_key(seq ? seq : 1, at);
	int code = segment_begin_read(s);
	if (code)
		return segment_error(code);
	code = mdb_cursor_open(s->read, s->db, &cursor);
	if (!code)
		code = move(cursor, where, &key, &value);
	int err = segment_error(code);
	if (!err && (key.mv_size != SEGMENT_KEY || value.mv_size > VALUE_MAX))
		err = ERR_SEGMENT_DAMAGED;
	if (!err) {
		struct bytes b = bytes_of(key.mv_data, SEGMENT_KEY);
		*found = bytes_be64(&b);
		err = *found ? use(arg, &value) : ERR_END;
	}
	if (cursor)
		mdb_cursor_close(cursor);
	mdb_txn_reset(s->read);
	return err;
}

static int copy_value(void *arg, const MDB_val *value)
{
	struct buf *out = arg;

	buf_reset(out);
	return buf_add(out, value->mv_data, value->mv_size);
}

static int parse_header(void *arg, const MDB_val *value)
{
	return frame_unpack_header(value->mv_data, value->mv_size, arg);
}

static int ignore(void *arg, const MDB_val *value)
{
	(void)arg;
	(void)value;
	return 0;
}

int segment_read(struct segment *s, uint64_t seq, uint64_t *key, struct buf *out)
{
	return look(s, seq, AT_OR_BEHIND, key, copy_value, out);
}

int segment_read_header(struct segment *s, uint64_t seq, uint64_t *key, struct frame_header *h)
{
	return look(s, seq, AT_OR_BEHIND, key, parse_header, h);
}

int segment_last_key(struct segment *s, uint64_t *key)
{
	return look(s, 0, LAST, key, ignore, NULL);
}

int segment_find(struct segment *s, uint64_t seq, uint64_t *key)
{
	return look(s, seq, AT_OR_BEFORE, key, ignore, NULL);
}
