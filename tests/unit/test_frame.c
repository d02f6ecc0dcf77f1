/* test_frame.c -- frames: layout, both CRCs, and everything that must not be believed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <string.h>

#include <zstd.h>

#include "crc32c.h"
#include "guard.h"
#include "rnd.h"
#include "test.h"

enum { VALUE_ROOM = FRAME_HEADER + 4096, CRC_AT = FRAME_HEADER - 4 };

struct value {
	struct frame_header header;
	uint8_t bytes[VALUE_ROOM];
	size_t len;
};

static struct frame_coder *coder;

static int make_coder(void **state)
{
	(void)state;
	return frame_coder_new(&coder);
}

static int free_coder(void **state)
{
	(void)state;
	frame_coder_free(coder);
	return 0;
}

static const char text[] = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":3}\n{\"n\":3}\n{\"n\":3}\n";

static void make_value(struct value *v)
{
	struct buf out;

	*v = (struct value){ .header = { .kind = FRAME_SLIM,
				     .flags = FRAME_UNSYNCED,
				     .first_seq = 0x0102030405060708,
				     .run = 0x1112131415161718,
				     .epoch = 0x2122232425262728,
				     .count = 6,
				     .min_time_ns = -5,
				     .max_time_ns = 0x3132333435363738,
				     .file = 0x41,
				     .number = 0x51,
				     .totals = { 0x61, 0x62, 0x63, 0x64, { 1, 2, 3, 4, 5, 6 } } } };
	buf_init(&out, VALUE_ROOM);
	assert_int_equal(frame_compress(coder, text, sizeof(text) - 1, &out, &v->header), 0);
	frame_pack(&v->header, v->bytes);
	memcpy(v->bytes + FRAME_HEADER, out.data, out.len);
	v->len = FRAME_HEADER + out.len;
	buf_done(&out);
}

/* Unpacks and expands from memory that ends where the value ends. */
static int believe(const struct value *v)
{
	struct guard g;
	struct frame_header h;
	const uint8_t *payload, *value = guard_copy(&g, v->bytes, v->len);
	struct buf out;

	buf_init(&out, FRAME_RAW_MAX);
	int err = frame_unpack(value, v->len, &h, &payload);
	if (!err)
		err = frame_expand(coder, &h, payload, &out);
	if (!err)
		assert_true(out.len == sizeof(text) - 1 && memcmp(out.data, text, out.len) == 0);
	buf_done(&out);
	guard_free(&g);
	return err;
}

static void set_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Makes the header's own CRC right again, as a program gone wrong would. */
static void sign(struct value *v)
{
	set_u32(v->bytes + CRC_AT, crc32c(v->bytes, CRC_AT));
}

static void a_frame_comes_back_as_it_went_in(void **state)
{
	struct value v;
	struct frame_header h;
	const uint8_t *payload;

	(void)state;
	make_value(&v);
	assert_int_equal(frame_unpack(v.bytes, v.len, &h, &payload), 0);
	assert_memory_equal(&h.totals, &v.header.totals, sizeof(h.totals));
	assert_true(h.codec == FRAME_ZSTD_DICT && h.kind == FRAME_SLIM && h.count == 6);
	assert_int_equal(h.flags, FRAME_UNSYNCED);
	assert_true(h.first_seq == v.header.first_seq && h.run == v.header.run);
	assert_true(h.epoch == v.header.epoch && h.min_time_ns == -5);
	assert_true(h.max_time_ns == 0x3132333435363738 && h.file == 0x41 && h.number == 0x51);
	assert_int_equal(h.raw_len, sizeof(text) - 1);
	assert_int_equal(h.stored_len, v.len - FRAME_HEADER);
	assert_int_equal(believe(&v), 0);
}

static void flags_that_are_not_known_are_of_a_newer_version(void **state)
{
	struct value v;

	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		make_value(&v);
		v.bytes[7] = (uint8_t)flags;
		sign(&v);
		assert_int_equal(believe(&v), flags > FRAME_UNSYNCED ? ERR_SPOOL_FORMAT : 0);
	}
}

