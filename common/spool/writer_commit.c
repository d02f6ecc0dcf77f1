/* writer_commit.c -- the committing thread of a writer: the only one that touches the chain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ballast.h"
#include "clock.h"
#include "writer_internal.h"

enum {
	RETRY_MS = 200,
	BROKEN_MS = 5000, /* how long a disk that refuses has to come back under policy block */
	COMMIT_BYTES_MAX = CHAIN_MAP_MIN / 2,
};

struct committer {
	struct writer *w;
	struct frame_coder *coder;
	struct buf events; /* loss and clock documents, then their compressed form */
	struct chain_frame group[COMMIT_FRAMES + 1];
	void *payloads[COMMIT_FRAMES];
	size_t count;   /* frames from the queue */
	bool failed;    /* a group was not stored: what is behind it must not be either */
	bool last_call; /* losses that wait for room were tried once more */
	struct clock_events clock_events;
	int64_t broken_since_ms; /* the disk refuses, though it is not full; 0: no */
	int64_t next_ms, next_tick_ms;
};

/* --- what to commit, and when --- */

static bool queue_is_due(const struct committer *c, int64_t now)
{
	const struct writer *w = c->w;

	if (w->queue_head == w->queue_tail)
		return false;
	if (w->closing || w->queue_bytes >= COMMIT_AT)
		return true;
	/* a slow disk gets rest: half of what the last commit took (C-2) */
	return now >= w->queue[w->queue_tail % QUEUE_FRAMES].due_ms && now >= c->next_ms;
}

static bool events_are_due(const struct committer *c, int64_t now)
{
	const struct writer *w = c->w;
	bool again = c->clock_events.count && now >= w->report_again_ms;

	return w->clock_events.count || again || writer_losses_due(w, now);
}

static int64_t next_moment(const struct committer *c, int64_t now)
{
	int64_t at = c->next_tick_ms;

	if (c->w->queue_head != c->w->queue_tail) {
		int64_t due = c->w->queue[c->w->queue_tail % QUEUE_FRAMES].due_ms;
		due = due > c->next_ms ? due : c->next_ms;
		at = due < at ? due : at;
	}
	return at > now ? at : now + 1;
}

static void take_group(struct committer *c)
{
	struct writer *w = c->w;
	size_t bytes = 0;

	c->count = 0;
	while (w->queue_tail != w->queue_head && c->count < COMMIT_FRAMES &&
		bytes < COMMIT_BYTES_MAX) {
		struct queued *q = &w->queue[w->queue_tail++ % QUEUE_FRAMES];
		bytes += q->frame.header.stored_len;
		c->payloads[c->count] = q->payload;
		c->group[c->count++] = q->frame;
	}
	w->queue_bytes -= bytes;
	(void)pthread_cond_signal(&w->for_framer);
}

static void take_events(struct committer *c, int64_t now)
{
	clock_events_move(&c->clock_events, &c->w->clock_events);
	writer_losses_take(c->w, now);
}

/* --- making room --- */

static void read_ack(struct writer *w, struct ack *ack, struct ack *older)
{
	if (!w->have_ack)
		w->have_ack = !ack_open(&w->ack_slots, w->spool->dir, w->spool->epoch, false, NULL);
	ack_read(&w->ack_slots, ack, older);
}

static void trim(struct committer *c)
{
	struct writer *w = c->w;
	struct ack ack, older;
	struct lock lock;

	if (chain_segments(w->chain) < 2 || spool_lock_trim(w->spool, 0, &lock))
		return;
	read_ack(w, &ack, &older);
	if (chain_trim(w->chain, &ack.chain[ACK_REC], &older.chain[ACK_REC], &w->first_slots,
		    &w->first)) {
		/* it is tried again in a second; until then the space is not there */
	}
	lock_drop(&lock);
}

