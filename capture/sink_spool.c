/* sink_spool.c -- documents into the spool. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "sink.h"

struct sink_spool {
	struct sink sink;
	struct writer *writer;
	enum frame_kind kind;
};

static char *begin(struct sink *sink, struct sink_place place)
{
	const struct sink_spool *s = (const struct sink_spool *)sink;

	return writer_begin(s->writer, s->kind, DOCUMENT_ROOM, place.file);
}

static void end(struct sink *sink, size_t len, int64_t time_ns, struct sink_place place)
{
	const struct sink_spool *s = (const struct sink_spool *)sink;

	writer_end(s->writer, len, time_ns, place.file, place.number);
}

static void idle(struct sink *sink)
{
	(void)sink; /* the writer's own threads keep the flush interval */
}

static int failed(struct sink *sink, struct err_detail *why)
{
	const struct sink_spool *s = (const struct sink_spool *)sink;
	struct writer_status status;

	writer_status(s->writer, &status);
	if (status.state != WRITER_FAILED)
		return 0;
	if (why)
		*why = status.why;
	return ERR_SPOOL_IO;
}

static int close_sink(struct sink *sink, struct err_detail *why)
{
	struct sink_spool *s = (struct sink_spool *)sink;
	int err = writer_close(s->writer, sink->last, why);

	free(s);
	return err;
}

int sink_spool_open(
	struct writer *writer, enum frame_kind kind, struct sink **out, struct err_detail *why)
{
	struct sink_spool *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory for the spool");
	s->sink = (struct sink){ begin, end, NULL, idle, failed, close_sink, NULL };
	s->writer = writer;
	s->kind = kind;
	*out = &s->sink;
	return 0;
}
