/* test_bytes.c -- the bounds-checked cursor. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes.h"

#include "guard.h"
#include "test.h"

static const uint8_t sample[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xf9, 0xfa, 0xfb,
	0xfc, 0xfd, 0xfe, 0xff, 0x80 };

struct width {
	size_t n;
	uint64_t (*read)(struct bytes *b);
	uint64_t first, high; /* at offset 0 and at offset 8 of the sample */
};

static uint64_t u8(struct bytes *b)
{
	return bytes_u8(b);
}

static uint64_t be16(struct bytes *b)
{
	return bytes_be16(b);
}

static uint64_t be24(struct bytes *b)
{
	return bytes_be24(b);
}

static uint64_t be32(struct bytes *b)
{
	return bytes_be32(b);
}

static uint64_t le16(struct bytes *b)
{
	return bytes_le16(b);
}

static uint64_t le32(struct bytes *b)
{
	return bytes_le32(b);
}

static const struct width widths[] = {
	{ 1, u8, 0x01, 0xf9 },
	{ 2, be16, 0x0102, 0xf9fa },
	{ 3, be24, 0x010203, 0xf9fafb },
	{ 4, be32, 0x01020304, 0xf9fafbfc },
	{ 8, bytes_be64, 0x0102030405060708, 0xf9fafbfcfdfeff80 },
	{ 2, le16, 0x0201, 0xfaf9 },
	{ 4, le32, 0x04030201, 0xfcfbfaf9 },
	{ 8, bytes_le64, 0x0807060504030201, 0x80fffefdfcfbfaf9 },
};
enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

static void every_width_reads_its_bytes_in_its_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < WIDTHS; i++) {
		struct bytes b = bytes_of(sample, sizeof(sample));
		assert_int_equal(widths[i].read(&b), widths[i].first);
		assert_int_equal(bytes_left(&b), sizeof(sample) - widths[i].n);
		b = bytes_of(sample + 8, 8);
		assert_int_equal(widths[i].read(&b), widths[i].high);
		assert_true(bytes_ok(&b));
	}
}

static void overrun_is_sticky_and_reads_zero(void **state)
{
	struct guard g;

	(void)state;
	for (size_t i = 0; i < WIDTHS; i++) {
		for (size_t n = 0; n < widths[i].n; n++) {
			uint8_t *p = guard_copy(&g, sample, n);
			struct bytes b = bytes_of(p, n);
			assert_int_equal(widths[i].read(&b), 0);
			assert_false(bytes_ok(&b));
			assert_int_equal(bytes_left(&b), 0);
			assert_int_equal(bytes_u8(&b), 0);
			assert_null(bytes_take(&b, 1));
			assert_false(bytes_ok(&b));
			guard_free(&g);
		}
	}
}

static void taking_all_or_nothing_is_no_overrun(void **state)
{
	struct bytes b = bytes_of(sample, sizeof(sample));

	(void)state;
	assert_ptr_equal(bytes_take(&b, 0), sample);
	assert_ptr_equal(bytes_take(&b, sizeof(sample)), sample);
	assert_ptr_equal(bytes_take(&b, 0), sample + sizeof(sample));
	assert_true(bytes_ok(&b));
	bytes_skip(&b, 1);
	assert_false(bytes_ok(&b));
}

static void a_length_near_the_end_of_memory_is_an_overrun(void **state)
{
	struct bytes b = bytes_of(sample, 4);

	(void)state;
	bytes_skip(&b, 1);
	assert_null(bytes_take(&b, SIZE_MAX));
	assert_int_equal(bytes_left(&b), 0);
	assert_false(bytes_ok(&b));
}

static void a_view_of_nothing_is_whole(void **state)
{
	struct bytes b = bytes_of(NULL, 0);

	(void)state;
	assert_true(bytes_ok(&b));
	assert_int_equal(bytes_left(&b), 0);
	assert_int_equal(bytes_peek(&b, 0), -1);
	(void)bytes_take(&b, 0);
	assert_true(bytes_ok(&b));
	assert_int_equal(bytes_be64(&b), 0);
	assert_false(bytes_ok(&b));
}

