/* chain_open.c -- where a chain goes on: its newest segment, what a kill or a cut left of it. */
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
#include "clock.h"

static const uint64_t UNREADABLE_JUMP = UINT64_C(1) << 32; /* */

static int list_segments(struct chain *c, struct err_detail *why)
{
	char folder[PATHS_MAX];

	if (paths_join(folder, c->spool->dir, c->conf.name))
		return ERR_TOO_BIG;
	if (mkdir(folder, 0770) != 0 && errno != EEXIST)
		return err_set(why,
			errno == EACCES || errno == EROFS ? ERR_PERMISSION : ERR_SPOOL_IO,
			"cannot make %s: %s", folder, strerror(errno));
	int err = chain_list(c);
	return err ? err_set(why, err, "cannot read %s: %s", folder, strerror(errno)) : 0;
}

/* Walks the newest segment frame by frame; afterwards totals, places and next_seq are those of
 * its last good frame. A damaged frame is passed over: the shipper reports it. */
static int walk_newest(struct chain *c, struct err_detail *why)
{
	struct frame_header h;
	uint64_t key, last = 0;
	struct buf value;
	int err = 0;

	buf_init(&value, FRAME_HEADER + FRAME_RAW_MAX + CHAIN_PAGE_SLACK);
	for (uint64_t seq = 1; !err; seq = key + 1) {
		err = segment_read(c->current, seq, &key, &value);
		if (err)
			break;
		last = key;
		/* a damaged payload was committed all the same */
		int bad = frame_unpack_header(value.data, value.len, &h);
		if (bad == ERR_SPOOL_FORMAT) {
			err = bad; /* (I8) */
			break;
		}
		if (bad || h.first_seq != key) {
			c->next_seq = key + FRAME_COUNT_MAX; /* its count cannot be trusted */
			continue;
		}
		c->totals = h.totals;
		c->next_seq = key + h.count;
		if (h.file)
			err = chain_set_place(c, h.file, h.number);
	}
	buf_done(&value);
	c->frames_in_current = last != 0;
	return err == ERR_END
		       ? 0
		       : err_set(why, err, "cannot read %s: %s", c->conf.name, err_text(err));
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

static int open_newest(struct chain *c, struct err_detail *why)
{
	char path[PATHS_MAX];
	uint64_t seq = c->list[c->count - 1].first_seq;

	if (paths_segment(path, c->spool->dir, c->conf.name, seq))
		return ERR_TOO_BIG;
	int err = segment_open(path, true, c->spool->epoch, &c->current, why);
	if (!err)
		err = take_birth(c, segment_birth(c->current));
	if (!err)
		err = walk_newest(c, why);
	return err;
}

/* The newest segment cannot be used: it moves away, and what may have been in it is passed over
 * with room to spare. */
static int quarantine_newest(struct chain *c, struct err_detail *why)
{
	uint64_t seq = c->list[c->count - 1].first_seq;

	segment_close(c->current);
	c->current = NULL;
	if (chain_quarantine(c->spool, c->conf.name, seq))
		return err_set(why, ERR_SPOOL_IO, "cannot move segment %llu to quarantine: %s",
			(unsigned long long)seq, strerror(errno));
	c->count--;
	if (seq + UNREADABLE_JUMP > c->least_next) /* an older one may follow */
		c->least_next = seq + UNREADABLE_JUMP;
	return 0;
}

/* The newest segment that can be opened, if any. A segment without a birth record is what a cut
 * leaves of one being made: nothing was ever committed to it, but it is kept all the same. */
static int find_newest(struct chain *c, struct err_detail *why)
{
	c->next_seq = 1;
	while (c->count) {
		int err = open_newest(c, why);
		if (err != ERR_SEGMENT_DAMAGED && err != ERR_END)
			return err;
		err = quarantine_newest(c, why);
		if (err)
			return err;
	}
	return 0;
}

void chain_skip_to(struct chain *c, uint64_t seq)
{
	if (seq <= c->next_seq)
		return;
	if (c->count || c->next_seq > 1)
		c->totals.skipped += seq - c->next_seq;
	c->next_seq = seq;
}

static bool same_shape(const struct chain *c)
{
	return segment_map_size(c->current) == c->conf.map_size;
}

int chain_open(const struct spool *spool, const struct chain_conf *conf, struct chain **out,
	struct err_detail *why)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(why, ERR_NOMEM, "out of memory for %s", conf->name);
	c->spool = spool;
	c->conf = *conf;
	int err = list_segments(c, why);
	if (!err && getrandom(&c->run, sizeof(c->run), 0) != (ssize_t)sizeof(c->run))
		err = err_set(why, ERR_SYS, "no random numbers: %s", strerror(errno)); /* (I4) */
	if (!err)
		err = find_newest(c, why);
	if (err) {
		chain_close(c);
		return err;
	}
	chain_skip_to(c, c->least_next);
	chain_skip_to(c, conf->settled_to + 1); /* (I2): a cut can undo a commit that was shipped */
	if (c->current && !same_shape(c))
		c->full = true;
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
	free(c->list);
	free(c->places);
	free(c);
}
