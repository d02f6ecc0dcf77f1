/* spool.h -- the durable queue between capture and ship: its folder and its promise. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SPOOL_H
#define ESPCAP_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "ack.h"
#include "err.h"
#include "lock.h"
#include "paths.h"

/* What lies where:
 *
 *   SPOOL         format version, epoch, word size, byte order, page size   written once
 *   rec/SEQ/      segments of the record chain                              capture
 *   rec/tail      up to where it was written, a hint                        capture
 *   dead/ loss/ parked/   chains of the same code                           ship
 *   ack           settled records                                           ship
 *   first         records given up                                          whoever holds trim.lock
 *   losses        losses that no document names yet                         capture
 *   pattern       index patterns in force                                   ship
 *   out           how far --out-file is durable                             ship
 *   carry         how far --in-file was read                                ship
 *   CHAIN/SEQ/damaged   something of it was lost: keep what is left         ship
 *   limits        cap and policy                                            capture
 *   limits-ship   those of dead letters, for people                         ship
 *   budget        bytes of the network that a day has used                  ship
 *   request       what `espcap dead` asks for                               espcap
 *   capture.lock  ship.lock  trim.lock  quarantine/  ballast
 *
 * The writer of a chain is writer.h (threads) or chain.h (without); readers are reader.h. */

enum { SPOOL_VERSION = 1 };

struct spool {
	char dir[PATHS_MAX];
	uint64_t epoch;
	bool recovered; /* SPOOL was damaged or gone; the segments said what it had said */
};

/* Opens a spool, making it (folder, SPOOL, rec/, quarantine/) when create is set and there is none,
 * and writing SPOOL afresh when create is set and it is damaged.
 * ERR_SPOOL_MISSING; ERR_SPOOL_FORMAT for one of a newer version or of another machine;
 * ERR_SPOOL_DAMAGED; ERR_PERMISSION; ERR_SPOOL_IO; each with a sentence. */
int spool_open(
	struct spool *s, const char *dir, bool create, struct err_detail *why) ERR_WARN_UNUSED;

/* The locks. Each error has a sentence that says who holds it. */
int spool_lock_capture(const struct spool *s, int wait_ms, struct lock *lock,
	struct err_detail *why) ERR_WARN_UNUSED;
/* capture.lock for a shipper that trims while no capture runs. */
int spool_lock_idle(const struct spool *s, struct lock *lock) ERR_WARN_UNUSED;
int spool_lock_ship(const struct spool *s, int wait_ms, struct lock *lock,
	struct err_detail *why) ERR_WARN_UNUSED;
int spool_lock_trim(const struct spool *s, int wait_ms, struct lock *lock) ERR_WARN_UNUSED;

/* Who holds them. */
bool spool_capture_runs(const struct spool *s, char holder[LOCK_HOLDER_MAX]);
bool spool_ship_runs(const struct spool *s, char holder[LOCK_HOLDER_MAX]);
bool spool_trim_runs(const struct spool *s, char holder[LOCK_HOLDER_MAX]);

/* Was the folder deleted or moved, or another one put in its place? lock: capture.lock or ship.lock,
 * as held by this process. */
bool spool_is_gone(const struct spool *s, const struct lock *lock);

/* The path of a name in quarantine/; the folder is made if somebody has cleared it away. */
int spool_quarantine(const struct spool *s, const char *name, char out[PATHS_MAX]) ERR_WARN_UNUSED;

/* Free bytes of the file system that the spool lies on, and its size. */
int spool_disk(const struct spool *s, uint64_t *free_bytes, uint64_t *size) ERR_WARN_UNUSED;

/* Takes the whole spool away: for the one-shot, when all is settled. Files it does not know stay,
 * in a folder of the same name with .gone behind it. */
int spool_remove(const struct spool *s, struct err_detail *why) ERR_WARN_UNUSED;

/* What a spool_remove() of this path that was killed has left, if anything. */
int spool_remove_rest(const char *dir) ERR_WARN_UNUSED;

#endif
