/* reader.c -- reading a chain: its segments, and how far it goes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "reader_internal.h"

enum { VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536 };

int reader_new(const struct spool *spool, const char *name, struct reader **out)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return ERR_NOMEM;
	r->spool = spool;
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
	segment_file_close(o->file);
	*o = (struct opened){ 0 };
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < READER_OPEN_MAX; i++)
		close_one(&r->opened[i]);
	frame_coder_free(r->coder);
	buf_done(&r->value);
	buf_done(&r->text);
	free(r->seqs);
	free(r);
}

void reader_forget(struct reader *r, uint64_t below)
{
	for (unsigned i = 0; i < READER_OPEN_MAX; i++)
		if (r->opened[i].seq && r->opened[i].seq < below)
			close_one(&r->opened[i]);
}

int reader_list(struct reader *r)
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
	for (unsigned i = 0; i < READER_OPEN_MAX; i++)
		if (r->opened[i].seq && !segment_file_is_there(r->opened[i].file))
			close_one(&r->opened[i]);
	return 0;
}

static struct opened *place_for(struct reader *r)
{
	struct opened *oldest = &r->opened[0];

	for (unsigned i = 0; i < READER_OPEN_MAX; i++) {
		if (!r->opened[i].seq)
			return &r->opened[i];
		if (r->opened[i].used < oldest->used)
			oldest = &r->opened[i];
	}
	close_one(oldest);
	return oldest;
}

int reader_segment(struct reader *r, uint64_t seq, struct segment_file **out)
{
	char path[PATHS_MAX];

	for (unsigned i = 0; i < READER_OPEN_MAX; i++) {
		if (r->opened[i].seq != seq)
			continue;
		r->opened[i].used = ++r->uses;
		*out = r->opened[i].file;
		return 0;
	}
	struct opened *o = place_for(r);
	int err = paths_segment(path, r->spool->dir, r->name, seq);
	if (!err)
		err = (r->worn ? segment_file_open_worn : segment_file_open)(
			path, r->spool->epoch, &o->file, NULL);
	if (err)
		return err;
	o->seq = seq;
	o->used = ++r->uses;
	*out = o->file;
	return 0;
}

void reader_turn_worn(struct reader *r, bool worn)
{
	if (worn)
		reader_forget(r, UINT64_MAX); /* all is opened anew */
	r->worn = worn;
}

bool reader_passes_over(int err)
{
	return err == ERR_SEGMENT_DAMAGED || err == ERR_FRAME_DAMAGED || err == ERR_END;
}

void reader_read_tail(struct reader *r)
{
	struct slots slots;

	tail_open(&slots, r->spool->dir, r->name, r->spool->epoch, false);
	tail_read(&slots, &r->tail);
	slots_close(&slots);
}

size_t reader_segments(struct reader *r, const uint64_t **seqs)
{
	if (reader_list(r))
		return 0;
	*seqs = r->seqs;
	return r->count;
}

/* A kill may leave the newest segment half made; its writer takes it away at the next start. */
static int newest_whole(struct reader *r, struct segment_file **s)
{
	int err = ERR_END;

	for (size_t i = r->count; i > 0 && reader_passes_over(err); i--) {
		err = reader_segment(r, r->seqs[i - 1], s);
		if (!err)
			return 0;
	}
	return reader_passes_over(err) ? ERR_END : err;
}

int reader_newest(struct reader *r, uint64_t *seq)
{
	struct segment_file *s;
	int err = reader_list(r);

	if (!err)
		err = newest_whole(r, &s);
	if (!err)
		*seq = segment_file_birth(s)->first_seq;
	return err;
}

/* The last frame whose header is whole. ERR_END: there is none. */
static int last_header(struct reader *r, struct segment_file *s, struct frame_header *h)
{
	uint64_t key;
	int err = segment_file_last_key(s, &key);

	while (!err) {
		err = segment_file_read_header(s, key, &key, h);
		if (!err && h->first_seq == key && h->epoch == r->spool->epoch &&
			reader_was_committed(r, s, h))
			return 0;
		if (err == ERR_NOMEM || err == ERR_AGAIN || err == ERR_SPOOL_IO)
			return err;
		err = segment_file_salvage(s);
		if (!err)
			err = segment_file_last_key(s, &key);
		else if (err == ERR_END)
			err = segment_file_find(s, key - 1, &key);
	}
	return err;
}

/* Where the newest segment ends. */
static int newest_end(struct reader *r, uint64_t *last, struct frame_totals *totals)
{
	struct frame_header h;
	struct segment_file *s;
	int err = newest_whole(r, &s);

	if (err)
		return err;
	*last = segment_file_birth(s)->first_seq - 1;
	*totals = segment_file_birth(s)->totals;
	err = last_header(r, s, &h);
	if (!err) {
		*last = h.first_seq + h.count - 1;
		*totals = h.totals;
	}
	return err == ERR_END ? 0 : err;
}

int reader_extent(struct reader *r, uint64_t *first, uint64_t *last, struct frame_totals *totals)
{
	reader_read_tail(r);
	int err = reader_list(r);
	if (err)
		return err;
	if (r->count == 0)
		return ERR_END;
	*first = r->seqs[0];
	err = ERR_SPOOL_IO;
	for (int i = 0; i < READER_IO_TRIES && err == ERR_SPOOL_IO; i++)
		err = newest_end(r, last, totals);
	if (err == ERR_SPOOL_IO) {
		reader_turn_worn(r, true);
		err = newest_end(r, last, totals);
		reader_turn_worn(r, false);
		reader_forget(r, UINT64_MAX); /* reader_next() has tries of its own */
	}
	if (err)
		return err;
	if (r->tail.last_seq > *last && r->tail.totals.committed >= totals->committed) {
		*last = r->tail.last_seq;
		*totals = r->tail.totals;
	}
	return 0;
}