static void the_layout_is_the_documented_one(void **state)
{
	static const struct {
		size_t at, n;
		const char *bytes;
	} fields[] = { { 0, 4, "ESPF" }, { 4, 4, "\1\2\1\1" },
		{ 8, 8, "\x08\x07\x06\x05\x04\x03\x02\x01" },
		{ 16, 8, "\x18\x17\x16\x15\x14\x13\x12\x11" },
		{ 24, 8, "\x28\x27\x26\x25\x24\x23\x22\x21" }, { 32, 4, "\6\0\0\0" },
		{ 36, 4, "\x30\0\0\0" }, { 48, 8, "\xfb\xff\xff\xff\xff\xff\xff\xff" },
		{ 56, 8, "\x38\x37\x36\x35\x34\x33\x32\x31" }, { 64, 8, "\x41\0\0\0\0\0\0\0" },
		{ 72, 8, "\x51\0\0\0\0\0\0\0" }, { 80, 8, "\x61\0\0\0\0\0\0\0" },
		{ 88, 8, "\x62\0\0\0\0\0\0\0" }, { 96, 8, "\x63\0\0\0\0\0\0\0" },
		{ 104, 8, "\x64\0\0\0\0\0\0\0" }, { 112, 8, "\1\0\0\0\0\0\0\0" },
		{ 152, 8, "\6\0\0\0\0\0\0\0" }, { 160, 4, "\0\0\0\0" } };
	struct value v;
	uint8_t crc[4];

	(void)state;
	make_value(&v);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_memory_equal(v.bytes + fields[i].at, fields[i].bytes, fields[i].n);
	set_u32(crc, crc32c(v.bytes + FRAME_HEADER, v.len - FRAME_HEADER));
	assert_memory_equal(v.bytes + 44, crc, 4);
	set_u32(crc, crc32c(v.bytes, CRC_AT));
	assert_memory_equal(v.bytes + CRC_AT, crc, 4);
}

static void i9_every_flipped_bit_is_refused(void **state)
{
	struct value v;

	(void)state;
	make_value(&v);
	for (size_t bit = 0; bit < v.len * 8; bit++) {
		v.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
		v.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(believe(&v), 0);
}

static void i9_a_frame_of_any_other_length_is_refused(void **state)
{
	struct value v;

	(void)state;
	make_value(&v);
	size_t whole = v.len;
	for (v.len = 0; v.len < whole; v.len++)
		assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
	v.len = whole + 1;
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
}

static void refused_when_signed(size_t at, uint32_t value)
{
	struct value v;

	make_value(&v);
	set_u32(v.bytes + at, value);
	sign(&v);
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
}

static void i9_wrong_lengths_and_counts_are_refused_under_a_right_crc(void **state)
{
	(void)state;
	refused_when_signed(32, 0); /* count */
	refused_when_signed(32, 5);
	refused_when_signed(32, 7);
	refused_when_signed(32, FRAME_COUNT_MAX + 1);
	refused_when_signed(36, sizeof(text) - 2); /* raw length */
	refused_when_signed(36, sizeof(text));
	refused_when_signed(36, 0);
	refused_when_signed(36, FRAME_RAW_MAX + 1);
	refused_when_signed(36, UINT32_MAX);
	refused_when_signed(40, 0); /* stored length */
	refused_when_signed(40, UINT32_MAX);
}

static void i9_sequences_that_no_record_can_have_are_refused(void **state)
{
	struct value v;

	(void)state;
	make_value(&v);
	memset(v.bytes + 8, 0, 8);
	sign(&v);
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
	memset(v.bytes + 8, 0xff, 8);
	v.bytes[8] -= 5; /* the sixth record would be number 2^64 */
	sign(&v);
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
	v.bytes[8]--;
	sign(&v);
	assert_int_equal(believe(&v), 0);
}

static void i9_unknown_kinds_and_wrong_codecs_are_refused(void **state)
{
	struct value v;

	(void)state;
	make_value(&v);
	v.bytes[6] = FRAME_KINDS;
	sign(&v);
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
	make_value(&v);
	v.bytes[5] = FRAME_PLAIN; /* its stored length is not its raw length then */
	sign(&v);
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
	make_value(&v);
	v.bytes[5] = FRAME_ZSTD; /* it wants a dictionary */
	sign(&v);
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED);
}

static void i8_a_frame_of_a_newer_codec_is_refused_as_such(void **state)
{
	struct value v;

	(void)state;
	make_value(&v);
	v.bytes[5] = FRAME_ZSTD_DICT + 1;
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED); /* without its CRC it is only damage */
	sign(&v);
	assert_int_equal(believe(&v), ERR_SPOOL_FORMAT);
}

static void i8_a_frame_of_a_newer_version_is_refused_as_such(void **state)
{
	struct value v;

	(void)state;
	make_value(&v);
	v.bytes[4] = FRAME_VERSION + 1;
	assert_int_equal(believe(&v), ERR_FRAME_DAMAGED); /* without its CRC it is only damage */
	sign(&v);
	assert_int_equal(believe(&v), ERR_SPOOL_FORMAT);
}

