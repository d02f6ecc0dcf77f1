/* segment.c -- one append-only LMDB environment of a chain.
 *
 * LMDB with full sync commits by writing the new pages, syncing, and then writing the meta page
 * through a synchronous descriptor; a reader that uses the lock file sees a commit only after
 * that. So what a reader sees is durable. LMDB has no checksums and trusts its file: hence the
 * size check before anything is touched, and the CRCs of every frame and of the birth record. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "bytes.h"
#include "crc32c.h"
#include "paths.h"
#include "wire.h"

enum {
	KEY = 8,
	BIRTH_HEAD = 4 + 4 + 8 + 8 + 8 + 4 * 8 + LOSS_REASONS * 8 + 4,
	PLACE = 16,
	VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536,
	OPEN_TRIES = 5,
};
static const uint32_t MAGIC = 0x53505345; /* "ESPS" */

struct segment {
	MDB_env *env;
	MDB_dbi db;
	MDB_txn *write, *read; /* read: reset between uses */
	size_t map_size, page_size;
	bool writable;
	struct segment_birth birth;
	struct segment_place *places; /* owned, behind birth.places */
	char path[PATHS_MAX];
};

/* --- errors --- */

static int of_lmdb(int code)
{
	switch (code) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ERR_END;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_SEGMENT_FULL;
	case MDB_READERS_FULL:
	case EAGAIN:
		return ERR_AGAIN;
	case ENOMEM:
		return ERR_NOMEM;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_PERMISSION;
	case ENOENT:
		return ERR_END;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_BAD_VALSIZE:
	case MDB_INCOMPATIBLE:
		return ERR_SEGMENT_DAMAGED;
	case MDB_VERSION_MISMATCH:
		return ERR_SPOOL_FORMAT;
	case ENOSPC:
	case EDQUOT:
		return ERR_SPOOL_FULL;
	default:
		return ERR_SPOOL_IO;
	}
}

static int explain(const struct segment *s, int code, const char *what, struct err_detail *why)
{
	return err_set(why, of_lmdb(code), "cannot %s %s: %s", what, s->path, mdb_strerror(code));
}

/* --- the birth record ---
 * 0 magic "ESPS" | 4 version | 8 epoch | 16 first_seq | 24 time | 32 totals (4 + LOSS_REASONS)
 * | number of places | places: file, number | crc32c of all before it */

static size_t pack_birth(const struct segment_birth *b, uint8_t *out)
{
	struct wire w = { out };

	wire_u32(&w, MAGIC);
	wire_u32(&w, SEGMENT_VERSION);
	wire_u64(&w, b->epoch);
	wire_u64(&w, b->first_seq);
	wire_u64(&w, (uint64_t)b->time_ns);
	wire_u64(&w, b->totals.committed);
	wire_u64(&w, b->totals.skipped);
	wire_u64(&w, b->totals.raw_bytes);
	wire_u64(&w, b->totals.stored_bytes);
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		wire_u64(&w, b->totals.lost[i]);
	wire_u32(&w, (uint32_t)b->nplaces);
	for (size_t i = 0; i < b->nplaces; i++) {
		wire_u64(&w, b->places[i].file);
		wire_u64(&w, b->places[i].number);
	}
	wire_u32(&w, crc32c(out, (size_t)(w.p - out)));
	return (size_t)(w.p - out);
}

static int unpack_places(struct segment *s, struct bytes *b, uint32_t count)
{
	s->places = count ? malloc(count * sizeof(*s->places)) : NULL;
	if (count && !s->places)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < count; i++) {
		s->places[i].file = bytes_le64(b);
		s->places[i].number = bytes_le64(b);
	}
	s->birth.places = s->places;
	s->birth.nplaces = count;
	return 0;
}

