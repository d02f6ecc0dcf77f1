/* status.c -- what a spool holds, and who works on it, from its files alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "chain.h"
#include "clock.h"
#include "dead.h"
#include "looks.h"
#include "request.h"
#include "segment_file.h"

enum { EVENTS_MAX = 256 }; /* frames of events in a row */

/* --- who works on it --- */

/* trim.lock is only tried, never waited for: to look at it by taking it, even for a moment, could
 * make capture lose records. */
static bool trim_is_held(const struct spool *spool, char holder[LOCK_HOLDER_MAX])
{
	char path[PATHS_MAX], want[64], line[256];
	struct stat st;
	bool held = false;

	holder[0] = '\0';
	if (paths_join(path, spool->dir, "trim.lock") || stat(path, &st) != 0)
		return false;
	(void)snprintf(want, sizeof(want), " %02x:%02x:%llu ", major(st.st_dev), minor(st.st_dev),
		(unsigned long long)st.st_ino);
	FILE *locks = fopen("/proc/locks", "re");
	while (locks && !held && fgets(line, sizeof(line), locks))
		held = strstr(line, " FLOCK ") && strstr(line, want) && !strstr(line, "->");
	if (locks)
		(void)fclose(locks);
	FILE *file = held ? fopen(path, "re") : NULL;
	if (file && !fgets(holder, LOCK_HOLDER_MAX, file))
		holder[0] = '\0';
	if (file)
		(void)fclose(file);
	holder[strcspn(holder, "\n")] = '\0';
	return held;
}

static void read_holders(struct status *st)
{
	st->capture_runs = spool_capture_runs(&st->spool, st->capture);
	st->ship_runs = spool_ship_runs(&st->spool, st->ship);
	if (!st->ship_runs || !says_read(&st->spool, st->says))
		st->says[0] = '\0';
	st->trims = trim_is_held(&st->spool, st->trim);
	st->limits_known = limits_read(&st->spool, &st->limits);
	limits_ship_read(&st->spool, &st->limits_ship);
	st->requested = request_is_there(&st->spool);
}

/* --- what it holds --- */

static int read_extent(
	const struct spool *spool, const char *name, struct reader *r, struct chain_state *c)
{
	const uint64_t *seqs;

	int err = reader_extent(r, &c->first, &c->last, &c->totals);
	c->segments = reader_segments(r, &seqs);
	c->disk_bytes = chain_disk_total(spool, name);
	return err == ERR_END ? 0 : err;
}

static int note_first_parked(
	void *status, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct status *st = status;
	struct dead_line d;

	if (ack_covers(&st->ack.chain[ACK_PARKED], seq, seq) || dead_line_read(line, len, &d) ||
		d.chain != ACK_REC)
		return 0;
	struct frame_header h = f->header;
	h.kind = d.kind;
	st->parked_ns = frame_record_time(&h, d.record.p, d.record.len);
	return ERR_END; /* enough */
}

static int read_parked(struct status *st, int err)
{
	uint64_t from = st->ack.chain[ACK_PARKED].frontier + 1, gone;

	if (!err)
		err = reader_each_line(&st->spool, "parked", from, note_first_parked, st, &gone);
	return err == ERR_END ? 0 : err;
}

static int read_chain(const struct spool *spool, const char *name, struct chain_state *c)
{
	struct reader *r;
	int err = reader_new(spool, name, &r);

	if (err)
		return err;
	err = read_extent(spool, name, r, c);
	reader_free(r);
	return err;
}

/* Where the chain stood when its oldest segment was made. */
static void read_before(struct status *st, struct reader *r)
{
	char path[PATHS_MAX];
	struct segment_file *f;
	const uint64_t *seqs;
	size_t count = reader_segments(r, &seqs);

	st->before = st->rec.totals;
	for (size_t i = 0; i < count; i++) {
		if (paths_segment(path, st->spool.dir, "rec", seqs[i]) ||
			segment_file_open(path, st->spool.epoch, &f, NULL))
			continue;
		st->before = segment_file_birth(f)->totals;
		segment_file_close(f);
		return;
	}
}

/* The lowest sequence that is neither settled nor given up. */
static uint64_t first_waiting(const struct ack_chain *ack, const struct first *first)
{
	uint64_t seq = ack->frontier + 1 > first->first_seq ? ack->frontier + 1 : first->first_seq;

	for (unsigned i = 0; i < ack->nranges; i++)
		if (seq >= ack->ranges[i].first && seq <= ack->ranges[i].last)
			seq = ack->ranges[i].last + 1;
	return seq;
}

/* Committed records above what is settled or given up: by the totals in the frame that comes next if it
 * can be read, not by the counts, for they are gone with a lost ack. */
