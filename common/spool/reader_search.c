/* reader_search.c -- the next whole frame of a chain, and what is missing before it.
 *
 * Every frame carries what the chain had committed and skipped up to its end, so the difference
 * of two frames' totals says exactly how many records are missing between them, whatever is
 * damaged: a frame, a whole segment, or several; the tail says the same for the end of the chain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reader_internal.h"

enum { PASSED_MAX = 1 << 20 };

/* The index of the segment that holds seq if any does, else of the first one; count when none. */
static size_t index_of(const struct reader *r, uint64_t seq)
{
	size_t i = r->count;

	while (i > 0 && r->seqs[i - 1] > seq)
		i--;
	return i > 0 ? i - 1 : 0;
}

/* --- what counts as committed --- */

/* A file shows a commit a moment before its sync has ended; the tail tells when it has. Only the
 * record chain has a writer beside its reader. */
static bool is_durable(struct reader *r, const struct frame_header *h)
{
	char holder[LOCK_HOLDER_MAX];
	uint64_t last = h->first_seq + h->count - 1;

	if (last <= r->tail.last_seq)
		return true;
	reader_read_tail(r);
	return last <= r->tail.last_seq || r->tail.last_seq == 0 || strcmp(r->name, "rec") != 0 ||
	       !spool_capture_runs(r->spool, holder);
}

/* --- frames --- */

/* A search from end to end also finds what a cut or a kill kept from being committed. The tail and
 * the end of the tree know better, where they are whole; so does the segment behind, unless its
 * writer could not read this one and jumped. */
bool reader_was_committed(struct reader *r, struct segment_file *s, const struct frame_header *h)
{
	struct segment_file *behind;

	if (!segment_file_is_damaged(s))
		return true;
	if (h->first_seq + h->count - 1 > r->tail.last_seq &&
		segment_file_is_uncommitted(s, h->first_seq))
		return false;
	size_t i = index_of(r, segment_file_birth(s)->first_seq) + 1;
	if (i >= r->count || r->seqs[i] - h->first_seq >= CHAIN_JUMP)
		return true;
	return h->first_seq + h->count <= r->seqs[i] &&
	       (reader_segment(r, r->seqs[i], &behind) ||
		       h->totals.committed <= segment_file_birth(behind)->totals.committed);
}

/* A damaged frame may be the last one, and a power cut may leave a tail that does not know of it:
 * then only its own header says what is missing. */
static void remember_passed(struct reader *r, struct segment_file *s, uint64_t key)
{
	struct frame_header h;

	if (frame_unpack_header(r->value.data, r->value.len, &h) == 0 && h.first_seq == key &&
		h.epoch == r->spool->epoch && is_durable(r, &h) && reader_was_committed(r, s, &h))
		r->passed = (struct tail){ h.first_seq + h.count - 1, h.totals };
}

/* The key of the frame that holds seq, if one does. */
static uint64_t key_before(struct segment_file *s, uint64_t seq)
{
	uint64_t key;

	return segment_file_find(s, seq, &key) ? seq : key;
}

/* The first whole frame in a segment that holds seq or lies behind it. */
static int whole_frame(
	struct reader *r, struct segment_file *s, uint64_t seq, struct frame_header *h)
{
	const uint8_t *payload;
	uint64_t key = key_before(s, seq);
	bool searched = false;

	for (unsigned i = 0; i < PASSED_MAX; i++) {
		int err = segment_file_read(s, key, &key, &r->value);
		if (err)
			return err;
		err = frame_unpack(r->value.data, r->value.len, h, &payload); /* (I9) */
		bool misnamed = !err && h->first_seq != key;                  /* by the tree */
		int again = misnamed && !searched ? segment_file_salvage(s) : ERR_END;
		searched = searched || misnamed;
		if (!again) {
			key = key_before(s, seq);
			continue;
		}
		if (again != ERR_END)
			return again;
		if (misnamed || (!err && h->epoch != r->spool->epoch))
			err = ERR_FRAME_DAMAGED;
		if (!err && !reader_was_committed(r, s, h))
			return ERR_END;
		if (!err && h->first_seq + h->count > seq)
			err = frame_expand(r->coder, h, payload, &r->text);
		else if (!err)
			err = ERR_FRAME_DAMAGED; /* lies before seq */
		if (err != ERR_FRAME_DAMAGED)
			return !err && !is_durable(r, h) ? ERR_END : err;
		remember_passed(r, s, key);
		key++;
	}
	return ERR_END;
}

/* --- what is missing --- */

/* A place between two sequences, and what the chain held up to there. */
struct position {
	uint64_t next; /* the sequence behind it */
	struct frame_totals totals;
	bool at_birth; /* a segment begins there: what a start passes over lies just before that */
};

static void improve(
	struct position *p, uint64_t next, const struct frame_totals *totals, uint64_t from)
{
	if (next <= from && next > p->next)
		*p = (struct position){ .next = next, .totals = *totals };
}

/* The last place at or before `from` that is known: behind a frame, or where a segment begins. A
 * chain begins with nothing before sequence 1. */
static struct position known_before(struct reader *r, uint64_t from)
{
	struct position p = { .next = 1 };
	struct segment_file *s;
	struct frame_header h;
	uint64_t key;

