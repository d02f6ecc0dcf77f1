/* interpose.h -- the calls by which a service changes files, for libraries that are preloaded. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_INTERPOSE_H
#define ESPCAP_INTERPOSE_H

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* A library makes functions of a list by X(result, name, parameters, arguments); the parameters of
 * one list have the same names and types. In each function next.call is that of the C library.
 *
 * LMDB writes a run of pages with lseek() and writev(), single pages and its meta page with
 * pwrite(); the descriptor of the meta page is opened with O_DSYNC. */

/* ISO C has no cast from void * to a function. */
#define INTERPOSE_NEXT(result, name, parameters)                                                   \
	union {                                                                                    \
		void *symbol;                                                                      \
		result(*call) parameters;                                                          \
	} next = { dlsym(RTLD_NEXT, #name) }

/* The third argument of open(), which is there only when a file may be made. */
#define INTERPOSE_MODE(flags, mode)                                                                \
	mode_t mode = 0;                                                                           \
	do {                                                                                       \
		va_list more;                                                                      \
		va_start(more, flags);                                                             \
		if ((flags)&O_CREAT)                                                               \
			mode = va_arg(more, mode_t);                                               \
		va_end(more);                                                                      \
	} while (0)

#define INTERPOSE_OPEN(X)                                                                          \
	X(int, open, (const char *path, int flags, ...), (path, flags, mode))                      \
	X(int, open64, (const char *path, int flags, ...), (path, flags, mode))
#define INTERPOSE_WRITE(X)  X(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
#define INTERPOSE_WRITEV(X) X(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n))
#define INTERPOSE_PWRITE(X)                                                                        \
	X(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))            \
	X(ssize_t, pwrite64, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
#define INTERPOSE_PWRITEV(X)                                                                       \
	X(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at))      \
	X(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at))
#define INTERPOSE_SYNC(X)                                                                          \
	X(int, fsync, (int fd), (fd))                                                              \
	X(int, fdatasync, (int fd), (fd))
#define INTERPOSE_TRUNCATE(X)                                                                      \
	X(int, ftruncate, (int fd, off_t n), (fd, n))                                              \
	X(int, ftruncate64, (int fd, off_t n), (fd, n))
#define INTERPOSE_FALLOCATE(X)                                                                     \
	X(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))                \
	X(int, fallocate64, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))
/* returns the error instead of setting errno */
#define INTERPOSE_POSIX_FALLOCATE(X)                                                               \
	X(int, posix_fallocate, (int fd, off_t at, off_t n), (fd, at, n))                          \
	X(int, posix_fallocate64, (int fd, off_t at, off_t n), (fd, at, n))
#define INTERPOSE_MKDIR(X)  X(int, mkdir, (const char *path, mode_t mode), (path, mode))
#define INTERPOSE_RENAME(X) X(int, rename, (const char *from, const char *to), (from, to))
#define INTERPOSE_LINK(X)   X(int, link, (const char *from, const char *to), (from, to))
#define INTERPOSE_REMOVE(X)                                                                        \
	X(int, unlink, (const char *path), (path))                                                 \
	X(int, rmdir, (const char *path), (path))

/* All but open() and write(), which are also for what is no file of the spool, and link(). */
#define INTERPOSE_STEPS(X)                                                                         \
	INTERPOSE_WRITEV(X)                                                                        \
	INTERPOSE_PWRITE(X)                                                                        \
	INTERPOSE_PWRITEV(X)                                                                       \
	INTERPOSE_SYNC(X)                                                                          \
	INTERPOSE_TRUNCATE(X)                                                                      \
	INTERPOSE_FALLOCATE(X)                                                                     \
	INTERPOSE_POSIX_FALLOCATE(X)                                                               \
	INTERPOSE_MKDIR(X)                                                                         \
	INTERPOSE_RENAME(X)                                                                        \
	INTERPOSE_REMOVE(X)

#endif
