/* park.c -- indices that take nothing while others do: their records wait aside, then in parked/. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "park.h"

#include <stdio.h>
#include <string.h>

#include "settle.h"
#include "ship_internal.h"
#include "stats.h"

enum {
	FIRST_MS = 5000,
	LATER_MS = 27000,   /* what is mended is noticed by then */
	PARKED_MS = 60000,  /* and of what is parked by then */
	NO_ROOM_MS = 10000, /* parked/ is full, or the disk */
	EARLY = 10,         /* this part of --park-after is enough when the window fills */
	REMIND_MS = 600000,
	TELL = 8,
};

/* --- the table --- */

static struct stuck *find(struct ship *s, const char *index)
{
	const struct stuck *e = park_entry(s, index);

	return e ? &s->stuck[e - s->stuck] : NULL;
}

/* Of more indices than there is room for, the oldest is forgotten: one of its records is sent as if
 * nothing had been, and the refusal makes the entry anew. */
static struct stuck *add(struct ship *s, const char *index, int64_t now)
{
	struct stuck *e = &s->stuck[0];

	if (s->nstuck < STUCK_MAX)
		e = &s->stuck[s->nstuck++];
	else
		for (unsigned i = 1; i < STUCK_MAX; i++)
			if (s->stuck[i].since_ms < e->since_ms)
				e = &s->stuck[i];
	*e = (struct stuck){ .since_ms = now };
	(void)snprintf(e->index, sizeof(e->index), "%s", index);
	return e;
}

static void release_held(struct ship *s)
{
	for (unsigned i = 0; i < QUEUES; i++)
		window_turn(&s->queues[i].window, OUTCOME_HELD, OUTCOME_UNREAD);
	for (unsigned i = 0; i < s->nstuck; i++)
		s->stuck[i].sample = 0;
}

static int64_t wait_of(const struct ship *s, const struct stuck *e)
{
	int64_t wait = e->parks       ? PARKED_MS
		       : e->tries < 3 ? (int64_t)FIRST_MS << e->tries
				      : LATER_MS;

	return wait < s->conf.backoff_max_ms ? wait : s->conf.backoff_max_ms;
}

/* --- what batches ask --- */

enum batch_fate park_fate(void *ship, const struct queue *q, const char *index, uint64_t seq)
{
	struct ship *s = ship;
	struct stuck *e = s->nstuck ? find(s, index) : NULL;

	if (!e)
		return FATE_SEND;
	if (e->parks && q->id != ACK_PARKED && ship_now_ms() >= s->park_again_ms)
		return FATE_PARK;
	if (!e->sample) {
		e->sample = seq;
		e->queue = (unsigned)(q - s->queues);
	}
	return FATE_HOLD;
}

/* --- what answers say --- */

/* Records of a batch that is on its way nowhere wait with the others. */
static void hold(struct ship *s, struct stuck *e, struct batch *b)
{
	struct queue *q = &s->queues[b->queue];

	if (e->parks && b->queue != QUEUE_PARKED) { /* they are parked at once */
		batch_release(q, b);
		return;
	}
	for (size_t i = 0; i < b->count; i++)
		if (window_get(&q->window, b->seqs[i]) == OUTCOME_TAKEN)
			window_set(&q->window, b->seqs[i], OUTCOME_HELD);
	if (b->count && !e->sample) {
		e->sample = b->seqs[0];
		e->queue = b->queue;
	}
	b->count = 0;
	batch_release(q, b);
}

/* Of sixty old days a few are told of at once, and all together every ten minutes. */
static bool may_tell(struct burst *b, int64_t now)
{
	if (now >= b->until_ms)
		*b = (struct burst){ .until_ms = now + REMIND_MS };
	return b->told++ < TELL;
}

static void tell(struct ship *s, const struct stuck *e, int64_t now)
{
	bool told = !may_tell(&s->told_stuck, now);

	if (!told && brake_holds(&s->brake, e->index))
		log_warn("index %.80s refuses nearly all records alike (status %d %s%s%.*s), which "
			 "looks like a %s: none becomes a dead letter, they wait, other indices go "
			 "on; mend it, or say --brake off",
			e->index, e->status, e->type, *e->reason ? ": " : "",
			reason_told(e->reason), e->reason,
			e->status == 413 ? "limit of a proxy below the size of one record"
					 : "wrong template or mapping");
	else if (!told)
		log_warn("index %.80s takes nothing (status %d %s%s%.*s); its records wait, other "
			 "indices go on",
			e->index, e->status, e->type, *e->reason ? ": " : "",
			reason_told(e->reason), e->reason);
	if (s->nstuck == 1)
		s->remind_ms = now + REMIND_MS;
}

static void remind(struct ship *s, int64_t now)
{
	char text[TROUBLE_MAX];

	if (now < s->remind_ms)
		return;
	s->remind_ms = now + REMIND_MS;
	log_warn("%s; nothing is lost, trying again", park_words(s, text, sizeof(text)));
}

