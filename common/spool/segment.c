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

#include "paths.h"
#include "segment_birth.h"
#include "segment_internal.h"

enum { OPEN_TRIES = 5 };

/* --- errors --- */

int segment_error(int code)
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
	return err_set(
		why, segment_error(code), "cannot %s %s: %s", what, s->path, mdb_strerror(code));
}

void segment_key(uint64_t seq, uint8_t out[SEGMENT_KEY])
{
	for (int i = 0; i < SEGMENT_KEY; i++)
		out[i] = (uint8_t)(seq >> (56 - 8 * i));
}

static int put_birth(struct segment *s, const struct segment_birth *birth)
{
	uint8_t zero[SEGMENT_KEY] = { 0 };
	uint8_t *packed = malloc(birth_size(birth));
	MDB_txn *txn = NULL;

	if (!packed)
		return ENOMEM;
	MDB_val key = { SEGMENT_KEY, zero }, value = { birth_pack(birth, packed), packed };
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

int segment_begin_read(struct segment *s)
{
	if (s->read)
		return mdb_txn_renew(s->read);
	return mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->read);
}

static int read_birth(struct segment *s, struct err_detail *why)
{
	uint8_t zero[SEGMENT_KEY] = { 0 };
	MDB_val key = { SEGMENT_KEY, zero }, value;

	int code = segment_begin_read(s);
	if (code)
		return explain(s, code, "read", why);
	if (!s->db)
		code = mdb_dbi_open(s->read, NULL, 0, &s->db);
	if (!code)
		code = mdb_get(s->read, s->db, &key, &value);
	int err = code ? ERR_SEGMENT_DAMAGED
		       : birth_unpack(
				 bytes_of(value.mv_data, value.mv_size), &s->birth, &s->places);
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

/* A writer that is killed right after its meta page was written leaves a commit which, as long as
 * another process has the environment open, readers do not see: the next write transaction, which
 * finds the lock of the dead, brings it to light. Our own reading must not come before that. */
static int recover_commit(struct segment *s)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(s->env, NULL, 0, &txn);

	if (!code)
		mdb_txn_abort(txn);
	return code;
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
	if (!err && writable)
		code = recover_commit(s);
	if (code)
		err = explain(s, code, "open", why);
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
	return segment_error(code);
}

int segment_put(struct segment *s, const struct frame_header *h, const void *payload)
{
	uint8_t seq[SEGMENT_KEY];
	MDB_val key = { SEGMENT_KEY, seq }, value = { FRAME_HEADER + (size_t)h->stored_len, NULL };

	segment_key(h->first_seq, seq);
	int code = mdb_put(s->write, s->db, &key, &value, MDB_APPEND | MDB_RESERVE);
	if (code) {
		segment_abort(s);
		return segment_error(code);
	}
	frame_pack(h, value.mv_data);
	memcpy((uint8_t *)value.mv_data + FRAME_HEADER, payload, h->stored_len);
	return 0;
}

int segment_commit(struct segment *s)
{
	int code = mdb_txn_commit(s->write);

	s->write = NULL;
	return segment_error(code);
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
