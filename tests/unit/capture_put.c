/* capture_put.c -- tests of putting values: arrays, groups of flags, limits, paths of ECS. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_doc.h"

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

static void assert_number(const cJSON *item, double value)
{
	assert_true(cJSON_IsNumber(item));
	assert_true(item->valuedouble == value);
}

static void assert_text(const cJSON *item, const char *value)
{
	assert_true(cJSON_IsString(item));
	assert_string_equal(item->valuestring, value);
}

static void one_value_is_a_scalar_and_more_are_an_array_in_packet_order(void **state)
{
	struct packet *pkt = doc_packet();
	unsigned row = doc_row("ip.ttl"), other = doc_row("ip.id");

	(void)state;
	put_u64(pkt, row, 64);
	put_u64(pkt, other, 7);
	put_u64(pkt, row, 3);
	put_u64(pkt, row, 64);
	root = doc_write(pkt);
	assert_number(doc_layer(root, "ip.id"), 7);
	const cJSON *array = doc_layer(root, "ip.ttl");
	assert_true(cJSON_IsArray(array));
	assert_int_equal(cJSON_GetArraySize(array), 3);
	assert_number(cJSON_GetArrayItem(array, 0), 64);
	assert_number(cJSON_GetArrayItem(array, 1), 3);
	assert_number(cJSON_GetArrayItem(array, 2), 64);
	assert_null(doc_at(root, "espcap.anomaly"));
}

static void an_array_ends_at_its_maximum_and_says_so(void **state)
{
	unsigned row = doc_row("ip.ttl");

	(void)state;
	for (unsigned count = PKT_REPEATS_MAX; count <= PKT_REPEATS_MAX + 5; count += 5) {
		struct packet *pkt = doc_packet();
		for (unsigned i = 0; i < count; i++)
			put_u64(pkt, row, i & 255);
		root = doc_write(pkt);
		assert_int_equal(cJSON_GetArraySize(doc_layer(root, "ip.ttl")), PKT_REPEATS_MAX);
		assert_int_equal(doc_has_anomaly(root, "too many values"), count > PKT_REPEATS_MAX);
		cJSON_Delete(root);
		root = NULL;
	}
}

static void more_values_than_a_packet_holds_are_dropped_and_said(void **state)
{
	struct packet *pkt = doc_packet();
	unsigned rows = (unsigned)decoder_field_count(doc_decoder()), put = 0;

	(void)state;
	for (unsigned i = 0; put < 2 * PKT_VALUES_MAX; i++) {
		unsigned row = i % rows;
		if (decoder_field_row(doc_decoder(), row)->type != FIELD_U16)
			continue;
		put_u64(pkt, row, 1);
		put++;
	}
	assert_int_equal(pkt->nvalues, PKT_VALUES_MAX);
	root = doc_write(pkt);
	assert_true(doc_has_anomaly(root, "too many values"));
	size_t printed = 0;
	for (const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "layers")->child; item;
		item = item->next)
		printed += cJSON_IsArray(item) ? (size_t)cJSON_GetArraySize(item) : 1;
	assert_in_range(printed, 1, PKT_VALUES_MAX);
	assert_true(printed > PKT_VALUES_MAX / 2);
	pkt = doc_packet(); /* the next packet has room again */
	put_u64(pkt, doc_row("ip.ttl"), 5);
	cJSON_Delete(root);
	root = doc_write(pkt);
	assert_number(doc_layer(root, "ip.ttl"), 5);
	assert_null(doc_at(root, "espcap.anomaly"));
}

/* The first flag of the table's longest run of flags without a path in ECS, and its length. */
static unsigned flags_row(unsigned *count)
{
	unsigned best = 0, rows = (unsigned)decoder_field_count(doc_decoder());

	*count = 0;
	for (unsigned i = 0; i < rows; i++) {
		const struct proto *proto = decoder_field_proto(doc_decoder(), i);
		unsigned n = 0;
		while (i + n < rows && decoder_field_proto(doc_decoder(), i + n) == proto &&
			decoder_field_row(doc_decoder(), i + n)->type == FIELD_BOOL &&
			!decoder_field_row(doc_decoder(), i + n)->ecs)
			n++;
		if (n > *count) {
			*count = n;
			best = i;
		}
	}
	return best;
}

static void flags_are_read_from_their_highest_bit_downwards(void **state)
{
	unsigned count, row = flags_row(&count);

	(void)state;
	assert_true(count >= 8);
	for (unsigned n = 1; n <= count; n++)
		for (unsigned high = n - 1; high < 32; high += 5) {
			struct packet *pkt = doc_packet();
			uint32_t bits = 0xa5c396f0u ^ (high << 7);
			put_bits(pkt, row, bits, high, n);
			root = doc_write(pkt);
			for (unsigned i = 0; i < count; i++) {
				const char *name = decoder_field_row(doc_decoder(), row + i)->name;
				const cJSON *flag = doc_layer(root, name);
				if (i < n)
					assert_int_equal(
						cJSON_IsTrue(flag), bits >> (high - i) & 1);
				assert_int_equal(cJSON_IsBool(flag), i < n);
			}
			cJSON_Delete(root);
			root = NULL;
		}
}

