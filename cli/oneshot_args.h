/* oneshot_args.h -- the command lines of the two services, made from that of the one-shot. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ONESHOT_ARGS_H
#define ESPCAP_ONESHOT_ARGS_H

#include "child.h"
#include "conf.h"

/* espcap-capture's, without --stdout or --spool. ERR_INPUT and ERR_USAGE have been logged; the
 * arguments need child_args_done() whatever comes back. */
int oneshot_capture_args(struct child_args *args, const struct conf *conf) ERR_WARN_UNUSED;

/* espcap-ship's, for the spool in dir. Log levels and waiting are a command's, not a service's. */
int oneshot_ship_args(
	struct child_args *args, const struct conf *conf, const char *dir) ERR_WARN_UNUSED;

/* On standard error, the command that goes on where this one (argv) has ended, with its spool. */
void oneshot_print_resume(const char *dir, int argc, char **argv);

#endif
