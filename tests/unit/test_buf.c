/* test_buf.c -- the growing buffer with a maximum. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

/* The linker sends realloc() of the library here (--wrap). */
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
static bool no_memory;

void *__wrap_realloc(void *p, size_t n)
{
	return no_memory ? NULL : __real_realloc(p, n);
}

static void what_goes_in_comes_out(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(buf_adds(&b, "one "), 0);
	assert_int_equal(buf_add(&b, "two\0x", 5), 0);
	assert_int_equal(buf_add(&b, NULL, 0), 0);
	assert_int_equal(buf_printf(&b, "%d-%s", 42, "x"), 0);
	assert_int_equal(b.len, 13);
	assert_memory_equal(b.data, "one two\0x42-x", 13);
	buf_done(&b);
}

static void it_takes_exactly_its_maximum_and_not_a_byte_more(void **state)
{
	(void)state;
	for (size_t max = 1; max < 700; max++) {
		struct buf b;
		buf_init(&b, max);
		for (size_t i = 0; i < max; i++)
			assert_int_equal(buf_add(&b, "x", 1), 0);
		assert_true(b.cap <= max);
		assert_int_equal(buf_add(&b, "y", 1), ERR_TOO_BIG);
		assert_int_equal(b.len, max);
		buf_done(&b);
	}
}

static void a_length_that_would_wrap_is_too_big(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX / 2);
	assert_int_equal(buf_adds(&b, "abc"), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), ERR_TOO_BIG);
	assert_int_equal(buf_reserve(&b, SIZE_MAX - 2), ERR_TOO_BIG);
	assert_memory_equal(b.data, "abc", 3);
	buf_done(&b);
}

static void a_failure_changes_nothing_and_is_remembered(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_int_equal(buf_adds(&b, "abc"), 0);
	assert_int_equal(buf_adds(&b, "def"), ERR_TOO_BIG);
	assert_true(b.failed);
	assert_int_equal(buf_adds(&b, "d"), 0);
	assert_true(b.failed);
	assert_null(buf_str(&b));
	assert_memory_equal(b.data, "abcd", 4);
	buf_reset(&b);
	assert_false(b.failed);
	assert_string_equal(buf_str(&b), "");
	buf_done(&b);
}

static void text_ends_with_a_zero_that_does_not_count(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_int_equal(buf_adds(&b, "abc"), 0);
	assert_string_equal(buf_str(&b), "abc");
	assert_int_equal(b.len, 3);
	assert_int_equal(buf_adds(&b, "d"), 0);
	assert_null(buf_str(&b)); /* no room for the zero */
	buf_done(&b);
}

static void printing_too_much_prints_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_int_equal(buf_printf(&b, "%07d", 5), 0); /* with its zero: just fits */
	assert_int_equal(buf_printf(&b, "%d", 77), ERR_TOO_BIG);
	assert_int_equal(b.len, 7);
	assert_memory_equal(b.data, "0000005", 7);
	buf_done(&b);
}

static void without_memory_the_contents_stay(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	assert_int_equal(buf_adds(&b, "kept"), 0);
	no_memory = true;
	assert_int_equal(buf_reserve(&b, 5000), ERR_NOMEM);
	no_memory = false;
	assert_true(b.failed);
	assert_memory_equal(b.data, "kept", 4);
	buf_reset(&b);
	assert_int_equal(buf_reserve(&b, 5000), 0);
	buf_done(&b);
}

static void done_can_be_called_on_anything_and_used_again(void **state)
{
	struct buf zero = { 0 }, b;

	(void)state;
	buf_done(&zero);
	buf_init(&b, 10);
	assert_int_equal(buf_adds(&b, "0123456789"), 0);
	buf_done(&b);
	buf_done(&b);
	assert_int_equal(buf_adds(&b, "0123456789"), 0);
	assert_int_equal(buf_adds(&b, "x"), ERR_TOO_BIG);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(it_takes_exactly_its_maximum_and_not_a_byte_more),
		cmocka_unit_test(a_length_that_would_wrap_is_too_big),
		cmocka_unit_test(a_failure_changes_nothing_and_is_remembered),
		cmocka_unit_test(text_ends_with_a_zero_that_does_not_count),
		cmocka_unit_test(printing_too_much_prints_nothing),
		cmocka_unit_test(without_memory_the_contents_stay),
		cmocka_unit_test(done_can_be_called_on_anything_and_used_again),
	};

	return TEST_RUN(tests);
}
