/* trim_cost.c -- what is lost with the oldest segment: counted frame by frame. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chain_internal.h"
#include "segment_file.h"

/* Where a walk through a segment is, and what it has found. */
struct walk {
	const struct ack_chain *ack;
	struct chain_cost *cost;
	struct frame_totals before; /* what the chain held up to `next` */
	uint64_t next;
	/* where the next segment begins: a commit that failed may be in this one all the same, and
	 * its records are those of the next one */
	uint64_t end;
};

static void add(struct walk *w, uint64_t records, const struct loss *part)
{
	w->cost->records += records;
	if (part->count)
		loss_add(&w->cost->loss, part);
}

/* Damaged frames before a sequence: the totals on both sides say how many records they held. */
static void add_damaged(struct walk *w, uint64_t behind, uint64_t committed)
{
	struct loss part = { .reason = LOSS_TRIMMED, .first_seq = w->next, .last_seq = behind - 1 };

	if (committed <= w->before.committed || committed - w->before.committed > behind - w->next)
		return;
	committed -= w->before.committed;
	uint64_t settled = ack_settled_in(w->ack, w->next, behind - 1);
	part.count = committed > settled ? committed - settled : 0;
	add(w, part.count, &part);
}

/* Loss documents are no packets, but what they name would be forgotten with them. The first ones of
 * a frame of events are loss documents, one for each reason whose total has grown, in the order of
 * reasons. Where it grew without such a frame, that one was damaged. */
static void add_named(struct walk *w, const struct frame_header *h)
{
	uint64_t seq = h->first_seq;

	for (unsigned r = 0; r < LOSS_TOTALS; r++) {
		uint64_t named = h->totals.lost[r] - w->before.lost[r];
		const struct loss part = {
			.reason = LOSS_TRIMMED, .count = named, .repeated = named
		};
		if (!named)
			continue;
		if (h->kind != FRAME_EVENT || !ack_covers(w->ack, seq, seq))
			add(w, 0, &part);
		seq++;
	}
}

static void add_frame(struct walk *w, const struct frame_header *h)
{
	uint64_t last = h->first_seq + h->count - 1;
	const struct loss part = { .reason = LOSS_TRIMMED,
		.count = h->count - ack_settled_in(w->ack, h->first_seq, last),
		.bytes = h->raw_len,
		.first_seq = h->first_seq,
		.last_seq = last,
		.start_ns = h->min_time_ns,
		.end_ns = h->max_time_ns };

	add_named(w, h);
	if (h->kind == FRAME_EVENT)
		w->cost->records += part.count;
	else
		add(w, part.count, &part);
}

static int walk(struct walk *w, struct segment_file *f)
{
	struct frame_header h;
	uint64_t key = 0;
	int err;

	w->before = segment_file_birth(f)->totals;
	w->next = segment_file_birth(f)->first_seq;
	while (!(err = segment_file_read_header(f, key + 1, &key, &h)) ||
		err == ERR_FRAME_DAMAGED) {
		if (key >= w->end)
			return 0;
		if (err || h.first_seq != key)
			continue;
		add_damaged(w, h.first_seq, h.totals.committed - h.count);
		add_frame(w, &h);
		w->before = h.totals;
		w->next = h.first_seq + h.count;
	}
	return err == ERR_END ? 0 : err;
}

static int open_at(const struct chain *c, size_t i, struct segment_file **f)
{
	char path[PATHS_MAX];
	int err = paths_segment(path, c->spool->dir, c->conf.name, c->list[i].first_seq);

	return err ? err : segment_file_open_worn(path, c->spool->epoch, f, NULL);
}

/* What lay behind the last good frame: the next segment knows what the chain held when it began. */
static void add_end(struct walk *w, const struct chain *c)
{
	struct segment_file *f;

	if (open_at(c, 1, &f))
		return;
	add_damaged(w, c->list[1].first_seq, segment_file_birth(f)->totals.committed);
	segment_file_close(f);
}

static int count_by_frame(
	const struct chain *c, const struct ack_chain *ack, struct chain_cost *cost)
{
	struct walk w = { .ack = ack, .cost = cost, .end = c->list[1].first_seq };
	struct segment_file *f;
	int err = open_at(c, 0, &f);

	if (err)
		return err;
	err = walk(&w, f);
	segment_file_close(f);
	if (!err)
		add_end(&w, c);
	return err;
}

/* A segment that cannot be read is counted by its sequences, or nothing could ever be dropped. */
static void count_by_sequence(
	const struct chain *c, const struct ack_chain *ack, struct chain_cost *cost)
{
	uint64_t first = c->list[0].first_seq, last = c->list[1].first_seq - 1;

	cost->records = last - first + 1 - ack_settled_in(ack, first, last);
	cost->loss = (struct loss){
		.reason = LOSS_TRIMMED, .count = cost->records, .first_seq = first, .last_seq = last
	};
}

int chain_cost_of_oldest(
	const struct chain *c, const struct ack_chain *ack, struct chain_cost *cost)
{
	*cost = (struct chain_cost){ .loss = { .reason = LOSS_TRIMMED } };
	int err = count_by_frame(c, ack, cost);

	if (err != ERR_SEGMENT_DAMAGED && err != ERR_END && err != ERR_SPOOL_IO)
		return err;
	count_by_sequence(c, ack, cost);
	return 0;
}