static int unpack_birth(struct segment *s, struct bytes b)
{
	struct bytes whole = b;
	uint32_t magic = bytes_le32(&b), version = bytes_le32(&b);

	s->birth.epoch = bytes_le64(&b);
	s->birth.first_seq = bytes_le64(&b);
	s->birth.time_ns = (int64_t)bytes_le64(&b);
	s->birth.totals.committed = bytes_le64(&b);
	s->birth.totals.skipped = bytes_le64(&b);
	s->birth.totals.raw_bytes = bytes_le64(&b);
	s->birth.totals.stored_bytes = bytes_le64(&b);
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		s->birth.totals.lost[i] = bytes_le64(&b);
	uint32_t count = bytes_le32(&b);
	if (!bytes_ok(&b) || magic != MAGIC)
		return ERR_SEGMENT_DAMAGED;
	if (version > SEGMENT_VERSION)
		return ERR_SPOOL_FORMAT;
	if (count > SEGMENT_PLACES_MAX || bytes_left(&b) != count * (size_t)PLACE + 4)
		return ERR_SEGMENT_DAMAGED;
	struct bytes crc = whole;
	bytes_skip(&crc, bytes_left(&whole) - 4);
	if (bytes_le32(&crc) != crc32c(whole.p, bytes_left(&whole) - 4) || !s->birth.first_seq)
		return ERR_SEGMENT_DAMAGED;
	return unpack_places(s, &b, count);
}

static void key_of(uint64_t seq, uint8_t out[KEY])
{
	for (int i = 0; i < KEY; i++)
		out[i] = (uint8_t)(seq >> (56 - 8 * i));
}

static int put_birth(struct segment *s, const struct segment_birth *birth)
{
	uint8_t zero[KEY] = { 0 };
	uint8_t *packed = malloc(BIRTH_HEAD + birth->nplaces * PLACE + 4);
	MDB_txn *txn = NULL;

	if (!packed)
		return ENOMEM;
	MDB_val key = { KEY, zero }, value = { pack_birth(birth, packed), packed };
	int code = mdb_txn_begin(s->env, NULL, 0, &txn);
	if (!code)
		code = mdb_dbi_open(txn, NULL, 0, &s->db);
	if (!code)
		code = mdb_put(txn, s->db, &key, &value, MDB_APPEND);
	if (code) {
		if (txn)
			mdb_txn_abort(txn);
	} else {
		code = mdb_txn_commit(txn);
	}
	free(packed);
	return code;
}

/* --- opening --- */

static int make_env(struct segment *s, size_t map_size, unsigned flags)
{
	int code = mdb_env_create(&s->env);

	if (!code && map_size)
		code = mdb_env_set_mapsize(s->env, map_size);
	/* open can fail while another process opens or closes the same environment */
	for (int i = 0; i < OPEN_TRIES && !code; i++) {
		code = mdb_env_open(s->env, s->path, MDB_NOTLS | flags, 0660);
		if (code != EAGAIN && code != EBUSY)
			break;
	}
	return code;
}

static void measure(struct segment *s)
{
	MDB_envinfo info;
	MDB_stat stat;

	(void)mdb_env_info(s->env, &info);
	(void)mdb_env_stat(s->env, &stat);
	s->map_size = info.me_mapsize;
	s->page_size = stat.ms_psize;
}

/* LMDB maps the file and trusts its meta pages: a file shorter than they say ends in SIGBUS. */
static bool long_enough(struct segment *s)
{
	MDB_envinfo info;
	struct stat st;
	int fd;

	if (mdb_env_info(s->env, &info) || mdb_env_get_fd(s->env, &fd) || fstat(fd, &st) != 0)
		return false;
	return info.me_last_pgno < info.me_mapsize / s->page_size &&
	       (uint64_t)st.st_size >= ((uint64_t)info.me_last_pgno + 1) * s->page_size;
}

