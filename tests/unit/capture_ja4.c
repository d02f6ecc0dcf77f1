/* capture_ja4.c -- tests of JA4: hellos of our own, digests by sha256sum. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "decode.h"

/* An IPv4 and a TCP header to port 443; lengths and sums do not matter here. */
static const uint8_t headers[40] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 4, 10, 0, 0,
	128, 0xc3, 0x50, 0x01, 0xbb, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18 };
enum { LINKTYPE_RAW = 101, RANDOM = 32, HEAD = 5 + 4 };

static struct decoder *decoder;
static uint8_t frame_bytes[1024];
static size_t used;

static int begin(void **state)
{
	const struct decode_conf conf = { .payload = false };
	struct err_detail why;

	(void)state;
	return decoder_new(&conf, &decoder, &why);
}

static int end(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

static void add(const void *p, size_t n)
{
	assert_true(used + n <= sizeof(frame_bytes));
	memcpy(frame_bytes + used, p, n);
	used += n;
}

static void set_length(size_t at, unsigned width, size_t n)
{
	for (unsigned i = 0; i < width; i++)
		frame_bytes[at + i] = (uint8_t)(n >> 8 * (width - 1 - i));
}

/* The JA4 of a Client Hello of this version, with these suites and extensions; "" when none. */
static const char *ja4(uint16_t version, const char *suites, size_t suites_len,
	const char *extensions, size_t extensions_len)
{
	static char text[64];
	const uint8_t zeros[RANDOM + 1] = { 0 };
	size_t record = sizeof(headers), body = record + HEAD;

	used = 0;
	add(headers, sizeof(headers));
	add("\x16\x03\x01\0\0\x01\0\0\0", HEAD);
	add((uint8_t[]){ (uint8_t)(version >> 8), (uint8_t)version }, 2);
	add(zeros, sizeof(zeros)); /* random, no session id */
	add((uint8_t[]){ 0, (uint8_t)suites_len }, 2);
	add(suites, suites_len);
	add("\1\0", 2);
	if (extensions_len)
		add((uint8_t[]){ 0, (uint8_t)extensions_len }, 2);
	add(extensions, extensions_len);
	set_length(2, 2, used);
	set_length(record + 3, 2, used - record - 5);
	set_length(record + 6, 3, used - body);

	struct frame frame = { .data = frame_bytes,
		.cap_len = (uint32_t)used,
		.len = (uint32_t)used,
		.linktype = LINKTYPE_RAW,
		.interface_id = -1 };
	struct packet *pkt = decode_packet(decoder, &frame);
	const struct value *v = &pkt->ecs[ECS_ESPCAP_TLS_JA4];
	if (!(pkt->ecs_set[ECS_ESPCAP_TLS_JA4 >> 6] >> (ECS_ESPCAP_TLS_JA4 & 63) & 1))
		return "";
	memcpy(text, v->p, value_len(v));
	text[value_len(v)] = '\0';
	return text;
}

#define JA4(version, suites, extensions)                                                           \
	ja4(version, suites, sizeof(suites) - 1, extensions, sizeof(extensions) - 1)

static void a_hello_without_extensions_has_zeros_for_them(void **state)
{
	(void)state;
	assert_string_equal(JA4(0x0303, "\x00\x2f", ""), "t12i010000_ba72b8082249_000000000000");
	assert_string_equal(JA4(0x0300, "\x00\x2f", ""), "ts3i010000_ba72b8082249_000000000000");
}

/* GREASE, c02b, 1302, 1301; GREASE, server name, versions, ALPN h2, signatures 0403 0804. */
static void lists_are_sorted_and_grease_does_not_count(void **state)
{
	static const char suites[] = "\x7a\x7a\xc0\x2b\x13\x02\x13\x01";
	static const char extensions[] = "\x8a\x8a\0\0"
					 "\0\0\0\6\0\4\0\0\1x"
					 "\0\x2b\0\5\4\x9a\x9a\3\4"
					 "\0\x10\0\5\0\3\2h2"
					 "\0\x0d\0\6\0\4\4\3\x08\4";

	(void)state;
	assert_string_equal(
		JA4(0x0303, suites, extensions), "t13d0304h2_5559582ccdc4_ef5f37ab036a");
}

/* The only ALPN is ab cd, supported groups are the only other extension. */
static void an_alpn_that_is_no_text_is_shown_in_hexadecimal(void **state)
{
	static const char extensions[] = "\0\x10\0\5\0\3\2\xab\xcd"
					 "\0\x0a\0\4\0\2\0\x1d";

	(void)state;
	assert_string_equal(
		JA4(0x0303, "\x00\x2f", extensions), "t12i0102ad_ba72b8082249_a8f3e973773c");
}

static void a_list_of_odd_length_has_no_fingerprint(void **state)
{
	(void)state;
	assert_string_equal(JA4(0x0303, "\x00\x2f\x00", ""), "");
}

static void a_list_that_ends_too_early_has_no_fingerprint(void **state)
{
	(void)state;
	assert_string_equal(JA4(0x0303, "\x00\x2f", "\0\x10\0\5\0\3\2h"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_without_extensions_has_zeros_for_them),
		cmocka_unit_test(lists_are_sorted_and_grease_does_not_count),
		cmocka_unit_test(an_alpn_that_is_no_text_is_shown_in_hexadecimal),
		cmocka_unit_test(a_list_of_odd_length_has_no_fingerprint),
		cmocka_unit_test(a_list_that_ends_too_early_has_no_fingerprint),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