static uint64_t count_waiting(const struct status *st, struct reader *r)
{
	const struct ack_chain *ack = &st->ack.chain[ACK_REC];
	struct ack_counts counts = looks_counts(ack);
	uint64_t at = ack->frontier + 1, waiting;
	struct reader_frame f;

	at = at > st->first.first_seq ? at : st->first.first_seq;
	int err = reader_next(r, at, &f);
	if (err && err != ERR_END) /* a newer version wrote it, or the disk would not read it */
		return status_less(st->rec.totals.committed,
			ack_sum(&counts) + counts.apart + st->first.trimmed);
	if (!err) {
		uint64_t inside = f.header.first_seq < at ? at - f.header.first_seq : 0;
		uint64_t before = f.header.totals.committed - f.header.count + inside - f.gap.lost;
		waiting = st->rec.totals.committed - before;
	} else {
		waiting = f.gap.lost;
	}
	for (unsigned i = 0; i < ack->nranges; i++) {
		const struct ack_range *range = &ack->ranges[i];
		uint64_t n = (uint64_t)range->indexed + range->already_there + range->dead +
			     range->lost + range->apart;
		if (range->first >= at)
			waiting -= n < waiting ? n : waiting;
	}
	return waiting;
}

/* The frame of packets at or behind `at`, or at or before it: loss and clock documents are of now,
 * whenever the packets around them were captured. */
static bool packets_at(struct reader *r, uint64_t at, bool backwards, struct frame_header *h)
{
	struct reader_frame f;

	for (unsigned i = 0; i < EVENTS_MAX && at; i++) {
		if (reader_next(r, at, &f))
			return false;
		*h = f.header;
		if (h->kind != FRAME_EVENT)
			return true;
		at = backwards ? h->first_seq - 1 : h->first_seq + h->count;
	}
	return false;
}

static int read_records(struct status *st)
{
	struct reader *r;
	struct frame_header h;
	int err = reader_new(&st->spool, "rec", &r);

	if (err)
		return err;
	err = read_extent(&st->spool, "rec", r, &st->rec);
	if (!err && packets_at(r, st->rec.first, false, &h))
		st->oldest_ns = h.min_time_ns;
	if (!err && packets_at(r, st->rec.last, true, &h))
		st->newest_ns = h.max_time_ns;
	if (!err && packets_at(r, first_waiting(&st->ack.chain[ACK_REC], &st->first), false, &h))
		st->waiting_ns = h.min_time_ns;
	st->backlog = err ? 0 : count_waiting(st, r); /* but for what is parked */
	read_before(st, r);
	reader_free(r);
	return err;
}

uint64_t status_less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* The identity: see ack.h for what the entries of dead/ and parked/ say. */
static void reckon(struct status *st)
{
	struct ack_counts rec = looks_counts(&st->ack.chain[ACK_REC]);
	struct ack_counts loss = looks_counts(&st->ack.chain[ACK_LOSS]);
	struct ack_counts parked = looks_counts(&st->ack.chain[ACK_PARKED]);
	struct ack_counts dead = looks_counts(&st->ack.chain[ACK_DEAD]);

	st->indexed = rec.indexed + parked.indexed;
	st->already_there = rec.already_there + parked.already_there;
	st->dead_letters = looks_letters(&st->ack);
	st->lost = rec.lost + parked.lost + dead.lost + st->first.trimmed;
	st->late = rec.late + parked.late;
	st->parked_now = status_less(rec.apart + dead.indexed, ack_sum(&parked));
	uint64_t done = st->indexed + st->already_there + st->dead_letters + st->lost;
	st->backlog += st->parked_now;
	st->undone = status_less(done + st->backlog, st->rec.totals.committed);
	/* parked lines that are none of rec/ are loss documents */
	uint64_t lines = ack_sum(&parked) + parked.apart + parked.late + st->parked_now;
	st->loss_backlog = status_less(st->loss.totals.committed, ack_sum(&loss) + loss.apart) +
			   status_less(st->parked.totals.committed, lines);
}

int status_read(struct status *st)
{
	uint64_t size;

	read_holders(st);
	/* before what is committed: what is settled in between is backlog */
	looks_settled(&st->spool, &st->ack, &st->first);
	int err = read_records(st);
	if (!err)
		err = read_chain(&st->spool, "loss", &st->loss);
	if (!err)
		err = read_chain(&st->spool, "dead", &st->dead);
	if (!err)
		err = read_parked(st, read_chain(&st->spool, "parked", &st->parked));
	reckon(st);
	st->wears = !err && st->capture_runs && wear_look(&st->spool, &st->rec.totals, &st->wear);
	quarantine_look(&st->spool, &st->quarantine);
	return err ? err : spool_disk(&st->spool, &st->free_bytes, &size);
}

uint64_t status_losses(const struct status *st, unsigned reason)
{
	/* what drop-oldest gave up counts once, told or about to be */
	if (reason == LOSS_TRIMMED)
		return status_less(st->first.to_tell, st->first.repeated);
	if (reason == LOSS_DEAD_OVERFLOW)
		return st->loss.totals.lost[loss_total(LOSS_DEAD_OVERFLOW)];
	if (reason == LOSS_SPOOL_FULL)
		return st->rec.totals.lost[LOSS_SPOOL_FULL];
	return st->rec.totals.lost[reason] + st->loss.totals.lost[reason];
}

int64_t status_parked_lag_ms(const struct status *st)
{
	int64_t now = clock_wall_ns();

	return st->parked_now && st->parked_ns && now > st->parked_ns
		       ? clock_ms(now - st->parked_ns)
		       : 0;
}

int64_t status_lag_ms(const struct status *st)
{
	int64_t now = clock_wall_ns();

	return st->backlog && st->waiting_ns && now > st->waiting_ns
		       ? clock_ms(now - st->waiting_ns)
		       : 0;
}
