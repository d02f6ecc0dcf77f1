/* capture_ber.c -- tests of BER elements, and of text that put_text.c makes of bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber.h"

#include <stdlib.h>
#include <string.h>

#include "capture_doc.h"
#include "guard.h"
#include "rnd.h"
#include "test.h"

#define BYTES(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

static cJSON *root;

static int begin(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_FULL);
	return 0;
}

static int end(void **state)
{
	(void)state;
	cJSON_Delete(root);
	root = NULL;
	doc_end();
	return 0;
}

/* --- elements --- */

static void an_element_is_a_tag_a_length_and_as_many_bytes(void **state)
{
	struct bytes b = bytes_of(BYTES(0x04, 2, 7, 8, 0x30, 0, 0x02, 0x81, 1, 9));
	const uint8_t *start = b.p;
	struct ber e;

	(void)state;
	assert_true(ber_next(&b, &e));
	assert_int_equal(e.tag, BER_OCTET_STRING);
	assert_ptr_equal(e.from, start);
	assert_int_equal(bytes_left(&e.value), 2);
	assert_int_equal(bytes_u8(&e.value), 7);
	assert_true(ber_next(&b, &e));
	assert_int_equal(e.tag, BER_SEQUENCE);
	assert_int_equal(bytes_left(&e.value), 0);
	assert_true(ber_next(&b, &e)); /* a long form that need not be */
	assert_int_equal(e.tag, BER_INTEGER);
	assert_int_equal(bytes_u8(&e.value), 9);
	assert_false(ber_next(&b, &e));
	assert_true(bytes_ok(&b));
}

static void lengths_of_one_to_four_bytes_are_read(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 4; n++) {
		uint8_t all[6 + 200] = { 0x04, (uint8_t)(0x80 | n) };
		all[1 + n] = 200;
		struct bytes b = bytes_of(all, 2 + n + 200);
		struct ber e;
		assert_true(ber_next(&b, &e));
		assert_int_equal(bytes_left(&e.value), 200);
		assert_int_equal(bytes_left(&b), 0);
	}
}

