/* test_writer_clock.c -- a clock that is not synced, or is set: in frames of their own, and told. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "clock.h"
#include "clock_event.h"
#include "disk.h"
#include "feed.h"
#include "json_judge.h"
#include "rnd.h"

static const int64_t S = INT64_C(1000000000);
static const char boot[] = "0b6b4b47-0d4a-4c6e-8d1b-2f8d2f3e4a5b";

/* What the spool holds: of packets by flag, of events by dataset. */
struct found {
	uint64_t synced, unsynced, losses, lost, changes, steps;
	int64_t after_ns[64]; /* of clock documents, in order */
	bool marked[64];
};

static const char *text_at(const cJSON *root, const char *a, const char *b)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, a);
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, b));

	return text ? text : "";
}

static double number_at(const cJSON *root, const char *object, const char *name)
{
	const cJSON *espcap = cJSON_GetObjectItemCaseSensitive(root, "espcap");
	const cJSON *part = cJSON_GetObjectItemCaseSensitive(espcap, object);

	return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(part, name));
}

static void read_event(struct found *f, const struct frame_header *h, const char *line, size_t n)
{
	cJSON *root = cJSON_ParseWithLength(line, n);
	const char *timestamp = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(root, "@timestamp"));
	int64_t ns = 0;

	assert_true(judge_json(line, n));
	assert_int_equal(clock_parse_iso(timestamp, &ns), 0);
	assert_true(ns >= h->min_time_ns && ns <= h->max_time_ns); /* its index is its own */
	if (strcmp(text_at(root, "event", "dataset"), "espcap.loss") == 0) {
		f->losses++;
		f->lost += (uint64_t)number_at(root, "loss", "count");
	} else {
		assert_string_equal(text_at(root, "event", "dataset"), "espcap.clock");
		f->marked[f->changes] = strcmp(text_at(root, "espcap", "clock"), "unsynced") == 0;
		f->after_ns[f->changes++] = ns;
		f->steps += (uint64_t)number_at(root, "step", "count");
	}
	cJSON_Delete(root);
}

static void read_line(struct found *f, const struct frame_header *h, const char *line, size_t n)
{
	bool unsynced = h->flags & FRAME_UNSYNCED;

	if (h->kind == FRAME_EVENT) {
		assert_int_equal(h->flags, 0);
		read_event(f, h, line, n);
		return;
	}
	/* the record says what it is */
	assert_memory_equal(line, unsynced ? "{\"u\":1," : "{\"u\":0,", 7);
	f->synced += !unsynced;
	f->unsynced += unsynced;
}

static struct found find(struct box *b)
{
	struct found found = { 0 };
	struct reader_frame f;
	struct reader *r;
	uint64_t from = 1;

	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	while (reader_next(r, from, &f) == 0) {
		const char *end = f.text + f.header.raw_len;
		for (const char *line = f.text, *next; line < end; line = next) {
			next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
			read_line(&found, &f.header, line, (size_t)(next - line) - 1);
		}
		from = f.header.first_seq + f.header.count;
	}
	reader_free(r);
	return found;
}

static struct writer *open_writer(struct box *b, enum writer_policy policy, uint64_t cap)
{
	const struct writer_conf conf = {
		.sensor = "edge-7", .boot_id = boot, .when_full = policy, .flush_ms = 20, .cap = cap
	};

	return feed_open_conf(b, &conf).writer;
}

static void push(struct writer *w, bool unsynced, unsigned number, int64_t time_ns)
{
	char *p = writer_begin(w, FRAME_SLIM, 64, 0);

	if (!p)
		return;
	int n = snprintf(p, 64, "{\"u\":%d,\"n\":%u}", unsynced, number);
	writer_end(w, (size_t)n, time_ns, 0, 0);
}

