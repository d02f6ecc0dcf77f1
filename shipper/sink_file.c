/* sink_file.c -- documents into a file, or into one file after the other.
 *
 *   none --[open_out]--> open --[store: write, fdatasync]--> open --[finish_part]--> none
 *    ^                     |  \--a write failed: cut back to its last durable step--+
 *    +---[give_way]--------+                                                        |
 *    +----------------------------------------a second later------------------------+
 *
 * Without rotation `open` is the file itself, which is appended to; with it a file of the name that it
 * will have, and .part behind it, and finish_part() takes that away. Whatever goes wrong, the file is
 * closed and looked for again by its path: a disk may have been pulled and another one be there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sink_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "out_disk.h"
#include "out_mend.h"
#include "out_tail.h"

enum { RETRY_MS = 1000, FILE_MODE = 0600 };

struct sink_file {
	struct sink sink;
	struct ship *ship;
	struct sink_file_conf conf;
	bool rotates, opened, sync_warned; /* opened: the first look is over */
	struct out_name name;
	struct out_disk disk;
	struct out_state state;
	char folder[PATHS_MAX];
	char path[PATHS_MAX];  /* of the open file */
	char whole[PATHS_MAX]; /* its name when it is finished */
	int fd;                /* -1: none is open */
	off_t end;             /* what is durable; a write that fails is cut back to here */
	uint64_t number;
	int64_t began_ms, blocked_until_ms;
	char why[PATHS_MAX + 128];
};

static int64_t now_ms(void)
{
	return clock_ms(clock_monotonic_ns());
}

