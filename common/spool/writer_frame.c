/* writer_frame.c -- the framing thread of a writer: records become compressed frames.
 *
 * It takes a whole block when it is closed, and a part of one when the flush interval of its first
 * record ends; the packet thread meanwhile goes on behind that part. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "writer_internal.h"

struct framer {
	struct writer *w;
	struct frame_coder *coder;
	struct buf scratch;
	int64_t armed_ms; /* when the oldest unframed record was seen; -1: there is none */
};

static struct block *tail_block(struct writer *w)
{
	uint32_t tail = atomic_load_explicit(&w->tail, memory_order_relaxed);

	if (tail == atomic_load(&w->head))
		return NULL;
	return &w->blocks[tail % BLOCKS];
}

static uint32_t published(struct block *b)
{
	return atomic_load(&b->count);
}

static void give_back(struct writer *w)
{
	uint32_t tail = atomic_load_explicit(&w->tail, memory_order_relaxed);

	atomic_store_explicit(&w->tail, tail + 1, memory_order_release);
	(void)pthread_mutex_lock(&w->mutex);
	(void)pthread_cond_signal(&w->for_producer);
	(void)pthread_mutex_unlock(&w->mutex);
}

/* The header of records [from, to): times, and the place of the last one of a file. */
static void describe(const struct block *b, uint32_t from, uint32_t to, struct frame_header *h)
{
	h->kind = b->kind;
	h->flags = b->flags;
	h->count = to - from;
	h->min_time_ns = h->max_time_ns = b->entries[from].time_ns;
	for (uint32_t i = from; i < to; i++) {
		int64_t t = b->entries[i].time_ns;
		h->min_time_ns = t < h->min_time_ns ? t : h->min_time_ns;
		h->max_time_ns = t > h->max_time_ns ? t : h->max_time_ns;
	}
	h->file = b->entries[to - 1].file;
	h->number = b->entries[to - 1].number;
}

/* Records of one capture file only share a frame, so that its place is one pair of numbers. */
static uint32_t same_file(const struct block *b, uint32_t from, uint32_t to)
{
	uint32_t i = from + 1;

	while (i < to && b->entries[i].file == b->entries[from].file)
		i++;
	return i;
}

static void enqueue(struct writer *w, const struct queued *q)
{
	(void)pthread_mutex_lock(&w->mutex);
	while ((w->queue_head - w->queue_tail == QUEUE_FRAMES || w->queue_bytes >= QUEUE_BYTES) &&
		!atomic_load(&w->failed))
		(void)pthread_cond_wait(&w->for_framer, &w->mutex);
	bool failed = atomic_load(&w->failed);
	if (!failed) {
		w->queue[w->queue_head++ % QUEUE_FRAMES] = *q;
		w->queue_bytes += q->frame.header.stored_len;
		(void)pthread_cond_signal(&w->for_committer);
	}
	(void)pthread_mutex_unlock(&w->mutex);
	if (failed) {
		writer_drop(w, &q->frame.header);
		free(q->payload);
	}
}

static void out_of_memory(struct writer *w)
{
	(void)pthread_mutex_lock(&w->mutex);
	w->status.state = WRITER_FAILED;
	w->status.error = err_set(
		&w->status.why, ERR_NOMEM, "out of memory while compressing records");
	atomic_store(&w->failed, true);
	(void)pthread_cond_broadcast(&w->for_producer);
	(void)pthread_mutex_unlock(&w->mutex);
}

static bool make_frame(struct framer *f, const struct block *b, uint32_t from, uint32_t to)
{
	struct queued q = { .due_ms = f->armed_ms + f->w->conf.flush_ms };
	struct frame_header *h = &q.frame.header;
	uint32_t start = from ? b->entries[from - 1].end : 0;

	describe(b, from, to, h);
	h->raw_len = b->entries[to - 1].end - start;
	if (atomic_load(&f->w->failed)) { /* what can no more be stored is counted */
		writer_drop(f->w, h);
		return true;
	}
	buf_reset(&f->scratch);
	int err = frame_compress(f->coder, b->memory + start, h->raw_len, &f->scratch, h);
	q.payload = err ? NULL : malloc(h->stored_len);
	if (!q.payload)
		return false;
	memcpy(q.payload, f->scratch.data, h->stored_len);
	q.frame.payload = q.payload;
	enqueue(f->w, &q);
	return true;
}

static bool take_records(struct framer *f, struct block *b)
{
	uint32_t count = published(b);

	while (b->framed < count) {
		uint32_t to = same_file(b, b->framed, count);
		if (!make_frame(f, b, b->framed, to))
			return false;
		b->framed = to;
	}
	return true;
}

static bool is_closed(struct block *b)
{
	return atomic_load_explicit(&b->closed, memory_order_acquire);
}

/* Sleeps until the packet thread publishes something. It looks at `asleep` after it has published,
 * we at head and count after we have set it, all sequentially consistent: one of both sees the
 * other. (Not by fences, which the thread sanitizer does not know.) */
static void sleep_until_any(struct writer *w)
{
	atomic_store(&w->asleep, true);
	struct block *b = tail_block(w);
	if (!b || (published(b) == b->framed && !is_closed(b)))
		(void)pthread_cond_wait(&w->for_framer, &w->mutex);
	atomic_store_explicit(&w->asleep, false, memory_order_relaxed);
}

/* Waits for a closed block, or for the end of the flush interval of the oldest record. The block
 * to take from; NULL when all is taken and the writer closes. The mutex is held. */
static struct block *wait_for_records(struct framer *f)
{
	struct writer *w = f->w;

	for (;;) {
		struct block *b = tail_block(w);
		bool any = b && published(b) > b->framed;
		int64_t now = writer_now_ms();
		if (any && f->armed_ms < 0)
			f->armed_ms = now;
		if (b && is_closed(b))
			return b;
		if (any && (w->closing || now >= f->armed_ms + w->conf.flush_ms))
			return b;
		if (w->closing && !any)
			return NULL;
		if (any)
			writer_wait_until(w, &w->for_framer, f->armed_ms + w->conf.flush_ms);
		else
			sleep_until_any(w);
	}
}

static struct block *next_records(struct framer *f)
{
	(void)pthread_mutex_lock(&f->w->mutex);
	struct block *b = wait_for_records(f);
	(void)pthread_mutex_unlock(&f->w->mutex);
	return b;
}

void *writer_frame_loop(void *writer)
{
	struct framer f = { .w = writer, .armed_ms = -1 };
	struct block *b;

	buf_init(&f.scratch, FRAME_RAW_MAX + FRAME_RAW_MAX / 128 + 1024);
	if (frame_coder_new(&f.coder))
		out_of_memory(f.w);
	while ((b = next_records(&f))) {
		bool closed = is_closed(b);
		if (f.coder)
			frame_coder_calm(f.coder, !closed); /* else more may wait behind it */
		if (!take_records(&f, b)) {
			out_of_memory(f.w);
			(void)take_records(&f, b); /* now it counts */
		}
		f.armed_ms = -1;
		if (closed)
			give_back(f.w);
	}
	frame_coder_free(f.coder);
	buf_done(&f.scratch);
	writer_thread_ends(f.w, &f.w->framer_ended);
	return NULL;
}
