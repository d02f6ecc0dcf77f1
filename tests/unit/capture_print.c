/* capture_print.c -- tests of one value as JSON: the exact text of each type's ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "json.h"
#include "print.h"

static struct packet pkt; /* without secrets */
static struct printer printer;

static int begin(void **state)
{
	(void)state;
	printer = (struct printer){ .show_secrets = false };
	text_time_init(&printer.times);
	return 0;
}

/* Prints into memory that is exactly as large as print_max() and the slack say. */
static const char *print(struct value v, enum field_type type)
{
	static char out[4096];
	size_t max = print_max(&v, type);

	assert_in_range(max, 1, sizeof(out) - 1 - JSON_SLACK);
	memset(out, '#', sizeof(out));
	char *end = print_value(&printer, out, &pkt, &v, type, false);
	assert_in_range((size_t)(end - out), 1, max);
	for (size_t i = max + JSON_SLACK; i < sizeof(out); i++)
		assert_int_equal(out[i], '#');
	*end = '\0';
	return out;
}

#define NUMBER(n)  ((struct value){ .u = (n) })
#define SIGNED(n)  ((struct value){ .i = (n) })
#define TEXT(text) ((struct value){ .p = (const uint8_t *)(text), .len = sizeof(text) - 1 })

static void numbers_are_printed_exactly(void **state)
{
	(void)state;
	assert_string_equal(print(NUMBER(0), FIELD_U8), "0");
	assert_string_equal(print(NUMBER(9), FIELD_U8), "9");
	assert_string_equal(print(NUMBER(10), FIELD_U8), "10");
	assert_string_equal(print(NUMBER(99), FIELD_U8), "99");
	assert_string_equal(print(NUMBER(100), FIELD_U8), "100");
	assert_string_equal(print(NUMBER(255), FIELD_U8), "255");
	assert_string_equal(print(NUMBER(65535), FIELD_U16), "65535");
	assert_string_equal(print(NUMBER(16777215), FIELD_U24), "16777215");
	assert_string_equal(print(NUMBER(4294967295), FIELD_U32), "4294967295");
	assert_string_equal(print(NUMBER(UINT64_MAX), FIELD_U64), "18446744073709551615");
	assert_string_equal(
		print(NUMBER(UINT64_C(9007199254740993)), FIELD_U64), "9007199254740993");
	assert_string_equal(print(SIGNED(-1), FIELD_I8), "-1");
	assert_string_equal(print(SIGNED(-128), FIELD_I8), "-128");
	assert_string_equal(print(SIGNED(32767), FIELD_I16), "32767");
	assert_string_equal(print(SIGNED(INT32_MIN), FIELD_I32), "-2147483648");
	assert_string_equal(print(SIGNED(INT64_MIN), FIELD_I64), "-9223372036854775808");
	assert_string_equal(print(SIGNED(INT64_MAX), FIELD_I64), "9223372036854775807");
}

static void fractions_have_the_digits_they_need(void **state)
{
	(void)state;
	assert_string_equal(print(NUMBER(0), FIELD_256THS), "0");
	assert_string_equal(print(NUMBER(20 * 256), FIELD_256THS), "20");
	assert_string_equal(print(NUMBER(1), FIELD_256THS), "0.00390625");
	assert_string_equal(print(NUMBER(128), FIELD_256THS), "0.5");
	assert_string_equal(print(NUMBER(65535), FIELD_256THS), "255.99609375");
}

static void words_are_true_and_false(void **state)
{
	(void)state;
	assert_string_equal(print(NUMBER(1), FIELD_BOOL), "true");
	assert_string_equal(print(NUMBER(0), FIELD_BOOL), "false");
	assert_string_equal(print(NUMBER(0), FIELD_TRUE), "true");
}

