/* segment.c -- one append-only LMDB environment of a chain.
 *
 * LMDB with full sync commits by writing the new pages, syncing, and then writing the meta page
 * through a synchronous descriptor. It has no checksums and trusts its file: hence the CRCs of every
 * frame and of the birth record, and hence nobody reads with it (segment_file.c) or goes on writing
 * where another process ended: a damaged list of free pages would make it write over records. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "denied.h"
#include "fault.h"
#include "paths.h"
#include "segment_birth.h"

enum { SEGMENT_KEY = 8, BLOCK = 512, RESERVED_LEAST = 65536, META_BYTES = 256 };

struct segment {
	MDB_env *env;
	MDB_dbi db;
	MDB_txn *txn; /* between segment_begin() and segment_commit() */
	size_t map_size, page_size;
	int64_t time_ns;
	bool reserved;
	char path[PATHS_MAX];
};

/* --- errors --- */

static int segment_error(int code)
{
	switch (code) {
	case 0:
		return 0;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_SEGMENT_FULL;
	case ENOMEM:
		return ERR_NOMEM;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_PERMISSION;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
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

static void segment_key(uint64_t seq, uint8_t out[SEGMENT_KEY])
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

/* --- making one --- */

static int make_env(struct segment *s, size_t map_size)
{
	int code = mdb_env_create(&s->env);

	if (!code)
		code = mdb_env_set_mapsize(s->env, map_size);
	/* no lock file: capture.lock or ship.lock says who writes, and readers need none */
	return code ? code : mdb_env_open(s->env, s->path, MDB_NOLOCK, 0660);
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

static struct segment *allocate(const char *path)
{
	struct segment *s = calloc(1, sizeof(*s));

	if (s)
		(void)snprintf(s->path, sizeof(s->path), "%s", path);
	return s;
}

static void remove_files(const char *path)
{
	char file[PATHS_MAX];

	if (!paths_join(file, path, "data.mdb"))
		(void)unlink(file);
	(void)rmdir(path);
}

/* LMDB would call a write beyond the limit of the process an I/O error. */
static int check_limit(const struct segment *s, struct err_detail *why)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
		limit.rlim_cur >= s->map_size)
		return 0;
	return err_set(why, ERR_SPOOL_FULL,
		"a file may have %llu bytes by the limit of this process (ulimit -f), and %s takes "
		"%zu",
		(unsigned long long)limit.rlim_cur, s->path, s->map_size);
}

/* A full disk shows here and not in a commit (C-5). Where that is not possible, the space is asked
 * for by has_room() alone, and a commit may fail. */
static int reserve(struct segment *s, struct err_detail *why)
{
	int fd, failed;

	if (mdb_env_get_fd(s->env, &fd))
		return ERR_SPOOL_IO;
	int err = check_limit(s, why);
	if (err)
		return err;
	do
		failed = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)s->map_size);
	while (failed && errno == EINTR);
	s->reserved = !failed;
	if (!failed || errno == EOPNOTSUPP || errno == ENOSYS)
		return 0;
	return err_set(why, segment_error(errno), "cannot reserve %zu bytes in %s: %s", s->map_size,
		s->path, strerror(errno));
}

