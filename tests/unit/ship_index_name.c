/* ship_index_name.c -- tests of the index of a record: a pure function of its kind and time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "index_name.h"
#include "rnd.h"

static const int64_t SECOND = 1000000000;
static struct index_patterns one = { .count = 1,
	.items = { { 1, "espcap-packets-%Y.%m.%d", false } } };
static struct err_detail why;

static const char *name_of(enum frame_kind kind, int64_t seconds, int64_t ns)
{
	static char out[INDEX_NAME_MAX];
	const struct frame_header h = { .kind = kind };

	index_name(&one, &h, 1, seconds * SECOND + ns, out);
	return out;
}

static const struct frame_header full = { .kind = FRAME_FULL };

static void a_packet_goes_to_the_day_of_its_own_time(void **state)
{
	(void)state;
	assert_string_equal(name_of(FRAME_FULL, 0, 0), "espcap-packets-1970.01.01");
	assert_string_equal(
		name_of(FRAME_FULL, 1767225599, 999999999), "espcap-packets-2025.12.31");
	assert_string_equal(name_of(FRAME_FULL, 1767225600, 0), "espcap-packets-2026.01.01");
	assert_string_equal(name_of(FRAME_SLIM, 1709164800, 0), "espcap-packets-2024.02.29");
	assert_string_equal(name_of(FRAME_ECS, 4107542400, 0), "espcap-packets-2100.03.01");
	assert_string_equal(name_of(FRAME_FULL, 4107542399, 0), "espcap-packets-2100.02.28");
	assert_string_equal(
		name_of(FRAME_FULL, INT64_MAX / SECOND, 854775807), "espcap-packets-2262.04.11");
	assert_string_equal(name_of(FRAME_FULL, -1, 0), "espcap-packets-1969.12.31");
	assert_string_equal(name_of(FRAME_FULL, 0, -1), "espcap-packets-1969.12.31");
}

static void every_day_agrees_with_the_c_library(void **state)
{
	struct rnd seed = rnd_start();
	char expected[INDEX_NAME_MAX];
	struct tm tm;

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		int64_t ns = (int64_t)rnd_next(&seed);
		time_t seconds = ns / SECOND - (ns % SECOND < 0);
		char out[INDEX_NAME_MAX];
		assert_non_null(gmtime_r(&seconds, &tm));
		assert_true(strftime(expected, sizeof(expected), "espcap-packets-%Y.%m.%d", &tm));
		index_name(&one, &full, 1, ns, out);
		assert_string_equal(out, expected);
	}
}

static void events_go_to_their_month_and_lite_documents_to_one_index(void **state)
{
	(void)state;
	assert_string_equal(name_of(FRAME_EVENT, 1767225600, 0), "espcap-events-2026.01");
	assert_string_equal(name_of(FRAME_EVENT, 1767225599, 0), "espcap-events-2025.12");
	assert_string_equal(name_of(FRAME_LITE, 1767225600, 0), "packets_lite");
	assert_string_equal(name_of(FRAME_LITE, 0, 0), "packets_lite");
}

static void packets_of_an_unsynced_clock_go_to_one_index(void **state)
{
	static const struct {
		const char *pattern, *name;
	} rows[] = { { "espcap-packets-%Y.%m.%d", "espcap-packets-unsynced" },
		{ "a-%Y%m%d-x", "a-unsynced-x" }, { "%Y-packets", "unsynced-packets" },
		{ "a-%Y-b-%m", "a-unsynced" }, { "%d", "unsynced" }, { "plain", "plain" } };
	static const enum frame_kind packets[] = { FRAME_FULL, FRAME_SLIM, FRAME_ECS };
	struct frame_header h = { .flags = FRAME_UNSYNCED,
		.first_seq = 1,
		.count = 2,
		.min_time_ns = 0,
		.max_time_ns = INT64_MAX };
	char out[INDEX_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 3; i++) {
		struct index_patterns p = { .count = 1, .items = { { .from = 1 } } };
		(void)snprintf(p.items[0].text, INDEX_NAME_MAX, "%s", rows[i / 3].pattern);
		h.kind = packets[i % 3];
		assert_true(index_name_same(&p, &h));
		index_name(&p, &h, 1, 0, out);
		assert_string_equal(out, rows[i / 3].name);
		index_name(&p, &h, 2, INT64_MAX, out);
		assert_string_equal(out, rows[i / 3].name);
		assert_int_equal(index_pattern_check(out, &why), 0); /* a name that servers take */
	}
	h.kind = FRAME_LITE;
	index_name(&one, &h, 1, 0, out);
	assert_string_equal(out, "packets_lite");
	h.kind = FRAME_EVENT; /* when the clock was set is told by documents with dates */
	index_name(&one, &h, 1, 1767225600 * SECOND, out);
	assert_string_equal(out, "espcap-events-2026.01");
	assert_false(index_name_same(&one, &h));
}

