/* clock_event.h -- clock documents: when the sensor's clock was set, by how much, and to what. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CLOCK_EVENT_H
#define ESPCAP_CLOCK_EVENT_H

#include <stddef.h>

#include "clock_watch.h"

enum { CLOCK_EVENTS_MAX = 32, CLOCK_DOCUMENT_MAX = 4096 };

/* Changes that wait for their commit. Zeroed: none. */
struct clock_events {
	size_t count;
	struct clock_change items[CLOCK_EVENTS_MAX];
};

/* Appends. When it is full, the last one takes the new one in: nothing is forgotten but the clock's
 * ways between the two. */
void clock_events_add(struct clock_events *e, const struct clock_change *change);

/* Appends all of b, and empties it. */
void clock_events_move(struct clock_events *e, struct clock_events *b);

/* The document, without a newline: at most CLOCK_DOCUMENT_MAX bytes. Its @timestamp is what the
 * clock showed behind the change. sensor is its host.name; boot_id may be NULL. */
size_t clock_document(const struct clock_change *change, const char *sensor, const char *boot_id,
	char out[CLOCK_DOCUMENT_MAX]);

#endif
