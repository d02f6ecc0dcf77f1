/* progress.c -- what is durable, what can go, and what people are told. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ballast.h"
#include "carry.h"
#include "clock.h"
#include "fault.h"
#include "json.h"
#include "says.h"
#include "ship_internal.h"
#include "stats.h"

enum {
	ACK_LOCK_MS = 50,
	TRIM_EVERY_MS = 5000,
	LINE_BYTES = 1024,
	REMIND_MS = 600000,
	FORGET_MS = 60000,
	SAYS_EVERY_MS = 5000,
};

int64_t ship_now_ms(void)
{
	return clock_ms(clock_monotonic_ns());
}

/* --- the ack --- */

/* What the spool's writer has given up is not ours to count any more. */
static void heed_first(struct ship *s, const struct ack_chain *durable)
{
	struct first first;
	struct window *w = &s->queues[QUEUE_REC].window;

	first_read(&s->first_slots, &first);
	if (first.first_seq > w->state.frontier + 1)
		window_give_up(w, first.first_seq, durable);
}

static void heed_ack(struct ship *s, int err, int code)
{
	if (!err) {
		if (s->limit_ack.next_ms)
			log_info("the acknowledgements are written again");
		s->limit_ack = (struct log_limit){ 0 };
		s->unsaved = false;
		return;
	}
	log_limited(&s->limit_ack, REMIND_MS,
		"cannot write %s/ack: %s; shipping goes on, and what is not acknowledged is sent "
		"again after a restart, under the same ids",
		s->spool.dir, strerror(code));
}

static int write_ack(struct ship *s, const struct ack *on_disk)
{
	struct ack ack = *on_disk;

	for (unsigned i = 0; i < QUEUES; i++) {
		(void)window_advance(&s->queues[i].window);
		enum ack_chain_id id = s->queues[i].id;
		window_ack(&s->queues[i].window, &on_disk->chain[id], &ack.chain[id]);
	}
	ack.chain[ACK_DEAD] = s->letters;
	unsigned dead = heed_covered(&s->heed_dead, s->queues, &ack);
	unsigned parked = heed_covered(&s->heed_parked, s->queues, &ack);
	ack.heeded_dead = heed_upto(&s->heed_dead, dead, s->dead);
	ack.heeded_parked = heed_upto(&s->heed_parked, parked, s->parked);
	if (s->sink && s->sink->note)
		s->sink->note(s->sink);
	int err = ack_write(&s->ack_slots, &ack);
	heed_ack(s, err, errno);
	if (!err) {
		heed_pass(&s->heed_dead, dead, s->dead);
		heed_pass(&s->heed_parked, parked, s->parked);
	}
	return err;
}

/* Writes frontier, ranges and counts. Under trim.lock, so that each record is settled once: either
 * it is in this ack, or it was given up before. */
int progress_save_with(struct ship *s, int (*make)(void *arg), void *arg)
{
	struct lock lock;
	struct ack on_disk;

	if (spool_lock_trim(&s->spool, ACK_LOCK_MS, &lock))
		return make ? make(arg) : ERR_AGAIN;
	(void)FAULT_POINT(TRIM_LOCKED);
	ack_read(&s->ack_slots, &on_disk, NULL);
	heed_first(s, &on_disk.chain[ACK_REC]);
	int made = make ? make(arg) : 0;
	int err = write_ack(s, &on_disk);
	lock_drop(&lock);
	return make ? made : err; /* an ack that could not be written is tried again soon */
}

int progress_save(struct ship *s)
{
	return progress_save_with(s, NULL, NULL);
}

/* --- trimming --- */

static void trim_records(struct ship *s, const struct ack *ack, const struct ack *older)
{
	struct lock trim;
	struct first first;
	uint64_t newest;

	if (reader_newest(s->queues[QUEUE_REC].reader, &newest) ||
		spool_lock_trim(&s->spool, 0, &trim))
		return;
	first_read(&s->first_slots, &first);
	if (chain_trim_unowned(&s->spool, "rec", newest, &ack->chain[ACK_REC],
		    &older->chain[ACK_REC], &s->first_slots, &first)) {
		/* it is tried again in a few seconds */
	}
	lock_drop(&trim);
}

/* Chains of our own. One that is not open is not being written. What goes is settled by both slots:
 * if the newer one is damaged, the older one's counts are of what is there. */
