/* chain.c -- the writer's side of a chain of segments: appending, and rotating.
 *
 * Rotation is ordinary: at 90 % of the map, once a day, when the map is full, and after any error
 * of put or commit. After such an error the old environment is closed and never written again
 * (Linux marks pages clean whose sync failed, so a second sync would lie); the frames, which are
 * still in memory, go to a new segment under the same numbers. The old one stays where it is if it
 * holds records: what was committed before is good, and what is not its readers find out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chain_internal.h"
#include "clock.h"
#include "stats.h"

enum { FULL_PERCENT = 90 };
static const int64_t DAY_NS = INT64_C(86400) * 1000000000;

/* --- places --- */

/* The list has its full size from the start: a commit must not fail for it. */
static int make_places(struct chain *c)
{
	if (!c->places)
		c->places = malloc(SEGMENT_PLACES_MAX * sizeof(*c->places));
	return c->places ? 0 : ERR_NOMEM;
}

static void set_place(struct chain *c, uint64_t file, uint64_t number)
{
	for (size_t i = c->nplaces; i-- > 0;) {
		if (c->places[i].file != file)
			continue;
		if (number > c->places[i].number)
			c->places[i].number = number;
		return;
	}
	if (c->nplaces == SEGMENT_PLACES_MAX) { /* the oldest file is forgotten */
		memmove(c->places, c->places + 1, (c->nplaces - 1) * sizeof(*c->places));
		c->nplaces--;
	}
	c->places[c->nplaces++] = (struct segment_place){ file, number };
}

int chain_set_place(struct chain *c, uint64_t file, uint64_t number)
{
	int err = make_places(c);

	if (!err)
		set_place(c, file, number);
	return err;
}

/* --- rotation --- */

uint64_t chain_bytes(const struct chain *c)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < c->count; i++) {
		bool newest = c->current && i == c->count - 1;
		bytes += newest ? segment_map_size(c->current) : c->list[i].bytes;
	}
	return bytes;
}

/* What the segment in use gives back when it is sealed. */
static uint64_t reserve_of(const struct chain *c)
{
	return c->current ? segment_map_size(c->current) - segment_used(c->current) : 0;
}

bool chain_is_at_cap(const struct chain *c)
{
	uint64_t cap = c->conf.cap;

	if (!cap)
		return false;
	uint64_t others = c->conf.others ? c->conf.others(c->spool, cap) : 0;
	return chain_bytes(c) - reserve_of(c) + c->conf.map_size + others > cap;
}

static bool has_room(const struct chain *c)
{
	uint64_t free_bytes, size, reserve = reserve_of(c);

	if (chain_is_at_cap(c))
		return false;
	return spool_disk(c->spool, &free_bytes, &size) ||
	       free_bytes + reserve >= c->conf.free_floor + c->conf.map_size;
}

/* A segment that failed before it held anything has the name that the next one needs. Nobody was
 * ever told of a record in it, so it goes. */
static int remove_leftover(struct chain *c)
{
	int err = c->leftover ? chain_unlink(c->spool, c->conf.name, c->leftover) : 0;

	if (!err)
		c->leftover = 0;
	return c->leftover == c->next_seq ? err : 0;
}

/* Closes the segment in use. */
static int retire(struct chain *c)
{
	char path[PATHS_MAX];

	if (!c->current)
		return 0;
	struct chain_segment *newest = &c->list[c->count - 1];
	segment_seal(c->current);
	segment_close(c->current);
	c->current = NULL;
	c->full = false;
	if (!c->frames_in_current && newest->first_seq == c->next_seq) {
		c->count--;
		c->leftover = newest->first_seq;
		return remove_leftover(c);
	}
	if (!paths_segment(path, c->spool->dir, c->conf.name, newest->first_seq))
		newest->bytes = chain_disk_bytes(path);
	return 0;
}

