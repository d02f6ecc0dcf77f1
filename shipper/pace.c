/* pace.c -- how large a request is, and how many are on their way at a time. Pure.
 *
 * The size goes by the time that the upload takes, not by that of the server, which a larger
 * request uses better: over a thin link requests of a few seconds lose little when it breaks, and
 * nobody has a time-out that such a one meets. The number goes by the answers. But where the link
 * is what is scarce, more requests only starve each other: two keep it busy while the server
 * thinks, so there are no more than the rate can carry. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "pace.h"

enum {
	QUICK_MS = 1000,      /* an upload within it: the next one may be larger */
	SLOW_MS = 4000,       /* above it: smaller */
	GOAL_MS = 2500,       /* and how much smaller */
	QUICK_TRIP_MS = 4000, /* the same of the whole request, with the server's work */
	SLOW_TRIP_MS = 15000,
	GOAL_TRIP_MS = 10000,
	TIMES_LEAST = 2, /* how much larger: as much as would still be quick, within these, and */
	TIMES_MOST = 16,
	LEAP_WIRE = 32 << 10, /* no more than this after gzip, unless it is TIMES_LEAST */
	CALM = 256,           /* clean answers until the brim is looked for with longer steps */
	CAREFUL = 256,
	BOLD = 8,
	SPAN_MS = 2000, /* a request more is worth it when the link carries 16 KiB more in it */
};

static size_t at_least(size_t size)
{
	return size > PACE_LEAST ? size : PACE_LEAST;
}

void pace_init(struct pace *p, size_t most, unsigned most_requests, unsigned least_requests)
{
	*p = (struct pace){ .most = at_least(most),
		.most_requests = most_requests,
		.least_requests = least_requests < most_requests ? least_requests : most_requests,
		.brim = SIZE_MAX,
		.cut_ms = INT64_MIN };
	if (!p->least_requests)
		p->least_requests = 1;
	p->size = p->most < PACE_FIRST ? p->most : PACE_FIRST;
	p->requests = PACE_FIRST_REQUESTS < most_requests ? PACE_FIRST_REQUESTS : most_requests;
	if (p->requests < p->least_requests)
		p->requests = p->least_requests;
}

void pace_start_large(struct pace *p)
{
	p->size = p->most;
	p->requests = p->most_requests;
}

void pace_made(struct pace *p, size_t raw, size_t wire)
{
	if (raw >= PACE_LEAST)
		p->part = (double)wire / (double)raw;
}

size_t pace_little(const struct pace *p)
{
	double size = p->part > 0 ? PACE_LITTLE_WIRE / p->part : PACE_LEAST;
	size_t most = p->size < PACE_FIRST ? p->size : PACE_FIRST;

	return size > (double)most ? most : at_least((size_t)size);
}

bool pace_may(const struct pace *p, unsigned flying, size_t raw_flying)
{
	return flying < p->requests && (flying == 0 || p->brim - p->size >= raw_flying);
}

/* --- what the link carries --- */

static unsigned useful_requests(const struct pace *p)
{
	double useful = p->rate * SPAN_MS / 1000 / PACE_LEAST;
	/* two keep the link busy, unless two of the least size are too slow */
	bool two = 2 * p->part * PACE_LEAST * 1000 <= p->rate * SLOW_MS;
	unsigned least = two && p->least_requests < PACE_FIRST_REQUESTS ? PACE_FIRST_REQUESTS
									: p->least_requests;

	if (p->rate <= 0 || useful >= p->most_requests)
		return p->most_requests;
	least = least < p->most_requests ? least : p->most_requests;
	return useful > least ? (unsigned)useful : least;
}

static void measure(struct pace *p, const struct pace_trip *trip)
{
	int64_t ms = trip->took_ms > 0 ? trip->took_ms : 1;
	double now = (double)trip->wire * trip->beside * 1000 / (double)ms;

	p->part = (double)trip->wire / (double)(trip->raw ? trip->raw : 1);
	p->rate = p->rate > 0 ? p->rate + (now - p->rate) / 4 : now;
	if (p->requests > useful_requests(p))
		p->requests = useful_requests(p);
}