/* Gives the oldest segment up. False when that cannot be: then the newest records go. */
static bool drop_oldest(struct committer *c, struct err_detail *why)
{
	char holder[LOCK_HOLDER_MAX];
	struct writer *w = c->w;
	struct ack ack;
	struct lock lock;
	struct loss loss;

	if (spool_lock_trim(w->spool, 0, &lock)) {
		if (spool_trim_runs(w->spool, holder))
			(void)err_set(why, ERR_SPOOL_FULL,
				"the spool %s is full, and its oldest records cannot be given up "
				"while %s holds trim.lock",
				w->spool->dir, holder);
		return false;
	}
	read_ack(w, &ack, NULL);
	int err = chain_drop_oldest(
		w->chain, &ack.chain[ACK_REC], &w->first_slots, &w->first, &loss);
	lock_drop(&lock);
	if (loss.count) {
		writer_lost(w, &loss);
		w->loss_next_ms[LOSS_TRIMMED] = 0; /* never forgotten: reported at once */
	}
	return !err;
}

static void drop_group(struct committer *c)
{
	for (size_t i = 0; i < c->count; i++) {
		writer_drop(c->w, &c->group[i].header);
		free(c->payloads[i]);
	}
	c->count = 0;
	chain_abandon(c->w->chain);
}

static void set_state(
	struct writer *w, enum writer_state state, int error, const struct err_detail *why)
{
	(void)pthread_mutex_lock(&w->mutex);
	w->status.state = state;
	w->status.error = error;
	w->status.why = *why;
	if (state == WRITER_FAILED) {
		atomic_store(&w->failed, true);
		(void)pthread_cond_broadcast(&w->for_producer);
		(void)pthread_cond_broadcast(&w->for_framer);
	}
	(void)pthread_mutex_unlock(&w->mutex);
}

static bool asked_to_end(const struct writer *w)
{
	return w->conf.stop && __atomic_load_n(w->conf.stop, __ATOMIC_RELAXED);
}

/* Nothing more is stored, since what is behind a hole must not be. What is in memory is counted. */
static void give_up(struct committer *c, int err, const struct err_detail *why)
{
	c->failed = true;
	set_state(c->w, WRITER_FAILED, err, why);
	drop_group(c);
}

/* The folder was taken away. The files in it that we hold open are ours all the same, but nobody
 * will read what is written to them. */
static void heed_folder(struct committer *c)
{
	const struct spool *spool = c->w->spool;
	struct err_detail why;

	if (c->failed || !spool_is_gone(spool, &c->w->lock))
		return;
	int err = err_set(&why, ERR_SPOOL_MISSING,
		"the spool %s was deleted or moved while it was in use; nothing more is stored",
		spool->dir);
	c->failed = true;
	set_state(c->w, WRITER_FAILED, err, &why);
}

/* Once a second, also while a group waits. */
static void tick(struct committer *c)
{
	if (writer_now_ms() < c->next_tick_ms)
		return;
	c->next_tick_ms = writer_now_ms() + TICK_MS;
	heed_folder(c);
	ballast_tend(c->w->spool->dir);
	writer_losses_keep(c->w);
	trim(c);
}

/* Policy block: is there no hope that the group will be stored? */
static bool is_over(struct committer *c, int err)
{
	int64_t now = writer_now_ms();

	if (err == ERR_SPOOL_FULL)
		c->broken_since_ms = 0;
	else if (!c->broken_since_ms)
		c->broken_since_ms = now;
	return asked_to_end(c->w) || (c->broken_since_ms && now > c->broken_since_ms + BROKEN_MS);
}

/* The chain would not take the group. True: try again. */
static bool settle_failure(struct committer *c, int err, struct err_detail *why)
{
	struct writer *w = c->w;
	size_t before = chain_segments(w->chain);

	w->report_again_ms = writer_now_ms() + TICK_MS;
	trim(c);
	tick(c);
	if (c->failed) {
		drop_group(c);
		return false;
	}
	if (chain_segments(w->chain) < before)
		return true;
	if (err == ERR_SPOOL_FULL && w->conf.when_full == WRITER_DROP_OLDEST && drop_oldest(c, why))
		return true;
	if (w->conf.when_full != WRITER_BLOCK) {
		set_state(w, WRITER_DROPPING, err, why);
		drop_group(c);
		return false;
	}
	if (!c->count && asked_to_end(w))
		return false; /* only losses, which `losses` keeps */
	if (is_over(c, err)) {
		give_up(c, err, why);
		return false;
	}
	set_state(w, WRITER_WAITING, err, why);
	(void)pthread_mutex_lock(&w->mutex);
	writer_wait_until(w, &w->for_committer, writer_now_ms() + RETRY_MS);
	(void)pthread_mutex_unlock(&w->mutex);
	return true;
}

