/* letters.c -- dead letters and parked records of an earlier ship, and what `espcap dead` asks of this one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead.h"
#include "dead_work.h"
#include "ship_internal.h"

enum { LOOK_MS = 1000, SOON_MS = 100, AGAIN_MS = 5000 };

/* --- at the start --- */

/* Letters that are being heeded, and the frame of records that was looked at last. */
struct heeding {
	struct ship *ship;
	struct first first;
	struct ack ack;
	struct {
		uint64_t run, first, last;
	} frames[QUEUES];
};

static unsigned queue_of(const struct dead_line *d)
{
	return d->parked ? QUEUE_PARKED : d->chain == ACK_LOSS ? QUEUE_LOSS : QUEUE_REC;
}

/* Is the record at a sequence the one that a letter tells of? A cut may have undone that one, and
 * its number is another's now, or will be. What is not there any more can only be that one. */
static bool is_of_letter(struct heeding *x, unsigned queue, uint64_t seq, const struct dead_line *d)
{
	struct reader_frame f;
	struct dead_line parked;
	const char *line;

	if (seq >= x->frames[queue].first && seq <= x->frames[queue].last)
		return x->frames[queue].run == d->run;
	int err = reader_next_now(x->ship->queues[queue].reader, seq, &f);
	if (err == ERR_END) /* damaged at the end of the chain, or not committed any more */
		return f.gap.lost && seq <= f.gap.last_lost;
	if (err || f.header.first_seq > seq)
		return true;
	if (f.header.kind != FRAME_PARKED) {
		x->frames[queue].run = f.header.run;
		x->frames[queue].first = f.header.first_seq;
		x->frames[queue].last = f.header.first_seq + f.header.count - 1;
		return f.header.run == d->run;
	}
	size_t len = reader_line(&f, seq, &line);
	return dead_line_read(line, len, &parked) || (parked.run == d->run && parked.seq == d->seq);
}

/* A ship that was killed between a letter and the ack would send the record again. */
static int heed_record(struct heeding *x, const struct dead_line *d)
{
	struct ship *s = x->ship;
	unsigned queue = queue_of(d);
	struct window *w = &s->queues[queue].window;
	uint64_t seq = dead_line_at(d);
	bool apart = d->parked && d->chain == ACK_LOSS;

	if (window_is_behind(w, seq) || window_get(w, seq) != OUTCOME_UNREAD ||
		!is_of_letter(x, queue, seq, d))
		return 0;
	s->dead_new += !apart;
	s->unsaved = true;
	return window_settle_ahead(w, seq, apart ? OUTCOME_APART : OUTCOME_DEAD);
}

static int heed_letter(
	void *heeding, const struct reader_frame *f, uint64_t at, const char *line, size_t len)
{
	struct heeding *x = heeding;
	struct dead_line d;

	(void)f;
	x->ship->heed_dead.seen = at;
	if (dead_line_read(line, len, &d))
		return 0;
	unsigned queue = queue_of(&d);
	uint64_t seq = dead_line_at(&d);
	if (!window_is_behind(&x->ship->queues[queue].window, seq))
		heed_note(&x->ship->heed_dead, at, queue, seq, seq);
	return heed_record(x, &d);
}

/* Its writer has counted it as lost before the ack knew of the line: so it is not sent. */
static bool is_given_up(const struct heeding *x, const struct dead_line *d)
{
	uint64_t seq = dead_line_at(d);

	return d->chain == ACK_REC && seq < x->first.first_seq &&
	       !ack_covers(&x->ack.chain[ACK_REC], seq, seq);
}

/* The same of what was moved to parked/: there it is, and it must not be in two places. */
static int heed_parked(
	void *heeding, const struct reader_frame *f, uint64_t at, const char *line, size_t len)
{
	struct heeding *x = heeding;
	struct ship *s = x->ship;
	struct window *parked = &s->queues[QUEUE_PARKED].window;
	struct dead_line d;

	(void)f;
	s->heed_parked.seen = at;
	if (dead_line_read(line, len, &d) || d.letter)
		return 0;
	unsigned queue = d.chain == ACK_LOSS ? QUEUE_LOSS : QUEUE_REC;
	struct window *w = &s->queues[queue].window;
	uint64_t seq = dead_line_at(&d);
	int err = 0;
	if (window_is_behind(w, seq))
		return 0;
	if (is_given_up(x, &d)) {
		if (window_get(parked, at) == OUTCOME_UNREAD)
			window_set(parked, at, OUTCOME_LATE);
	} else if (window_get(w, seq) == OUTCOME_UNREAD && is_of_letter(x, queue, seq, &d)) {
		err = window_settle_ahead(w, seq, OUTCOME_APART);
	}
	heed_note(&s->heed_parked, at, queue, seq, seq);
	s->unsaved = true;
	return err;
}

