/* lmdb_file_internal.h -- what lmdb_file.c and lmdb_meta.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LMDB_FILE_INTERNAL_H
#define ESPCAP_LMDB_FILE_INTERNAL_H

#include <string.h>

#include "lmdb_file.h"

/* --- numbers, in the machine's own order --- */

static inline uint16_t lmdb_u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t lmdb_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t lmdb_word(const uint8_t *p)
{
	size_t v;

	memcpy(&v, p, sizeof(v));
	return v == SIZE_MAX ? UINT64_MAX : v;
}

/* --- meta pages --- */

enum {
	LMDB_DATABASE = 8 + 5 * LMDB_FILE_WORD,
	LMDB_META_BYTES = LMDB_FILE_HEAD + 8 + 4 * LMDB_FILE_WORD + 2 * LMDB_DATABASE,
	LMDB_DATA_VERSION = 1,
};

struct lmdb_meta {
	bool good; /* it says that it is one */
	uint64_t txnid, root, map_size, last;
	uint32_t version, page_size;
	unsigned depth;
};

struct lmdb_meta lmdb_meta_parse(const uint8_t raw[LMDB_META_BYTES]);

/* May a commit have left these two, for a file of that page size? */
bool lmdb_meta_are_sane(const struct lmdb_meta meta[2], size_t page_size);

#endif
