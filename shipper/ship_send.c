/* ship_send.c -- which records go next. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship_internal.h"

/* Text of the next request, at most: what the pace asks for, below what is known to be too large. */
static size_t most(const struct ship *s, size_t pace)
{
	return pace < s->ceiling.max ? pace : s->ceiling.max;
}

static void fly(struct ship *s, struct batch *b)
{
	b->state = BATCH_FLYING;
	b->tries++;
	if (s->ids_wanted && b->ask == ASK_LITTLE)
		b->ask = ASK_IDS;
	b->sent_ms = ship_now_ms();
	b->beside = ++s->flying;
	s->flying_bytes += b->body.len;
	b->raw_beside = s->flying_raw += b->raw;
	if (s->sink->send(s->sink, b)) { /* not now */
		s->flying--;
		s->flying_bytes -= b->body.len;
		s->flying_raw -= b->raw;
		b->state = BATCH_WAITING;
		b->not_before_ms = ship_now_ms();
		buf_done(&b->body);
	}
}

static struct batch *due_batch(struct ship *s, int64_t now)
{
	struct batch *oldest = NULL;

	for (unsigned i = 0; i < BATCHES; i++) {
		struct batch *b = &s->batches[i];
		if (b->state == BATCH_WAITING && b->not_before_ms <= now &&
			(!oldest || b->seqs[0] < oldest->seqs[0]))
			oldest = b;
	}
	return oldest;
}

static struct batch *batch_in(struct ship *s, enum batch_state state)
{
	for (unsigned i = 0; i < BATCHES; i++)
		if (s->batches[i].state == state)
			return &s->batches[i];
	return NULL;
}

/* True when it sent something. */
static bool send_again(struct ship *s, struct batch *b)
{
	if (batch_rebuild(s->maker, &s->queues[b->queue], b)) {
		b->not_before_ms = ship_now_ms() + BACKOFF_FIRST_MS;
		return false;
	}
	if (b->count == 0) {
		b->state = BATCH_FREE;
		return true;
	}
	fly(s, b);
	return b->state == BATCH_FLYING || b->state == BATCH_FREE;
}

/* A small batch waits for company while another one is on its way. */
static bool lingers(struct ship *s, bool full, int64_t now)
{
	if (full || s->flying == 0 || s->stopping || s->conf.once)
		return false;
	if (!s->fill_after_ms)
		s->fill_after_ms = now + s->conf.linger_ms;
	return now < s->fill_after_ms;
}

static bool send_new(struct ship *s, unsigned queue, struct batch *b, int64_t now)
{
	struct queue *q = &s->queues[queue];
	bool full;

	b->queue = queue;
	int err = batch_fill(s->maker, q, b, &full);
	if (err == ERR_SPOOL_FORMAT) /* (I8) */
		progress_trouble(s,
			"the spool holds records that a newer espcap has written: drain "
			"it with that version or a later one");
	if (err == ERR_SPOOL_IO)
		s->read_due_ms = now + POLL_MS;
	if (!err && b->parks && b->count) {
		park_batch(s, b);
		return true;
	}
	if (!err && b->count == 0 && b->held) { /* what comes behind may go */
		batch_release(q, b);
		return true;
	}
	if (err || b->count == 0) {
		batch_release(q, b);
		if (full && s->flying == 0)
			s->ack_due_ms = now; /* only a moved frontier makes room */
		return false;
	}
	if (lingers(s, full, now)) {
		batch_release(q, b);
		return false;
	}
	s->fill_after_ms = 0;
	fly(s, b);
	return b->state != BATCH_WAITING;
}

bool send_one(struct ship *s, int64_t now)
{
	struct batch *b = due_batch(s, now);

	batch_maker_limit(s->maker, most(s, s->next_most));
	if (b)
		return send_again(s, b);
	b = s->stopping ? NULL : batch_in(s, BATCH_READY);
	if (b && b->raw > s->next_most + PACE_LEAST) { /* made when more was good */
		batch_release(&s->queues[b->queue], b);
		b = NULL;
	}
	if (b) {
		fly(s, b);
		return b->state != BATCH_WAITING;
	}
	b = s->stopping || now < s->read_due_ms ? NULL : batch_in(s, BATCH_FREE);
	if (!b)
		return false;
	if (park_probe(s, b, now)) {
		fly(s, b);
		return b->state != BATCH_WAITING;
	}
	b->most = s->paused ? 1 : 0;
	/* a request that is begun again looks for what it has left in loss/ and parked/ */
	return (!s->requested &&
		       (send_new(s, QUEUE_LOSS, b, now) || send_new(s, QUEUE_PARKED, b, now))) ||
	       send_new(s, QUEUE_REC, b, now);
}

void send_ahead(struct ship *s, int64_t now)
{
	struct batch *b = batch_in(s, BATCH_FREE);
	struct queue *q = &s->queues[QUEUE_REC];
	bool full;

	if (!b || s->stopping || s->paused || s->flying < s->pace.requests ||
		now < s->ahead_after_ms || now < s->read_due_ms || batch_in(s, BATCH_READY))
		return;
	b->queue = QUEUE_REC;
	b->most = 0;
	batch_maker_limit(s->maker, most(s, s->pace.size));
	int err = batch_fill(s->maker, q, b, &full);
	if (!err && b->parks && b->count) {
		park_batch(s, b);
	} else if (err || b->count == 0 || !full) {
		batch_release(q, b);
		s->ahead_after_ms = now + s->conf.linger_ms;
	} else {
		b->state = BATCH_READY;
	}
}