int letters_recover(struct ship *s)
{
	struct heeding x = { .ship = s };
	uint64_t missing;

	s->requested = request_is_there(&s->spool);
	first_read(&s->first_slots, &x.first);
	ack_read(&s->ack_slots, &x.ack, NULL);
	s->heed_dead.upto = x.ack.heeded_dead;
	s->heed_parked.upto = x.ack.heeded_parked;
	uint64_t from = s->letters.frontier;
	if (x.ack.heeded_dead > from)
		from = x.ack.heeded_dead;
	int err = reader_each_line(&s->spool, "dead", from + 1, heed_letter, &x, &missing);
	return err ? err
		   : reader_each_line(&s->spool, "parked", x.ack.heeded_parked + 1, heed_parked, &x,
			     &missing);
}

/* --- requests --- */

static int append(void *ship, enum ack_chain_id id, const struct buf *text, uint32_t count)
{
	struct ship *s = ship;
	bool parked = id == ACK_PARKED;
	struct chain **chain = parked ? &s->parked : &s->dead;

	int err = own_chain_open(s, parked ? "parked" : "dead", id, chain);
	if (!err) /* it makes room in the end */
		chain_set_cap(*chain, 0);
	return err ? err
		   : own_chain_append(s, *chain, parked ? FRAME_PARKED : FRAME_DEAD, text, count);
}

static int lose(void *ship, const struct loss *loss)
{
	return own_chain_append_loss(ship, loss);
}

/* The work goes by what the ack on the disk says, which is then as good as it can be. */
static int begin(struct ship *s)
{
	const struct dead_work_sink sink = { append, lose, s, .keeps = true };
	int err = progress_save(s);

	if (err)
		return err;
	ack_read(&s->ack_slots, &s->work_ack, NULL);
	err = dead_work_begin(&s->spool, &s->work_ack, &sink, &s->work);
	if (err == ERR_INPUT) {
		log_warn("%s/request is damaged; it moves to quarantine/, ask again", s->spool.dir);
		err = request_reject(&s->spool) ? ERR_SPOOL_IO : ERR_END;
	}
	return err;
}

/* All steps are done: when the ack is durable, the request is too. Both slots have to know: else the
 * letters come back when the newer one is damaged. */
static int conclude(struct ship *s)
{
	const struct dead_work_sum *sum = dead_work_sum(s->work);
	int err = progress_save(s);

	if (!err)
		err = progress_save(s);
	if (!err)
		err = request_remove(&s->spool);
	if (err)
		return err;
	log_info("%llu dead letters %s on request, %llu stay", (unsigned long long)sum->meant,
		sum->action == REQUEST_PURGE ? "were purged" : "are tried again",
		(unsigned long long)sum->stayed);
	letters_done(s);
	s->requested = false;
	return 0;
}

static int step(struct ship *s)
{
	int err = s->work ? 0 : begin(s);
	struct ack ack = s->work_ack;

	ack.chain[ACK_DEAD] = s->letters;
	if (!err)
		err = dead_work_step(s->work, &ack);
	s->letters = ack.chain[ACK_DEAD];
	if (!err)
		s->unsaved = true;
	else if (err == ERR_END && s->work)
		err = conclude(s);
	else if (err == ERR_END)
		s->requested = false;
	return err;
}

bool letters_work(struct ship *s, int64_t now)
{
	if (!s->requested && now < s->request_due_ms)
		return false;
	if (!s->requested || now >= s->request_due_ms) {
		s->request_due_ms = now + LOOK_MS;
		s->requested = request_is_there(&s->spool);
	}
	if (!s->requested || now < s->request_again_ms)
		return false;
	int err = step(s);
	if (!err || err == ERR_END)
		return s->requested;
	if (err == ERR_AGAIN) { /* nothing of the step was done */
		s->request_again_ms = now + SOON_MS;
		return false;
	}
	letters_done(s);
	s->request_again_ms = now + AGAIN_MS;
	log_limited(&s->limit_request, 60000,
		"cannot do what espcap dead asks for in %s: %s; trying again", s->spool.dir,
		err_text(err));
	return false;
}

void letters_done(struct ship *s)
{
	dead_work_free(s->work);
	s->work = NULL;
}