static void close_file(struct sink_file *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

/* Another try in a second. */
static int tell(struct sink_file *s, int code)
{
	s->blocked_until_ms = now_ms() + RETRY_MS;
	if (s->opened) /* else it may be the configuration that is wrong */
		ship_trouble(s->ship, s->why);
	return code;
}

static int give_way(struct sink_file *s, const char *what, int code)
{
	(void)snprintf(s->why, sizeof(s->why), "cannot %s %s: %s", what,
		s->fd >= 0 ? s->path : s->conf.path,
		code == EWOULDBLOCK ? "another process writes to it" : strerror(code));
	close_file(s);
	return tell(s, code);
}

/* A folder of some file systems cannot be synced, which is no reason to write nothing. */
static int sync_folder(struct sink_file *s)
{
	if (paths_sync(s->folder) == 0)
		return 0;
	if (errno == EIO || errno == ENOSPC || errno == EROFS)
		return errno;
	if (!s->sync_warned)
		log_warn("the folder of %s cannot be synced: %s; after a power cut a file may be "
			 "missing",
			s->conf.path, strerror(errno));
	s->sync_warned = true;
	return 0;
}

static void finish_part(struct sink_file *s)
{
	int code = out_finish(s->path, s->whole, s->end);

	if (!code)
		code = sync_folder(s);
	if (code) /* the next open finds it and does it again */
		log_warn("cannot finish %s: %s", s->path, strerror(code));
	close_file(s);
	out_state_set(&s->state, code ? s->state.path : "", s->state.end);
}

/* --- opening --- */

static int lock_file(const struct sink_file *s)
{
	/* some file systems have no locks */
	return flock(s->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? errno : 0;
}

static int look_around(struct sink_file *s, uint64_t *highest)
{
	int code = out_finish_all(&s->state, &s->name, highest);

	return code ? code : sync_folder(s);
}

static int open_part(struct sink_file *s)
{
	uint64_t highest;

	int code = look_around(s, &highest);
	if (code)
		return code;
	s->number = highest + 1;
	if (out_name_make(&s->name, s->number, clock_wall_ns(), s->whole))
		return ENAMETOOLONG;
	(void)snprintf(s->path, sizeof(s->path), "%.*s" OUT_NAME_PART,
		(int)(PATHS_MAX - sizeof(OUT_NAME_PART)), s->whole);
	s->fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (s->fd < 0)
		return errno;
	s->end = 0;
	s->began_ms = now_ms();
	code = lock_file(s);
	return code ? code : sync_folder(s); /* the name is as durable as the records */
}

static int open_whole(struct sink_file *s)
{
	(void)snprintf(s->path, sizeof(s->path), "%s", s->conf.path);
	s->fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (s->fd < 0)
		return errno;
	int code = lock_file(s);
	struct stat st;
	if (!code && (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode)))
		code = EINVAL;
	if (!code && st.st_size && out_tail_is_gzip(s->fd) != s->conf.gzip)
		code = EMEDIUMTYPE;
	if (!code)
		code = out_mend(&s->state, s->path, s->fd, &s->end);
	return code ? code : sync_folder(s);
}

static int open_out(struct sink_file *s)
{
	if (!out_disk_is_there(&s->disk)) {
		(void)snprintf(s->why, sizeof(s->why),
			"nothing is mounted at %s any more, where %s was", s->disk.mount,
			s->conf.path);
		return tell(s, ENODEV);
	}
	int code = s->rotates ? open_part(s) : open_whole(s);
	if (code)
		return give_way(s, "write to", code);
	out_disk_look(&s->disk, s->folder);
	return 0;
}

/* --- writing --- */

/* Was it deleted or moved, or is another disk in its place? *end: its length. */
static bool is_still_there(const struct sink_file *s, off_t *end)
{
	struct stat named, open;

	*end = 0;
	if (stat(s->path, &named) != 0 || fstat(s->fd, &open) != 0)
		return false;
	*end = open.st_size;
	return named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

static int prepare(struct sink_file *s, size_t n)
{
	off_t end;

	if (s->fd >= 0 && !is_still_there(s, &end)) {
		log_warn("%s was deleted or moved while it was written; another one is begun",
			s->path);
		close_file(s);
		out_state_set(&s->state, "", 0);
	} else if (s->fd >= 0 && end != s->end) {
		s->end = end; /* somebody has cut it, or has written to it */
	}
	if (s->fd >= 0 && s->rotates && s->conf.rotate_bytes && s->end > 0 &&
		s->end + (off_t)n > s->conf.rotate_bytes)
		finish_part(s);
	return s->fd >= 0 ? 0 : open_out(s);
}

static int write_at(int fd, const char *p, size_t n, off_t at)
{
	while (n) {
		ssize_t done = pwrite(fd, p, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? errno : ENOSPC;
		p += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The bytes are durable before the records count as stored. A sync that failed is not tried again on
 * the same pages, which Linux calls clean then: they are cut off. */
static int store(struct sink_file *s, const struct batch *b)
{
	int code = write_at(s->fd, b->body.data, b->body.len, s->end);

	if (!code && fdatasync(s->fd) != 0)
		code = errno;
	if (!code) {
		s->end += (off_t)b->body.len;
		s->state.number = s->rotates ? s->number : s->state.number;
		out_state_set(&s->state, s->path, s->end);
		return 0;
	}
	if (ftruncate(s->fd, s->end) != 0) /* then when it is opened again */
		out_state_write(&s->state, s->fd);
	return give_way(s, "write to", code);
}

static int send_batch(struct sink *sink, struct batch *b)
{
	struct sink_file *s = (struct sink_file *)sink;

	if (prepare(s, b->body.len) || store(s, b))
		return ERR_AGAIN;
	s->blocked_until_ms = 0;
	ship_stored(s->ship, b);
	return 0;
}

static bool ready(struct sink *sink, int64_t now, int64_t *at_ms, const char **why)
{
	struct sink_file *s = (struct sink_file *)sink;
	int64_t due = s->began_ms + s->conf.rotate_ms;

	*at_ms = s->blocked_until_ms;
	if (s->fd >= 0 && s->rotates && s->conf.rotate_ms) {
		*at_ms = due;
		if (now >= due)
			finish_part(s);
	}
	*why = s->why; /* told already, but for what the first look has found */
	return now >= s->blocked_until_ms;
}

/* --- the end --- */

static void note(struct sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;

	out_state_write(&s->state, s->fd);
}

static bool finish(struct sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;

	if (s->fd >= 0 && s->rotates)
		finish_part(s);
	return false; /* every batch is durable already */
}

static void close_sink(struct sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;

	(void)finish(sink);
	out_state_write(&s->state, s->fd);
	out_state_close(&s->state);
	close_file(s);
	free(s);
}

/* --- the beginning --- */

static bool may_pass(int code)
{
	static const int passing[] = { ENOSPC, EDQUOT, EIO, EROFS, EMFILE, ENFILE, ENOMEM, EFBIG };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (code == passing[i])
			return true;
	return false;
}

static int first_look(struct sink_file *s, struct err_detail *why)
{
	uint64_t highest;

	if (out_name_split(&s->name, s->conf.path, s->conf.gzip))
		return err_set(
			why, ERR_CONFIG, "cannot write to %s: it names no file", s->conf.path);
	out_disk_folder(s->conf.path, s->folder);
	out_disk_look(&s->disk, s->folder);
	if (s->rotates && access(s->folder, W_OK | X_OK) != 0 && !may_pass(errno))
		return err_set(
			why, ERR_CONFIG, "cannot write to %s: %s", s->folder, strerror(errno));
	int code = s->rotates ? look_around(s, &highest) : open_out(s);
	if (!code || may_pass(code))
		return 0;
	if (code == EMEDIUMTYPE)
		return err_set(why, ERR_CONFIG, "%s is %s; name another file", s->conf.path,
			s->conf.gzip ? "not gzip" : "gzip");
	return err_set(why, code == EWOULDBLOCK ? ERR_SPOOL_LOCKED : ERR_CONFIG, "%s",
		*s->why ? s->why : strerror(code));
}

int sink_file_open(struct ship *ship, const struct spool *spool, const struct sink_file_conf *conf,
	struct sink **out, struct err_detail *why)
{
	struct sink_file *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory for %s", conf->path);
	s->sink = (struct sink){ .form = conf->form,
		.ready = ready,
		.send = send_batch,
		.finish = finish,
		.close = close_sink,
		.note = note };
	s->ship = ship;
	s->conf = *conf;
	s->rotates = conf->rotate_bytes || conf->rotate_ms;
	s->fd = -1;
	out_state_open(&s->state, spool);
	int err = first_look(s, why);
	if (err) {
		s->sink.close(&s->sink);
		return err;
	}
	s->opened = true;
	*out = &s->sink;
	return 0;
}