/* Its one index depends on the sequence as all others do. */
static void a_changed_pattern_changes_the_unsynced_index(void **state)
{
	struct index_patterns p = { .count = 2,
		.items = { { 1, "a-%Y", false }, { 100, "b-%Y", false } } };
	const struct frame_header h = {
		.kind = FRAME_FULL, .flags = FRAME_UNSYNCED, .first_seq = 99, .count = 2
	};
	char out[INDEX_NAME_MAX];

	(void)state;
	index_name(&p, &h, 99, 0, out);
	assert_string_equal(out, "a-unsynced");
	index_name(&p, &h, 100, 0, out);
	assert_string_equal(out, "b-unsynced");
	assert_false(index_name_same(&p, &h));
}

static void good_patterns_are_taken(void **state)
{
	static const char *const good[] = { "a", "0", "packets", "espcap-packets-%Y.%m.%d", "x%Y",
		"%Y-packets", "a_b.c+d-9", "x%Y%Y%m%m%d%d" };
	char longest[INDEX_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(index_pattern_check(good[i], &why), 0);
	memset(longest, 'a', sizeof(longest));
	longest[INDEX_NAME_MAX - 32] = '\0';
	assert_int_equal(index_pattern_check(longest, &why), 0);
	longest[INDEX_NAME_MAX - 32] = 'a';
	longest[INDEX_NAME_MAX - 31] = '\0';
	assert_int_equal(index_pattern_check(longest, &why), ERR_CONFIG);
}

static void a_sensors_name_becomes_part_of_an_index_name(void **state)
{
	static const struct {
		const char *pattern, *sensor, *out, *wide; /* out NULL: refused */
	} rows[] = { { "p-%s-%Y", "edge-7", "p-edge-7-%Y", "p-*-%Y" },
		{ "p-%s", "Edge 7/B", "p-edge-7-b", "p-*" }, { "p-%s-%s", "a", "p-a-a", "p-*-*" },
		{ "p-%Y", "Edge", "p-%Y", "" },
		{ "p-%s",
			"  Stra\xc3\x9f"
			"e--1_2.3!!",
			"p-stra-e-1_2.3", "p-*" },
		{ "p-%s", "%Y", "p-y", "p-*" }, { "%s-%Y", "a", NULL, NULL },
		{ "p-%s", "\xe6\x97\xa5", NULL, NULL }, { "p-%s", "", NULL, NULL },
		{ "p-%%s", "day", NULL, NULL }, { "p-%", "a", NULL, NULL },
		{ "P-%s", "a", NULL, NULL } };
	char out[INDEX_NAME_MAX], wide[INDEX_NAME_MAX], name[INDEX_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int err = index_pattern_expand(rows[i].pattern, rows[i].sensor, out, wide, &why);
		assert_int_equal(err, rows[i].out ? 0 : ERR_CONFIG);
		if (err)
			continue;
		assert_string_equal(out, rows[i].out);
		assert_string_equal(wide, rows[i].wide);
	}
	memset(name, 'a', sizeof(name));
	name[INDEX_NAME_MAX] = '\0';
	assert_int_equal(index_pattern_expand("p-%s", name, out, wide, &why), ERR_CONFIG);
	name[INDEX_NAME_MAX - 34] = '\0';
	assert_int_equal(index_pattern_expand("p-%s", name, out, wide, &why), 0);
	name[INDEX_NAME_MAX - 34] = 'a';
	name[INDEX_NAME_MAX - 33] = '\0';
	assert_int_equal(index_pattern_expand("p-%s", name, out, wide, &why), ERR_CONFIG);
}

static void names_that_servers_refuse_are_refused_first(void **state)
{
	static const char *const bad[] = { "", "-x", "_x", "+x", ".x", "Packets", "a b", "a,b",
		"a*b", "a?b", "a/b", "a\\b", "a\"b", "a<b", "a>b", "a|b", "#a", "a:b", "a\nb", "%",
		"a%", "a%H", "a%%", "a%y", "p\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why.text[0] = '\0';
		if (index_pattern_check(bad[i], &why) != ERR_CONFIG)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(strlen(why.text) > 10);
	}
}

/* Servers take 255 bytes; the longest pattern of dates alone is where a name grows most. */
static void no_pattern_gives_a_name_that_is_too_long(void **state)
{
	struct index_patterns p = { .count = 1, .items = { { .from = 1 } } };
	char out[INDEX_NAME_MAX];

	(void)state;
	(void)memset(p.items[0].text, 'a', 2);
	for (size_t i = 2; i < INDEX_NAME_MAX - 32; i += 2)
		memcpy(p.items[0].text + i, "%Y", 3);
	assert_int_equal(index_pattern_check(p.items[0].text, &why), 0);
	index_name(&p, &full, 1, 0, out);
	assert_in_range(strlen(out), 1, 255);
	assert_memory_equal(out, "aa19701970", 10);
}

static void a_pattern_is_in_force_from_its_sequence(void **state)
{
	struct index_patterns p = { .count = 3,
		.items = { { 1, "a-%Y", false }, { 100, "b", false }, { 200, "c-%d", false } } };
	static const struct {
		uint64_t seq;
		const char *name;
	} rows[] = { { 1, "a-2026" }, { 99, "a-2026" }, { 100, "b" }, { 199, "b" }, { 200, "c-01" },
		{ UINT64_MAX, "c-01" } };
	char out[INDEX_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		index_name(&p, &full, rows[i].seq, 1767225600 * SECOND, out);
		assert_string_equal(out, rows[i].name);
	}
}

/* What index_name_same() says must hold for the names themselves. */
static void times_that_are_the_same_give_the_same_name(void **state)
{
	struct index_patterns p = { .count = 2,
		.items = { { 1, "a-%Y.%m.%d", false }, { 100, "b-%Y.%m.%d", false } } };
	static const enum frame_kind kinds[] = { FRAME_FULL, FRAME_LITE, FRAME_EVENT };
	struct rnd seed = rnd_start();
	char a[INDEX_NAME_MAX], b[INDEX_NAME_MAX];
	unsigned same = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		int64_t from = (int64_t)rnd_below(&seed, 86400 * 3) * SECOND - 86400 * SECOND;
		const struct frame_header h = { .kind = kinds[rnd_below(&seed, 3)],
			.flags = (uint8_t)rnd_below(&seed, 2),
			.first_seq = 1 + rnd_below(&seed, 200),
			.count = 1 + (uint32_t)rnd_below(&seed, 100),
			.min_time_ns = from,
			.max_time_ns = from + (int64_t)rnd_below(&seed, 86400 * 2) * SECOND };
		index_name(&p, &h, h.first_seq, h.max_time_ns, a);
		index_name(&p, &h, h.first_seq + h.count - 1, h.min_time_ns, b);
		if (!index_name_same(&p, &h))
			continue;
		assert_string_equal(a, b);
		same++;
	}
	assert_true(same > 1000);
}

