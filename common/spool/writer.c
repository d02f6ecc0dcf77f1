/* writer.c -- group commit: the packet thread's side.
 *
 * The packet thread and the framing thread share a ring of blocks without a lock: the one appends
 * records and publishes their number, the other takes what is published. A lock is taken only when
 * a block is full or when the framing thread has to be woken for the first record. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include <time.h>

#include "clock.h"
#include "writer_internal.h"

int64_t writer_now_ms(void)
{
	return clock_ms(clock_monotonic_ns());
}

void writer_wait_until(struct writer *w, pthread_cond_t *cond, int64_t at_ms)
{
	struct timespec t = { .tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000 };

	(void)pthread_cond_timedwait(cond, &w->mutex, &t);
}

/* --- the packet thread --- */

static void wake_framer(struct writer *w)
{
	(void)pthread_mutex_lock(&w->mutex);
	(void)pthread_cond_signal(&w->for_framer);
	(void)pthread_mutex_unlock(&w->mutex);
}

static bool ring_is_full(struct writer *w)
{
	return atomic_load_explicit(&w->head, memory_order_relaxed) -
		       atomic_load_explicit(&w->tail, memory_order_acquire) ==
	       BLOCKS;
}

static bool stopped(const struct writer *w)
{
	return w->conf.stop && __atomic_load_n(w->conf.stop, __ATOMIC_RELAXED);
}

/* Waits until the framing thread has given a block back. False when that will not be: the writer has
 * failed, or a signal asks for the end. */
static bool wait_for_block(struct writer *w)
{
	while (ring_is_full(w) && !atomic_load(&w->failed) && !stopped(w)) {
		(void)pthread_mutex_lock(&w->mutex);
		if (ring_is_full(w))
			writer_wait_until(w, &w->for_producer, writer_now_ms() + PRODUCER_WAIT_MS);
		(void)pthread_mutex_unlock(&w->mutex);
		if (w->conf.waits)
			w->conf.waits(w->conf.waits_arg);
	}
	return !ring_is_full(w) && !atomic_load(&w->failed);
}

void writer_close_block(struct writer *w)
{
	if (!w->filling)
		return;
	atomic_store_explicit(&w->filling->closed, true, memory_order_release);
	w->filling = NULL;
	wake_framer(w);
}

/* There was no room for one record. */
static void count_refused(struct writer *w, uint64_t file)
{
	int64_t now = clock_wall_ns();
	const struct loss loss = {
		.reason = LOSS_RING_FULL, .count = 1, .start_ns = now, .end_ns = now
	};
	const struct frame_header h = { .count = 1, .min_time_ns = now, .max_time_ns = now };

	if (file)
		writer_leave(w, 1);
	else if (atomic_load(&w->failed) || stopped(w))
		writer_drop(w, &h);
	else
		writer_lost(w, &loss);
}

/* A file is there later, too: no policy loses of it what a moment's patience stores. */
static bool next_block(struct writer *w, enum frame_kind kind, uint64_t file)
{
	uint32_t head = atomic_load_explicit(&w->head, memory_order_relaxed);
	bool waits = file || w->conf.when_full == WRITER_BLOCK;

	if (ring_is_full(w) && !(waits && wait_for_block(w)))
		return false;
	struct block *b = &w->blocks[head % BLOCKS];
	b->kind = kind;
	b->flags = atomic_load(&w->unsynced) ? FRAME_UNSYNCED : 0;
	b->framed = 0;
	atomic_store_explicit(&b->count, 0, memory_order_relaxed);
	atomic_store_explicit(&b->closed, false, memory_order_relaxed);
	w->filling = b;
	atomic_store(&w->head, head + 1);
	return true;
}

static uint32_t fill_level(const struct block *b)
{
	uint32_t count = atomic_load_explicit(
		&((struct block *)(uintptr_t)b)->count, memory_order_relaxed);

	return count ? b->entries[count - 1].end : 0;
}

char *writer_begin(struct writer *w, enum frame_kind kind, size_t room, uint64_t file)
{
	struct block *b = w->filling;

	if (room > WRITER_RECORD_MAX)
		return NULL;
	if (atomic_load_explicit(&w->failed, memory_order_relaxed)) {
		count_refused(w, file);
		return NULL;
	}
	if (b && (b->kind != kind || fill_level(b) >= FRAME_RAW_CLOSE ||
			 atomic_load_explicit(&b->count, memory_order_relaxed) == FRAME_COUNT_MAX))
		writer_close_block(w);
	if (!w->filling && !next_block(w, kind, file)) {
		count_refused(w, file);
		return NULL;
	}
	return w->filling->memory + fill_level(w->filling);
}

void writer_end(struct writer *w, size_t len, int64_t time_ns, uint64_t file, uint64_t number)
{
	struct block *b = w->filling;
	uint32_t count = atomic_load_explicit(&b->count, memory_order_relaxed);
	uint32_t start = fill_level(b);

	if (len == 0)
		return;
	b->memory[start + len] = '\n';
	b->entries[count] = (struct entry){
		.end = start + (uint32_t)len + 1, .time_ns = time_ns, .file = file, .number = number
	};
	atomic_store(&b->count, count + 1); /* see sleep_until_any() */
	if (atomic_load(&w->asleep))
		wake_framer(w);
}

void writer_set_unsynced(struct writer *w, bool unsynced)
{
	if (atomic_load_explicit(&w->unsynced, memory_order_relaxed) == unsynced)
		return;
	atomic_store(&w->unsynced, unsynced);
	writer_close_block(w); /* a frame never mixes the two */
}

void writer_clock(struct writer *w, const struct clock_change *change)
{
	(void)pthread_mutex_lock(&w->mutex);
	clock_events_add(&w->clock_events, change);
	(void)pthread_mutex_unlock(&w->mutex);
}

uint64_t writer_place(const struct writer *w, uint64_t file)
{
	return chain_place(w->chain, file);
}

bool writer_was_unsynced(const struct writer *w)
{
	return chain_was_unsynced(w->chain);
}

void writer_status(struct writer *w, struct writer_status *status)
{
	(void)pthread_mutex_lock(&w->mutex);
	*status = w->status;
	(void)pthread_mutex_unlock(&w->mutex);
	int64_t since = atomic_load(&w->commit_since_ms);
	if (since)
		status->commit_ms = writer_now_ms() - since;
}
