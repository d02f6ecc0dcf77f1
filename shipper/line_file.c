/* line_file.c -- the lines of a file, plain or gzip, one after the other. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "line_file.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "gzip_member.h"

enum {
	IN_BYTES = 256 << 10,
	TEXT_BYTES = LINE_FILE_MAX + IN_BYTES,
	GZIP_ONLY = 16 + 15,
	MEMBER_MAX = 24 << 20, /* packed or unpacked; a longer one is read as anybody's */
};

struct line_file {
	int fd;
	bool waits, decided, gzip, ended, failed; /* failed: tell of it before what comes next */
	bool member;                              /* inside of one */
	int damage;                               /* what to tell: an error, or 0 */
	uint64_t at, number;                      /* of text[start] */
	size_t start, scanned, end;               /* of text */
	size_t in_at, in_end;                     /* gzip: of in */
	struct buf packed, unpacked; /* a member of ours, checked before it is believed */
	size_t unpacked_at;
	z_stream z;
	uint8_t in[IN_BYTES + GZIP_MEMBER_HEADER];
	char text[TEXT_BYTES];
};

int line_file_new(int fd, bool waits, struct line_file **out)
{
	struct line_file *f = calloc(1, sizeof(*f));

	if (!f)
		return ERR_NOMEM;
	f->fd = fd;
	f->waits = waits;
	f->number = 1;
	buf_init(&f->packed, MEMBER_MAX);
	buf_init(&f->unpacked, MEMBER_MAX + 1);
	*out = f;
	return 0;
}

void line_file_free(struct line_file *f)
{
	if (!f)
		return;
	if (f->gzip)
		(void)inflateEnd(&f->z);
	if (f->fd > STDERR_FILENO)
		(void)close(f->fd);
	buf_done(&f->packed);
	buf_done(&f->unpacked);
	free(f);
}

void line_file_begin_at(struct line_file *f, uint64_t at, uint64_t number)
{
	f->at = at;
	f->number = number;
}

/* --- bytes --- */

