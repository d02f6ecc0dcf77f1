/* capture_community.c -- tests of the Community ID, with the published ids of its specification. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>

#include "community.h"
#include "rnd.h"

/* Ids that the specification's own baseline names for version 1, seed 0. */
static const struct row {
	uint8_t proto;
	const char *src, *dst;
	int src_port, dst_port; /* of ICMP: type, and type of the answer or code; -1: none */
	bool one_way;
	const char *id;
} rows[] = {
	{ 6, "128.232.110.120", "66.35.250.204", 34855, 80, false,
		"1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
	{ 6, "66.35.250.204", "128.232.110.120", 80, 34855, false,
		"1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
	{ 6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, false,
		"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
	{ 6, "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 25, 63943, false,
		"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
	{ 17, "192.168.1.52", "8.8.8.8", 54585, 53, false, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
	{ 17, "8.8.8.8", "192.168.1.52", 53, 54585, false, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
	{ 132, "192.168.170.8", "192.168.170.56", 7, 7, false, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=" },
	{ 132, "192.168.170.56", "192.168.170.8", 7, 7, false, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=" },
	{ 46, "10.1.12.1", "10.1.12.2", -1, -1, false, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=" },
	{ 46, "10.1.12.2", "10.1.12.1", -1, -1, false, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=" },
	{ 1, "192.168.0.89", "192.168.0.1", 8, 0, false, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	{ 1, "192.168.0.1", "192.168.0.89", 0, 8, false, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	{ 1, "10.0.0.1", "10.0.0.2", 11, 0, true, "1:YHxtAirCG//0OzkcVAukqKQN9xM=" },
	{ 58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136, false,
		"1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
	{ 58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136, false,
		"1:zavyT/cezQr1fmImYCwYnMXbgck=" },
	{ 58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, true,
		"1:2ObVBgIn28oZvibYZhZMBgh7WdQ=" },
	{ 58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, true,
		"1:hLZd0XGWojozrvxqE0dWB1iM6R0=" },
	{ 58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129, false,
		"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=" },
	{ 58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128, false,
		"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=" },
	{ 58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134, false,
		"1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=" },
	{ 58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133, false,
		"1:pkvHqCL88/tg1k4cPigmZXUtL00=" },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint8_t addresses[2][16];

static struct flow flow_of(const struct row *row)
{
	int family = strchr(row->src, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, row->src, addresses[0]), 1);
	assert_int_equal(inet_pton(family, row->dst, addresses[1]), 1);
	return (struct flow){ .src = addresses[0],
		.dst = addresses[1],
		.addr_len = family == AF_INET ? 4 : 16,
		.proto = row->proto,
		.has_ports = row->src_port >= 0,
		.src_port = (uint16_t)(row->src_port < 0 ? 0 : row->src_port),
		.dst_port = (uint16_t)(row->dst_port < 0 ? 0 : row->dst_port),
		.one_way = row->one_way };
}

static void published_ids_are_computed(void **state)
{
	char id[COMMUNITY_LEN + 1] = "";

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct flow flow = flow_of(&rows[i]);
		assert_true(community_compute(&flow, id));
		assert_string_equal(id, rows[i].id);
	}
}

static void a_flow_without_its_endpoints_has_no_id(void **state)
{
	static const uint8_t with_ports[] = { 1, 6, 17, 58, 132 };
	struct flow flow = flow_of(&rows[0]), other;
	struct community *table;
	char id[COMMUNITY_LEN];

	(void)state;
	assert_int_equal(community_new(&table), 0);
	assert_null(community_of(table, &(struct flow){ 0 }));
	community_free(table);
	other = flow;
	other.later_fragment = true;
	assert_false(community_compute(&other, id));
	for (size_t i = 0; i < sizeof(with_ports); i++) {
		other = flow;
		other.proto = with_ports[i];
		other.has_ports = false;
		assert_false(community_compute(&other, id));
	}
	other.proto = 47;
	assert_true(community_compute(&other, id));
}

/* However many flows share the places of the table, none gets the id of another. */
static void remembered_ids_are_those_that_are_computed(void **state)
{
	struct rnd rnd = rnd_start();
	struct community *table;
	uint8_t src[16], dst[16];
	char id[COMMUNITY_LEN];

	(void)state;
	assert_int_equal(community_new(&table), 0);
	for (unsigned i = 0; i < 60000; i++) {
		memset(src, 0, sizeof(src));
		memset(dst, 0, sizeof(dst));
		src[3] = (uint8_t)rnd_below(&rnd, 40);
		dst[3] = (uint8_t)rnd_below(&rnd, 40);
		struct flow flow = { .src = src,
			.dst = dst,
			.addr_len = rnd_below(&rnd, 2) ? 4 : 16,
			.proto = rnd_below(&rnd, 2) ? 6 : 17,
			.has_ports = rnd_below(&rnd, 8) != 0,
			.src_port = (uint16_t)rnd_below(&rnd, 8),
			.dst_port = (uint16_t)rnd_below(&rnd, 8),
			.later_fragment = rnd_below(&rnd, 8) == 0,
			.one_way = rnd_below(&rnd, 4) == 0 };
		const char *got = community_of(table, &flow);
		bool has = community_compute(&flow, id);
		assert_int_equal(got != NULL, has);
		if (has)
			assert_memory_equal(got, id, COMMUNITY_LEN);
	}
	community_free(table);
}

static void both_directions_of_a_flow_have_one_id(void **state)
{
	struct rnd rnd = rnd_start();
	uint8_t a[16], b[16];
	char there[COMMUNITY_LEN], back[COMMUNITY_LEN];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		rnd_fill(&rnd, a, sizeof(a));
		rnd_fill(&rnd, b, sizeof(b));
		if (i % 3 == 0)
			memcpy(b, a, sizeof(b)); /* then the ports decide */
		struct flow flow = { .src = a,
			.dst = b,
			.addr_len = i & 1 ? 4 : 16,
			.proto = 6,
			.has_ports = true,
			.src_port = (uint16_t)rnd_next(&rnd),
			.dst_port = (uint16_t)rnd_next(&rnd) };
		struct flow turned = flow;
		turned.src = b;
		turned.dst = a;
		turned.src_port = flow.dst_port;
		turned.dst_port = flow.src_port;
		assert_true(community_compute(&flow, there));
		assert_true(community_compute(&turned, back));
		assert_memory_equal(there, back, COMMUNITY_LEN);
	}
}

/* An answer that is none has no other direction: its endpoints keep their order. */
static void a_one_way_flow_and_its_reverse_have_different_ids(void **state)
{
	struct flow flow = flow_of(&rows[12]), turned = flow;
	char there[COMMUNITY_LEN], back[COMMUNITY_LEN];

	(void)state;
	assert_true(flow.one_way);
	turned.src = flow.dst;
	turned.dst = flow.src;
	turned.src_port = flow.dst_port;
	turned.dst_port = flow.src_port;
	assert_true(community_compute(&flow, there));
	assert_true(community_compute(&turned, back));
	assert_memory_not_equal(there, back, COMMUNITY_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_ids_are_computed),
		cmocka_unit_test(a_flow_without_its_endpoints_has_no_id),
		cmocka_unit_test(remembered_ids_are_those_that_are_computed),
		cmocka_unit_test(a_one_way_flow_and_its_reverse_have_different_ids),
		cmocka_unit_test(both_directions_of_a_flow_have_one_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
