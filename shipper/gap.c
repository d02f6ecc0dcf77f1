/* gap.c -- sequences of the spool without a record: passed over, given up, or lost with a document. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"
#include "fault.h"
#include "ship_internal.h"

static int report_loss(struct ship *s, const struct reader_gap *gap)
{
	struct loss loss = { .reason = LOSS_CORRUPT,
		.count = gap->lost,
		.first_seq = gap->first,
		.last_seq = gap->last_lost };
	struct event_head head = { .sensor = s->conf.sensor, .now_ns = clock_wall_ns() };
	struct buf text;

	int err = own_chain_open(s, "loss", ACK_LOSS, &s->loss);
	if (err)
		return err;
	buf_init(&text, LOSS_DOCUMENT_MAX + 1);
	err = buf_reserve(&text, LOSS_DOCUMENT_MAX + 1);
	if (!err) {
		text.len = loss_document(&loss, &head, text.data);
		text.data[text.len++] = '\n';
		err = own_chain_append(s->loss, FRAME_EVENT, &text, 1);
	}
	buf_done(&text);
	return err;
}

/* The segments that lost something: what is left of them is kept when they are settled. */
static void mark_damaged(struct ship *s, struct queue *q, const struct reader_gap *gap)
{
	const uint64_t *seqs;
	size_t count = reader_segments(q->reader, &seqs);

	for (size_t i = 0; i < count && seqs[i] <= gap->last; i++)
		if (i + 1 == count || seqs[i + 1] > gap->first)
			chain_mark_damaged(&s->spool, q->name, seqs[i]);
}

/* Sequences without a frame: given up by the writer, passed over, or damaged. */
void gap_settle(void *ship, struct queue *q, const struct reader_gap *gap)
{
	struct ship *s = ship;
	struct reader_gap g = *gap;
	struct first first;
	struct ack ack;

	if (q->window.jump.first == g.first && q->window.jump.last == g.last)
		return; /* reported, and waits for what lies before it */
	first_read(&s->first_slots, &first);
	if (q->id == ACK_REC && g.first < first.first_seq) {
		ack_read(&s->ack_slots, &ack, NULL);
		window_give_up(&q->window, first.first_seq, &ack.chain[ACK_REC]);
		g.lost = 0; /* its writer has reported them */
	}
	if (g.lost) {
		if (report_loss(s, &g))
			return; /* tried again when the gap is met again */
		(void)FAULT_POINT(LOSS_DURABLE);
		s->lost_new += g.lost;
		mark_damaged(s, q, &g);
		log_warn("records %llu to %llu: %llu are damaged on the disk and lost; a loss "
			 "document says so",
			(unsigned long long)g.first, (unsigned long long)g.last_lost,
			(unsigned long long)g.lost);
	}
	window_pass_over(&q->window, g.first, g.last, g.lost);
	s->unsaved = true;
}