/* Both meta pages must exist before mdb_env_open() looks at them through the map. */
static int check_file(const struct segment *s, struct err_detail *why)
{
	char path[PATHS_MAX];
	struct stat st;

	if (paths_join(path, s->path, "data.mdb"))
		return err_set(why, ERR_SPOOL_IO, "the path %s is too long", s->path);
	if (stat(path, &st) != 0)
		return err_set(why, errno == ENOENT ? ERR_END : ERR_SPOOL_IO, "cannot read %s: %s",
			path, strerror(errno));
	if (st.st_size < 2 * (off_t)sysconf(_SC_PAGESIZE))
		return err_set(why, ERR_SEGMENT_DAMAGED, "%s is too short", path);
	return 0;
}

static int begin_read(struct segment *s)
{
	if (s->read)
		return mdb_txn_renew(s->read);
	return mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->read);
}

static int read_birth(struct segment *s, struct err_detail *why)
{
	uint8_t zero[KEY] = { 0 };
	MDB_val key = { KEY, zero }, value;

	int code = begin_read(s);
	if (code)
		return explain(s, code, "read", why);
	if (!s->db)
		code = mdb_dbi_open(s->read, NULL, 0, &s->db);
	if (!code)
		code = mdb_get(s->read, s->db, &key, &value);
	int err = code ? ERR_SEGMENT_DAMAGED
		       : unpack_birth(s, bytes_of(value.mv_data, value.mv_size));
	mdb_txn_reset(s->read);
	return err ? err_set(why, err, "%s: %s", s->path, err_text(err)) : 0;
}

static struct segment *allocate(const char *path)
{
	struct segment *s = calloc(1, sizeof(*s));

	if (s)
		(void)snprintf(s->path, sizeof(s->path), "%s", path);
	return s;
}

int segment_open(const char *path, bool writable, uint64_t epoch, struct segment **out,
	struct err_detail *why)
{
	struct segment *s = allocate(path);

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory while opening %s", path);
	s->writable = writable;
	int err = check_file(s, why);
	if (err)
		goto out;
	int code = make_env(s, 0, writable ? 0 : MDB_RDONLY);
	if (code) {
		err = explain(s, code, "open", why);
		goto out;
	}
	measure(s);
	if (!long_enough(s))
		err = err_set(why, ERR_SEGMENT_DAMAGED, "%s is shorter than it says", path);
	if (!err)
		err = read_birth(s, why);
	if (!err && s->birth.epoch != epoch)
		err = err_set(why, ERR_SEGMENT_DAMAGED, "%s belongs to another spool", path);
out:
	if (err)
		segment_close(s);
	else
		*out = s;
	return err;
}

static void remove_files(const char *path)
{
	char file[PATHS_MAX];

	if (!paths_join(file, path, "data.mdb"))
		(void)unlink(file);
	if (!paths_join(file, path, "lock.mdb"))
		(void)unlink(file);
	(void)rmdir(path);
}

/* A full disk shows here and not in a commit (C-5). */
static int reserve(struct segment *s, struct err_detail *why)
{
	int fd;

	if (mdb_env_get_fd(s->env, &fd))
		return ERR_SPOOL_IO;
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)s->map_size) == 0 || errno == EOPNOTSUPP)
		return 0;
	return err_set(why, errno == ENOSPC || errno == EDQUOT ? ERR_SPOOL_FULL : ERR_SPOOL_IO,
		"cannot reserve %zu bytes in %s: %s", s->map_size, s->path, strerror(errno));
}

int segment_create(const char *path, size_t map_size, const struct segment_birth *birth,
	struct segment **out, struct err_detail *why)
{
	struct segment *s = allocate(path);
	int code = 0, err = 0;

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory while making %s", path);
	s->writable = true;
	if (mkdir(path, 0770) != 0) {
		err = explain(s, errno, "make", why);
		segment_close(s);
		return err;
	}
	code = make_env(s, map_size, 0);
	if (code) {
		err = explain(s, code, "make", why);
		goto out;
	}
	measure(s);
	err = reserve(s, why);
	if (err)
		goto out;
	code = put_birth(s, birth);
	err = code ? explain(s, code, "write", why) : read_birth(s, why);
	if (!err && (paths_sync(path) || paths_sync_parent(path)))
		err = err_set(why, ERR_SPOOL_IO, "cannot sync %s: %s", path, strerror(errno));
out:
	if (err) {
		segment_close(s);
		remove_files(path);
	} else {
		*out = s;
	}
	return err;
}

