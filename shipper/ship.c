/* ship.c -- the shipper: from the spool into a sink, with acknowledgements.
 *
 *   spool --[batch_fill]------------------> FLYING --whole answer [settle_answer]--> settled --+
 *     \--[send_ahead]--> READY --[send_one]--^  |  \--413, or 400 [split]--> two WAITING       |
 *                                            |  |  \--some items again [next_try]--> WAITING   |
 *                           [batch_rebuild]--+  v                                              |
 *                                         WAITING <-- 429, 5xx, cut, silence, pause            |
 *                                                             gone <--[progress_save]----------+
 *   any state -- SIGTERM [on_signal]--> requests finish or are forgotten, the ack is written, exit
 *
 *  READY: a body that was never sent. FLYING: no LMDB transaction is open; the body is the
 *  batch's own; none of its records is settled. WAITING: the sequences are kept, no body. Settled:
 *  dead letters and loss documents that stand for records are durable before the ack is (I10).
 *
 * Everything runs on one libuv loop. pump() is called after every event: it makes and sends what
 * may be sent, saves what is due, and sets the one timer to the next moment that matters. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship.h"

#include <sys/stat.h>

#include "carry.h"
#include "clock.h"
#include "http.h"
#include "paths.h"
#include "ship_internal.h"

enum {
	SAVE_MS = 1000,
	STOP_MS = 5000, /* a signal waits this long for answers */
};

static void pump(struct ship *s);

/* --- what comes back --- */

static void landed(struct ship *s, struct batch *b)
{
	s->flying--;
	s->flying_bytes -= b->body.len;
	s->flying_raw -= b->raw;
}

static struct pace_trip trip_of(const struct batch *b)
{
	return (struct pace_trip){ .raw = b->raw,
		.wire = b->body.len,
		.raw_beside = b->raw_beside,
		.beside = b->beside,
		.sent_ms = b->sent_ms };
}

void ship_is_busy(struct ship *s, const struct batch *b)
{
	const struct pace_trip trip = trip_of(b);

	pace_busy(&s->pace, &trip, ship_now_ms());
}

void ship_is_clean(struct ship *s, const struct batch *b)
{
	const struct pace_trip trip = trip_of(b);

	pace_clean(&s->pace, &trip);
}

/* A gateway that waited for the server in vain says so with an answer. */
static void heed_trip(struct ship *s, const struct batch *b, const struct http_answer *answer)
{
	struct pace_trip trip = trip_of(b);
	bool broken = answer->status == 0 ? answer->broken
					  : answer->status == 408 || answer->status == 504;

	trip.took_ms = answer->took_ms;
	trip.upload_ms = answer->upload_ms;
	if (broken)
		pace_broken(&s->pace, &trip, ship_now_ms());
	else if (answer->status == 200)
		pace_answered(&s->pace, &trip);
}

/* An answer that says busy came from the server itself. */
static void heed_herd(struct ship *s, const struct http_answer *answer)
{
	bool got_through = answer->status && answer->status < 500;
	uint64_t backlog = got_through && s->herd.down_ms ? progress_backlog(s) : 0;

	herd_heed(&s->herd, got_through, ship_now_ms(), backlog, s->backoff.random);
}

void ship_answered(struct ship *s, struct batch *b, const struct http_answer *answer)
{
	landed(s, b);
	heed_trip(s, b, answer);
	heed_herd(s, answer);
	settle_answer(s, b, answer);
	ship_wake(s);
}

void ship_stored(struct ship *s, struct batch *b)
{
	landed(s, b);
	settle_stored(s, b);
	ship_wake(s);
}

void ship_trouble(struct ship *s, const char *why)
{
	progress_trouble(s, why);
}

void ship_fail(struct ship *s, const char *why)
{
	log_error("%s", why);
	s->failed = true;
	ship_wake(s);
}

static void on_timer(uv_timer_t *timer)
{
	pump(timer->data);
}

/* From callbacks: pump soon, but not inside them. */
void ship_wake(struct ship *s)
{
	if (!s->ended)
		(void)uv_timer_start(&s->timer, on_timer, 0, 0);
}

/* --- the end --- */

static bool has_batches(const struct ship *s)
{
	for (unsigned i = 0; i < BATCHES; i++)
		if (s->batches[i].state != BATCH_FREE)
			return true;
	return false;
}

/* Records that are in no batch, and not settled either. */
static bool has_waiting(const struct window *w)
{
	return window_count(w, OUTCOME_HELD) || window_count(w, OUTCOME_REFUSED);
}

static bool is_read_out(struct ship *s, struct queue *q)
{
	char why[PATHS_MAX + 128];
	uint64_t first, last;
	struct frame_totals totals;
	int err = reader_extent(q->reader, &first, &last, &totals);

	if (err && err != ERR_END) {
		(void)snprintf(why, sizeof(why), "cannot read the spool %s: %s", s->spool.dir,
			err_text(err));
		progress_trouble(s, why);
		return false;
	}
	return err == ERR_END || (window_free(&q->window) > last && !has_waiting(&q->window));
}

/* Everything committed is settled. Who is asked first matters: a capture that has ended commits
 * nothing more. */
static bool is_drained(struct ship *s)
{
	char holder[LOCK_HOLDER_MAX];

	if (!carry_is_done(s) || has_batches(s) || s->requested ||
		spool_capture_runs(&s->spool, holder))
		return false;
	for (unsigned i = 0; i < QUEUES; i++)
		if (!is_read_out(s, &s->queues[i]))
			return false;
	return true;
}

static bool gives_up(const struct ship *s, int64_t now)
{
	return s->conf.once && s->conf.give_up_ms && now - s->progress_ms >= s->conf.give_up_ms;
}

