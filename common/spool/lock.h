/* lock.h -- one process at a time, and who it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LOCK_H
#define ESPCAP_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* flock(2) on a file of its own, so that closing some other descriptor never drops it; it ends
 * with the process. The file's text names the holder: "pid 123, espcap-ship on edge-7 since ...".
 */
struct lock {
	int fd; /* -1: not held */
};

enum { LOCK_HOLDER_MAX = 256 };

/* Takes the lock, waiting up to wait_ms for it. ERR_SPOOL_LOCKED with a sentence that names the
 * holder; ERR_PERMISSION or ERR_SPOOL_IO when the file cannot be opened. */
int lock_take(const char *path, const char *program, int wait_ms, struct lock *lock,
	struct err_detail *why) ERR_WARN_UNUSED;
void lock_drop(struct lock *lock);

/* Is the file that we hold still the one of that path? Also true when the path cannot be asked. */
bool lock_is_there(const struct lock *lock, const char *path);

/* Is it held by anybody? The holder's text, "" when unknown. Never takes it. */
bool lock_is_held(const char *path, char holder[LOCK_HOLDER_MAX]);

#endif
