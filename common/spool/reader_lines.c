/* reader_lines.c -- every line of a chain, for those who look at all of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reader.h"

static int each_of_frame(
	const struct reader_frame *f, uint64_t from, reader_line_fn each, void *arg)
{
	const char *line = f->text, *end = line + f->header.raw_len;
	uint64_t seq = f->header.first_seq;
	int err = 0;

	for (; line < end && !err; seq++) {
		const char *next = (const char *)memchr(line, '\n', (size_t)(end - line));
		if (seq >= from)
			err = each(arg, f, seq, line, (size_t)(next - line));
		line = next + 1;
	}
	return err;
}

size_t reader_line(const struct reader_frame *f, uint64_t seq, const char **line)
{
	const char *p = f->text, *end = p + f->header.raw_len, *newline;

	for (uint64_t s = f->header.first_seq;; s++, p = newline + 1) {
		newline = (const char *)memchr(p, '\n', (size_t)(end - p));
		if (s == seq || !newline || newline + 1 == end)
			break;
	}
	*line = p;
	return (size_t)((newline ? newline : end) - p);
}

int reader_each_line(const struct spool *spool, const char *chain, uint64_t from,
	reader_line_fn each, void *arg, uint64_t *missing)
{
	struct reader *r;
	struct reader_frame f;
	int err = reader_new(spool, chain, &r);

	if (err)
		return err;
	*missing = 0;
	for (bool more = true; more && !err;) {
		err = reader_next_now(r, from, &f);
		more = !err;
		if (!err || err == ERR_END)
			*missing += f.gap.lost;
		if (!err)
			err = each_of_frame(&f, from, each, arg);
		from = f.header.first_seq + f.header.count;
	}
	reader_free(r);
	return err == ERR_END ? 0 : err;
}