static void set_size(struct pace *p, size_t size)
{
	p->size = at_least(size < p->most ? size : p->most);
	if (p->size > p->brim)
		p->size = p->brim;
}

static void shrink(struct pace *p, const struct pace_trip *trip, double part)
{
	size_t size = (size_t)((double)trip->raw * (part > 0.25 ? part : 0.25));

	if (size < p->size)
		set_size(p, size);
}

/* How often `ms` goes into what is quick. */
static double times(int64_t ms, int64_t quick_ms)
{
	double n = (double)quick_ms / (double)(ms > 0 ? ms : 1);

	return n < TIMES_MOST ? n : TIMES_MOST;
}

/* What went fast is followed by more, by so much that it would be quick as well. But a few kilobytes can
 * be fast because a queue on the way swallowed them, or a shaper let them through that had been idle:
 * what they tell ends at LEAP_WIRE, or at as much again as went fast within a second. */
static void grow(struct pace *p, const struct pace_trip *trip)
{
	double upload = times(trip->upload_ms, QUICK_MS),
	       took = times(trip->took_ms, QUICK_TRIP_MS);
	size_t wire = p->quick > LEAP_WIRE ? p->quick : LEAP_WIRE;
	double leap = (double)wire / (double)(trip->wire ? trip->wire : 1);
	double n = upload < took ? upload : took;

	n = n < leap ? n : leap;
	size_t size = (size_t)((double)trip->raw * (n > TIMES_LEAST ? n : TIMES_LEAST));
	if (size > p->size)
		set_size(p, size);
}

void pace_answered(struct pace *p, const struct pace_trip *trip)
{
	if (trip->upload_ms > SLOW_MS) {
		shrink(p, trip, (double)GOAL_MS / (double)trip->upload_ms);
	} else if (trip->took_ms > SLOW_TRIP_MS) {
		shrink(p, trip, (double)GOAL_TRIP_MS / (double)trip->took_ms);
	}
	if (trip->raw >= p->size / 4 * 3) /* a small one tells little of larger ones */
		measure(p, trip);
	if (trip->upload_ms > QUICK_MS || trip->took_ms > QUICK_TRIP_MS ||
		trip->sent_ms < p->cut_ms)
		return;
	if (trip->sent_ms >= p->quick_ms + QUICK_MS) {
		p->quick_ms = trip->sent_ms;
		p->quick = 0;
	}
	p->quick += trip->wire;
	grow(p, trip);
}

/* --- what the server takes --- */

void pace_clean(struct pace *p, const struct pace_trip *trip)
{
	unsigned round = p->cut_ms == INT64_MIN ? 1 : p->requests;

	if (trip->beside + 1 >= p->requests) /* it was the number that held back more */
		p->clean++;
	if (p->clean >= round && p->requests < useful_requests(p)) {
		p->requests++;
		p->clean = 0;
	}
	if (p->brim == SIZE_MAX)
		return;
	p->brim += trip->raw / (p->calm++ < CALM ? CAREFUL : BOLD);
	if (p->brim / p->most >= p->most_requests)
		p->brim = SIZE_MAX;
}

/* False when it was cut since this one was sent: the requests of one moment fail together. */
static bool cut(struct pace *p, const struct pace_trip *trip, int64_t now_ms)
{
	if (trip->sent_ms < p->cut_ms)
		return false;
	p->cut_ms = now_ms;
	p->quick = 0;
	p->clean = p->calm = 0;
	p->requests /= 2;
	if (p->requests < p->least_requests)
		p->requests = p->least_requests;
	return true;
}

void pace_busy(struct pace *p, const struct pace_trip *trip, int64_t now_ms)
{
	size_t less = at_least(trip->raw_beside / 4 * 3);

	if (!cut(p, trip, now_ms))
		return;
	if (less < p->brim)
		p->brim = less;
	set_size(p, p->size);
}

void pace_broken(struct pace *p, const struct pace_trip *trip, int64_t now_ms)
{
	if (!cut(p, trip, now_ms))
		return;
	set_size(p, (trip->raw < p->size ? trip->raw : p->size) / 2);
}
