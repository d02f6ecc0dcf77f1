/* ack.c -- what is settled (`ack`, written by ship) and what was given up (`first`). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ack.h"

#include <string.h>

#include "bytes.h"
#include "paths.h"
#include "wire.h"

static const uint32_t ACK_MAGIC = 0x41505345;   /* "ESPA" */
static const uint32_t FIRST_MAGIC = 0x46545345; /* "ESTF" */

enum {
	RANGE_BYTES = 8 + 8 + 6 * 4,
	CHAIN_BYTES = 8 + 7 * 8 + 4 + ACK_RANGES_MAX * RANGE_BYTES,
	ACK_BYTES = ACK_CHAINS * CHAIN_BYTES + 2 * 8,
	FIRST_BYTES = 3 * 8 + 6 * 8 + 2 * 8,
	FIRST_BYTES_OLD = FIRST_BYTES - 2 * 8, /* every record was told of */
};
_Static_assert((int)ACK_BYTES <= (int)SLOTS_CONTENTS, "an ack fits in a slot");

void ack_count_range(struct ack_counts *counts, const struct ack_range *range)
{
	counts->indexed += range->indexed;
	counts->already_there += range->already_there;
	counts->dead += range->dead;
	counts->lost += range->lost;
	counts->failure_store += range->failure_store;
	counts->apart += range->apart;
}

uint64_t ack_sum(const struct ack_counts *counts)
{
	return counts->indexed + counts->already_there + counts->dead + counts->lost;
}

bool ack_covers(const struct ack_chain *chain, uint64_t first, uint64_t last)
{
	for (unsigned i = 0; i < chain->nranges && first > chain->frontier; i++) {
		const struct ack_range *r = &chain->ranges[i];
		if (first >= r->first && first <= r->last)
			first = r->last + 1;
		if (first > last)
			return true;
	}
	if (first > chain->frontier)
		return false;
	if (last <= chain->frontier)
		return true;
	return ack_covers(chain, chain->frontier + 1, last);
}

static uint64_t overlap(uint64_t a, uint64_t b, uint64_t first, uint64_t last)
{
	uint64_t from = a > first ? a : first, to = b < last ? b : last;

	return from <= to ? to - from + 1 : 0;
}

uint64_t ack_settled_in(const struct ack_chain *chain, uint64_t first, uint64_t last)
{
	uint64_t n = chain->frontier ? overlap(1, chain->frontier, first, last) : 0;

	for (unsigned i = 0; i < chain->nranges; i++)
		n += overlap(chain->ranges[i].first, chain->ranges[i].last, first, last);
	return n;
}

uint64_t ack_highest(const struct ack_chain *chain)
{
	return chain->nranges ? chain->ranges[chain->nranges - 1].last : chain->frontier;
}

static void pack_chain(struct wire *w, const struct ack_chain *c)
{
	uint8_t *end = w->p + CHAIN_BYTES;

	wire_u64(w, c->frontier);
	wire_u64(w, c->counts.indexed);
	wire_u64(w, c->counts.already_there);
	wire_u64(w, c->counts.dead);
	wire_u64(w, c->counts.lost);
	wire_u64(w, c->counts.late);
	wire_u64(w, c->counts.failure_store);
	wire_u64(w, c->counts.apart);
	wire_u32(w, c->nranges);
	for (unsigned i = 0; i < c->nranges; i++) {
		wire_u64(w, c->ranges[i].first);
		wire_u64(w, c->ranges[i].last);
		wire_u32(w, c->ranges[i].indexed);
		wire_u32(w, c->ranges[i].already_there);
		wire_u32(w, c->ranges[i].dead);
		wire_u32(w, c->ranges[i].lost);
		wire_u32(w, c->ranges[i].failure_store);
		wire_u32(w, c->ranges[i].apart);
	}
	w->p = end;
}

/* A range that does not lie above the one before it, or holds the sequence that nobody has, is no
 * range. */
static bool unpack_range(struct bytes *b, struct ack_range *r, uint64_t above)
{
	r->first = bytes_le64(b);
	r->last = bytes_le64(b);
	r->indexed = bytes_le32(b);
	r->already_there = bytes_le32(b);
	r->dead = bytes_le32(b);
	r->lost = bytes_le32(b);
	r->failure_store = bytes_le32(b);
	r->apart = bytes_le32(b);
	return r->first > above && r->last >= r->first && r->last < UINT64_MAX;
}

static bool unpack_chain(struct bytes *all, struct ack_chain *c)
{
	struct bytes b = bytes_sub(all, CHAIN_BYTES);

	c->frontier = bytes_le64(&b);
	c->counts.indexed = bytes_le64(&b);
	c->counts.already_there = bytes_le64(&b);
	c->counts.dead = bytes_le64(&b);
	c->counts.lost = bytes_le64(&b);
	c->counts.late = bytes_le64(&b);
	c->counts.failure_store = bytes_le64(&b);
	c->counts.apart = bytes_le64(&b);
	c->nranges = bytes_le32(&b);
	if (!bytes_ok(&b) || c->nranges > ACK_RANGES_MAX)
		return false;
	uint64_t above = c->frontier;
	for (unsigned i = 0; i < c->nranges; i++) {
		if (!unpack_range(&b, &c->ranges[i], above))
			return false;
		above = c->ranges[i].last;
	}
	return true;
}

