/* ship_setup.c -- tests of the set-up: what a server is, and whether it has our templates. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "buf.h"
#include "setup_talk.h"

static int begin(void **state)
{
	(void)state;
	begin_with(SETUP_INSTALL, "espcap-packets-%Y.%m.%d");
	return 0;
}

static int end(void **state)
{
	(void)state;
	setup_done(&s);
	return 0;
}

static const cJSON *path_in(const cJSON *root, const char *const *names)
{
	for (; *names; names++) {
		root = cJSON_GetObjectItemCaseSensitive(root, *names);
		assert_non_null(root);
	}
	return root;
}

/* The template that is about to be put: its layers, its index pattern, and the one index of packets
 * from an unsynced clock. */
static void assert_template(const char *layers, const char *pattern, const char *unsynced)
{
	static const char *const type[] = { "template", "mappings", "properties", "layers", "type",
		NULL };
	cJSON *root = cJSON_Parse(body);

	assert_non_null(root);
	assert_string_equal(path_in(root, type)->valuestring, layers);
	const cJSON *patterns = cJSON_GetObjectItemCaseSensitive(root, "index_patterns");
	assert_int_equal(cJSON_GetArraySize(patterns), 2);
	assert_string_equal(patterns->child->valuestring, pattern);
	assert_string_equal(patterns->child->next->valuestring, unsynced);
	cJSON_Delete(root);
}

static void each_server_is_known_and_gets_the_template_it_understands(void **state)
{
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		const struct server *server = &servers[i];
		(void)begin(state);
		meet(server);
		assert_true(s.server.known);
		assert_int_equal(s.server.opensearch, server->opensearch);
		assert_int_equal(s.server.major, server->major);
		assert_int_equal(s.server.minor, server->minor);
		assert_string_equal(s.server.name, server->name);
		asks("GET", "/_index_template/espcap-packets");
		assert_int_equal(answer(404, "{}"), 0);
		asks("PUT", "/_index_template/espcap-packets");
		assert_template(server->layers, "espcap-packets-*.*.*", "espcap-packets-unsynced");
		(void)end(state);
	}
}

static void a_server_of_unknown_version_is_taken_for_the_newest(void **state)
{
	(void)state;
	asks("GET", "/");
	assert_int_equal(answer(405, refuses_root), 0);
	asks("GET", "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor");
	assert_int_equal(answer(200, "{}"), 0);
	assert_false(s.server.known);
	asks("GET", list_path);
	assert_int_equal(answer(200, "{}"), 0);
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(404, "{}"), 0);
	asks("PUT", "/_index_template/espcap-packets");
	assert_template("object", "espcap-packets-*.*.*", "espcap-packets-unsynced");
}

/* Servers that refuse to say anything of themselves. */
static void a_server_that_says_nothing_gets_what_it_understands(void **state)
{
	static const char *const layers[] = { "object", "flat_object", "flattened" };
	static const char refused[] = "{\"error\":{\"reason\":\"No handler for type\"}}";

	(void)state;
	asks("GET", "/");
	assert_int_equal(answer(403, "Forbidden"), 0);
	asks("GET", nodes_path);
	assert_int_equal(answer(403, "Forbidden"), 0);
	asks("GET", list_path);
	assert_int_equal(answer(405, ""), 0); /* nor that */
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(404, "{}"), 0);
	for (size_t i = 0; i < 3; i++) {
		asks("PUT", "/_index_template/espcap-packets");
		assert_template(layers[i], "espcap-packets-*.*.*", "espcap-packets-unsynced");
		assert_int_equal(answer(400, refused), i == 2 ? ERR_AGAIN : 0);
	}
	assert_non_null(strstr(s.why, "No handler for type"));
	assert_string_equal(setup_server_parameters(&s.server, true), "");
}

static void a_version_that_is_none_is_not_believed(void **state)
{
	static const char *const numbers[] = { "", "8", "x.y", ".8", "-8.1", "8.-1",
		"99999999999999999999.1", "8.99999999999999999999" };
	char text[128];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)begin(state);
		asks("GET", "/");
		(void)snprintf(text, sizeof(text), "{\"version\":{\"number\":\"%s\"}}", numbers[i]);
		assert_int_equal(answer(200, text), 0);
		assert_false(s.server.known);
		(void)end(state);
	}
}

static void what_is_no_such_server_is_said_to_be_none(void **state)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = { { 200, "<html>It works!</html>" }, { 200, "" }, { 301, "" },
		{ 302, "<html>" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)begin(state);
		asks("GET", "/");
		assert_int_equal(answer(rows[i].status, rows[i].text), ERR_AGAIN);
		assert_non_null(strstr(s.why, "not Elasticsearch"));
		asks("GET", "/"); /* asked again, from the beginning */
		(void)end(state);
	}
}