static void end_loop(struct ship *s)
{
	s->ended = true;
	(void)uv_timer_stop(&s->timer);
	uv_stop(&s->loop);
}

/* Looks once a second. Nobody would acknowledge what is read from a folder that is not there. */
static bool folder_is_gone(struct ship *s, int64_t now)
{
	if (now < s->folder_due_ms)
		return s->gone;
	s->folder_due_ms = ship_now_ms() + POLL_MS;
	s->gone = s->gone || spool_is_gone(&s->spool, &s->lock);
	return s->gone;
}

static bool finished(struct ship *s, int64_t now)
{
	if (s->failed || folder_is_gone(s, now))
		return true;
	if (s->stopping)
		return (s->flying == 0 && !ship_flushes(s)) || now >= s->progress_ms + STOP_MS;
	if (!s->conf.once)
		return false;
	s->drained = s->drained || (is_drained(s) && !folder_is_gone(s, INT64_MAX));
	if (s->drained)
		return !s->sink->finish(s->sink);
	/* what hangs does not keep anybody from giving up */
	return gives_up(s, now) && (s->flying == 0 || gives_up(s, now - STOP_MS));
}

/* --- the loop --- */

static int64_t next_moment(struct ship *s, int64_t now, int64_t sink_at)
{
	int64_t at = now + POLL_MS;
	int64_t candidates[] = { s->ack_due_ms, s->pause_next_ms, park_next_ms(s), sink_at,
		carry_due_ms(s), s->conf.report_fd >= 0 ? s->report_due_ms : 0, s->herd.until_ms,
		s->lanes[0].leaves_ms, s->lanes[1].leaves_ms, s->lanes[2].leaves_ms,
		s->lanes[3].leaves_ms };

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
		if (candidates[i] > now && candidates[i] < at)
			at = candidates[i];
	for (unsigned i = 0; i < BATCHES; i++)
		if (s->batches[i].state == BATCH_WAITING && s->batches[i].not_before_ms > now &&
			s->batches[i].not_before_ms < at)
			at = s->batches[i].not_before_ms;
	return at;
}

/* True when the frontier has moved: the window has room again. */
static bool save_when_due(struct ship *s, int64_t now)
{
	const struct window *w = &s->queues[QUEUE_REC].window;
	uint64_t frontier = w->state.frontier;
	uint64_t head = w->head ? w->head->state.frontier : 0;

	if (s->unsaved && !s->ack_due_ms)
		s->ack_due_ms = now + SAVE_MS;
	if (!s->ack_due_ms || (now < s->ack_due_ms && !window_is_half_full(w)))
		return false;
	s->ack_due_ms = progress_save(s) ? now + SAVE_MS : 0;
	return w->state.frontier != frontier || (w->head && w->head->state.frontier != head);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status)
{
	struct ship *s = watch->data;

	(void)name;
	(void)events;
	(void)status;
	if (pace_may(&s->pace, s->flying, s->flying_raw))
		ship_wake(s);
}

/* Watches the tail of the record chain: it is written behind each commit. Its file comes with the
 * first capture, and another one takes its place when it could not be written. */
static void watch_tail(struct ship *s)
{
	char folder[PATHS_MAX], path[PATHS_MAX];
	struct stat st;

	if (paths_join(folder, s->spool.dir, "rec") || paths_join(path, folder, "tail") ||
		stat(path, &st) != 0 || s->watched == st.st_ino)
		return;
	(void)uv_fs_event_stop(&s->watch);
	if (uv_fs_event_start(&s->watch, on_change, path, 0) == 0)
		s->watched = st.st_ino;
}

static bool housekeeping(struct ship *s, int64_t now)
{
	bool room = save_when_due(s, now);

	if (!s->stopping) {
		room = letters_work(s, now) || room;
		room = carry_work(s, now) || room;
		order_tend(s, now);
	}
	park_tend(s, now);
	bury_tend(s, now);

	if (now >= s->trim_due_ms) {
		progress_trim(s);
		watch_tail(s);
	}
	if (now >= s->report_due_ms)
		progress_report(s, false);
	return room;
}

void ship_send_little(struct ship *s)
{
	size_t little = pace_little(&s->pace);

	if (s->next_most > little)
		s->next_most = little;
}

static bool may_send(struct ship *s, int64_t now, int64_t *sink_at)
{
	const char *why = NULL;

	*sink_at = 0;
	if (pause_holds(s, now) || !pace_may(&s->pace, s->flying, s->flying_raw) ||
		s->flying_bytes + s->pace.size > FLYING_BYTES_MAX)
		return false;
	if (!gate_is_open(s, now, sink_at))
		return false;
	*sink_at = 0;
	s->next_most = s->pace.size;
	if (s->sink->ready(s->sink, now, sink_at, &why))
		return true;
	if (why && *why)
		progress_trouble(s, why);
	return false;
}

static void pump(struct ship *s)
{
	int64_t now = ship_now_ms(), sink_at = 0;

	if (s->ended)
		return;
	gate_tend(s, now);
	/* one at a time: what is made leaves before the next is made */
	bool more = may_send(s, now, &sink_at) && send_one(s, now);
	if (!more)
		send_ahead(s, now);
	more = housekeeping(s, ship_now_ms()) || more;
	now = ship_now_ms();
	if (finished(s, now)) {
		end_loop(s);
		return;
	}
	int64_t wait = more ? 0 : next_moment(s, now, sink_at) - now;
	(void)uv_timer_start(&s->timer, on_timer, (uint64_t)(wait > 0 || more ? wait : 1), 0);
}