static void what_is_no_element_ends_the_view(void **state)
{
	static const struct {
		uint8_t bytes[8];
		size_t n;
	} bad[] = {
		{ { 0x04 }, 1 },                         /* no length */
		{ { 0x04, 0x82, 0 }, 3 },                /* half of a length */
		{ { 0x04, 3, 1, 2 }, 4 },                /* longer than what holds it */
		{ { 0x30, 0x80, 0, 0 }, 4 },             /* indefinite */
		{ { 0x04, 0x85, 0, 0, 0, 0, 1, 0 }, 8 }, /* a length of five bytes */
		{ { 0x1f, 0x1f, 0 }, 3 },                /* a tag of several bytes */
		{ { 0x04, 0x84, 0xff, 0xff, 0xff, 0xff }, 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes b = bytes_of(bad[i].bytes, bad[i].n);
		struct ber e;
		assert_false(ber_next(&b, &e));
		assert_false(bytes_ok(&b));
		assert_int_equal(bytes_left(&b), 0);
	}
}

static void an_element_may_go_on_behind_the_captured_bytes(void **state)
{
	struct bytes b = bytes_of(BYTES(0x30, 10, 0x04, 6, 'a', 'b'));
	struct ber outer, inner;

	(void)state;
	b.cut = 6;
	assert_true(ber_next(&b, &outer));
	assert_int_equal(bytes_left(&outer.value), 4);
	assert_int_equal(bytes_claimed(&outer.value), 10);
	assert_true(ber_next(&outer.value, &inner));
	assert_int_equal(bytes_left(&inner.value), 2);
	assert_int_equal(bytes_claimed(&inner.value), 6);
	assert_int_equal(bytes_claimed(&outer.value), 2);
	b = bytes_of(BYTES(0x30, 10, 0x04, 6));
	b.cut = 7; /* neither captured nor claimed */
	assert_false(ber_next(&b, &outer));
}

static void optional_elements_are_taken_in_order(void **state)
{
	struct bytes b = bytes_of(BYTES(0x02, 1, 5, 0x04, 1, 'x'));
	struct ber e;

	(void)state;
	assert_false(ber_take(&b, BER_OCTET_STRING, &e));
	assert_true(bytes_ok(&b));
	struct bytes missing = ber_value(&b, BER_BOOLEAN);
	assert_false(bytes_ok(&missing));
	assert_int_equal(bytes_left(&missing), 0);
	assert_true(ber_take(&b, BER_INTEGER, &e));
	struct bytes text = ber_value(&b, BER_OCTET_STRING);
	assert_true(bytes_ok(&text));
	assert_int_equal(bytes_u8(&text), 'x');
	missing = ber_value(&b, BER_OCTET_STRING);
	assert_false(bytes_ok(&missing));
	assert_true(bytes_ok(&b));
}

static void assert_int(const uint8_t *p, size_t n, int64_t value)
{
	int64_t got = 0;

	assert_true(ber_int(bytes_of(p, n), &got));
	assert_true(got == value);
}

static void integers_are_twos_complement_of_one_to_eight_bytes(void **state)
{
	struct bytes cut = bytes_of(BYTES(1, 2));
	int64_t value = 77;

	(void)state;
	assert_int(BYTES(0), 0);
	assert_int(BYTES(0x7f), 127);
	assert_int(BYTES(0x80), -128);
	assert_int(BYTES(0, 0x80), 128);
	assert_int(BYTES(0xff, 0x7f), -129);
	assert_int(BYTES(0, 0xff, 0xff, 0xff, 0xff), 0xffffffff);
	assert_int(BYTES(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), INT64_MAX);
	assert_int(BYTES(0x80, 0, 0, 0, 0, 0, 0, 0), INT64_MIN);
	assert_false(ber_int(bytes_of(NULL, 0), &value));
	assert_false(ber_int(bytes_of(BYTES(0, 0, 0, 0, 0, 0, 0, 0, 1)), &value));
	cut.cut = 1;
	assert_false(ber_int(cut, &value));
	assert_int_equal(value, 77);
}

/* Walks all elements within elements; counts bytes of headers and values that were given. */
static size_t walk(struct bytes b, unsigned depth)
{
	struct ber e;
	size_t seen = 0;

	while (ber_next(&b, &e)) {
		assert_true(e.value.p > e.from);
		assert_true(e.value.p <= e.value.end);
		seen += (size_t)(e.value.p - e.from);
		if (depth && e.tag & BER_CONSTRUCTED)
			seen += walk(e.value, depth - 1);
		else
			for (; bytes_left(&e.value); seen++)
				(void)bytes_u8(&e.value);
	}
	return seen;
}

static void random_bytes_are_never_read_beyond_their_end(void **state)
{
	struct rnd rnd = rnd_start();

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t bytes[40];
		size_t n = rnd_below(&rnd, sizeof(bytes) + 1);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(rnd_below(&rnd, 3) ? rnd_below(&rnd, 49)
								: rnd_below(&rnd, 256));
		struct guard guard;
		struct bytes b = bytes_of(guard_copy(&guard, bytes, n), n);
		b.cut = (uint32_t)rnd_below(&rnd, 4);
		assert_in_range(walk(b, 8), 0, n);
		guard_free(&guard);
	}
}

/* --- text --- */

/* What the row of a text shows: NULL when nothing was put. */
static const char *shown(struct packet *pkt, const char *name)
{
	cJSON_Delete(root);
	root = NULL; /* for a document that makes the test fail */
	root = doc_write(pkt);
	const cJSON *item = doc_layer(root, name);
	return item ? item->valuestring : NULL;
}

static const char text_row[] = "dns.qry.name";

static const char *oid(const uint8_t *p, size_t n)
{
	struct packet *pkt = doc_packet();

	put_oid(pkt, doc_row(text_row), bytes_of(p, n));
	return shown(pkt, text_row);
}

static void identifiers_are_printed_as_tshark_prints_them(void **state)
{
	(void)state;
	assert_string_equal(oid(BYTES(0x2b, 6, 1, 2, 1, 1, 5, 0)), "1.3.6.1.2.1.1.5.0");
	assert_string_equal(oid(BYTES(0x27)), "0.39"); /* the first two arcs are one number */
	assert_string_equal(oid(BYTES(0x28)), "1.0");
	assert_string_equal(oid(BYTES(0x4f)), "1.39");
	assert_string_equal(oid(BYTES(0x50)), "2.0");
	assert_string_equal(oid(BYTES(0x81, 0)), "2.48");
	assert_string_equal(oid(BYTES(0x90, 0x80, 0x80, 0x80, 0x4f)), "2.4294967295");
	assert_string_equal(oid(BYTES(0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f)), "1.3.4294967295");
	assert_string_equal(oid(BYTES(0x2b, 0x80, 0x80, 1)), "1.3.1"); /* zeros in front */
	assert_string_equal(oid(BYTES(0x2b, 6, 0x81)), "1.3.6");       /* half of an arc */
	assert_string_equal(oid(BYTES(0x80)), "0");                    /* nothing but that */
	assert_string_equal(oid(NULL, 0), "0");
}