static void text_is_escaped_and_mended(void **state)
{
	(void)state;
	assert_string_equal(print(TEXT("plain"), FIELD_STR), "\"plain\"");
	assert_string_equal(print(TEXT("a\"b\\c"), FIELD_STR), "\"a\\\"b\\\\c\"");
	assert_string_equal(print(TEXT("\xc3\xa4\xff"), FIELD_STR), "\"\xc3\xa4\xef\xbf\xbd\"");
	assert_string_equal(print(TEXT("\xc3\xa4"), FIELD_ASCII), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	for (char c = 1; c < 32; c++) {
		const char *text = print(
			(struct value){ .p = (const uint8_t *)&c, .len = 1 }, FIELD_STR);
		assert_int_equal(text[1], '\\');
	}
}

static void text_that_is_clean_is_copied(void **state)
{
	struct value v = TEXT("0.4.1");

	(void)state;
	v.len |= VALUE_CLEAN;
	assert_string_equal(print(v, FIELD_STR), "\"0.4.1\"");
	assert_string_equal(print(v, FIELD_ASCII), "\"0.4.1\"");
}

static void text_of_the_worst_bytes_fits_its_room(void **state)
{
	static uint8_t bytes[256];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	assert_int_equal(
		strlen(print((struct value){ .p = bytes, .len = 256 }, FIELD_STR)), 2 + 6 * 256);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
		strlen(print((struct value){ .p = bytes, .len = 256 }, FIELD_ASCII)), 2 + 3 * 256);
	assert_int_equal(
		strlen(print((struct value){ .p = bytes, .len = 256 }, FIELD_BYTES)), 2 + 2 * 256);
}

static void bytes_and_addresses_have_one_form(void **state)
{
	static const uint8_t p[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe };

	(void)state;
	assert_string_equal(print(TEXT("\x00\x7f\xff"), FIELD_BYTES), "\"007fff\"");
	assert_string_equal(print((struct value){ .p = p }, FIELD_IPV4), "\"32.1.13.184\"");
	assert_string_equal(print((struct value){ .p = p }, FIELD_IPV6), "\"2001:db8::fe\"");
	assert_string_equal(print((struct value){ .p = p }, FIELD_MAC), "\"20:01:0d:b8:00:00\"");
	assert_string_equal(print(SIGNED(1767323045123456789), FIELD_TIME),
		"\"2026-01-02T03:04:05.123456789Z\"");
	assert_string_equal(print(TEXT("[{\"a\":1}]"), FIELD_JSON), "[{\"a\":1}]");
}

static void a_secret_of_text_is_masked_and_one_of_bytes_is_left_out(void **state)
{
	char out[256];
	struct value v = TEXT("hunter2");

	(void)state;
	char *end = print_value(&printer, out, &pkt, &v, FIELD_STR, true);
	assert_int_equal(end - out, 5);
	assert_memory_equal(out, "\"***\"", 5);
	assert_null(print_value(&printer, out, &pkt, &v, FIELD_BYTES, true));
	v.len |= VALUE_CLEAN; /* clean or not */
	end = print_value(&printer, out, &pkt, &v, FIELD_STR, true);
	assert_memory_equal(out, "\"***\"", 5);
	printer.show_secrets = true;
	end = print_value(&printer, out, &pkt, &v, FIELD_STR, true);
	assert_int_equal(end - out, 9);
	assert_memory_equal(out, "\"hunter2\"", 9);
}

static const char *ecs(struct value v, enum field_type from, enum ecs_type to)
{
	static char out[256];

	v.next = (uint16_t)from;
	*print_ecs(&printer, out, &pkt, &v, to) = '\0';
	return out;
}

static void ecs_wants_some_values_in_other_clothes(void **state)
{
	static const uint8_t mac[6] = { 0xab, 0, 1, 2, 3, 0xff };

	(void)state;
	assert_string_equal(ecs(NUMBER(47), FIELD_U16, ECS_TYPE_KEYWORD), "\"47\"");
	assert_string_equal(ecs(SIGNED(-3), FIELD_I32, ECS_TYPE_KEYWORD), "\"-3\"");
	assert_string_equal(ecs(NUMBER(47), FIELD_U16, ECS_TYPE_LONG), "47");
	assert_string_equal(ecs(NUMBER(1), FIELD_BOOL, ECS_TYPE_BOOL), "true");
	assert_string_equal(ecs(TEXT("a\"b"), FIELD_STR, ECS_TYPE_KEYWORD), "\"a\\\"b\"");
	assert_string_equal(ecs((struct value){ .p = mac }, FIELD_MAC, ECS_TYPE_KEYWORD),
		"\"AB-00-01-02-03-FF\"");
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_printed_exactly),
		TEST(fractions_have_the_digits_they_need),
		TEST(words_are_true_and_false),
		TEST(text_is_escaped_and_mended),
		TEST(text_that_is_clean_is_copied),
		TEST(text_of_the_worst_bytes_fits_its_room),
		TEST(bytes_and_addresses_have_one_form),
		TEST(a_secret_of_text_is_masked_and_one_of_bytes_is_left_out),
		TEST(ecs_wants_some_values_in_other_clothes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
