/* itemlog.c -- the log of what was stored and refused, written before the answer goes out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "itemlog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINES_MAX = 1 << 30 };

void itemlog_open(struct itemlog *log, const char *path)
{
	text_init(&log->lines, LINES_MAX);
	log->fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	if (path && log->fd < 0)
		die(1, "cannot open the log %s: %s", path, strerror(errno));
}

void itemlog_close(struct itemlog *log)
{
	itemlog_flush(log);
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	text_done(&log->lines);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void itemlog_add(struct itemlog *log, const struct itemlog_line *line)
{
	struct text *t = &log->lines;

	if (log->fd < 0)
		return;
	text_fmt(t, "{\"t\":%" PRIu64 ",\"req\":%" PRIu64 ",\"index\":", now_ms(), line->request);
	text_json(t, line->index);
	text_str(t, ",\"id\":");
	text_json(t, line->id);
	text_fmt(t, ",\"sha\":\"%016" PRIx64 "\",\"status\":%d", line->sha, line->status);
	if (line->sequence >= 0)
		text_fmt(t, ",\"seq\":%" PRId64, line->sequence);
	if (line->document.n) {
		text_str(t, ",\"document\":");
		text_view_add(t, line->document);
	}
	text_str(t, "}\n");
}

void itemlog_flush(struct itemlog *log)
{
	for (size_t at = 0; log->fd >= 0 && at < log->lines.len;) {
		ssize_t n = write(log->fd, log->lines.p + at, log->lines.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(1, "cannot write the log: %s; it ends", strerror(errno));
		at += (size_t)n;
	}
	text_clear(&log->lines);
}
