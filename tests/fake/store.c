/* store.c -- what was indexed: id, index, hash and version of each document, in about 60 bytes.
 *
 * Slots (open addressing, linear probing, at most 4/5 full) hold 32 bits of the id's hash and the
 * place of the entry in the arena. Nothing is ever deleted, so probing needs no tombstones, and the
 * arena, in order of arrival, can be walked while it grows.
 *
 *   entry: 0-7 hash of the document | 8-11 version | 12-13 index | 14-15 length of id | 16- id */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

struct store_slot {
	uint32_t hash, ref; /* ref: offset in the arena / 8 + 1, 0 is empty */
};

struct entry {
	uint64_t sha;
	uint32_t version;
	uint16_t index, len;
	char id[];
};

enum { FIRST_SLOTS = 1024 };

void store_init(struct store *s)
{
	*s = (struct store){ .mask = FIRST_SLOTS - 1 };
	s->slots = need(calloc(FIRST_SLOTS, sizeof(*s->slots)));
}

void store_done(struct store *s)
{
	for (unsigned i = 0; i < s->nindices; i++)
		text_done(&s->indices[i].name);
	free(s->indices);
	free(s->slots);
	free(s->arena);
	*s = (struct store){ .mask = 0 };
}

unsigned store_index(struct store *s, struct view name)
{
	uint64_t hash = view_hash(name);

	if (s->nindices && s->indices[s->last_index].hash == hash)
		return s->last_index;
	for (unsigned i = 0; i < s->nindices; i++)
		if (s->indices[i].hash == hash)
			return s->last_index = i;
	if (s->nindices == STORE_MAX_INDICES)
		die(1, "more than %d indices, so it ends", STORE_MAX_INDICES);
	if ((s->nindices & (s->nindices - 1)) == 0) {
		size_t room = s->nindices ? s->nindices * 2u : 1;

		s->indices = need(realloc(s->indices, room * sizeof(*s->indices)));
	}
	struct store_index *x = &s->indices[s->nindices];

	*x = (struct store_index){ .hash = hash };
	text_init(&x->name, 256);
	text_view_add(&x->name, name);
	return s->last_index = s->nindices++;
}

static struct entry *entry_at(const struct store *s, uint32_t ref)
{
	return (struct entry *)(void *)(s->arena + ((size_t)ref - 1) * 8);
}

static void grow_slots(struct store *s)
{
	size_t n = (s->mask + 1) * 2;
	struct store_slot *to = need(calloc(n, sizeof(*to)));

	for (size_t i = 0; i <= s->mask; i++) {
		struct store_slot slot = s->slots[i];
		size_t at = slot.hash & (n - 1);

		if (!slot.ref)
			continue;
		while (to[at].ref)
			at = (at + 1) & (n - 1);
		to[at] = slot;
	}
	free(s->slots);
	s->slots = to;
	s->mask = n - 1;
}

static struct entry *add_entry(struct store *s, struct view id, uint32_t *ref)
{
	size_t size = (sizeof(struct entry) + id.n + 7) & ~(size_t)7;

	if (s->arena_len + size > s->arena_cap) {
		s->arena_cap = s->arena_cap + s->arena_cap / 2 + 65536;
		s->arena = need(realloc(s->arena, s->arena_cap));
	}
	*ref = (uint32_t)(s->arena_len / 8 + 1);
	struct entry *e = entry_at(s, *ref);

	s->arena_len += size;
	memset(e, 0, size);
	e->len = (uint16_t)id.n;
	memcpy(e->id, id.p, id.n);
	return e;
}

/* Finds (id, index), or leaves *at on the empty slot for it; `r` learns of the id elsewhere. */
static struct entry *find(const struct store *s, unsigned index, struct view id, uint64_t sha,
	size_t *at, struct store_result *r)
{
	uint32_t hash = (uint32_t)view_hash(id);
	struct entry *here = NULL;

	for (*at = hash & s->mask; s->slots[*at].ref; *at = (*at + 1) & s->mask) {
		if (s->slots[*at].hash != hash)
			continue;
		struct entry *e = entry_at(s, s->slots[*at].ref);

		if (!view_same(view_of(e->id, e->len), id))
			continue;
		if (e->index == index)
			here = e;
		r->other_index |= e->index != index;
		r->other_content |= e->sha != sha;
	}
	return here;
}

bool store_has(const struct store *s, unsigned index, struct view id)
{
	struct store_result ignored = { .version = 0 };
	size_t at;

	return find(s, index, id, 0, &at, &ignored) != NULL;
}

void store_put(struct store *s, unsigned index, struct view id, uint64_t sha, bool create,
	struct store_result *r)
{
	size_t at;

	*r = (struct store_result){ .outcome = STORE_CONFLICT };
	if (s->used >= (s->mask + 1) / 5 * 4)
		grow_slots(s);
	struct entry *e = find(s, index, id, sha, &at, r);

	if (e && create) {
		r->version = e->version;
		return;
	}
	r->outcome = e ? STORE_UPDATED : STORE_CREATED;
	if (!e) {
		s->slots[at].hash = (uint32_t)view_hash(id);
		e = add_entry(s, id, &s->slots[at].ref);
		e->index = (uint16_t)index;
		s->used++;
		s->indices[index].docs++;
	}
	e->sha = sha;
	r->version = ++e->version;
	r->seq_no = s->indices[index].next_seq_no++;
}

bool store_next(const struct store *s, size_t *at, struct store_line *line)
{
	if (*at >= s->arena_len)
		return false;
	const struct entry *e = (const struct entry *)(const void *)(s->arena + *at);

	line->id = view_of(e->id, e->len);
	line->index = text_view(&s->indices[e->index].name);
	line->sha = e->sha;
	*at += (sizeof(*e) + e->len + 7) & ~(size_t)7;
	return true;
}
