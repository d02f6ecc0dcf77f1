/* workers.c -- threads that make documents of a source's frames, in the order of the frames.
 *
 * Batches have numbers. `filled` of them are complete, `taken` have a thread that works on them, and
 * `written` are with the sink: written <= taken <= filled <= written + nbatches. Batch n stands in place
 * n % nbatches, so it may be filled again when it is written. Who has taken batch n may use the sink
 * while written == n. A lock is taken some times for a batch, never for a packet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORKERS_MAX = 4, /* reading is one thread's work, and it feeds no more */
	/* of a batch: the threads meet once for each, so small ones cost a sixth of the time */
	FRAMES_MAX = 1024,
	BYTES_FULL = 1 << 20, /* more are not added */
	BYTES_FIRST = 3 << 19,
	OUT_FULL = 3 << 20, /* of documents: then it is time to write, and to wait for one's turn */
};

struct batch {
	unsigned count;
	size_t used, size;
	uint8_t *bytes; /* what the frames point to */
	struct frame frames[FRAMES_MAX];
};

struct worker {
	struct workers *all;
	struct maker maker;
	pthread_t thread;
	size_t len;
	struct workers_counts counts; /* of the batch at hand */
	char out[OUT_FULL + DOCUMENT_ROOM + 1];
};

struct workers {
	struct sink *sink;
	pthread_mutex_t lock; /* of what follows, up to `failed` */
	pthread_cond_t work;  /* there is a batch to take, or none will come */
	pthread_cond_t moved; /* `written` has */
	uint64_t filled, taken, written;
	struct workers_counts counts;
	bool ends, failed;
	unsigned count, nbatches;
	struct batch *batches;
	struct worker *worker[WORKERS_MAX];
};

size_t maker_write(const struct maker *m, const struct frame *f, char *out)
{
	struct packet *pkt = decode_packet(m->decoder, f);

	return m->document ? document_write(m->document, pkt, out) : document_article(pkt, out);
}

void maker_free(struct maker *m)
{
	document_free(m->document);
	decoder_free(m->decoder);
	*m = (struct maker){ NULL, NULL };
}

unsigned workers_wanted(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) < 2)
		return 0;
	return CPU_COUNT(&set) < WORKERS_MAX ? (unsigned)CPU_COUNT(&set) : WORKERS_MAX;
}

/* --- a worker --- */

static void wait_for_turn(struct workers *w, uint64_t n)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->written != n)
		(void)pthread_cond_wait(&w->moved, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
}

/* Only whose turn it is touches the sink, and `failed` becomes true only then. */
static void write_out(struct worker *self, uint64_t n)
{
	struct workers *w = self->all;

	wait_for_turn(w, n);
	w->sink->block(w->sink, self->out, self->len);
	self->len = 0;
	if (!w->sink->failed(w->sink, NULL))
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->failed = true;
	(void)pthread_mutex_unlock(&w->lock);
}

static void make_documents(struct worker *self, const struct batch *b, uint64_t n)
{
	for (unsigned i = 0; i < b->count; i++) {
		size_t len = maker_write(&self->maker, &b->frames[i], self->out + self->len);
		if (len) {
			self->counts.documents++;
			self->len += len;
			self->out[self->len++] = '\n';
		} else {
			self->counts.without_document++;
		}
		if (self->len >= OUT_FULL)
			write_out(self, n);
	}
	write_out(self, n);
}

static void settle(struct worker *self)
{
	struct workers *w = self->all;

	(void)pthread_mutex_lock(&w->lock);
	w->counts.documents += self->counts.documents;
	w->counts.without_document += self->counts.without_document;
	w->counts.dropped += self->counts.dropped;
	w->written++;
	(void)pthread_cond_broadcast(&w->moved);
	(void)pthread_mutex_unlock(&w->lock);
}

/* False when no batch will come. */
static bool take(struct workers *w, uint64_t *n, bool *failed)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->taken == w->filled && !w->ends)
		(void)pthread_cond_wait(&w->work, &w->lock);
	bool there = w->taken != w->filled;
	if (there)
		*n = w->taken++;
	*failed = w->failed;
	(void)pthread_mutex_unlock(&w->lock);
	return there;
}

static void *run(void *arg)
{
	struct worker *self = arg;
	struct workers *w = self->all;
	uint64_t n;
	bool failed;

	while (take(w, &n, &failed)) {
		const struct batch *b = &w->batches[n % w->nbatches];
		self->counts = (struct workers_counts){ 0 };
		if (failed) {
			self->counts.dropped = b->count;
			wait_for_turn(w, n);
		} else {
			make_documents(self, b, n);
		}
		settle(self);
	}
	return NULL;
}

/* --- beginning and end --- */

int workers_new(struct sink *sink, unsigned count, struct workers **out, struct err_detail *why)
{
	struct workers *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set(why, ERR_NOMEM, "out of memory for the threads that decode");
	w->sink = sink;
	w->nbatches = count + 2; /* one that is being filled, and one that waits */
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->work, NULL);
	(void)pthread_cond_init(&w->moved, NULL);
	w->batches = calloc(w->nbatches, sizeof(*w->batches));
	bool complete = w->batches != NULL;
	for (unsigned i = 0; complete && i < w->nbatches; i++) {
		w->batches[i].size = BYTES_FIRST;
		w->batches[i].bytes = malloc(BYTES_FIRST);
		complete = w->batches[i].bytes != NULL;
	}
	if (!complete) {
		workers_free(w);
		return err_set(why, ERR_NOMEM, "out of memory for the threads that decode");
	}
	*out = w;
	return 0;
}