static void trouble_waits_and_the_same_question_is_asked_again(void **state)
{
	static const int statuses[] = { 401, 429, 500, 502, 503 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		(void)begin(state);
		asks("GET", "/");
		assert_int_equal(answer(statuses[i], "{}"), ERR_AGAIN);
		meet(&servers[2]);
		asks("GET", "/_index_template/espcap-packets");
		assert_int_equal(answer(statuses[i], "{}"), ERR_AGAIN);
		asks("GET", "/_index_template/espcap-packets");
		assert_int_equal(answer(404, "{}"), 0);
		asks("PUT", "/_index_template/espcap-packets");
		assert_int_equal(answer(statuses[i], "{}"), ERR_AGAIN);
		(void)end(state);
	}
}

static void no_answer_at_all_says_why(void **state)
{
	char text[2000];

	(void)state;
	asks("GET", "/");
	assert_int_equal(answer(0, "Couldn't connect to server"), ERR_AGAIN);
	assert_non_null(strstr(s.why, "Couldn't connect"));
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(answer(0, text), ERR_AGAIN);
	asks("GET", "/");
}

/* --- templates --- */

static void templates_that_are_there_are_left_alone(void **state)
{
	static const char *const names[] = { "espcap-packets", "espcap-events", "packets_lite" };
	static const char *const patterns[] = { "espcap-packets-*.*.*\",\"espcap-packets-unsynced",
		"espcap-events-*", "packets_lite" };
	char wanted[64];

	(void)state;
	meet(&servers[2]);
	for (unsigned i = 0; i < 3; i++) {
		(void)snprintf(wanted, sizeof(wanted), "/_index_template/%s", names[i]);
		asks("GET", wanted);
		assert_int_equal(answer(200, there(1000, patterns[i])), 0);
	}
	assert_int_equal(setup_next(&s, &path, &method, &body), ERR_END);
}

static void a_wider_template_covers_both_indices(void **state)
{
	(void)state;
	meet(&servers[2]);
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(200, there(1000, "espcap-packets-*")), 0);
	asks("GET", "/_index_template/espcap-events");
}

/* A template is there that has to be put anew: it is asked for a second time, with its mapping. */
static void is_there_and_wanting(const char *text)
{
	asks("GET", "/_index_template/espcap-packets");
	assert_non_null(strstr(path, "?filter_path="));
	assert_int_equal(answer(200, text), 0);
	asks("GET", "/_index_template/espcap-packets");
	assert_null(strstr(path, "?"));
	assert_int_equal(answer(200, text), 0);
}

static void missing_old_and_foreign_templates_are_put(void **state)
{
	static const struct {
		int status, version;
		const char *pattern;
	} rows[] = { { 404, 0, "" }, { 200, 1, "espcap-packets-*.*.*" },
		{ 200, 1000, "something-else-*" }, { 200, 0, "espcap-packets-*.*.*" },
		{ 200, 1000, "espcap-packets-*.*.*" }, { 200, 1000, "espcap-packets-unsynced" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)begin(state);
		meet(&servers[0]);
		if (rows[i].status == 200) {
			is_there_and_wanting(there(rows[i].version, rows[i].pattern));
		} else {
			asks("GET", "/_index_template/espcap-packets");
			assert_int_equal(answer(rows[i].status, "{}"), 0);
		}
		asks("PUT", "/_index_template/espcap-packets");
		assert_int_equal(answer(200, "{\"acknowledged\":true}"), 0);
		asks("GET", "/_index_template/espcap-events");
		(void)end(state);
	}
}

static void every_template_that_is_put_is_json_with_a_version(void **state)
{
	(void)state;
	meet(&servers[0]);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(setup_next(&s, &path, &method, &body), 0);
		assert_int_equal(answer(404, "{}"), 0);
		assert_int_equal(setup_next(&s, &path, &method, &body), 0);
		assert_string_equal(method, "PUT");
		cJSON *root = cJSON_Parse(body);
		const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
		assert_true(cJSON_IsNumber(version) && version->valueint >= 1);
		cJSON_Delete(root);
		assert_int_equal(answer(200, "{\"acknowledged\":true}"), 0);
	}
	assert_int_equal(setup_next(&s, &path, &method, &body), ERR_END);
}

static void check_only_waits_for_a_missing_template(void **state)
{
	(void)state;
	begin_with(SETUP_CHECK, "espcap-packets-%Y.%m.%d");
	meet(&servers[0]);
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(404, "{}"), ERR_AGAIN);
	assert_non_null(strstr(s.why, "espcap-packets"));
	assert_non_null(strstr(s.why, "--setup install"));
	asks("GET", "/_index_template/espcap-packets");
	/* it is for the indices of others: ours would be without types */
	assert_int_equal(answer(200, there(1000, "steal-*")), ERR_AGAIN);
	assert_non_null(strstr(s.why, "pattern"));
	assert_non_null(strstr(s.why, "--setup install"));
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(200, there(1, "espcap-packets-*")), 0); /* old: warns, goes on */
	asks("GET", "/_index_template/espcap-events");
}

static int has_pattern(const cJSON *root, const char *wanted)
{
	const cJSON *item;
	int n = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "index_patterns"))
		n += strcmp(item->valuestring, wanted) == 0;
	return n;
}

