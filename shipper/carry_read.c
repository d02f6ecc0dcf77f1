/* carry_read.c -- the files of --in-file: line by line, and what is told of those that are none. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "out_tail.h"

/* --- what is told --- */

static const char *path_of(const struct carry *c)
{
	const char *path = c->job.paths[c->at.file];

	return strcmp(path, "-") == 0 ? "standard input" : path;
}

void carry_tell_bad(struct carry *c)
{
	const struct bad_lines *b = &c->bad;

	if (b->first && b->first == b->last)
		log_warn("%s, line %llu is passed over: %s", path_of(c),
			(unsigned long long)b->first, b->why);
	else if (b->first)
		log_warn("%s, lines %llu to %llu are passed over: %s", path_of(c),
			(unsigned long long)b->first, (unsigned long long)b->last, b->why);
	c->bad.first = 0;
}

bool carry_was_told(const struct carry *c, uint64_t end)
{
	const struct carry_mark *told = &c->job.told;

	return c->at.file < told->file || (c->at.file == told->file && end <= told->at);
}

static void add_bad(struct carry *c, uint64_t number, uint64_t end, const char *why)
{
	if (carry_was_told(c, end))
		return;
	if (c->bad.first && (c->bad.why != why || number != c->bad.last + 1))
		carry_tell_bad(c);
	if (!c->bad.first)
		c->bad = (struct bad_lines){ number, number, why };
	c->bad.last = number;
	c->job.bad++;
	c->bad_unsaved = true;
}

/* --- lines --- */

static int add_record(struct carry *c, const struct dead_letter *r, const struct line *line)
{
	const struct frame_header now = { .min_time_ns = r->time_ns };
	int64_t ns = frame_record_time(&now, r->record, r->len);

	int err = dead_letter_write(r, &c->text);
	if (err)
		return err;
	if (!c->text_lines++) {
		c->min_ns = c->max_ns = ns;
		c->text_since_ms = ship_now_ms();
	}
	c->min_ns = ns < c->min_ns ? ns : c->min_ns;
	c->max_ns = ns > c->max_ns ? ns : c->max_ns;
	c->text_end = (struct carry_mark){ c->at.file, line->end, line->number + 1 };
	c->records++;
	return c->text.len >= FRAME_RAW_CLOSE || c->text_lines == FRAME_COUNT_MAX
		       ? carry_close_frame(c)
		       : 0;
}

static int take_line(struct carry *c, const struct line *line)
{
	const char *why = NULL;
	struct dead_letter record;
	enum carry_line what = CARRY_BAD;

	if (line->long_one)
		why = "longer than any record";
	else
		what = carry_line_read(&c->reading, line->text, line->len, &record, &why);
	if (what == CARRY_BAD)
		add_bad(c, line->number, line->end,
			line->torn ? "the file ends in the middle of it" : why);
	if (c->reading.waits)
		c->action_line = line->number;
	c->at.at = line->end;
	c->at.line = line->number + 1;
	if (what != CARRY_RECORD)
		return 0;
	carry_tell_bad(c);
	record.time_ns = clock_wall_ns();
	return add_record(c, &record, line);
}

/* --- files --- */

/* Behind a kill the lines that are in the spool are passed over; in a plain file not from its start. */
static void seek_line(struct carry *c, int fd)
{
	const struct carry_mark *from = &c->job.done;

	if (from->file == c->at.file && from->at && from->at <= c->at.at && from->line &&
		!out_tail_is_gzip(fd) && lseek(fd, (off_t)from->at, SEEK_SET) == (off_t)from->at)
		line_file_begin_at(c->lines, from->at, from->line);
}

static int open_file(struct carry *c)
{
	const char *path = c->job.paths[c->at.file];
	struct stat st;

	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return ERR_SYS;
	c->goes_back = S_ISREG(st.st_mode) && fd != STDIN_FILENO;
	int err = line_file_new(fd, !S_ISREG(st.st_mode), &c->lines);
	if (err)
		return err;
	if (c->goes_back && c->at.at) {
		seek_line(c, fd);
	} else if (c->at.at) { /* what comes now was never read */
		c->at.at = 0;
		if (c->job.told.file == c->at.file)
			c->job.told.at = 0;
	}
	return 0;
}

static void close_lines(struct carry *c)
{
	if (c->reading.waits)
		add_bad(c, c->action_line, c->at.at,
			"the file ends behind this action line, without its document");
	carry_tell_bad(c);
	c->reading.waits = false;
	line_file_free(c->lines);
	c->lines = NULL;
}

static void next_file(struct carry *c)
{
	close_lines(c);
	c->at = (struct carry_mark){ c->at.file + 1, 0, 1 };
}

static const char *words_of(int err)
{
	return err == ERR_TRUNCATED ? "it ends inside of a member of gzip"
	       : err == ERR_INPUT ? "its gzip is damaged there, and what cannot be unpacked is not "
				    "delivered"
				  : strerror(errno);
}

/* What cannot be read is told, and what can be goes on. */
static int heed_error(struct carry *c, int err)
{
	if (err == ERR_NOMEM || err == ERR_AGAIN)
		return err;
	if (err == ERR_END) {
		next_file(c);
		return 0;
	}
	carry_tell_bad(c);
	log_warn("%s, behind line %llu: %s%s", path_of(c), (unsigned long long)c->at.line - 1,
		words_of(err), err == ERR_SYS ? "; the rest of it is not delivered" : "");
	if (!carry_was_told(c, c->at.at + 1)) {
		c->job.bad++;
		c->bad_unsaved = true;
	}
	c->at.at++; /* so that a next run has been told, too */
	if (err == ERR_SYS)
		next_file(c);
	return 0;
}

int carry_step(struct carry *c)
{
	struct line line;

	if (c->at.file == c->job.count)
		return ERR_END;
	int err = c->lines ? 0 : open_file(c);
	if (err)
		return heed_error(c, err);
	do /* behind a kill: what is in the spool already */
		err = line_file_next(c->lines, &line);
	while (!err && line.end <= c->at.at);
	return err ? heed_error(c, err) : take_line(c, &line);
}
