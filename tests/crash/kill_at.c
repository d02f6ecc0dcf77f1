/* kill_at.c -- preloaded into a service: kill -9 right after its n-th step that changes a file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* ESPCAP_KILL_AT says which step; every thread's steps count. Nothing comes between the step and the
 * kill, not even a change of the memory that LMDB's processes share. */
static void step(void)
{
	static atomic_long steps;
	const char *at = getenv("ESPCAP_KILL_AT");

	if (at && atomic_fetch_add(&steps, 1) + 1 == strtol(at, NULL, 10))
		(void)kill(getpid(), SIGKILL);
}

/* A function of the C library, counted. ISO C has no cast from void * to it. */
#define STEP(result, name, parameters, arguments)                                                  \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		union {                                                                            \
			void *symbol;                                                              \
			result(*call) parameters;                                                  \
		} next = { dlsym(RTLD_NEXT, #name) };                                              \
                                                                                                   \
		result r = next.call arguments;                                                    \
		step();                                                                            \
		return r;                                                                          \
	}

STEP(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
STEP(ssize_t, pwrite64, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
STEP(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at))
STEP(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at))
STEP(int, fdatasync, (int fd), (fd))
STEP(int, fsync, (int fd), (fd))
STEP(int, ftruncate, (int fd, off_t n), (fd, n))
STEP(int, ftruncate64, (int fd, off_t n), (fd, n))
STEP(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))
STEP(int, fallocate64, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))
STEP(int, posix_fallocate, (int fd, off_t at, off_t n), (fd, at, n))
STEP(int, posix_fallocate64, (int fd, off_t at, off_t n), (fd, at, n))
STEP(int, mkdir, (const char *path, mode_t mode), (path, mode))
STEP(int, rename, (const char *from, const char *to), (from, to))
STEP(int, unlink, (const char *path), (path))
STEP(int, rmdir, (const char *path), (path))