static bool unpack_ack(const struct slots *s, int slot, struct ack *ack)
{
	struct bytes b = bytes_of(s->contents[slot], s->len[slot]);
	struct ack read = { 0 };

	if (!s->whole[slot])
		return false;
	for (unsigned i = 0; i < ACK_CHAINS; i++)
		if (!unpack_chain(&b, &read.chain[i]))
			return false;
	if (bytes_left(&b)) { /* one of an earlier version says nothing */
		read.heeded_dead = bytes_le64(&b);
		read.heeded_parked = bytes_le64(&b);
	}
	if (!bytes_ok(&b))
		return false;
	*ack = read;
	return true;
}

static int open_slots(struct slots *s, const char *dir, const char *name, uint32_t magic,
	uint64_t epoch, bool writable, struct err_detail *why)
{
	char path[PATHS_MAX];

	s->fd = -1;
	if (paths_join(path, dir, name))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	return writable ? slots_open(s, path, magic, epoch, true, why)
			: slots_open_reader(s, path, magic, epoch);
}

int ack_open(
	struct slots *s, const char *dir, uint64_t epoch, bool writable, struct err_detail *why)
{
	return open_slots(s, dir, "ack", ACK_MAGIC, epoch, writable, why);
}

void ack_read(struct slots *s, struct ack *ack, struct ack *older)
{
	int newer = s->fd >= 0 ? slots_read(s) : -1;

	*ack = (struct ack){ 0 };
	if (newer >= 0 && !unpack_ack(s, newer, ack)) {
		newer = 1 - newer;
		if (!unpack_ack(s, newer, ack))
			*ack = (struct ack){ 0 };
	}
	if (!older)
		return;
	*older = *ack;
	if (newer >= 0 && s->whole[1 - newer])
		(void)unpack_ack(s, 1 - newer, older);
}

int ack_write(struct slots *s, const struct ack *ack)
{
	uint8_t packed[ACK_BYTES] = { 0 };
	struct wire w = { packed };

	for (unsigned i = 0; i < ACK_CHAINS; i++)
		pack_chain(&w, &ack->chain[i]);
	wire_u64(&w, ack->heeded_dead);
	wire_u64(&w, ack->heeded_parked);
	return slots_write(s, packed, sizeof(packed));
}

int first_open(
	struct slots *s, const char *dir, uint64_t epoch, bool writable, struct err_detail *why)
{
	return open_slots(s, dir, "first", FIRST_MAGIC, epoch, writable, why);
}

void first_read(struct slots *s, struct first *first)
{
	int newer = s->fd >= 0 ? slots_read(s) : -1;

	*first = (struct first){ .first_seq = 1 };
	if (newer < 0 || (s->len[newer] != FIRST_BYTES && s->len[newer] != FIRST_BYTES_OLD))
		return;
	struct bytes b = bytes_of(s->contents[newer], s->len[newer]);
	first->first_seq = bytes_le64(&b);
	first->trimmed = bytes_le64(&b);
	first->trimmed_bytes = bytes_le64(&b);
	first->last.reason = LOSS_TRIMMED;
	first->last.count = bytes_le64(&b);
	first->last.bytes = bytes_le64(&b);
	first->last.first_seq = bytes_le64(&b);
	first->last.last_seq = bytes_le64(&b);
	first->last.start_ns = (int64_t)bytes_le64(&b);
	first->last.end_ns = (int64_t)bytes_le64(&b);
	bool old = s->len[newer] == FIRST_BYTES_OLD;
	first->to_tell = old ? first->trimmed : bytes_le64(&b);
	first->repeated = old ? 0 : bytes_le64(&b);
	if (first->first_seq == 0)
		first->first_seq = 1;
}

int first_write(struct slots *s, const struct first *first)
{
	uint8_t packed[FIRST_BYTES] = { 0 };
	struct wire w = { packed };

	wire_u64(&w, first->first_seq);
	wire_u64(&w, first->trimmed);
	wire_u64(&w, first->trimmed_bytes);
	wire_u64(&w, first->last.count);
	wire_u64(&w, first->last.bytes);
	wire_u64(&w, first->last.first_seq);
	wire_u64(&w, first->last.last_seq);
	wire_u64(&w, (uint64_t)first->last.start_ns);
	wire_u64(&w, (uint64_t)first->last.end_ns);
	wire_u64(&w, first->to_tell);
	wire_u64(&w, first->repeated);
	return slots_write(s, packed, sizeof(packed));
}
