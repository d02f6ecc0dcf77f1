/* test_json_check.c -- tests of the check that a text is one JSON object. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "json_check.h"
#include "rnd.h"

static bool check(const char *text)
{
	/* exactly as large as it is, for the sanitizers */
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);

	memcpy(copy, text, n);
	bool good = json_is_object(copy, n);
	free(copy);
	return good;
}

static void objects_are_taken(void **state)
{
	static const char *const good[] = { "{}", " { } ", "{\"a\":1}", "{\"a\":[],\"b\":{}}",
		"{\"a\":[1,2,[3,{\"b\":null}]],\"c\":true}", "{\"a\":-0.5e+10,\"b\":0}",
		"{\"a\":\"\\u00fc\\n\\\\\\\"\"}", "{\"\":\"\xc3\xbc\xf0\x9f\x98\x80\"}",
		"{\"a\" : [ 1 , false ] , \"b\" : \"x\" }" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!check(good[i]))
			fail_msg("refused: %s", good[i]);
}

static void everything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "1", "[]", "\"a\"", "{", "}", "{}}", "{}{}",
		"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{a:1}",
		"{\"a\":01}", "{\"a\":1.}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":nul}",
		"{\"a\":[1,]}", "{\"a\":[1}", "{\"a\":{]}", "{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g4\"}", "{\"a\":\"", "{\"a\":\"\t\"}", "{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":1}x", "{\"a\":[1 2]}",
		"{\"a\":[1:2]}", "{\"a\":1,2}", "{1:2}", "{\"a\":\"\\" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (check(bad[i]))
			fail_msg("taken: %s", bad[i]);
	assert_false(json_is_object("{\"a\":\"\0\"}", 9));
}

static void no_beginning_of_an_object_is_one(void **state)
{
	static const char text[] =
		"{\"@timestamp\":\"2026\",\"a\":[{\"b\":-1.5e3},null,true,\"\\u00e4\"],"
		"\"c\":{\"d\":{}}}";

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		assert_false(json_is_object(text, n));
	assert_true(json_is_object(text, sizeof(text) - 1));
}

static void depth_has_a_limit(void **state)
{
	char text[1024] = "{\"a\":";

	(void)state;
	for (unsigned depth = 1; depth <= JSON_CHECK_DEPTH + 1; depth++) {
		size_t n = 5;
		memset(text + n, '[', depth - 1);
		n += depth - 1;
		text[n++] = '1';
		memset(text + n, ']', depth - 1);
		n += depth - 1;
		text[n++] = '}';
		assert_int_equal(json_is_object(text, n), depth <= JSON_CHECK_DEPTH);
	}
}

static void any_bytes_end(void **state)
{
	static const char parts[] = "{}[]\",:\\u0019aetrfnl-. \x80\xc3";
	struct rnd rnd = rnd_start();
	char text[24];

	(void)state;
	for (unsigned i = 0; i < 300000; i++) {
		size_t n = (size_t)rnd_below(&rnd, sizeof(text));
		for (size_t k = 0; k < n; k++)
			text[k] = parts[rnd_below(&rnd, sizeof(parts) - 1)];
		char *copy = malloc(n ? n : 1);
		memcpy(copy, text, n);
		(void)json_is_object(copy, n);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_taken),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(no_beginning_of_an_object_is_one),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(any_bytes_end),
	};

	return TEST_RUN(tests);
}
