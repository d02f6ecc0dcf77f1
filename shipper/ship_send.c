/* ship_send.c -- which records go next. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship_internal.h"

/* Text of the next request, at most: what the pace asks for, below what is known to be too large, and
 * what a metered link allows. */
static size_t most(const struct ship *s, size_t pace)
{
	size_t max = gate_most(s);

	max = max < s->ceiling.max ? max : s->ceiling.max;
	return pace < max ? pace : max;
}

static void wait_a_while(struct batch *b)
{
	b->state = BATCH_WAITING;
	b->not_before_ms = ship_now_ms();
	buf_done(&b->body);
}

static void fly(struct ship *s, struct batch *b)
{
	if (!gate_takes(s, b)) {
		wait_a_while(b);
		return;
	}
	b->state = BATCH_FLYING;
	b->tries++;
	if (s->ids_wanted && b->ask == ASK_LITTLE)
		b->ask = ASK_IDS;
	b->sent_ms = ship_now_ms();
	b->beside = ++s->flying;
	s->flying_bytes += b->body.len;
	b->raw_beside = s->flying_raw += b->raw;
	pace_made(&s->pace, b->raw, b->body.len);
	if (s->sink->send(s->sink, b)) { /* not now */
		s->flying--;
		s->flying_bytes -= b->body.len;
		s->flying_raw -= b->raw;
		wait_a_while(b);
	}
}

/* Does it go before the other one? The head of the chain does, then the lowest. */
static bool goes_before(const struct ship *s, const struct batch *b, const struct batch *other)
{
	bool head = order_is_of_head(s, b), other_head = order_is_of_head(s, other);

	return head != other_head ? head : b->seqs[0] < other->seqs[0];
}

static struct batch *due_batch(struct ship *s, int64_t now)
{
	struct batch *due = NULL;

	for (unsigned i = 0; i < BATCHES; i++) {
		struct batch *b = &s->batches[i];
		if (b->state == BATCH_WAITING && b->not_before_ms <= now &&
			(!due || goes_before(s, b, due)))
			due = b;
	}
	return due;
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

/* --- what waits for company --- */

static bool is_patient(const struct ship *s)
{
	return s->conf.linger_ms > LINGER_COMPANY_MS && !s->stopping && !s->conf.once;
}

/* Begins to wait for minutes: until then, or until the chain has so much more that with what waits it is
 * a whole request. Every look at it would read and pack it all, so there is none before. */
static void begin_to_wait(struct ship *s, struct lane *lane, const struct batch *b, int64_t now)
{
	struct frame_totals totals;
	uint64_t first, last;

	lane->leaves_ms = now;
	if (reader_extent(s->queues[b->queue].reader, &first, &last, &totals) || last < b->seqs[0])
		return;
	uint64_t waiting = last - b->seqs[0] + 1, bytes = waiting * (b->raw / b->count + 1);
	if (waiting >= s->conf.chunk || bytes >= s->conf.batch_bytes)
		return;
	lane->leaves_ms = now + s->conf.linger_ms;
	lane->last = last + s->conf.chunk - waiting;
	lane->bytes = totals.raw_bytes + s->conf.batch_bytes - bytes;
}

static bool is_worth_a_look(struct ship *s, unsigned queue, struct lane *lane, int64_t now)
{
	struct frame_totals totals;
	uint64_t first, last;

	if (!is_patient(s) || now >= lane->leaves_ms || !lane->bytes)
		return true;
	if (reader_extent(s->queues[queue].reader, &first, &last, &totals) ||
		(totals.raw_bytes < lane->bytes && last < lane->last))
		return false;
	lane->leaves_ms = now;
	return true;
}

/* When one lane's time has come, all go: so a radio wakes once. */
static void all_go(struct ship *s, int64_t now)
{
	for (unsigned i = 0; i < LANES; i++)
		if (s->lanes[i].leaves_ms > now)
			s->lanes[i].leaves_ms = now;
}

/* A small batch waits for company: while another one is on its way, or for minutes, as it was asked
 * for. */
static bool lingers(
	struct ship *s, struct lane *lane, const struct batch *b, bool full, int64_t now)
{
	bool patient = is_patient(s);

