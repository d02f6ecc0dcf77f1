/* ship_hosts.c -- tests of the nodes of a cluster: how they are named, whose turn it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "hosts.h"

enum { MAX_MS = 60000 };

static struct hosts hosts;
static struct err_detail why;

static int init_one(const char *node)
{
	why.text[0] = '\0';
	return hosts_init(&hosts, &node, 1, MAX_MS, 1, &why);
}

static void nodes_become_urls(void **state)
{
	static const struct {
		const char *node, *url;
	} rows[] = {
		{ "es1:9200", "http://es1:9200" },
		{ "es1", "http://es1:9200" },
		{ "es1/behind", "http://es1:9200/behind" },
		{ "[::1]", "http://[::1]:9200" },
		{ "http://es1", "http://es1" },
		{ "https://es1", "https://es1" },
		{ "es1:65535", "http://es1:65535" },
		{ "10.0.0.4:9200", "http://10.0.0.4:9200" },
		{ "[2001:db8::1]:9200", "http://[2001:db8::1]:9200" },
		{ "http://es1:9200", "http://es1:9200" },
		{ "https://es1:9200", "https://es1:9200" },
		{ "https://es1:9200/", "https://es1:9200" },
		{ "https://es1:9200///", "https://es1:9200" },
		{ "https://gate/behind/es/", "https://gate/behind/es" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(init_one(rows[i].node), 0);
		assert_int_equal(hosts.count, 1);
		assert_string_equal(hosts.items[0].url, rows[i].url);
	}
}

static void what_is_no_node_is_refused_with_a_sentence(void **state)
{
	static const char *const bad[] = { "", "/", "http://", "https:///x", "ftp://es1", "es1 es2",
		"es1\n", "es1\t", "http://es1?x=1", "http://es1#x", "<es1>", "\"es1\"",
		"unix:///tmp/x", ":9200", "http://:9200", "es1:", "es1:0", "es1:65536", "es1:99999",
		"es1:4294976496", "es1:abc", "es1:9200x", "es1:-1", "es1:+1", "::1", "fe80::1:9200",
		"[::1", "[::1]9200", "[]:9200" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(init_one(bad[i]), ERR_USAGE);
		assert_true(strlen(why.text) > 10);
	}
}

static void credentials_in_a_node_are_refused_and_never_repeated(void **state)
{
	static const char *const bad[] = { "https://elastic:s3cret@es1:9200", "elastic:s3cret@es1",
		"http://elastic:s3cret@es1/path", "ftp://elastic:s3cret@es1",
		"https://elastic:s3cret/more@es1:9200", "elastic:s3cret @es1",
		"HTTPS://elastic:s3cret@es1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(init_one(bad[i]), ERR_USAGE);
		assert_null(strstr(why.text, "s3cret"));
		assert_non_null(strstr(why.text, "--password-file"));
	}
}

static void this_machine_is_told_from_names_that_look_like_it(void **state)
{
	static const char *const here[] = { "http://localhost", "http://LOCALHOST:9200",
		"http://127.0.0.1:9200", "http://127.1.2.3/p", "http://[::1]:9200",
		"https://localhost/" };
	static const char *const away[] = { "http://localhost.evil.org", "http://127.evil.org",
		"http://127.0.0.1.evil.org:9200", "http://[::2]:9200", "http://[::ffff:10.0.0.1]",
		"http://10.0.0.1", "http://es1:9200", "http://0.0.0.0:9200", "http://localhost-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
		assert_true(host_is_loopback(here[i]));
	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++)
		assert_false(host_is_loopback(away[i]));
}

static void secrets_go_over_https_or_to_this_machine(void **state)
{
	static const char *const good[] = { "https://es1", "127.0.0.1:9200", "localhost:9200" };
	static const char *const bad[] = { "https://es1", "127.0.0.1:9200", "es1:9200" };

	(void)state;
	assert_int_equal(hosts_init(&hosts, good, 3, MAX_MS, 1, &why), 0);
	assert_int_equal(hosts_check_plain(&hosts, &why), 0);
	assert_int_equal(hosts_init(&hosts, bad, 3, MAX_MS, 1, &why), 0);
	assert_int_equal(hosts_check_plain(&hosts, &why), ERR_USAGE);
	assert_non_null(strstr(why.text, "http://es1:9200"));
	assert_non_null(strstr(why.text, "--allow-plain-auth"));
}

static void the_longest_url_fits_and_one_more_does_not(void **state)
{
	char node[HOST_URL_MAX + 8];

	(void)state;
	memset(node, 'a', sizeof(node));
	memcpy(node, "http://h/", 9);
	node[HOST_URL_MAX - 1] = '\0';
	assert_int_equal(init_one(node), 0);
	assert_string_equal(hosts.items[0].url, node);
	node[HOST_URL_MAX - 1] = 'a';
	node[HOST_URL_MAX] = '\0';
	assert_int_equal(init_one(node), ERR_USAGE);
	memcpy(node, "http://haa", 10);
	node[7 + NODE_HOST_MAX] = '\0'; /* one longer than any name */
	assert_int_equal(init_one(node), ERR_USAGE);
}

