/* event.h -- what loss and clock documents have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_EVENT_H
#define ESPCAP_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "json.h"

/* Who writes a document, and when by its clocks. */
struct event_head {
	const char *sensor;  /* host.name */
	int64_t now_ns;      /* @timestamp, from event_now() */
	int64_t boot_ns;     /* 0: not told, for the clock is synced */
	const char *boot_id; /* host.boot.id, told with boot_ns; NULL or "": not known */
};

enum { EVENT_DOCUMENT_MAX = 4096 };

/* A time of the wall clock that an index can hold: none before the first nanosecond of 1970. */
int64_t event_now(int64_t wall_ns);

/* Begins a document in EVENT_DOCUMENT_MAX bytes, and leaves its object `event` open for more. */
void event_begin(struct json *j, const struct event_head *head, const char *dataset, char *out);

/* Ends `event`, names the sensor, and leaves the object `espcap` open for more; clock: a word for
 * espcap.clock, NULL: that of the head. */
void event_middle(
	struct json *j, const struct event_head *head, const char *message, const char *clock);

/* Ends the document; its length. */
size_t event_end(struct json *j);

/* A time as text; 0, not known, is left out. */
void event_time(struct json *j, const char *key, int64_t ns);

#endif
