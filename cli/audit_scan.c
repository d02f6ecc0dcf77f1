/* audit_scan.c -- which numbers of a range are missing or double, by asking how many there are. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_scan.h"

#include <stdlib.h>

struct scan {
	const struct audit_counter *counter;
	const struct audit_sink *sink;
	struct audit_range hole;      /* the one that may go on; first 0: none */
	struct audit_double *doubles; /* of the block; owned, AUDIT_BLOCK */
	size_t ndoubles;
	uint64_t seqs[AUDIT_PART];
};

static uint64_t width(struct audit_range r)
{
	return r.last - r.first + 1;
}

static int end_hole(struct scan *s)
{
	struct audit_range hole = s->hole;

	s->hole = (struct audit_range){ 0 };
	return hole.first ? s->sink->hole(s->sink->arg, hole) : 0;
}

static int missing(struct scan *s, uint64_t first, uint64_t last)
{
	int err = 0;

	if (s->hole.first && s->hole.last + 1 == first) {
		s->hole.last = last;
		return 0;
	}
	err = end_hole(s);
	s->hole = (struct audit_range){ first, last };
	return err;
}

/* Documents too many in a part of the block. */
static uint64_t too_many(const struct scan *s, struct audit_range r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->ndoubles; i++)
		if (s->doubles[i].seq >= r.first && s->doubles[i].seq <= r.last)
			n += s->doubles[i].documents - 1;
	return n;
}

static int list_part(struct scan *s, struct audit_range part)
{
	uint64_t at = part.first;
	size_t n = 0;

	int err = s->counter->present(s->counter->arg, part, s->seqs, &n);
	for (size_t i = 0; i < n && !err; i++) {
		if (s->seqs[i] < at || s->seqs[i] > part.last)
			return ERR_INPUT;
		if (s->seqs[i] > at)
			err = missing(s, at, s->seqs[i] - 1);
		at = s->seqs[i] + 1;
	}
	return err || at > part.last ? err : missing(s, at, part.last);
}

static size_t cut(struct audit_range block, struct audit_range parts[AUDIT_PARTS])
{
	size_t n = 0;

	for (uint64_t at = block.first; at <= block.last; at += AUDIT_PART, n++) {
		uint64_t last = at + AUDIT_PART - 1;
		parts[n] = (struct audit_range){ at, last < block.last ? last : block.last };
	}
	return n;
}

static int look_into(struct scan *s, struct audit_range block)
{
	struct audit_range parts[AUDIT_PARTS] = { { 0 } };
	uint64_t documents[AUDIT_PARTS] = { 0 };
	size_t n = cut(block, parts);

	int err = s->counter->counts(s->counter->arg, parts, n, documents);
	for (size_t i = 0; i < n && !err; i++) {
		if (documents[i] == 0)
			err = missing(s, parts[i].first, parts[i].last);
		else if (documents[i] - too_many(s, parts[i]) != width(parts[i]))
			err = list_part(s, parts[i]);
	}
	return err;
}

static int tell_doubles(struct scan *s, struct audit_range block, uint64_t documents)
{
	uint64_t least = 0;
	int err = 0;

	for (size_t i = 0; i < s->ndoubles && !err; i++) {
		const struct audit_double *d = &s->doubles[i];
		least += d->documents;
		if (d->seq < block.first || d->seq > block.last || d->documents < 2 ||
			least > documents || (i && d->seq <= d[-1].seq))
			return ERR_INPUT;
		err = s->sink->twice(s->sink->arg, d);
	}
	return err;
}

/* It came while we looked. */
static int late(struct scan *s, struct audit_range block, uint64_t *next)
{
	*next = block.last + 1;
	return look_into(s, block);
}

/* Nothing in the block: on to the next number that is there. */
static int pass_empty(struct scan *s, struct audit_range block, uint64_t last, uint64_t *next)
{
	const struct audit_range rest = { block.first, last };

	int err = s->counter->next(s->counter->arg, rest, next);
	if (err)
		return err;
	if (!*next)
		*next = last + 1;
	if (*next <= block.first || *next > last + 1)
		return *next == block.first ? late(s, block, next) : ERR_INPUT;
	return missing(s, block.first, *next - 1);
}

/* *next: where to go on. */
static int scan_block(struct scan *s, struct audit_range block, uint64_t last, uint64_t *next)
{
	uint64_t documents = 0;

	s->ndoubles = 0;
	int err = s->counter->block(s->counter->arg, block, &documents, s->doubles, &s->ndoubles);
	if (err)
		return err;
	*next = block.last + 1;
	if (!documents)
		return pass_empty(s, block, last, next);
	err = tell_doubles(s, block, documents);
	uint64_t distinct = documents - too_many(s, block);
	if (!err && distinct > width(block))
		err = ERR_INPUT;
	if (!err && distinct < width(block))
		err = look_into(s, block);
	return err ? err : s->sink->counted(s->sink->arg, documents);
}

int audit_scan(const struct audit_counter *counter, struct audit_range range,
	const struct audit_sink *sink)
{
	struct scan *s = calloc(1, sizeof(*s));
	int err = 0;

	if (s)
		s->doubles = malloc(AUDIT_BLOCK * sizeof(*s->doubles));
	if (!s || !s->doubles) {
		free(s);
		return ERR_NOMEM;
	}
	s->counter = counter;
	s->sink = sink;
	for (uint64_t at = range.first; at && at <= range.last && !err;) {
		uint64_t last = range.last - at < AUDIT_BLOCK ? range.last : at + AUDIT_BLOCK - 1;
		err = scan_block(s, (struct audit_range){ at, last }, range.last, &at);
	}
	if (!err)
		err = end_hole(s);
	free(s->doubles);
	free(s);
	return err;
}
