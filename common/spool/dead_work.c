/* dead_work.c -- doing a request: dead letters go to parked/ again, or become a loss document. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead_work.h"

#include <stdlib.h>
#include <string.h>

#include "dead_index.h"
#include "reader.h"

enum { STEP_RAW = 256 * 1024 }; /* of text in one step, unless its first frame has more */

/* A growing array. */
struct list {
	void *items; /* owned */
	size_t count, cap, size;
};

struct dead_work {
	const struct spool *spool;
	struct dead_work_sink sink;
	struct request request;
	struct reader *reader;
	struct dead_index *index;
	struct list parked; /* uint64_t, rising: letters that are in parked/ already */
	struct list told;   /* struct loss: documents that are in loss/ already */
	struct dead_work_sum sum;
};

/* --- what there is --- */

static int list_add(struct list *l, const void *item)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		void *items = realloc(l->items, cap * l->size);
		if (!items)
			return ERR_NOMEM;
		l->items = items;
		l->cap = cap;
	}
	memcpy((char *)l->items + l->count++ * l->size, item, l->size);
	return 0;
}

static int note_parked(
	void *work, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct dead_work *w = work;
	struct dead_line d;

	(void)f;
	(void)seq;
	return dead_line_read(line, len, &d) || !d.letter ? 0 : list_add(&w->parked, &d.letter);
}

