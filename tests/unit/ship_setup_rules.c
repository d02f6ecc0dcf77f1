/* ship_setup_rules.c -- tests of what the set-up decides: what servers can do, what a template is to
 * hold, and whose template holds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "setup_others.h"
#include "setup_server.h"
#include "setup_template.h"

/* --- what servers can do --- */

static struct setup_server server(const char *distribution, const char *number)
{
	struct setup_server s = { 0 };
	char text[200];

	(void)snprintf(text, sizeof(text), "{\"version\":{%s%s%s\"number\":\"%s\"}}",
		*distribution ? "\"distribution\":\"" : "", distribution,
		*distribution ? "\"," : "", number);
	cJSON *root = cJSON_Parse(text);
	setup_server_read_root(&s, root);
	cJSON_Delete(root);
	return s;
}

static struct index_settings with(enum conf_id option, const char *key, const char *value)
{
	struct index_settings s = { .count = 1 };

	s.rows[0].option = option;
	s.rows[0].key = key;
	s.rows[0].templates = INDEX_OF_PACKETS;
	(void)snprintf(s.rows[0].value, INDEX_VALUE_MAX, "%s", value);
	return s;
}

static void each_server_is_asked_for_what_it_can_do(void **state)
{
	static const struct {
		const char *distribution, *number, *parameters, *for_streams;
		bool logsdb, lifecycle;
	} rows[] = {
		{ "", "7.17.28", "", "", false, true },
		{ "", "8.12.2", "", "", false, true },
		{ "", "8.13.0", "", "&require_data_stream=true", false, true },
		{ "", "8.16.9", "", "&require_data_stream=true", false, true },
		{ "", "8.17.0", "", "&require_data_stream=true", true, true },
		{ "", "8.19.0", "&include_source_on_error=false",
			"&include_source_on_error=false&require_data_stream=true", true, true },
		{ "", "9.0.0", "&include_source_on_error=false",
			"&include_source_on_error=false&require_data_stream=true", true, true },
		{ "opensearch", "2.19.1", "", "", false, false },
		{ "opensearch", "9.9.9", "", "", false, false },
		/* who is neither of the two is tried with what was asked for, and with nothing else */
		{ "another", "8.19.0", "", "", true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup_server s = server(rows[i].distribution, rows[i].number);
		struct index_settings mode = with(OPT_INDEX_MODE, "index.mode", "logsdb");
		struct index_settings policy = with(OPT_LIFECYCLE, "index.lifecycle.name", "x");
		assert_string_equal(setup_server_parameters(&s, false), rows[i].parameters);
		assert_string_equal(setup_server_parameters(&s, true), rows[i].for_streams);
		assert_int_equal(setup_server_refuses(&s, &mode) == NULL, rows[i].logsdb);
		assert_int_equal(setup_server_refuses(&s, &policy) == NULL, rows[i].lifecycle);
	}
}

static void the_only_mode_is_not_asked_for(void **state)
{
	static const char *const numbers[] = { "7.17.28", "8.16.0", "8.17.0" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct setup_server s = server("", numbers[i]);
		struct index_settings mode = with(OPT_INDEX_MODE, "index.mode", "standard");
		assert_null(setup_server_refuses(&s, &mode));
		assert_int_equal(mode.count, i == 2);
	}
}

/* --- what options ask --- */

static void asks_for(struct index_settings *s, int argc, const char *const *words)
{
	char *argv[16] = { (char *)(uintptr_t) "test", (char *)(uintptr_t) "--config=" };
	struct conf conf;
	struct err_detail why;

	for (int i = 0; i < argc; i++)
		argv[i + 2] = (char *)(uintptr_t)words[i];
	assert_int_equal(conf_load(&conf, CONF_SHIP, argc + 2, argv, &why), 0);
	assert_int_equal(index_settings_from(&conf, s, &why), 0);
	conf_done(&conf);
}

static void options_become_settings_and_what_is_not_given_does_not(void **state)
{
	static const char *const words[] = { "--index-mode=logsdb", "--shards=2", "--replicas=0",
		"--refresh-interval=30s", "--lifecycle=weeks", "--data-stream" };
	static const struct {
		const char *key, *value;
		unsigned templates;
	} rows[] = { { "index.mode", "logsdb", INDEX_OF_PACKETS },
		{ "index.number_of_shards", "2", INDEX_OF_PACKETS },
		{ "index.number_of_replicas", "0", INDEX_OF_ALL },
		{ "index.refresh_interval", "30s", INDEX_OF_ALL },
		{ "index.lifecycle.name", "weeks", INDEX_OF_PACKETS | INDEX_OF_EVENTS } };
	struct index_settings s;

	(void)state;
	asks_for(&s, 0, NULL);
	assert_int_equal(s.count, 0);
	asks_for(&s, 5, words);
	assert_int_equal(s.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(s.rows[i].key, rows[i].key);
		assert_string_equal(s.rows[i].value, rows[i].value);
		assert_int_equal(s.rows[i].templates, rows[i].templates);
	}
	/* the policy of a stream rolls over: no index of a day or month can have it */
	asks_for(&s, 6, words);
	assert_int_equal(index_settings_find(&s, OPT_LIFECYCLE)->templates, INDEX_OF_STREAMS);
	index_settings_drop(&s, OPT_SHARDS);
	assert_null(index_settings_find(&s, OPT_SHARDS));
	assert_int_equal(s.count, 4);
}

/* --- what a template is to hold --- */

static struct index_patterns patterns;
static struct index_settings settings;
static struct setup_wish wish;
static const char ours[] =
	"{\"index_patterns\":[\"default-*\"],\"priority\":200,\"version\":5,"
	"\"template\":{\"settings\":{\"index.limit\":9},\"mappings\":{\"m\":1}}}";

static int begin(void **state)
{
	(void)state;
	patterns = (struct index_patterns){ .count = 1, .items = { { 1, "p-%Y", false } } };
	settings = (struct index_settings){ 0 };
	wish = (struct setup_wish){ .text = ours,
		.patterns = &patterns,
		.settings = &settings,
		.which = INDEX_OF_PACKETS };
	return 0;
}

static cJSON *body_for(const char *there)
{
	cJSON *found = there ? cJSON_Parse(there) : NULL;

	assert_int_equal(there != NULL, found != NULL);
	char *text = setup_template_body(&wish, found);
	cJSON *root = cJSON_Parse(text);
	assert_non_null(root);
	free(text);
	cJSON_Delete(found);
	return root;
}

static const char *setting(const cJSON *root, const char *key)
{
	static char text[64];
	const cJSON *inner = cJSON_GetObjectItemCaseSensitive(root, "template");
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(inner, "settings");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(all, key);

	(void)snprintf(text, sizeof(text), "%s", value ? "a number" : "none");
	return cJSON_IsString(value) ? value->valuestring : text;
}

static const char older[] =
	"{\"index_patterns\":[\"p-*\"],\"priority\":200,\"version\":4,\"composed_of\":[\"site\"],"
	"\"template\":{\"settings\":{\"index\":{\"number_of_replicas\":\"2\",\"limit\":\"7\","
	"\"sort\":{\"field\":\"x\"}}},\"aliases\":{\"a\":{}},\"mappings\":{\"m\":0}}}";

static void what_somebody_has_set_stays_when_the_template_is_renewed(void **state)
{
	cJSON *root = body_for(older);
	const cJSON *inner = cJSON_GetObjectItemCaseSensitive(root, "template");

	(void)state;
	assert_string_equal(setting(root, "index.number_of_replicas"), "2");
	assert_string_equal(setting(root, "index.sort.field"), "x");
	assert_string_equal(setting(root, "index.limit"), "a number"); /* ours is ours */
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "composed_of")), 1);
	assert_true(cJSON_HasObjectItem(inner, "aliases"));
	assert_int_equal(cJSON_GetObjectItem(root, "version")->valueint, 5);
	assert_int_equal(
		cJSON_GetObjectItem(cJSON_GetObjectItem(inner, "mappings"), "m")->valueint, 1);
	cJSON_Delete(root);
}

