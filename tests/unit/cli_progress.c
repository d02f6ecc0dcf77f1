/* cli_progress.c -- tests of what the one-shot shows: numbers as people read them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "progress.h"

enum { TEXT = 4096 };

static int64_t now_ms;
static struct progress p;

static int64_t wall(void)
{
	return 0;
}

static int64_t monotonic(void)
{
	return now_ms * 1000000;
}

static const struct clock_source frozen = { wall, monotonic };

static int begin(void **state)
{
	(void)state;
	now_ms = 100000;
	clock_replace(&frozen);
	progress_init(&p);
	p.terminal = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	clock_replace(NULL);
	return 0;
}

/* --- what is written to a descriptor meanwhile --- */

static FILE *stream;
static int saved, number;

static void catch_begin(FILE *of)
{
	char path[] = "/tmp/espcap-unit-progress-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	(void)unlink(path);
	(void)fflush(of);
	stream = of;
	number = fileno(of);
	saved = dup(number);
	assert_true(dup2(fd, number) >= 0);
	(void)close(fd);
}

static const char *catch_end(void)
{
	static char text[TEXT];

	(void)fflush(stream);
	ssize_t n = pread(number, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	assert_true(dup2(saved, number) >= 0);
	(void)close(saved);
	return text;
}

static const char *shown(bool capturing)
{
	catch_begin(stderr);
	progress_show(&p, capturing);
	return catch_end();
}

static const char *summary(bool settled)
{
	catch_begin(stdout);
	progress_summary(&p, settled);
	return catch_end();
}

/* --- the lines of the children --- */

static void lines_of_the_children_are_read(void **state)
{
	(void)state;
	assert_false(p.shipping);
	progress_capture(&p, "{\"packets\":12,\"documents\":11,\"dropped\":1,\"skipped\":2,"
			     "\"done\":500,\"size\":1000}");
	assert_int_equal(p.packets, 12);
	assert_int_equal(p.documents, 11);
	assert_int_equal(p.dropped, 1);
	assert_int_equal(p.skipped, 2);
	assert_int_equal(p.done, 500);
	assert_int_equal(p.size, 1000);
	assert_false(p.shipping);
	progress_ship(&p, "{\"indexed\":5,\"already_there\":4,\"dead\":3,\"lost\":2,\"backlog\":1,"
			  "\"trouble\":\"the server is busy\",\"end\":false}");
	assert_true(p.shipping);
	assert_int_equal(p.indexed, 5);
	assert_int_equal(p.already_there, 4);
	assert_int_equal(p.dead, 3);
	assert_int_equal(p.lost, 2);
	assert_int_equal(p.backlog, 1);
	assert_string_equal(p.trouble, "the server is busy");
	progress_ship(&p, "{\"indexed\":6,\"trouble\":\"\"}");
	assert_int_equal(p.indexed, 6);
	assert_int_equal(p.dead, 3); /* what is not named stays */
	assert_string_equal(p.trouble, "");
}

static void a_broken_line_changes_nothing(void **state)
{
	static const char *const lines[] = { "", "{", "null", "[1]", "packets=7",
		"{\"packets\":\"7\"}", "{\"packets\":-7}", "{\"packets\":null}", "{\"Packets\":7}",
		"{\"packets\":7" };

	(void)state;
	progress_capture(&p, "{\"packets\":3}");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		progress_capture(&p, lines[i]);
		assert_int_equal(p.packets, 3);
	}
}

static void a_long_trouble_is_cut(void **state)
{
	char line[2000];

	(void)state;
	(void)snprintf(line, sizeof(line), "{\"trouble\":\"%0*d\"}", 1500, 7);
	progress_ship(&p, line);
	assert_int_equal(strlen(p.trouble), sizeof(p.trouble) - 1);
}

/* --- the line on the terminal --- */

static void reading_a_file_shows_share_rate_and_time_left(void **state)
{
	(void)state;
	p.packets = 20000;
	p.done = 256 << 10;
	p.size = 1 << 20;
	now_ms += 10000;
	const char *line = shown(true);
	assert_non_null(strstr(line, "25 %"));
	assert_non_null(strstr(line, "256 KiB of 1 MiB"));
	assert_non_null(strstr(line, "2,000 packets/s"));
	assert_non_null(strstr(line, "30.0 s left"));
	assert_int_equal(line[0], '\r');
}

