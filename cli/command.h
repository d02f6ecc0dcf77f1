/* command.h -- the subcommands of espcap: one descriptor each, one list. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_COMMAND_H
#define ESPCAP_COMMAND_H

#include "program.h"

struct command {
	const char *name; /* one or two words: "spool status" */
	const char *arguments;
	const char *help;    /* one clause, for the list of commands */
	const char *details; /* what --help adds: whole lines */
	/* argv[0] is the last word of the name; --help is seen to before. Returns the exit code. */
	int (*run)(int argc, char **argv);
};

extern const struct command command_spool_status, command_spool_check, command_spool_repair,
	command_spool_cat, command_spool_where, command_spool_export, command_spool_import,
	command_dead_list, command_dead_export, command_dead_retry, command_dead_purge,
	command_fields, command_template, command_doctor, command_audit;

/* For arguments that do not fit, each with one sentence that says where to read more; EXIT_USAGE.
 * The first for any reason, the second for a word that is too much, the third for arguments that are
 * missing or exclude each other. */
int command_refuse(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int command_stray(const struct command *command, const char *word);
int command_wrong_usage(const struct command *command);
/* For a command that takes words and no option: 0, or EXIT_USAGE when there are other than `words`. */
int command_words(const struct command *command, int words, int argc, char **argv);

/* What runs when no subcommand is named. */
int oneshot_run(int argc, char **argv);

#endif
