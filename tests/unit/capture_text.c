/* capture_text.c -- tests of addresses and times as text, held against the C library. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "rnd.h"
#include "text.h"

/* What it writes, as a string; also looks that it stays within its room. */
static const char *ended(char *out, char *end)
{
	assert_in_range((size_t)(end - out), 1, TEXT_MAX);
	*end = '\0';
	return out;
}

static const char *ipv6(const char *written)
{
	static char out[TEXT_MAX + 1];
	uint8_t p[16];

	assert_int_equal(inet_pton(AF_INET6, written, p), 1);
	return ended(out, text_ipv6(out, p));
}

static void ipv4_addresses_agree_with_the_c_library(void **state)
{
	struct rnd rnd = rnd_start();
	char out[TEXT_MAX + 1], expected[INET_ADDRSTRLEN];
	uint8_t p[4];

	(void)state;
	for (unsigned i = 0; i < 256 * 256; i++) {
		uint32_t rest = (uint32_t)rnd_next(&rnd);
		memcpy(p, &rest, 4);
		p[i & 3] = (uint8_t)(i >> 2);
		assert_string_equal(ended(out, text_ipv4(out, p)),
			inet_ntop(AF_INET, p, expected, sizeof(expected)));
	}
}

static void ipv6_addresses_are_written_as_rfc_5952_says(void **state)
{
	static const char *const canonical[] = { "::", "::1", "2001:db8::1",
		"2001:db8::", "2001:db8:0:1:1:1:1:1", "2001:db8::1:0:0:1", "2001:0:0:1::1",
		"1::", "1:2:3:4:5:6:7:8", "1:0:3:0:5:0:7:0", "0:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:0",
		"ff02::1:ff00:1234", "fe80::abcd:ef", "::2:0:0:3:0:0", "::ffff:1.2.3.4",
		"::ffff:255.255.255.255", "::ffff:0.0.0.0", "::1.2.3.4" };

	(void)state;
	for (size_t i = 0; i < sizeof(canonical) / sizeof(canonical[0]); i++)
		assert_string_equal(ipv6(canonical[i]), canonical[i]);
}

/* Addresses with many zero groups, where the rules are. */
static void ipv6_addresses_agree_with_the_c_library(void **state)
{
	struct rnd rnd = rnd_start();
	char out[TEXT_MAX + 1], expected[INET6_ADDRSTRLEN];
	uint8_t p[16];

	(void)state;
	for (unsigned i = 0; i < 65536 * 2; i++) {
		rnd_fill(&rnd, p, sizeof(p));
		for (unsigned byte = 0; byte < 16; byte++)
			if (i >> byte & 1)
				p[byte] = 0;
		if (i % 7 == 0)
			memset(p, 0, rnd_below(&rnd, 17));
		assert_string_equal(ended(out, text_ipv6(out, p)),
			inet_ntop(AF_INET6, p, expected, sizeof(expected)));
	}
}

static void mac_addresses_have_two_forms(void **state)
{
	static const uint8_t p[6] = { 0x00, 0x09, 0x5e, 0xaf, 0xf0, 0xff };
	char out[TEXT_MAX + 1];

	(void)state;
	assert_string_equal(ended(out, text_mac(out, p)), "00:09:5e:af:f0:ff");
	assert_string_equal(ended(out, text_mac_upper(out, p)), "00-09-5E-AF-F0-FF");
}

static void expected_time(int64_t ns, char *out, size_t size)
{
	int64_t rest = (ns % 1000000000 + 1000000000) % 1000000000;
	time_t seconds = (ns - rest) / 1000000000;
	struct tm tm;
	size_t n;

	assert_non_null(gmtime_r(&seconds, &tm));
	n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, size - n, ".%09lldZ", (long long)rest);
}

static void assert_time(struct text_time *t, int64_t ns)
{
	char out[TEXT_MAX + 1], expected[64];

	expected_time(ns, expected, sizeof(expected));
	assert_string_equal(ended(out, text_time(t, out, ns)), expected);
}

static void times_have_nine_decimals(void **state)
{
	static const int64_t times[] = { 0, 1, 999999999, 1000000000, -1, -1000000000, -1000000001,
		INT64_C(1767323045123456789), INT64_MAX, INT64_MIN / 2, INT64_C(951782399999999999),
		INT64_C(951782400000000000), INT64_C(4102444799999999999) };
	struct text_time t;

	(void)state;
	text_time_init(&t);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_time(&t, times[i]);
}

/* The text of the last second is kept: times that jump back and forth must not see it. */
static void times_in_any_order_agree_with_the_c_library(void **state)
{
	struct rnd rnd = rnd_start();
	struct text_time t;
	int64_t ns = 0;

	(void)state;
	text_time_init(&t);
	for (unsigned i = 0; i < 50000; i++) {
		uint64_t dice = rnd_below(&rnd, 4);
		if (dice == 0)
			ns = (int64_t)rnd_next(&rnd) / 2;
		else if (ns > INT64_MIN / 2 && ns < INT64_MAX / 2)
			ns += (int64_t)rnd_below(&rnd, dice == 1 ? 4000000000 : 1000) - 500;
		assert_time(&t, ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_addresses_agree_with_the_c_library),
		cmocka_unit_test(ipv6_addresses_are_written_as_rfc_5952_says),
		cmocka_unit_test(ipv6_addresses_agree_with_the_c_library),
		cmocka_unit_test(mac_addresses_have_two_forms),
		cmocka_unit_test(times_have_nine_decimals),
		cmocka_unit_test(times_in_any_order_agree_with_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
