/* chain_open.c -- where a chain goes on: behind its newest segment, or what is left of it.
 *
 * A start never writes to a segment that is there, so whatever state a kill, a cut or a damaged disk
 * left it in is only read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain_internal.h"
#include "denied.h"
#include "segment_file.h"

static const uint64_t KEY_SANE_MAX = UINT64_MAX / 2;

static int list_segments(struct chain *c, struct err_detail *why)
{
	char folder[PATHS_MAX];

	if (paths_join(folder, c->spool->dir, c->conf.name))
		return ERR_TOO_BIG;
	if (mkdir(folder, 0770) != 0 && errno != EEXIST)
		return denied_set(why, "make", folder);
	int err = chain_list(c);
	if (err == ERR_SPOOL_IO)
		return denied_set(why, "read", folder);
	if (err)
		return err_set(why, err, "cannot read %s: %s", folder, err_text(err));
	/* a new folder: its name is durable before anything in it counts */
	if (!c->count && paths_sync_parent(folder))
		return err_set(why, ERR_SPOOL_IO, "cannot sync the folder of %s: %s", folder,
			strerror(errno));
	return 0;
}

static int take_birth(struct chain *c, const struct segment_birth *birth)
{
	c->totals = birth->totals;
	c->next_seq = birth->first_seq;
	for (size_t i = 0; i < birth->nplaces; i++) {
		int err = chain_set_place(c, birth->places[i].file, birth->places[i].number);
		if (err)
			return err;
	}
	return 0;
}

/* One frame of a segment; err is what reading it gave. A damaged payload was committed all the
 * same: the shipper reports it. */
static int take_frame(struct chain *c, int err, uint64_t key, const struct frame_header *h)
{
	if (err == ERR_FRAME_DAMAGED || (!err && h->first_seq != key)) {
		c->damaged = true;
		if (key < KEY_SANE_MAX)
			c->next_seq = key + FRAME_COUNT_MAX; /* its count cannot be trusted */
		return 0;
	}
	if (err)
		return err; /* ERR_SPOOL_FORMAT among them (I8) */
	c->totals = h->totals;
	c->next_seq = key + h->count;
	if (h->kind != FRAME_EVENT)
		c->was_unsynced = h->flags & FRAME_UNSYNCED;
	return h->file ? chain_set_place(c, h->file, h->number) : 0;
}

/* Afterwards totals, places and next_seq are those of the segment's last good frame. */
static int walk(struct chain *c, struct segment_file *f)
{
	struct frame_header h;
	uint64_t key = 0;
	int err = take_birth(c, segment_file_birth(f));

	while (!err) {
		err = segment_file_read_header(f, key + 1, &key, &h);
		bool odd = err == ERR_FRAME_DAMAGED || (!err && h.first_seq != key);
		int again = odd ? segment_file_salvage(f) : ERR_END;
		if (again != ERR_END) /* once: a second salvage of the same commit is none */
			return again ? again : walk(c, f);
		if (err == ERR_END ||
			(key > c->tail.last_seq && segment_file_is_uncommitted(f, key)))
			return 0;
		err = take_frame(c, err, key, &h);
	}
	return err;
}

static bool tail_knows_more(const struct chain *c)
{
	return c->tail.last_seq >= c->next_seq || c->tail.totals.committed > c->totals.committed;
}

/* What is settled is not missing: a cut has undone it after it was sent. */
static bool something_is_missing(const struct chain *c)
{
	return tail_knows_more(c) && c->tail.last_seq > c->conf.settled_to;
}

static int read_segment(struct chain *c, uint64_t seq, bool worn, struct err_detail *why)
{
	char path[PATHS_MAX];
	struct segment_file *f;

	if (paths_segment(path, c->spool->dir, c->conf.name, seq))
		return ERR_TOO_BIG;
	int err = (worn ? segment_file_open_worn : segment_file_open)(
		path, c->spool->epoch, &f, why);
	if (err)
		return err;
	err = walk(c, f);
	/* the last frames may be missing without a trace */
	int again = !err && something_is_missing(c) ? segment_file_salvage(f) : ERR_END;
	if (again != ERR_END)
		err = again ? again : walk(c, f);
	c->damaged = c->damaged || segment_file_is_damaged(f);
	segment_file_close(f);
	return err ? err_set(why, err, "cannot read %s: %s", path, err_text(err)) : 0;
}