static int note_loss(
	void *work, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct dead_work *w = work;
	struct loss loss;

	(void)f;
	return seq > w->request.loss_after && loss_read(line, len, &loss)
		       ? list_add(&w->told, &loss)
		       : 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int dead_work_begin(const struct spool *spool, const struct ack *ack,
	const struct dead_work_sink *sink, struct dead_work **out)
{
	struct dead_work *w = calloc(1, sizeof(*w));
	uint64_t missing;

	if (!w)
		return ERR_NOMEM;
	w->spool = spool;
	w->sink = *sink;
	w->parked.size = sizeof(uint64_t);
	w->told.size = sizeof(struct loss);
	int err = request_read(spool, &w->request);
	/* who has asked may have died before its name was durable: what is done for it then is not undone */
	if (!err && paths_sync(spool->dir))
		err = ERR_SPOOL_IO;
	if (!err)
		err = reader_new(spool, "dead", &w->reader);
	if (!err)
		err = dead_index_new(spool, ack->chain[ACK_DEAD].frontier, &w->index);
	if (!err)
		err = reader_each_line(spool, "parked", ack->chain[ACK_PARKED].frontier + 1,
			note_parked, w, &missing);
	if (!err)
		err = reader_each_line(
			spool, "loss", ack->chain[ACK_LOSS].frontier + 1, note_loss, w, &missing);
	if (err) {
		dead_work_free(w);
		return err;
	}
	if (w->parked.count)
		qsort(w->parked.items, w->parked.count, sizeof(uint64_t), by_number);
	w->sum.action = w->request.action;
	*out = w;
	return 0;
}

void dead_work_free(struct dead_work *w)
{
	if (!w)
		return;
	reader_free(w->reader);
	dead_index_free(w->index);
	free(w->parked.items);
	free(w->told.items);
	free(w);
}

const struct dead_work_sum *dead_work_sum(const struct dead_work *w)
{
	return &w->sum;
}

/* --- a step --- */

struct step {
	struct dead_work *w;
	const struct ack *ack;
	struct buf park, keep;
	uint32_t nparked, nkept;
	struct loss purged, corrupt;
	struct ack_counts counts; /* to be added to the chain's entry */
	struct dead_work_sum sum; /* to be added to the work's */
	size_t raw;
	uint64_t lines, next; /* the sequence behind what is done */
};

static bool is_parked(const struct dead_work *w, uint64_t at)
{
	return w->parked.count &&
	       bsearch(&at, w->parked.items, w->parked.count, sizeof(uint64_t), by_number) != NULL;
}

static int retry(struct step *s, uint64_t at, const char *line, const struct dead_line *d)
{
	int err = 0;

	if (!is_parked(s->w, at)) {
		err = dead_line_move(line, d, at, &s->park);
		s->nparked++;
	}
	s->counts.indexed += d->chain == ACK_REC;
	return err;
}

static void purge(struct step *s, const struct dead_line *d)
{
	struct loss one = { .reason = LOSS_PURGED,
		.count = 1,
		.bytes = d->record.len,
		.first_seq = d->seq,
		.last_seq = d->seq };

	loss_add(&s->purged, &one);
	s->counts.lost += d->chain == ACK_REC;
}

/* Else whoever reads its record again, and finds no letter behind the frontier, sends it again. */
static bool is_settled(const struct step *s, const struct dead_line *d)
{
	uint64_t seq = dead_line_at(d);

	return ack_covers(&s->ack->chain[d->parked ? ACK_PARKED : d->chain], seq, seq);
}

static int take_letter(struct step *s, uint64_t at, const char *line, size_t len)
{
	struct dead_line d;
	bool readable = !dead_line_read(line, len, &d);
	int err = 0;

	if (readable && !dead_index_is_last(s->w->index, &d, at))
		return 0;
	bool meant = readable && request_means(&s->w->request, &d);
	bool settled = meant && is_settled(s, &d);
	if (meant && !settled && !s->w->sink.keeps) {
		s->w->sum.waits = true;
		return ERR_AGAIN;
	}
	if (!settled) {
		err = buf_add(&s->keep, line, len);
		if (!err)
			err = buf_adds(&s->keep, "\n");
		s->nkept++;
		s->sum.stayed++;
		return err;
	}
	s->sum.meant++;
	s->counts.apart += d.chain != ACK_REC;
	if (s->w->request.action == REQUEST_PURGE)
		purge(s, &d);
	else
		err = retry(s, at, line, &d);
	return err;
}

static int take_frame(struct step *s, const struct reader_frame *f)
{
	const char *line = f->text, *end = line + f->header.raw_len;
	uint64_t at = f->header.first_seq, until = s->w->request.until;
	int err = 0;

	for (; line < end && at <= until && !err; at++) {
		const char *next = (const char *)memchr(line, '\n', (size_t)(end - line));
		if (at >= s->next)
			err = take_letter(s, at, line, (size_t)(next - line));
		line = next + 1;
	}
	s->next = at;
	s->raw += f->header.raw_len;
	s->lines += f->header.count;
	return err;
}

/* Letters that nobody can read any more are lost. */
static void take_gap(struct step *s, const struct reader_gap *gap)
{
	struct loss loss = { .reason = LOSS_CORRUPT, .count = gap->lost };

	if (!gap->lost || gap->first > s->w->request.until)
		return;
	loss_add(&s->corrupt, &loss);
	s->counts.lost += gap->lost;
	s->sum.damaged += gap->lost;
}

static int gather(struct step *s)
{
	uint64_t until = s->w->request.until;
	struct reader_frame f;
	int err = 0;

	while (s->next <= until && !err) {
		err = reader_next_now(s->w->reader, s->next, &f);
		if (err && err != ERR_END)
			return err;
		bool behind = err == ERR_END || f.header.first_seq > until;
		if (!behind && s->raw &&
			(s->raw + f.header.raw_len > STEP_RAW ||
				s->lines + f.header.count > FRAME_COUNT_MAX))
			return 0;
		take_gap(s, &f.gap);
		if (behind)
			s->next = until + 1;
		else
			err = take_frame(s, &f);
	}
	return err == ERR_END ? 0 : err;
}

/* Each document stands for one step. */
static bool is_told(struct dead_work *w, const struct loss *loss)
{
	struct loss *told = w->told.items;

	for (size_t i = 0; i < w->told.count; i++)
		if (told[i].reason == loss->reason && told[i].count == loss->count &&
			told[i].first_seq == loss->first_seq &&
			told[i].last_seq == loss->last_seq) {
			told[i].count = 0;
			return true;
		}
	return false;
}

static int lose(struct dead_work *w, const struct loss *loss)
{
	return loss->count && !is_told(w, loss) ? w->sink.lose(w->sink.arg, loss) : 0;
}

static int store(struct step *s)
{
	const struct dead_work_sink *sink = &s->w->sink;
	int err = 0;

	if (s->nparked)
		err = sink->append(sink->arg, ACK_PARKED, &s->park, s->nparked);
	if (!err && s->nkept)
		err = sink->append(sink->arg, ACK_DEAD, &s->keep, s->nkept);
	if (!err)
		err = lose(s->w, &s->purged);
	if (!err)
		err = lose(s->w, &s->corrupt);
	return err;
}

static void settle(struct step *s, struct ack_chain *dead)
{
	struct dead_work_sum *sum = &s->w->sum;

	sum->meant += s->sum.meant;
	sum->stayed += s->sum.stayed;
	sum->damaged += s->sum.damaged;
	dead->counts.indexed += s->counts.indexed;
	dead->counts.lost += s->counts.lost;
	dead->counts.apart += s->counts.apart;
	dead->frontier = s->next - 1;
}

int dead_work_step(struct dead_work *w, struct ack *ack)
{
	struct step s = { .w = w, .ack = ack, .next = ack->chain[ACK_DEAD].frontier + 1 };

	if (s.next > w->request.until)
		return ERR_END;
	w->sum.waits = false;
	buf_init(&s.park, FRAME_RAW_MAX);
	buf_init(&s.keep, FRAME_RAW_MAX);
	int err = gather(&s);
	if (!err)
		err = store(&s);
	if (!err)
		settle(&s, &ack->chain[ACK_DEAD]);
	buf_done(&s.park);
	buf_done(&s.keep);
	return err;
}
