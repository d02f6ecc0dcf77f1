/* settle.c -- answers become outcomes: settled, again, dead. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http.h"
#include "settle.h"

/* --- outcomes --- */

void tally_settle(struct tally *t, uint64_t seq, enum outcome outcome)
{
	if (t->batch->apart)
		outcome = OUTCOME_APART;
	if (window_holds(&t->queue->window, seq))
		window_set(&t->queue->window, seq, outcome);
	else
		t->queue->window.state.counts.late++;
}

int reason_told(const char *reason)
{
	enum { REASON_TOLD = 150 };
	const char *quote = strstr(reason, "Preview of field's value");
	size_t n = quote ? (size_t)(quote - reason) : strlen(reason);

	return (int)(n < REASON_TOLD ? n : REASON_TOLD);
}

void tally_keep(struct tally *t, uint64_t seq, const struct verdict_item *item)
{
	t->batch->seqs[t->kept++] = seq;
	if (!t->why[0] && item)
		(void)snprintf(t->why, sizeof(t->why), "index %.60s: status %d %.60s%s%.*s",
			t->batch->index, item->status, item->type, *item->reason ? ": " : "",
			reason_told(item->reason), item->reason);
}

static void note_pause(struct tally *t, const struct verdict_item *item)
{
	if (!t->pause)
		(void)snprintf(t->pause_why, sizeof(t->pause_why),
			"the server takes nothing (status %d %.60s%s%.*s)", item->status,
			item->type, *item->reason ? ": " : "", reason_told(item->reason),
			item->reason);
	t->pause = true;
}

static void note_stuck(struct tally *t, int status, const char *type, const char *reason)
{
	if (t->slow)
		return;
	t->slow = true;
	t->stuck.status = status;
	(void)snprintf(t->stuck.type, sizeof(t->stuck.type), "%.63s", type);
	(void)snprintf(
		t->stuck.reason, sizeof(t->stuck.reason), "%.*s", reason_told(reason), reason);
}

/* A dead letter, unless it may be the index that is wrong. */
static void die(struct tally *t, uint64_t seq, const struct verdict_item *item)
{
	if (!t->braked) {
		bury(t, seq, item);
		return;
	}
	note_stuck(t, item->status, item->type, item->reason);
	tally_keep(t, seq, item);
}

static void on_item(void *arg, size_t i, const struct verdict_item *item)
{
	struct tally *t = arg;
	uint64_t seq = t->batch->seqs[i];
	const char *row;
	enum verdict verdict = verdict_of_item(item, &row);

	if (verdict != VERDICT_INDEXED && verdict != VERDICT_ALREADY_THERE)
		log_debug("sequence %llu: %s", (unsigned long long)seq, row);
	switch (verdict) {
	case VERDICT_INDEXED:
		tally_settle(t, seq, item->failure_store ? OUTCOME_STORED_FAILED : OUTCOME_INDEXED);
		return;
	case VERDICT_ALREADY_THERE:
		tally_settle(t, seq, OUTCOME_ALREADY);
		return;
	case VERDICT_DEAD_TIME:
	case VERDICT_DEAD:
		die(t, seq, item);
		return;
	case VERDICT_ALONE:
		if (t->batch->alone || t->batch->count == 1) {
			die(t, seq, item);
			return;
		}
		t->alone = true;
		break;
	case VERDICT_PAUSE_ALL:
		note_pause(t, item);
		break;
	case VERDICT_PAUSE_INDEX:
		note_stuck(t, item->status, item->type, item->reason);
		break;
	default:
		t->busy = true;
		break;
	}
	tally_keep(t, seq, item);
}

static void something_taken(struct tally *t)
{
	t->ship->progress_ms = ship_now_ms();
	if (!t->slow)
		park_taken(t->ship, t->batch->index);
	if (!t->pause)
		pause_over(t->ship);
}

static bool starts_object(const struct http_answer *answer)
{
	size_t n = strspn(answer->body, " \t\r\n");

	return n < answer->len && answer->body[n] == '{';
}

/* Nothing is settled: the same ids go again, and when that was tried before, in halves, which gets
 * through to a server that errs only with some documents. */
static void go_again(struct tally *t)
{
	enum { UNCLEAR_MAX = 2 };
	struct batch *b = t->batch;

	t->kept = b->count;
	if (++b->unclear < UNCLEAR_MAX || b->count == 1) {
		next_try(t, 0);
		return;
	}
	b->unclear = 0;
	next_halves(t, backoff_failed(&t->ship->backoff, 0));
}

static void unreadable(struct tally *t, int err, const char *why)
{
	struct ship *s = t->ship;

	if (err == ERR_AGAIN) { /* the answer mixes outcomes: whose is which? */
		s->ids_wanted = IDS_AFTER;
		t->batch->ask = ASK_IDS;
		t->kept = t->batch->count;
		next_try(t, 0);
		return;
	}
	t->foreign = err == ERR_UNSUPPORTED;
	if (!t->foreign) {
		log_limited(&s->limit_answers, 60000, "%s; sending again", why);
		go_again(t);
		return;
	}
	t->kept = t->batch->count;
	(void)snprintf(
		t->why, sizeof(t->why), "%.120s (status 200, index %.60s)", why, t->batch->index);
	next_try(t, 0);
}

