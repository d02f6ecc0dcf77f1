/* ship_pace.c -- tests of size and number of requests, against a model of a link and a server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>

#include "pace.h"

enum { MOST = 5000000, MANY = 8, FLIGHTS = 16 };

/* A link that all uploads share, in front of a server that needs a while for each request. */
struct link {
	double rate;    /* bytes a second, after gzip */
	double ratio;   /* of the text to its gzip */
	int64_t rtt_ms; /* and the server's time */
	int64_t server_ms;
	size_t in_flight_max; /* text; more is 429 */
};

struct flight {
	bool busy;
	struct pace_trip trip;
	double left;       /* bytes to upload */
	int64_t answer_ms; /* once they are */
	bool refused;
};

struct run {
	struct pace pace;
	struct flight flights[FLIGHTS];
	int64_t now_ms;
	unsigned flying, answers, refusals;
	size_t raw_flying, raw_done;
	int64_t longest_upload_ms;
};

static void begin(struct run *r, size_t most, unsigned requests)
{
	*r = (struct run){ 0 };
	pace_init(&r->pace, most, requests, 1);
}

static void send_all(struct run *r, const struct link *l)
{
	for (unsigned i = 0; i < FLIGHTS && pace_may(&r->pace, r->flying, r->raw_flying); i++) {
		struct flight *f = &r->flights[i];
		if (f->busy)
			continue;
		*f = (struct flight){ .busy = true };
		r->flying++;
		r->raw_flying += r->pace.size;
		f->trip = (struct pace_trip){ .raw = r->pace.size,
			.wire = (size_t)((double)r->pace.size / l->ratio),
			.raw_beside = r->raw_flying,
			.beside = r->flying,
			.sent_ms = r->now_ms };
		f->left = (double)f->trip.wire;
		f->refused = l->in_flight_max && r->raw_flying > l->in_flight_max;
	}
}

static void land(struct run *r, struct flight *f)
{
	f->busy = false;
	f->trip.took_ms = r->now_ms - f->trip.sent_ms;
	r->flying--;
	r->raw_flying -= f->trip.raw;
	r->answers++;
	if (f->trip.upload_ms > r->longest_upload_ms)
		r->longest_upload_ms = f->trip.upload_ms;
	if (f->refused) {
		r->refusals++;
		pace_busy(&r->pace, &f->trip, r->now_ms);
		return;
	}
	r->raw_done += f->trip.raw;
	pace_answered(&r->pace, &f->trip);
	pace_clean(&r->pace, &f->trip);
}

/* One moment: uploads share the link, answers come. */
static void step(struct run *r, const struct link *l, int64_t ms)
{
	unsigned uploads = 0;

	for (unsigned i = 0; i < FLIGHTS; i++)
		uploads += r->flights[i].busy && r->flights[i].left > 0;
	r->now_ms += ms;
	for (unsigned i = 0; i < FLIGHTS; i++) {
		struct flight *f = &r->flights[i];
		if (!f->busy)
			continue;
		if (f->left > 0) {
			f->left -= l->rate * (double)ms / 1000 / uploads;
			if (f->left > 0)
				continue;
			f->trip.upload_ms = r->now_ms - f->trip.sent_ms + l->rtt_ms;
			f->answer_ms = r->now_ms + l->rtt_ms + l->server_ms;
		}
		if (r->now_ms >= f->answer_ms)
			land(r, f);
	}
}

static void go_in_steps(struct run *r, const struct link *l, int64_t ms, int64_t each)
{
	int64_t end = r->now_ms + ms;

	while (r->now_ms < end) {
		send_all(r, l);
		step(r, l, each);
		assert_in_range(r->pace.size, PACE_LEAST, r->pace.most);
		assert_in_range(r->pace.requests, 1, r->pace.most_requests);
	}
}

static void go(struct run *r, const struct link *l, int64_t seconds)
{
	go_in_steps(r, l, seconds * 1000, 10);
}

static void it_starts_small_and_is_at_its_most_in_seconds_on_a_fast_link(void **state)
{
	const struct link fast = { .rate = 1e8, .ratio = 10, .rtt_ms = 10, .server_ms = 50 };
	struct run r;

	(void)state;
	begin(&r, MOST, MANY);
	assert_int_equal(r.pace.size, PACE_FIRST);
	assert_int_equal(r.pace.requests, PACE_FIRST_REQUESTS);
	go(&r, &fast, 4);
	assert_int_equal(r.pace.size, MOST);
	assert_int_equal(r.pace.requests, MANY);
}

