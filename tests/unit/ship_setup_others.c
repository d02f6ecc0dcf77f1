/* ship_setup_others.c -- tests of the set-up where others have a say: their templates, other days, other
 * servers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_talk.h"

#include <string.h>

static const char own_in_list[] = "{\"index_templates\":[{\"name\":\"own one\","
				  "\"index_template\":{\"index_patterns\":[\"*\"],"
				  "\"priority\":500}}]}";

static void a_template_of_higher_priority_does_in_place_of_ours(void **state)
{
	static const enum sink_setup modes[] = { SETUP_CHECK, SETUP_INSTALL };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin_with(modes[i], "espcap-packets-%Y.%m.%d");
		meet_only(&servers[2]);
		asks("GET", list_path);
		assert_int_equal(answer(200, own_in_list), 0);
		for (unsigned n = 0; n < 3; n++) { /* for packets, events and lite documents */
			assert_int_equal(setup_next(&s, &path, &method, &body), 0);
			assert_true(strncmp(path, "/_index_template/own%20one?", 27) == 0);
			assert_int_equal(answer(200, there(1, "*")), 0);
		}
		if (modes[i] == SETUP_CHECK)
			assert_int_equal(setup_next(&s, &path, &method, &body), ERR_END);
		else
			asks("GET", "/_index_template/espcap-packets");
		setup_done(&s);
	}
}

static void one_that_makes_no_data_stream_is_waited_for(void **state)
{
	(void)state;
	begin_with(SETUP_CHECK, "stream");
	in_force.items[0].stream = true;
	for (unsigned n = 0; n < 2; n++) {
		if (n == 0)
			meet_only(&servers[2]);
		asks("GET", list_path);
		assert_int_equal(answer(200, own_in_list), 0);
		assert_int_equal(setup_next(&s, &path, &method, &body), 0);
		assert_int_equal(answer(200, there(1, "*")), ERR_AGAIN);
		assert_non_null(strstr(s.why, "makes no data stream"));
	}
	setup_done(&s);
}

static void a_new_day_is_a_new_look(void **state)
{
	(void)state;
	begin_with(SETUP_CHECK, "espcap-packets-%Y.%m.%d");
	meet_only(&servers[2]);
	assert_int_equal(answer(200, own_in_list), 0);
	for (unsigned n = 0; n < 3; n++)
		assert_int_equal(answer(200, there(1, "*")), 0);
	assert_int_equal(setup_next(&s, &path, &method, &body), ERR_END);
	setup_look_again(&s);
	assert_int_equal(setup_next(&s, &path, &method, &body), ERR_END); /* it is the same day */
	s.day--;
	setup_look_again(&s);
	asks("GET", list_path);
	assert_int_equal(answer(200, "{}"), 0); /* somebody has deleted it */
	asks("GET", "/_index_template/espcap-packets");
	assert_int_equal(answer(404, "{}"), ERR_AGAIN);
	setup_done(&s);
}

static void what_a_server_cannot_do_is_said_before_anything_is_put(void **state)
{
	static const struct {
		const struct index_settings settings;
		const char *why;
		size_t server;
	} rows[] = {
		{ { 1, { { OPT_INDEX_MODE, "index.mode", INDEX_OF_PACKETS, "logsdb" } } },
			"8.17 or newer", 3 },
		{ { 1, { { OPT_LIFECYCLE, "index.lifecycle.name", INDEX_OF_PACKETS, "x" } } },
			"ism_template", 3 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		asked = rows[i].settings;
		begin_with(SETUP_INSTALL, "espcap-packets-%Y.%m.%d");
		asks("GET", "/");
		assert_int_equal(answer(200, servers[rows[i].server].root), ERR_AGAIN);
		assert_non_null(strstr(s.why, rows[i].why));
		asks("GET", "/");
		begin_with(SETUP_CHECK, "espcap-packets-%Y.%m.%d"); /* who only looks goes on */
		meet(&servers[rows[i].server]);
		setup_done(&s);
	}
	asked = (struct index_settings){ 0 };
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_of_higher_priority_does_in_place_of_ours),
		cmocka_unit_test(one_that_makes_no_data_stream_is_waited_for),
		cmocka_unit_test(a_new_day_is_a_new_look),
		cmocka_unit_test(what_a_server_cannot_do_is_said_before_anything_is_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
