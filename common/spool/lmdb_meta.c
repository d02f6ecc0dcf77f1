/* lmdb_meta.c -- the two meta pages of an LMDB file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "lmdb_file_internal.h"

enum { WORD = LMDB_FILE_WORD, META = 0x08 /* flag of a page */ };
static const uint32_t MAGIC = 0xBEEFC0DE;

struct lmdb_meta lmdb_meta_parse(const uint8_t raw[LMDB_META_BYTES])
{
	const uint8_t *m = raw + LMDB_FILE_HEAD, *free_db = m + 8 + 2 * WORD,
		      *db = free_db + LMDB_DATABASE;
	struct lmdb_meta meta = {
		.version = lmdb_u32(m + 4),
		.page_size = lmdb_u32(free_db),
		.map_size = lmdb_word(m + 8 + WORD),
		.depth = lmdb_u16(db + 6),
		.root = lmdb_word(db + 8 + 4 * WORD),
		.last = lmdb_word(db + LMDB_DATABASE),
		.txnid = lmdb_word(db + LMDB_DATABASE + WORD),
	};

	meta.good = lmdb_u16(raw + WORD + 2) & META && lmdb_u32(m) == MAGIC;
	return meta;
}

static bool is_plausible(const struct lmdb_meta *m, size_t page_size)
{
	bool empty = m->root == UINT64_MAX;

	return m->good && m->version == LMDB_DATA_VERSION && m->page_size == page_size &&
	       (empty || (m->root > 1 && m->root <= m->last)) &&
	       (empty ? m->depth == 0 : m->depth > 0 && m->depth <= LMDB_FILE_DEPTH_MAX) &&
	       m->map_size / page_size > m->last;
}

/* The two take turns by the parity of the transaction; in a new environment both are of the first
 * one. */
static bool take_turns(const struct lmdb_meta *even, const struct lmdb_meta *odd)
{
	if (even->txnid == 0 && odd->txnid == 0)
		return true;
	return !(even->txnid & 1) && odd->txnid & 1 &&
	       (odd->txnid + 1 == even->txnid || even->txnid + 1 == odd->txnid);
}

bool lmdb_meta_are_sane(const struct lmdb_meta meta[2], size_t page_size)
{
	return is_plausible(&meta[0], page_size) && is_plausible(&meta[1], page_size) &&
	       take_turns(&meta[0], &meta[1]);
}
