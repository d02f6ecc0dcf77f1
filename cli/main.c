/* main.c -- espcap, the people's command: a subcommand, or else the one-shot. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "conf.h"
#include "log.h"

static const struct command *const commands[] = {
	&command_spool_status,
	&command_spool_cat,
	&command_fields,
	&command_template,
};

static void usage(FILE *out)
{
	(void)fprintf(out, "Usage: espcap --file FILE | --dir DIR | --nic INTERFACE  [--node URL]"
			   "  [OPTION ...] [FILTER]\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		(void)fprintf(
			out, "       espcap %s %s\n", commands[i]->name, commands[i]->arguments);
	(void)fprintf(out,
		"\nWithout --node, prints addresses and ports of TCP packets, or with"
		" --json every packet\nas a document. With --node, indexes the documents.\n\n");
	conf_print_help(CONF_CLI, out);
	(void)fprintf(out, "\nCommands:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		(void)fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->help);
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

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strncmp(commands[i]->name, word, n) == 0 && commands[i]->name[n] == ' ')
			return true;
	return false;
}

int main(int argc, char **argv)
{
	log_init("espcap", LOG_LEVEL_INFO);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		int words = words_of(commands[i], argc, argv);
		if (words)
			return commands[i]->run(argc - words, argv + words);
	}
	if (argc > 1 && is_first_word(argv[1])) {
		log_error("%s %s: no such command; --help lists the commands", argv[1],
			argc > 2 ? argv[2] : "");
		return EXIT_USAGE;
	}
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return 0;
		}
	return oneshot_run(argc, argv);
}
