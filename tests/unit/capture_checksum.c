/* capture_checksum.c -- tests of the Internet checksum: what is verified, and what it says. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "checksum.h"
#include "guard.h"
#include "rnd.h"

static struct packet pkt;
static const uint8_t src[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
static const uint8_t dst[16] = { 0x20, 1, 0xd, 0xb8, [15] = 2 };
static const uint8_t final[16] = { 0x20, 1, 0xd, 0xb8, [15] = 3 };

static int begin(void **state)
{
	(void)state;
	memset(&pkt, 0, sizeof(pkt));
	pkt.verify = true;
	pkt.flow = (struct flow){ .src = src, .dst = dst, .addr_len = 16, .proto = 17 };
	return 0;
}

/* RFC 1071 to the letter: 16-bit one's complement sum, big-endian, padded with a zero byte. */
static uint16_t sum_of(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

/* Random bytes whose checksum, in the two bytes at `at`, is right; start is what lies before. */
static void fill_good(struct rnd *rnd, uint8_t *p, size_t n, size_t at, uint32_t start)
{
	rnd_fill(rnd, p, n);
	p[at] = p[at + 1] = 0;
	uint16_t sum = (uint16_t)~sum_of(p, n, start);
	p[at] = (uint8_t)(sum >> 8);
	p[at + 1] = (uint8_t)sum;
}

static uint32_t pseudo_header(const uint8_t *to, uint32_t n, uint8_t proto)
{
	return (uint32_t)sum_of(src, 16, 0) + sum_of(to, 16, 0) + n + proto;
}

static void a_known_header_is_good(void **state)
{
	static const uint8_t header[20] = { 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40,
		0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };
	uint8_t bad[20];

	(void)state;
	assert_int_equal(checksum_of(&pkt, bytes_of(header, 20)), CHECKSUM_GOOD);
	for (unsigned bit = 0; bit < 160; bit++) {
		memcpy(bad, header, 20);
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(checksum_of(&pkt, bytes_of(bad, 20)), CHECKSUM_BAD);
	}
}

static void bytes_of_any_length_agree_with_the_rfc(void **state)
{
	struct rnd rnd = rnd_start();
	struct guard guard;

	(void)state;
	for (size_t n = 2; n < 300; n++) {
		uint8_t *p = guard_alloc(&guard, n);
		fill_good(&rnd, p, n, rnd_below(&rnd, n / 2) * 2, 0);
		assert_int_equal(checksum_of(&pkt, bytes_of(p, n)), CHECKSUM_GOOD);
		p[rnd_below(&rnd, n)] ^= (uint8_t)(1 << rnd_below(&rnd, 8));
		assert_int_equal(checksum_of(&pkt, bytes_of(p, n)), CHECKSUM_BAD);
		guard_free(&guard);
	}
}

static void the_longest_packet_does_not_overflow_the_sum(void **state)
{
	static uint8_t all[65535];

	(void)state;
	memset(all, 0xff, sizeof(all) - 1);
	all[65534] = 0;
	assert_int_equal(checksum_of(&pkt, bytes_of(all, 65535)), CHECKSUM_GOOD);
	all[65534] = 1;
	assert_int_equal(checksum_of(&pkt, bytes_of(all, 65535)), CHECKSUM_BAD);
}

static void a_message_is_summed_with_the_addresses_of_its_flow(void **state)
{
	struct rnd rnd = rnd_start();
	uint8_t p[77];

	(void)state;
	for (size_t n = 8; n < sizeof(p); n++) {
		fill_good(&rnd, p, n, 6, pseudo_header(dst, (uint32_t)n, 17));
		assert_int_equal(checksum_of_flow(&pkt, bytes_of(p, n), 17), CHECKSUM_GOOD);
		assert_int_equal(checksum_of_flow(&pkt, bytes_of(p, n), 6), CHECKSUM_BAD);
		pkt.flow.final = final;
		assert_int_equal(checksum_of_flow(&pkt, bytes_of(p, n), 17), CHECKSUM_BAD);
		fill_good(&rnd, p, n, 6, pseudo_header(final, (uint32_t)n, 17));
		assert_int_equal(checksum_of_flow(&pkt, bytes_of(p, n), 17), CHECKSUM_GOOD);
		pkt.flow.final = NULL;
	}
}

/* UDP-Lite: the pseudo-header has the length of the message, the sum that of the part. */
static void a_part_is_summed_with_the_length_of_the_whole(void **state)
{
	struct rnd rnd = rnd_start();
	uint8_t p[77];

	(void)state;
	for (size_t n = 8; n < sizeof(p); n++) {
		fill_good(&rnd, p, n, 6, pseudo_header(dst, 1000, 136));
		assert_int_equal(checksum_of_part(&pkt, bytes_of(p, n), 136, 1000), CHECKSUM_GOOD);
		assert_int_equal(checksum_of_part(&pkt, bytes_of(p, n), 136, 1001), CHECKSUM_BAD);
		pkt.verify = false;
		assert_int_equal(
			checksum_of_part(&pkt, bytes_of(p, n), 136, 1000), CHECKSUM_UNVERIFIED);
		pkt.verify = true;
	}
}

static void icmp_is_verified_without_being_asked(void **state)
{
	struct rnd rnd = rnd_start();
	uint8_t p[40];

	(void)state;
	pkt.verify = false;
	fill_good(&rnd, p, sizeof(p), 2, 0);
	assert_int_equal(checksum_icmp(&pkt, bytes_of(p, sizeof(p))), CHECKSUM_GOOD);
	p[7] ^= 1;
	assert_int_equal(checksum_icmp(&pkt, bytes_of(p, sizeof(p))), CHECKSUM_BAD);
	fill_good(&rnd, p, sizeof(p), 2, pseudo_header(dst, sizeof(p), 58));
	assert_int_equal(checksum_icmpv6(&pkt, bytes_of(p, sizeof(p))), CHECKSUM_GOOD);
	p[7] ^= 1;
	assert_int_equal(checksum_icmpv6(&pkt, bytes_of(p, sizeof(p))), CHECKSUM_BAD);
}

/* Nothing is called bad that cannot be known. */
static void what_cannot_be_known_is_not_verified(void **state)
{
	static const uint8_t p[40];
	struct bytes whole = bytes_of(p, sizeof(p)), cut = whole;

	(void)state;
	cut.cut = 1;
	assert_int_equal(checksum_of(&pkt, cut), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_of_flow(&pkt, cut, 17), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_icmp(&pkt, cut), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_icmpv6(&pkt, cut), CHECKSUM_UNVERIFIED);
	pkt.quoted = true;
	assert_int_equal(checksum_of_flow(&pkt, whole, 17), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_icmp(&pkt, whole), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_icmpv6(&pkt, whole), CHECKSUM_UNVERIFIED);
	pkt.quoted = false;
	pkt.flow.fragment = true;
	assert_int_equal(checksum_of_flow(&pkt, whole, 17), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_icmp(&pkt, whole), CHECKSUM_UNVERIFIED);
	pkt.flow = (struct flow){ 0 };
	assert_int_equal(checksum_of_flow(&pkt, whole, 17), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_icmpv6(&pkt, whole), CHECKSUM_UNVERIFIED);
}

static void without_being_asked_nothing_else_is_verified(void **state)
{
	static const uint8_t p[40];

	(void)state;
	pkt.verify = false;
	assert_int_equal(checksum_of(&pkt, bytes_of(p, sizeof(p))), CHECKSUM_UNVERIFIED);
	assert_int_equal(checksum_of_flow(&pkt, bytes_of(p, sizeof(p)), 17), CHECKSUM_UNVERIFIED);
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_known_header_is_good),
		TEST(bytes_of_any_length_agree_with_the_rfc),
		TEST(the_longest_packet_does_not_overflow_the_sum),
		TEST(a_message_is_summed_with_the_addresses_of_its_flow),
		TEST(a_part_is_summed_with_the_length_of_the_whole),
		TEST(icmp_is_verified_without_being_asked),
		TEST(what_cannot_be_known_is_not_verified),
		TEST(without_being_asked_nothing_else_is_verified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