static void what_is_asked_for_comes_before_what_is_there(void **state)
{
	static const char *const there[] = { older, NULL };

	(void)state;
	settings = with(OPT_REPLICAS, "index.number_of_replicas", "0");
	for (size_t i = 0; i < 2; i++) {
		cJSON *root = body_for(there[i]);
		assert_string_equal(setting(root, "index.number_of_replicas"), "0");
		cJSON_Delete(root);
	}
	wish.which = INDEX_OF_LITE; /* not asked of this one */
	cJSON *root = body_for(older);
	assert_string_equal(setting(root, "index.number_of_replicas"), "2");
	cJSON_Delete(root);
}

static void a_newer_template_gets_the_setting_and_nothing_else(void **state)
{
	static const char newer[] = "{\"index_patterns\":[\"x-*\"],\"priority\":200,\"version\":6,"
				    "\"template\":{\"mappings\":{\"m\":2}}}";

	(void)state;
	settings = with(OPT_REPLICAS, "index.number_of_replicas", "0");
	cJSON *root = body_for(newer);
	assert_string_equal(setting(root, "index.number_of_replicas"), "0");
	assert_string_equal(setting(root, "index.limit"), "none");
	assert_int_equal(cJSON_GetObjectItem(root, "version")->valueint, 6);
	cJSON_Delete(root);
}

