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
	command_fields, command_template, command_doctor;

/* For arguments that do not fit: how the command is called, and EXIT_USAGE. */
int command_wrong_usage(const struct command *command);

/* What runs when no subcommand is named. */
int oneshot_run(int argc, char **argv);

#endif
