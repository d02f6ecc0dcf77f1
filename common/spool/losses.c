/* losses.c -- losses that no document names yet, kept for the next start.
 *
 * Contents of a slot: for each reason counted | count | bytes | first | last | start | end, 8 bytes
 * each. Reasons that come later are added behind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "losses.h"

#include "bytes.h"
#include "paths.h"
#include "wire.h"

static const uint32_t MAGIC = 0x4c505345; /* "ESPL" */
enum { REASON_BYTES = 7 * 8 };
_Static_assert((int)LOSS_REASONS *(int)REASON_BYTES <= (int)SLOTS_CONTENTS, "fits in a slot");

int losses_open(
	struct slots *s, const char *dir, uint64_t epoch, bool writable, struct err_detail *why)
{
	char path[PATHS_MAX];

	s->fd = -1;
	if (paths_join(path, dir, "losses"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	return writable ? slots_open(s, path, MAGIC, epoch, true, why)
			: slots_open_reader(s, path, MAGIC, epoch);
}

void losses_read(struct slots *s, struct losses *losses)
{
	int newer = s->fd >= 0 ? slots_read(s) : -1;

	*losses = (struct losses){ 0 };
	if (newer < 0)
		return;
	struct bytes b = bytes_of(s->contents[newer], s->len[newer]);
	for (unsigned r = 0; r < LOSS_REASONS && bytes_left(&b) >= REASON_BYTES; r++) {
		struct loss *p = &losses->pending[r];
		losses->counted[r] = bytes_le64(&b);
		p->reason = (enum loss_reason)r;
		p->count = bytes_le64(&b);
		p->bytes = bytes_le64(&b);
		p->first_seq = bytes_le64(&b);
		p->last_seq = bytes_le64(&b);
		p->start_ns = (int64_t)bytes_le64(&b);
		p->end_ns = (int64_t)bytes_le64(&b);
	}
}

int losses_write(struct slots *s, const struct losses *losses)
{
	uint8_t packed[LOSS_REASONS * REASON_BYTES];
	struct wire w = { packed };

	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		const struct loss *p = &losses->pending[r];
		wire_u64(&w, losses->counted[r]);
		wire_u64(&w, p->count);
		wire_u64(&w, p->bytes);
		wire_u64(&w, p->first_seq);
		wire_u64(&w, p->last_seq);
		wire_u64(&w, (uint64_t)p->start_ns);
		wire_u64(&w, (uint64_t)p->end_ns);
	}
	return slots_write(s, packed, sizeof(packed));
}

struct loss losses_left(const struct losses *losses, enum loss_reason reason, uint64_t reported)
{
	struct loss left = losses->pending[reason];
	uint64_t counted = losses->counted[reason];
	uint64_t more = counted > reported ? counted - reported : 0;

	/* a chain that was cut back reports less than it once did: never more than was pending */
	if (more < left.count)
		left.count = more;
	return left;
}