static void trim_own(struct ship *s, const char *name, enum ack_chain_id id, struct chain *chain,
	const struct ack *older)
{
	const struct ack_chain *ack = &older->chain[id];
	struct reader *reader;
	uint64_t newest;
	int err = 0;

	if (chain) {
		err = chain_trim(chain, ack, ack, NULL, NULL);
	} else if (ack->frontier && !reader_new(&s->spool, name, &reader)) {
		if (!reader_newest(reader, &newest))
			err = chain_trim_unowned(&s->spool, name, newest, ack, ack, NULL, NULL);
		reader_free(reader);
	}
	if (err)
		log_debug("cannot trim %s: %s", name, err_text(err)); /* tried again soon */
}

/* A parked line that was sent says of its record that it is settled, until the ack does. */
static void keep_unheeded(struct ack *ack)
{
	struct ack_chain *c = &ack->chain[ACK_PARKED];

	if (c->frontier > ack->heeded_parked)
		c->frontier = ack->heeded_parked;
	c->nranges = 0;
}

/* The older slot catches up, when nothing is settled any more that would have it written. */
static void read_acks(struct ship *s, struct ack *ack, struct ack *older)
{
	ack_read(&s->ack_slots, ack, older);
	for (unsigned i = ACK_LOSS; i < ACK_CHAINS; i++)
		if (ack->chain[i].frontier != older->chain[i].frontier) {
			if (!progress_save(s))
				ack_read(&s->ack_slots, ack, older);
			return;
		}
}

/* While no capture runs on the spool, nobody else trims the record chain. */
void progress_trim(struct ship *s)
{
	struct lock capture;
	struct ack ack, older;

	s->trim_due_ms = ship_now_ms() + TRIM_EVERY_MS;
	ballast_tend(s->spool.dir);
	read_acks(s, &ack, &older);
	if (gap_tells_all(s, &older))
		trim_own(s, "loss", ACK_LOSS, s->loss, &older);
	trim_own(s, "dead", ACK_DEAD, s->dead, &older);
	keep_unheeded(&older);
	trim_own(s, "parked", ACK_PARKED, s->parked, &older);
	if (carry_trim(s, &ack, &older) || spool_lock_idle(&s->spool, &capture))
		return;
	trim_records(s, &ack, &older);
	lock_drop(&capture);
	reader_forget(s->queues[QUEUE_REC].reader, s->queues[QUEUE_REC].window.state.frontier);
}

/* --- what people are told --- */

static struct ack_counts counts_of(const struct queue *q)
{
	struct ack_chain now;
	struct ack_counts counts;

	window_ack(&q->window, NULL, &now);
	counts = now.counts;
	for (unsigned i = 0; i < now.nranges; i++)
		ack_count_range(&counts, &now.ranges[i]);
	return counts;
}

static uint64_t backlog_of(struct ship *s, struct queue *q)
{
	uint64_t first_seq, last;
	struct frame_totals totals;
	struct first first = { 0 };

	if (reader_extent(q->reader, &first_seq, &last, &totals))
		return 0;
	if (q->id == ACK_REC)
		first_read(&s->first_slots, &first);
	struct ack_counts counts = counts_of(q);
	uint64_t done = ack_sum(&counts) + counts.apart + first.trimmed;
	return totals.committed > done ? totals.committed - done : 0;
}

/* Committed records that are neither settled nor given up. */
uint64_t progress_backlog(struct ship *s)
{
	uint64_t backlog = 0;

	for (unsigned i = 0; i < QUEUES; i++)
		backlog += backlog_of(s, &s->queues[i]);
	return backlog;
}

static void add_counts(
	struct ack_counts *sum, const struct ack_counts *now, const struct ack_counts *start)
{
	sum->indexed += now->indexed - start->indexed;
	sum->already_there += now->already_there - start->already_there;
	sum->dead += now->dead - start->dead;
	sum->lost += now->lost - start->lost;
	sum->failure_store += now->failure_store - start->failure_store;
}

/* What was settled since the start. */
static struct ack_counts counts_since_start(const struct ship *s)
{
	struct ack_counts sum = { 0 };

	for (unsigned i = 0; i < QUEUES; i++) {
		struct ack_counts now = counts_of(&s->queues[i]);
		add_counts(&sum, &now, &s->at_start[i]);
	}
	return sum;
}