int segment_create(const char *path, size_t map_size, const struct segment_birth *birth,
	struct segment **out, struct err_detail *why)
{
	struct segment *s = allocate(path);
	int code = 0, err = 0;

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory while making %s", path);
	s->time_ns = birth->time_ns;
	if (mkdir(path, 0770) != 0) {
		err = segment_error(errno) == ERR_PERMISSION ? denied_set(why, "make", path)
							     : explain(s, errno, "make", why);
		segment_close(s);
		return err;
	}
	(void)FAULT_POINT(FOLDER_MADE);
	code = make_env(s, map_size);
	if (code) {
		err = explain(s, code, "make", why);
		goto out;
	}
	measure(s);
	err = reserve(s, why);
	if (err)
		goto out;
	code = put_birth(s, birth);
	err = code ? explain(s, code, "write", why) : 0;
	if (!err && (FAULT_POINT(SEGMENT_MADE) || paths_sync(path) || paths_sync_parent(path)))
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
	if (s->txn)
		mdb_txn_abort(s->txn);
	if (s->env)
		mdb_env_close(s->env);
	free(s);
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

bool segment_is_reserved(const struct segment *s)
{
	return s->reserved;
}

/* --- appending --- */

int segment_begin(struct segment *s)
{
	int code = mdb_txn_begin(s->env, NULL, 0, &s->txn);

	if (code)
		s->txn = NULL;
	errno = code > 0 ? code : 0;
	return segment_error(code);
}

int segment_put(struct segment *s, const struct frame_header *h, const void *payload)
{
	uint8_t seq[SEGMENT_KEY];
	MDB_val key = { SEGMENT_KEY, seq }, value = { FRAME_HEADER + (size_t)h->stored_len, NULL };

	segment_key(h->first_seq, seq);
	int code = mdb_put(s->txn, s->db, &key, &value, MDB_APPEND | MDB_RESERVE);
	if (code) {
		segment_abort(s);
		errno = code > 0 ? code : 0;
		return segment_error(code);
	}
	frame_pack(h, value.mv_data);
	memcpy((uint8_t *)value.mv_data + FRAME_HEADER, payload, h->stored_len);
	(void)FAULT_POINT(FRAME_PUT);
	return 0;
}

/* What a commit changes in place; the rest it adds behind the end. */
struct before {
	int fd; /* -1: not known */
	off_t end;
	uint8_t metas[2][META_BYTES];
};

static void look_before(const struct segment *s, struct before *b)
{
	if (mdb_env_get_fd(s->env, &b->fd))
		b->fd = -1;
	b->end = (off_t)segment_used(s);
	for (int i = 0; i < 2 && b->fd >= 0; i++)
		if (pread(b->fd, b->metas[i], META_BYTES, i * (off_t)s->page_size) != META_BYTES)
			b->fd = -1;
}

/* LMDB puts only half of a meta page back when its write fails, and the pages of the commit stay in
 * the file: a reader that has to search a damaged file would find records that were never
 * committed. As far as the disk still takes anything. */
static void undo(const struct segment *s, const struct before *b)
{
	bool good = true;

	if (b->fd < 0)
		return;
	for (int i = 0; i < 2; i++) /* all of it, whatever the disk says: it may lie */
		good &= pwrite(b->fd, b->metas[i], META_BYTES, i * (off_t)s->page_size) ==
			META_BYTES;
	if (ftruncate(b->fd, b->end) != 0 || !good) {
		/* then a reader may find them, under their own ids */
	}
}

int segment_commit(struct segment *s)
{
	struct before before;

	look_before(s, &before);
	(void)FAULT_POINT(BEFORE_COMMIT);
	int code = mdb_txn_commit(s->txn);
	s->txn = NULL;
	(void)FAULT_POINT(COMMITTED);
	if (code)
		undo(s, &before);
	errno = code > 0 ? code : 0;
	return segment_error(code);
}

void segment_abort(struct segment *s)
{
	if (s->txn)
		mdb_txn_abort(s->txn);
	s->txn = NULL;
}

static void give_back(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && ftruncate(fd, st.st_size) != 0) {
		/* the space comes back when the segment is unlinked */
	}
}

void segment_seal(struct segment *s)
{
	int fd;

	if (mdb_env_get_fd(s->env, &fd) == 0)
		give_back(fd);
	(void)FAULT_POINT(SEALED);
}

void segment_give_back(const char *path)
{
	char data[PATHS_MAX];
	struct stat st;

	if (paths_join(data, path, "data.mdb") || stat(data, &st) != 0 ||
		st.st_blocks * BLOCK <= st.st_size + RESERVED_LEAST)
		return;
	int fd = open(data, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	give_back(fd);
	(void)close(fd);
}
