/* test_json.c -- the JSON writer: valid whatever comes in, and never beyond its memory. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guard.h"
#include "json_judge.h"
#include "rnd.h"
#include "test.h"

/* What the text must read as: valid sequences as they are, every other byte as U+FFFD. */
static size_t expected(const uint8_t *s, size_t n, uint8_t *out)
{
	size_t total = 0, len;

	for (size_t i = 0; i < n; i += len) {
		bool good = judge_utf8(s + i, n - i, &len) >= 0;
		len = good ? len : 1;
		memcpy(out + total, good ? (const char *)s + i : "\xef\xbf\xbd", good ? len : 3);
		total += good ? len : 3;
	}
	return total;
}

static void text_survives(const uint8_t *s, size_t n)
{
	char memory[2048];
	uint8_t want[2048], got[2048];
	struct json j;

	json_init(&j, memory, sizeof(memory));
	json_strn(&j, NULL, s, n);
	assert_false(j.full);
	assert_true(judge_json(memory, json_len(&j)));
	size_t len = judge_string(memory, json_len(&j), got);
	assert_int_equal(len, expected(s, n, want));
	assert_memory_equal(got, want, len);
	assert_int_equal(json_text_len(s, n), json_len(&j) - 2);
}

static void every_input_of_one_or_two_bytes_is_valid_text(void **state)
{
	(void)state;
	text_survives((const uint8_t *)"", 0);
	for (unsigned a = 0; a < 256; a++) {
		uint8_t s[2] = { (uint8_t)a, 0 };
		text_survives(s, 1);
		for (unsigned b = 0; b < 256; b++) {
			s[1] = (uint8_t)b;
			text_survives(s, 2);
		}
	}
}

static void every_three_byte_sequence_is_judged_as_in_rfc_3629(void **state)
{
	uint8_t s[3];
	size_t len;

	(void)state;
	for (unsigned c = 0; c < 1 << 24; c++) {
		s[0] = (uint8_t)(c >> 16);
		if (s[0] < 0xc0)
			c = 0xc00000, s[0] = 0xc0;
		s[1] = (uint8_t)(c >> 8);
		s[2] = (uint8_t)c;
		bool good = judge_utf8(s, 3, &len) >= 0;
		if (json_utf8_len(s, 3) != (good ? len : 0))
			fail_msg("%02x %02x %02x", s[0], s[1], s[2]);
	}
}

static void four_byte_sequences_are_judged_as_in_rfc_3629(void **state)
{
	static const uint8_t edges[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
		0xff };
	uint8_t s[4];
	size_t len;

	(void)state;
	for (unsigned c = 0; c < 32 * 256 * 100; c++) {
		s[0] = (uint8_t)(0xe0 + c / 25600);
		s[1] = (uint8_t)(c / 100 % 256);
		s[2] = edges[c / 10 % 10];
		s[3] = edges[c % 10];
		bool good = judge_utf8(s, 4, &len) >= 0;
		assert_int_equal(json_utf8_len(s, 4), good ? len : 0);
	}
}

static void random_bytes_are_valid_text(void **state)
{
	struct rnd r = rnd_start();
	static const char pieces[][5] = { "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc3\xa9", "\"",
		"\\", "\n", "\x80", "\xed\xa0\x80", "\xf4\x90", "plai" };
	uint8_t s[200];

	(void)state;
	for (int i = 0; i < 30000; i++) {
		size_t n = rnd_below(&r, sizeof(s));
		rnd_fill(&r, s, n);
		for (size_t k = 0; k + 5 < n; k++) /* mostly text, to meet the fast path */
			if (i % 3 && rnd_below(&r, 8))
				s[k] = (uint8_t)(0x20 + s[k] % 0x5f);
		for (size_t k = 0; i % 2 && k + 4 < n; k += 1 + rnd_below(&r, 40)) {
			const char *piece = pieces[rnd_below(&r, 10)];
			memcpy(s + k, piece, strlen(piece));
		}
		text_survives(s, n);
	}
}

