/* stream.c -- the bytes of a capture file: plain, gzip or zstd, told by content.
 *
 * gzip is unpacked by zlib: libdeflate, which the shipper uses, cannot work piece by piece. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

enum { IN_SIZE = 256 * 1024, WAIT_MS = 1000, PEEK = 20, IDENTITY_BYTES = 40, ZSTD_WINDOW_LOG = 27 };

enum packing { PLAIN_BYTES, GZIP, ZSTD };

struct stream {
	int fd;
	enum packing packing;
	const volatile bool *stop;
	bool (*idle)(void *);
	void *idle_arg;
	uint64_t position, size, identity;
	bool end, interrupted, pipe, plain, unfinished;
	char error[160];

	uint8_t peek[PEEK];
	size_t peek_at, peek_len;
	uint8_t in[IN_SIZE];
	size_t in_at, in_len;
	z_stream gzip;
	bool gzip_begun;
	ZSTD_DStream *zstd;
};

/* read(2), of which only a signal that asks for the end is the end. */
static ssize_t read_some(struct stream *s, void *out, size_t n)
{
	ssize_t got;

	do {
		got = read(s->fd, out, n);
	} while (got < 0 && errno == EINTR && s->stop && !*s->stop);
	s->interrupted = got < 0 && errno == EINTR;
	return got;
}

/* Until there is something to be read. False when the wait was ended. */
static bool wait_for_input(struct stream *s)
{
	struct pollfd ready = { .fd = s->fd, .events = POLLIN };
	int wait_ms = 0;

	for (; s->pipe && s->idle; wait_ms = WAIT_MS) {
		int n = poll(&ready, 1, wait_ms);
		if (n > 0 || (n < 0 && errno != EINTR))
			break;
		if ((s->stop && *s->stop) || !s->idle(s->idle_arg)) {
			s->interrupted = s->end = true;
			break;
		}
	}
	return !s->end;
}

/* Fills `in` when it is empty. False at the end or on an error. */
static bool refill(struct stream *s)
{
	if (s->in_at < s->in_len)
		return true;
	if (s->end)
		return false;
	if (!wait_for_input(s))
		return false;
	ssize_t n = read_some(s, s->in, IN_SIZE);
	s->in_at = 0;
	s->in_len = n > 0 ? (size_t)n : 0;
	s->position += s->in_len;
	if (n > 0)
		return true;
	s->end = true;
	if (n < 0 && !s->interrupted)
		(void)snprintf(s->error, sizeof(s->error), "%s", strerror(errno));
	return false;
}

static size_t read_plain(struct stream *s, uint8_t *out, size_t n)
{
	size_t have = s->in_len - s->in_at;

	n = n < have ? n : have;
	memcpy(out, s->in + s->in_at, n);
	s->in_at += n;
	return n;
}

/* One step: some input in, some output out; several members may follow each other. */
static size_t read_gzip(struct stream *s, uint8_t *out, size_t n)
{
	z_stream *z = &s->gzip;

	z->next_in = s->in + s->in_at;
	z->avail_in = (uInt)(s->in_len - s->in_at);
	z->next_out = out;
	z->avail_out = (uInt)(n < IN_SIZE ? n : IN_SIZE);
	uInt room = z->avail_out;
	int code = inflate(z, Z_NO_FLUSH);
	s->in_at = s->in_len - z->avail_in;
	s->unfinished = code != Z_STREAM_END;
	if (code == Z_STREAM_END)
		code = inflateReset(z);
	if (code != Z_OK && code != Z_BUF_ERROR) {
		(void)snprintf(s->error, sizeof(s->error), "damaged gzip data (%s)",
			z->msg ? z->msg : "unknown error");
		s->end = true;
		s->in_at = s->in_len;
	}
	return room - z->avail_out;
}

static size_t read_zstd(struct stream *s, uint8_t *out, size_t n)
{
	ZSTD_inBuffer in = { s->in + s->in_at, s->in_len - s->in_at, 0 };
	ZSTD_outBuffer unpacked = { out, n, 0 };
	size_t code = ZSTD_decompressStream(s->zstd, &unpacked, &in);

	s->in_at += in.pos;
	if (ZSTD_isError(code)) {
		(void)snprintf(s->error, sizeof(s->error), "damaged zstd data (%s)",
			ZSTD_getErrorName(code));
		s->end = true;
		s->in_at = s->in_len;
		return unpacked.pos;
	}
	s->unfinished = code != 0;
	return unpacked.pos;
}

static size_t step(struct stream *s, uint8_t *out, size_t n)
{
	if (s->packing == GZIP)
		return read_gzip(s, out, n);
	if (s->packing == ZSTD)
		return read_zstd(s, out, n);
	return read_plain(s, out, n);
}

static ssize_t take(struct stream *s, void *out, size_t n, size_t least)
{
	uint8_t *p = out;
	size_t done = s->peek_len - s->peek_at;

	done = done < n ? done : n;
	memcpy(p, s->peek + s->peek_at, done);
	s->peek_at += done;
	while (done < least && refill(s))
		done += step(s, p + done, n - done);
	if (done < least && s->unfinished && !s->error[0] && !s->interrupted)
		(void)snprintf(s->error, sizeof(s->error), "the packed data ends too early");
	if (done == 0 && s->error[0])
		return -1;
	return (ssize_t)done;
}

