/* program.h -- how a service begins: its options, its log, its exit code. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PROGRAM_H
#define ESPCAP_PROGRAM_H

#include <stdio.h>

#include "conf.h"
#include "err.h"

/* Beside 0 and 1. */
enum { EXIT_USAGE = 2, EXIT_CONFIG = 78, EXIT_INTERRUPTED = 130 };

struct program {
	const char *name;
	unsigned options;         /* CONF_CAPTURE or CONF_SHIP */
	void (*usage)(FILE *out); /* what --help prints */
	/* Everything but --help, --version and --print-config. Returns the exit code. */
	int (*start)(const struct conf *c, struct err_detail *why);
};

/* What a program gives back: the code, or 1 after a sentence when it was 0 and what was printed could
 * not be written. */
int program_end(int code);

/* main() of a service. SIGBUS ends it with a sentence and exit code 1. Returns the exit code. */
int program_run(const struct program *program, int argc, char **argv);

#endif
