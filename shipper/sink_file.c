/* sink_file.c -- documents into a file or to standard output, one a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "paths.h"

enum { RETRY_MS = 5000, LINE_MAX_BYTES = 2 << 20 };

struct sink_file {
	struct sink sink;
	struct ship *ship;
	const char *path;
	int fd;
	bool is_stdout, regular; /* only a regular file can be synced and cut back */
	int64_t blocked_until_ms;
	off_t end; /* what is durable; a write that fails is cut back to here */
	char why[256];
};

static bool ready(struct sink *sink, int64_t now_ms, int64_t *at_ms, const char **why)
{
	struct sink_file *s = (struct sink_file *)sink;

	*at_ms = s->blocked_until_ms;
	*why = s->why;
	return now_ms >= s->blocked_until_ms;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The bytes are durable before the records count as stored. */
static int store(struct sink_file *s, const struct batch *b)
{
	int code = write_all(s->fd, b->body.data, b->body.len);

	if (!code && s->regular && fdatasync(s->fd) != 0)
		code = errno;
	if (!code)
		s->end += (off_t)b->body.len;
	else if (s->regular && ftruncate(s->fd, s->end) != 0)
		log_error(
			"cannot cut %s back to its last whole line: %s", s->path, strerror(errno));
	return code;
}

static int send_batch(struct sink *sink, struct batch *b)
{
	struct sink_file *s = (struct sink_file *)sink;
	int code = store(s, b);

	if (code) {
		(void)snprintf(
			s->why, sizeof(s->why), "cannot write to %s: %s", s->path, strerror(code));
		s->blocked_until_ms = clock_ms(clock_monotonic_ns()) + RETRY_MS;
		return ERR_AGAIN;
	}
	ship_stored(s->ship, b);
	return 0;
}

static bool finish(struct sink *sink)
{
	(void)sink;
	return false; /* every batch is durable already */
}

static void close_sink(struct sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;

	if (!s->is_stdout && s->fd >= 0)
		(void)close(s->fd);
	free(s);
}

/* --- opening --- */

/* A power cut may leave a line of ours without its end, or with zeros in place of it: its records are
 * not settled and come again. Where such a line begins, or -1. */
static off_t broken_line(const char *path, off_t end)
{
	static const char ours[] = "{\"event.sequence\":";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t from = end > LINE_MAX_BYTES ? end - LINE_MAX_BYTES : 0, at = -1;
	char *text = malloc(LINE_MAX_BYTES);
	ssize_t n = fd >= 0 && text ? pread(fd, text, LINE_MAX_BYTES, from) : -1;

	if (n > 0 && n == end - from && text[n - 1] != '\n') {
		const char *newline = memrchr(text, '\n', (size_t)n);
		size_t line = newline ? (size_t)(newline - text) + 1 : 0;
		size_t left = (size_t)n - line;
		bool same = memcmp(text + line, ours,
				    left < sizeof(ours) - 1 ? left : sizeof(ours) - 1) == 0;
		if ((newline || from == 0) && (same || text[line] == '\0'))
			at = from + (off_t)line;
	}
	free(text);
	if (fd >= 0)
		(void)close(fd);
	return at;
}

static void make_ready(struct sink_file *s)
{
	struct stat st;

	s->regular = !s->is_stdout && fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (!s->regular)
		return;
	s->end = lseek(s->fd, 0, SEEK_END);
	off_t cut = broken_line(s->path, s->end);
	if (cut >= 0 && ftruncate(s->fd, cut) == 0) {
		log_info("%s ended in the middle of a record, which is written again", s->path);
		s->end = cut;
	}
	/* the name of a new file is as durable as its records */
	if (paths_sync_parent(s->path))
		log_warn("the folder of %s cannot be synced: %s; after a power cut the file may be "
			 "missing",
			s->path, strerror(errno));
}

int sink_file_open(struct ship *ship, const char *path, struct sink **out, struct err_detail *why)
{
	struct sink_file *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory for %s", path);
	s->sink = (struct sink){ BATCH_NDJSON, ready, send_batch, finish, close_sink };
	s->ship = ship;
	s->path = path;
	s->is_stdout = strcmp(path, "-") == 0;
	s->fd = s->is_stdout ? STDOUT_FILENO
			     : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (s->fd < 0) {
		int err = err_set(why, ERR_CONFIG, "cannot open %s: %s", path, strerror(errno));
		free(s);
		return err;
	}
	make_ready(s);
	*out = &s->sink;
	return 0;
}