ssize_t stream_read(struct stream *s, void *out, size_t n)
{
	return take(s, out, n, n);
}

ssize_t stream_read_some(struct stream *s, void *out, size_t n)
{
	return take(s, out, n, n ? 1 : 0);
}

size_t stream_peek(struct stream *s, const uint8_t **bytes)
{
	*bytes = s->peek;
	return s->peek_len;
}

const char *stream_error(const struct stream *s)
{
	return s->error[0] ? s->error : NULL;
}

bool stream_interrupted(const struct stream *s)
{
	return s->interrupted;
}

/* FNV-1a: spread, not secrecy. */
static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	const uint8_t *s = p;

	while (n--)
		h = (h ^ *s++) * UINT64_C(0x100000001b3);
	return h;
}

static void identify(struct stream *s, const struct stat *st)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t n = s->in_len < IDENTITY_BYTES ? s->in_len : IDENTITY_BYTES;

	if (s->pipe)
		return;
	h = mix(h, &st->st_dev, sizeof(st->st_dev));
	h = mix(h, &st->st_ino, sizeof(st->st_ino));
	h = mix(h, s->in, n);
	s->identity = h ? h : 1;
}

uint64_t stream_identity(const struct stream *s)
{
	return s->identity;
}

FILE *stream_plain_file(struct stream *s)
{
	if (s->pipe || s->packing != PLAIN_BYTES || lseek(s->fd, 0, SEEK_SET) != 0)
		return NULL;
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file && fd >= 0)
		(void)close(fd);
	s->plain = file != NULL;
	return file;
}

uint64_t stream_position(const struct stream *s)
{
	if (s->plain) { /* the two descriptors share their place in the file */
		off_t at = lseek(s->fd, 0, SEEK_CUR);
		return at > 0 ? (uint64_t)at : 0;
	}
	return s->position - (s->in_len - s->in_at);
}

uint64_t stream_size(const struct stream *s)
{
	return s->size;
}

/* RFC 1952: 1f 8b, method 8. RFC 8878: 28 b5 2f fd, or a skippable frame 5? 2a 4d 18. */
static enum packing packing_of(const uint8_t *p, size_t n)
{
	if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return GZIP;
	if (n >= 4 && memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0)
		return ZSTD;
	if (n >= 4 && (p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0)
		return ZSTD;
	return PLAIN_BYTES;
}

static int begin_packing(struct stream *s, struct err_detail *why)
{
	s->packing = packing_of(s->in, s->in_len);
	if (s->packing == GZIP) {
		s->gzip_begun = inflateInit2(&s->gzip, 16 + MAX_WBITS) == Z_OK;
		if (!s->gzip_begun)
			return err_set(why, ERR_NOMEM, "out of memory for gzip");
	}
	if (s->packing == ZSTD) {
		s->zstd = ZSTD_createDStream();
		if (!s->zstd)
			return err_set(why, ERR_NOMEM, "out of memory for zstd");
		(void)ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	}
	return 0;
}

/* A pipe may deliver its first bytes one by one: wait for enough to tell what they are. */
static void first_bytes(struct stream *s)
{
	while (s->in_len < PEEK && wait_for_input(s)) {
		ssize_t n = read_some(s, s->in + s->in_len, IN_SIZE - s->in_len);
		if (n <= 0) {
			s->end = true;
			if (n < 0 && !s->interrupted)
				(void)snprintf(s->error, sizeof(s->error), "%s", strerror(errno));
			return;
		}
		s->in_len += (size_t)n;
		s->position += (size_t)n;
	}
}

static int open_fd(struct stream *s, const char *path, struct stat *st, struct err_detail *why)
{
	s->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return err_set(why, errno == EACCES ? ERR_PERMISSION : ERR_INPUT,
			"cannot open %s: %s", path, strerror(errno));
	if (fstat(s->fd, st) == 0 && S_ISDIR(st->st_mode))
		return err_set(why, ERR_INPUT,
			"%s is a folder; espcap --dir reads the files of a folder", path);
	s->pipe = !S_ISREG(st->st_mode);
	s->size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
	return 0;
}

int stream_open(const char *path, const volatile bool *stop, bool (*idle)(void *), void *idle_arg,
	struct stream **out, struct err_detail *why)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct stat st;

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory while opening %s", path);
	s->stop = stop;
	s->idle = idle;
	s->idle_arg = idle_arg;
	int err = open_fd(s, path, &st, why);
	if (err)
		goto out;
	first_bytes(s);
	identify(s, &st);
	err = begin_packing(s, why);
	if (err)
		goto out;
	ssize_t n = stream_read(s, s->peek, PEEK);
	s->peek_len = n > 0 ? (size_t)n : 0;
	s->peek_at = 0;
out:
	if (err)
		stream_close(s);
	else
		*out = s;
	return err;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	if (s->gzip_begun)
		(void)inflateEnd(&s->gzip);
	(void)ZSTD_freeDStream(s->zstd);
	free(s);
}