static void thin_links_get_requests_of_seconds_and_few_at_a_time(void **state)
{
	static const double rates[] = { 600, 1200, 3000, 8000, 16000, 32000 };
	static const double ratios[] = { 1.1, 4, 12 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (size_t k = 0; k < sizeof(ratios) / sizeof(ratios[0]); k++) {
			const struct link thin = { rates[i], ratios[k], 200, 50, 0 };
			struct run r;
			begin(&r, MOST, MANY);
			go(&r, &thin, 900);
			r.longest_upload_ms = 0;
			r.raw_done = 0;
			go(&r, &thin, 600);
			double least_s = PACE_LEAST / ratios[k] / rates[i];
			printf("%5.0f B/s, gzip %4.1f: %7zu bytes, %u at a time, upload at most "
			       "%lld ms, "
			       "link used %.0f %%\n",
				rates[i], ratios[k], r.pace.size, r.pace.requests,
				(long long)r.longest_upload_ms,
				100 * (double)r.raw_done / ratios[k] / rates[i] / 600);
			assert_in_range(r.pace.requests, 1, rates[i] > 16000 ? 4 : 2);
			assert_true((double)r.longest_upload_ms <=
				    6000 + (least_s > 4 ? 2000 * least_s : 0));
			assert_true((double)r.raw_done / ratios[k] > 0.6 * rates[i] * 600);
		}
	}
}

static void a_link_that_becomes_thin_is_followed_and_again_when_it_becomes_fast(void **state)
{
	const struct link fast = { 1e7, 10, 20, 50, 0 }, thin = { 8000, 10, 200, 50, 0 };
	struct run r;

	(void)state;
	begin(&r, MOST, MANY);
	go(&r, &fast, 60);
	assert_int_equal(r.pace.size, MOST);
	go(&r, &thin, 1800);
	assert_in_range(r.pace.size, PACE_LEAST, 400000);
	assert_in_range(r.pace.requests, 1, 2);
	go(&r, &fast, 60);
	assert_int_equal(r.pace.size, MOST);
	assert_int_equal(r.pace.requests, MANY);
}

static void a_slow_server_keeps_its_requests(void **state)
{
	const struct link slow = { 1e8, 10, 1, 6000, 0 };
	struct run r;

	(void)state;
	begin(&r, MOST, MANY);
	r.pace.size = MOST;
	go(&r, &slow, 300);
	assert_int_equal(r.pace.size, MOST);
	assert_int_equal(r.pace.requests, MANY);
}

/* (F64) */
static void what_is_on_its_way_settles_below_what_the_server_takes(void **state)
{
	static const size_t takes[] = { 20000, 100000, 1000000, 4000000, 12000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++) {
		const struct link l = { 1e8, 10, 20, 80, takes[i] };
		struct run r;
		begin(&r, MOST, MANY);
		go(&r, &l, 120);
		unsigned before = r.answers;
		r.refusals = 0;
		r.raw_done = 0;
		go(&r, &l, 120);
		printf("%8zu bytes taken: %zu a request, %u at a time, %u of %u refused\n",
			takes[i], r.pace.size, r.pace.requests, r.refusals, r.answers - before);
		assert_true(r.refusals * 20 <= r.answers - before);
		/* and what it takes is used: a round trip is 0.1 s */
		assert_true((double)r.raw_done > 0.3 * (double)takes[i] * 1200);
	}
}

static void busy_answers_of_one_moment_halve_the_number_once(void **state)
{
	struct pace p;
	const struct pace_trip trip = {
		.raw = 1000000, .raw_beside = 8000000, .beside = 8, .sent_ms = 5
	};

	(void)state;
	pace_init(&p, MOST, MANY, 1);
	p.requests = MANY;
	for (unsigned i = 0; i < MANY; i++)
		pace_busy(&p, &trip, 1000 + i);
	assert_int_equal(p.requests, MANY / 2);
	assert_int_equal(p.brim, 6000000);
	const struct pace_trip later = {
		.raw = 1000000, .raw_beside = 4000000, .beside = 4, .sent_ms = 1000
	};
	pace_busy(&p, &later, 2000);
	assert_int_equal(p.requests, MANY / 4);
}