static void a_frame_never_mixes_what_two_clocks_have_stamped(void **state)
{
	struct box *b = *state;
	struct rnd rnd = rnd_start();
	struct writer *w = open_writer(b, WRITER_BLOCK, 0);
	uint64_t pushed[2] = { 0 };
	bool unsynced = false;

	for (unsigned i = 0; i < 20000; i++) {
		if (rnd_below(&rnd, 40) == 0) {
			unsynced = rnd_below(&rnd, 2);
			writer_set_unsynced(w, unsynced);
		}
		push(w, unsynced, i, (int64_t)rnd_below(&rnd, 1000) * S);
		pushed[unsynced]++;
	}
	assert_int_equal(writer_close(w, NULL, NULL), 0);
	struct found f = find(b);
	assert_int_equal(f.synced, pushed[0]);
	assert_int_equal(f.unsynced, pushed[1]);
	assert_int_equal(f.changes + f.losses, 0);
}

static void the_next_writer_knows_what_the_last_clock_was(void **state)
{
	struct box *b = *state;
	static const bool clocks[] = { false, true, true, false, false };
	bool before = false;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		struct writer *w = open_writer(b, WRITER_BLOCK, 0);
		assert_int_equal(writer_was_unsynced(w), before);
		writer_set_unsynced(w, clocks[i]);
		push(w, clocks[i], (unsigned)i, S);
		assert_int_equal(writer_close(w, NULL, NULL), 0);
		before = clocks[i];
	}
}

static struct clock_change change_to(int64_t after_ns, bool unsynced)
{
	return (struct clock_change){ .before_ns = 100 * S,
		.after_ns = after_ns,
		.boot_ns = 5 * S,
		.unsynced = unsynced,
		.steps = 1 };
}

static void a_change_becomes_a_document_without_being_asked(void **state)
{
	static const int64_t times[] = { 1, 1735689599 * S, 1767225600 * S, INT64_MAX };
	struct box *b = *state;
	struct writer *w = open_writer(b, WRITER_DROP_OLDEST, 0);
	struct feed feed = { .box = b, .writer = w };
	struct writer_status last;

	for (unsigned i = 0; i < 4; i++) { /* of several months, and in one commit */
		struct clock_change c = change_to(times[i], i % 2);
		writer_clock(w, &c);
	}
	push(w, false, 1, S);
	feed_wait_committed(&feed, 1);
	do
		writer_status(w, &last);
	while (last.events < 4);
	assert_int_equal(writer_close(w, &last, NULL), 0);
	assert_int_equal(last.events, 4);
	assert_int_equal(last.committed, 1);
	struct found f = find(b);
	assert_int_equal(f.changes, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(f.after_ns[i], times[i]);
		assert_int_equal(f.marked[i], i % 2);
	}
}

/* The disk fails for a while, and more happens in it than can be kept one by one: the last document
 * stands for the rest. */
static void no_change_is_forgotten_while_nothing_can_be_stored(void **state)
{
	enum { CHANGES = 3 * CLOCK_EVENTS_MAX };
	struct box *b = *state;
	struct writer *w = open_writer(b, WRITER_DROP_NEWEST, 0);
	struct feed feed = { .box = b, .writer = w };
	struct writer_status last;

	push(w, false, 0, S);
	feed_wait_committed(&feed, 1);
	disk_fail(DISK_SYNC, 1, 1000000, EIO);
	push(w, false, 1, S);
	feed_wait_state(&feed, WRITER_DROPPING);
	for (int i = 0; i < CHANGES; i++) {
		struct clock_change c = change_to((i + 1) * S, false);
		writer_clock(w, &c);
	}
	push(w, false, 2, S); /* one more try, with changes in hand */
	do
		writer_status(w, &last);
	while (last.lost[LOSS_SPOOL_FULL] < 2);
	disk_reset();
	feed_wait_state(&feed, WRITER_OK);
	assert_int_equal(writer_close(w, NULL, NULL), 0);
	struct found f = find(b);
	assert_int_equal(f.steps, CHANGES);
	assert_in_range(f.changes, 1, 2 * CLOCK_EVENTS_MAX);
	assert_int_equal(f.after_ns[f.changes - 1], CHANGES * S);
	assert_int_equal(f.synced + f.lost, 3);
}

