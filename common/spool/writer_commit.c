/* writer_commit.c -- the committing thread of a writer: the only one that touches the chain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "writer_internal.h"

enum { RETRY_MS = 200, COMMIT_BYTES_MAX = CHAIN_MAP_MIN / 2 };

struct committer {
	struct writer *w;
	struct frame_coder *coder;
	struct buf events; /* loss and clock documents, then their compressed form */
	struct chain_frame group[COMMIT_FRAMES + 1];
	void *payloads[COMMIT_FRAMES];
	size_t count; /* frames from the queue */
	bool failed;  /* a group was not stored: what is behind it must not be either */
	struct loss reporting[LOSS_REASONS];
	struct clock_events clock_events;
	int64_t last_took_ms, next_ms, next_trim_ms;
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

static bool event_is_due(const struct writer *w, int64_t now)
{
	if (w->clock_events.count)
		return true;
	for (unsigned r = 0; r < LOSS_REASONS; r++)
		if (w->losses[r].count && (w->closing || now >= w->loss_next_ms[r]))
			return true;
	return false;
}

static int64_t next_moment(const struct committer *c, int64_t now)
{
	int64_t at = c->next_trim_ms;

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
	struct writer *w = c->w;

	clock_events_move(&c->clock_events, &w->clock_events);
	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		if (!w->losses[r].count || (!w->closing && now < w->loss_next_ms[r]))
			continue;
		loss_add(&c->reporting[r], &w->losses[r]);
		w->losses[r] = (struct loss){ .reason = (enum loss_reason)r };
		w->loss_next_ms[r] = now + LOSS_EVERY_MS;
	}
}

/* Appends one document of the frame of events, whose time is given. */
static void add_document(struct committer *c, struct frame_header *h, size_t len, int64_t time_ns)
{
	c->events.len += len;
	c->events.data[c->events.len++] = '\n';
	h->min_time_ns = !h->count || time_ns < h->min_time_ns ? time_ns : h->min_time_ns;
	h->max_time_ns = !h->count || time_ns > h->max_time_ns ? time_ns : h->max_time_ns;
	h->count++;
}

static void add_losses(struct committer *c, struct chain_frame *f)
{
	const struct writer *w = c->w;
	struct event_head head = { .sensor = w->conf.sensor,
		.now_ns = event_now(clock_wall_ns()),
		.boot_ns = atomic_load(&w->unsynced) ? clock_boot_ns() : 0,
		.boot_id = w->conf.boot_id };

	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		if (!c->reporting[r].count || buf_reserve(&c->events, LOSS_DOCUMENT_MAX + 1))
			continue;
		char *out = c->events.data + c->events.len;
		add_document(
			c, &f->header, loss_document(&c->reporting[r], &head, out), head.now_ns);
		f->lost[r] = c->reporting[r].count;
	}
}

static void add_clock_events(struct committer *c, struct chain_frame *f)
{
	const struct writer_conf *conf = &c->w->conf;

	for (size_t i = 0; i < c->clock_events.count; i++) {
		const struct clock_change *change = &c->clock_events.items[i];
		if (buf_reserve(&c->events, CLOCK_DOCUMENT_MAX + 1))
			continue;
		char *out = c->events.data + c->events.len;
		add_document(c, &f->header,
			clock_document(change, conf->sensor, conf->boot_id, out),
			event_now(change->after_ns));
	}
}

/* Loss and clock documents as one more frame of the group. False when there are none. */
static bool add_events(struct committer *c)
{
	struct chain_frame *f = &c->group[c->count];

	*f = (struct chain_frame){ .header = { .kind = FRAME_EVENT } };
	buf_reset(&c->events);
	add_losses(c, f);
	add_clock_events(c, f);
	size_t raw = c->events.len;
	if (!raw || buf_reserve(&c->events, 2 * raw + 4096) ||
		frame_compress(c->coder, c->events.data, raw, &c->events, &f->header))
		return false;
	f->payload = c->events.data + raw;
	return true;
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

	c->next_trim_ms = writer_now_ms() + TICK_MS;
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
	if (!err && loss.count) {
		writer_lost(w, &loss);
		w->loss_next_ms[LOSS_TRIMMED] = 0; /* never forgotten: reported at once */
	}
	return !err;
}