static void a_sub_view_cannot_see_its_neighbour(void **state)
{
	struct bytes b = bytes_of(sample, 8);
	struct bytes sub = bytes_sub(&b, 3);

	(void)state;
	assert_int_equal(bytes_left(&sub), 3);
	assert_int_equal(bytes_be32(&sub), 0);
	assert_false(bytes_ok(&sub));
	assert_true(bytes_ok(&b));
	assert_int_equal(bytes_u8(&b), 4);
}

static void a_sub_view_that_does_not_fit_spoils_both(void **state)
{
	struct bytes b = bytes_of(sample, 4);
	struct bytes sub = bytes_sub(&b, 5);

	(void)state;
	assert_false(bytes_ok(&sub));
	assert_int_equal(bytes_left(&sub), 0);
	assert_false(bytes_ok(&b));
	assert_int_equal(bytes_left(&b), 0);
}

static void upto_takes_what_there_is_and_stays_ok(void **state)
{
	struct bytes b = bytes_of(sample, 4);
	struct bytes three = bytes_upto(&b, 3), rest = bytes_upto(&b, 3);

	(void)state;
	assert_int_equal(bytes_left(&three), 3);
	assert_int_equal(bytes_left(&rest), 1);
	assert_int_equal(bytes_u8(&rest), 4);
	assert_true(bytes_ok(&b));
	assert_int_equal(bytes_left(&b), 0);
}

/* Lengths around what is left: a mistake by one would show here only. */
static void upto_never_goes_beyond_what_is_left(void **state)
{
	struct guard g;
	const uint8_t *p = guard_copy(&g, sample, 4);

	(void)state;
	for (size_t n = 0; n < 8; n++) {
		struct bytes b = bytes_of(p, 4), view = bytes_upto(&b, n);
		assert_int_equal(bytes_left(&view), n < 4 ? n : 4);
		assert_int_equal(bytes_left(&b), n < 4 ? 4 - n : 0);
	}
	guard_free(&g);
}

static void upto_shares_out_what_the_capture_cut(void **state)
{
	struct bytes b = bytes_of(sample, 4);

	(void)state;
	b.cut = 6; /* ten bytes on the wire */
	assert_int_equal(bytes_claimed(&b), 10);
	struct bytes view = bytes_upto(&b, 7);
	assert_int_equal(bytes_left(&view), 4);
	assert_int_equal(view.cut, 3);
	assert_int_equal(bytes_claimed(&view), 7);
	assert_int_equal(bytes_claimed(&b), 3);
	view = bytes_upto(&b, 100); /* longer than the packet ever was */
	assert_int_equal(bytes_claimed(&view), 3);
	assert_int_equal(bytes_claimed(&b), 0);
}

static void peek_and_starts_do_not_move(void **state)
{
	struct guard g;
	const uint8_t *p = guard_copy(&g, sample, 4);
	struct bytes b = bytes_of(p, 4);

	(void)state;
	assert_int_equal(bytes_peek(&b, 0), 1);
	assert_int_equal(bytes_peek(&b, 3), 4);
	assert_int_equal(bytes_peek(&b, 4), -1);
	assert_int_equal(bytes_peek(&b, SIZE_MAX), -1);
	assert_true(bytes_starts(&b, sample, 4));
	assert_false(bytes_starts(&b, sample, 5));
	assert_false(bytes_starts(&b, sample + 1, 2));
	assert_int_equal(bytes_left(&b), 4);
	assert_true(bytes_ok(&b));
	guard_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_width_reads_its_bytes_in_its_order),
		cmocka_unit_test(overrun_is_sticky_and_reads_zero),
		cmocka_unit_test(taking_all_or_nothing_is_no_overrun),
		cmocka_unit_test(a_length_near_the_end_of_memory_is_an_overrun),
		cmocka_unit_test(a_view_of_nothing_is_whole),
		cmocka_unit_test(a_sub_view_cannot_see_its_neighbour),
		cmocka_unit_test(a_sub_view_that_does_not_fit_spoils_both),
		cmocka_unit_test(upto_takes_what_there_is_and_stays_ok),
		cmocka_unit_test(upto_never_goes_beyond_what_is_left),
		cmocka_unit_test(upto_shares_out_what_the_capture_cut),
		cmocka_unit_test(peek_and_starts_do_not_move),
	};

	return TEST_RUN(tests);
}
