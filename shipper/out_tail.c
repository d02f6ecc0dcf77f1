/* out_tail.c -- the end of a file of documents that a kill or a power cut may have torn. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "out_tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "gzip_member.h"
#include "json_check.h"
#include "line_file.h"

enum { LAST_BYTES = 2 * LINE_FILE_MAX };
static const char action[] = "{\"create\":{";
static const char *const ours[] = { "{\"event.sequence\":", "{\"srcip\":", "{\"create\":{" };

static bool begins(const char *line, size_t len, const char *with)
{
	size_t n = strlen(with);

	return memcmp(line, with, len < n ? len : n) == 0;
}

bool out_tail_is_gzip(int fd)
{
	uint8_t magic[2];

	return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

/* --- lines --- */

/* Lines behind what is durable: *whole moves over those that are whole. */
static int pass_lines(struct line_file *f, off_t from, off_t *whole)
{
	struct line line;
	off_t waits = -1; /* an action line, whose document is next */
	int err;

	while (!(err = line_file_next(f, &line))) {
		if (line.torn || line.long_one || !json_is_object(line.text, line.len))
			break;
		bool document = !begins(line.text, line.len, action);
		waits = document ? -1 : from + (off_t)line.at;
		*whole = from + (off_t)line.end;
	}
	if (waits >= 0)
		*whole = waits;
	return err == ERR_SYS || err == ERR_NOMEM ? err : 0;
}

static int find_lines(int fd, off_t durable, struct out_tail *tail)
{
	struct line_file *f;
	int copy = lseek(fd, durable, SEEK_SET) == durable ? dup(fd) : -1;

	if (copy < 0)
		return ERR_SYS;
	int err = line_file_new(copy, false, &f);
	if (err) {
		(void)close(copy);
		return err;
	}
	tail->whole = durable;
	err = pass_lines(f, durable, &tail->whole);
	line_file_free(f);
	return err;
}

/* Where line `line` of the text, which may be one of ours, and its action line begin. */
static size_t with_action(const char *text, size_t line)
{
	const char *before = line ? memrchr(text, '\n', line - 1) : NULL;
	size_t start = before ? (size_t)(before - text) + 1 : 0;

	return line && begins(text + start, line - 1 - start, action) && line - start > 12 ? start
											   : line;
}

static bool is_ours(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (begins(line, len, ours[i]))
			return true;
	return *line == '\0';
}

/* The last line, of a file about which nothing is known. */
static void judge_last(const char *text, size_t n, off_t from, struct out_tail *tail)
{
	bool ended = text[n - 1] == '\n';
	const char *newline = memrchr(text, '\n', n - ended);
	size_t line = newline ? (size_t)(newline - text) + 1 : 0, len = n - ended - line;
	bool torn = !ended || memchr(text + line, '\0', len) || begins(text + line, len, action);

	if (!torn || (!newline && from))
		return;
	if (len && is_ours(text + line, len))
		tail->whole = from + (off_t)with_action(text, line);
	else
		tail->newline = !ended;
}

static int look_at_last(int fd, off_t size, struct out_tail *tail)
{
	off_t from = size > LAST_BYTES ? size - LAST_BYTES : 0;
	char *text = malloc(LAST_BYTES);
	ssize_t n = text ? pread(fd, text, LAST_BYTES, from) : 0;
	int err = !text ? ERR_NOMEM : n < 0 ? ERR_SYS : 0;

	if (n > 0)
		judge_last(text, (size_t)n, from, tail);
	free(text);
	return err;
}

/* --- members --- */

static bool member_is_whole(int fd, off_t at, uint32_t n)
{
	struct buf text;
	uint8_t *member = malloc(n);

	buf_init(&text, BATCH_TEXT_MAX + (4 << 20));
	bool whole = member && pread(fd, member, n, at) == (ssize_t)n &&
		     gzip_member_check(member, n, &text) == 0;
	free(member);
	buf_done(&text);
	return whole;
}

/* Of a file of somebody else nothing is cut: the first member is none of ours. */
static int find_members(int fd, off_t size, off_t durable, struct out_tail *tail)
{
	uint8_t header[GZIP_MEMBER_HEADER];
	off_t at = durable > 0 ? durable : 0, last = -1;
	uint32_t n = 0, last_n = 0;

	while (at < size) {
		bool read = pread(fd, header, sizeof(header), at) == (ssize_t)sizeof(header);
		n = read ? gzip_member_length(header) : 0;
		if (!n || at + n > size || (durable >= 0 && !member_is_whole(fd, at, n)))
			break;
		last = at;
		last_n = n;
		at += n;
	}
	if (durable < 0 && last < 0)
		return 0;
	tail->whole = at;
	if (durable < 0 && !member_is_whole(fd, last, last_n))
		tail->whole = last;
	return 0;
}

int out_tail_find(int fd, off_t durable, struct out_tail *tail)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ERR_SYS;
	*tail = (struct out_tail){ st.st_size, false };
	if (st.st_size == 0 || durable >= st.st_size)
		return 0;
	if (out_tail_is_gzip(fd))
		return find_members(fd, st.st_size, durable, tail);
	return durable >= 0 ? find_lines(fd, durable, tail) : look_at_last(fd, st.st_size, tail);
}
