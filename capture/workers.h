/* workers.h -- threads that make documents of a source's frames, in the order of the frames. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WORKERS_H
#define ESPCAP_WORKERS_H

#include <stdint.h>

#include "document.h"
#include "sink.h"

/* What makes documents of frames, for one thread at a time. */
struct maker {
	struct decoder *decoder;
	struct document *document; /* NULL: the article's lines instead of documents */
};

/* Into DOCUMENT_ROOM bytes; the length, 0 when this frame has none. */
size_t maker_write(const struct maker *m, const struct frame *f, char *out);
void maker_free(struct maker *m);

/* Batches of frames go to whichever thread is free. Each waits for its turn before it gives what it
 * made of one to the sink, so the order is that of one thread, and so is every byte. */
struct workers;

struct workers_counts {
	uint64_t documents, without_document, dropped; /* dropped: since the sink has failed */
};

/* How many are worth it: as many as there are processors for us, and not too many; 0: with one
 * processor the caller is as fast alone. */
unsigned workers_wanted(void);

/* sink: one with block(), which is the workers' alone between workers_frame() and workers_flush().
 * ERR_NOMEM. */
int workers_new(struct sink *sink, unsigned count, struct workers **out,
	struct err_detail *why) ERR_WARN_UNUSED;
/* Starts one of the `count`. Takes the maker, also when it fails: ERR_SYS, ERR_NOMEM. */
int workers_add(struct workers *w, struct maker *maker, struct err_detail *why) ERR_WARN_UNUSED;
/* Ends all, behind the last frame. */
void workers_free(struct workers *w);

/* Copies the frame, and waits while all are busy. ERR_NOMEM; the sink's error when it has failed. */
int workers_frame(struct workers *w, const struct frame *f, struct err_detail *why) ERR_WARN_UNUSED;
/* Comes back when all frames so far are with the sink. */
void workers_flush(struct workers *w);
/* Of the frames that are done. */
struct workers_counts workers_count(struct workers *w);

#endif
