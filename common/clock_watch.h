/* clock_watch.h -- is the wall clock right, and when was it set? */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CLOCK_WATCH_H
#define ESPCAP_CLOCK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* A look compares the wall clock with the time since the system was started. Both pass alike, also
 * while a daemon slews the wall clock and while the system sleeps; so when their difference has
 * changed between two looks by more than a second, somebody has set the wall clock. Looks must be
 * much less than a second apart: then a clock that stands still moves by less than that, too, and
 * is not taken for one that is set again and again. */

/* Who says whether the wall clock is right. The order is that of --clock's words. */
enum clock_trust {
	CLOCK_AUTO, /* the kernel (adjtimex(2)), which is asked once a second */
	CLOCK_SYNCED,
	CLOCK_UNSYNCED,
};

/* The answer of the kernel. */
enum clock_kernel { CLOCK_KERNEL_SYNCED, CLOCK_KERNEL_UNSYNCED, CLOCK_KERNEL_UNKNOWN };
enum clock_kernel clock_ask_kernel(void);

struct clock_change {
	int64_t before_ns; /* what the wall clock would show if nobody had set it */
	int64_t after_ns;  /* what it shows */
	int64_t boot_ns;   /* when that was: nanoseconds since the system was started */
	bool unsynced;     /* the state behind it */
	uint64_t steps;    /* 0: only the state is another; more than 1: joined */
};

/* Takes a later change into an earlier one. */
void clock_change_join(struct clock_change *a, const struct clock_change *b);

enum { CLOCK_BOOT_ID_MAX = 40 };

struct clock_watch {
	enum clock_trust trust;
	enum clock_kernel (*ask)(void);
	bool unsynced;                   /* at the last look */
	bool unknown;                    /* the kernel does not tell: taken for synced */
	char boot_id[CLOCK_BOOT_ID_MAX]; /* the kernel's name for this boot, "": not known */
	int64_t offset_ns, former_ns; /* wall clock less boot time: now, and before the last step */
	int64_t ask_ns;               /* boot time of the next question */
	int64_t settled_ns;           /* boot time from which a synced clock is believed; 0: no */
	int64_t newest_ns;            /* boot time of the latest packet */
};

/* ask: NULL is the kernel. */
void clock_watch_init(
	struct clock_watch *w, enum clock_trust trust, enum clock_kernel (*ask)(void));

/* Looks. True when the clock was set or its state is another one. A clock that becomes synced, or
 * is set, is believed two seconds later: until then packets may come that it has stamped before. */
bool clock_watch_look(struct clock_watch *w, struct clock_change *change);

/* The boot time of a packet, in order of arrival, that the wall clock has stamped since the watch
 * began: by the clock as it is, or as it was before it was set; now, where neither fits. */
int64_t clock_watch_boot_of(struct clock_watch *w, int64_t wall_ns);

#endif