static void an_odd_byte_at_any_place_of_a_long_text_is_seen(void **state)
{
	uint8_t s[24];

	(void)state;
	for (size_t at = 0; at < sizeof(s); at++) {
		for (unsigned c = 0; c < 256; c++) {
			memset(s, 'x', sizeof(s));
			s[at] = (uint8_t)c;
			text_survives(s, sizeof(s));
		}
	}
}

static void neither_side_of_the_memory_is_left(void **state)
{
	struct rnd r = rnd_start();
	struct guard in, out;
	uint8_t s[100];

	(void)state;
	for (size_t n = 0; n < sizeof(s); n++) {
		rnd_fill(&r, s, n);
		memset(s, n % 2 ? 0x01 : 'x', n / 2); /* the longest escapes */
		const uint8_t *from = guard_copy(&in, s, n);
		size_t exact = json_text_len(from, n);
		char *to = guard_alloc(&out, exact);
		assert_ptr_equal(json_emit_text(to, from, n), to + exact);
		guard_free(&in);
		guard_free(&out);
	}
}

static void ascii_text_takes_no_byte_above_0x7f(void **state)
{
	char memory[256], *end;
	uint8_t got[256];

	(void)state;
	memory[0] = '"';
	end = json_emit_ascii(memory + 1, (const uint8_t *)"a\xc3\xa9\xff\"z", 6);
	*end++ = '"';
	size_t n = judge_string(memory, (size_t)(end - memory), got);
	assert_int_equal(n, 12);
	assert_memory_equal(got, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"z", 12);
}

static void number_is(uint64_t value)
{
	char got[32], want[32];

	*json_emit_u64(got, value) = '\0';
	(void)snprintf(want, sizeof(want), "%" PRIu64, value);
	assert_string_equal(got, want);
	*json_emit_i64(got, (int64_t)value) = '\0';
	(void)snprintf(want, sizeof(want), "%" PRId64, (int64_t)value);
	assert_string_equal(got, want);
}

static void numbers_print_as_printf_prints_them(void **state)
{
	struct rnd r = rnd_start();

	(void)state;
	for (uint64_t v = 0; v < 120000; v++)
		number_is(v);
	for (uint64_t power = 1; power && power <= UINT64_MAX / 10; power *= 10)
		for (uint64_t d = 0; d < 3; d++)
			number_is(power * 10 - 1 + d);
	number_is(UINT64_MAX);
	number_is((uint64_t)INT64_MIN);
	number_is((uint64_t)INT64_MAX);
	for (int i = 0; i < 200000; i++)
		number_is(rnd_next(&r) >> rnd_below(&r, 64));
}

static void members_get_their_commas_and_keys(void **state)
{
	char memory[512];
	struct json j;
	static const char want[] =
		"{\"a\":1,\"b\":{},\"c\":[],\"d\":[1,-2,\"x\",[true],{\"e\":false}],"
		"\"f\":{\"g\":\"{[\",\"h\":null}}\n{}";

	(void)state;
	json_init(&j, memory, sizeof(memory));
	json_open(&j, NULL);
	json_u64(&j, "a", 1);
	json_open(&j, "b");
	json_close(&j);
	json_array_open(&j, "c");
	json_array_close(&j);
	json_array_open(&j, "d");
	json_u64(&j, NULL, 1);
	json_i64(&j, NULL, -2);
	json_str(&j, NULL, "x");
	json_array_open(&j, NULL);
	json_bool(&j, NULL, true);
	json_array_close(&j);
	json_open(&j, NULL);
	json_bool(&j, "e", false);
	json_close(&j);
	json_array_close(&j);
	json_open(&j, "f");
	json_str(&j, "g", "{[");
	json_raw(&j, "h", "null", 4);
	json_close(&j);
	json_close(&j);
	*j.p++ = '\n';
	json_open(&j, NULL);
	json_close(&j);
	assert_int_equal(json_len(&j), sizeof(want) - 1);
	assert_memory_equal(memory, want, sizeof(want) - 1);
}

