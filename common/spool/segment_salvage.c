/* segment_salvage.c -- finding the frames of a segment without LMDB's tree, from end to end.
 *
 * A frame lies within a leaf page, behind its key, or at the start of an overflow run; nothing is
 * ever deleted, so each committed frame is somewhere in the file. Leaf pages that later commits
 * replaced, and what a killed writer did not commit, are there too: of frames that overlap, the one
 * that the tree leads to is taken, else a whole one, else the last. Nobody outside can plant a
 * frame in a packet: the epoch, which is random and never leaves the spool, is in every header. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "segment_birth.h"
#include "segment_file_internal.h"

enum { CHUNK_PAGES = 64, MAGIC = 4, FOUND_MAX = 1 << 20 };

struct scan {
	struct segment_file *f;
	struct buf value;
	bool *birth;      /* NULL: not looked for, or found */
	uint64_t skip_to; /* page: what lies before it belongs to a whole frame */
};

/* A value that begins at byte `at` of the file must end with its page or start an overflow run. */
static bool fits(const struct segment_file *f, uint64_t at, size_t len)
{
	size_t page = f->lmdb.page_size, in_page = (size_t)(at % page);

	if (in_page != LMDB_FILE_HEAD && len > page - in_page)
		return false;
	return len <= SEGMENT_VALUE_MAX && at + len <= f->lmdb.pages * page;
}

/* What lies where the file ends, or a worn disk does not read, is not there. */
static int passed_over(int err)
{
	return err == ERR_SEGMENT_DAMAGED ? 0 : err;
}

static int read_value(struct scan *s, uint64_t at, size_t len)
{
	buf_reset(&s->value);
	int err = buf_reserve(&s->value, len);
	if (!err)
		err = lmdb_file_read(&s->f->lmdb, at, s->value.data, len);
	s->value.len = err ? 0 : len;
	return err;
}

static int add(struct segment_file *f, const struct salvaged *frame)
{
	if (f->nfound == f->found_cap) {
		size_t cap = f->found_cap ? 2 * f->found_cap : 256;
		struct salvaged *more = realloc(f->found, cap * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		f->found = more;
		f->found_cap = cap;
	}
	f->found[f->nfound++] = *frame;
	return f->nfound < FOUND_MAX ? 0 : ERR_TOO_BIG;
}

static int take_frame(struct scan *s, uint64_t at)
{
	struct segment_file *f = s->f;
	struct frame_header h;
	const uint8_t *payload;

	if (!fits(f, at, FRAME_HEADER))
		return 0;
	int err = read_value(s, at, FRAME_HEADER);
	if (err)
		return passed_over(err);
	if (frame_unpack_header(s->value.data, FRAME_HEADER, &h) ||
		(f->epoch && h.epoch != f->epoch))
		return 0;
	struct salvaged frame = {
		.key = h.first_seq, .at = at, .len = FRAME_HEADER + h.stored_len, .count = h.count
	};
	if (!fits(f, at, frame.len))
		return 0;
	err = read_value(s, at, frame.len);
	if (passed_over(err))
		return err;
	frame.whole = !err && !frame_unpack(s->value.data, frame.len, &h, &payload);
	if (frame.whole && !f->epoch)
		f->epoch = h.epoch;
	if (frame.whole && at % f->lmdb.page_size == LMDB_FILE_HEAD)
		s->skip_to = (at + frame.len - 1) / f->lmdb.page_size + 1;
	return add(f, &frame);
}

/* Its length is not known before it is read: it names its number of places. */
static int take_birth(struct scan *s, uint64_t at)
{
	struct segment_file *f = s->f;
	struct segment_birth birth = { 0 };
	struct segment_place *places = NULL;
	size_t len = birth_size(&birth);

	int err = fits(f, at, len) ? read_value(s, at, len) : ERR_SEGMENT_DAMAGED;
	if (err)
		return passed_over(err);
	len = birth_length(s->value.data, len);
	err = len && fits(f, at, len) ? read_value(s, at, len) : ERR_SEGMENT_DAMAGED;
	if (err || birth_unpack(bytes_of(s->value.data, len), &birth, &places))
		return passed_over(err);
	if (birth.epoch != f->epoch || birth.first_seq != f->first_seq) {
		free(places);
		return 0;
	}
	free(f->places);
	f->places = places;
	f->birth = birth;
	*s->birth = true;
	s->birth = NULL;
	return 0;
}

static int scan_page(struct scan *s, uint64_t number, const uint8_t *page)
{
	size_t size = s->f->lmdb.page_size;
	int err = 0;

	for (size_t i = LMDB_FILE_HEAD; i + MAGIC <= size && !err; i += 2) {
		if (memcmp(page + i, "ESP", 3) != 0)
			continue;
		if (page[i + 3] == 'F')
			err = take_frame(s, number * size + i);
		else if (page[i + 3] == 'S' && s->birth)
			err = take_birth(s, number * size + i);
		if (s->skip_to > number)
			break;
	}
	return err;
}

/* Pages [from, from + n) in memory at `pages`. */
static int scan_chunk(struct scan *s, uint64_t from, size_t n, const uint8_t *pages)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		if (from + i >= s->skip_to)
			err = scan_page(s, from + i, pages + i * s->f->lmdb.page_size);
	return err;
}

