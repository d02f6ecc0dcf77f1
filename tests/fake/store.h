/* store.h -- what was indexed: id, index, hash and version of each document, in about 60 bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "text.h"

/* One table for all indices, keyed by id: the walk to (id, index) passes the id in others. */
struct store_index {
	struct text name;
	uint64_t hash, docs, next_seq_no;
};

struct store {
	struct store_slot *slots;
	size_t mask, used;
	unsigned char *arena; /* entries, each 8-byte aligned, in order of arrival */
	size_t arena_len, arena_cap;
	struct store_index *indices;
	unsigned nindices, last_index;
};

struct store_result {
	enum { STORE_CREATED, STORE_UPDATED, STORE_CONFLICT } outcome;
	uint32_t version; /* documents ever written under id and index */
	uint64_t seq_no;
	bool other_content; /* the id is known, somewhere, with another hash */
	bool other_index;   /* the id is known in another index */
};

struct store_line {
	struct view id, index;
	uint64_t sha;
};

enum { STORE_MAX_ID = 512, STORE_MAX_INDICES = 65535 };

void store_init(struct store *s);
void store_done(struct store *s);
/* The index's number, made when it is new. */
unsigned store_index(struct store *s, struct view name);
/* create: a known id of that index is a conflict and stays as it is; else it is overwritten. */
void store_put(struct store *s, unsigned index, struct view id, uint64_t sha, bool create,
	struct store_result *r);
bool store_has(const struct store *s, unsigned index, struct view id);
/* Walks all entries: *at starts with 0; views are valid until the next store_put. */
bool store_next(const struct store *s, size_t *at, struct store_line *line);

#endif