/* One member of any kind. */
static void any_member(struct rnd *r, struct json *j)
{
	static const char *const keys[] = { "k", "ip.ttl", "a.much.longer.key.than.usual" };
	const char *key = keys[rnd_below(r, 3)];
	uint8_t s[40];

	switch (rnd_below(r, 5)) {
	case 0:
		json_u64(j, key, rnd_next(r) >> rnd_below(r, 64));
		return;
	case 1:
		json_i64(j, key, (int64_t)rnd_next(r));
		return;
	case 2:
		json_bool(j, key, rnd_below(r, 2));
		return;
	case 3:
		json_raw(j, key, "[1,2,3]", 7);
		return;
	default:
		rnd_fill(r, s, sizeof(s));
		json_strn(j, key, s, rnd_below(r, sizeof(s)));
	}
}

/* Fills any size of memory until no more fits, then ends at the last whole member. */
static void it_never_writes_beyond_its_memory_and_ends_whole(void **state)
{
	struct rnd r = rnd_start();
	struct guard g;
	struct json j;

	(void)state;
	for (size_t size = JSON_SLACK + 6; size < 700; size++) {
		char *memory = guard_alloc(&g, size);
		json_init(&j, memory, size);
		j.end--; /* kept back for the closing brace */
		json_open(&j, NULL);
		char *mark = json_mark(&j);
		while (!j.full) {
			mark = json_mark(&j);
			any_member(&r, &j);
			assert_true(j.p <= j.end);
		}
		char *at = j.p;
		json_u64(&j, "k", 1); /* full is sticky, also for what would fit */
		json_close(&j);
		assert_ptr_equal(j.p, at);
		assert_int_equal(j.overflowed, 1);
		json_rewind(&j, mark);
		assert_false(j.full);
		assert_int_equal(j.overflowed, 1);
		j.end++;
		json_close(&j);
		assert_true(judge_json(memory, json_len(&j)));
		guard_free(&g);
	}
}

static void what_fits_exactly_is_written(void **state)
{
	static const char want[] = "{\"a\":\"0123456789\",\"b\":\"\\u0001\"}";
	char memory[sizeof(want) - 1 + JSON_SLACK];
	struct json j;

	(void)state;
	for (size_t less = 0; less < 2; less++) {
		json_init(&j, memory, sizeof(memory) - less);
		json_open(&j, NULL);
		json_str(&j, "a", "0123456789");
		json_str(&j, "b", "\x01");
		json_close(&j);
		assert_int_equal(j.full, less == 1);
	}
	json_init(&j, memory, sizeof(memory));
	json_open(&j, NULL);
	json_str(&j, "a", "0123456789");
	json_str(&j, "b", "\x01");
	json_close(&j);
	assert_int_equal(json_len(&j), sizeof(want) - 1);
	assert_memory_equal(memory, want, sizeof(want) - 1);
}

static void hexadecimal_is_two_lower_case_digits_a_byte(void **state)
{
	char out[9] = "";

	(void)state;
	assert_ptr_equal(json_emit_hex(out, (const uint8_t *)"\x00\x9f\xa0\xff", 4), out + 8);
	assert_string_equal(out, "009fa0ff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_input_of_one_or_two_bytes_is_valid_text),
		cmocka_unit_test(every_three_byte_sequence_is_judged_as_in_rfc_3629),
		cmocka_unit_test(four_byte_sequences_are_judged_as_in_rfc_3629),
		cmocka_unit_test(random_bytes_are_valid_text),
		cmocka_unit_test(an_odd_byte_at_any_place_of_a_long_text_is_seen),
		cmocka_unit_test(neither_side_of_the_memory_is_left),
		cmocka_unit_test(ascii_text_takes_no_byte_above_0x7f),
		cmocka_unit_test(numbers_print_as_printf_prints_them),
		cmocka_unit_test(members_get_their_commas_and_keys),
		cmocka_unit_test(it_never_writes_beyond_its_memory_and_ends_whole),
		cmocka_unit_test(what_fits_exactly_is_written),
		cmocka_unit_test(hexadecimal_is_two_lower_case_digits_a_byte),
	};

	return TEST_RUN(tests);
}
