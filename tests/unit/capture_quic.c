/* capture_quic.c -- tests of the keys of QUIC, by the numbers of RFC 9001 and 9369, appendix A. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "quic.h"
#include "quic_open.h"

static const uint8_t dcid[] = { 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08 };

static void assert_keys(uint32_t version, const char *key, const char *iv, const char *mask)
{
	struct quic_keys keys;

	quic_client_keys(quic_version(version), bytes_of(dcid, sizeof(dcid)), &keys);
	assert_memory_equal(keys.key, key, QUIC_KEY);
	assert_memory_equal(keys.iv, iv, QUIC_IV);
	assert_memory_equal(keys.mask, mask, QUIC_KEY);
}

static void the_keys_of_version_1_are_those_of_rfc_9001(void **state)
{
	(void)state;
	assert_keys(1, "\x1f\x36\x96\x13\xdd\x76\xd5\x46\x77\x30\xef\xcb\xe3\xb1\xa2\x2d",
		"\xfa\x04\x4b\x2f\x42\xa3\xfd\x3b\x46\xfb\x25\x5c",
		"\x9f\x50\x44\x9e\x04\xa0\xe8\x10\x28\x3a\x1e\x99\x33\xad\xed\xd2");
}

static void the_keys_of_version_2_are_those_of_rfc_9369(void **state)
{
	(void)state;
	assert_keys(0x6b3343cf, "\x8b\x1a\x0b\xc1\x21\x28\x42\x90\xa2\x9e\x09\x71\xb5\xcd\x04\x5d",
		"\x91\xf7\x3e\x23\x51\xd8\xfa\x91\x66\x0e\x90\x9f",
		"\x45\xb9\x5e\x15\x23\x5d\x6f\x45\xa6\xb1\x9c\xbc\xb0\x29\x4b\xa9");
}

static void versions_that_nobody_has_have_no_keys(void **state)
{
	(void)state;
	assert_null(quic_version(0));
	assert_null(quic_version(2));
	assert_null(quic_version(QUIC_DRAFT(21)));
	assert_null(quic_version(QUIC_DRAFT(35)));
	for (unsigned n = 22; n <= 34; n++)
		assert_non_null(quic_version(QUIC_DRAFT(n)));
}

/* RFC 9000, appendix A.1. */
static void numbers_of_variable_length_are_read(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		uint64_t value;
	} cases[] = { { "\xc2\x19\x7c\x5e\xff\x14\xe8\x8c", 8, UINT64_C(151288809941952652) },
		{ "\x9d\x7f\x3e\x7d", 4, 494878333 }, { "\x7b\xbd", 2, 15293 }, { "\x25", 1, 37 },
		{ "\x40\x25", 2, 37 } };

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = bytes_of(cases[i].bytes, cases[i].n);
		assert_int_equal(quic_varint(&b), cases[i].value);
		assert_true(bytes_ok(&b) && bytes_left(&b) == 0);
		b = bytes_of(cases[i].bytes, cases[i].n - 1);
		assert_int_equal(quic_varint(&b), 0);
		assert_false(bytes_ok(&b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_of_version_1_are_those_of_rfc_9001),
		cmocka_unit_test(the_keys_of_version_2_are_those_of_rfc_9369),
		cmocka_unit_test(versions_that_nobody_has_have_no_keys),
		cmocka_unit_test(numbers_of_variable_length_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
