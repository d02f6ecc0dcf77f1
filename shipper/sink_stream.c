/* sink_stream.c -- documents to standard output, into a pipe with a name, or to a device.
 *
 * A batch counts as stored when the system has taken all of it; whether its reader has, nobody knows.
 * A reader that is slow holds up nothing but the batch: signals and acknowledgements go on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "paths.h"

enum { RETRY_MS = 1000 };

struct sink_stream {
	struct sink sink;
	struct ship *ship;
	uv_loop_t *loop;
	const char *path, *name; /* for people */
	int fd;                  /* -1: nobody reads the pipe */
	bool is_stdout, is_socket, watches;
	uv_poll_t poll;
	uv_timer_t retry;
	unsigned handles;    /* that are open */
	struct batch *batch; /* the one on its way */
	size_t done;         /* bytes of it that were written */
	int64_t blocked_until_ms;
	char why[PATHS_MAX + 128];
};

static int go_on(struct sink_stream *s);

static void on_room(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	(void)uv_poll_stop(poll);
	(void)go_on(poll->data);
}

static void on_retry(uv_timer_t *timer)
{
	(void)go_on(timer->data);
}

/* A descriptor of our own may be non-blocking without anybody else noticing. */
static int open_stdout(const struct sink_stream *s)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) != 0 || !S_ISFIFO(st.st_mode))
		return STDOUT_FILENO;
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	(void)s;
	return fd < 0 ? STDOUT_FILENO : fd;
}

static int open_stream(struct sink_stream *s)
{
	struct stat st;

	s->fd = s->is_stdout ? open_stdout(s) : open(s->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0)
		return errno;
	s->is_socket = fstat(s->fd, &st) == 0 && S_ISSOCK(st.st_mode);
	/* what cannot be watched, such as a file or /dev/null, never makes anybody wait */
	s->watches = uv_poll_init(s->loop, &s->poll, s->fd) == 0;
	s->handles += s->watches;
	s->poll.data = s;
	return 0;
}

/* Once for each handle. */
static void on_closed(uv_handle_t *handle)
{
	struct sink_stream *s = handle->data;

	if (--s->handles)
		return;
	if (s->fd > STDERR_FILENO)
		(void)close(s->fd);
	free(s);
}

static void say(struct sink_stream *s, int code)
{
	(void)snprintf(s->why, sizeof(s->why), "cannot write to %s: %s", s->name,
		code == ENXIO ? "nobody reads it" : strerror(code));
}

static void trouble(struct sink_stream *s, int code)
{
	say(s, code);
	(void)uv_timer_start(&s->retry, on_retry, RETRY_MS, 0);
	ship_trouble(s->ship, s->why);
}

static ssize_t write_some(const struct sink_stream *s)
{
	const char *p = s->batch->body.data + s->done;
	size_t n = s->batch->body.len - s->done;

	return s->is_socket ? send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL) : write(s->fd, p, n);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct sink_stream *s = handle->data;

	(void)close(s->fd);
	s->fd = -1;
	s->watches = false;
	on_closed(handle);
}

/* What a pipe holds goes when nobody has it open, so who reads it next gets whole lines: the batch
 * begins anew. */
static void reader_left(struct sink_stream *s)
{
	if (s->is_stdout) {
		ship_fail(s->ship, "nobody reads standard output any more; what was not written "
				   "stays in the spool");
		return;
	}
	s->done = 0;
	if (s->watches && !uv_is_closing((uv_handle_t *)&s->poll))
		uv_close((uv_handle_t *)&s->poll, on_poll_closed);
	trouble(s, ENXIO);
}

/* Writes what can be written. What errno says when nothing more can for now, but for a reader that is
 * slow; who then does not take the batch back waits for the next try. */
static int go_on(struct sink_stream *s)
{
	struct batch *b = s->batch;
	int code = b && s->fd < 0 ? open_stream(s) : 0;

	while (b && !code && s->done < b->body.len) {
		ssize_t n = write_some(s);
		if (n > 0) {
			s->done += (size_t)n;
		} else if (n < 0 && errno == EAGAIN && s->watches) {
			(void)uv_poll_start(&s->poll, UV_WRITABLE, on_room);
			return 0;
		} else if (n < 0 && errno == EPIPE) {
			reader_left(s);
			return 0;
		} else if (n == 0 || errno != EINTR) {
			code = n == 0 ? ENOSPC : errno;
		}
	}
	if (code) {
		trouble(s, code); /* goes on where it stopped */
	} else if (b) {
		s->batch = NULL;
		ship_stored(s->ship, b);
	}
	return code;
}

static bool ready(struct sink *sink, int64_t now_ms, int64_t *at_ms, const char **why)
{
	struct sink_stream *s = (struct sink_stream *)sink;
	int code = s->fd < 0 && !s->batch ? open_stream(s) : 0;
	bool blocked = !s->batch && now_ms < s->blocked_until_ms;

	if (code)
		say(s, code);
	*why = code || blocked ? s->why : NULL;
	*at_ms = code      ? now_ms + RETRY_MS
		 : blocked ? s->blocked_until_ms
			   : INT64_MAX; /* a batch on its way wakes the shipper */
	return !code && !blocked && !s->batch;
}

static int send_batch(struct sink *sink, struct batch *b)
{
	struct sink_stream *s = (struct sink_stream *)sink;

	s->batch = b;
	s->done = 0;
	if (go_on(s) == 0 || s->done)
		return 0;
	s->batch = NULL; /* nothing of it is out */
	(void)uv_timer_stop(&s->retry);
	s->blocked_until_ms = clock_ms(clock_monotonic_ns()) + RETRY_MS;
	return ERR_AGAIN;
}

static bool finish(struct sink *sink)
{
	(void)sink;
	return false;
}

static void close_sink(struct sink *sink)
{
	struct sink_stream *s = (struct sink_stream *)sink;

	s->batch = NULL;
	if (s->watches && !uv_is_closing((uv_handle_t *)&s->poll))
		uv_close((uv_handle_t *)&s->poll, on_closed);
	uv_close((uv_handle_t *)&s->retry, on_closed);
}

int sink_stream_open(struct ship *ship, uv_loop_t *loop, const char *path, unsigned form,
	struct sink **out, struct err_detail *why)
{
	struct sink_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory for %s", path);
	s->sink = (struct sink){ .form = form,
		.ready = ready,
		.send = send_batch,
		.finish = finish,
		.close = close_sink };
	s->ship = ship;
	s->loop = loop;
	s->path = path;
	s->is_stdout = strcmp(path, "-") == 0;
	s->name = s->is_stdout ? "standard output" : path;
	s->fd = -1;
	(void)uv_timer_init(loop, &s->retry);
	s->retry.data = s;
	s->handles = 1;
	int code = open_stream(s);
	if (code && code != ENXIO) {
		(void)err_set(why, ERR_CONFIG, "cannot write to %s: %s", s->name, strerror(code));
		s->sink.close(&s->sink);
		return ERR_CONFIG;
	}
	*out = &s->sink;
	return 0;
}
