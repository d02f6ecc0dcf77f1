/* clock_event.c -- clock documents: when the sensor's clock was set, by how much, and to what. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_event.h"

#include "event.h"

_Static_assert((int)CLOCK_DOCUMENT_MAX == (int)EVENT_DOCUMENT_MAX, "the documents are alike");

void clock_events_add(struct clock_events *e, const struct clock_change *change)
{
	if (e->count < CLOCK_EVENTS_MAX)
		e->items[e->count++] = *change;
	else
		clock_change_join(&e->items[e->count - 1], change);
}

void clock_events_move(struct clock_events *e, struct clock_events *b)
{
	for (size_t i = 0; i < b->count; i++)
		clock_events_add(e, &b->items[i]);
	b->count = 0;
}

static const char *action_of(const struct clock_change *c)
{
	if (c->steps)
		return "clock-stepped";
	return c->unsynced ? "clock-unsynced" : "clock-synced";
}

static const char *message_of(const struct clock_change *c)
{
	if (c->steps > 1)
		return "the sensor's clock was set several times";
	if (c->steps)
		return c->after_ns > c->before_ns ? "the sensor's clock was set forward"
						  : "the sensor's clock was set back";
	return c->unsynced ? "the sensor's clock is not synchronized any more"
			   : "the sensor's clock is synchronized now";
}

size_t clock_document(const struct clock_change *change, const char *sensor, const char *boot_id,
	char out[CLOCK_DOCUMENT_MAX])
{
	struct json j;
	struct event_head head = { .sensor = sensor,
		.now_ns = change->after_ns,
		.boot_ns = change->boot_ns,
		.boot_id = boot_id };

	event_begin(&j, &head, "espcap.clock", out);
	json_str(&j, "action", action_of(change));
	event_middle(&j, &head, message_of(change), change->unsynced ? "unsynced" : "synced");
	json_open(&j, "step");
	event_time(&j, "before", event_now(change->before_ns));
	event_time(&j, "after", event_now(change->after_ns));
	json_i64(&j, "difference_ns", change->after_ns - change->before_ns);
	json_u64(&j, "count", change->steps);
	json_close(&j);
	return event_end(&j);
}
