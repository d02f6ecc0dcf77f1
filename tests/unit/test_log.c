/* test_log.c -- what a program says on standard error. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "test.h"

static int saved_stderr, memory;

static int catch_stderr(void **state)
{
	(void)state;
	memory = memfd_create("stderr", MFD_CLOEXEC);
	saved_stderr = dup(STDERR_FILENO);
	return memory < 0 || saved_stderr < 0 || dup2(memory, STDERR_FILENO) < 0;
}

static int give_stderr_back(void **state)
{
	(void)state;
	(void)dup2(saved_stderr, STDERR_FILENO);
	(void)close(saved_stderr);
	(void)close(memory);
	(void)unsetenv("JOURNAL_STREAM");
	return 0;
}

/* Everything said since the last call. */
static const char *said(void)
{
	static char text[16384];
	ssize_t n = pread(memory, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	(void)ftruncate(memory, 0);
	(void)lseek(memory, 0, SEEK_SET);
	return text;
}

static void lines_begin_with_the_programs_name(void **state)
{
	(void)state;
	log_init("espcap-test", LOG_LEVEL_DEBUG);
	log_error("cannot open %s: %d", "x", 7);
	assert_string_equal(said(), "espcap-test: cannot open x: 7\n");
	log_warn("w");
	assert_string_equal(said(), "espcap-test: warning: w\n");
	log_info("i");
	assert_string_equal(said(), "espcap-test: i\n");
	log_debug("d");
	assert_string_equal(said(), "espcap-test: debug: d\n");
}

static void under_systemd_they_begin_with_their_priority(void **state)
{
	(void)state;
	assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
	log_init("espcap-test", LOG_LEVEL_DEBUG);
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	assert_string_equal(said(), "<3>e\n<4>w\n<6>i\n<7>d\n");
}

static void what_is_below_the_level_is_not_said(void **state)
{
	static const char *const want[] = { "t: e\n", "t: e\nt: warning: w\n",
		"t: e\nt: warning: w\nt: i\n", "t: e\nt: warning: w\nt: i\nt: debug: d\n" };

	(void)state;
	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		log_init("t", (enum log_level)level);
		log_error("e");
		log_warn("w");
		log_info("i");
		log_debug("d");
		assert_string_equal(said(), want[level]);
	}
}

static void errno_is_kept(void **state)
{
	(void)state;
	log_init("t", LOG_LEVEL_INFO);
	errno = ENOTTY;
	log_error("%s", strerror(EIO));
	assert_int_equal(errno, ENOTTY);
	(void)close(STDERR_FILENO); /* and when nobody listens */
	log_error("x");
	assert_int_equal(errno, ENOTTY);
}

static void a_line_too_long_is_cut_and_still_a_line(void **state)
{
	char long_text[5000];

	(void)state;
	log_init("t", LOG_LEVEL_INFO);
	for (size_t n = 2000; n < 2100; n++) {
		memset(long_text, 'x', n);
		long_text[n] = '\0';
		log_error("%s", long_text);
		const char *got = said();
		size_t len = strlen(got);
		assert_true(len <= 2048 && got[len - 1] == '\n');
		assert_ptr_equal(strchr(got, '\n'), got + len - 1);
		assert_true(len == n + 4 || len >= 2040);
	}
}

static int64_t now_ns;

static int64_t now(void)
{
	return now_ns;
}

static void a_repeated_warning_is_said_once_an_interval_and_counted(void **state)
{
	static const struct clock_source clock = { now, now };
	struct log_limit limit = { 0 };

	(void)state;
	log_init("t", LOG_LEVEL_WARN);
	clock_replace(&clock);
	now_ns = INT64_C(5000000000);
	for (int i = 0; i < 10; i++)
		log_limited(&limit, 1000, "no answer %d", i);
	assert_string_equal(said(), "t: warning: no answer 0\n");
	now_ns += INT64_C(999000000);
	log_limited(&limit, 1000, "still none");
	assert_string_equal(said(), "");
	now_ns += INT64_C(1000000);
	log_limited(&limit, 1000, "again");
	assert_string_equal(said(), "t: warning: again (10 more like this)\n");
	now_ns += INT64_C(1000000000);
	log_limited(&limit, 1000, "later");
	assert_string_equal(said(), "t: warning: later\n");
	clock_replace(NULL);
}

static void a_limited_warning_obeys_the_level(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	log_init("t", LOG_LEVEL_ERROR);
	log_limited(&limit, 1000, "not wanted");
	assert_string_equal(said(), "");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, catch_stderr, give_stderr_back)
	const struct CMUnitTest tests[] = {
		T(lines_begin_with_the_programs_name),
		T(under_systemd_they_begin_with_their_priority),
		T(what_is_below_the_level_is_not_said),
		T(errno_is_kept),
		T(a_line_too_long_is_cut_and_still_a_line),
		T(a_repeated_warning_is_said_once_an_interval_and_counted),
		T(a_limited_warning_obeys_the_level),
	};

	(void)unsetenv("JOURNAL_STREAM");
	return TEST_RUN(tests);
}