static int read_pages(const struct lmdb_file *f, uint64_t from, size_t n, uint8_t *pages)
{
	return lmdb_file_read(f, from * f->page_size, pages, n * f->page_size);
}

/* A bad sector of a worn disk costs its page. */
static int scan_one_by_one(struct scan *s, uint64_t from, size_t n, uint8_t *page)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		err = read_pages(&s->f->lmdb, from + i, 1, page);
		err = err ? passed_over(err) : scan_chunk(s, from + i, 1, page);
	}
	return err;
}

static int scan_file(struct scan *s)
{
	const struct lmdb_file *lmdb = &s->f->lmdb;
	uint8_t *pages = malloc(CHUNK_PAGES * lmdb->page_size);
	int err = pages ? 0 : ERR_NOMEM;

	for (uint64_t from = 2; from < lmdb->pages && !err; from += CHUNK_PAGES) {
		size_t n = lmdb->pages - from < CHUNK_PAGES ? lmdb->pages - from : CHUNK_PAGES;
		err = read_pages(lmdb, from, n, pages);
		if (!err)
			err = scan_chunk(s, from, n, pages);
		else if (!passed_over(err))
			err = scan_one_by_one(s, from, n, pages);
	}
	free(pages);
	return err;
}

static int by_key_and_place(const void *a, const void *b)
{
	const struct salvaged *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool tree_leads_to(struct segment_file *f, const struct salvaged *frame)
{
	struct lmdb_value v;

	return lmdb_file_find(&f->lmdb, frame->key, LMDB_AT_OR_BEHIND, &v) == 0 &&
	       v.at == frame->at;
}

/* Is b the better of two frames that overlap? */
static bool is_better(struct segment_file *f, const struct salvaged *a, const struct salvaged *b)
{
	if (a->whole != b->whole)
		return b->whole;
	return !tree_leads_to(f, a);
}

static void drop_overlaps(struct segment_file *f)
{
	struct salvaged *last = f->found;

	qsort(f->found, f->nfound, sizeof(*f->found), by_key_and_place);
	for (size_t i = 1; i < f->nfound; i++) {
		if (f->found[i].key >= last->key + last->count)
			*++last = f->found[i];
		else if (is_better(f, last, &f->found[i]))
			*last = f->found[i];
	}
	f->nfound = (size_t)(last + 1 - f->found);
}

int segment_salvage(struct segment_file *f, bool *birth)
{
	struct scan s = { .f = f, .birth = birth };

	f->nfound = 0;
	f->searched = false;
	buf_init(&s.value, SEGMENT_VALUE_MAX);
	int err = scan_file(&s);
	buf_done(&s.value);
	if (err)
		return err;
	if (f->nfound)
		drop_overlaps(f);
	f->searched = true;
	f->searched_txnid = f->lmdb.txnid;
	f->searched_pages = f->lmdb.pages;
	return 0;
}
