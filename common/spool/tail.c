/* tail.c -- up to where a chain was written: for accounting, and for readers beside its writer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tail.h"

#include <unistd.h>

#include "paths.h"

enum { TAIL_BYTES = 8 + FRAME_TOTALS };
static const uint32_t TAIL_MAGIC = 0x54505345; /* "ESPT" */

static int tail_path(char path[PATHS_MAX], const char *dir, const char *chain)
{
	char folder[PATHS_MAX];
	int err = paths_join(folder, dir, chain);

	return err ? err : paths_join(path, folder, "tail");
}

void tail_open(struct slots *s, const char *dir, const char *chain, uint64_t epoch, bool writable)
{
	char path[PATHS_MAX];
	struct err_detail why;

	s->fd = -1;
	if (tail_path(path, dir, chain))
		return;
	int err = writable ? slots_open(s, path, TAIL_MAGIC, epoch, true, &why)
			   : slots_open_reader(s, path, TAIL_MAGIC, epoch);
	if (err)
		s->fd = -1;
}

void tail_read(struct slots *s, struct tail *tail)
{
	int newer = s->fd >= 0 ? slots_read(s) : -1;

	*tail = (struct tail){ 0 };
	if (newer < 0 || s->len[newer] != TAIL_BYTES)
		return;
	struct bytes b = bytes_of(s->contents[newer], s->len[newer]);
	tail->last_seq = bytes_le64(&b);
	frame_unpack_totals(&b, &tail->totals);
}

int tail_write(struct slots *s, const struct tail *tail)
{
	uint8_t packed[TAIL_BYTES];
	struct wire w = { packed };

	wire_u64(&w, tail->last_seq);
	frame_pack_totals(&w, &tail->totals);
	return slots_put(s, packed, sizeof(packed));
}

void tail_remove(const char *dir, const char *chain)
{
	char path[PATHS_MAX];

	if (!tail_path(path, dir, chain))
		(void)unlink(path);
}
