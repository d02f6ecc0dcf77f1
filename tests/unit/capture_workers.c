/* capture_workers.c -- tests of threads that decode: what comes out is what one thread makes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rnd.h"
#include "workers.h"

enum {
	THREADS = 3,
	FRAMES = 20000,
	DATA_MAX = 600,
	COMMENTS = 16,
	COMMENT_MAX = 65535,
	NAME_MAX_BYTES = 16,
	LINES_MAX = 96 << 20,
};

/* One frame and all that it points to, written over for the next one. */
static struct {
	struct frame frame;
	uint8_t data[262144];
	char name[NAME_MAX_BYTES];
	struct frame_comment comments[COMMENTS];
	char text[COMMENT_MAX];
} now;

/* Keeps what it is given, and fails behind so many bytes. */
struct kept {
	struct sink sink;
	char *lines;
	size_t len, fails_at, calls;
	bool failed;
};

static void keep_block(struct sink *sink, const char *lines, size_t len)
{
	struct kept *k = (struct kept *)sink;

	k->calls++;
	k->failed = k->failed || k->len + len > k->fails_at;
	if (k->failed)
		return;
	memcpy(k->lines + k->len, lines, len);
	k->len += len;
}

static int kept_failed(struct sink *sink, struct err_detail *why)
{
	const struct kept *k = (const struct kept *)sink;

	return k->failed ? err_set(why, ERR_SYS, "no more") : 0;
}

static struct kept kept_open(size_t fails_at)
{
	struct kept k = { .sink = { .block = keep_block, .failed = kept_failed },
		.lines = malloc(LINES_MAX),
		.fails_at = fails_at };

	assert_non_null(k.lines);
	return k;
}

static struct maker make(void)
{
	const struct decode_conf decode = { .payload = true };
	const struct document_conf document = { .name = "edge-7" };
	struct maker m = { NULL, NULL };
	struct err_detail why;

	assert_int_equal(decoder_new(&decode, &m.decoder, &why), 0);
	assert_int_equal(document_new(&document, m.decoder, &m.document, &why), 0);
	return m;
}

static struct workers *start(struct kept *k)
{
	struct workers *w = NULL;
	struct err_detail why;

	assert_int_equal(workers_new(&k->sink, THREADS, &w, &why), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		struct maker m = make();
		assert_int_equal(workers_add(w, &m, &why), 0);
		assert_null(m.decoder);
	}
	return w;
}

/* Most are of a common size; some have an interface, few have comments that fill a document. */
static const struct frame *next_frame(struct rnd *r, uint64_t number)
{
	bool large = rnd_below(r, 500) == 0;
	size_t n = rnd_below(r, large ? sizeof(now.data) : DATA_MAX);

	rnd_fill(r, now.data, n < DATA_MAX ? n : DATA_MAX);
	memset(now.text, 'a' + (int)(number % 26), sizeof(now.text));
	now.frame = (struct frame){ .data = now.data,
		.cap_len = (uint32_t)n,
		.len = (uint32_t)n,
		.time_ns = (int64_t)number * 1000003,
		.number = number,
		.linktype = 1,
		.interface_id = -1,
		.comments = now.comments };
	if (rnd_below(r, 2)) {
		(void)snprintf(now.name, sizeof(now.name), "eth%u", (unsigned)rnd_below(r, 1000));
		now.frame.interface_id = 1;
		now.frame.interface = now.name;
	}
	if (rnd_below(r, 200) == 0)
		now.frame.ncomments = (unsigned)rnd_below(r, COMMENTS + 1);
	for (unsigned i = 0; i < now.frame.ncomments; i++)
		now.comments[i] =
			(struct frame_comment){ now.text, (uint32_t)rnd_below(r, COMMENT_MAX) };
	return &now.frame;
}

static size_t alone(const struct maker *m, const struct frame *f, char *out)
{
	size_t len = maker_write(m, f, out);

	if (len)
		out[len++] = '\n';
	return len;
}

static void order_and_bytes_are_those_of_one_thread(void **state)
{
	struct rnd r = rnd_start();
	struct kept k = kept_open(LINES_MAX);
	struct workers *w = start(&k);
	struct maker m = make();
	char *expected = malloc(LINES_MAX);
	size_t len = 0;
	struct err_detail why;

	(void)state;
	assert_non_null(expected);
	for (uint64_t i = 1; i <= FRAMES; i++) {
		const struct frame *f = next_frame(&r, i);
		assert_true(len + DOCUMENT_ROOM < LINES_MAX);
		len += alone(&m, f, expected + len);
		assert_int_equal(workers_frame(w, f, &why), 0);
		if (rnd_below(&r, 3000))
			continue;
		workers_flush(w); /* nothing comes for a moment */
		assert_int_equal(k.len, len);
		assert_int_equal(workers_count(w).documents, i);
	}
	workers_free(w);
	assert_int_equal(k.len, len);
	assert_memory_equal(k.lines, expected, len);
	assert_true(k.calls > 10);
	maker_free(&m);
	free(expected);
	free(k.lines);
}

static void a_sink_that_fails_ends_it_and_each_frame_is_counted(void **state)
{
	struct rnd r = rnd_start();
	struct kept k = kept_open(2 << 20);
	struct workers *w = start(&k);
	struct err_detail why;
	uint64_t given = 0;
	int err = 0;

	(void)state;
	for (; !err && given < FRAMES; given++)
		err = workers_frame(w, next_frame(&r, given + 1), &why);
	assert_int_equal(err, ERR_SYS);
	assert_string_equal(why.text, "no more");
	struct workers_counts counts = workers_count(w);
	assert_int_equal(counts.documents + counts.without_document + counts.dropped, given);
	workers_free(w);
	free(k.lines);
}

static void no_frame_and_no_thread_are_fine(void **state)
{
	struct kept k = kept_open(LINES_MAX);
	struct workers *w = NULL;
	struct err_detail why;

	(void)state;
	workers_free(NULL);
	workers_free(start(&k));
	assert_int_equal(workers_new(&k.sink, THREADS, &w, &why), 0);
	workers_free(w);
	w = start(&k);
	workers_flush(w);
	workers_free(w);
	assert_int_equal(k.len, 0);
	free(k.lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_bytes_are_those_of_one_thread),
		cmocka_unit_test(a_sink_that_fails_ends_it_and_each_frame_is_counted),
		cmocka_unit_test(no_frame_and_no_thread_are_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
