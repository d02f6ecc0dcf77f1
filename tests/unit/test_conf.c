/* test_conf.c -- options: four sources, one precedence, and sentences for what is wrong. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rnd.h"
#include "test.h"

enum { WORDS_MAX = 32 };

static char file[64];
static struct conf conf;
static struct err_detail why;

static int make_file(void **state)
{
	int fd;

	(void)state;
	(void)clearenv();
	(void)snprintf(file, sizeof(file), "/tmp/espcap-conf-XXXXXX");
	fd = mkstemp(file);
	(void)close(fd);
	conf = (struct conf){ 0 };
	return fd < 0;
}

static int drop_file(void **state)
{
	(void)state;
	conf_done(&conf);
	return unlink(file);
}

static void write_bytes(const void *text, size_t n)
{
	(void)unlink(file); /* a new file: a rewritten one would be flushed to the disk */
	FILE *f = fopen(file, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Loads the words as a command line, with the config file (or none). */
static int load(unsigned program, const char *config, const char *line)
{
	static char words[2000];
	static char *argv[WORDS_MAX];
	char *save = NULL;
	int argc = 0;

	write_bytes(config ? config : "", config ? strlen(config) : 0);
	(void)snprintf(words, sizeof(words), "program --config=%s %s", config ? file : "", line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	conf_done(&conf);
	why.text[0] = '\0';
	return conf_load(&conf, program, argc, argv, &why);
}

static void loads(unsigned program, const char *config, const char *line)
{
	if (load(program, config, line))
		fail_msg("%s", why.text);
}

static void refuses(int err, const char *config, const char *line, const char *says)
{
	int got = load(CONF_CAPTURE, config, line);

	if (got != err || !strstr(why.text, says))
		fail_msg("%s %s: %d, \"%s\"", config ? config : "", line, got, why.text);
}

static void times_and_sizes_are_read_with_their_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms, bytes; /* -1: refused */
	} rows[] = { { "0", 0, 0 }, { "5", 5000, 5 }, { "250ms", 250, -1 }, { "5s", 5000, -1 },
		{ "10m", 600000, -1 }, { "1h", 3600000, -1 }, { "2d", 172800000, -1 },
		{ "64M", -1, 67108864 }, { "10GiB", -1, 10737418240 }, { "5kB", -1, 5000 },
		{ "1K", -1, 1024 }, { "7B", -1, 7 }, { "2MB", -1, 2000000 },
		{ "1T", -1, 1099511627776 }, { "", -1, -1 }, { "s", -1, -1 }, { "-5", -1, -1 },
		{ "5 s", -1, -1 }, { "5S", -1, -1 }, { "0x10", -1, -1 }, { "1.5s", -1, -1 },
		{ "5sec", -1, -1 }, { "9223372036854775807", -1, INT64_MAX },
		{ "9223372036854775808", -1, -1 }, { "9007199254740993K", -1, -1 },
		{ "106751991168d", -1, -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1, bytes = -1;
		int err_ms = conf_parse_time(rows[i].text, &ms);
		int err_bytes = conf_parse_size(rows[i].text, &bytes);
		if (err_ms != (rows[i].ms < 0 ? ERR_INPUT : 0) || ms != rows[i].ms ||
			err_bytes != (rows[i].bytes < 0 ? ERR_INPUT : 0) || bytes != rows[i].bytes)
			fail_msg("\"%s\": %lld ms, %lld bytes", rows[i].text, (long long)ms,
				(long long)bytes);
	}
}

static void flag_beats_environment_beats_file_beats_default(void **state)
{
	static const char config[] = "{\"capture\":{\"snaplen\":1000}}";

	(void)state;
	loads(CONF_CAPTURE, NULL, "");
	assert_int_equal(conf_number(&conf, OPT_SNAPLEN), 262144);
	assert_false(conf_given(&conf, OPT_SNAPLEN));
	loads(CONF_CAPTURE, config, "");
	assert_int_equal(conf_number(&conf, OPT_SNAPLEN), 1000);
	assert_int_equal(conf.values[OPT_SNAPLEN].source, CONF_FILE);
	assert_string_equal(conf.values[OPT_SNAPLEN].where, file);
	assert_int_equal(setenv("ESPCAP_SNAPLEN", "2000", 1), 0);
	loads(CONF_CAPTURE, config, "");
	assert_int_equal(conf_number(&conf, OPT_SNAPLEN), 2000);
	assert_int_equal(conf.values[OPT_SNAPLEN].source, CONF_ENVIRONMENT);
	loads(CONF_CAPTURE, config, "-s 3000");
	assert_int_equal(conf_number(&conf, OPT_SNAPLEN), 3000);
	assert_int_equal(conf.values[OPT_SNAPLEN].source, CONF_COMMAND_LINE);
	assert_true(conf_given(&conf, OPT_SNAPLEN));
	loads(CONF_CAPTURE, config, "--snaplen=64 --snaplen 65 rest words");
	assert_int_equal(conf_number(&conf, OPT_SNAPLEN), 65);
	assert_int_equal(conf.rest_count, 2);
	assert_string_equal(conf.rest[0], "rest");
}

static void a_list_grows_within_its_source_and_replaces_a_weaker_one(void **state)
{
	static const char config[] = "{\"capture\":{\"tag\":[\"a\",\"b\"],\"label\":\"k=v\"}}";

	(void)state;
	loads(CONF_CAPTURE, config, "");
	assert_int_equal(conf_count(&conf, OPT_TAG), 2);
	assert_string_equal(conf_item(&conf, OPT_TAG, 1), "b");
	assert_null(conf_item(&conf, OPT_TAG, 2));
	assert_string_equal(conf_item(&conf, OPT_LABEL, 0), "k=v");
	assert_int_equal(setenv("ESPCAP_TAG", " c\td  e ", 1), 0);
	loads(CONF_CAPTURE, config, "");
	assert_int_equal(conf_count(&conf, OPT_TAG), 3);
	assert_string_equal(conf_item(&conf, OPT_TAG, 2), "e");
	loads(CONF_CAPTURE, config, "--tag x --tag y");
	assert_int_equal(conf_count(&conf, OPT_TAG), 2);
	assert_string_equal(conf_item(&conf, OPT_TAG, 0), "x");
}

static void flags_are_true_when_given_and_can_be_denied(void **state)
{
	(void)state;
	loads(CONF_CAPTURE, NULL, "");
	assert_false(conf_flag(&conf, OPT_PAYLOAD));
	loads(CONF_CAPTURE, NULL, "--payload");
	assert_true(conf_flag(&conf, OPT_PAYLOAD));
	loads(CONF_CAPTURE, "{\"capture\":{\"payload\":true}}", "--payload=no");
	assert_false(conf_flag(&conf, OPT_PAYLOAD));
	assert_int_equal(setenv("ESPCAP_SHOW_SECRETS", "on", 1), 0);
	loads(CONF_CAPTURE, NULL, "");
	assert_true(conf_flag(&conf, OPT_SHOW_SECRETS));
}

static void words_are_numbered_and_text_may_be_emptied(void **state)
{
	(void)state;
	loads(CONF_CAPTURE, NULL, "");
	assert_int_equal(conf_word(&conf, OPT_SCHEMA), -1);
	assert_null(conf_text(&conf, OPT_SITE));
	loads(CONF_CAPTURE, "{\"capture\":{\"site\":\"there\"}}", "--schema ecs");
	assert_int_equal(conf_word(&conf, OPT_SCHEMA), 2);
	assert_string_equal(conf_text(&conf, OPT_SITE), "there");
	loads(CONF_CAPTURE, "{\"capture\":{\"site\":\"there\"}}", "--site=");
	assert_null(conf_text(&conf, OPT_SITE));
}

static void bounds_are_the_last_values_taken(void **state)
{
	(void)state;
	loads(CONF_CAPTURE, NULL, "--snaplen 64");
	loads(CONF_CAPTURE, NULL, "--snaplen 262144");
	refuses(ERR_USAGE, NULL, "--snaplen 63", "between 64 and 262144");
	refuses(ERR_USAGE, NULL, "--snaplen 262145", "between 64 and 262144");
	refuses(ERR_USAGE, NULL, "--flush-interval 61s", "between 0 and 1m");
	refuses(ERR_USAGE, NULL, "--spool-max 67108863", "at least 64M");
}

static void what_is_wrong_is_said_with_name_and_place(void **state)
{
	(void)state;
	refuses(ERR_USAGE, NULL, "--snaplne 5", "did you mean --snaplen?");
	refuses(ERR_USAGE, NULL, "--wholly-unknown", "--wholly-unknown");
	refuses(ERR_USAGE, NULL, "-Q", "-Q");
	refuses(ERR_USAGE, NULL, "--snaplen", "wants a value");
	refuses(ERR_USAGE, NULL, "--snaplen five", "\"five\"");
	refuses(ERR_USAGE, NULL, "--schema fat", "full|slim|ecs|lite");
	refuses(ERR_USAGE, NULL, "--payload=perhaps", "true or false");
	refuses(ERR_USAGE, NULL, "--once", "--once"); /* an option of the other program */
	assert_int_equal(setenv("ESPCAP_SNAPLEN", "x", 1), 0);
	refuses(ERR_USAGE, NULL, "", "ESPCAP_SNAPLEN");
}

static void a_file_may_hold_comments_and_all_three_objects(void **state)
{
	static const char config[] = "// a comment\n{ /* one\n { \"x\" */ \"capture\": {\n"
				     "  \"site\": \"http://a/*b*/ // \\\" c\", // behind it\n"
				     "  \"count\": 12, \"flush-interval\": \"2s\" },\n"
				     " \"ship\": { \"chunk\": 7, \"node\": [\"http://n:1\"] },\n"
				     " \"common\": { \"log-level\": \"debug\" } } // the end";

	(void)state;
	loads(CONF_CAPTURE, config, "");
	assert_string_equal(conf_text(&conf, OPT_SITE), "http://a/*b*/ // \" c");
	assert_int_equal(conf_number(&conf, OPT_COUNT), 12);
	assert_int_equal(conf_number(&conf, OPT_FLUSH_INTERVAL), 2000);
	assert_int_equal(conf_word(&conf, OPT_LOG_LEVEL), 3);
	assert_int_equal(conf_number(&conf, OPT_CHUNK), 10000); /* checked, but not ours */
	loads(CONF_SHIP, config, "");
	assert_int_equal(conf_number(&conf, OPT_CHUNK), 7);
	assert_string_equal(conf_item(&conf, OPT_NODE, 0), "http://n:1");
	assert_null(conf_text(&conf, OPT_SITE));
}

static void a_bad_file_is_refused_with_its_name_and_the_reason(void **state)
{
	static const char *const rows[][2] = {
		{ "", "1:1" },
		{ "{", "1:" },
		{ "[]", "not JSON" },
		{ "{\n\n  \"capture\": x }", ":3:" },
		{ "{/* never closed", "1:" },
		{ "{} {}", "1:" },
		{ "{\"capture\":{\"snaplne\":1}}", "did you mean \"snaplen\"?" },
		{ "{\"capture\":{\"qqqqqqqqqqqq\":1}}", "unknown key \"qqqqqqqqqqqq\"" },
		{ "{\"captures\":{}}", "unknown object \"captures\"" },
		{ "{\"capture\":1}", "must be an object" },
		{ "{\"ship\":{\"snaplen\":100}}", "belongs into \"capture\"" },
		{ "{\"capture\":{\"snaplen\":1}}", "between 64 and" },
		{ "{\"capture\":{\"snaplen\":1e300}}", "snaplen" },
		{ "{\"capture\":{\"snaplen\":100.5}}", "snaplen" },
		{ "{\"capture\":{\"flush-interval\":0.25}}", "flush-interval" },
		{ "{\"capture\":{\"snaplen\":null}}", "snaplen" },
		{ "{\"capture\":{\"snaplen\":[100]}}", "snaplen" },
		{ "{\"capture\":{\"tag\":[{}]}}", "tag" },
		{ "{\"ship\":{\"chunk\":0}}", "chunk" }, /* of the other program */
		{ "{\"common\":{\"report-fd\":5}}", "unknown key" },
		{ "{\"common\":{\"config\":\"x\"}}", "unknown key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		refuses(ERR_CONFIG, rows[i][0], "", rows[i][1]);
		assert_non_null(strstr(why.text, file));
	}
}

static void a_file_that_is_missing_too_large_or_binary_is_refused(void **state)
{
	static char large[CONF_FILE_MAX + 2];

	(void)state;
	assert_int_equal(conf_read_file(&conf, "/tmp/no/such/file", true, &why), 0);
	assert_int_equal(conf_read_file(&conf, "/tmp/no/such/file", false, &why), ERR_CONFIG);
	memset(large, ' ', sizeof(large));
	memcpy(large, "{}", 2);
	write_bytes(large, CONF_FILE_MAX);
	assert_int_equal(conf_read_file(&conf, file, false, &why), 0);
	write_bytes(large, CONF_FILE_MAX + 1);
	assert_int_equal(conf_read_file(&conf, file, false, &why), ERR_CONFIG);
	write_bytes("{}\0", 3);
	assert_int_equal(conf_read_file(&conf, file, false, &why), ERR_CONFIG);
	assert_int_equal(conf_read_file(&conf, "/tmp", false, &why), ERR_CONFIG);
}

static void random_files_never_harm(void **state)
{
	struct rnd r = rnd_start();
	static const char *const pieces[] = { "{", "}", "\"capture\"", ":", "\"snaplen\"", "100",
		",", "//", "/*", "*/", "\"", "\\", "\n", "[", "]", "true", "\"ship\"", "\"tag\"",
		"\"x\"", "-" };
	char text[400];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		size_t n = 0;
		while (n < sizeof(text) - 20 && rnd_below(&r, 30)) {
			const char *piece = pieces[rnd_below(&r, 20)];
			memcpy(text + n, piece, strlen(piece));
			n += strlen(piece);
		}
		write_bytes(text, n);
		conf_done(&conf);
		conf = (struct conf){ .program = CONF_CAPTURE };
		(void)conf_read_file(&conf, file, false, &why);
	}
}

/* --- what is printed --- */

static const char *printed(void (*print)(FILE *out))
{
	static char *text;
	size_t n;
	FILE *out;

	free(text);
	out = open_memstream(&text, &n);
	print(out);
	(void)fclose(out);
	return text;
}

static void print_conf(FILE *out)
{
	conf_print(&conf, out);
}

static void print_help(FILE *out)
{
	conf_print_help(CONF_CAPTURE, out);
}

static void print_config_shows_each_value_and_its_source(void **state)
{
	(void)state;
	assert_int_equal(setenv("ESPCAP_COUNT", "9", 1), 0);
	loads(CONF_CAPTURE, "{\"capture\":{\"tag\":[\"a\",\"b\"]}}", "--snaplen 100 --payload");
	const char *text = printed(print_conf);
	assert_non_null(strstr(text, "snaplen = 100\t# command line\n"));
	assert_non_null(strstr(text, "payload = true\t# command line\n"));
	assert_non_null(strstr(text, "count = 9\t# environment ESPCAP_COUNT\n"));
	assert_non_null(strstr(text, "tag = a b\t# file /tmp/"));
	assert_non_null(strstr(text, "format = json\t# default\n"));
	assert_null(strstr(text, "report-fd"));
	assert_null(strstr(text, "once"));
}

static void print_config_says_what_holds_where_nothing_was_given(void **state)
{
	(void)state;
	loads(CONF_CAPTURE, "{}", "--file x");
	const char *text = printed(print_conf);
	assert_non_null(strstr(text, "flush-interval = 250ms\t# default\n"));
	assert_non_null(strstr(text, "schema = full\t# default\n"));
	assert_non_null(strstr(text, "when-full = block\t# default\n"));
	assert_non_null(strstr(text, "spool-max = the lesser of 10G and half the free space"));
	assert_non_null(strstr(text, "spool-free = the greater of 256M and 5 %"));
	loads(CONF_CAPTURE, "{}", "--nic lo --media sd --spool-max 1G");
	text = printed(print_conf);
	assert_non_null(strstr(text, "flush-interval = 5s\t# default\n"));
	assert_non_null(strstr(text, "schema = slim\t# default\n"));
	assert_non_null(strstr(text, "when-full = drop-oldest\t# default\n"));
	assert_non_null(strstr(text, "spool-max = 1G\t# command line\n"));
	loads(CONF_CLI, "{}", "--file x");
	text = printed(print_conf);
	assert_non_null(strstr(text, "setup = install\t# default\n"));
	assert_non_null(strstr(text, "give-up-after = 60s\t# default\n"));
}

static void print_config_hides_credentials(void **state)
{
	static const char *const rows[][2] = { { "http://u:s3cret@x:1", "node = http://***@x:1\t" },
		{ "u:s3cret@x", "node = ***@x\t" }, { "u:a@s3cret@x", "node = ***@x\t" },
		{ "u:a://s3cret@x", "node = " }, { "https://x:1/p", "node = https://x:1/p\t" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(setenv("ESPCAP_NODE", rows[i][0], 1), 0);
		loads(CONF_SHIP, "{}", "");
		const char *text = printed(print_conf);
		assert_non_null(strstr(text, rows[i][1]));
		assert_null(strstr(text, "s3cret"));
	}
	assert_int_equal(unsetenv("ESPCAP_NODE"), 0);
}

static void a_value_out_of_bounds_is_told_the_bounds_in_units(void **state)
{
	static const struct {
		const char *words, *sentence;
	} rows[] = { { "--spool-max 10M", "--spool-max cannot be 10M; it is at least 64M" },
		{ "--flush-interval 2h",
			"--flush-interval cannot be 2h; it lies between 0 and 1m" },
		{ "--snaplen 3", "--snaplen cannot be 3; it lies between 64 and 262144" },
		{ "--count=-1", "--count cannot be -1; it is at least 0" },
		{ "--media cd", "--media cannot be \"cd\"; it is one of ssd|sd" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		refuses(ERR_USAGE, NULL, rows[i].words, rows[i].sentence);
	}
}

static void help_lists_every_option_within_80_columns_of_text(void **state)
{
	const char *text = printed(print_help);

	(void)state;
	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		char want[64];
		(void)snprintf(want, sizeof(want), "--%s%s", o->name, *o->argument ? " " : "");
		bool shown = conf_takes(CONF_CAPTURE, o) && !(o->programs & CONF_HIDDEN);
		assert_int_equal(strstr(text, want) != NULL, shown);
	}
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 82);
}

static void no_two_options_share_a_name_or_a_letter(void **state)
{
	(void)state;
	for (int a = 0; a < CONF_COUNT; a++) {
		for (int b = 0; b < a; b++) {
			assert_string_not_equal(conf_options[a].name, conf_options[b].name);
			assert_true(!conf_options[a].letter ||
				    conf_options[a].letter != conf_options[b].letter);
		}
		assert_int_equal(conf_find(conf_options[a].name, CONF_CLI), a);
		assert_true(*conf_options[a].help);
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, make_file, drop_file)
	const struct CMUnitTest tests[] = {
		T(times_and_sizes_are_read_with_their_units),
		T(flag_beats_environment_beats_file_beats_default),
		T(a_list_grows_within_its_source_and_replaces_a_weaker_one),
		T(flags_are_true_when_given_and_can_be_denied),
		T(words_are_numbered_and_text_may_be_emptied),
		T(bounds_are_the_last_values_taken),
		T(what_is_wrong_is_said_with_name_and_place),
		T(a_file_may_hold_comments_and_all_three_objects),
		T(a_bad_file_is_refused_with_its_name_and_the_reason),
		T(a_file_that_is_missing_too_large_or_binary_is_refused),
		T(random_files_never_harm),
		T(print_config_shows_each_value_and_its_source),
		T(print_config_says_what_holds_where_nothing_was_given),
		T(print_config_hides_credentials),
		T(a_value_out_of_bounds_is_told_the_bounds_in_units),
		T(help_lists_every_option_within_80_columns_of_text),
		T(no_two_options_share_a_name_or_a_letter),
	};

	return TEST_RUN(tests);
}