/* Two sensors with two patterns on one cluster: neither takes the template away from the other. */
static void what_others_live_by_stays_in_the_template(void **state)
{
	static const int versions[] = { 1, 1000 };

	for (size_t i = 0; i < 2; i++) {
		(void)begin(state);
		meet(&servers[0]);
		is_there_and_wanting(there(versions[i], "steal-*\",\"mine-*"));
		asks("PUT", "/_index_template/espcap-packets");
		cJSON *root = cJSON_Parse(body);
		assert_int_equal(has_pattern(root, "steal-*"), 1);
		assert_int_equal(has_pattern(root, "mine-*"), 1);
		assert_int_equal(has_pattern(root, "espcap-packets-*.*.*"), 1);
		assert_int_equal(has_pattern(root, "espcap-packets-unsynced"), 1);
		/* a newer espcap has put it there: it stays that one's */
		int version = cJSON_GetObjectItemCaseSensitive(root, "version")->valueint;
		assert_int_equal(version == 1000, versions[i] == 1000);
		assert_non_null(cJSON_GetObjectItemCaseSensitive(root, "template"));
		cJSON_Delete(root);
		(void)end(state);
	}
}

/* What was committed before --index changed still goes to the index of then. */
static void every_pattern_that_records_need_is_in_the_template(void **state)
{
	(void)state;
	in_force.count = 3;
	(void)snprintf(in_force.items[1].text, INDEX_NAME_MAX, "two-%%Y");
	(void)snprintf(in_force.items[2].text, INDEX_NAME_MAX, "three");
	begin_from(SETUP_INSTALL, 1);
	meet(&servers[0]);
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(404, "{}"), 0);
	asks("PUT", "/_index_template/espcap-packets");
	cJSON *root = cJSON_Parse(body);
	assert_int_equal(has_pattern(root, "two-*"), 1);
	assert_int_equal(has_pattern(root, "three"), 1);
	assert_int_equal(has_pattern(root, "espcap-packets-*.*.*"), 0);
	cJSON_Delete(root);
}

static void without_a_set_up_nothing_is_asked(void **state)
{
	(void)state;
	begin_with(SETUP_NEVER, "x");
	assert_int_equal(setup_next(&s, &path, &method, &body), ERR_END);
}

static void the_pattern_in_force_is_in_the_template(void **state)
{
	(void)state;
	begin_with(SETUP_INSTALL, "sensor-%Y%m%d-x");
	meet(&servers[3]);
	is_there_and_wanting(there(1000, "espcap-packets-*.*.*"));
	asks("PUT", "/_index_template/espcap-packets");
	cJSON *root = cJSON_Parse(body);
	assert_int_equal(has_pattern(root, "sensor-*-x"), 1);
	cJSON_Delete(root);
}

static void a_refused_template_is_told_with_its_innermost_cause(void **state)
{
	(void)state;
	meet(&servers[0]);
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(404, "{}"), 0);
	asks("PUT", "/_index_template/espcap-packets");
	assert_int_equal(
		answer(400, "{\"error\":{\"type\":\"illegal_argument_exception\","
			    "\"reason\":\"composable template [x] is invalid\","
			    "\"caused_by\":{\"reason\":\"outer\",\"caused_by\":{\"reason\":"
			    "\"Limit of total fields [1000] has been exceeded\"}}}}"),
		ERR_AGAIN);
	assert_non_null(strstr(s.why, "Limit of total fields [1000] has been exceeded"));
	asks("GET", "/_index_template/espcap-packets");
}

static void a_cause_without_end_does_no_harm(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	meet(&servers[0]);
	assert_int_equal(setup_next(&s, &path, &method, &body), 0);
	assert_int_equal(answer(404, "{}"), 0);
	assert_int_equal(setup_next(&s, &path, &method, &body), 0);
	buf_adds(&b, "{\"error\":");
	for (unsigned i = 0; i < 900; i++)
		buf_adds(&b, "{\"reason\":\"a very long reason\",\"caused_by\":");
	buf_adds(&b, "1");
	for (unsigned i = 0; i < 901; i++)
		buf_adds(&b, "}");
	assert_int_equal(answer(400, buf_str(&b)), ERR_AGAIN);
	buf_done(&b);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_is_known_and_gets_the_template_it_understands),
		TEST(a_server_of_unknown_version_is_taken_for_the_newest),
		TEST(a_server_that_says_nothing_gets_what_it_understands),
		cmocka_unit_test(a_version_that_is_none_is_not_believed),
		cmocka_unit_test(what_is_no_such_server_is_said_to_be_none),
		cmocka_unit_test(trouble_waits_and_the_same_question_is_asked_again),
		TEST(no_answer_at_all_says_why),
		TEST(templates_that_are_there_are_left_alone),
		TEST(a_wider_template_covers_both_indices),
		TEST(missing_old_and_foreign_templates_are_put),
		TEST(every_template_that_is_put_is_json_with_a_version),
		TEST(check_only_waits_for_a_missing_template),
		TEST(what_others_live_by_stays_in_the_template),
		TEST(every_pattern_that_records_need_is_in_the_template),
		TEST(without_a_set_up_nothing_is_asked),
		TEST(the_pattern_in_force_is_in_the_template),
		TEST(a_refused_template_is_told_with_its_innermost_cause),
		TEST(a_cause_without_end_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