/* A payload of the writer's making: under right CRCs, but not what the header says. */
static int with_payload(const void *payload, size_t n, uint32_t raw_len, uint32_t count)
{
	struct value v = { .header = { .codec = FRAME_ZSTD,
				   .first_seq = 1,
				   .count = count,
				   .raw_len = raw_len,
				   .stored_len = (uint32_t)n,
				   .payload_crc = crc32c(payload, n) } };

	frame_pack(&v.header, v.bytes);
	memcpy(v.bytes + FRAME_HEADER, payload, n);
	v.len = FRAME_HEADER + n;
	return believe(&v);
}

static void a_payload_that_unpacks_to_more_than_it_says_is_refused(void **state)
{
	static char big[FRAME_RAW_MAX];
	char packed[1024];

	(void)state;
	memset(big, '\n', sizeof(big));
	size_t n = ZSTD_compress(packed, sizeof(packed), big, sizeof(big), 1);
	assert_false(ZSTD_isError(n));
	assert_int_equal(with_payload(packed, n, 4096, 4096), ERR_FRAME_DAMAGED);
}

static void text_that_does_not_end_with_a_line_is_refused(void **state)
{
	char packed[256];
	size_t n = ZSTD_compress(packed, sizeof(packed), "{}\n{}\nxxxxxxxxxxxxxxxxxxxxxx", 28, 1);

	(void)state;
	assert_int_equal(with_payload(packed, n, 28, 2), ERR_FRAME_DAMAGED);
	assert_int_equal(with_payload("no zstd at all", 14, 28, 2), ERR_FRAME_DAMAGED);
}

static void text_that_does_not_shrink_is_kept_plain(void **state)
{
	struct rnd r = rnd_start();
	struct frame_header h = { .count = 1 };
	struct buf packed, out;
	char noise[300];

	(void)state;
	rnd_fill(&r, noise, sizeof(noise));
	for (size_t i = 0; i < sizeof(noise) - 1; i++)
		noise[i] = noise[i] == '\n' ? 'n' : noise[i];
	noise[sizeof(noise) - 1] = '\n';
	buf_init(&packed, 4096);
	buf_init(&out, 4096);
	assert_int_equal(frame_compress(coder, noise, sizeof(noise), &packed, &h), 0);
	assert_int_equal(h.codec, FRAME_PLAIN);
	assert_int_equal(h.stored_len, sizeof(noise));
	assert_int_equal(frame_expand(coder, &h, (uint8_t *)packed.data, &out), 0);
	assert_memory_equal(out.data, noise, sizeof(noise));
	buf_done(&packed);
	buf_done(&out);
}

static void the_largest_text_fits_and_one_byte_more_does_not(void **state)
{
	static char big[FRAME_RAW_MAX + 1];
	struct frame_header h = { .count = 1, .first_seq = 1 };
	struct buf packed, out;

	(void)state;
	memset(big, 'x', sizeof(big));
	big[FRAME_RAW_MAX - 1] = '\n';
	buf_init(&packed, sizeof(big) * 2);
	buf_init(&out, FRAME_RAW_MAX);
	assert_int_equal(frame_compress(coder, big, sizeof(big), &packed, &h), ERR_TOO_BIG);
	assert_int_equal(frame_compress(coder, big, 0, &packed, &h), ERR_TOO_BIG);
	assert_int_equal(frame_compress(coder, big, FRAME_RAW_MAX, &packed, &h), 0);
	assert_int_equal(frame_expand(coder, &h, (uint8_t *)packed.data, &out), 0);
	assert_int_equal(out.len, FRAME_RAW_MAX);
	buf_done(&packed);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_comes_back_as_it_went_in),
		cmocka_unit_test(flags_that_are_not_known_are_of_a_newer_version),
		cmocka_unit_test(the_layout_is_the_documented_one),
		cmocka_unit_test(i9_every_flipped_bit_is_refused),
		cmocka_unit_test(i9_a_frame_of_any_other_length_is_refused),
		cmocka_unit_test(i9_wrong_lengths_and_counts_are_refused_under_a_right_crc),
		cmocka_unit_test(i9_sequences_that_no_record_can_have_are_refused),
		cmocka_unit_test(i9_unknown_kinds_and_wrong_codecs_are_refused),
		cmocka_unit_test(i8_a_frame_of_a_newer_version_is_refused_as_such),
		cmocka_unit_test(i8_a_frame_of_a_newer_codec_is_refused_as_such),
		cmocka_unit_test(a_payload_that_unpacks_to_more_than_it_says_is_refused),
		cmocka_unit_test(text_that_does_not_end_with_a_line_is_refused),
		cmocka_unit_test(text_that_does_not_shrink_is_kept_plain),
		cmocka_unit_test(the_largest_text_fits_and_one_byte_more_does_not),
	};

	return cmocka_run_group_tests(tests, make_coder, free_coder) ? 1 : 0;
}