static void settings_are_found_however_they_are_written(void **state)
{
	static const struct {
		const char *settings;
		bool same;
	} rows[] = { { "{\"index\":{\"number_of_replicas\":\"0\"}}", true },
		{ "{\"index.number_of_replicas\":\"0\"}", true },
		{ "{\"number_of_replicas\":\"0\"}", true },
		{ "{\"index\":{\"number_of_replicas\":\"1\"}}", false },
		{ "{\"index\":{\"number_of_shards\":\"0\"}}", false }, { "{}", false } };
	char text[200];

	(void)state;
	settings = with(OPT_REPLICAS, "index.number_of_replicas", "0");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(
			text, sizeof(text), "{\"template\":{\"settings\":%s}}", rows[i].settings);
		cJSON *found = cJSON_Parse(text);
		assert_int_equal(setup_template_differs(&wish, found) == NULL, rows[i].same);
		cJSON_Delete(found);
	}
	settings = with(OPT_INDEX_MODE, "index.mode", "standard");
	assert_null(
		setup_template_differs(&wish, NULL)); /* what servers do that are told nothing */
}

static int patterns_of(const cJSON *root, const char *wanted)
{
	const cJSON *item;
	int n = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "index_patterns"))
		n += strcmp(item->valuestring, wanted) == 0;
	return n;
}

static void a_pattern_with_a_sensor_serves_all_of_them(void **state)
{
	cJSON *found = cJSON_Parse("{\"index_patterns\":[\"p-one-*\",\"p-one-unsynced\"]}");

	(void)state;
	(void)snprintf(patterns.items[0].text, INDEX_NAME_MAX, "p-one-%%Y");
	(void)snprintf(patterns.wide, INDEX_NAME_MAX, "p-*-%%Y");
	assert_true(setup_template_covers(&wish, found)); /* enough for this one */
	cJSON *root = body_for(NULL);
	assert_int_equal(patterns_of(root, "p-*-*"), 1);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "index_patterns")), 1);
	cJSON_Delete(root);
	cJSON_Delete(found);
}

static void data_streams_have_a_template_of_their_own(void **state)
{
	cJSON *found = cJSON_Parse("{\"index_patterns\":[\"s\"],\"template\":{}}");

	(void)state;
	patterns.count = 2;
	patterns.items[1].stream = true;
	(void)snprintf(patterns.items[1].text, INDEX_NAME_MAX, "s");
	cJSON *root = body_for(NULL);
	assert_int_equal(patterns_of(root, "p-*") + 2 * patterns_of(root, "s"), 1);
	assert_false(cJSON_HasObjectItem(root, "data_stream"));
	cJSON_Delete(root);
	wish.stream = true;
	assert_false(setup_template_covers(&wish, found)); /* it makes none */
	root = body_for(NULL);
	assert_int_equal(patterns_of(root, "p-*") + 2 * patterns_of(root, "s"), 2);
	assert_true(cJSON_HasObjectItem(root, "data_stream"));
	assert_int_equal(cJSON_GetObjectItem(root, "priority")->valueint, 210);
	assert_true(setup_template_covers(&wish, root));
	cJSON_Delete(root);
	wish.first = 2; /* nothing that is left goes there */
	assert_false(setup_template_needed(&wish));
	cJSON_Delete(found);
}

/* --- whose template holds --- */