static void flags_that_come_again_are_arrays_of_all(void **state)
{
	struct packet *pkt = doc_packet();
	unsigned count, row = flags_row(&count);

	(void)state;
	put_bits(pkt, row, 5, 2, 3); /* 1 0 1 */
	put_bits(pkt, row, 3, 2, 3); /* 0 1 1 */
	root = doc_write(pkt);
	for (unsigned i = 0; i < 3; i++) {
		const cJSON *a = doc_layer(root, decoder_field_row(doc_decoder(), row + i)->name);
		assert_int_equal(cJSON_GetArraySize(a), 2);
		assert_int_equal(cJSON_IsTrue(cJSON_GetArrayItem(a, 0)), 5 >> (2 - i) & 1);
		assert_int_equal(cJSON_IsTrue(cJSON_GetArrayItem(a, 1)), 3 >> (2 - i) & 1);
	}
	assert_null(doc_layer(root, decoder_field_row(doc_decoder(), row + 3)->name));
}

static void text_ends_at_the_first_nul_and_nothing_is_never_put(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	put_str(pkt, doc_row("http.host"), "example\0.com", 12);
	put_str(pkt, doc_row("http.server"), "", 0);
	put_str(pkt, doc_row("http.referer"), "\0abc", 4);
	put_str(pkt, doc_row("http.accept"), NULL, 0);
	put_bytes(pkt, doc_row("data.data"), "", 0);
	put_addr(pkt, doc_row("ip.src"), NULL);
	root = doc_write(pkt);
	assert_text(doc_layer(root, "http.host"), "example");
	assert_null(doc_layer(root, "http.server"));
	assert_null(doc_layer(root, "http.referer"));
	assert_null(doc_layer(root, "http.accept"));
	assert_null(doc_layer(root, "data.data"));
	assert_null(doc_layer(root, "ip.src"));
	assert_null(doc_at(root, "source"));
}

static void long_text_is_cut_and_said(void **state)
{
	static char text[PKT_TEXT_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (unsigned extra = 0; extra < 2; extra++) {
		struct packet *pkt = doc_packet();
		put_str(pkt, doc_row("http.host"), text, PKT_TEXT_MAX + extra);
		root = doc_write(pkt);
		assert_int_equal(strlen(doc_layer(root, "http.host")->valuestring), PKT_TEXT_MAX);
		assert_int_equal(doc_has_anomaly(root, "text cut"), extra);
		cJSON_Delete(root);
		root = NULL;
	}
}

static void long_bytes_are_cut(void **state)
{
	static const uint8_t bytes[PKT_BYTES_MAX + 1];
	struct packet *pkt = doc_packet();

	(void)state;
	put_bytes(pkt, doc_row("data.data"), bytes, PKT_BYTES_MAX + 1);
	root = doc_write(pkt);
	assert_int_equal(strlen(doc_layer(root, "data.data")->valuestring), 2 * PKT_BYTES_MAX);
}

static void a_time_that_nanoseconds_cannot_hold_is_left_out(void **state)
{
	unsigned rows = (unsigned)decoder_field_count(doc_decoder()), row = 0;
	static const int64_t bad[] = { INT64_MIN, INT64_MAX, INT64_MAX / 1000000000 + 1,
		INT64_MIN / 1000000000 - 1 };

	(void)state;
	while (row < rows && decoder_field_row(doc_decoder(), row)->type != FIELD_TIME)
		row++;
	assert_in_range(row, 0, rows - 1);
	struct packet *pkt = doc_packet();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		put_time(pkt, row, bad[i], 0);
	put_time(pkt, row, 5, 1000000000);
	root = doc_write(pkt);
	assert_null(doc_layer(root, decoder_field_row(doc_decoder(), row)->name));
	put_time(pkt, row, 1767323045, 123456789);
	cJSON_Delete(root);
	root = doc_write(pkt);
	assert_text(doc_layer(root, decoder_field_row(doc_decoder(), row)->name),
		"2026-01-02T03:04:05.123456789Z");
}

/* --- ECS --- */

static void the_first_value_of_a_path_stays(void **state)
{
	static const uint8_t first[4] = { 10, 0, 0, 4 }, second[4] = { 10, 0, 0, 5 };
	struct packet *pkt = doc_packet();

	(void)state;
	put_addr(pkt, doc_row("ip.src"), first);
	put_addr(pkt, doc_row("ip.src"), second);
	put_u64(pkt, doc_row("tcp.srcport"), 80);
	put_u64(pkt, doc_row("udp.srcport"), 53);
	root = doc_write(pkt);
	assert_text(doc_at(root, "source.ip"), "10.0.0.4");
	assert_number(doc_at(root, "source.port"), 80);
}

static void a_quoted_packet_feeds_layers_only(void **state)
{
	static const uint8_t address[4] = { 10, 0, 0, 4 };
	struct packet *pkt = doc_packet();

	(void)state;
	pkt->quoted = true;
	put_addr(pkt, doc_row("ip.src"), address);
	put_u64(pkt, doc_row("tcp.srcport"), 80);
	ecs_text(pkt, ECS_DNS_TYPE, "query");
	ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, address);
	pkt_anomaly(pkt, "truncated");
	pkt->quoted = false;
	root = doc_write(pkt);
	assert_text(doc_layer(root, "ip.src"), "10.0.0.4");
	assert_null(doc_at(root, "source"));
	assert_null(doc_at(root, "dns"));
	assert_null(doc_at(root, "related"));
	assert_null(doc_at(root, "espcap.anomaly"));
}