static void a_source_without_a_size_shows_packets_and_rate(void **state)
{
	(void)state;
	p.packets = 1234567;
	now_ms += 1000;
	const char *line = shown(true);
	assert_non_null(strstr(line, "1,234,567 packets, 1,234,567 packets/s"));
	assert_null(strstr(line, "%"));
}

static void shipping_shows_what_is_stored_and_what_is_left(void **state)
{
	(void)state;
	progress_ship(&p, "{\"indexed\":1000,\"already_there\":234,\"backlog\":56789}");
	now_ms += 1000;
	const char *line = shown(false);
	assert_non_null(strstr(line, "1,234 indexed, 56,789 to go"));
	assert_null(strstr(line, "packets"));
	assert_null(strstr(line, "waiting"));
	progress_ship(&p, "{\"trouble\":\"x\"}");
	now_ms += 1000;
	assert_non_null(strstr(shown(false), "(waiting)"));
}

static void nothing_divides_by_zero_at_the_start(void **state)
{
	(void)state;
	p.size = 1000;
	now_ms += 200;
	p.start_ms = now_ms;
	assert_non_null(strstr(shown(true), "0 %"));
	p.done = 2000; /* the file grew meanwhile */
	now_ms += 200;
	assert_non_null(strstr(shown(true), "0 packets"));
}

static void the_line_is_drawn_at_most_five_times_a_second(void **state)
{
	(void)state;
	p.packets = 5;
	now_ms += 1000;
	assert_true(*shown(true));
	now_ms += 199;
	assert_string_equal(shown(true), "");
	now_ms += 1;
	assert_true(*shown(true));
}

static void without_a_terminal_nothing_is_drawn(void **state)
{
	(void)state;
	p.terminal = false;
	p.packets = 5;
	now_ms += 1000;
	assert_string_equal(shown(true), "");
	catch_begin(stderr);
	progress_clear(&p);
	assert_string_equal(catch_end(), "");
}

/* A shorter line must not leave the end of the longer one before it. */
static void a_shorter_line_covers_a_longer_one(void **state)
{
	char first[TEXT];

	(void)state;
	p.packets = 123456789;
	now_ms += 1000;
	(void)snprintf(first, sizeof(first), "%s", shown(true));
	p.packets = 1;
	now_ms += 1000000;
	const char *second = shown(true);
	assert_true(strlen(second) >= strlen(first));
	assert_int_equal(second[strlen(second) - 1], ' ');
	catch_begin(stderr);
	progress_clear(&p);
	const char *blank = catch_end();
	assert_int_equal(blank[0], '\r');
	assert_int_equal(blank[strlen(blank) - 1], '\r');
	assert_int_equal(strspn(blank + 1, " "), strlen(blank) - 2);
}

static void the_last_words_name_every_number(void **state)
{
	(void)state;
	progress_capture(&p, "{\"packets\":1000,\"dropped\":2}");
	progress_ship(&p, "{\"indexed\":900,\"already_there\":50,\"dead\":40,\"lost\":8}");
	now_ms += 65000;
	assert_string_equal(summary(true),
		"1,000 packets read, 900 documents indexed, 50 already there, "
		"40 dead, 10 lost, in 1 m 5 s\n");
}

static void the_last_words_name_what_waits(void **state)
{
	(void)state;
	progress_capture(&p, "{\"packets\":1000,\"documents\":990}");
	progress_ship(&p, "{\"indexed\":10,\"already_there\":3,\"dead\":1,\"lost\":1,"
			  "\"backlog\":5}");
	/* what capture committed behind the last look of the shipper waits, too */
	assert_non_null(strstr(summary(false), " s; 975 still waiting\n"));
	progress_ship(&p, "{\"backlog\":2000}");
	assert_non_null(strstr(summary(false), " s; 2,000 still waiting\n"));
	assert_null(strstr(summary(true), "waiting"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_of_the_children_are_read),
		TEST(a_broken_line_changes_nothing),
		TEST(a_long_trouble_is_cut),
		TEST(reading_a_file_shows_share_rate_and_time_left),
		TEST(a_source_without_a_size_shows_packets_and_rate),
		TEST(shipping_shows_what_is_stored_and_what_is_left),
		TEST(nothing_divides_by_zero_at_the_start),
		TEST(the_line_is_drawn_at_most_five_times_a_second),
		TEST(without_a_terminal_nothing_is_drawn),
		TEST(a_shorter_line_covers_a_longer_one),
		TEST(the_last_words_name_every_number),
		TEST(the_last_words_name_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
