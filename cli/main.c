/* main.c -- espcap, the people's command: a subcommand, or else the one-shot. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "conf.h"
#include "log.h"

static const struct command *const commands[] = {
	&command_spool_status,
	&command_spool_check,
	&command_spool_repair,
	&command_spool_cat,
	&command_spool_where,
	&command_spool_export,
	&command_spool_import,
	&command_dead_list,
	&command_dead_export,
	&command_dead_retry,
	&command_dead_purge,
	&command_fields,
	&command_template,
	&command_doctor,
	&command_audit,
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_usage(void)
{
	(void)fputs(
		"Usage: espcap --file FILE ... | --dir DIR | --nic INTERFACE\n"
		"              [--node URL ... | --out-file FILE]  [OPTION ...] [FILTER]\n"
		"       espcap COMMAND ...\n\n"
		"Turns packets into JSON documents. Without --node or --out-file it prints\n"
		"addresses and ports of TCP packets, with --json every packet as a document.\n"
		"With --node it indexes the documents into Elasticsearch or OpenSearch.\n\n"
		"  espcap --list                                    which interfaces are there\n"
		"  espcap --file dump.pcap                          who talks to whom\n"
		"  espcap --file dump.pcap --json port 53           DNS, as documents\n"
		"  espcap --file dump.pcap --node localhost:9200    all of it, to search\n"
		"  espcap --nic eth0 --node localhost:9200          live, until Ctrl-C\n\n"
		"Commands (espcap COMMAND --help tells more):\n",
		stdout);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)printf("  %-28s  %s\n", commands[i]->name, commands[i]->help);
	(void)putchar('\n');
	conf_print_help(CONF_CLI, stdout);
	(void)fputs("\nManuals: espcap(1), espcap-capture(8), espcap-ship(8), espcap.conf(5).\n",
		stdout);
}

/* How the commands are called whose name begins with a word, "" for all. */
static void print_synopses(const char *word)
{
	const char *lead = "Usage:";

	for (size_t i = 0; i < COMMANDS; i++) {
		if (strncmp(commands[i]->name, word, strlen(word)) != 0)
			continue;
		(void)printf(
			"%-6s espcap %s %s\n", lead, commands[i]->name, commands[i]->arguments);
		lead = "";
	}
}

int command_refuse(const struct command *command, const char *format, ...)
{
	struct err_detail why;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why.text, sizeof(why.text), format, args);
	va_end(args);
	log_error("%s; try espcap %s --help", why.text, command->name);
	return EXIT_USAGE;
}

int command_stray(const struct command *command, const char *word)
{
	return command_refuse(command,
		*word == '-' ? "%s has no option %s" : "%s has no use for the word \"%s\"",
		command->name, word);
}

int command_wrong_usage(const struct command *command)
{
	return command_refuse(
		command, "it is called espcap %s %s", command->name, command->arguments);
}

int command_words(const struct command *command, int words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' || i > words)
			return command_stray(command, argv[i]);
	return argc == words + 1 ? 0 : command_wrong_usage(command);
}

/* How many words of argv name the command, 0 for none. */
static int words_of(const struct command *c, int argc, char **argv)
{
	const char *blank = strchr(c->name, ' ');
	size_t first = blank ? (size_t)(blank - c->name) : strlen(c->name);

	if (argc < 2 || strlen(argv[1]) != first || strncmp(argv[1], c->name, first) != 0)
		return 0;
	if (!blank)
		return 1;
	return argc > 2 && strcmp(argv[2], blank + 1) == 0 ? 2 : 0;
}

static bool is_first_word(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i]->name, word, n) == 0 && commands[i]->name[n] == ' ')
			return true;
	return false;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int run_command(const struct command *c, int argc, char **argv)
{
	if (!asks_help(argc, argv))
		return c->run(argc, argv);
	print_synopses(c->name);
	(void)printf("\n%s", c->details);
	return 0;
}

/* "espcap spool", or with a second word that is no command. */
static int half_a_command(int argc, char **argv)
{
	if (asks_help(argc, argv)) {
		print_synopses(argv[1]);
		return 0;
	}
	if (argc > 2)
		log_error("there is no command \"%s %s\"; try espcap %s --help", argv[1], argv[2],
			argv[1]);
	else
		log_error("%s wants one word more; try espcap %s --help", argv[1], argv[1]);
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		int words = words_of(commands[i], argc, argv);
		if (words)
			return run_command(commands[i], argc - words, argv + words);
	}
	if (argc > 1 && is_first_word(argv[1]))
		return half_a_command(argc, argv);
	if (!asks_help(argc, argv))
		return oneshot_run(argc, argv);
	print_usage();
	return 0;
}

int main(int argc, char **argv)
{
	log_init("espcap", LOG_LEVEL_INFO);
	return program_end(run(argc, argv));
}