static void a_path_of_many_collects_each_value_once(void **state)
{
	static const uint8_t a[4] = { 10, 0, 0, 4 }, b[4] = { 10, 0, 0, 5 };
	struct packet *pkt = doc_packet();

	(void)state;
	ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, a);
	ecs_str(pkt, ECS_RELATED_HOSTS, "one", 3);
	ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, b);
	ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, a);
	ecs_str(pkt, ECS_RELATED_HOSTS, "two", 3);
	ecs_str(pkt, ECS_RELATED_HOSTS, "one", 3);
	ecs_str(pkt, ECS_RELATED_USER, "me", 2);
	root = doc_write(pkt);
	const cJSON *ips = doc_at(root, "related.ip"), *hosts = doc_at(root, "related.hosts");
	assert_int_equal(cJSON_GetArraySize(ips), 2);
	assert_text(cJSON_GetArrayItem(ips, 0), "10.0.0.4");
	assert_text(cJSON_GetArrayItem(ips, 1), "10.0.0.5");
	assert_int_equal(cJSON_GetArraySize(hosts), 2);
	assert_text(cJSON_GetArrayItem(hosts, 1), "two");
	assert_int_equal(cJSON_GetArraySize(doc_at(root, "related.user")), 1); /* still an array */
}

static void a_path_of_many_has_the_limit_of_an_array(void **state)
{
	static char names[PKT_REPEATS_MAX + 10][16];
	struct packet *pkt = doc_packet();

	(void)state;
	for (unsigned i = 0; i < PKT_REPEATS_MAX + 10; i++) {
		int n = snprintf(names[i], sizeof(names[i]), "host%u", i);
		ecs_str(pkt, ECS_RELATED_HOSTS, names[i], (size_t)n);
	}
	ecs_str(pkt, ECS_RELATED_USER, "me", 2); /* others have room all the same */
	root = doc_write(pkt);
	assert_int_equal(cJSON_GetArraySize(doc_at(root, "related.hosts")), PKT_REPEATS_MAX);
	assert_int_equal(cJSON_GetArraySize(doc_at(root, "related.user")), 1);
	assert_true(doc_has_anomaly(root, "too many values"));
}

static void numbers_of_keyword_paths_are_text_and_macs_are_upper_case(void **state)
{
	static const uint8_t mac[6] = { 0, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e };
	struct packet *pkt = doc_packet();

	(void)state;
	put_u64(pkt, doc_row("dns.id"), 4660);
	put_addr(pkt, doc_row("eth.src"), mac);
	root = doc_write(pkt);
	assert_text(doc_at(root, "dns.id"), "4660");
	assert_number(doc_layer(root, "dns.id"), 4660);
	assert_text(doc_at(root, "source.mac"), "00-1A-2B-3C-4D-5E");
	assert_text(doc_layer(root, "eth.src"), "00:1a:2b:3c:4d:5e");
}

/* The first member of `email` is an object itself. */
static void an_object_within_another_is_closed_before_its_neighbour(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	ecs_text(pkt, ECS_EMAIL_CC, "dave@example.com");
	ecs_text(pkt, ECS_EMAIL_CONTENT_TYPE, "text/plain");
	ecs_time(pkt, ECS_EMAIL_ORIGINATION_TIMESTAMP, 1770289200);
	root = doc_write(pkt);
	assert_text(doc_at(root, "email.content_type"), "text/plain");
	assert_text(doc_at(root, "email.origination_timestamp"), "2026-02-05T11:00:00.000000000Z");
	assert_int_equal(cJSON_GetArraySize(doc_at(root, "email.cc.address")), 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_value_is_a_scalar_and_more_are_an_array_in_packet_order),
		TEST(an_array_ends_at_its_maximum_and_says_so),
		TEST(more_values_than_a_packet_holds_are_dropped_and_said),
		TEST(flags_are_read_from_their_highest_bit_downwards),
		TEST(flags_that_come_again_are_arrays_of_all),
		TEST(text_ends_at_the_first_nul_and_nothing_is_never_put),
		TEST(long_text_is_cut_and_said),
		TEST(long_bytes_are_cut),
		TEST(a_time_that_nanoseconds_cannot_hold_is_left_out),
		TEST(the_first_value_of_a_path_stays),
		TEST(an_object_within_another_is_closed_before_its_neighbour),
		TEST(a_quoted_packet_feeds_layers_only),
		TEST(a_path_of_many_collects_each_value_once),
		TEST(a_path_of_many_has_the_limit_of_an_array),
		TEST(numbers_of_keyword_paths_are_text_and_macs_are_upper_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
