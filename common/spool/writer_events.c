/* writer_events.c -- loss and clock documents of a writer, as a frame of their own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"
#include "event.h"
#include "writer_internal.h"

struct documents {
	const struct writer *w;
	struct buf *text;
	struct chain_frame *frame;
};

/* Appends one document, whose time is given and whose text stands behind the others. */
static void add_document(struct documents *d, size_t len, int64_t time_ns)
{
	struct frame_header *h = &d->frame->header;

	d->text->len += len;
	d->text->data[d->text->len++] = '\n';
	h->min_time_ns = !h->count || time_ns < h->min_time_ns ? time_ns : h->min_time_ns;
	h->max_time_ns = !h->count || time_ns > h->max_time_ns ? time_ns : h->max_time_ns;
	h->count++;
}

static void add_losses(struct documents *d)
{
	const struct writer *w = d->w;
	struct event_head head = { .sensor = w->conf.sensor,
		.now_ns = event_now(clock_wall_ns()),
		.boot_ns = atomic_load(&w->unsynced) ? clock_boot_ns() : 0,
		.boot_id = w->conf.boot_id };

	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		const struct loss *loss = &w->reporting[r];
		if (!loss->count || buf_reserve(d->text, LOSS_DOCUMENT_MAX + 1))
			continue;
		char *out = d->text->data + d->text->len;
		add_document(d, loss_document(loss, &head, out), head.now_ns);
		d->frame->lost[loss_total((enum loss_reason)r)] += loss->count;
	}
}

static void add_clock_events(struct documents *d, const struct clock_events *events)
{
	const struct writer_conf *conf = &d->w->conf;

	for (size_t i = 0; i < events->count; i++) {
		const struct clock_change *change = &events->items[i];
		if (buf_reserve(d->text, CLOCK_DOCUMENT_MAX + 1))
			continue;
		char *out = d->text->data + d->text->len;
		add_document(d, clock_document(change, conf->sensor, conf->boot_id, out),
			event_now(change->after_ns));
	}
}

bool writer_events_frame(const struct writer *w, const struct clock_events *clock,
	struct frame_coder *coder, struct buf *text, struct chain_frame *frame)
{
	struct documents d = { w, text, frame };

	*frame = (struct chain_frame){ .header = { .kind = FRAME_EVENT } };
	buf_reset(text);
	add_losses(&d);
	add_clock_events(&d, clock);
	size_t raw = text->len;
	if (!raw || buf_reserve(text, 2 * raw + 4096) ||
		frame_compress(coder, text->data, raw, text, &frame->header))
		return false;
	frame->payload = text->data + raw;
	return true;
}
