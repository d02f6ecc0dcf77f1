/* cli_child.c -- tests of child processes: their arguments, their lines, their end.
 *
 * The children are this program itself, started with a word that says what to do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

enum { LINES = 3000, TEXT_MAX_HERE = 512, NOT_STARTED = 127 };

static struct child_args args;
static struct child child;
static struct err_detail why;
static char self_name[256];

/* --- what the children do --- */

static int report_fd(int argc, char **argv)
{
	const char *last = argv[argc - 1];

	return strncmp(last, "--report-fd=", 12) == 0 ? (int)strtol(last + 12, NULL, 10) : -1;
}

static int say(int fd, const char *text)
{
	size_t n = strlen(text);

	return write(fd, text, n) == (ssize_t)n ? 0 : 1;
}

static int child_main(int argc, char **argv)
{
	int fd = report_fd(argc, argv), code = 0;
	char line[64];

	if (strcmp(argv[1], "lines") == 0) {
		for (int i = 0; i < LINES && !code; i++) {
			(void)snprintf(line, sizeof(line), "{\"n\":%d}\n", i);
			code = say(fd, line);
		}
		return code ? code : say(fd, "no newline behind this") ? 1 : 7;
	}
	if (strcmp(argv[1], "flood") == 0) {
		for (int i = 0; i < CHILD_LINE_MAX; i++)
			code = code || say(fd, "xx");
		return code;
	}
	if (strcmp(argv[1], "wait") == 0) {
		(void)alarm(600); /* longer than ctest waits: nothing stays behind a failure */
		if (say(fd, "ready\n"))
			return 1;
		for (;;)
			(void)pause();
	}
	return 99;
}

/* --- arguments --- */

static int begin(void **state)
{
	(void)state;
	child = (struct child){ .report = -1, .status = -1 };
	return child_args_init(&args, self_name);
}

static int end(void **state)
{
	(void)state;
	child_args_done(&args);
	return 0;
}

static void a_program_is_found_beside_this_one_or_else_by_path(void **state)
{
	char self[4096] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_string_equal(args.items[0], self);
	child_args_done(&args);
	assert_int_equal(child_args_init(&args, "sh"), 0);
	assert_string_equal(args.items[0], "sh");
}

static void arguments_are_kept_up_to_their_limits(void **state)
{
	char text[9000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[8191] = '\0';
	assert_int_equal(child_args_add(&args, "--name=%s %d", "a b", 7), 0);
	assert_string_equal(args.items[1], "--name=a b 7");
	assert_int_equal(child_args_add(&args, "%s", text), 0);
	assert_string_equal(args.items[2], text);
	text[8191] = 'x';
	text[8192] = '\0';
	assert_int_equal(child_args_add(&args, "%s", text), ERR_TOO_BIG);
	while (args.count < CHILD_ARGS_MAX - 1)
		assert_int_equal(child_args_add(&args, "x"), 0);
	assert_int_equal(child_args_add(&args, "x"), ERR_TOO_BIG);
	assert_null(args.items[args.count]); /* the list ends */
}

static void only_what_the_command_line_gave_is_handed_on(void **state)
{
	static char words[][32] = { "espcap", "--config=", "--file", "a.pcap", "--file=b c.pcap",
		"--payload", "--show-secrets=false", "--node=es1:9200", "--linger=2s",
		"--schema=ecs" };
	enum { WORDS = sizeof(words) / sizeof(words[0]) };
	char *argv[WORDS + 1] = { NULL };
	static const enum conf_id but[] = { OPT_CONFIG, OPT_FILE, CONF_COUNT };
	struct conf conf;

	(void)state;
	for (unsigned i = 0; i < WORDS; i++)
		argv[i] = words[i];
	assert_int_equal(setenv("ESPCAP_SITE", "from the environment", 1), 0);
	assert_int_equal(conf_load(&conf, CONF_CLI, WORDS, argv, &why), 0);
	assert_int_equal(child_args_forward(&args, &conf, CONF_CAPTURE, but), 0);
	assert_int_equal(args.count, 4);
	for (size_t i = 1; i < args.count; i++)
		assert_true(strcmp(args.items[i], "--payload=true") == 0 ||
			    strcmp(args.items[i], "--show-secrets=false") == 0 ||
			    strcmp(args.items[i], "--schema=ecs") == 0);
	child_args_done(&args);
	assert_int_equal(child_args_init(&args, "x"), 0);
	assert_int_equal(child_args_forward(&args, &conf, CONF_SHIP, but), 0);
	assert_int_equal(args.count, 3);
	child_args_done(&args);
	assert_int_equal(child_args_init(&args, "x"), 0);
	assert_int_equal(child_args_forward(&args, &conf, CONF_CAPTURE, but + 2), 0);
	assert_string_equal(args.items[1], "--file=a.pcap");
	assert_string_equal(args.items[2], "--file=b c.pcap");
	conf_done(&conf);
	assert_int_equal(unsetenv("ESPCAP_SITE"), 0);
}

/* --- processes --- */

static void start(const char *word)
{
	assert_int_equal(child_args_add(&args, "%s", word), 0);
	if (child_start(&child, &args, &why))
		fail_msg("%s", why.text);
	assert_true(child.pid > 0);
	assert_int_equal(child.status, -1);
}

static void reap(void)
{
	siginfo_t info;

	/* waits without collecting, so that child_reap() has something to do */
	assert_int_equal(waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT), 0);
	child_reap(&child);
	assert_int_equal(child.pid, 0);
}

