/* test_crc32c.c -- CRC32C against its published vectors and against itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "crc32c.h"

#include <string.h>

#include "guard.h"
#include "rnd.h"
#include "test.h"

static void both_ways(const void *p, size_t n, uint32_t want)
{
	assert_int_equal(crc32c(p, n), want);
	assert_int_equal(crc32c_table(p, n), want);
}

static void it_gives_the_vectors_of_rfc_3720(void **state)
{
	static const uint8_t read_pdu[48] = {
		0x01,
		0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02
	};
	uint8_t zeros[32], ones[32], up[32], down[32];

	(void)state;
	memset(zeros, 0, sizeof(zeros));
	memset(ones, 0xff, sizeof(ones));
	for (unsigned i = 0; i < 32; i++) {
		up[i] = (uint8_t)i;
		down[i] = (uint8_t)(31 - i);
	}
	both_ways(zeros, 32, 0x8a9136aa);
	both_ways(ones, 32, 0x62a8ab43);
	both_ways(up, 32, 0x46dd794e);
	both_ways(down, 32, 0x113fdb5c);
	both_ways(read_pdu, sizeof(read_pdu), 0xd9963a56);
	both_ways("123456789", 9, 0xe3069283);
	both_ways("", 0, 0);
}

static void processor_and_table_agree_at_every_length_and_alignment(void **state)
{
	struct rnd r = rnd_start();
	uint8_t data[600];
	struct guard g;

	(void)state;
	rnd_fill(&r, data, sizeof(data));
	for (size_t n = 0; n < 520; n++)
		for (size_t at = 0; at < 9; at++)
			assert_int_equal(crc32c(data + at, n), crc32c_table(data + at, n));
	for (size_t n = 0; n < 70; n++) { /* and neither looks behind its bytes */
		const uint8_t *p = guard_copy(&g, data, n);
		assert_int_equal(crc32c(p, n), crc32c_table(p, n));
		guard_free(&g);
	}
}

static void every_flipped_bit_changes_it(void **state)
{
	struct rnd r = rnd_start();
	uint8_t data[256];

	(void)state;
	rnd_fill(&r, data, sizeof(data));
	uint32_t whole = crc32c(data, sizeof(data));
	for (size_t bit = 0; bit < sizeof(data) * 8; bit++) {
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(crc32c(data, sizeof(data)), whole);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_the_vectors_of_rfc_3720),
		cmocka_unit_test(processor_and_table_agree_at_every_length_and_alignment),
		cmocka_unit_test(every_flipped_bit_changes_it),
	};

	return TEST_RUN(tests);
}
