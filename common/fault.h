/* fault.h -- named places where a test makes a service die, stop, sleep or fail. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FAULT_H
#define ESPCAP_FAULT_H

/* ESPCAP_FAULT=name:n:action in the environment says what happens when the place of that name in
 * fault.def is passed for the n-th time, counted over all threads: kill, stop (SIGSTOP), sleep:MS or
 * errno:NUMBER. Only builds with the CMake option ESPCAP_FAULT_POINTS (presets of developers) know
 * of it; in all others a place is the constant 0, and not even its name is in the program. */

#ifdef ESPCAP_FAULT_POINTS

#include <stddef.h>
#include <sys/types.h>

enum fault {
#define X(id, name, text) FAULT_##id,
#include "fault.def"
#undef X
	FAULTS
};

/* 0, or -1 with errno set. An ESPCAP_FAULT that makes no sense ends the process. */
int fault_point(enum fault place);

/* When it is this place's turn: first writes n bytes, as a kernel does before a power cut. */
int fault_torn(enum fault place, int fd, const void *p, size_t n, off_t at);

#define FAULT_POINT(id)              fault_point(FAULT_##id)
#define FAULT_TORN(id, fd, p, n, at) fault_torn(FAULT_##id, fd, p, n, at)
#else
#define FAULT_POINT(id)              0
#define FAULT_TORN(id, fd, p, n, at) 0
#endif

#endif