static void drop_newest(struct committer *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct frame_header *h = &c->group[i].header;
		struct loss loss = { .reason = LOSS_SPOOL_FULL,
			.count = h->count,
			.bytes = h->raw_len,
			.start_ns = h->min_time_ns,
			.end_ns = h->max_time_ns };
		writer_lost(c->w, &loss);
		free(c->payloads[i]);
	}
	c->count = 0;
	chain_abandon(c->w->chain);
}

static void set_state(struct writer *w, enum writer_state state, const struct err_detail *why)
{
	(void)pthread_mutex_lock(&w->mutex);
	w->status.state = state;
	if (why)
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

/* The chain would not take the group. True: try again. */
static bool settle_failure(struct committer *c, int err, struct err_detail *why)
{
	struct writer *w = c->w;
	size_t before = chain_segments(w->chain);

	trim(c);
	if (chain_segments(w->chain) < before)
		return true;
	if (err == ERR_SPOOL_FULL && w->conf.when_full == WRITER_DROP_OLDEST && drop_oldest(c, why))
		return true;
	if (w->conf.when_full != WRITER_BLOCK) {
		set_state(w, WRITER_DROPPING, why);
		drop_newest(c);
		return false;
	}
	if (err != ERR_SPOOL_FULL || asked_to_end(w)) {
		c->failed = true;
		set_state(w, WRITER_FAILED, why);
		drop_newest(c);
		return false;
	}
	set_state(w, WRITER_WAITING, why);
	(void)pthread_mutex_lock(&w->mutex);
	writer_wait_until(w, &w->for_committer, writer_now_ms() + RETRY_MS);
	(void)pthread_mutex_unlock(&w->mutex);
	return true;
}

/* --- committing --- */

static void account(struct committer *c, bool events, int64_t took_ns)
{
	struct writer *w = c->w;

	(void)pthread_mutex_lock(&w->mutex);
	if (w->status.state != WRITER_FAILED)
		w->status.state = WRITER_OK;
	w->status.commits++;
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
	c->last_took_ms = clock_ms(took_ns);
	c->next_ms = writer_now_ms() + c->last_took_ms / 2;
}

static void commit_group(struct committer *c)
{
	struct err_detail why = { "" };

	if (c->failed) {
		drop_newest(c);
		return;
	}
	bool events = add_events(
		c); /* once: a second try has the same content under the same ids */
	size_t total = c->count + events;

	while (total) {
		int64_t start = clock_monotonic_ns();
		int err = chain_append(c->w->chain, c->group, total, &why);
		if (!err) {
			account(c, events, clock_monotonic_ns() - start);
			memset(c->reporting, 0, sizeof(c->reporting));
			c->clock_events.count = 0;
			break;
		}
		if (!settle_failure(c, err, &why))
			return;
	}
	for (size_t i = 0; i < c->count; i++)
		free(c->payloads[i]);
	c->count = 0;
}

/* False when the writer closes and everything is committed. */
static bool wait_for_group(struct committer *c)
{
	struct writer *w = c->w;
	bool more = true;

	(void)pthread_mutex_lock(&w->mutex);
	for (;;) {
		int64_t now = writer_now_ms();
		if (queue_is_due(c, now) || event_is_due(w, now) || now >= c->next_trim_ms)
			break;
		if (w->framer_done && w->queue_head == w->queue_tail) {
			more = false;
			break;
		}
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
		(void)err_set(&why, ERR_NOMEM, "out of memory for the spool's writer");
		set_state(c.w, WRITER_FAILED, &why);
	}
	while (c.coder && wait_for_group(&c)) {
		commit_group(&c);
		if (writer_now_ms() >= c.next_trim_ms)
			trim(&c);
	}
	frame_coder_free(c.coder);
	buf_done(&c.events);
	writer_thread_ends(c.w, &c.w->committer_ended);
	return NULL;
}
