/* dead_words.h -- which letters espcap dead retry and purge are asked for. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DEAD_WORDS_H
#define ESPCAP_DEAD_WORDS_H

#include "command.h"
#include "request.h"

/* DIR --all | [--type TYPE] [--before TIME] [ID ...] into a request that says nothing yet, but its
 * action. 0, or EXIT_USAGE after a sentence. *dir is borrowed from argv. */
int dead_words_read(const struct command *command, int argc, char **argv, const char **dir,
	bool *all, struct request *request);

#endif