static void an_arc_above_32_bits_makes_no_identifier(void **state)
{
	(void)state;
	assert_null(oid(BYTES(0x2b, 0x90, 0x80, 0x80, 0x80, 0)));
	assert_null(oid(BYTES(0x90, 0x80, 0x80, 0x80, 0x50)));
	assert_null(oid(BYTES(0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)));
}

static void a_long_identifier_is_cut_where_text_is(void **state)
{
	static uint8_t ones[PKT_SCRATCH];
	struct packet *pkt = doc_packet();

	(void)state;
	memset(ones, 1, sizeof(ones));
	put_oid(pkt, doc_row(text_row), bytes_of(ones, 30000));
	assert_int_equal(strlen(shown(pkt, text_row)), PKT_TEXT_MAX);
	assert_true(doc_has_anomaly(root, "text cut"));
	pkt = doc_packet();
	put_oid(pkt, doc_row(text_row), bytes_of(ones, sizeof(ones))); /* more than scratch holds */
	assert_null(shown(pkt, text_row));
	assert_true(doc_has_anomaly(root, "too many values"));
}

static void guids_have_two_orders(void **state)
{
	static const uint8_t id[16] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99,
		0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	struct packet *pkt = doc_packet();

	(void)state;
	put_guid(pkt, doc_row(text_row), id, false);
	assert_string_equal(shown(pkt, text_row), "00112233-4455-6677-8899-aabbccddeeff");
	pkt = doc_packet();
	put_guid(pkt, doc_row(text_row), id, true);
	assert_string_equal(shown(pkt, text_row), "33221100-5544-7766-8899-aabbccddeeff");
	pkt = doc_packet();
	put_guid(pkt, doc_row(text_row), NULL, true); /* bytes that were not there */
	assert_null(shown(pkt, text_row));
}

