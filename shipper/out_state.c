/* out_state.c -- how far the file of --out-file is durable, as the spool remembers it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "out_state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "crc32c.h"
#include "wire.h"

enum { STATE_BYTES = 22 };
static const uint32_t STATE_MAGIC = 0x4f505345; /* "ESPO" */

void out_state_open(struct out_state *s, const struct spool *spool)
{
	char path[PATHS_MAX];
	struct err_detail why;

	*s = (struct out_state){ .slots = { .fd = -1 } };
	if (paths_join(path, spool->dir, "out") ||
		slots_open(&s->slots, path, STATE_MAGIC, spool->epoch, true, &why)) {
		s->slots.fd = -1;
		return;
	}
	int newer = slots_read(&s->slots);
	if (newer < 0 || s->slots.len[newer] < STATE_BYTES)
		return;
	struct bytes b = bytes_of(s->slots.contents[newer], s->slots.len[newer]);
	s->number = bytes_le64(&b);
	s->end = (off_t)bytes_le64(&b);
	s->mark = bytes_le32(&b);
	size_t len = bytes_le16(&b);
	if (len < PATHS_MAX && STATE_BYTES + len <= s->slots.len[newer])
		memcpy(s->path, s->slots.contents[newer] + STATE_BYTES, len);
}

void out_state_close(struct out_state *s)
{
	slots_close(&s->slots);
}

void out_state_set(struct out_state *s, const char *path, off_t end)
{
	if (path != s->path)
		(void)snprintf(s->path, sizeof(s->path), "%s", path);
	s->end = end;
	s->changed = true;
}

/* Of the bytes before `end`; false when they cannot be read. */
static bool mark_of(int fd, off_t end, uint32_t *mark)
{
	char text[OUT_STATE_MARK];
	size_t n = end < OUT_STATE_MARK ? (size_t)end : OUT_STATE_MARK;

	if (fd < 0 || pread(fd, text, n, end - (off_t)n) != (ssize_t)n)
		return false;
	*mark = crc32c(text, n);
	return true;
}

void out_state_write(struct out_state *s, int fd)
{
	uint8_t packed[STATE_BYTES + PATHS_MAX];
	struct wire w = { packed };
	size_t len = strlen(s->path);

	if (!s->changed || s->slots.fd < 0)
		return;
	if (*s->path && !mark_of(fd, s->end, &s->mark))
		return;
	wire_u64(&w, s->number);
	wire_u64(&w, (uint64_t)s->end);
	wire_u32(&w, s->mark);
	wire_u8(&w, (uint8_t)len);
	wire_u8(&w, (uint8_t)(len >> 8));
	memcpy(packed + STATE_BYTES, s->path, len);
	if (slots_write(&s->slots, packed, STATE_BYTES + len) == 0)
		s->changed = false;
}

off_t out_state_durable(const struct out_state *s, const char *path, int fd)
{
	uint32_t mark;

	if (strcmp(s->path, path) != 0)
		return -1;
	return mark_of(fd, s->end, &mark) && mark == s->mark ? s->end : -1;
}