void segment_close(struct segment *s)
{
	if (!s)
		return;
	if (s->write)
		mdb_txn_abort(s->write);
	if (s->read)
		mdb_txn_abort(s->read);
	if (s->env)
		mdb_env_close(s->env);
	free(s->places);
	free(s);
}

const struct segment_birth *segment_birth(const struct segment *s)
{
	return &s->birth;
}

uint64_t segment_first_seq(const struct segment *s)
{
	return s->birth.first_seq;
}

size_t segment_used(const struct segment *s)
{
	MDB_envinfo info;

	if (mdb_env_info(s->env, &info))
		return s->map_size;
	return (info.me_last_pgno + 1) * s->page_size;
}

size_t segment_map_size(const struct segment *s)
{
	return s->map_size;
}

/* --- appending --- */

int segment_begin(struct segment *s)
{
	int code = mdb_txn_begin(s->env, NULL, 0, &s->write);

	if (code)
		s->write = NULL;
	return of_lmdb(code);
}

int segment_put(struct segment *s, const struct frame_header *h, const void *payload)
{
	uint8_t seq[KEY];
	MDB_val key = { KEY, seq }, value = { FRAME_HEADER + (size_t)h->stored_len, NULL };

	key_of(h->first_seq, seq);
	int code = mdb_put(s->write, s->db, &key, &value, MDB_APPEND | MDB_RESERVE);
	if (code) {
		segment_abort(s);
		return of_lmdb(code);
	}
	frame_pack(h, value.mv_data);
	memcpy((uint8_t *)value.mv_data + FRAME_HEADER, payload, h->stored_len);
	return 0;
}

int segment_commit(struct segment *s)
{
	int code = mdb_txn_commit(s->write);

	s->write = NULL;
	return of_lmdb(code);
}

void segment_abort(struct segment *s)
{
	if (s->write)
		mdb_txn_abort(s->write);
	s->write = NULL;
}

void segment_seal(struct segment *s)
{
	struct stat st;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) == 0 && fstat(fd, &st) == 0 &&
		ftruncate(fd, st.st_size) != 0) {
		/* the space comes back when the segment is unlinked */
	}
}

/* --- reading --- */

enum where { AT_OR_BEHIND, AT_OR_BEFORE, LAST };

static int move(MDB_cursor *cursor, enum where where, MDB_val *key, MDB_val *value)
{
	uint8_t wanted[KEY];

	memcpy(wanted, key->mv_data, KEY);
	if (where == LAST)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	int code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
	if (where == AT_OR_BEHIND)
		return code;
	if (code == MDB_NOTFOUND)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	if (!code && (key->mv_size != KEY || memcmp(key->mv_data, wanted, KEY) != 0))
		code = mdb_cursor_get(cursor, key, value, MDB_PREV);
	return code;
}

/* Calls back with a value while the transaction is open. Key 0, the birth record, is no value. */
static int look(struct segment *s, uint64_t seq, enum where where, uint64_t *found,
	int (*use)(void *arg, const MDB_val *value), void *arg)
{
	uint8_t at[KEY];
	MDB_val key = { KEY, at }, value = { 0 };
	MDB_cursor *cursor = NULL;

	key_of(seq ? seq : 1, at);
	int code = begin_read(s);
	if (code)
		return of_lmdb(code);
	code = mdb_cursor_open(s->read, s->db, &cursor);
	if (!code)
		code = move(cursor, where, &key, &value);
	int err = of_lmdb(code);
	if (!err && (key.mv_size != KEY || value.mv_size > VALUE_MAX))
		err = ERR_SEGMENT_DAMAGED;
	if (!err) {
		struct bytes b = bytes_of(key.mv_data, KEY);
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
