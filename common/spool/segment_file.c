/* segment_file.c -- reading a segment: its file, page by page, damaged or not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes.h"
#include "paths.h"
#include "segment_birth.h"
#include "segment_file_internal.h"

enum { TRIES = 50 };

/* --- finding a value --- */

static bool search_is_fresh(const struct segment_file *f)
{
	return f->searched && f->searched_txnid == f->lmdb.txnid &&
	       f->searched_pages == f->lmdb.pages;
}

/* How many of the frames found by a search have keys below this one. */
static size_t found_below(const struct segment_file *f, uint64_t key)
{
	size_t low = 0, high = f->nfound;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (f->found[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int find_in_search(
	const struct segment_file *f, uint64_t key, enum lmdb_where where, struct lmdb_value *value)
{
	size_t i = where == LMDB_LAST ? f->nfound : found_below(f, key);

	if (where == LMDB_LAST ||
		(where == LMDB_AT_OR_BEFORE && (i == f->nfound || f->found[i].key > key)))
		i--; /* wraps for 0 */
	if (i >= f->nfound)
		return ERR_END;
	*value = (struct lmdb_value){
		.key = f->found[i].key, .at = f->found[i].at, .len = f->found[i].len
	};
	return 0;
}

/* Copies up to `most` bytes of a value. */
static int copy(
	const struct segment_file *f, const struct lmdb_value *v, size_t most, struct buf *out)
{
	size_t n = v->len < most ? v->len : most;

	buf_reset(out);
	int err = buf_reserve(out, n ? n : 1);
	if (err)
		return err;
	if (v->page)
		memcpy(out->data, v->page, n);
	else
		err = lmdb_file_read(&f->lmdb, v->at, out->data, n);
	out->len = err ? 0 : n;
	return err;
}

/* One try through the tree. ERR_AGAIN: its writer was faster. */
static int through_tree(struct segment_file *f, uint64_t key, enum lmdb_where where,
	struct lmdb_value *value, size_t most, struct buf *out)
{
	int err = lmdb_file_find(&f->lmdb, key, where, value);

	if (!err && value->len > SEGMENT_VALUE_MAX)
		err = ERR_SEGMENT_DAMAGED;
	if (!err && out)
		err = copy(f, value, most, out);
	return lmdb_file_still_good(&f->lmdb) ? err : ERR_AGAIN;
}

static int by_search(const struct segment_file *f, uint64_t key, enum lmdb_where where,
	struct lmdb_value *value, size_t most, struct buf *out)
{
	int err = find_in_search(f, key, where, value);

	if (err || !out)
		return err;
	err = copy(f, value, most, out);
	if (err == ERR_SEGMENT_DAMAGED) /* its header could be read */
		err = copy(f, value, FRAME_HEADER, out);
	return err == ERR_SEGMENT_DAMAGED ? 0 : err;
}

static int look(struct segment_file *f, uint64_t key, enum lmdb_where where,
	struct lmdb_value *value, size_t most, struct buf *out)
{
	int err = ERR_AGAIN;

	for (int i = 0; i < TRIES && err == ERR_AGAIN; i++) {
		err = lmdb_file_refresh(&f->lmdb);
		if (search_is_fresh(f))
			return by_search(f, key, where, value, most, out);
		if (!err)
			err = through_tree(f, key, where, value, most, out);
	}
	if (err != ERR_SEGMENT_DAMAGED)
		return err;
	err = segment_salvage(f, NULL);
	return err ? err : by_search(f, key, where, value, most, out);
}

/* --- opening --- */

static int birth_by_tree(struct segment_file *f)
{
	struct lmdb_value value;
	struct buf packed;

	buf_init(&packed, SEGMENT_VALUE_MAX);
	int err = ERR_AGAIN;
	for (int i = 0; i < TRIES && err == ERR_AGAIN; i++) {
		err = through_tree(f, 0, LMDB_AT_OR_BEHIND, &value, SEGMENT_VALUE_MAX, &packed);
		if (err == ERR_AGAIN && lmdb_file_refresh(&f->lmdb))
			err = ERR_SEGMENT_DAMAGED;
	}
	if (!err && value.key != 0)
		err = ERR_SEGMENT_DAMAGED;
	if (!err)
		err = birth_unpack(bytes_of(packed.data, packed.len), &f->birth, &f->places);
	buf_done(&packed);
	return err == ERR_END ? ERR_SEGMENT_DAMAGED : err;
}

/* Where the chain stood at the start, as the first frame that is left lets see: every sequence
 * before it was a record. */
static int birth_by_frame(struct segment_file *f)
{
	struct frame_header h;
	uint64_t key;
	int err = segment_file_read_header(f, 1, &key, &h);

	if (err)
		return ERR_SEGMENT_DAMAGED;
	uint64_t before = h.first_seq - f->first_seq;
	f->birth = (struct segment_birth){
		.epoch = f->epoch, .first_seq = f->first_seq, .totals = h.totals
	};
	struct frame_totals *t = &f->birth.totals;
	t->committed -= h.count < t->committed ? h.count : t->committed;
	t->committed -= before < t->committed ? before : t->committed;
	t->raw_bytes -= h.raw_len;
	t->stored_bytes -= h.stored_len;
	return 0;
}

static int read_birth(struct segment_file *f, int opened)
{
	bool found = false;
	int err = opened ? opened : birth_by_tree(f);

	if (!err && f->birth.epoch != f->epoch)
		return ERR_SEGMENT_DAMAGED; /* whole, and of another spool */
	if (err != ERR_SEGMENT_DAMAGED)
		return err;
	err = segment_salvage(f, &found);
	return err || found ? err : birth_by_frame(f);
}

static struct segment_file *new_file(const char *path, uint64_t epoch)
{
	struct segment_file *f = calloc(1, sizeof(*f));
	const char *name = strrchr(path, '/');

	if (!f)
		return NULL;
	f->lmdb.fd = -1;
	f->epoch = epoch;
	f->first_seq = strtoull(name ? name + 1 : path, NULL, 10);
	return f;
}

static int open_file(const char *path, uint64_t epoch, bool worn, struct segment_file **out,
	struct err_detail *why)
{
	struct segment_file *f = new_file(path, epoch);
	char data[PATHS_MAX];

	if (!f)
		return err_set(why, ERR_NOMEM, "out of memory while opening %s", path);
	f->lmdb.worn = worn;
	int err = paths_join(data, path, "data.mdb");
	if (!err) {
		err = lmdb_file_open(&f->lmdb, data, why);
		if (!err || err == ERR_SEGMENT_DAMAGED)
			err = read_birth(f, err);
	}
	if (err) {
		segment_file_close(f);
		return err_set(why, err, "cannot read %s: %s", path, err_text(err));
	}
	*out = f;
	return 0;
}

int segment_file_open(
	const char *path, uint64_t epoch, struct segment_file **out, struct err_detail *why)
{
	return open_file(path, epoch, false, out, why);
}

int segment_file_open_worn(
	const char *path, uint64_t epoch, struct segment_file **out, struct err_detail *why)
{
	int err = open_file(path, epoch, true, out, why);

	return err == ERR_SPOOL_IO ? ERR_SEGMENT_DAMAGED : err;
}

int segment_file_epoch(const char *path, uint64_t *epoch)
{
	struct segment_file *f = new_file(path, 0);
	char data[PATHS_MAX];

	if (!f)
		return ERR_NOMEM;
	int err = paths_join(data, path, "data.mdb");
	if (!err)
		err = lmdb_file_open(&f->lmdb, data, NULL);
	if (!err)
		err = birth_by_tree(f);
	if (!err) {
		*epoch = f->birth.epoch;
	} else if (err == ERR_SEGMENT_DAMAGED && !segment_salvage(f, NULL) && f->epoch) {
		*epoch = f->epoch;
		err = 0;
	}
	segment_file_close(f);
	return err;
}

void segment_file_close(struct segment_file *f)
{
	if (!f)
		return;
	lmdb_file_close(&f->lmdb);
	free(f->places);
	free(f->found);
	free(f);
}

/* --- what it holds --- */

const struct segment_birth *segment_file_birth(const struct segment_file *f)
{
	return &f->birth;
}

bool segment_file_is_there(const struct segment_file *f)
{
	struct stat st;

	return fstat(f->lmdb.fd, &st) != 0 || st.st_nlink > 0;
}

bool segment_file_is_damaged(const struct segment_file *f)
{
	return f->searched;
}

uint64_t segment_file_map_size(const struct segment_file *f)
{
	return f->lmdb.map_size;
}

int segment_file_salvage(struct segment_file *f)
{
	if (lmdb_file_refresh(&f->lmdb)) {
		/* then there is the more reason */
	}
	if (search_is_fresh(f))
		return ERR_END;
	int err = segment_salvage(f, NULL);
	return err == ERR_NOMEM || err == ERR_SPOOL_IO ? err : err ? ERR_END : 0;
}

int segment_file_read(struct segment_file *f, uint64_t seq, uint64_t *key, struct buf *out)
{
	struct lmdb_value v;
	int err = look(f, seq ? seq : 1, LMDB_AT_OR_BEHIND, &v, SEGMENT_VALUE_MAX, out);

	if (!err)
		*key = v.key;
	return err;
}

int segment_file_read_header(
	struct segment_file *f, uint64_t seq, uint64_t *key, struct frame_header *h)
{
	struct lmdb_value v;
	struct buf head;

	buf_init(&head, FRAME_HEADER);
	int err = look(f, seq ? seq : 1, LMDB_AT_OR_BEHIND, &v, FRAME_HEADER, &head);
	if (!err) {
		*key = v.key;
		err = frame_unpack_header(head.data, head.len, h);
	}
	buf_done(&head);
	return err;
}

static int key_only(struct segment_file *f, uint64_t seq, enum lmdb_where where, uint64_t *key)
{
	struct lmdb_value v;
	int err = look(f, seq, where, &v, 0, NULL);

	if (!err && v.key == 0) /* the birth record is no frame */
		err = ERR_END;
	if (!err)
		*key = v.key;
	return err;
}

int segment_file_find(struct segment_file *f, uint64_t seq, uint64_t *key)
{
	return key_only(f, seq, LMDB_AT_OR_BEFORE, key);
}

bool segment_file_is_uncommitted(struct segment_file *f, uint64_t key)
{
	struct lmdb_value last;
	struct frame_header h;
	struct buf head;

	if (!f->searched || lmdb_file_refresh(&f->lmdb))
		return false;
	buf_init(&head, FRAME_HEADER);
	int err = through_tree(f, 0, LMDB_LAST, &last, FRAME_HEADER, &head);
	if (!err && last.key) /* else there is the birth record alone */
		err = frame_unpack_header(head.data, head.len, &h);
	bool whole = !err && (!last.key || h.first_seq == last.key);
	buf_done(&head);
	return whole && last.key < key;
}

int segment_file_last_key(struct segment_file *f, uint64_t *key)
{
	return key_only(f, 0, LMDB_LAST, key);
}