static void a_wildcard_covers_every_date(void **state)
{
	static const struct {
		const char *pattern, *wildcard;
	} rows[] = { { "espcap-packets-%Y.%m.%d", "espcap-packets-*.*.*" }, { "a-%Y%m%d", "a-*" },
		{ "plain", "plain" }, { "%Yx", "*x" } };
	char out[INDEX_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		index_pattern_wildcard(rows[i].pattern, out);
		assert_string_equal(out, rows[i].wildcard);
	}
}

/* --- the spool's pattern file --- */

static char folder[] = "/tmp/espcap-unit-pattern-XXXXXX";
static struct spool spool;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int make_spool(void **state)
{
	(void)state;
	(void)memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return mkdtemp(folder) ? spool_open(&spool, folder, true, &why) : -1;
}

static int remove_spool(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void a_changed_pattern_applies_to_records_never_sent(void **state)
{
	struct index_patterns p;

	(void)state;
	assert_int_equal(index_patterns_load(&p, &spool, "a-%Y", false, 500, &why), 0);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.items[0].from, 1); /* the first one is for all */
	assert_int_equal(index_patterns_load(&p, &spool, "b-%Y", false, 1000, &why), 0);
	assert_int_equal(p.count, 2);
	assert_string_equal(p.items[0].text, "a-%Y");
	assert_int_equal(p.items[1].from, 1000);
	assert_string_equal(p.items[1].text, "b-%Y");
	assert_int_equal(index_patterns_load(&p, &spool, "b-%Y", false, 2000, &why), 0);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.items[1].from, 1000);
}

/* A data stream of the same name is something else, and is known as one after a restart. */
static void a_data_stream_is_a_changed_pattern(void **state)
{
	struct index_patterns p;

	(void)state;
	assert_int_equal(index_patterns_load(&p, &spool, "a", false, 1, &why), 0);
	assert_int_equal(index_patterns_load(&p, &spool, "a", true, 100, &why), 0);
	assert_int_equal(index_patterns_load(&p, &spool, "a", true, 200, &why), 0);
	assert_int_equal(p.count, 2);
	assert_false(p.damaged);
	assert_false(index_is_stream(&p, FRAME_FULL, 99));
	assert_true(index_is_stream(&p, FRAME_FULL, 100));
	assert_true(index_is_stream(&p, FRAME_SLIM, 100) && index_is_stream(&p, FRAME_ECS, 100));
	assert_false(index_is_stream(&p, FRAME_LITE, 100));
	assert_false(index_is_stream(&p, FRAME_EVENT, 100));
	assert_false(index_is_stream(&p, FRAME_PARKED, 100));
	assert_string_equal(p.items[1].text, "a");
}

