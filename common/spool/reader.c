/* reader.c -- reading a chain: in order, and single frames again.
 *
 * Every frame carries what the chain had committed and skipped up to its end, so the difference
 * of two frames' totals says exactly how many records are missing between them, whatever is
 * damaged: a frame, a whole segment, or several. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include "paths.h"

enum { OPEN_MAX = 4, VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536, PASSED_MAX = 1 << 20 };

struct opened {
	uint64_t seq; /* 0: empty */
	struct segment *segment;
	uint64_t used; /* for the oldest to go */
};

struct reader {
	const struct spool *spool;
	char name[16];
	struct chain *own;
	uint64_t *seqs; /* of the folder, as read last */
	size_t count;
	struct opened opened[OPEN_MAX];
	uint64_t uses;
	struct frame_coder *coder;
	struct buf value, text;
	struct frame_header
		passed; /* last damaged frame of a search whose header is whole; count 0: none */
	/* the last frame that was found: totals up to there */
	uint64_t after; /* sequence behind it, 0: none yet */
	struct frame_totals totals;
};

int reader_new(const struct spool *spool, const char *name, struct chain *own, struct reader **out)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return ERR_NOMEM;
	r->spool = spool;
	r->own = own;
	(void)snprintf(r->name, sizeof(r->name), "%s", name);
	buf_init(&r->value, VALUE_MAX);
	buf_init(&r->text, FRAME_RAW_MAX);
	int err = frame_coder_new(&r->coder);
	if (err)
		reader_free(r);
	else
		*out = r;
	return err;
}

static void close_one(struct opened *o)
{
	segment_close(o->segment);
	*o = (struct opened){ 0 };
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < OPEN_MAX; i++)
		close_one(&r->opened[i]);
	frame_coder_free(r->coder);
	buf_done(&r->value);
	buf_done(&r->text);
	free(r->seqs);
	free(r);
}

void reader_forget(struct reader *r, uint64_t below)
{
	for (unsigned i = 0; i < OPEN_MAX; i++)
		if (r->opened[i].seq && r->opened[i].seq < below)
			close_one(&r->opened[i]);
}

static int list(struct reader *r)
{
	char folder[PATHS_MAX];
	uint64_t *seqs;
	size_t count;

	if (paths_join(folder, r->spool->dir, r->name))
		return ERR_TOO_BIG;
	int err = paths_list(folder, false, &seqs, &count);
	if (err)
		return err;
	free(r->seqs);
	r->seqs = seqs;
	r->count = count;
	return 0;
}

/* The index of the segment that holds seq if any does, else of the first one; count when none. */
static size_t index_of(const struct reader *r, uint64_t seq)
{
	size_t i = r->count;

	while (i > 0 && r->seqs[i - 1] > seq)
		i--;
	return i > 0 ? i - 1 : 0;
}

/* The segment of this process's own writer must not be opened a second time (I6). */
static struct segment *borrowed(const struct reader *r, uint64_t seq)
{
	struct segment *current = r->own ? chain_current(r->own) : NULL;

	return current && segment_first_seq(current) == seq ? current : NULL;
}

static struct opened *place_for(struct reader *r)
{
	struct opened *oldest = &r->opened[0];

	for (unsigned i = 0; i < OPEN_MAX; i++) {
		if (!r->opened[i].seq)
			return &r->opened[i];
		if (r->opened[i].used < oldest->used)
			oldest = &r->opened[i];
	}
	close_one(oldest);
	return oldest;
}

static int get_segment(struct reader *r, uint64_t seq, struct segment **out)
{
	char path[PATHS_MAX];

	*out = borrowed(r, seq);
	if (*out)
		return 0;
	for (unsigned i = 0; i < OPEN_MAX; i++) {
		if (r->opened[i].seq != seq)
			continue;
		r->opened[i].used = ++r->uses;
		*out = r->opened[i].segment;
		return 0;
	}
	struct opened *o = place_for(r);
	int err = paths_segment(path, r->spool->dir, r->name, seq);
	if (!err)
		err = segment_open(path, false, r->spool->epoch, &o->segment, NULL);
	if (err)
		return err;
	o->seq = seq;
	o->used = ++r->uses;
	*out = o->segment;
	return 0;
}

static bool passes_over(int err)
{
	return err == ERR_SEGMENT_DAMAGED || err == ERR_FRAME_DAMAGED || err == ERR_END;
}

/* A damaged frame may be the last one: then only its own header says what is missing. */
static void remember_passed(struct reader *r, uint64_t key)
{
	struct frame_header h;

	if (frame_unpack_header(r->value.data, r->value.len, &h) == 0 && h.first_seq == key &&
		h.epoch == r->spool->epoch)
		r->passed = h;
}

