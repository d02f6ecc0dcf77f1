/* slots.c -- a small state file of two slots, of which one is always whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "slots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "crc32c.h"
#include "denied.h"
#include "fault.h"
#include "paths.h"
#include "wire.h"

enum { VERSION = 1, CRC_AT = 28, READ_TRIES = 5 };

static uint32_t checksum(uint8_t *slot, size_t contents)
{
	uint8_t crc[4];

	memcpy(crc, slot + CRC_AT, 4);
	memset(slot + CRC_AT, 0, 4);
	uint32_t sum = crc32c(slot, SLOTS_HEADER + contents);
	memcpy(slot + CRC_AT, crc, 4);
	return sum;
}

static void parse(struct slots *s, int i, uint8_t *slot)
{
	struct bytes b = bytes_of(slot, SLOTS_HEADER);
	uint32_t magic = bytes_le32(&b), version = bytes_le32(&b);
	uint64_t gen = bytes_le64(&b), epoch = bytes_le64(&b);
	uint32_t len = bytes_le32(&b), crc = bytes_le32(&b);

	s->whole[i] = magic == s->magic && version == VERSION && epoch == s->epoch &&
		      len <= SLOTS_CONTENTS && crc == checksum(slot, len);
	if (!s->whole[i])
		return;
	s->gens[i] = gen;
	s->len[i] = len;
	memcpy(s->contents[i], slot + SLOTS_HEADER, len);
}

/* An error may pass: what is settled or given up must not be forgotten for it. */
static bool read_slot(const struct slots *s, int i, uint8_t slot[SLOTS_SIZE])
{
	ssize_t got = -1;

	for (int tries = 0; tries < READ_TRIES && got < 0; tries++)
		got = pread(s->fd, slot, SLOTS_SIZE, (off_t)i * SLOTS_SIZE);
	return got == SLOTS_SIZE;
}

int slots_read(struct slots *s)
{
	uint8_t slot[SLOTS_SIZE];

	for (int i = 0; i < 2; i++) {
		s->whole[i] = false;
		if (read_slot(s, i, slot))
			parse(s, i, slot);
	}
	int newer = s->whole[0] ? 0 : -1;
	if (s->whole[1] && (newer < 0 || s->gens[1] > s->gens[0]))
		newer = 1;
	if (newer >= 0)
		s->gen = s->gens[newer];
	return newer;
}

/* What could not be synced must not be believed: others would delete for it what a cut brings back.
 * If not even this can be written, the next write goes to the same slot. */
static void take_back(const struct slots *s, off_t at)
{
	static const uint8_t nothing[SLOTS_HEADER];
	int saved = errno;

	if (pwrite(s->fd, nothing, sizeof(nothing), at) < 0) {
		/* nothing else can be done about it */
	}
	errno = saved;
}

int slots_put(struct slots *s, const void *contents, size_t n)
{
	uint8_t slot[SLOTS_SIZE] = { 0 };
	struct wire w = { slot };
	uint64_t gen = s->gen + 1;

	if (n > SLOTS_CONTENTS)
		return ERR_TOO_BIG;
	wire_u32(&w, s->magic);
	wire_u32(&w, VERSION);
	wire_u64(&w, gen);
	wire_u64(&w, s->epoch);
	wire_u32(&w, (uint32_t)n);
	w.p = slot + SLOTS_HEADER;
	memcpy(w.p, contents, n);
	w.p = slot + CRC_AT;
	wire_u32(&w, checksum(slot, n));
	off_t at = (off_t)(gen & 1) * SLOTS_SIZE;
	if (FAULT_TORN(SLOT_HALF, s->fd, slot, SLOTS_HEADER + n / 2, at) ||
		pwrite(s->fd, slot, SLOTS_SIZE, at) != SLOTS_SIZE) {
		take_back(s, at);
		return ERR_SPOOL_IO;
	}
	s->gen = gen;
	return 0;
}

int slots_write(struct slots *s, const void *contents, size_t n)
{
	uint64_t gen = s->gen;
	int err = slots_put(s, contents, n);

	if (!err && fdatasync(s->fd) != 0) {
		take_back(s, (off_t)(s->gen & 1) * SLOTS_SIZE);
		s->gen = gen; /* the same slot again, never the one that is whole */
		err = ERR_SPOOL_IO;
	}
	return err;
}

static int open_file(struct slots *s, const char *path, int flags, uint32_t magic, uint64_t epoch)
{
	*s = (struct slots){ .magic = magic, .epoch = epoch };
	s->fd = open(path, flags | O_CLOEXEC, 0660);
	if (s->fd >= 0)
		(void)slots_read(s);
	return s->fd >= 0 ? 0 : errno == ENOENT ? ERR_END : ERR_SPOOL_IO;
}

/* Returns an errno. */
static int reserve(int fd)
{
	int code;

	do
		code = posix_fallocate(fd, 0, 2 * (off_t)SLOTS_SIZE);
	while (code == EINTR);
	return code;
}

int slots_open(struct slots *s, const char *path, uint32_t magic, uint64_t epoch, bool create,
	struct err_detail *why)
{
	int err = open_file(s, path, O_RDWR | (create ? O_CREAT : 0), magic, epoch);

	if (err)
		return err == ERR_END ? err_set(why, err, "there is no %s", path)
				      : denied_set(why, "open", path);
	/* the space is there before it is needed: an acknowledgement must not fail on a full disk
	 */
	int code = create ? reserve(s->fd) : 0;
	if (code) {
		slots_close(s);
		return err_set(why,
			code == ENOSPC || code == EDQUOT ? ERR_SPOOL_FULL : ERR_SPOOL_IO,
			"no space for %s: %s", path, strerror(code));
	}
	/* the name of a new file is as durable as what is going to be written to it */
	if (create && !s->whole[0] && !s->whole[1] && paths_sync_parent(path)) {
		slots_close(s);
		return err_set(why, ERR_SPOOL_IO, "cannot sync the folder of %s: %s", path,
			strerror(errno));
	}
	return 0;
}

int slots_open_reader(struct slots *s, const char *path, uint32_t magic, uint64_t epoch)
{
	return open_file(s, path, O_RDONLY, magic, epoch);
}

void slots_close(struct slots *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}
