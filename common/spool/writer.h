/* writer.h -- group commit: records from the packet thread into the record chain. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WRITER_H
#define ESPCAP_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock_watch.h"
#include "frame.h"
#include "spool.h"
#include "stats.h"

/* The packet thread writes records straight into one of a few large buffers and never waits for
 * the disk (unless the policy is to block, or the record is of a capture file). A second thread compresses what is there into frames,
 * a third one commits frames in groups; so a sync that takes seconds fills the queue of
 * compressed frames first and the buffers last. What then does not fit is counted and becomes a
 * loss document. */

enum writer_policy { WRITER_BLOCK, WRITER_DROP_OLDEST, WRITER_DROP_NEWEST };

struct writer_conf {
	const char *sensor;  /* host.name of loss and clock documents */
	const char *boot_id; /* their host.boot.id; borrowed, NULL: not known */
	enum writer_policy when_full;
	int64_t flush_ms;    /* commit at least this often; 0: each frame */
	uint64_t cap;        /* bytes; 0: the lesser of 10 GiB and half the free space */
	uint64_t free_floor; /* bytes; UINT64_MAX: the greater of 256 MiB and 5 % of the disk */
	const volatile bool *stop; /* a blocked writer_begin() then gives up; may be NULL */
	/* Called again and again while writer_begin() or writer_close() waits for room; it may ask
	 * for writer_status(). May be NULL. */
	void (*waits)(void *arg);
	void *waits_arg;
};

enum writer_state {
	WRITER_OK,
	WRITER_WAITING, /* full or broken, policy block: nothing is lost, the packet thread waits */
	WRITER_DROPPING, /* full or broken: records are being lost, and counted */
	WRITER_FAILED,   /* nothing more can be stored */
};

struct writer_status {
	enum writer_state state;
	int error;             /* for any state but OK: ERR_SPOOL_FULL, ERR_SPOOL_IO, ... */
	struct err_detail why; /* and in words */
	uint64_t
		committed; /* records, by this writer; its loss and clock documents are not among them */
	uint64_t events; /* loss and clock documents */
	uint64_t raw_bytes, stored_bytes, commits;
	uint64_t lost[LOSS_REASONS]; /* by this writer, reported or about to be */
	uint64_t left;       /* of a capture file and not stored: --resume takes them again */
	uint64_t unreported; /* losses without a document, as of the last second, or the end */
	bool unreserved;     /* the disk cannot reserve space for a segment (C-5) */
	int64_t commit_ms;   /* what the last commit took, or the running one so far */
	uint64_t run;
	struct stats_latency latency; /* of commits */
};

struct writer;

/* Takes capture.lock and opens the record chain. A spool that exists keeps its segment size only
 * for its old segments. Errors with a sentence, ERR_SPOOL_LOCKED among them. */
int writer_open(const struct spool *spool, const struct writer_conf *conf, struct writer **out,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Packet thread. Room for `room` bytes (at most WRITER_RECORD_MAX) and a newline, or NULL: the
 * buffers are full, or the writer has failed or was stopped. Then the record is counted. file: the
 * capture file that the record is of, 0 for none; of a file, which is there later too, nothing is lost
 * because the buffers are full, whatever the policy. */
enum { WRITER_RECORD_MAX = (1 << 20) + 256 };
char *writer_begin(struct writer *w, enum frame_kind kind, size_t room, uint64_t file);

/* Packet thread, after writer_begin(): len bytes are one record; 0: none. number: its place in the
 * capture file. */
void writer_end(struct writer *w, size_t len, int64_t time_ns, uint64_t file, uint64_t number);

/* Packet thread, not between writer_begin() and writer_end(): is the sensor's clock synced for the
 * records from here on? At first it is. */
void writer_set_unsynced(struct writer *w, bool unsynced);

/* Had an unsynced clock stamped the last records before this writer? Before the first writer_begin(). */
bool writer_was_unsynced(const struct writer *w);

/* Any thread: the sensor's clock was set, or its state is another one; becomes a clock document. */
void writer_clock(struct writer *w, const struct clock_change *change);

/* Any thread: counts a loss that the caller knows of. */
void writer_lost(struct writer *w, const struct loss *loss);

/* The last packet of a capture file that the spool holds. Before the first writer_begin(). */
uint64_t writer_place(const struct writer *w, uint64_t file);

void writer_status(struct writer *w, struct writer_status *status);

/* Commits everything, reports every loss, seals. 0, or why not all is stored. w is gone; *last, if
 * not NULL, has its last numbers. */
int writer_close(struct writer *w, struct writer_status *last, struct err_detail *why);

/* The monotonic clock in milliseconds. */
int64_t writer_now_ms(void);

#endif
