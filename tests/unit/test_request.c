/* test_request.c -- what is asked for comes back as it was, or not at all; which letters it means. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "disk.h"

static struct request sample(void)
{
	return (struct request){ .action = REQUEST_PURGE,
		.until = 77,
		.loss_after = 5,
		.type = "mapper_parsing_exception",
		.before_ns = 1234567890123456789,
		.nids = 2,
		.ids = { { 1, 2 }, { UINT64_MAX, UINT64_MAX } } };
}

static void it_comes_back_as_it_was(void **state)
{
	struct box *b = *state;
	struct request want = sample(), got;

	assert_int_equal(request_read(&b->spool, &got), ERR_END);
	assert_false(request_is_there(&b->spool));
	assert_int_equal(request_put(&b->spool, &want, NULL), 0);
	assert_true(request_is_there(&b->spool));
	assert_int_equal(request_read(&b->spool, &got), 0);
	assert_memory_equal(&got, &want, sizeof(want));
	assert_int_equal(request_remove(&b->spool), 0);
	assert_false(request_is_there(&b->spool));
	assert_int_equal(request_remove(&b->spool), 0);
}

static void the_largest_one_fits(void **state)
{
	struct box *b = *state;
	static struct request want, got;

	want = sample();
	want.action = REQUEST_RETRY;
	memset(want.type, 'x', DEAD_TYPE_MAX);
	want.before_ns = INT64_MAX;
	want.nids = REQUEST_IDS_MAX;
	for (uint64_t i = 0; i < REQUEST_IDS_MAX; i++)
		want.ids[i] = (struct request_id){ i * i, i + 1 };
	assert_int_equal(request_put(&b->spool, &want, NULL), 0);
	assert_int_equal(request_read(&b->spool, &got), 0);
	assert_memory_equal(&got, &want, sizeof(want));
}

static void a_second_one_does_not_replace_the_first(void **state)
{
	struct box *b = *state;
	struct request one = sample(), two = sample(), got;
	struct err_detail why = { "" };

	two.until = 99;
	assert_int_equal(request_put(&b->spool, &one, NULL), 0);
	assert_int_equal(request_put(&b->spool, &two, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "not done yet"));
	assert_int_equal(request_read(&b->spool, &got), 0);
	assert_int_equal(got.until, 77);
}

static void damage_anywhere_makes_it_none(void **state)
{
	struct box *b = *state;
	struct request want = sample(), got;
	const char *path = box_path(b, "request");
	char text[4096];

	assert_int_equal(request_put(&b->spool, &want, NULL), 0);
	FILE *f = fopen(path, "re");
	size_t n = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	assert_in_range(n, 100, sizeof(text) - 1);
	for (size_t i = 0; i < n; i++) {
		char flipped = (char)(text[i] ^ 1);
		box_poke(path, (long)i, &flipped, 1);
		assert_int_equal(request_read(&b->spool, &got), ERR_INPUT);
		box_poke(path, (long)i, &text[i], 1);
	}
	assert_int_equal(request_read(&b->spool, &got), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(paths_replace(path, text, i), 0);
		assert_int_equal(request_read(&b->spool, &got), ERR_INPUT);
	}
	assert_int_equal(request_reject(&b->spool), 0);
	assert_int_equal(request_read(&b->spool, &got), ERR_END);
	assert_true(box_has(b, "quarantine/request"));
}

static void what_cannot_be_made_durable_is_an_error(void **state)
{
	struct box *b = *state;
	struct request want = sample();
	struct err_detail why = { "" };

	disk_reset();
	disk_fail(DISK_FSYNC, 1, 1, EIO);
	assert_int_equal(request_put(&b->spool, &want, &why), ERR_SPOOL_IO);
	disk_reset();
	assert_false(request_is_there(&b->spool));
	assert_non_null(strstr(why.text, "cannot write"));
}

static bool means(const struct request *r, uint64_t run, uint64_t seq, const char *type, int64_t ns)
{
	const struct dead_line d = {
		.run = run, .seq = seq, .type = { type, strlen(type) }, .time_ns = ns
	};

	return request_means(r, &d);
}

static void it_means_letters_that_fit_all_that_is_said(void **state)
{
	const struct request all = { .before_ns = INT64_MAX };
	const struct request ids = {
		.before_ns = INT64_MAX, .nids = 2, .ids = { { 1, 2 }, { 3, 4 } }
	};
	const struct request type = { .before_ns = INT64_MAX, .type = "a" };
	const struct request old = { .before_ns = 100 };
	struct request both = ids;

	(void)state;
	assert_true(means(&all, 9, 9, "x", INT64_MAX - 1));
	assert_true(means(&ids, 1, 2, "x", 0) && means(&ids, 3, 4, "x", 0));
	assert_false(means(&ids, 1, 4, "x", 0) || means(&ids, 2, 1, "x", 0));
	assert_true(means(&type, 1, 1, "a", 0));
	assert_false(means(&type, 1, 1, "ab", 0) || means(&type, 1, 1, "", 0));
	assert_true(means(&old, 1, 1, "x", 99));
	assert_false(means(&old, 1, 1, "x", 100));
	both.before_ns = 100;
	assert_true(means(&both, 1, 2, "x", 99));
	assert_false(means(&both, 1, 2, "x", 100) || means(&both, 5, 5, "x", 99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(it_comes_back_as_it_was),
		BOX_TEST(the_largest_one_fits),
		BOX_TEST(a_second_one_does_not_replace_the_first),
		BOX_TEST(damage_anywhere_makes_it_none),
		BOX_TEST(what_cannot_be_made_durable_is_an_error),
		cmocka_unit_test(it_means_letters_that_fit_all_that_is_said),
	};

	return TEST_RUN(tests);
}
