/* power_work.h -- what the workloads on a spool share: both of its sides in one process. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_WORK_H
#define ESPCAP_POWER_WORK_H

#include "chain.h"
#include "dead.h"
#include "window.h"

enum { SMALL_MAP = 64 << 10 }; /* of the chains that ship writes */

struct work {
	struct spool spool;
	size_t map_size;
	struct chain *rec, *dead, *loss, *parked; /* the last: when it is needed */
	struct slots acks, firsts;
	struct first first;
	struct window window, parked_window;
	struct ack_chain letters; /* what of dead/ is settled */
	bool retries;             /* more letters, and large ones among them */
	struct frame_coder *coder;
	struct loss reporting; /* given up, and not yet in a loss document */
};

/* For the log; see power_known.h. */
void work_mark(const char *text);

__attribute__((format(printf, 1, 2))) _Noreturn void work_fail(const char *format, ...);
void work_must(int err, const char *what);

/* Opens all but parked/; heeds the letters that are there, as ship does. */
void work_open(struct work *w, const char *dir, size_t map_size);
struct chain *work_open_chain(struct work *w, const char *name, enum ack_chain_id id, size_t map);

void work_append_text(struct work *w, struct chain *c, enum frame_kind kind, const struct buf *text,
	uint32_t count);
void work_records(struct work *w, unsigned count);

/* Some of the records are refused, and some lost: by their sequences. */
void work_settle(struct work *w, uint64_t first, uint64_t last);
void work_save(struct work *w);
void work_trim(struct work *w);

/* power_retry.c: a request, if there is one. False: it was stopped after some steps, with nothing of
 * them acknowledged. */
bool retry_request(struct work *w, unsigned steps);
/* Settles what is parked, of which some is refused again; nothing while there is a request. */
void retry_ship(struct work *w);
void retry_trim(struct work *w); /* dead/ and parked/ */
void retry_workload(const char *dir, size_t map_size);

#endif