/* Signals are for the packet thread, whose reads they end. */
static int start(struct worker *self)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(&self->thread, NULL, run, self);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

int workers_add(struct workers *w, struct maker *maker, struct err_detail *why)
{
	struct worker *self = w->count < WORKERS_MAX ? calloc(1, sizeof(*self)) : NULL;
	int code = ENOMEM;

	if (self) {
		self->all = w;
		self->maker = *maker;
		code = start(self);
	}
	if (code) {
		maker_free(maker);
		free(self);
		return err_set(
			why, ERR_SYS, "cannot start a thread that decodes: %s", strerror(code));
	}
	*maker = (struct maker){ NULL, NULL };
	w->worker[w->count++] = self;
	return 0;
}

static void end(struct workers *w)
{
	if (w->count)
		workers_flush(w);
	(void)pthread_mutex_lock(&w->lock);
	w->ends = true;
	(void)pthread_cond_broadcast(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->count; i++) {
		(void)pthread_join(w->worker[i]->thread, NULL);
		maker_free(&w->worker[i]->maker);
		free(w->worker[i]);
	}
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	end(w);
	for (unsigned i = 0; w->batches && i < w->nbatches; i++)
		free(w->batches[i].bytes);
	free(w->batches);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_cond_destroy(&w->moved);
	free(w);
}

/* --- the packet thread --- */

static struct batch *current(struct workers *w)
{
	return &w->batches[w->filled % w->nbatches];
}

/* What is in the current batch goes to a worker; then there is an empty one. False: the sink has
 * failed. */
static bool hand_on(struct workers *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->filled++;
	(void)pthread_cond_signal(&w->work);
	while (w->filled - w->written == w->nbatches)
		(void)pthread_cond_wait(&w->moved, &w->lock);
	bool failed = w->failed;
	(void)pthread_mutex_unlock(&w->lock);
	current(w)->count = 0;
	current(w)->used = 0;
	return !failed;
}

void workers_flush(struct workers *w)
{
	if (current(w)->count)
		(void)hand_on(w);
	(void)pthread_mutex_lock(&w->lock);
	while (w->written != w->filled)
		(void)pthread_cond_wait(&w->moved, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
}

struct workers_counts workers_count(struct workers *w)
{
	(void)pthread_mutex_lock(&w->lock);
	struct workers_counts counts = w->counts;
	(void)pthread_mutex_unlock(&w->lock);
	return counts;
}

static size_t name_size(const struct frame *f)
{
	return f->interface ? strlen(f->interface) + 1 : 0;
}

/* With as much as it may take to align the comments. */
static size_t frame_size(const struct frame *f)
{
	size_t size = f->ncomments * sizeof(*f->comments) + f->cap_len + name_size(f);

	for (unsigned i = 0; i < f->ncomments; i++)
		size += f->comments[i].len;
	return size + sizeof(void *);
}

static void *keep(struct batch *b, const void *from, size_t n)
{
	void *to = b->bytes + b->used;

	if (n)
		memcpy(to, from, n);
	b->used += n;
	return to;
}

static void keep_comments(struct batch *b, struct frame *f)
{
	if (!f->ncomments)
		return;
	b->used = (b->used + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
	const struct frame_comment *from = f->comments;
	struct frame_comment *own = keep(b, from, f->ncomments * sizeof(*own));
	for (unsigned i = 0; i < f->ncomments; i++)
		own[i].text = keep(b, from[i].text, from[i].len);
	f->comments = own;
}

static void add(struct batch *b, const struct frame *f)
{
	struct frame *own = &b->frames[b->count++];

	*own = *f;
	keep_comments(b, own);
	if (f->interface)
		own->interface = keep(b, f->interface, name_size(f));
	own->data = keep(b, f->data, f->cap_len);
}

/* One frame may be larger than a batch is at first. */
static int make_room(struct batch *b, size_t size, struct err_detail *why)
{
	if (size <= b->size)
		return 0;
	free(b->bytes);
	b->bytes = malloc(size);
	b->size = b->bytes ? size : 0;
	return b->bytes ? 0 : err_set(why, ERR_NOMEM, "out of memory for a packet");
}

int workers_frame(struct workers *w, const struct frame *f, struct err_detail *why)
{
	size_t size = frame_size(f);
	bool good = true;

	if (current(w)->count && current(w)->used + size > current(w)->size)
		good = hand_on(w);
	int err = current(w)->count ? 0 : make_room(current(w), size, why);
	if (err)
		return err;
	add(current(w), f);
	if (current(w)->count == FRAMES_MAX || current(w)->used >= BYTES_FULL)
		good = hand_on(w) && good;
	if (good)
		return 0;
	workers_flush(w);
	return w->sink->failed(w->sink, why);
}
