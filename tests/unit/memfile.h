/* memfile.h -- a file in memory that can be opened by a path: tests write thousands of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_MEMFILE_H
#define ESPCAP_MEMFILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

struct memfile {
	int fd;
	char path[64];
};

static inline void memfile_open(struct memfile *m)
{
	m->fd = memfd_create("test", MFD_CLOEXEC);
	assert_true(m->fd >= 0);
	(void)snprintf(m->path, sizeof(m->path), "/proc/self/fd/%d", m->fd);
}

static inline void memfile_close(struct memfile *m)
{
	(void)close(m->fd);
}

static inline void memfile_add(const struct memfile *m, const void *bytes, size_t n)
{
	assert_int_equal(write(m->fd, bytes, n), n);
}

/* In place of what was in it. */
static inline void memfile_write(const struct memfile *m, const void *bytes, size_t n)
{
	assert_int_equal(ftruncate(m->fd, 0), 0);
	assert_int_equal(lseek(m->fd, 0, SEEK_SET), 0);
	memfile_add(m, bytes, n);
}

#endif
