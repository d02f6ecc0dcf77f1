/* before_meta.c -- preloaded: the fault point DATA_SYNCED, which lies inside LMDB's commit. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "fault.h"

/* LMDB writes a meta page through a descriptor of its own that is synchronous, after the sync of the
 * data pages. */
static int pass(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && flags & O_DSYNC ? FAULT_POINT(DATA_SYNCED) : 0;
}

/* ISO C has no cast from void * to a function. */
#define BEFORE(name)                                                                               \
	ssize_t name(int fd, const void *p, size_t n, off_t at);                                   \
	ssize_t name(int fd, const void *p, size_t n, off_t at)                                    \
	{                                                                                          \
		union {                                                                            \
			void *symbol;                                                              \
			ssize_t (*call)(int, const void *, size_t, off_t);                         \
		} next = { dlsym(RTLD_NEXT, #name) };                                              \
                                                                                                   \
		return pass(fd) ? -1 : next.call(fd, p, n, at);                                    \
	}

BEFORE(pwrite)
BEFORE(pwrite64)
