/* sink_stdout.c -- documents to standard output, in large writes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_AT = 256 * 1024 };

struct sink_stdout {
	struct sink sink;
	size_t len;
	int error; /* errno of a failed write */
	bool terminal;
	char memory[WRITE_AT + DOCUMENT_ROOM + 1];
};

static void put(struct sink_stdout *s, const char *lines, size_t len)
{
	size_t done = 0;

	while (done < len && !s->error) {
		ssize_t n = write(STDOUT_FILENO, lines + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR)
			s->error = errno;
	}
}

static void flush(struct sink *sink)
{
	struct sink_stdout *s = (struct sink_stdout *)sink;

	put(s, s->memory, s->len);
	s->len = 0;
}

static void block(struct sink *sink, const char *lines, size_t len)
{
	flush(sink);
	put((struct sink_stdout *)sink, lines, len);
}

static char *begin(struct sink *sink, struct sink_place place)
{
	struct sink_stdout *s = (struct sink_stdout *)sink;

	(void)place;
	if (s->error)
		return NULL;
	if (s->len >= WRITE_AT)
		flush(sink);
	return s->memory + s->len;
}

static void end(struct sink *sink, size_t len, int64_t time_ns, struct sink_place place)
{
	struct sink_stdout *s = (struct sink_stdout *)sink;

	(void)time_ns;
	(void)place;
	if (len == 0)
		return;
	s->len += len;
	s->memory[s->len++] = '\n';
	if (s->terminal)
		flush(sink);
}

static int failed(struct sink *sink, struct err_detail *why)
{
	const struct sink_stdout *s = (const struct sink_stdout *)sink;

	if (!s->error)
		return 0;
	return err_set(why, ERR_SYS, "cannot write to standard output: %s", strerror(s->error));
}

static int close_sink(struct sink *sink, struct err_detail *why)
{
	flush(sink);
	int err = failed(sink, why);
	free(sink);
	return err;
}

int sink_stdout_open(struct sink **out, struct err_detail *why)
{
	struct sink_stdout *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory for standard output");
	s->sink = (struct sink){ begin, end, block, flush, failed, close_sink, NULL };
	s->terminal = isatty(STDOUT_FILENO);
	*out = &s->sink;
	return 0;
}
