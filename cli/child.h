/* child.h -- the two services as child processes of the one-shot. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CHILD_H
#define ESPCAP_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "conf.h"
#include "err.h"

enum { CHILD_ARGS_MAX = 8192, CHILD_LINE_MAX = 4096 };

struct child_args {
	char *items[CHILD_ARGS_MAX]; /* owned; ends with NULL */
	size_t count;
};

/* Begins with the path of the program: beside espcap itself, else as PATH finds it. */
int child_args_init(struct child_args *args, const char *program) ERR_WARN_UNUSED;
int child_args_add(struct child_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void child_args_done(struct child_args *args);

/* Adds every option that was given on espcap's command line and that the program takes, but those
 * of the list (ends with CONF_COUNT). */
int child_args_forward(struct child_args *args, const struct conf *conf, unsigned program,
	const enum conf_id *but);

struct child {
	pid_t pid;  /* 0: not running */
	int report; /* reading end of its --report-fd, -1: closed */
	int status; /* exit code, 128 + signal when killed; -1 while it runs */
	char line[CHILD_LINE_MAX];
	size_t len;
};

/* Starts it in a process group of its own (signals of the terminal go to espcap alone); it ends
 * when espcap dies. Adds --report-fd. Errors with a sentence. */
int child_start(struct child *c, struct child_args *args, struct err_detail *why) ERR_WARN_UNUSED;

/* Reads what there is; calls with each whole line. Closes report at its end. */
void child_read(struct child *c, void (*line)(void *arg, const char *text), void *arg);

/* Collects its exit if it has ended. */
void child_reap(struct child *c);
void child_signal(const struct child *c, int signal);

/* Becomes the program. Returns only on failure: the exit code. */
int child_exec(struct child_args *args);

#endif
