/* capture_conf.c -- tests of the options of espcap-capture: what is checked, which exit code. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT = 65536, ARGS = 16, EXIT_USAGE = 2, EXIT_CONFIG = 78 };

static char out[TEXT], err[TEXT], folder[] = "/tmp/espcap-unit-conf-XXXXXX", config[64], pcap[512];

static void read_back(int fd, char text[TEXT])
{
	ssize_t n = pread(fd, text, TEXT - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	(void)close(fd);
}

static int temporary(void)
{
	char path[] = "/tmp/espcap-unit-conf-out-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	(void)unlink(path);
	return fd;
}

/* Runs espcap-capture; the exit code. Its words end with NULL; out and err have what it said. */
static int run(const char *first, ...)
{
	int fd_out = temporary(), fd_err = temporary(), status;
	const char *argv[ARGS] = { "espcap-capture", first };
	char program[512];
	unsigned n = 1;
	va_list list;

	va_start(list, first);
	while (argv[n] && n < ARGS - 2)
		argv[++n] = va_arg(list, const char *);
	va_end(list);
	(void)snprintf(program, sizeof(program), "%s/espcap-capture", getenv("ESPCAP_BIN_DIR"));
	pid_t child = fork();
	if (child == 0) {
		(void)dup2(fd_out, STDOUT_FILENO);
		(void)dup2(fd_err, STDERR_FILENO);
		(void)execv(program, (char *const *)(uintptr_t)argv);
		_exit(99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	read_back(fd_out, out);
	read_back(fd_err, err);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void write_config(const char *text)
{
	FILE *file = fopen(config, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
	(void)state;
	if (!getenv("ESPCAP_BIN_DIR") || !getenv("ESPCAP_SOURCE_DIR"))
		return -1;
	(void)snprintf(pcap, sizeof(pcap), "%s/test_pcaps/udp.pcap", getenv("ESPCAP_SOURCE_DIR"));
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(config, sizeof(config), "%s/espcap.conf", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)unlink(config);
	return rmdir(folder);
}

static void assert_says(const char *words)
{
	if (!strstr(err, words))
		fail_msg("it does not say \"%s\" but: %s", words, err);
}

static void usage_that_makes_no_sense_ends_with_2_and_a_sentence(void **state)
{
	(void)state;
	assert_int_equal(run("--config=", "--stdout", NULL), EXIT_USAGE);
	assert_says("--help");
	assert_int_equal(run("--config=", "--file", pcap, NULL), EXIT_USAGE);
	assert_int_equal(
		run("--config=", "--file", pcap, "--nic=lo", "--stdout", NULL), EXIT_USAGE);
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--schema=most", NULL), EXIT_USAGE);
	assert_says("full|slim|ecs|lite");
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--snaplen=63", NULL), EXIT_USAGE);
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--port=http", NULL), EXIT_USAGE);
	assert_says("PROTO=N");
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--port==5", NULL), EXIT_USAGE);
	assert_says("PROTO=N");
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--port=nosuch=5", NULL), EXIT_USAGE);
	assert_says("espcap fields --markdown");
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--fields=ip.src", NULL), EXIT_USAGE);
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--label=x", NULL), EXIT_USAGE);
	assert_says("KEY=VALUE");
	assert_int_equal(run("--config=", "--no-such-option", NULL), EXIT_USAGE);
	assert_string_equal(out, "");
}

static void a_port_takes_the_name_of_a_layer_or_of_a_protocol(void **state)
{
	(void)state;
	assert_int_equal(
		run("--config=", "-n", "--file", pcap, "--stdout", "--port=mbtcp=5020", NULL), 0);
	assert_int_equal(run("--config=", "--file", pcap, "--stdout", "--port=mbtcp=5020",
				 "--port=modbus=5021", NULL),
		0);
}

static void a_check_reads_no_packet(void **state)
{
	(void)state;
	assert_int_equal(run("--config=", "-n", "--file", "/nowhere.pcap", "--stdout", NULL), 0);
	assert_string_equal(out, "");
	assert_int_equal(run("--config=", "--file", "/nowhere.pcap", "--stdout", NULL), 1);
	assert_says("/nowhere.pcap");
}

static void a_wrong_config_ends_with_78_and_names_the_nearest_key(void **state)
{
	(void)state;
	write_config("{ \"capture\": { \"snaplenn\": 100 } }");
	assert_int_equal(
		run("--config", config, "-n", "--file", pcap, "--stdout", NULL), EXIT_CONFIG);
	assert_says("snaplen");
	assert_says(config);
	write_config("{ \"capture\": { \"snaplen\": 10 } }");
	assert_int_equal(
		run("--config", config, "-n", "--file", pcap, "--stdout", NULL), EXIT_CONFIG);
	write_config("{ not json");
	assert_int_equal(
		run("--config", config, "-n", "--file", pcap, "--stdout", NULL), EXIT_CONFIG);
	write_config("{ \"ship\": { \"nodes\": 1 } }"); /* each program checks all of it */
	assert_int_equal(
		run("--config", config, "-n", "--file", pcap, "--stdout", NULL), EXIT_CONFIG);
}

static void a_flag_wins_over_the_environment_and_that_over_the_file(void **state)
{
	(void)state;
	write_config(
		"{ // words\n \"capture\": { \"site\": \"file\", /* x */ \"snaplen\": 100 } }");
	assert_int_equal(run("--config", config, "--print-config", NULL), 0);
	assert_non_null(strstr(out, "file"));
	assert_int_equal(setenv("ESPCAP_SITE", "environment", 1), 0);
	assert_int_equal(run("--config", config, "--file", pcap, "--stdout", "-c1", NULL), 0);
	assert_non_null(strstr(out, "\"geo\":{\"name\":\"environment\"}"));
	assert_int_equal(
		run("--config", config, "--file", pcap, "--stdout", "-c1", "--site=flag", NULL), 0);
	assert_non_null(strstr(out, "\"geo\":{\"name\":\"flag\"}"));
	assert_int_equal(unsetenv("ESPCAP_SITE"), 0);
	assert_int_equal(run("--config", config, "--file", pcap, "--stdout", "-c1", NULL), 0);
	assert_non_null(strstr(out, "\"geo\":{\"name\":\"file\"}"));
}

static unsigned lines(void)
{
	unsigned n = 0;

	for (const char *p = out; (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

static void options_reach_what_they_are_for(void **state)
{
	(void)state;
	assert_int_equal(run("--config=", "--file", pcap, "--stdout", "--count=1", NULL), 0);
	assert_int_equal(lines(), 1);
	assert_non_null(strstr(out, "\"layers\":{"));
	assert_int_equal(run("--config=", "--file", pcap, "--stdout", "-c1", "--schema=ecs",
				 "--name=edge-9", "--tag=a", "--tag=b", "--label=k=v", NULL),
		0);
	assert_null(strstr(out, "\"layers\":{"));
	assert_non_null(strstr(out, "\"host\":{\"name\":\"edge-9\"}"));
	assert_non_null(strstr(out, "\"tags\":[\"a\",\"b\"]"));
	assert_non_null(strstr(out, "\"labels\":{\"k\":\"v\"}"));
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "-c1", "--fields=-*,+udp.*", NULL), 0);
	assert_null(strstr(out, "\"ip.src\""));
	assert_non_null(strstr(out, "\"udp.srcport\""));
	assert_int_equal(run("--config=", "--file", pcap, "--stdout", "--filter=tcp", NULL), 0);
	assert_string_equal(out, "");
	assert_int_equal(run("--config=", "--file", pcap, "--stdout", "--schema=lite", NULL), 0);
	assert_string_equal(out, ""); /* no TCP in there */
}

static void a_bad_filter_ends_with_2(void **state)
{
	(void)state;
	assert_int_equal(
		run("--config=", "--file", pcap, "--stdout", "--filter=no such", NULL), EXIT_USAGE);
	assert_says("no such");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(usage_that_makes_no_sense_ends_with_2_and_a_sentence),
		TEST(a_check_reads_no_packet),
		TEST(a_port_takes_the_name_of_a_layer_or_of_a_protocol),
		TEST(a_wrong_config_ends_with_78_and_names_the_nearest_key),
		TEST(a_flag_wins_over_the_environment_and_that_over_the_file),
		TEST(options_reach_what_they_are_for),
		TEST(a_bad_filter_ends_with_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
