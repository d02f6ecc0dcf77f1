/* run_ship.h -- the real espcap-ship on a spool of a test, and what it then has settled. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_RUN_SHIP_H
#define ESPCAP_RUN_SHIP_H

#include <sys/types.h>

#include "box.h"

/* Runs it with --once and one more option and its value; gives up soon. Its exit code. */
int run_ship(const struct box *b, const char *option, const char *value);

/* The record chain's entry in `ack`. */
struct ack_chain run_ship_acked(const struct box *b);

/* A program of the build, started with these words (NULL ends them); its errors are not shown. */
pid_t run_start(const char *name, const char *const *words);

#endif