static void as_many_nodes_as_fit_and_not_one_more(void **state)
{
	const char *nodes[HOSTS_MAX + 1];

	(void)state;
	for (size_t i = 0; i <= HOSTS_MAX; i++)
		nodes[i] = "es";
	assert_int_equal(hosts_init(&hosts, nodes, HOSTS_MAX, MAX_MS, 1, &why), 0);
	assert_int_equal(hosts.count, HOSTS_MAX);
	assert_int_equal(hosts_init(&hosts, nodes, HOSTS_MAX + 1, MAX_MS, 1, &why), ERR_USAGE);
}

static void init_three(uint64_t seed)
{
	static const char *const nodes[] = { "a", "b", "c" };

	assert_int_equal(hosts_init(&hosts, nodes, 3, MAX_MS, seed, &why), 0);
}

static void every_node_has_its_turn(void **state)
{
	int64_t at;

	(void)state;
	for (uint64_t seed = 0; seed < 6; seed++) {
		init_three(seed);
		for (unsigned i = 0; i < 9; i++) {
			struct host *host = hosts_pick(&hosts, 1000, &at);
			assert_ptr_equal(host, &hosts.items[(seed + i) % 3]);
		}
	}
}

static void a_node_that_rests_is_passed_over_until_its_time(void **state)
{
	int64_t at;

	(void)state;
	init_three(0);
	hosts.items[1].rests_until_ms = 5000;
	for (unsigned i = 0; i < 8; i++) /* the others still share the work evenly */
		assert_ptr_equal(hosts_pick(&hosts, 4999, &at), &hosts.items[i & 1 ? 2 : 0]);
	bool picked = false;
	for (unsigned i = 0; i < 3; i++)
		picked = picked || hosts_pick(&hosts, 5000, &at) == &hosts.items[1];
	assert_true(picked);
}

static void when_all_rest_the_first_return_is_told(void **state)
{
	int64_t at;

	(void)state;
	init_three(0);
	hosts.items[0].rests_until_ms = 9000;
	hosts.items[1].rests_until_ms = 7000;
	hosts.items[2].rests_until_ms = 8000;
	assert_null(hosts_pick(&hosts, 6999, &at));
	assert_int_equal(at, 7000);
	assert_ptr_equal(hosts_pick(&hosts, 7000, &at), &hosts.items[1]);
}

