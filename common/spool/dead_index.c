/* dead_index.c -- which dead letters there are: each once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead_index.h"

#include <stdlib.h>

#include "reader.h"

/* A letter, and the last place where it lies. */
struct place {
	uint64_t run, seq, at;
};

struct dead_index {
	struct place *places; /* owned; by run and seq */
	size_t count, cap;
};

static int note(
	void *index, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct dead_index *x = index;
	struct dead_line d;

	(void)f;
	if (dead_line_read(line, len, &d))
		return 0;
	if (x->count == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 64;
		struct place *places = realloc(x->places, cap * sizeof(*places));
		if (!places)
			return ERR_NOMEM;
		x->places = places;
		x->cap = cap;
	}
	x->places[x->count++] = (struct place){ d.run, d.seq, seq };
	return 0;
}

static int compare(uint64_t x, uint64_t y)
{
	return (x > y) - (x < y);
}

static int by_letter(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare(x->run, y->run);

	order = order ? order : compare(x->seq, y->seq);
	return order ? order : compare(x->at, y->at);
}

static bool same_letter(const struct place *a, const struct place *b)
{
	return a->run == b->run && a->seq == b->seq;
}

static void keep_last_places(struct dead_index *x)
{
	struct place *p = x->places;
	size_t kept = 0;

	if (x->count)
		qsort(p, x->count, sizeof(*p), by_letter);
	for (size_t i = 0; i < x->count; i++)
		if (i + 1 == x->count || !same_letter(&p[i], &p[i + 1]))
			p[kept++] = p[i];
	x->count = kept;
}

int dead_index_new(const struct spool *spool, uint64_t frontier, struct dead_index **out)
{
	struct dead_index *x = calloc(1, sizeof(*x));
	uint64_t missing;

	if (!x)
		return ERR_NOMEM;
	int err = reader_each_line(spool, "dead", frontier + 1, note, x, &missing);
	if (err) {
		dead_index_free(x);
		return err;
	}
	keep_last_places(x);
	*out = x;
	return 0;
}

void dead_index_free(struct dead_index *x)
{
	if (!x)
		return;
	free(x->places);
	free(x);
}

bool dead_index_is_last(const struct dead_index *x, const struct dead_line *d, uint64_t at)
{
	const struct place key = { d->run, d->seq, at };
	size_t low = 0, high = x->count;

	while (low < high) { /* the first place that is not before the key */
		size_t middle = low + (high - low) / 2;
		if (by_letter(&x->places[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low == x->count || !same_letter(&x->places[low], &key) || x->places[low].at == at;
}

size_t dead_index_count(const struct dead_index *x)
{
	return x->count;
}