static void a_pattern_can_change_often_but_not_without_end(void **state)
{
	struct index_patterns p;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < INDEX_PATTERNS_MAX; i++) {
		(void)snprintf(text, sizeof(text), "a%u", i);
		assert_int_equal(index_patterns_load(&p, &spool, text, false, i + 1, &why), 0);
		assert_int_equal(p.count, i + 1);
	}
	assert_int_equal(index_patterns_load(&p, &spool, "more", false, 999, &why), ERR_CONFIG);
	assert_int_equal(index_patterns_load(&p, &spool, text, false, 999, &why), 0);
	assert_int_equal(p.count, INDEX_PATTERNS_MAX);
}

static size_t read_pattern(char path[PATHS_MAX], char text[256])
{
	assert_int_equal(paths_join(path, folder, "pattern"), 0);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(text, 1, 255, f);
	(void)fclose(f);
	return n;
}

/* The beginning of a pattern is a pattern, too. */
static void no_damaged_line_is_believed(void **state)
{
	struct index_patterns p;
	char path[PATHS_MAX], text[256];

	(void)state;
	assert_int_equal(
		index_patterns_load(&p, &spool, "espcap-packets-%Y.%m.%d", false, 1, &why), 0);
	size_t n = read_pattern(path, text);
	for (size_t i = 0; i < 9 * n; i++) { /* each bit, then each cut */
		size_t len = i < 8 * n ? n : i - 8 * n;
		text[i / 8 % n] ^= (char)(i < 8 * n ? 1 << i % 8 : 0);
		assert_int_equal(paths_replace(path, text, len), 0);
		assert_int_equal(
			index_patterns_load(&p, &spool, "espcap-packets-%Y.%m.%d", false, 9, &why),
			0);
		assert_int_equal(p.count, 1);
		assert_int_equal(p.items[0].from, 1);
		assert_string_equal(p.items[0].text, "espcap-packets-%Y.%m.%d");
		text[i / 8 % n] ^= (char)(i < 8 * n ? 1 << i % 8 : 0);
	}
	text[3] ^= 1;
	assert_int_equal(paths_replace(path, text, n), 0);
	for (int again = 0; again < 2; again++) { /* it is written anew */
		assert_int_equal(
			index_patterns_load(&p, &spool, "espcap-packets-%Y.%m.%d", false, 9, &why),
			0);
		assert_int_equal(p.damaged, again == 0);
	}
}

static void a_damaged_line_costs_itself(void **state)
{
	struct index_patterns p;
	char path[PATHS_MAX], text[256];

	(void)state;
	assert_int_equal(index_patterns_load(&p, &spool, "a", false, 1, &why), 0);
	assert_int_equal(index_patterns_load(&p, &spool, "b", false, 100, &why), 0);
	assert_int_equal(index_patterns_load(&p, &spool, "c", false, 200, &why), 0);
	size_t n = read_pattern(path, text);
	text[n] = '\0';
	*(strstr(text, "100 b") + 4) = 'x';
	assert_int_equal(paths_replace(path, text, n), 0);
	assert_int_equal(index_patterns_load(&p, &spool, "c", false, 300, &why), 0);
	assert_true(p.damaged && p.count == 2);
	assert_string_equal(p.items[0].text, "a");
	assert_string_equal(p.items[1].text, "c");
	assert_int_equal(p.items[1].from, 200);
}

#define WITH_SPOOL(test) cmocka_unit_test_setup_teardown(test, make_spool, remove_spool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_goes_to_the_day_of_its_own_time),
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(events_go_to_their_month_and_lite_documents_to_one_index),
		cmocka_unit_test(packets_of_an_unsynced_clock_go_to_one_index),
		cmocka_unit_test(a_changed_pattern_changes_the_unsynced_index),
		cmocka_unit_test(good_patterns_are_taken),
		cmocka_unit_test(a_sensors_name_becomes_part_of_an_index_name),
		cmocka_unit_test(names_that_servers_refuse_are_refused_first),
		cmocka_unit_test(no_pattern_gives_a_name_that_is_too_long),
		cmocka_unit_test(a_pattern_is_in_force_from_its_sequence),
		cmocka_unit_test(times_that_are_the_same_give_the_same_name),
		cmocka_unit_test(a_wildcard_covers_every_date),
		WITH_SPOOL(a_changed_pattern_applies_to_records_never_sent),
		WITH_SPOOL(a_data_stream_is_a_changed_pattern),
		WITH_SPOOL(a_pattern_can_change_often_but_not_without_end),
		WITH_SPOOL(no_damaged_line_is_believed),
		WITH_SPOOL(a_damaged_line_costs_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