static void a_failure_makes_one_node_rest_and_success_ends_it(void **state)
{
	struct host *host = &hosts.items[0];

	(void)state;
	init_three(0);
	hosts_failed(host, 1000, 1000, 0);
	assert_in_range(host->rests_until_ms, 1000, 1000 + BACKOFF_FIRST_MS);
	hosts_failed(host, 1000, 1000, 30000);
	assert_int_equal(host->rests_until_ms, 31000);
	hosts_failed(
		host, 1001, 1001, 0); /* a late answer does not shorten what the server asked for */
	assert_int_equal(host->rests_until_ms, 31000);
	assert_int_equal(hosts.items[1].rests_until_ms, 0);
	hosts_succeeded(host);
	assert_int_equal(host->rests_until_ms, 0);
	assert_int_equal(host->backoff.failures, 0);
}

static void requests_of_one_moment_fail_together(void **state)
{
	struct host *host = &hosts.items[0];

	(void)state;
	init_three(0);
	hosts_failed(host, 1000, 2000, 0);
	int64_t until = host->rests_until_ms;
	for (unsigned i = 0; i < 7; i++)
		hosts_failed(host, 1001 + i, 2001, 0);
	assert_int_equal(host->backoff.failures, 1);
	assert_int_equal(host->rests_until_ms, until > 2001 ? until : 2001);
	hosts_failed(host, 1500, 2002, 30000); /* but what the server asks for counts */
	assert_int_equal(host->rests_until_ms, 32002);
	hosts_failed(host, 2000, 3000, 0);
	assert_int_equal(host->backoff.failures, 2);
}

static void one_request_tries_a_node_that_has_failed(void **state)
{
	struct host *host = &hosts.items[0];
	int64_t at;

	(void)state;
	init_three(0);
	hosts_failed(host, 0, 0, 0);
	host->rests_until_ms = 10;
	assert_ptr_equal(hosts_pick(&hosts, 10, &at), host);
	host->flying = 1;
	for (unsigned i = 0; i < 6; i++)
		assert_ptr_not_equal(hosts_pick(&hosts, 10, &at), host);
	hosts_succeeded(host);
	host->flying = 0;
	bool picked = false;
	for (unsigned i = 0; i < 3; i++)
		picked = picked || hosts_pick(&hosts, 10, &at) == host;
	assert_true(picked);
	hosts.items[1].failing = hosts.items[2].failing = host->failing = true;
	hosts.items[1].flying = hosts.items[2].flying = host->flying = 1;
	assert_null(hosts_pick(&hosts, 10, &at));
	assert_int_equal(at, INT64_MAX);
}

/* Each try takes as long as a connection may: most of the work still goes where it is done. */
static void many_nodes_that_are_dead_do_not_starve_one_that_is_well(void **state)
{
	enum { DEAD = 60, TRY_MS = 10000 };
	const char *nodes[DEAD + 1];
	int64_t at;
	unsigned tried = 0, well = 0;

	(void)state;
	for (size_t i = 0; i < DEAD + 1; i++)
		nodes[i] = "es1";
	assert_int_equal(hosts_init(&hosts, nodes, DEAD + 1, MAX_MS, 1, &why), 0);
	for (size_t i = 1; i < DEAD + 1; i++)
		hosts_failed(&hosts.items[i], 0, 0, 0);
	for (int64_t now = MAX_MS; now < 100 * TRY_MS; now += 1000) {
		struct host *host = hosts_pick(&hosts, now, &at);
		assert_non_null(host);
		if (host != &hosts.items[0]) { /* one request at a time, as with --connections 1 */
			host->flying = 1;
			assert_ptr_equal(hosts_pick(&hosts, now, &at), &hosts.items[0]);
			host->flying = 0;
			hosts_failed(host, now, now + TRY_MS, 0);
			now += TRY_MS;
			tried++;
		} else {
			well++;
		}
	}
	assert_in_range(tried, 10, 50);
	assert_true(well >= 9 * tried);
	assert_true(hosts_any_well(&hosts));
	hosts_failed(&hosts.items[0], 0, 0, 0);
	assert_false(hosts_any_well(&hosts));
}