/* What may have been in a segment that cannot be used is passed over. */
static void pass_over(struct chain *c, uint64_t seq)
{
	c->damaged = true;
	if (seq > c->least_next) /* an older one may follow */
		c->least_next = seq;
}

/* Nothing of it can be used: it moves away. */
static int quarantine_newest(struct chain *c, struct err_detail *why)
{
	uint64_t seq = c->list[c->count - 1].first_seq;

	if (chain_quarantine(c->spool, c->conf.name, seq))
		return err_set(why, ERR_SPOOL_IO, "cannot move segment %llu to quarantine: %s",
			(unsigned long long)seq, strerror(errno));
	c->count--;
	return 0;
}

/* Where the newest segment that can be read ends. One without a birth record is what a kill or a
 * cut leaves of a segment being made: nothing was ever committed to it, but it is kept all the
 * same. One of which the disk would read nothing stays where it is, as does any below it: their
 * readers try again. */
static int read_newest(struct chain *c, struct err_detail *why)
{
	bool stays = false;

	c->next_seq = 1;
	for (size_t i = c->count; i-- > 0;) {
		uint64_t seq = c->list[i].first_seq;
		int err = read_segment(c, seq, false, why);
		if (err == ERR_SPOOL_IO) {
			stays = true;
			err = read_segment(c, seq, true, why);
		}
		if (err != ERR_SEGMENT_DAMAGED && err != ERR_END)
			return err;
		pass_over(c, seq);
		err = stays ? 0 : quarantine_newest(c, why);
		if (err)
			return err;
	}
	return 0;
}

/* What the tail knows of and nobody can read any more was committed, and is lost unless it is
 * settled. */
static void heed_tail(struct chain *c)
{
	if (!tail_knows_more(c) || c->tail.last_seq > KEY_SANE_MAX)
		return;
	c->damaged = c->damaged || something_is_missing(c);
	c->totals = c->tail.totals;
	if (c->next_seq <= c->tail.last_seq)
		c->next_seq = c->tail.last_seq + 1;
}

/* The next segment gets a name of its own, though nothing came after the making of the newest. */
static uint64_t least_for_a_name(const struct chain *c)
{
	return c->count ? c->list[c->count - 1].first_seq + 1 : 1;
}

void chain_skip_to(struct chain *c, uint64_t seq)
{
	if (seq <= c->next_seq)
		return;
	if (c->count || c->next_seq > 1)
		c->totals.skipped += seq - c->next_seq;
	c->next_seq = seq;
}

int chain_open(const struct spool *spool, const struct chain_conf *conf, struct chain **out,
	struct err_detail *why)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(why, ERR_NOMEM, "out of memory for %s", conf->name);
	c->spool = spool;
	c->conf = *conf;
	c->tail_slots.fd = -1;
	int err = list_segments(c, why);
	if (!err && getrandom(&c->run, sizeof(c->run), 0) != (ssize_t)sizeof(c->run))
		err = err_set(why, ERR_SYS, "no random numbers: %s", strerror(errno)); /* (I4) */
	if (!err) {
		tail_open(&c->tail_slots, spool->dir, conf->name, spool->epoch, true);
		tail_read(&c->tail_slots, &c->tail);
		err = read_newest(c, why);
	}
	if (err) {
		chain_close(c);
		return err;
	}
	heed_tail(c);
	chain_note_tail(c);
	chain_skip_to(c, least_for_a_name(c));
	chain_skip_to(c, c->least_next);
	if (c->damaged)
		chain_skip_to(c, c->next_seq + CHAIN_JUMP);
	chain_skip_to(c, conf->settled_to + 1); /* (I2): a cut can undo a commit that was shipped */
	*out = c;
	return 0;
}

void chain_close(struct chain *c)
{
	if (!c)
		return;
	if (c->current)
		segment_seal(c->current);
	segment_close(c->current);
	slots_close(&c->tail_slots);
	free(c->list);
	free(c->places);
	free(c);
}
