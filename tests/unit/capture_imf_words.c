/* capture_imf_words.c -- tests of encoded words and addresses in the header of a letter. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imf_words.h"

#include <string.h>

#include "capture_doc.h"
#include "guard.h"
#include "test.h"

enum { LONG = 5000, HALF_OF_SCRATCH = 4096 };

static int begin(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_FULL);
	return 0;
}

static int end(void **state)
{
	(void)state;
	doc_end();
	return 0;
}

static struct bytes text_of(const char *text)
{
	return bytes_of((const uint8_t *)text, strlen(text));
}

static void assert_bytes(struct bytes b, const char *wanted)
{
	assert_int_equal(bytes_left(&b), strlen(wanted));
	assert_memory_equal(b.p, wanted, strlen(wanted));
}

static void assert_words(const char *value, const char *wanted)
{
	assert_bytes(imf_words(doc_packet(), text_of(value)), wanted);
}

static void words_of_both_encodings_become_utf8(void **state)
{
	(void)state;
	assert_words("=?UTF-8?Q?Gr=C3=BC=C3=9Fe?= from a test", "Gr\xc3\xbc\xc3\x9f"
								"e from a test");
	assert_words("=?utf-8?b?R3LDvMOfZQ==?=", "Gr\xc3\xbc\xc3\x9f"
						 "e");
	assert_words("=?ISO-8859-1?Q?a=FCb_c?=", "a\xc3\xbc"
						 "b c");
	assert_words("=?us-ascii?q?plain=?=", "plain=");
	assert_words("=?UTF-8?Q?=c3=bc=4?=", "\xc3\xbc=4");
}

static void blanks_between_words_are_none_and_folds_are_one_line(void **state)
{
	(void)state;
	assert_words("=?utf-8?q?a?= =?utf-8?q?b?=", "ab");
	assert_words("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c");
	assert_words("=?utf-8?q?a?=  b  =?utf-8?q?c?=", "a  b  c");
	assert_words("one\r\n\ttwo\r\n three", "one\ttwo three");
}

static void what_is_no_word_stays(void **state)
{
	static const char *const same[] = { "", "=?", "=?utf-8?q?a",
		"=?utf-8?x?a?=", "=?koi8-r?q?a?=", "=?utf-8?q?a? =", "a = ? b", "=?utf-8?q?a?" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_words(same[i], same[i]);
}

static void a_long_value_is_cut(void **state)
{
	static char text[LONG + 1];

	(void)state;
	memset(text, 'x', LONG);
	struct bytes words = imf_words(doc_packet(), text_of(text));
	assert_int_equal(bytes_left(&words), HALF_OF_SCRATCH);
}

static void assert_list(const char *text, const char *const *wanted)
{
	struct bytes list = text_of(text), address;

	for (; *wanted; wanted++) {
		assert_true(imf_address(&list, &address));
		assert_bytes(address, *wanted);
	}
	assert_false(imf_address(&list, &address));
}

static void addresses_stand_in_brackets_or_alone(void **state)
{
	static const char *const two[] = { "bob@example.com", "carol@example.com", NULL };
	static const char *const odd[] = { "a,b@c", "", "d", NULL };
	static const char *const signs[] = { "bob@example.com", "\"<\" carol@example.com", "d",
		NULL };
	static const char *const none[] = { NULL };

	(void)state;
	assert_list("bob@example.com,\r\n \"Carol, C.\" <carol@example.com>", two);
	assert_list(" Bob <bob@example.com> , carol@example.com \t", two);
	assert_list("x <a,b@c>,,d", odd);
	assert_list("\"a<b\" <bob@example.com>, \"<\" carol@example.com,d", signs);
	assert_list("", none);
}

static void a_cut_text_is_not_read_beyond_its_end(void **state)
{
	static const char text[] = "a =?UTF-8?Q?=C3=BC=C3?= =?utf-8?b?R3LDvA==?= \"B, \" <c@d>,e";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		struct guard g;
		struct bytes address, b = bytes_of(guard_copy(&g, text, n), n);
		(void)imf_words(doc_packet(), b);
		while (imf_address(&b, &address))
			;
		guard_free(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(words_of_both_encodings_become_utf8, begin, end),
		cmocka_unit_test_setup_teardown(
			blanks_between_words_are_none_and_folds_are_one_line, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_word_stays, begin, end),
		cmocka_unit_test_setup_teardown(a_long_value_is_cut, begin, end),
		cmocka_unit_test(addresses_stand_in_brackets_or_alone),
		cmocka_unit_test_setup_teardown(a_cut_text_is_not_read_beyond_its_end, begin, end),
	};

	return cmocka_run_group_tests_name("capture_imf_words", tests, NULL, NULL);
}