static void the_highest_priority_that_fits_holds(void **state)
{
	static const struct {
		const char *list; /* rows of name, pattern, priority */
		const char *winner;
	} rows[] = {
		{ "", NULL }, { "own p-* 500", "own" }, { "own p-* 199", NULL },
		{ "own p-* 200", NULL }, /* servers refuse that */
		{ "own q-* 500", NULL }, { "a p-* 300;b p-2026 400;c p-* 350", "b" },
		{ "own p-* 500;ours p-* 600", NULL }, /* somebody has raised ours */
		{ "own p-* 150;ours p-* 100", "own" },
		{ "own p-* 150;ours q-* 300", NULL }, /* ours will be for it, with 200 */
	};
	struct setup_other other;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cJSON *root = cJSON_CreateObject(),
		      *list = cJSON_AddArrayToObject(root, "index_templates");
		char copy[200], *save = NULL, name[32], pattern[32];
		(void)snprintf(copy, sizeof(copy), "%s", rows[i].list);
		for (char *row = strtok_r(copy, ";", &save); row;
			row = strtok_r(NULL, ";", &save)) {
			char json[200];
			long priority;
			assert_int_equal(sscanf(row, "%31s %31s %ld", name, pattern, &priority), 3);
			(void)snprintf(json, sizeof(json),
				"{\"name\":\"%s\",\"index_template\":{\"index_patterns\":[\"%s\"],"
				"\"priority\":%ld}}",
				name, pattern, priority);
			cJSON_AddItemToArray(list, cJSON_Parse(json));
		}
		bool any = setup_others_find(root, "ours", 200, "p-2026", &other);
		assert_int_equal(any, rows[i].winner != NULL);
		if (any)
			assert_string_equal(other.name, rows[i].winner);
		cJSON_Delete(root);
	}
}

static void what_a_template_lacks_is_named(void **state)
{
	static const char good[] =
		"\"@timestamp\":{\"type\":\"date_nanos\"},\"event.sequence\":{"
		"\"type\":\"long\"},\"espcap\":{\"properties\":{\"run\":{\"type\":"
		"\"keyword\"}}}";
	static const struct {
		const char *dynamic, *more, *lacks;
		bool stream;
	} rows[] = {
		{ "false", "", "", false },
		{ "\"false\"", "", "", false },
		{ "true", "", "dynamic", false },
		{ "\"strict\"", "", "dynamic", false },
		{ "false", ",\"data_stream\":{}", "--data-stream", false },
		{ "false", ",\"data_stream\":{}", "", true },
		{ "false", "", "data_stream", true },
	};
	char text[600], lacks[OTHERS_LACKS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
			"{\"template\":{\"mappings\":{\"dynamic\":%s,\"properties\":{%s}}}%s}",
			rows[i].dynamic, good, rows[i].more);
		cJSON *template = cJSON_Parse(text);
		assert_non_null(template);
		setup_others_lacks(template, rows[i].stream, lacks);
		assert_int_equal(*lacks == '\0', *rows[i].lacks == '\0');
		assert_non_null(strstr(lacks, rows[i].lacks));
		cJSON_Delete(template);
	}
	setup_others_lacks(NULL, false, lacks); /* all of it */
	assert_non_null(strstr(lacks, "dynamic"));
	assert_non_null(strstr(lacks, "date_nanos"));
	assert_non_null(strstr(lacks, "event.sequence"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_is_asked_for_what_it_can_do),
		cmocka_unit_test(the_only_mode_is_not_asked_for),
		cmocka_unit_test(options_become_settings_and_what_is_not_given_does_not),
		cmocka_unit_test_setup(
			what_somebody_has_set_stays_when_the_template_is_renewed, begin),
		cmocka_unit_test_setup(what_is_asked_for_comes_before_what_is_there, begin),
		cmocka_unit_test_setup(a_newer_template_gets_the_setting_and_nothing_else, begin),
		cmocka_unit_test_setup(settings_are_found_however_they_are_written, begin),
		cmocka_unit_test_setup(a_pattern_with_a_sensor_serves_all_of_them, begin),
		cmocka_unit_test_setup(data_streams_have_a_template_of_their_own, begin),
		cmocka_unit_test(the_highest_priority_that_fits_holds),
		cmocka_unit_test(what_a_template_lacks_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
