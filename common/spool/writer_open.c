/* writer_open.c -- group commit: opening and closing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "ballast.h"
#include "limits.h"
#include "writer_internal.h"

enum { LOCK_WAIT_MS = 5000, SEGMENTS_IN_CAP = 8 };
static const uint64_t CAP_DEFAULT = UINT64_C(10) << 30, CAP_LEAST = 64 << 20,
		      FLOOR_LEAST = 256 << 20;

/* --- opening --- */

static uint64_t file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

static int choose_limits(const struct writer *w, struct chain_conf *chain)
{
	uint64_t free_bytes, size;

	if (spool_disk(w->spool, &free_bytes, &size))
		return ERR_SPOOL_IO;
	chain->cap = w->conf.cap;
	if (!chain->cap) {
		/* what it holds was free when it was made: a start must not shrink it */
		uint64_t room = free_bytes + chain_disk_total(w->spool, "rec");
		chain->cap = room / 2 < CAP_DEFAULT ? room / 2 : CAP_DEFAULT;
		chain->cap = chain->cap < CAP_LEAST ? CAP_LEAST : chain->cap;
	}
	chain->free_floor = w->conf.free_floor;
	if (chain->free_floor == UINT64_MAX)
		chain->free_floor = size / 20 > FLOOR_LEAST ? size / 20 : FLOOR_LEAST;
	uint64_t map = chain->cap / SEGMENTS_IN_CAP, limit = file_limit();
	chain->map_size = map < CHAIN_MAP_DEFAULT ? (size_t)map : CHAIN_MAP_DEFAULT;
	if (chain->map_size > limit)
		chain->map_size = (size_t)limit;
	if (chain->map_size < CHAIN_MAP_MIN)
		chain->map_size = CHAIN_MAP_MIN;
	chain->map_size &= ~(size_t)0xffff; /* whole pages of every page size */
	return 0;
}

static int open_chain(struct writer *w, struct err_detail *why)
{
	struct chain_conf conf = { .name = "rec", .others = limits_taken };
	struct ack ack;

	int err = choose_limits(w, &conf);
	if (err)
		return err_set(why, err, "cannot ask for the free space of %s: %s", w->spool->dir,
			strerror(errno));
	err = first_open(&w->first_slots, w->spool->dir, w->spool->epoch, true, why);
	if (!err)
		err = losses_open(&w->losses_slots, w->spool->dir, w->spool->epoch, true, why);
	if (err)
		return err;
	first_read(&w->first_slots, &w->first);
	w->have_ack = !ack_open(&w->ack_slots, w->spool->dir, w->spool->epoch, false, NULL);
	ack_read(&w->ack_slots, &ack, NULL);
	conf.settled_to = ack_highest(&ack.chain[ACK_REC]);
	if (w->first.first_seq - 1 > conf.settled_to)
		conf.settled_to = w->first.first_seq - 1;
	err = chain_open(w->spool, &conf, &w->chain, why);
	if (err)
		return err;
	w->status.run = chain_run(w->chain);
	limits_write(w->spool, conf.cap, conf.free_floor, w->conf.when_full);
	writer_losses_recover(w);
	return 0;
}

static int make_blocks(struct writer *w)
{
	for (unsigned i = 0; i < BLOCKS; i++) {
		struct block *b = &w->blocks[i];
		void *memory = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED)
			return ERR_NOMEM;
		b->memory = memory;
		b->entries = malloc(FRAME_COUNT_MAX * sizeof(*b->entries));
		if (!b->entries)
			return ERR_NOMEM;
	}
	return 0;
}

static int make_threads(struct writer *w, struct err_detail *why)
{
	int code = pthread_create(&w->framer, NULL, writer_frame_loop, w);

	w->framer_runs = code == 0;
	if (!code) {
		code = pthread_create(&w->committer, NULL, writer_commit_loop, w);
		w->committer_runs = code == 0;
	}
	return code ? err_set(why, ERR_SYS, "cannot start a thread: %s", strerror(code)) : 0;
}