/* The first whole frame in a segment that holds seq or lies behind it. */
static int whole_frame(struct reader *r, struct segment *s, uint64_t seq, struct frame_header *h)
{
	const uint8_t *payload;
	uint64_t key;
	int err = segment_find(s, seq, &key);

	if (err)
		key = seq;
	for (unsigned i = 0; i < PASSED_MAX; i++) {
		err = segment_read(s, key, &key, &r->value);
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
			return err;
		remember_passed(r, key);
		key++;
	}
	return ERR_END;
}

/* What the chain held up to just before `from`: from the frame before it, or from the segment's
 * birth. */
static void totals_before(struct segment *s, uint64_t from, struct frame_totals *totals)
{
	struct frame_header h;
	uint64_t key;

	*totals = segment_birth(s)->totals;
	if (from > segment_first_seq(s) && segment_find(s, from - 1, &key) == 0 &&
		segment_read_header(s, key, &key, &h) == 0 && h.first_seq + h.count <= from)
		*totals = h.totals;
}

/* What the chain had passed over up to the end of segment i; 0 when that cannot be read. */
static uint64_t skipped_up_to(struct reader *r, size_t i)
{
	struct frame_header h;
	struct segment *s;
	uint64_t key;

	if (get_segment(r, r->seqs[i], &s) || segment_last_key(s, &key) ||
		segment_read_header(s, key, &key, &h))
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

static void found(struct reader *r, struct reader_frame *f)
{
	f->text = r->text.data;
	r->after = f->header.first_seq + f->header.count;
	r->totals = f->header.totals;
}

/* Looks in segments i, i + 1, ... A later segment exists only when the one before it is complete,
 * so a segment is asked again after the list showed a later one. */
static int search(struct reader *r, size_t i, uint64_t from, struct reader_frame *f)
{
	struct frame_totals before = { 0 };
	size_t holder = i;
	bool known = false;

	r->passed.count = 0;
	for (; i < r->count; i++) {
		struct segment *s;
		int err = get_segment(r, r->seqs[i], &s);
		if (!err && !known && i > holder && segment_first_seq(s) > from)
			totals_from_behind(r, holder, segment_birth(s), from, &before);
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
			found(r, f);
			return 0;
		}
		if (!passes_over(err))
			return err;
	}
	uint64_t end = r->passed.first_seq + r->passed.count;
	if (r->passed.count && end > from)
		describe_gap(r, from, end, r->passed.totals.committed, &before, &f->gap);
	return ERR_END;
}

int reader_next(struct reader *r, uint64_t from, struct reader_frame *frame)
{
	struct segment *s;

	frame->gap = (struct reader_gap){ 0 };
	/* the usual case: the next frame of a segment that is open */
	if (r->count) {
		size_t i = index_of(r, from);
		if (r->seqs[i] <= from && get_segment(r, r->seqs[i], &s) == 0 &&
			whole_frame(r, s, from, &frame->header) == 0 &&
			frame->header.first_seq <= from) {
			found(r, frame);
			return 0;
		}
	}
	int err = list(r);
	if (err)
		return err;
	return search(r, index_of(r, from), from, frame);
}

size_t reader_segments(struct reader *r, const uint64_t **seqs)
{
	if (list(r))
		return 0;
	*seqs = r->seqs;
	return r->count;
}

/* A kill may leave the newest segment half made; its writer takes it away at the next start. */
static int newest_whole(struct reader *r, struct segment **s)
{
	int err = ERR_END;

	for (size_t i = r->count; i > 0 && passes_over(err); i--) {
		err = get_segment(r, r->seqs[i - 1], s);
		if (!err)
			return 0;
	}
	return passes_over(err) ? ERR_END : err;
}

int reader_newest(struct reader *r, uint64_t *seq)
{
	struct segment *s;
	int err = list(r);

	if (!err)
		err = newest_whole(r, &s);
	if (!err)
		*seq = segment_first_seq(s);
	return err;
}

int reader_extent(struct reader *r, uint64_t *first, uint64_t *last, struct frame_totals *totals)
{
	struct frame_header h;
	struct segment *s;
	uint64_t key;

	int err = list(r);
	if (err)
		return err;
	if (r->count == 0)
		return ERR_END;
	*first = r->seqs[0];
	err = newest_whole(r, &s);
	if (err)
		return err;
	*last = segment_first_seq(s) - 1;
	*totals = segment_birth(s)->totals;
	if (segment_last_key(s, &key) == 0 && segment_read_header(s, key, &key, &h) == 0) {
		*last = h.first_seq + h.count - 1;
		*totals = h.totals;
	}
	return 0;
}
