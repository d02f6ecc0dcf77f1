/* lmdb_file.c -- reads the file of an LMDB environment without LMDB, and believes nothing of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "lmdb_file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WORD = LMDB_FILE_WORD,
	HEAD = LMDB_FILE_HEAD,
	KEY = LMDB_FILE_KEY,
	NODE_HEAD = 8,
	BRANCH = 0x01, /* flags of a page */
	LEAF = 0x02,
	BIG_DATA = 0x01, /* flag of a node: its data lies in an overflow run */
	META_TRIES = 100,
};

static uint64_t key_of(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < KEY; i++)
		v = v << 8 | p[i];
	return v;
}

/* --- the file --- */

int lmdb_file_read(const struct lmdb_file *f, uint64_t at, void *out, size_t n)
{
	uint8_t *to = out;

	while (n) {
		ssize_t got = pread(f->fd, to, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got && !f->worn ? ERR_SPOOL_IO : ERR_SEGMENT_DAMAGED;
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

/* --- meta pages --- */

static int read_metas(const struct lmdb_file *f, uint8_t raw[2][LMDB_META_BYTES])
{
	int err = lmdb_file_read(f, 0, raw[0], sizeof(raw[0]));

	return err ? err : lmdb_file_read(f, f->page_size, raw[1], sizeof(raw[1]));
}

static void forget_pages(struct lmdb_file *f)
{
	for (unsigned i = 0; i < LMDB_FILE_DEPTH_MAX; i++)
		f->levels[i].number = 0;
}

static int take_up(struct lmdb_file *f, const uint8_t raw[2][LMDB_META_BYTES])
{
	struct lmdb_meta m[2] = { lmdb_meta_parse(raw[0]), lmdb_meta_parse(raw[1]) };
	struct stat st;

	for (int i = 0; i < 2; i++)
		if (m[i].good && m[i].version != LMDB_DATA_VERSION && m[!i].version == m[i].version)
			return ERR_SPOOL_FORMAT;
	if (fstat(f->fd, &st) != 0)
		return ERR_SPOOL_IO;
	f->pages = (uint64_t)st.st_size / f->page_size;
	if (!lmdb_meta_are_sane(m, f->page_size))
		return ERR_SEGMENT_DAMAGED;
	const struct lmdb_meta *newer = m[1].txnid > m[0].txnid ? &m[1] : &m[0];
	if (newer->txnid != f->txnid)
		forget_pages(f);
	f->txnid = newer->txnid;
	f->root = newer->root;
	f->depth = newer->depth;
	f->map_size = newer->map_size;
	f->last = newer->last;
	return 0;
}

/* A write of a meta page may be under way: what is read twice alike is whole. */
int lmdb_file_refresh(struct lmdb_file *f)
{
	uint8_t raw[2][LMDB_META_BYTES], again[2][LMDB_META_BYTES];
	int err = read_metas(f, raw);

	f->read_any = false;
	for (int i = 0; i < META_TRIES && !err; i++) {
		err = read_metas(f, again);
		if (!err && memcmp(raw, again, sizeof(raw)) == 0)
			return take_up(f, raw);
		memcpy(raw, again, sizeof(raw));
	}
	return err ? err : ERR_AGAIN;
}

bool lmdb_file_still_good(struct lmdb_file *f)
{
	uint8_t raw[2][LMDB_META_BYTES];

	if (!f->read_any)
		return true;
	if (read_metas(f, raw))
		return false;
	uint64_t a = lmdb_meta_parse(raw[0]).txnid, b = lmdb_meta_parse(raw[1]).txnid;
	return (a > b ? a : b) <= f->txnid + 1;
}

static int cannot_open(int code)
{
	switch (code) {
	case ENOENT:
		return ERR_END;
	case EACCES:
		return ERR_PERMISSION;
	case ENOTDIR:
		return ERR_SEGMENT_DAMAGED;
	case EMFILE:
	case ENFILE:
	case ENOMEM: /* nothing is wrong with the disk */
		return ERR_NOMEM;
	default:
		return ERR_SPOOL_IO;
	}
}

int lmdb_file_open(struct lmdb_file *f, const char *path, struct err_detail *why)
{
	struct stat st;

	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return err_set(
			why, cannot_open(errno), "cannot read %s: %s", path, strerror(errno));
	/* LMDB takes the system's page size; so does every reader on the same machine */
	f->page_size = (size_t)sysconf(_SC_PAGESIZE);
	int err = fstat(f->fd, &st) == 0 && f->page_size <= LMDB_FILE_PAGE_MAX ? 0 : ERR_SPOOL_IO;
	if (!err)
		f->pages = (uint64_t)st.st_size / f->page_size;
	for (unsigned i = 0; i < LMDB_FILE_DEPTH_MAX && !err; i++) {
		f->levels[i].page = malloc(f->page_size);
		err = f->levels[i].page ? 0 : ERR_NOMEM;
	}
	if (!err)
		err = lmdb_file_refresh(f);
	if (err && err != ERR_SEGMENT_DAMAGED)
		lmdb_file_close(f);
	return err ? err_set(why, err, "%s: %s", path, err_text(err)) : 0;
}

void lmdb_file_close(struct lmdb_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
	for (unsigned i = 0; i < LMDB_FILE_DEPTH_MAX; i++) {
		free(f->levels[i].page);
		f->levels[i].page = NULL;
	}
}

/* --- pages and nodes --- */

static const uint8_t *node_of(const struct lmdb_level *l, unsigned i)
{
	return l->page + lmdb_u16(l->page + HEAD + 2 * (size_t)i);
}

/* The key of a node; that of a branch's first node is empty and below all others. */
static uint64_t key_at(const struct lmdb_level *l, unsigned i)
{
	const uint8_t *node = node_of(l, i);

	return lmdb_u16(node + 6) ? key_of(node + NODE_HEAD) : 0;
}

static size_t node_bytes(const uint8_t *node, bool leaf)
{
	size_t n = NODE_HEAD + (size_t)lmdb_u16(node + 6);

	if (!leaf)
		return n;
	return n + (lmdb_u16(node + 4) & BIG_DATA ? (size_t)WORD : lmdb_u32(node));
}

static bool node_is_sane(
	const struct lmdb_file *f, const struct lmdb_level *l, unsigned i, bool leaf)
{
	size_t at = lmdb_u16(l->page + HEAD + 2 * (size_t)i), upper = lmdb_u16(l->page + WORD + 6);

	if (at < upper || at + NODE_HEAD > f->page_size || at & 1)
		return false;
	const uint8_t *node = l->page + at;
	unsigned ksize = lmdb_u16(node + 6);
	if (ksize != KEY && (leaf || i > 0 || ksize != 0))
		return false;
	if (leaf && (lmdb_u16(node + 4) & ~(unsigned)BIG_DATA ||
			    key_of(node + NODE_HEAD) == UINT64_MAX)) /* nothing lies behind it */
		return false;
	return node_bytes(node, leaf) <= f->page_size - at;
}

/* Everything that a look into the page relies on. */
static bool page_is_sane(
	const struct lmdb_file *f, struct lmdb_level *l, uint64_t number, bool leaf)
{
	size_t lower = lmdb_u16(l->page + WORD + 4), upper = lmdb_u16(l->page + WORD + 6);

	if (lmdb_word(l->page) != number ||
		lmdb_u16(l->page + WORD + 2) != (leaf ? LEAF : BRANCH) || lower < HEAD + 2 ||
		lower > upper || upper > f->page_size || (lower - HEAD) & 1)
		return false;
	l->nodes = (unsigned)(lower - HEAD) / 2;
	for (unsigned i = 0; i < l->nodes; i++) {
		if (!node_is_sane(f, l, i, leaf))
			return false;
		if (i > 0 && key_at(l, i) <= key_at(l, i - 1))
			return false;
	}
	return true;
}

static int load(struct lmdb_file *f, unsigned depth, uint64_t number)
{
	struct lmdb_level *l = &f->levels[depth];

	if (l->number == number && number)
		return 0;
	l->number = 0;
	f->read_any = true;
	if (number < 2 || number > f->last)
		return ERR_SEGMENT_DAMAGED;
	int err = lmdb_file_read(f, number * f->page_size, l->page, f->page_size);
	if (!err && !page_is_sane(f, l, number, depth + 1 == f->depth))
		err = ERR_SEGMENT_DAMAGED;
	if (!err)
		l->number = number;
	return err;
}

static uint64_t child_of(const struct lmdb_level *l)
{
	const uint8_t *node = node_of(l, l->at);
	uint64_t high = WORD > 4 ? lmdb_u16(node + 4) : 0;

	return lmdb_u32(node) | high << 32;
}

/* --- finding --- */

/* The last node whose key is at most this one, or the first. */
static unsigned last_up_to(const struct lmdb_level *l, uint64_t key)
{
	unsigned low = 0, high = l->nodes;

	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		if (key_at(l, middle) <= key)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int descend(struct lmdb_file *f, uint64_t key, bool last)
{
	uint64_t number = f->root;

	for (unsigned d = 0; d < f->depth; d++) {
		int err = load(f, d, number);
		if (err)
			return err;
		struct lmdb_level *l = &f->levels[d];
		l->at = last ? l->nodes - 1 : last_up_to(l, key);
		if (d + 1 < f->depth)
			number = child_of(l);
	}
	return 0;
}

/* To the neighbouring leaf: forwards to its first node, backwards to its last one. */
static int turn_to_neighbour(struct lmdb_file *f, bool forwards)
{
	unsigned d = f->depth - 1;

	do {
		if (d-- == 0)
			return ERR_END;
	} while (forwards ? f->levels[d].at + 1 == f->levels[d].nodes : f->levels[d].at == 0);
	f->levels[d].at = forwards ? f->levels[d].at + 1 : f->levels[d].at - 1;
	for (; d + 1 < f->depth; d++) {
		int err = load(f, d + 1, child_of(&f->levels[d]));
		if (err)
			return err;
		f->levels[d + 1].at = forwards ? 0 : f->levels[d + 1].nodes - 1;
	}
	return 0;
}

static int value_at(const struct lmdb_file *f, const struct lmdb_level *l, struct lmdb_value *value)
{
	const uint8_t *node = node_of(l, l->at), *data = node + NODE_HEAD + KEY;
	struct lmdb_value v = { .key = key_of(node + NODE_HEAD), .len = lmdb_u32(node) };

	if (lmdb_u16(node + 4) & BIG_DATA) {
		uint64_t number = lmdb_word(data);
		if (number < 2 || number > f->last)
			return ERR_SEGMENT_DAMAGED;
		v.at = number * f->page_size + HEAD;
	} else {
		v.at = l->number * f->page_size + (uint64_t)(data - l->page);
		v.page = data;
	}
	*value = v;
	return 0;
}

int lmdb_file_find(
	struct lmdb_file *f, uint64_t key, enum lmdb_where where, struct lmdb_value *value)
{
	if (f->root == UINT64_MAX)
		return ERR_END;
	if (f->depth == 0) /* the meta pages were never good */
		return ERR_SEGMENT_DAMAGED;
	int err = descend(f, key, where == LMDB_LAST);
	if (err)
		return err;
	struct lmdb_level *leaf = &f->levels[f->depth - 1];
	uint64_t there = key_at(leaf, leaf->at);
	if (where == LMDB_AT_OR_BEHIND && there < key) {
		if (++leaf->at == leaf->nodes)
			err = turn_to_neighbour(f, true);
	} else if (where == LMDB_AT_OR_BEFORE && there > key) {
		err = turn_to_neighbour(f, false);
	}
	if (err)
		return err;
	/* a key on the wrong side of what leads to it comes of a damaged branch */
	there = key_at(leaf, leaf->at);
	if ((where == LMDB_AT_OR_BEHIND && there < key) ||
		(where == LMDB_AT_OR_BEFORE && there > key))
		return ERR_SEGMENT_DAMAGED;
	return value_at(f, leaf, value);
}