static void names_of_64_bits_are_text(void **state)
{
	static const struct {
		uint64_t value;
		const char *hex, *dec;
	} cases[] = {
		{ 0, "0x0000000000000000", "0" },
		{ 0xf1, "0x00000000000000f1", "241" },
		{ UINT64_C(0x0123456789abcdef), "0x0123456789abcdef", "81985529216486895" },
		{ UINT64_MAX, "0xffffffffffffffff", "18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct packet *pkt = doc_packet();
		put_hex64(pkt, doc_row(text_row), cases[i].value);
		assert_string_equal(shown(pkt, text_row), cases[i].hex);
		pkt = doc_packet();
		put_dec64(pkt, doc_row(text_row), cases[i].value);
		assert_string_equal(shown(pkt, text_row), cases[i].dec);
	}
}

static const char *utf16(const uint8_t *p, size_t n)
{
	struct packet *pkt = doc_packet();

	put_utf16(pkt, doc_row(text_row), bytes_of(p, n));
	return shown(pkt, text_row);
}

static void utf16_becomes_utf8(void **state)
{
	(void)state;
	assert_string_equal(utf16(BYTES('a', 0, 0x7f, 0)), "a\x7f");
	assert_string_equal(utf16(BYTES(0x80, 0, 0xff, 7)), "\xc2\x80\xdf\xbf");
	assert_string_equal(
		utf16(BYTES(0, 8, 0xac, 0x20, 0xff, 0xff)), "\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf");
	assert_string_equal(utf16(BYTES(0, 0xd8, 0, 0xdc)), "\xf0\x90\x80\x80");
	assert_string_equal(utf16(BYTES(0xff, 0xdb, 0xff, 0xdf)), "\xf4\x8f\xbf\xbf");
	assert_string_equal(utf16(BYTES('a', 0, 0, 0, 'b', 0)), "a"); /* ends at its NUL */
	assert_string_equal(utf16(BYTES('a', 0, 'b')), "a");          /* half of a unit */
	assert_null(utf16(NULL, 0));
}

static void halves_of_pairs_are_replaced(void **state)
{
	(void)state;
	assert_string_equal(utf16(BYTES(0, 0xd8, 'a', 0)), "\xef\xbf\xbd\x61");
	assert_string_equal(utf16(BYTES(0, 0xdc, 'a', 0)), "\xef\xbf\xbd\x61");
	assert_string_equal(utf16(BYTES('a', 0, 0, 0xd8)), "a\xef\xbf\xbd");
	assert_string_equal(
		utf16(BYTES(0, 0xd8, 0, 0xd8, 0, 0xdc)), "\xef\xbf\xbd\xf0\x90\x80\x80");
}

static void long_utf16_stops_where_text_does(void **state)
{
	static uint8_t units[2 * (PKT_TEXT_MAX + 10)];
	struct packet *pkt = doc_packet();

	(void)state;
	for (size_t i = 0; i < sizeof(units); i += 2)
		units[i] = 'x';
	put_utf16(pkt, doc_row(text_row), bytes_of(units, sizeof(units)));
	assert_int_equal(strlen(shown(pkt, text_row)), PKT_TEXT_MAX);
	assert_true(doc_has_anomaly(root, "text cut"));
}

/* --- floating point --- */

/* A row of whole fractions stands in for one of floating point: both print as a decimal number. */
static const char f64_row[] = "stp.msg_age";

static unsigned make_f64_row(void)
{
	size_t count;
	unsigned row = doc_row(f64_row);

	decoder_fields(doc_decoder(), &count)[row].type = FIELD_F64;
	return row;
}

static const cJSON *number(struct packet *pkt)
{
	cJSON_Delete(root);
	root = NULL; /* for a document that makes the test fail */
	root = doc_write(pkt);
	return doc_layer(root, f64_row);
}

static void floats_are_decimal_numbers(void **state)
{
	static const struct {
		uint32_t bits;
		double value;
	} singles[] = { { 0x3fc00000, 1.5 }, { 0xc2c80000, -100 }, { 0x00000000, 0 },
		{ 0x411f583a, 9.95903968811035 } };
	unsigned row = make_f64_row();

	(void)state;
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		struct packet *pkt = doc_packet();
		put_f32(pkt, row, singles[i].bits);
		const cJSON *item = number(pkt);
		assert_true(cJSON_IsNumber(item));
		assert_true(item->valuedouble == singles[i].value);
	}
	struct packet *pkt = doc_packet();
	put_f64(pkt, row, -1.25e300);
	assert_true(number(pkt)->valuedouble == -1.25e300);
	assert_null(doc_at(root, "espcap.anomaly"));
}

static void what_is_no_number_is_left_out_and_said(void **state)
{
	static const uint32_t bits[] = { 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001,
		0x7f800001 };
	unsigned row = make_f64_row();

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		struct packet *pkt = doc_packet();
		put_f32(pkt, row, bits[i]);
		assert_null(number(pkt));
		assert_true(doc_has_anomaly(root, "number without a value"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_is_a_tag_a_length_and_as_many_bytes),
		cmocka_unit_test(lengths_of_one_to_four_bytes_are_read),
		cmocka_unit_test(what_is_no_element_ends_the_view),
		cmocka_unit_test(an_element_may_go_on_behind_the_captured_bytes),
		cmocka_unit_test(optional_elements_are_taken_in_order),
		cmocka_unit_test(integers_are_twos_complement_of_one_to_eight_bytes),
		cmocka_unit_test(random_bytes_are_never_read_beyond_their_end),
		cmocka_unit_test_setup_teardown(
			identifiers_are_printed_as_tshark_prints_them, begin, end),
		cmocka_unit_test_setup_teardown(
			an_arc_above_32_bits_makes_no_identifier, begin, end),
		cmocka_unit_test_setup_teardown(a_long_identifier_is_cut_where_text_is, begin, end),
		cmocka_unit_test_setup_teardown(guids_have_two_orders, begin, end),
		cmocka_unit_test_setup_teardown(names_of_64_bits_are_text, begin, end),
		cmocka_unit_test_setup_teardown(utf16_becomes_utf8, begin, end),
		cmocka_unit_test_setup_teardown(halves_of_pairs_are_replaced, begin, end),
		cmocka_unit_test_setup_teardown(long_utf16_stops_where_text_does, begin, end),
		cmocka_unit_test_setup_teardown(floats_are_decimal_numbers, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_number_is_left_out_and_said, begin, end),
	};

	return cmocka_run_group_tests_name("capture_ber", tests, NULL, NULL);
}
