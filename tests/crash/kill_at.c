/* kill_at.c -- preloaded into a service: kill -9 right after its n-th step that changes a file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "interpose.h"

/* ESPCAP_KILL_AT says which step; every thread's steps count. Nothing comes between the step and the
 * kill, not even a change of the memory that LMDB's processes share. */
static void step(void)
{
	static atomic_long steps;
	const char *at = getenv("ESPCAP_KILL_AT");

	if (at && atomic_fetch_add(&steps, 1) + 1 == strtol(at, NULL, 10))
		(void)kill(getpid(), SIGKILL);
}

/* A function of the C library, counted. */
#define STEP(result, name, parameters, arguments)                                                  \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		result r = next.call arguments;                                                    \
		step();                                                                            \
		return r;                                                                          \
	}

INTERPOSE_STEPS(STEP)