void progress_summary(struct ship *s)
{
	char indexed[STATS_TEXT], there[STATS_TEXT], dead[STATS_TEXT], lost[STATS_TEXT],
		waiting[STATS_TEXT], parked[STATS_TEXT], time[STATS_TEXT];
	struct ack_counts sum = counts_since_start(s);
	char stored[STATS_TEXT];
	uint64_t apart = backlog_of(s, &s->queues[QUEUE_PARKED]);

	log_info("%s records indexed, %s already there, %s dead, %s lost, %s still waiting%s%s%s, "
		 "in "
		 "%s%s%s%s",
		stats_count(sum.indexed, indexed), stats_count(sum.already_there, there),
		stats_count(sum.dead, dead), stats_count(sum.lost, lost),
		stats_count(progress_backlog(s), waiting), apart ? " (" : "",
		apart ? stats_count(apart, parked) : "", apart ? " of them parked)" : "",
		stats_duration(ship_now_ms() - s->start_ms, time),
		sum.dead ? "; espcap dead list " : "", sum.dead ? s->spool.dir : "",
		sum.dead ? " says why" : "");
	if (sum.failure_store)
		log_warn("%s of the indexed are in the server's failure store, not in their index",
			stats_count(sum.failure_store, stored));
	if (s->store_failed)
		log_warn("%s of the dead were meant for the server's failure store, which failed "
			 "as well",
			stats_count(s->store_failed, stored));
	if (s->dead_time)
		log_warn("%s of the dead have a time that their index does not take; an index of "
			 "mode time_series is none for packets",
			stats_count(s->dead_time, stored));
}

/* Why nothing is sent, or not all; "" when there is no reason. */
static const char *words(const struct ship *s, char *text, size_t size)
{
	if (*gate_words(s, text, size))
		return text;
	return *s->trouble ? s->trouble : park_words(s, text, size);
}

/* For espcap spool status. */
static void tell_spool(struct ship *s, const char *why)
{
	int64_t now = ship_now_ms();

	if (s->says_known && (now < s->says_due_ms || strcmp(s->says, why) == 0))
		return;
	says_write(&s->spool, why);
	(void)snprintf(s->says, sizeof(s->says), "%s", why);
	s->says_known = true;
	s->says_due_ms = now + SAYS_EVERY_MS;
}

void progress_report(struct ship *s, bool end)
{
	char line[LINE_BYTES + TROUBLE_MAX], text[TROUBLE_MAX];
	struct json j;

	s->report_due_ms = ship_now_ms() + 500;
	const char *why = words(s, text, sizeof(text));
	if (end)
		says_write(&s->spool, "");
	else
		tell_spool(s, why);
	if (s->conf.report_fd < 0)
		return;
	struct ack_counts sum = counts_since_start(s);
	json_init(&j, line, sizeof(line) - 1);
	json_open(&j, NULL);
	json_u64(&j, "indexed", sum.indexed);
	json_u64(&j, "already_there", sum.already_there);
	json_u64(&j, "dead", sum.dead);
	json_u64(&j, "lost", sum.lost);
	json_u64(&j, "failure_store", sum.failure_store);
	json_u64(&j, "backlog", progress_backlog(s));
	json_str(&j, "trouble", why);
	json_bool(&j, "end", end);
	json_close(&j);
	*j.p++ = '\n';
	if (write(s->conf.report_fd, line, json_len(&j)) < 0)
		s->conf.report_fd = -1; /* espcap is gone; shipping goes on */
}

static struct trouble *trouble_of(struct ship *s, const char *text)
{
	for (unsigned i = 0; i < TROUBLES; i++)
		if (strcmp(s->troubles[i].text, text) == 0)
			return &s->troubles[i];
	struct trouble *new = &s->troubles[s->next_trouble++ % TROUBLES];
	*new = (struct trouble){ 0 };
	(void)snprintf(new->text, sizeof(new->text), "%s", text);
	return new;
}

/* What comes back within a minute, and again and again, is one trouble. */
static void forget_soon(struct ship *s)
{
	int64_t soon = ship_now_ms() + FORGET_MS;

	for (unsigned i = 0; i < TROUBLES; i++)
		if (s->troubles[i].limit.next_ms > soon)
			s->troubles[i].limit.next_ms = soon;
}

void progress_trouble(struct ship *s, const char *text)
{
	if (!*text) {
		if (*s->trouble && s->trouble_told)
			log_info("records are being stored again");
		s->trouble[0] = '\0';
		s->trouble_told = false;
		forget_soon(s);
		return;
	}
	(void)snprintf(s->trouble, sizeof(s->trouble), "%s", text);
	struct trouble *t = trouble_of(s, s->trouble);
	unsigned long left_out = t->limit.left_out;
	log_limited(&t->limit, REMIND_MS, "%s; nothing is lost, trying again", text);
	s->trouble_told = s->trouble_told || t->limit.left_out <= left_out;
}