/* --- committing --- */

static void account(struct committer *c, bool events, int64_t took_ns)
{
	struct writer *w = c->w;
	int64_t took_ms = clock_ms(took_ns);

	(void)pthread_mutex_lock(&w->mutex);
	if (w->status.state != WRITER_FAILED)
		w->status.state = WRITER_OK;
	w->status.commits++;
	w->status.commit_ms = took_ms;
	w->status.unreserved = !chain_is_reserved(w->chain);
	stats_latency_add(&w->status.latency, (uint64_t)took_ns / 1000);
	for (size_t i = 0; i < c->count + events; i++) {
		const struct frame_header *h = &c->group[i].header;
		if (h->kind == FRAME_EVENT)
			w->status.events += h->count;
		else
			w->status.committed += h->count;
		w->status.raw_bytes += h->raw_len;
		w->status.stored_bytes += h->stored_len;
	}
	(void)pthread_mutex_unlock(&w->mutex);
	c->broken_since_ms = 0;
	c->next_ms = writer_now_ms() + took_ms / 2;
}

static int append(struct committer *c, size_t total, int64_t *took_ns, struct err_detail *why)
{
	int64_t start = clock_monotonic_ns();

	atomic_store(&c->w->commit_since_ms, clock_ms(start));
	int err = chain_append(c->w->chain, c->group, total, why);
	atomic_store(&c->w->commit_since_ms, 0);
	*took_ns = clock_monotonic_ns() - start;
	return err;
}

/* The frames of the group, until they are stored. False when they never will be: then they are
 * counted. */
static bool store(struct committer *c, bool events)
{
	struct err_detail why = { "" };
	size_t total = c->count + events;
	int64_t took_ns;

	for (;;) {
		int err = append(c, total, &took_ns, &why);
		if (!err)
			break;
		if (!settle_failure(c, err, &why))
			return false;
	}
	account(c, events, took_ns);
	for (size_t i = 0; i < c->count; i++)
		free(c->payloads[i]);
	c->count = 0;
	return true;
}

static void commit_group(struct committer *c)
{
	if (c->failed) {
		c->w->report_again_ms = INT64_MAX;
		drop_group(c);
		return;
	}
	/* once: a second try has the same content under the same ids */
	bool events = writer_events_frame(
		c->w, &c->clock_events, c->coder, &c->events, &c->group[c->count]);
	if ((c->count || events) && store(c, events) && events) {
		writer_losses_reported(c->w);
		c->clock_events.count = 0;
	}
}

/* The mutex is held. */
static bool is_due(const struct committer *c, int64_t now)
{
	return queue_is_due(c, now) || events_are_due(c, now) || now >= c->next_tick_ms;
}

/* False when the writer closes and everything is committed. */
static bool wait_for_group(struct committer *c)
{
	struct writer *w = c->w;
	bool more = true;

	(void)pthread_mutex_lock(&w->mutex);
	for (;;) {
		int64_t now = writer_now_ms();
		if (w->framer_done && !c->last_call && !c->failed)
			w->report_again_ms = 0;
		c->last_call = w->framer_done;
		more = !w->framer_done || w->queue_head != w->queue_tail || events_are_due(c, now);
		if (!more || is_due(c, now))
			break;
		writer_wait_until(w, &w->for_committer, next_moment(c, now));
	}
	int64_t now = writer_now_ms();
	c->count = 0;
	if (more && (queue_is_due(c, now) || w->closing))
		take_group(c);
	if (more)
		take_events(c, now);
	(void)pthread_mutex_unlock(&w->mutex);
	return more;
}

void *writer_commit_loop(void *writer)
{
	struct committer c = { .w = writer };
	struct err_detail why;

	buf_init(&c.events, 1 << 20);
	if (frame_coder_new(&c.coder)) {
		int err = err_set(&why, ERR_NOMEM, "out of memory for the spool's writer");
		give_up(&c, err, &why);
	}
	while (wait_for_group(&c)) {
		commit_group(&c);
		tick(&c);
	}
	writer_losses_keep(c.w);
	frame_coder_free(c.coder);
	buf_done(&c.events);
	writer_thread_ends(c.w, &c.w->committer_ended);
	return NULL;
}
