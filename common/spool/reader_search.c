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

/* The first whole frame in a segment that holds seq or lies behind it. */
static int whole_frame(
	struct reader *r, struct segment_file *s, uint64_t seq, struct frame_header *h)
{
	const uint8_t *payload;
	uint64_t key;
	int err = segment_file_find(s, seq, &key);

	if (err)
		key = seq;
	for (unsigned i = 0; i < PASSED_MAX; i++) {
		err = segment_file_read(s, key, &key, &r->value);
		if (err)
			return err;
		err = frame_unpack(r->value.data, r->value.len, h, &payload); /* (I9) */
		if (!err && (h->first_seq != key || h->epoch != r->spool->epoch))
			err = ERR_FRAME_DAMAGED;
		if (!err && h->first_seq + h->count > seq)
			err = frame_expand(r->coder, h, payload, &r->text);
		else if (!err)
			err = ERR_FRAME_DAMAGED; /* lies before seq */
		if (err != ERR_FRAME_DAMAGED)
			return !err && !is_durable(r, h) ? ERR_END : err;
		key++;
	}
	return ERR_END;
}

/* What the chain held up to just before `from`: from the frame before it, or from the segment's
 * birth. */
static void totals_before(struct segment_file *s, uint64_t from, struct frame_totals *totals)
{
	struct frame_header h;
	uint64_t key;

	*totals = segment_file_birth(s)->totals;
	if (segment_file_find(s, from - 1, &key) == 0 &&
		segment_file_read_header(s, key, &key, &h) == 0 && h.first_seq + h.count <= from)
		*totals = h.totals;
}

/* What the chain had passed over up to the end of segment i; 0 when that cannot be read. */
static uint64_t skipped_up_to(struct reader *r, size_t i)
{
	struct frame_header h;
	struct segment_file *s;
	uint64_t key;

	if (reader_segment(r, r->seqs[i], &s) || segment_file_last_key(s, &key) ||
		segment_file_read_header(s, key, &key, &h))
		return 0;
	return h.totals.skipped;
}

/* The same where segment i, which held `from`, cannot be opened: from the birth of a later one.
 * Every sequence between was committed, less what was passed over there. */
static void totals_from_behind(struct reader *r, size_t i, const struct segment_birth *later,
	uint64_t from, struct frame_totals *totals)
{
	uint64_t committed = later->first_seq - from;
	uint64_t skipped = later->totals.skipped - (i ? skipped_up_to(r, i - 1) : 0);

	if (skipped <= committed)
		committed -= skipped;
	*totals = later->totals;
	totals->committed -= committed < totals->committed ? committed : totals->committed;
}

/* Records [from, next) are not there; `committed`: what the chain held up to next. */
static void describe_gap(struct reader *r, uint64_t from, uint64_t next, uint64_t committed,
	const struct frame_totals *before, struct reader_gap *gap)
{
	const struct frame_totals *known = r->after == from ? &r->totals : before;
	uint64_t lost = committed > known->committed ? committed - known->committed : 0;

	*gap = (struct reader_gap){ from, next - 1, lost < next - from ? lost : next - from };
}

/* Looks in segments i, i + 1, ... A later segment exists only when the one before it is complete,
 * so a segment is asked again after the list showed a later one. */
static int search(struct reader *r, size_t i, uint64_t from, struct reader_frame *f)
{
	struct frame_totals before = { 0 };
	size_t holder = i;
	bool known = false;

	f->gap = (struct reader_gap){ 0 };
	for (; i < r->count; i++) {
		struct segment_file *s;
		int err = reader_segment(r, r->seqs[i], &s);
		if (!err && !known && i > holder && r->seqs[i] > from)
			totals_from_behind(r, holder, segment_file_birth(s), from, &before);
		else if (!err && !known)
			totals_before(s, from, &before);
		known = known || !err;
		if (!err)
			err = whole_frame(r, s, from, &f->header);
		if (!err) {
			const struct frame_header *h = &f->header;
			if (h->first_seq > from)
				describe_gap(r, from, h->first_seq, h->totals.committed - h->count,
					&before, &f->gap);
			return 0;
		}
		if (!reader_passes_over(err))
			return err;
	}
	if (r->tail.last_seq >= from && r->tail.last_seq < UINT64_MAX)
		describe_gap(
			r, from, r->tail.last_seq + 1, r->tail.totals.committed, &before, &f->gap);
	return ERR_END;
}

/* Searches the segments that may hold records of [first, last] from end to end. True when any was
 * not yet: then there may be more to be found. */
static bool salvage(struct reader *r, uint64_t first, uint64_t last)
{
	struct segment_file *s;
	bool any = false;

	for (size_t i = index_of(r, first); i < r->count && r->seqs[i] <= last; i++)
		if (reader_segment(r, r->seqs[i], &s) == 0 && segment_file_salvage(s))
			any = true;
	return any;
}

/* What is missing is searched for before it is said. A disk that would not read gets some tries. */
static int search_well(struct reader *r, uint64_t from, struct reader_frame *f)
{
	int err = search(r, index_of(r, from), from, f);

	if (err == ERR_SPOOL_IO && ++r->io_tries >= READER_IO_TRIES) {
		(void)salvage(r, from, from);
		err = search(r, index_of(r, from), from, f);
	}
	if ((err && err != ERR_END) || !f->gap.lost || !salvage(r, from, f->gap.last))
		return err;
	return search(r, index_of(r, from), from, f);
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

int reader_next(struct reader *r, uint64_t from, struct reader_frame *frame)
{
	int err = 0;

	frame->gap = (struct reader_gap){ 0 };
	if (!next_in_open_segment(r, from, frame)) { /* else: the usual case */
		reader_read_tail(r); /* before the files: what it knows of must then be there */
		err = reader_list(r);
		if (!err)
			err = search_well(r, from, frame);
	}
	if (err)
		return err;
	r->io_tries = 0;
	frame->text = r->text.data;
	r->after = frame->header.first_seq + frame->header.count;
	r->totals = frame->header.totals;
	return 0;
}