static void init_sync(struct writer *w)
{
	pthread_condattr_t attributes;

	(void)pthread_mutex_init(&w->mutex, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->for_framer, &attributes);
	(void)pthread_cond_init(&w->for_committer, &attributes);
	(void)pthread_cond_init(&w->for_producer, &attributes);
	(void)pthread_condattr_destroy(&attributes);
}

int writer_open(const struct spool *spool, const struct writer_conf *conf, struct writer **out,
	struct err_detail *why)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set(why, ERR_NOMEM, "out of memory for the spool's writer");
	w->spool = spool;
	w->conf = *conf;
	w->ack_slots.fd = w->first_slots.fd = w->losses_slots.fd = -1;
	init_sync(w);
	int err = spool_lock_capture(spool, LOCK_WAIT_MS, &w->lock, why); /* (I6) */
	if (!err) {
		ballast_tend(spool->dir);
		err = open_chain(w, why);
	}
	if (!err && make_blocks(w))
		err = err_set(why, ERR_NOMEM, "out of memory for the spool's writer");
	if (!err)
		err = make_threads(w, why);
	if (err) {
		atomic_store(&w->failed, true);
		(void)writer_close(w, NULL, NULL);
		return err;
	}
	*out = w;
	return 0;
}

/* --- closing --- */

void writer_thread_ends(struct writer *w, bool *ended)
{
	(void)pthread_mutex_lock(&w->mutex);
	*ended = true;
	(void)pthread_cond_broadcast(&w->for_producer);
	(void)pthread_mutex_unlock(&w->mutex);
}

/* A thread may wait as long as nobody makes room on the disk. Not by pthread_timedjoin_np(), which
 * goes by the wall clock. */
static void join(struct writer *w, pthread_t thread, const bool *ended)
{
	for (bool done = false; !done;) {
		if (w->conf.waits)
			w->conf.waits(w->conf.waits_arg);
		(void)pthread_mutex_lock(&w->mutex);
		if (!*ended)
			writer_wait_until(w, &w->for_producer, writer_now_ms() + PRODUCER_WAIT_MS);
		done = *ended;
		(void)pthread_mutex_unlock(&w->mutex);
	}
	(void)pthread_join(thread, NULL);
}

static void finish_threads(struct writer *w)
{
	writer_close_block(w);
	(void)pthread_mutex_lock(&w->mutex);
	w->closing = true;
	(void)pthread_cond_broadcast(&w->for_framer);
	(void)pthread_cond_broadcast(&w->for_committer);
	(void)pthread_mutex_unlock(&w->mutex);
	if (w->framer_runs)
		join(w, w->framer, &w->framer_ended);
	(void)pthread_mutex_lock(&w->mutex);
	w->framer_done = true;
	(void)pthread_cond_broadcast(&w->for_committer);
	(void)pthread_mutex_unlock(&w->mutex);
	if (w->committer_runs)
		join(w, w->committer, &w->committer_ended);
}

int writer_close(struct writer *w, struct writer_status *last, struct err_detail *why)
{
	finish_threads(w);
	if (last)
		*last = w->status;
	int err = w->status.state == WRITER_FAILED ? w->status.error : 0;
	if (err && why)
		*why = w->status.why;
	chain_close(w->chain);
	slots_close(&w->ack_slots);
	slots_close(&w->first_slots);
	slots_close(&w->losses_slots);
	lock_drop(&w->lock);
	for (unsigned i = 0; i < BLOCKS; i++) {
		if (w->blocks[i].memory)
			(void)munmap(w->blocks[i].memory, BLOCK_SIZE);
		free(w->blocks[i].entries);
	}
	(void)pthread_mutex_destroy(&w->mutex);
	(void)pthread_cond_destroy(&w->for_framer);
	(void)pthread_cond_destroy(&w->for_committer);
	(void)pthread_cond_destroy(&w->for_producer);
	free(w);
	return err;
}