static void read_items(struct tally *t, const struct http_answer *answer)
{
	struct ship *s = t->ship;
	struct err_detail why;
	size_t before = t->batch->count;

	int err = answer_look(t, answer->body, answer->len, &why);
	if (!err)
		err = verdict_read(answer->body, answer->len, before, on_item, t, &why);
	if (err) {
		unreadable(t, err, why.text);
		return;
	}
	t->batch->unclear = 0;
	if ((size_t)answer->received < answer->len / PACKED) /* then ids cost next to nothing */
		s->ids_wanted = IDS_AFTER;
	else
		s->ids_wanted -= s->ids_wanted > 0;
	bury_all(t);
	bool clean = t->kept == 0;
	if (clean) {
		backoff_succeeded(&s->backoff);
		progress_trouble(s, "");
		ship_is_clean(s, t->batch);
	}
	if (t->busy)
		ship_is_busy(s, t->batch);
	if (t->kept < before)
		something_taken(t);
	next_try(t, answer->retry_after_ms);
}

/* A record that failed alone as a whole request: the server's own words stand in its letter. */
static void bury_alone(struct tally *t, int status, const struct verdict_whole *whole)
{
	const struct verdict_item item = { .status = status,
		.type = *whole->type ? whole->type : "request_refused",
		.reason = *whole->reason ? whole->reason : t->why,
		.id = "" };

	struct deaths deaths = { .stored = 0 };

	deaths_note(&deaths, &item, VERDICT_DEAD, true);
	brake_look(t, &deaths);
	t->kept = 0;
	die(t, t->batch->seqs[0], &item);
	bury_all(t);
	next_try(t, 0);
}

static void whole_request(struct tally *t, const struct http_answer *answer)
{
	struct ship *s = t->ship;
	struct batch *b = t->batch;
	struct verdict_whole whole;

	verdict_of_request(answer->status, answer->body, answer->len, &whole);
	if (whole.verdict == VERDICT_INDEXED) {
		ceiling_passed(&s->ceiling, b->raw, ship_now_ms());
		read_items(t, answer);
		return;
	}
	if (answer->status == 413)
		ceiling_refused(&s->ceiling, b->raw, ship_now_ms());
	log_debug("request: %s", whole.row);
	t->kept = b->count;
	(void)snprintf(t->why, sizeof(t->why), "%s (status %d%s%.40s, index %.60s)", whole.words,
		answer->status, *whole.type ? " " : "", whole.type, b->index);
	(void)snprintf(t->pause_why, sizeof(t->pause_why), "%s (status %d%s%.40s)", whole.words,
		answer->status, *whole.type ? " " : "", whole.type);
	t->pause = whole.verdict == VERDICT_PAUSE_ALL;
	t->foreign = whole.verdict == VERDICT_FOREIGN;
	if (whole.verdict == VERDICT_PAUSE_INDEX)
		note_stuck(t, answer->status, whole.type, whole.words);
	if (answer->status == 429)
		ship_is_busy(s, b);
	if (whole.verdict != VERDICT_SPLIT)
		next_try(t, answer->retry_after_ms);
	else if (b->count > 1)
		next_halves(t, 0);
	else
		bury_alone(t, answer->status, &whole);
}

/* Nothing of it left, and it has no history: its records are nobody's, so that what goes once there is a
 * connection is as large as it may be. The host rests. */
static bool never_left(const struct batch *b, const struct http_answer *answer)
{
	return !answer->sent && !b->unclear && !b->alone;
}

static void outcome_unknown(struct tally *t, const struct http_answer *answer)
{
	if (answer->error)
		log_limited(&t->ship->limit_answers, 60000, "no answer: %s; sending again",
			answer->error);
	if (never_left(t->batch, answer)) {
		batch_release(t->queue, t->batch);
		return;
	}
	t->kept = t->batch->count;
	t->elsewhere = answer->elsewhere;
	if (!answer->too_long || !starts_object(answer)) {
		next_try(t, 0);
		return;
	}
	t->batch->unclear++;
	if (t->batch->count == 1)
		t->batch->ask = ASK_TERSE;
	go_again(t);
}

void settle_answer(struct ship *s, struct batch *b, const struct http_answer *answer)
{
	struct tally t = { .ship = s, .batch = b, .queue = &s->queues[b->queue] };

	if (answer->status == 0)
		outcome_unknown(&t, answer);
	else
		whole_request(&t, answer);
	s->unsaved = true;
}

void settle_stored(struct ship *s, struct batch *b)
{
	struct tally t = { .ship = s, .batch = b, .queue = &s->queues[b->queue] };

	for (size_t i = 0; i < b->count; i++)
		tally_settle(&t, b->seqs[i], OUTCOME_INDEXED);
	s->progress_ms = ship_now_ms();
	s->unsaved = true;
	progress_trouble(s, "");
	next_try(&t, 0);
}
