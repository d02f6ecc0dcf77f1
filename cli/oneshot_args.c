/* oneshot_args.c -- the command lines of the two services, made from that of the one-shot. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "oneshot_args.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "log.h"
#include "paths.h"

enum { GIVE_UP_S = 60, FILES_MAX = 4096, FILTER_MAX = 65536 };

/* Options that mean something else to the children, or nothing. */
static const enum conf_id ours[] = { OPT_FILTER, OPT_BPF, OPT_DIR, OPT_LITE, OPT_JSON, OPT_CONFIG,
	OPT_SPOOL, OPT_FORMAT, OPT_STDOUT, OPT_GIVE_UP_AFTER, OPT_SETUP, OPT_SCHEMA, OPT_REPORT_FD,
	OPT_CHECK, OPT_PRINT_CONFIG, OPT_IN_FILE, OPT_HELP, OPT_VERSION, OPT_RESUME, CONF_COUNT };

static int add_config(struct child_args *args, const struct conf *c)
{
	/* only a file that was named: what the services read is not the people's */
	const char *named = conf_given(c, OPT_CONFIG) ? conf_text(c, OPT_CONFIG) : NULL;

	return child_args_add(args, "--config=%s", named ? named : "");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Every regular file of a folder, in name order. What is no capture file, capture says. */
static int add_dir(struct child_args *args, const char *dir)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, by_name), err = 0, files = 0;

	if (n < 0) {
		log_error("cannot read the folder %s: %s", dir, strerror(errno));
		return ERR_INPUT;
	}
	for (int i = 0; i < n; i++) {
		char path[PATHS_MAX];
		struct stat st;
		bool file = !err && entries[i]->d_name[0] != '.' &&
			    !paths_join(path, dir, entries[i]->d_name) && stat(path, &st) == 0 &&
			    S_ISREG(st.st_mode) && files < FILES_MAX;
		if (file) {
			err = child_args_add(args, "--file=%s", path);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	if (!err && !files) {
		log_error("there are no files in %s", dir);
		return ERR_INPUT;
	}
	return err;
}

/* Words behind the options are a filter, as with tcpdump. */
static int add_filter(struct child_args *args, const struct conf *c)
{
	const char *filter = conf_text(c, OPT_BPF) ? conf_text(c, OPT_BPF)
						   : conf_text(c, OPT_FILTER);
	struct buf words;

	if (filter && c->rest_count) {
		log_error("\"%s\" is no option, and there is a filter already", c->rest[0]);
		return ERR_USAGE;
	}
	if (filter)
		return child_args_add(args, "--filter=%s", filter);
	if (!c->rest_count)
		return 0;
	buf_init(&words, FILTER_MAX);
	for (size_t i = 0; i < c->rest_count; i++)
		buf_printf(&words, "%s%s", i ? " " : "", c->rest[i]);
	const char *joined = buf_str(&words);
	int err = joined ? child_args_add(args, "--filter=%s", joined) : ERR_TOO_BIG;
	buf_done(&words);
	return err;
}

int oneshot_capture_args(struct child_args *args, const struct conf *c)
{
	const char *schema = conf_flag(c, OPT_LITE)      ? "lite"
			     : conf_given(c, OPT_SCHEMA) ? conf_text(c, OPT_SCHEMA)
							 : "full";

	int err = child_args_init(args, "espcap-capture");
	if (!err)
		err = add_config(args, c);
	if (!err)
		err = child_args_forward(args, c, CONF_CAPTURE, ours);
	if (!err)
		err = child_args_add(args, "--schema=%s", schema);
	if (!err && conf_flag(c, OPT_RESUME) &&
		!conf_text(c, OPT_NIC)) /* else it goes on shipping */
		err = child_args_add(args, "--resume");
	if (!err && conf_text(c, OPT_DIR))
		err = add_dir(args, conf_text(c, OPT_DIR));
	return err ? err : add_filter(args, c);
}

int oneshot_ship_args(struct child_args *args, const struct conf *c, const char *dir)
{
	const char *setup = conf_given(c, OPT_SETUP) ? conf_text(c, OPT_SETUP) : "install";

	int err = child_args_init(args, "espcap-ship");
	if (!err)
		err = add_config(args, c);
	if (!err)
		err = child_args_forward(args, c, CONF_SHIP, ours);
	if (!err)
		err = child_args_add(args, "--spool=%s", dir);
	if (!err)
		err = child_args_add(args, "--once");
	if (!err)
		err = child_args_add(args, "--setup=%s", setup);
	if (!err && conf_given(c, OPT_GIVE_UP_AFTER))
		err = child_args_add(args, "--give-up-after=%s", conf_text(c, OPT_GIVE_UP_AFTER));
	else if (!err && !conf_text(c, OPT_NIC))
		err = child_args_add(args, "--give-up-after=%ds", GIVE_UP_S);
	if (!err && !conf_given(c, OPT_LOG_LEVEL))
		err = child_args_add(args, "--log-level=warn");
	return err;
}

/* --- what a person types to go on --- */

static void print_quoted(const char *word)
{
	if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "-_./:=,+@%") == strlen(word)) {
		(void)fprintf(stderr, " %s", word);
		return;
	}
	(void)fputs(" '", stderr);
	for (; *word; word++)
		(void)fprintf(stderr, *word == '\'' ? "'\\''" : "%c", *word);
	(void)fputs("'", stderr);
}

void oneshot_print_resume(const char *dir, int argc, char **argv)
{
	(void)fprintf(stderr, "  espcap --resume --spool");
	print_quoted(dir);
	for (int i = 1; i < argc; i++) {
		bool spool = strncmp(argv[i], "--spool", 7) == 0 || strcmp(argv[i], "-S") == 0;
		if (spool && !strchr(argv[i], '='))
			i++;
		else if (!spool && strcmp(argv[i], "--resume") != 0)
			print_quoted(argv[i]);
	}
	(void)fputc('\n', stderr);
}