/* The clock of losses is not to be believed either. */
static void a_loss_says_that_the_clock_was_unsynced(void **state)
{
	const struct loss loss = { .reason = LOSS_KERNEL_DROP, .count = 5, .end_ns = 7 * S };
	struct box *b = *state;
	struct writer *w = open_writer(b, WRITER_DROP_NEWEST, 0);
	struct reader_frame f;
	struct reader *r;

	writer_set_unsynced(w, true);
	writer_lost(w, &loss);
	assert_int_equal(writer_close(w, NULL, NULL), 0);
	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	assert_int_equal(reader_next(r, 1, &f), 0);
	cJSON *root = cJSON_ParseWithLength(f.text, f.header.raw_len);
	assert_string_equal(text_at(root, "espcap", "clock"), "unsynced");
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(root, "host");
	assert_string_equal(text_at(host, "boot", "id"), boot);
	cJSON_Delete(root);
	reader_free(r);
}

static int64_t still(void)
{
	return 5 * S;
}

static int64_t monotonic(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * S + t.tv_nsec;
}

/* Everything that waits in the writer waits by the monotonic clock. */
static void a_wall_clock_that_stands_still_holds_nothing_up(void **state)
{
	static const struct clock_source clock = { still, monotonic };
	struct box *b = *state;

	clock_replace(&clock);
	struct writer *w = open_writer(b, WRITER_DROP_OLDEST, 0);
	struct feed feed = { .box = b, .writer = w };
	for (unsigned n = 1; n <= 5; n++) {
		push(w, false, n, still());
		feed_wait_committed(&feed, n);
	}
	assert_int_equal(writer_close(w, NULL, NULL), 0);
	clock_replace(NULL);
	assert_int_equal(find(b).synced, 5);
}

static int64_t pretended_ns, pretended_wall_ns;

static int64_t pretended(void)
{
	return pretended_ns;
}

static int64_t pretended_wall(void)
{
	return pretended_wall_ns;
}

/* The wall clock of a sensor starts in 1970, jumps by days either way, or stands still. */
static void the_wall_clock_ends_no_segment_and_keeps_none_open(void **state)
{
	static const struct clock_source clock = { pretended_wall, pretended };
	const int64_t day = INT64_C(86400) * 1000000000;
	struct rnd rnd = rnd_start();
	struct box *b = *state;

	pretended_ns = 7 * day;
	pretended_wall_ns = 5;
	clock_replace(&clock);
	struct chain *c = box_chain(b, 0);
	for (int i = 0; i < 50; i++) { /* all within a day of the monotonic clock */
		box_append_ok(c, 1, 0);
		assert_int_equal(chain_segments(c), 1);
		pretended_wall_ns = (int64_t)rnd_below(&rnd, 20000) * day;
		pretended_ns += day / 50;
	}
	pretended_ns += 1;
	box_append_ok(c, 1, 0);
	assert_int_equal(chain_segments(c), 2);
	for (size_t n = 2; n < 5; n++) { /* it stands still */
		pretended_ns += day + 1;
		box_append_ok(c, 1, 0);
		assert_int_equal(chain_segments(c), n + 1);
	}
	chain_close(c);
	pretended_wall_ns =
		1; /* a start long before the newest segment was made has one of its own */
	c = box_chain(b, 0);
	for (size_t n = 6; n < 8; n++) {
		box_append_ok(c, 2, 0);
		assert_int_equal(chain_segments(c), n);
		pretended_ns += day + 1;
	}
	clock_replace(NULL);
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	assert_int_equal(box_read(b, "rec", 1).last, last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FEED_TEST(a_frame_never_mixes_what_two_clocks_have_stamped),
		FEED_TEST(the_next_writer_knows_what_the_last_clock_was),
		FEED_TEST(a_change_becomes_a_document_without_being_asked),
		FEED_TEST(no_change_is_forgotten_while_nothing_can_be_stored),
		FEED_TEST(a_loss_says_that_the_clock_was_unsynced),
		FEED_TEST(a_wall_clock_that_stands_still_holds_nothing_up),
		FEED_TEST(the_wall_clock_ends_no_segment_and_keeps_none_open),
	};

	return TEST_RUN(tests);
}