	improve(&p, r->after, &r->totals, from);
	for (size_t i = index_of(r, from) + 1; i-- > 0 && i < r->count && p.next <= r->seqs[i];) {
		if (reader_segment(r, r->seqs[i], &s))
			continue;
		const struct segment_birth *birth = segment_file_birth(s);
		if (birth->first_seq == p.next)
			break;
		improve(&p, birth->first_seq, &birth->totals, from);
		if (from > 1 && segment_file_find(s, from - 1, &key) == 0 &&
			segment_file_read_header(s, key, &key, &h) == 0)
			improve(&p, h.first_seq + h.count, &h.totals, from);
	}
	return p;
}

/* Records [from, next) are not there. Every sequence was committed or passed over, and the latter
 * lie behind the former, just before a segment begins; what lies between the place that is known
 * and `from` is settled already. */
static void describe_gap(
	struct reader *r, uint64_t from, const struct position *next, struct reader_gap *gap)
{
	struct position before = known_before(r, from);
	uint64_t committed = next->totals.committed - before.totals.committed;
	uint64_t skipped = next->totals.skipped - before.totals.skipped;
	uint64_t settled = from - before.next, all = next->next - from;

	*gap = (struct reader_gap){ .first = from, .last = next->next - 1 };
	if (next->totals.committed <= before.totals.committed || committed <= settled)
		return;
	gap->lost = committed - settled < all ? committed - settled : all;
	gap->last_lost = gap->last;
	if (next->at_birth && skipped <= all - gap->lost)
		gap->last_lost -= skipped;
}

/* Looks in segments i, i + 1, ... A later segment exists only when the one before it is complete,
 * so a segment is asked again after the list showed a later one. */
static int search(struct reader *r, size_t i, uint64_t from, struct reader_frame *f)
{
	struct position next = { .next = 0 };
	struct segment_file *s;

	f->gap = (struct reader_gap){ 0 };
	r->passed = (struct tail){ 0 };
	for (; i < r->count; i++) {
		int err = reader_segment(r, r->seqs[i], &s);
		if (!err) {
			const struct segment_birth *birth = segment_file_birth(s);
			next = (struct position){ birth->first_seq, birth->totals, true };
			err = whole_frame(r, s, from, &f->header);
		}
		if (!err) {
			const struct frame_header *h = &f->header;
			if (h->first_seq > next.next)
				next = (struct position){ h->first_seq, h->totals, false };
			next.totals.committed = h->totals.committed - h->count;
			if (h->first_seq > from)
				describe_gap(r, from, &next, &f->gap);
			return 0;
		}
		if (!reader_passes_over(err))
			return err;
	}
	const struct tail *end = r->passed.last_seq > r->tail.last_seq ? &r->passed : &r->tail;
	if (end->last_seq >= next.next && end->last_seq < UINT64_MAX)
		next = (struct position){ end->last_seq + 1, end->totals, false };
	if (next.next > from)
		describe_gap(r, from, &next, &f->gap);
	return ERR_END;
}

/* Searches the segments that may hold records of [first, last] from end to end. 0: some were not
 * searched before, so there may be more to be found; else ERR_END. */
static int salvage(struct reader *r, uint64_t first, uint64_t last)
{
	struct segment_file *s;
	int found = ERR_END;

	for (size_t i = index_of(r, first); i < r->count && r->seqs[i] <= last; i++) {
		int err = reader_segment(r, r->seqs[i], &s);
		if (!err)
			err = segment_file_salvage(s);
		if (!err)
			found = 0;
		else if (!reader_passes_over(err))
			return err;
	}
	return found;
}

/* What is missing is searched for before it is said. */
static int search_well(struct reader *r, uint64_t from, struct reader_frame *f)
{
	int err = search(r, index_of(r, from), from, f);

	if ((err && err != ERR_END) || !f->gap.lost)
		return err;
	int more = salvage(r, from, f->gap.last);
	if (more == ERR_END)
		return err;
	return more ? more : search(r, index_of(r, from), from, f);
}

/* A disk that would not read gets some tries. */
static int search_patiently(struct reader *r, uint64_t from, struct reader_frame *f)
{
	int err = search_well(r, from, f);

	if (err != ERR_SPOOL_IO || ++r->io_tries < READER_IO_TRIES)
		return err;
	reader_turn_worn(r, true);
	err = search_well(r, from, f);
	reader_turn_worn(r, false);
	return err;
}

static bool next_in_open_segment(struct reader *r, uint64_t from, struct reader_frame *f)
{
	struct segment_file *s;

	if (!r->count)
		return false;
	size_t i = index_of(r, from);
	return r->seqs[i] <= from && reader_segment(r, r->seqs[i], &s) == 0 &&
	       whole_frame(r, s, from, &f->header) == 0 && f->header.first_seq <= from;
}

int reader_next_now(struct reader *r, uint64_t from, struct reader_frame *frame)
{
	int err = ERR_SPOOL_IO;

	for (int i = 0; i < READER_IO_TRIES && err == ERR_SPOOL_IO; i++)
		err = reader_next(r, from, frame);
	return err;
}

int reader_next(struct reader *r, uint64_t from, struct reader_frame *frame)
{
	int err = 0;

	frame->gap = (struct reader_gap){ 0 };
	if (!next_in_open_segment(r, from, frame)) { /* else: the usual case */
		reader_read_tail(r); /* before the files: what it knows of must then be there */
		err = reader_list(r);
		if (!err)
			err = search_patiently(r, from, frame);
	}
	if (!err || err == ERR_END)
		r->io_tries = 0;
	else
		frame->gap = (struct reader_gap){ 0 }; /* nobody knows yet */
	if (err)
		return err;
	frame->text = r->text.data;
	r->after = frame->header.first_seq + frame->header.count;
	r->totals = frame->header.totals;
	return 0;
}