static void small_segments_are_used_for_a_while_after_a_time_out(void **state)
{
	enum { MINUTE = 60000 };
	struct host *host = &hosts.items[0];
	int64_t now = 5000;

	(void)state;
	init_three(0);
	assert_int_equal(host_segment(host, now), 0);
	host_timed_out(host, now);
	assert_int_equal(host_segment(host, now), 536);
	assert_int_equal(host_segment(host, now + MINUTE - 1), 536);
	now += MINUTE;
	assert_int_equal(host_segment(host, now), 0);
	host_timed_out(host, now); /* so soon: for longer */
	assert_int_equal(host_segment(host, now + 4 * MINUTE - 1), 536);
	assert_int_equal(host_segment(host, now + 4 * MINUTE), 0);
	for (unsigned i = 0; i < 5; i++) {
		now = host->small_until_ms;
		host_timed_out(host, now);
	}
	assert_int_equal(host->small_until_ms, now + 60 * MINUTE);
	host_timed_out(host, now + 1); /* small ones fare no better */
	assert_int_equal(host_segment(host, now + 1), 0);
	now += 20 * MINUTE; /* and what was long ago is over */
	host_timed_out(host, now);
	assert_int_equal(host->small_until_ms, now + MINUTE);
}

static void a_node_that_hangs_gets_no_more_than_the_others(void **state)
{
	int64_t at;
	unsigned hanging = 0;

	(void)state;
	init_three(0);
	for (unsigned i = 0; i < 30; i++) { /* the others answer at once */
		struct host *host = hosts_pick(&hosts, 0, &at);
		if (host == &hosts.items[1])
			hanging = ++host->flying;
	}
	assert_int_equal(hanging, 1);
}

static void rests_grow_up_to_the_maximum(void **state)
{
	int64_t longest = 0, now = 0;

	(void)state;
	init_three(3);
	for (unsigned i = 0; i < 200; i++) {
		now = hosts.items[0].rests_until_ms;
		hosts_failed(&hosts.items[0], now, now, 0);
		int64_t rest = hosts.items[0].rests_until_ms - now;
		longest = rest > longest ? rest : longest;
	}
	assert_in_range(longest, MAX_MS / 2, MAX_MS);
}

static void two_nodes_that_fail_together_do_not_return_together(void **state)
{
	unsigned equal = 0;

	(void)state;
	init_three(3);
	for (unsigned i = 0; i < 50; i++) {
		hosts.items[0].rests_until_ms = hosts.items[1].rests_until_ms = 0;
		hosts_failed(&hosts.items[0], 0, 0, 0);
		hosts_failed(&hosts.items[1], 0, 0, 0);
		equal += hosts.items[0].rests_until_ms == hosts.items[1].rests_until_ms;
	}
	assert_in_range(equal, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_become_urls),
		cmocka_unit_test(what_is_no_node_is_refused_with_a_sentence),
		cmocka_unit_test(credentials_in_a_node_are_refused_and_never_repeated),
		cmocka_unit_test(this_machine_is_told_from_names_that_look_like_it),
		cmocka_unit_test(secrets_go_over_https_or_to_this_machine),
		cmocka_unit_test(the_longest_url_fits_and_one_more_does_not),
		cmocka_unit_test(as_many_nodes_as_fit_and_not_one_more),
		cmocka_unit_test(every_node_has_its_turn),
		cmocka_unit_test(a_node_that_rests_is_passed_over_until_its_time),
		cmocka_unit_test(when_all_rest_the_first_return_is_told),
		cmocka_unit_test(a_failure_makes_one_node_rest_and_success_ends_it),
		cmocka_unit_test(requests_of_one_moment_fail_together),
		cmocka_unit_test(one_request_tries_a_node_that_has_failed),
		cmocka_unit_test(many_nodes_that_are_dead_do_not_starve_one_that_is_well),
		cmocka_unit_test(small_segments_are_used_for_a_while_after_a_time_out),
		cmocka_unit_test(a_node_that_hangs_gets_no_more_than_the_others),
		cmocka_unit_test(rests_grow_up_to_the_maximum),
		cmocka_unit_test(two_nodes_that_fail_together_do_not_return_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