static void the_number_goes_up_with_each_answer_until_it_was_too_large(void **state)
{
	struct pace p;
	struct pace_trip trip = { .raw = 1000000, .wire = 100000, .beside = MANY, .took_ms = 50 };

	(void)state;
	pace_init(&p, MOST, MANY, 1);
	pace_clean(&p, &trip);
	pace_clean(&p, &trip);
	assert_int_equal(p.requests, PACE_FIRST_REQUESTS + 2);
	pace_broken(&p, &trip, 1000);
	assert_int_equal(p.requests, 2);
	pace_clean(&p, &trip);
	assert_int_equal(p.requests, 2);
	pace_clean(&p, &trip);
	assert_int_equal(p.requests, 3); /* with each round */
	for (unsigned i = 0; i < 3; i++)
		pace_clean(&p, &trip);
	assert_int_equal(p.requests, 4);
	pace_init(&p, MOST, MANY, 1);
	pace_start_large(&p);
	assert_int_equal(p.size, MOST);
	assert_int_equal(p.requests, MANY);
}

static void what_breaks_is_halved_down_to_the_least(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, MOST, MANY, 1);
	p.size = MOST;
	p.requests = MANY;
	for (int64_t i = 1; i <= 20; i++) {
		const struct pace_trip trip = { .raw = p.size, .sent_ms = 10 * i };
		size_t before = p.size;
		pace_broken(&p, &trip, 10 * i + 5);
		assert_int_equal(p.size, before / 2 > PACE_LEAST ? before / 2 : PACE_LEAST);
	}
	assert_int_equal(p.requests, 1);
}

static void small_requests_do_not_make_larger_ones(void **state)
{
	struct pace p;
	const struct pace_trip small = { .raw = 1000, .wire = 500, .beside = 1, .took_ms = 3 };

	(void)state;
	pace_init(&p, MOST, MANY, 1);
	for (unsigned i = 0; i < 100; i++) {
		pace_answered(&p, &small);
		pace_clean(&p, &small);
	}
	assert_int_equal(p.size, PACE_FIRST);
	assert_int_equal(p.requests, PACE_FIRST_REQUESTS + 1); /* one on its way is enough */
}

/* Of one request that went well on its own. */
static size_t size_after(size_t raw, size_t wire, int64_t upload_ms, int64_t took_ms)
{
	struct pace p;
	const struct pace_trip trip = { .raw = raw,
		.wire = wire,
		.raw_beside = raw,
		.beside = 1,
		.took_ms = took_ms,
		.upload_ms = upload_ms };

	pace_init(&p, MOST, MANY, 1);
	pace_answered(&p, &trip);
	return p.size;
}

static void it_grows_by_what_the_upload_left_of_its_second(void **state)
{
	(void)state;
	assert_int_equal(size_after(16000, 1600, 2, 3), 256000); /* a probe tells, too */
	assert_int_equal(size_after(16000, 1600, 100, 110), 160000);
	assert_int_equal(size_after(64000, 2000, 250, 260), 256000);
	assert_int_equal(size_after(64000, 2000, 900, 910), 128000);
	assert_int_equal(size_after(64000, 2000, 1001, 1010), PACE_FIRST);
	/* the server's time counts as well */
	assert_int_equal(size_after(64000, 2000, 2, 1000), 256000);
	assert_int_equal(size_after(64000, 2000, 2, 4001), PACE_FIRST);
}

/* The queue before a thin link takes the first kilobytes at once. */
static void a_leap_ends_where_a_thin_link_would_need_seconds_for_it(void **state)
{
	(void)state;
	assert_int_equal(size_after(64000, 4096, 2, 3), 512000);
	assert_int_equal(size_after(64000, 8192, 2, 3), 256000);
	assert_int_equal(size_after(64000, 64000, 2, 3), 128000);
	assert_int_equal(size_after(16384, 16384, 2, 3), PACE_FIRST);
}

/* Answers until the first request of its most, and what the largest of those before it was, after
 * gzip. */
static unsigned answers_until_large(const struct link *l, int64_t seconds)
{
	struct run r;

	begin(&r, MOST, 4);
	while (r.pace.size < MOST && r.now_ms < seconds * 1000)
		go_in_steps(&r, l, 1, 1);
	printf("%.0f B/s, server %lld ms: size %zu after %u answers and %lld ms, "
	       "upload at most %lld ms\n",
		l->rate, (long long)l->server_ms, r.pace.size, r.answers, (long long)r.now_ms,
		(long long)r.longest_upload_ms);
	return r.pace.size == MOST ? r.answers : 0;
}

