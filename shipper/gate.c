/* gate.c -- metered links: when and how much may be sent. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "ship_internal.h"
#include "stats.h"

enum {
	RATE_LEAST = 1000,    /* a request with its answer takes longer than a minute below it */
	REQUEST_BYTES = 4096, /* around a body: headers, records of TLS, perhaps a handshake */
	ITEM_BYTES = 40,      /* of an answer */
	LEAST_TEXT = 4096,
	DAY_PARTS = 64,
	REMIND_MS = 600000,
	DAY_S = 86400,
};
static const int64_t NS_PER_S = 1000000000;
static const double FIRST_PART = 0.3;

static int64_t wall_s(void)
{
	return clock_wall_ns() / NS_PER_S;
}

/* Local days since 1970, as on a bill. */
static int64_t local_day(void)
{
	time_t at = (time_t)wall_s();
	struct tm tm;

	if (!localtime_r(&at, &tm))
		return at / DAY_S;
	tm.tm_hour = 12;
	tm.tm_min = tm.tm_sec = 0;
	return timegm(&tm) / DAY_S;
}

static int64_t boot_ms(void)
{
	return clock_ms(clock_boot_ns());
}

int gate_check_rate(int64_t per_s, struct err_detail *why)
{
	return per_s && per_s < RATE_LEAST
		       ? err_set(why, ERR_USAGE,
				 "--max-rate has to be at least %d bytes a second, or 0, which is "
				 "no limit",
				 RATE_LEAST)
		       : 0;
}

int gate_begin(struct ship *s, struct err_detail *why)
{
	struct gate *g = &s->gate;

	rate_init(&g->rate, s->conf.max_rate, ship_now_ms());
	g->part = FIRST_PART;
	g->look_ms = ship_now_ms();
	int err = hours_parse(&g->hours, s->conf.windows, s->conf.nwindows, why);
	if (!err)
		err = budget_open(
			&g->budget, s->spool.dir, s->spool.epoch, s->conf.max_day, boot_ms(), why);
	return err;
}

static void heed_file(struct ship *s, int err)
{
	if (err)
		log_limited(&s->gate.limit, REMIND_MS,
			"cannot write %s/budget: %s; shipping goes on, and a restart may count "
			"the day's bytes wrong",
			s->spool.dir, strerror(errno));
}

void gate_end(struct ship *s)
{
	heed_file(s, budget_save(&s->gate.budget));
	budget_close(&s->gate.budget);
}

/* --- what was sent --- */

static void count_traffic(struct ship *s, int64_t now)
{
	struct gate *g = &s->gate;
	uint64_t total = s->sink && s->sink->traffic ? s->sink->traffic(s->sink) : 0;
	uint64_t new = total > g->seen ? total - g->seen : 0;

	g->seen = total;
	rate_spend(&g->rate, new, now);
	budget_spend(&g->budget, new);
}

static bool is_closed(const struct gate *g)
{
	return g->used_up || !hours_open(&g->hours, wall_s());
}

void gate_tend(struct ship *s, int64_t now)
{
	struct gate *g = &s->gate;

	count_traffic(s, now);
	if (budget_look(&g->budget, local_day(), boot_ms())) {
		if (g->used_up)
			log_info("a new day with %lld bytes of its own; sending goes on",
				(long long)g->budget.limit);
		g->used_up = false;
	}
	if (g->budget.used > g->budget.claimed) /* the set-up, which asks nobody */
		heed_file(s, budget_claim(&g->budget, 0));
	if (g->used_up && now >= g->save_ms) { /* so that a restart does not begin to wait anew */
		heed_file(s, budget_save(&g->budget));
		g->save_ms = now + REMIND_MS;
	}
	if (is_closed(g) || now < s->herd.until_ms)
		s->progress_ms += now - g->look_ms;
	g->look_ms = now;
}

/* --- what may be sent --- */

static uint64_t on_their_way(const struct ship *s)
{
	return s->flying_bytes + (uint64_t)s->flying * REQUEST_BYTES / 4;
}

static void tell_closed(struct ship *s)
{
	char records[STATS_TEXT];
	int64_t next = hours_next(&s->gate.hours, wall_s());
	time_t at = (time_t)next;
	struct tm tm;

	if (s->gate.closed || !next || !localtime_r(&at, &tm))
		return;
	s->gate.closed = true;
	log_info("--window: nothing is sent until %02d:%02d; %s records wait", tm.tm_hour,
		tm.tm_min, stats_count(progress_backlog(s), records));
}

bool gate_is_open(struct ship *s, int64_t now, int64_t *at_ms)
{
	struct gate *g = &s->gate;

	*at_ms = now + POLL_MS;
	if (!hours_open(&g->hours, wall_s())) {
		tell_closed(s);
		return false;
	}
	if (g->closed)
		log_info("--window: sending goes on");
	g->closed = false;
	if (g->used_up)
		return false;
	int64_t wait = rate_wait_ms(&g->rate, on_their_way(s), now);
	if (wait < POLL_MS)
		*at_ms = now + wait;
	return wait == 0;
}

const char *gate_words(const struct ship *s, char *text, size_t size)
{
	int64_t next = hours_next(&s->gate.hours, wall_s());
	time_t at = (time_t)next;
	struct tm tm;

	text[0] = '\0';
	if (s->gate.closed && next && localtime_r(&at, &tm))
		(void)snprintf(text, size, "--window: nothing is sent until %02d:%02d", tm.tm_hour,
			tm.tm_min);
	else if (s->gate.used_up)
		(void)snprintf(text, size,
			"the %lld bytes of this day (--max-bytes-per-day) are used up",
			(long long)s->gate.budget.limit);
	return text;
}

static uint64_t cost_of(const struct batch *b)
{
	return b->body.len + REQUEST_BYTES + b->count * ITEM_BYTES;
}

bool gate_takes(struct ship *s, const struct batch *b)
{
	struct gate *g = &s->gate;
	uint64_t bytes = on_their_way(s) + cost_of(b);
	char records[STATS_TEXT];

	if (b->raw)
		g->part = (3 * g->part + (double)cost_of(b) / (double)b->raw) / 4;
	/* one that is larger than a whole day's budget would never leave */
	bool alone = g->budget.used == 0 && s->flying == 0;
	if (alone || budget_allows(&g->budget, bytes)) {
		heed_file(s, budget_claim(&g->budget, bytes));
		return true;
	}
	if (!g->used_up)
		log_info("the %lld bytes of this day (--max-bytes-per-day) are used up; %s records "
			 "wait for the next one",
			(long long)g->budget.limit, stats_count(progress_backlog(s), records));
	g->used_up = true;
	g->save_ms = 0;
	return false;
}

static void lower(size_t *most, double bytes)
{
	if (bytes < LEAST_TEXT)
		*most = LEAST_TEXT;
	else if (bytes < (double)*most)
		*most = (size_t)bytes;
}

size_t gate_most(const struct ship *s)
{
	const struct gate *g = &s->gate;
	size_t most = s->conf.batch_bytes;

	if (g->rate.per_s)
		lower(&most, (double)g->rate.per_s / g->part);
	if (g->budget.limit)
		lower(&most, (double)g->budget.limit / DAY_PARTS / g->part);
	return most;
}