/* 0 at the end, or with an error in *err. */
static size_t read_some(struct line_file *f, void *p, size_t n, int *err)
{
	struct pollfd ready = { .fd = f->fd, .events = POLLIN };
	ssize_t got;

	*err = 0;
	if (f->waits && poll(&ready, 1, 0) <= 0) {
		*err = ERR_AGAIN;
		return 0;
	}
	do
		got = read(f->fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		*err = errno == EAGAIN ? ERR_AGAIN : ERR_SYS;
	return got > 0 ? (size_t)got : 0;
}

static int fill_in(struct line_file *f)
{
	int err;

	memmove(f->in, f->in + f->in_at, f->in_end - f->in_at);
	f->in_end -= f->in_at;
	f->in_at = 0;
	size_t n = read_some(f, f->in + f->in_end, sizeof(f->in) - f->in_end, &err);
	f->in_end += n;
	if (!n && !err)
		f->ended = true;
	return err;
}

/* The first bytes say what it is; those of plain text are the first ones of the text. */
static int decide(struct line_file *f)
{
	int err = 0;

	while (!err && !f->ended && f->in_end < 2)
		err = fill_in(f);
	if (err)
		return err;
	f->decided = true;
	f->gzip = f->in_end >= 2 && f->in[0] == 0x1f && f->in[1] == 0x8b;
	if (f->gzip)
		return inflateInit2(&f->z, GZIP_ONLY) == Z_OK ? 0 : ERR_NOMEM;
	memcpy(f->text, f->in, f->in_end);
	f->end = f->in_end;
	return 0;
}

/* The text of the line in the making is not whole any more. */
static void tell_damage(struct line_file *f, int err)
{
	f->damage = err;
	f->at += f->end - f->start;
	f->start = f->scanned = f->end;
}

/* Behind damage: the next member of ours. */
static int seek_member(struct line_file *f)
{
	int err = 0;

	for (;;) {
		for (; f->in_at + GZIP_MEMBER_HEADER <= f->in_end; f->in_at++)
			if (gzip_member_length(f->in + f->in_at)) {
				f->failed = false;
				return 0;
			}
		if (f->ended)
			return ERR_END;
		err = fill_in(f);
		if (err)
			return err;
	}
}

static void heed_inflate(struct line_file *f, int code)
{
	if (code == Z_STREAM_END || code == Z_DATA_ERROR) {
		(void)inflateReset(&f->z);
		f->member = false;
	}
	if (code != Z_DATA_ERROR && code != Z_MEM_ERROR)
		return;
	tell_damage(f, code == Z_MEM_ERROR ? ERR_NOMEM : ERR_INPUT);
	f->failed = true;
	f->in_at += f->in_at < f->in_end; /* not the same member again */
}

/* Gathers a member of ours and unpacks it. What it holds is only believed when its CRC32 says so: a
 * record with wrong content would keep the right one out of the index for ever. */
static int fill_member(struct line_file *f, uint32_t length)
{
	size_t left = length - f->packed.len, n = f->in_end - f->in_at;
	int err = buf_reserve(&f->packed, length);

	if (err)
		return err;
	n = n < left ? n : left;
	buf_add(&f->packed, f->in + f->in_at, n);
	f->in_at += n;
	if (n < left)
		return 0;
	err = gzip_member_check((const uint8_t *)f->packed.data, length, &f->unpacked);
	f->unpacked_at = 0;
	f->member = false;
	buf_reset(&f->packed);
	if (err == ERR_INPUT)
		tell_damage(f, err);
	if (err)
		buf_reset(&f->unpacked);
	return err == ERR_INPUT ? 0 : err;
}

/* A member of anybody's. */
static int fill_inflate(struct line_file *f)
{
	f->z.next_in = f->in + f->in_at;
	f->z.avail_in = (uInt)(f->in_end - f->in_at);
	f->z.next_out = (uint8_t *)f->text + f->end;
	f->z.avail_out = (uInt)(sizeof(f->text) - f->end);
	f->member = true;
	int code = inflate(&f->z, Z_NO_FLUSH);
	f->in_at = f->in_end - f->z.avail_in;
	f->end = sizeof(f->text) - f->z.avail_out;
	heed_inflate(f, code);
	return 0;
}

/* The length of the member of ours that is being gathered, or that begins here; 0: none. */
static uint32_t own_member(const struct line_file *f)
{
	const uint8_t *p = f->packed.len >= GZIP_MEMBER_HEADER ? (const uint8_t *)f->packed.data
							       : f->in + f->in_at;
	uint32_t n = 0;

	if (f->packed.len || (!f->member && f->in_end - f->in_at >= GZIP_MEMBER_HEADER))
		n = gzip_member_length(p);
	return n <= MEMBER_MAX ? n : 0;
}

static void copy_unpacked(struct line_file *f)
{
	size_t n = f->unpacked.len - f->unpacked_at, room = sizeof(f->text) - f->end;

	n = n < room ? n : room;
	memcpy(f->text + f->end, f->unpacked.data + f->unpacked_at, n);
	f->end += n;
	f->unpacked_at += n;
}

static int fill_gzip(struct line_file *f)
{
	if (f->unpacked_at < f->unpacked.len) {
		copy_unpacked(f);
		return 0;
	}
	int err = f->failed ? seek_member(f) : 0;
	if (!err && f->in_end - f->in_at < GZIP_MEMBER_HEADER && !f->ended)
		err = fill_in(f);
	if (err)
		return err;
	if (f->in_at == f->in_end && f->ended) {
		if (f->member || f->packed.len)
			tell_damage(f, ERR_TRUNCATED);
		f->member = false;
		buf_reset(&f->packed);
		return 0;
	}
	if (f->in_end - f->in_at < GZIP_MEMBER_HEADER && !f->ended && !f->packed.len && !f->member)
		return 0; /* not enough to tell whose it is */
	uint32_t own = own_member(f);
	return own ? fill_member(f, own) : fill_inflate(f);
}

static int fill_plain(struct line_file *f)
{
	int err;
	size_t n = read_some(f, f->text + f->end, sizeof(f->text) - f->end, &err);

	f->end += n;
	if (!n && !err)
		f->ended = true;
	return err;
}

static int fill(struct line_file *f)
{
	if (!f->decided)
		return decide(f);
	if (f->start) {
		memmove(f->text, f->text + f->start, f->end - f->start);
		f->end -= f->start;
		f->scanned -= f->start;
		f->start = 0;
	}
	return f->gzip ? fill_gzip(f) : fill_plain(f);
}

static bool is_at_end(const struct line_file *f)
{
	return f->ended && f->unpacked_at >= f->unpacked.len &&
	       (!f->gzip || (f->in_at == f->in_end && !f->member && !f->packed.len) ||
		       (f->failed && f->in_end - f->in_at < GZIP_MEMBER_HEADER));
}

/* --- lines --- */

static void take(struct line_file *f, struct line *line, size_t len, bool newline)
{
	*line = (struct line){ .text = f->text + f->start,
		.len = len,
		.at = f->at,
		.end = f->at + len + newline,
		.number = f->number++,
		.torn = !newline };
	f->at += len + newline;
	f->start += len + newline;
	f->scanned = f->start;
}

/* Passes over the rest of a line whose beginning fills the buffer. */
static int take_long(struct line_file *f, struct line *line)
{
	const char *newline = NULL;
	uint64_t at = f->at;
	int err = 0;

	while (!newline && !err && !(is_at_end(f) && f->start == f->end)) {
		newline = memchr(f->text + f->start, '\n', f->end - f->start);
		size_t n = newline ? (size_t)(newline - f->text) + 1 - f->start : f->end - f->start;
		f->at += n;
		f->start += n;
		f->scanned = f->start;
		if (!newline && !is_at_end(f))
			err = fill(f);
		if (err == ERR_AGAIN) {
			struct pollfd ready = { .fd = f->fd, .events = POLLIN };
			err = poll(&ready, 1, 1000) < 0 ? ERR_SYS : 0;
		}
	}
	*line = (struct line){ .text = f->text,
		.at = at,
		.end = f->at,
		.number = f->number++,
		.torn = !newline,
		.long_one = true };
	return err;
}

int line_file_next(struct line_file *f, struct line *line)
{
	for (;;) {
		const char *newline = memchr(f->text + f->scanned, '\n', f->end - f->scanned);
		if (newline) {
			take(f, line, (size_t)(newline - f->text) - f->start, true);
			return 0;
		}
		f->scanned = f->end;
		int err = f->damage;
		f->damage = 0;
		if (err)
			return err;
		if (f->end - f->start > LINE_FILE_MAX)
			return take_long(f, line);
		if (is_at_end(f)) {
			if (f->start == f->end)
				return ERR_END;
			take(f, line, f->end - f->start, false);
			return 0;
		}
		err = fill(f);
		if (err && err != ERR_END)
			return err;
	}
}