struct lines {
	size_t count;
	char last[TEXT_MAX_HERE];
};

static void on_line(void *arg, const char *text)
{
	struct lines *lines = arg;
	char expected[64];

	(void)snprintf(expected, sizeof(expected), "{\"n\":%zu}", lines->count);
	if (text[0] == '{')
		assert_string_equal(text, expected);
	lines->count++;
	(void)snprintf(lines->last, sizeof(lines->last), "%s", text);
}

static void every_whole_line_comes_once_and_in_order(void **state)
{
	struct lines lines = { 0 };

	(void)state;
	start("lines");
	while (child.report >= 0)
		child_read(&child, on_line, &lines);
	assert_int_equal(lines.count, LINES);
	reap();
	assert_int_equal(child.status, 7);
	child_reap(&child); /* once more is no harm */
	assert_int_equal(child.status, 7);
}

static void a_line_without_end_closes_the_report(void **state)
{
	struct lines lines = { 0 };

	(void)state;
	start("flood");
	while (child.report >= 0)
		child_read(&child, on_line, &lines);
	assert_int_equal(lines.count, 0);
	reap();
}

static void a_child_has_a_group_of_its_own_and_can_be_signalled(void **state)
{
	struct lines lines = { 0 };

	(void)state;
	start("wait");
	while (lines.count == 0)
		child_read(&child, on_line, &lines);
	assert_string_equal(lines.last, "ready");
	assert_int_equal(getpgid(child.pid), child.pid);
	child_reap(&child);
	assert_int_equal(child.status, -1); /* it runs */
	child_signal(&child, SIGTERM);
	reap();
	assert_int_equal(child.status, 128 + SIGTERM);
	(void)close(child.report);
}

static void a_program_that_is_not_there_ends_with_127(void **state)
{
	(void)state;
	child_args_done(&args);
	assert_int_equal(child_args_init(&args, "espcap-no-such-program"), 0);
	start("x");
	reap();
	assert_int_equal(child.status, NOT_STARTED);
	(void)close(child.report);
}

static void nothing_happens_to_a_child_that_does_not_run(void **state)
{
	struct child none = { .report = -1, .status = -1 };

	(void)state;
	child_reap(&none);
	child_signal(&none, SIGKILL); /* would end this whole process group */
	assert_int_equal(none.status, -1);
}

/* A pipe that only the child holds tells by its end that the child is gone. */
static void a_child_ends_with_its_parent(void **state)
{
	int ends[2], status;
	struct lines lines = { 0 };
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t parent = fork();
	if (parent == 0) {
		(void)close(ends[0]);
		if (child_args_add(&args, "wait") || child_start(&child, &args, &why))
			_exit(1);
		while (lines.count == 0)
			child_read(&child, on_line, &lines);
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	(void)close(ends[0]);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_program_is_found_beside_this_one_or_else_by_path),
		TEST(arguments_are_kept_up_to_their_limits),
		TEST(only_what_the_command_line_gave_is_handed_on),
		TEST(every_whole_line_comes_once_and_in_order),
		TEST(a_line_without_end_closes_the_report),
		TEST(a_child_has_a_group_of_its_own_and_can_be_signalled),
		TEST(a_program_that_is_not_there_ends_with_127),
		TEST(nothing_happens_to_a_child_that_does_not_run),
		TEST(a_child_ends_with_its_parent),
	};
	const char *slash = strrchr(argv[0], '/');

	if (argc > 1)
		return child_main(argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)snprintf(self_name, sizeof(self_name), "%s", slash ? slash + 1 : argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