	if (s->stopping || s->conf.once || (!patient && (full || s->flying == 0)))
		return false;
	if (patient && !lane->leaves_ms)
		begin_to_wait(s, lane, b, now);
	else if (!lane->leaves_ms)
		lane->leaves_ms = now + s->conf.linger_ms;
	if (now < lane->leaves_ms)
		return true;
	if (patient)
		all_go(s, now);
	return false;
}

/* --- what is new --- */

static void tell_fill(struct ship *s, int err, int64_t now)
{
	if (err == ERR_SPOOL_FORMAT) /* (I8) */
		progress_trouble(s,
			"the spool holds records that a newer espcap has written: drain "
			"it with that version or a later one");
	if (err == ERR_SPOOL_IO)
		s->read_due_ms = now + POLL_MS;
}

bool ship_flushes(struct ship *s)
{
	return s->flush_to && !*s->trouble &&
	       window_free(&s->queues[QUEUE_REC].window) <= s->flush_to;
}

static bool send_new(struct ship *s, unsigned lane_id, struct batch *b, int64_t now)
{
	struct lane *lane = &s->lanes[lane_id];
	unsigned queue = lane_id == LANE_HEAD ? QUEUE_REC : lane_id;
	struct queue *q = &s->queues[queue];
	bool full;

	if (!is_worth_a_look(s, queue, lane, now))
		return false;
	b->queue = queue;
	b->head = lane_id == LANE_HEAD;
	int err = batch_fill(s->maker, q, b, &full);
	tell_fill(s, err, now);
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
		lane->leaves_ms = 0;
		if (full && s->flying == 0)
			s->ack_due_ms = now; /* only a moved frontier makes room */
		return false;
	}
	if (lingers(s, lane, b, full, now)) {
		batch_release(q, b);
		return false;
	}
	*lane = (struct lane){ .leaves_ms = full && is_patient(s) ? now
								  : 0 }; /* the rest goes, too */
	fly(s, b);
	return b->state != BATCH_WAITING;
}

/* A request that is begun again looks for what it has left in loss/ and parked/. */
static bool send_own(struct ship *s, struct batch *b, int64_t now)
{
	if (s->requested)
		return false;
	if (send_new(s, QUEUE_LOSS, b, now))
		return true;
	/* what may not leave now waits in it */
	return b->state == BATCH_FREE && send_new(s, QUEUE_PARKED, b, now);
}

/* What is no record of the chain: one that tries an index, loss documents, what was parked. */
static bool send_aside(struct ship *s, struct batch *b, int64_t now)
{
	if (!park_probe(s, b, now))
		return send_own(s, b, now);
	fly(s, b);
	return b->state != BATCH_WAITING;
}

static bool send_head(struct ship *s, struct batch *b, int64_t now)
{
	return s->queues[QUEUE_REC].window.head && !s->order.leaving &&
	       send_new(s, LANE_HEAD, b, now);
}

bool send_one(struct ship *s, int64_t now)
{
	struct batch *b = due_batch(s, now);
	batch_maker_limit(s->maker, most(s, s->next_most));
	bool ends = s->stopping && !ship_flushes(s);
	struct batch *idle = ends || now < s->read_due_ms ? NULL : batch_in(s, BATCH_FREE);

	if (idle)
		idle->most = s->paused ? 1 : 0;
	if (b && order_is_of_head(s, b))
		return send_again(s, b);
	if (idle && send_head(s, idle, now))
		return true;
	if (idle && idle->state != BATCH_FREE) /* it may not leave now */
		return false;
	if (now < s->herd.until_ms || !order_has_room_for_old(s))
		return false;
	if (b)
		return send_again(s, b);
	bool aside = s->aside_next;
	s->aside_next = false;
	if (idle && aside && send_aside(s, idle, now))
		return true;
	if (idle && idle->state != BATCH_FREE)
		return false;
	b = ends ? NULL : batch_in(s, BATCH_READY);
	if (b && b->raw > s->next_most + PACE_LEAST) { /* made when more was good */
		batch_release(&s->queues[b->queue], b);
		b = NULL;
	}
	if (b) {
		fly(s, b);
		/* while one is always ready, nothing else would have a turn */
		s->aside_next = true;
		return b->state != BATCH_WAITING;
	}
	if (!idle)
		return false;
	return send_aside(s, idle, now) ||
	       (idle->state == BATCH_FREE && send_new(s, QUEUE_REC, idle, now));
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
	b->head = false;
	batch_maker_limit(s->maker, most(s, s->pace.size));
	int err = batch_fill(s->maker, q, b, &full);
	if (!err && b->parks && b->count) {
		park_batch(s, b);
	} else if (err || b->count == 0 || !full) {
		batch_release(q, b);
		s->ahead_after_ms = now + (is_patient(s) ? LINGER_COMPANY_MS : s->conf.linger_ms);
	} else {
		b->state = BATCH_READY;
	}
}