/* As a server on the same machine or the same LAN answers. */
static void a_quick_link_has_large_requests_after_a_handful(void **state)
{
	const struct link near = { 1e8, 11, 0, 15, 0 }, lan = { 1e7, 11, 2, 30, 0 };

	(void)state;
	assert_in_range(answers_until_large(&near, 2), 1, 14);
	assert_in_range(answers_until_large(&lan, 2), 1, 14);
}

/* Now and then a little goes at once, as long as the link has a bucket full of tokens for it. */
static void a_shaper_that_was_idle_tells_little(void **state)
{
	struct pace p;
	struct pace_trip trip = { .raw = 64000,
		.wire = 8000,
		.raw_beside = 64000,
		.beside = 1,
		.took_ms = 3,
		.upload_ms = 2 };

	(void)state;
	pace_init(&p, MOST, MANY, 1);
	for (unsigned i = 0; i < 1000; i++) {
		trip.sent_ms = i * 1000;
		pace_answered(&p, &trip);
	}
	assert_int_equal(p.size, 262144);
	for (unsigned i = 0; i < 8; i++) /* but 64 kB in a row were no bucket's */
		pace_answered(&p, &trip);
	assert_int_equal(p.size, 64000 * 9);
}

static void a_node_is_tried_with_what_is_little_on_the_wire(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, MOST, MANY, 1);
	assert_int_equal(pace_little(&p), PACE_LEAST); /* nothing is known yet */
	pace_made(&p, PACE_LEAST - 1, 100);            /* a short one tells nothing */
	assert_int_equal(pace_little(&p), PACE_LEAST);
	pace_made(&p, 64000, 8000);
	assert_int_equal(pace_little(&p), 32768);
	pace_made(&p, 64000, 60000);
	assert_int_equal(pace_little(&p), PACE_LEAST);
	pace_made(&p, 64000, 1000);
	assert_int_equal(pace_little(&p), PACE_FIRST);
	p.size = PACE_LEAST; /* a link that takes no more */
	assert_int_equal(pace_little(&p), PACE_LEAST);
}

static void limits_of_people_are_kept(void **state)
{
	const struct link fast = { 1e8, 10, 10, 10, 0 };
	struct run r;

	(void)state;
	begin(&r, PACE_LEAST, 1);
	go(&r, &fast, 10);
	assert_int_equal(r.pace.size, PACE_LEAST);
	assert_int_equal(r.pace.requests, 1);
	begin(&r, 1000000, 3);
	go(&r, &fast, 10);
	assert_int_equal(r.pace.size, 1000000);
	assert_int_equal(r.pace.requests, 3);
	pace_init(&r.pace, MOST, MANY, 3); /* three hosts */
	for (int64_t i = 1; i <= 20; i++) {
		const struct pace_trip trip = { .raw = MOST, .sent_ms = 10 * i };
		pace_broken(&r.pace, &trip, 10 * i);
	}
	assert_int_equal(r.pace.requests, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_small_and_is_at_its_most_in_seconds_on_a_fast_link),
		cmocka_unit_test(thin_links_get_requests_of_seconds_and_few_at_a_time),
		cmocka_unit_test(
			a_link_that_becomes_thin_is_followed_and_again_when_it_becomes_fast),
		cmocka_unit_test(a_slow_server_keeps_its_requests),
		cmocka_unit_test(what_is_on_its_way_settles_below_what_the_server_takes),
		cmocka_unit_test(busy_answers_of_one_moment_halve_the_number_once),
		cmocka_unit_test(the_number_goes_up_with_each_answer_until_it_was_too_large),
		cmocka_unit_test(what_breaks_is_halved_down_to_the_least),
		cmocka_unit_test(small_requests_do_not_make_larger_ones),
		cmocka_unit_test(it_grows_by_what_the_upload_left_of_its_second),
		cmocka_unit_test(a_leap_ends_where_a_thin_link_would_need_seconds_for_it),
		cmocka_unit_test(a_quick_link_has_large_requests_after_a_handful),
		cmocka_unit_test(a_shaper_that_was_idle_tells_little),
		cmocka_unit_test(a_node_is_tried_with_what_is_little_on_the_wire),
		cmocka_unit_test(limits_of_people_are_kept),
	};

	return TEST_RUN(tests);
}