/* All that a rotation and the commits behind it need: a commit must not fail once it is done. */
static int allocate(struct chain *c)
{
	if (make_places(c))
		return ERR_NOMEM;
	if (c->count < c->list_cap)
		return 0;
	size_t cap = c->list_cap ? 2 * c->list_cap : 1;
	struct chain_segment *list = realloc(c->list, cap * sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	c->list = list;
	c->list_cap = cap;
	return 0;
}

static int say_full(const struct chain *c, struct err_detail *why)
{
	char is[STATS_TEXT], floor[STATS_TEXT], map[STATS_TEXT];
	uint64_t free_bytes = 0, size;
	bool known = spool_disk(c->spool, &free_bytes, &size) == 0;

	free_bytes += reserve_of(c);
	if (known && free_bytes < c->conf.free_floor + c->conf.map_size)
		return err_set(why, ERR_SPOOL_FULL,
			"the disk of the spool %s has %s free, and it takes %s to stay free "
			"(--spool-free) and %s for records",
			c->spool->dir, stats_bytes(free_bytes, is),
			stats_bytes(c->conf.free_floor, floor), stats_bytes(c->conf.map_size, map));
	(void)stats_bytes(c->conf.cap, is);
	if (strcmp(c->conf.name, "dead") == 0)
		return err_set(why, ERR_SPOOL_FULL,
			"the dead letters of the spool %s have reached their cap of %s "
			"(--dead-max); espcap dead purge or retry makes room",
			c->spool->dir, is);
	if (strcmp(c->conf.name, "parked") == 0)
		return err_set(why, ERR_SPOOL_FULL,
			"the parked records of the spool %s have reached %s, half of its cap",
			c->spool->dir, is);
	return err_set(why, ERR_SPOOL_FULL, "the spool %s has reached its cap of %s (--spool-max)",
		c->spool->dir, is);
}

static int rotate(struct chain *c, struct err_detail *why)
{
	char path[PATHS_MAX];
	struct segment_birth birth = { .epoch = c->spool->epoch,
		.first_seq = c->next_seq,
		.time_ns = clock_wall_ns(),
		.totals = c->totals,
		.places = c->places,
		.nplaces = c->nplaces };

	if (!has_room(c))
		return say_full(c, why);
	int err = allocate(c);
	if (!err)
		err = retire(c);
	if (!err)
		err = paths_segment(path, c->spool->dir, c->conf.name, c->next_seq);
	if (!err)
		err = remove_leftover(c);
	if (err)
		return err_set(why, err, "cannot end a segment of the spool %s: %s", c->spool->dir,
			errno ? strerror(errno) : err_text(err));
	err = segment_create(path, c->conf.map_size, &birth, &c->current, why);
	if (err) {
		c->leftover = c->next_seq; /* if not even its removal went well */
		return err;
	}
	c->list[c->count++].first_seq = c->next_seq;
	c->frames_in_current = false;
	c->since_ns = clock_monotonic_ns();
	return 0;
}

/* --- appending --- */

static size_t pages_of(const struct chain_frame *frames, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += FRAME_HEADER + (size_t)frames[i].header.stored_len + CHAIN_PAGE_SLACK;
	return bytes;
}

static bool must_rotate(const struct chain *c, size_t bytes)
{
	if (!c->current || c->full)
		return true;
	size_t limit = segment_map_size(c->current) / 100 * FULL_PERCENT;
	return c->frames_in_current && (segment_used(c->current) + bytes > limit ||
					       clock_monotonic_ns() - c->since_ns > DAY_NS);
}

static void number(struct chain *c, struct chain_frame *frames, size_t count)
{
	struct frame_totals totals = c->totals;
	uint64_t seq = c->next_seq;

	for (size_t i = 0; i < count; i++) {
		struct frame_header *h = &frames[i].header;
		totals.committed += h->count;
		totals.raw_bytes += h->raw_len;
		totals.stored_bytes += h->stored_len;
		for (unsigned r = 0; r < LOSS_TOTALS; r++)
			totals.lost[r] += frames[i].lost[r];
		h->first_seq = seq;
		h->run = c->run;
		h->epoch = c->spool->epoch;
		h->totals = totals;
		seq += h->count;
	}
}

static int store(struct chain *c, const struct chain_frame *frames, size_t count)
{
	int err = segment_begin(c->current);

	for (size_t i = 0; i < count && !err; i++)
		err = segment_put(c->current, &frames[i].header, frames[i].payload);
	return err ? err : segment_commit(c->current);
}

void chain_note_tail(struct chain *c)
{
	c->tail = (struct tail){ .last_seq = c->next_seq - 1, .totals = c->totals };
	if (c->tail_slots.fd < 0)
		tail_open(&c->tail_slots, c->spool->dir, c->conf.name, c->spool->epoch, true);
	if (c->tail_slots.fd >= 0 && tail_write(&c->tail_slots, &c->tail) == 0)
		return;
	slots_close(&c->tail_slots);              /* until the next commit */
	tail_remove(c->spool->dir, c->conf.name); /* an old one would hold readers back */
}

static void remember(struct chain *c, const struct chain_frame *frames, size_t count)
{
	const struct frame_header *last = &frames[count - 1].header;

	c->totals = last->totals;
	c->next_seq = last->first_seq + last->count;
	c->frames_in_current = true;
	chain_note_tail(c);
	for (size_t i = 0; i < count; i++)
		if (frames[i].header.file)
			set_place(c, frames[i].header.file, frames[i].header.number);
}

static int append_once(
	struct chain *c, struct chain_frame *frames, size_t count, struct err_detail *why)
{
	int err = must_rotate(c, pages_of(frames, count)) ? rotate(c, why) : 0;

	if (err)
		return err;
	number(c, frames, count);
	err = store(c, frames, count); /* (I1) */
	if (!err) {
		remember(c, frames, count);
		return 0;
	}
	/* Whatever it was, this segment is not written again (C-4): after a failed sync Linux calls
	 * the pages clean, and the next sync would say that all is well. */
	c->full = true;
	c->tried = frames[count - 1].header.first_seq + frames[count - 1].header.count;
	return err_set(why, err, "cannot write to the spool %s: %s", c->spool->dir,
		errno ? strerror(errno) : err_text(err));
}

/* LMDB calls a write that came out short an I/O error: the disk itself is asked whether it is full. */
static bool disk_is_full(const struct chain *c, size_t bytes)
{
	uint64_t free_bytes, size;

	return spool_disk(c->spool, &free_bytes, &size) == 0 && free_bytes < bytes;
}

int chain_append(struct chain *c, struct chain_frame *frames, size_t count, struct err_detail *why)
{
	size_t bytes = pages_of(frames, count);
	int err = ERR_SPOOL_IO;

	/* an error may be the segment's alone, so a new one is tried, with the same numbers */
	for (int attempt = 0; attempt < 2; attempt++) {
		err = append_once(c, frames, count, why);
		if (!err || (err == ERR_SPOOL_FULL && !c->current))
			return err;
	}
	return err == ERR_SPOOL_FULL || disk_is_full(c, bytes) ? ERR_SPOOL_FULL : ERR_SPOOL_IO;
}

int chain_import(struct chain *c, struct chain_frame *frames, size_t count, uint64_t run,
	uint64_t first_seq, struct err_detail *why)
{
	uint64_t own = c->run;

	if (first_seq < c->next_seq)
		return err_set(why, ERR_INPUT, "record %llu lies before the end of the spool %s",
			(unsigned long long)first_seq, c->spool->dir);
	chain_skip_to(c, first_seq);
	c->run = run;
	int err = chain_append(c, frames, count, why);
	c->run = own;
	return err;
}

void chain_set_cap(struct chain *c, uint64_t cap)
{
	c->conf.cap = cap;
}

bool chain_has_room(const struct chain *c, size_t bytes)
{
	return !must_rotate(c, bytes + FRAME_HEADER + CHAIN_PAGE_SLACK) || has_room(c);
}

void chain_abandon(struct chain *c)
{
	chain_skip_to(c, c->tried);
}

/* --- what it knows --- */

uint64_t chain_run(const struct chain *c)
{
	return c->run;
}

uint64_t chain_next_seq(const struct chain *c)
{
	return c->next_seq;
}

const struct frame_totals *chain_totals(const struct chain *c)
{
	return &c->totals;
}

size_t chain_segments(const struct chain *c)
{
	return c->count;
}

bool chain_was_unsynced(const struct chain *c)
{
	return c->was_unsynced;
}

bool chain_is_reserved(const struct chain *c)
{
	return !c->current || segment_is_reserved(c->current);
}

uint64_t chain_place(const struct chain *c, uint64_t file)
{
	for (size_t i = 0; i < c->nplaces; i++)
		if (c->places[i].file == file)
			return c->places[i].number;
	return 0;
}