void park_refused(struct ship *s, struct batch *b, const struct verdict_item *item)
{
	int64_t now = ship_now_ms();
	struct stuck *e = find(s, b->index);
	bool new = !e;

	if (new)
		e = add(s, b->index, now);
	e->status = item->status;
	(void)snprintf(e->type, sizeof(e->type), "%s", item->type);
	(void)snprintf(e->reason, sizeof(e->reason), "%s", item->reason);
	hold(s, e, b);
	if (now < e->next_ms)
		return; /* it was on its way when the first one came back */
	e->next_ms = now + wait_of(s, e);
	e->tries++;
	if (!new)
		return;
	tell(s, e, now);
	for (unsigned i = 0; i < BATCHES; i++) {
		struct batch *other = &s->batches[i];
		bool idle = other->state == BATCH_READY || other->state == BATCH_WAITING;
		if (idle && strcmp(other->index, e->index) == 0)
			hold(s, e, other);
	}
}

void park_taken(struct ship *s, const char *index)
{
	struct stuck *e = s->nstuck ? find(s, index) : NULL;
	char time[STATS_TEXT];

	if (!e)
		return;
	if (may_tell(&s->told_unstuck, ship_now_ms()))
		log_info("index %.80s takes records again, after %s", index,
			stats_duration(ship_now_ms() - e->since_ms, time));
	*e = s->stuck[--s->nstuck];
	release_held(s);
}

static void take_sample(struct ship *s, struct queue *q, struct stuck *e, struct batch *b)
{
	uint64_t other = brake_holds(&s->brake, e->index) ? brake_sample(s, q, e->index) : 0;

	e->sample = other ? other : e->sample;
	bool held = window_get(&q->window, e->sample) == OUTCOME_HELD;

	b->queue = e->queue;
	b->tries = b->unclear = 0;
	b->ask = ASK_LITTLE;
	b->alone = b->parks = false;
	b->seqs[0] = e->sample;
	b->count = held;
	(void)memcpy(b->index, e->index, sizeof(b->index));
	if (held)
		window_set(&q->window, e->sample, OUTCOME_TAKEN);
	e->sample = 0;
}

bool park_probe(struct ship *s, struct batch *b, int64_t now)
{
	for (unsigned i = 0; i < s->nstuck; i++) {
		struct stuck *e = &s->stuck[i];
		if (!e->sample || now < e->next_ms || (s->requested && e->queue != QUEUE_REC))
			continue;
		struct queue *q = &s->queues[e->queue];
		take_sample(s, q, e, b);
		if (b->count && !batch_rebuild(s->maker, q, b) && b->count) {
			e->next_ms = now + wait_of(s, e); /* if nothing comes back */
			return true;
		}
		batch_release(q, b);
		release_held(s); /* another one is found, if there is one */
		return false;
	}
	return false;
}

/* --- as time goes by --- */

static bool window_fills(const struct window *w)
{
	return w->free - w->state.frontier > WINDOW_SIZE / 2 && window_count(w, OUTCOME_HELD);
}

static void begin_parking(struct ship *s, struct stuck *e, int64_t now)
{
	char time[STATS_TEXT];

	e->parks = true;
	if (may_tell(&s->told_parks, now))
		log_warn("index %.80s has taken nothing for %s: its records move to %s/parked, and "
			 "are tried again from there",
			e->index, stats_duration(now - e->since_ms, time), s->spool.dir);
}

void park_tend(struct ship *s, int64_t now)
{
	bool early = false, begun = false;

	if (!s->nstuck || now < s->park_due_ms)
		return;
	s->park_due_ms = now + POLL_MS / 4;
	remind(s, now);
	for (unsigned i = 0; i < QUEUE_PARKED; i++)
		early = early || window_fills(&s->queues[i].window);
	for (unsigned i = 0; i < s->nstuck; i++) {
		struct stuck *e = &s->stuck[i];
		int64_t after = early ? s->conf.park_after_ms / EARLY : s->conf.park_after_ms;
		if (e->parks || now - e->since_ms < after)
			continue;
		begin_parking(s, e, now);
		begun = true;
	}
	/* what found no room is tried again, too */
	if (begun || (s->park_again_ms && now >= s->park_again_ms)) {
		s->park_again_ms = 0;
		release_held(s);
	}
}

const struct stuck *park_entry(const struct ship *s, const char *index)
{
	for (unsigned i = 0; i < s->nstuck; i++)
		if (strcmp(s->stuck[i].index, index) == 0)
			return &s->stuck[i];
	return NULL;
}

int64_t park_next_ms(const struct ship *s)
{
	int64_t at = INT64_MAX;

	for (unsigned i = 0; i < s->nstuck; i++)
		if (s->stuck[i].sample && s->stuck[i].next_ms < at)
			at = s->stuck[i].next_ms;
	return at;
}

const char *park_words(const struct ship *s, char *text, size_t size)
{
	text[0] = '\0';
	if (s->nstuck == 1)
		(void)snprintf(text, size, "index %.80s takes nothing: status %d %.60s",
			s->stuck[0].index, s->stuck[0].status, s->stuck[0].type);
	if (s->nstuck > 1)
		(void)snprintf(text, size,
			"%u indices take nothing, one of them %.80s: status %d %.60s", s->nstuck,
			s->stuck[0].index, s->stuck[0].status, s->stuck[0].type);
	return text;
}
