/* disk.c -- a disk that fails, or is looked at, at a chosen moment. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
	_Atomic unsigned count, from, to; /* numbers [from, to) fail */
	_Atomic int error;
} calls[DISK_CALLS];

static void (*_Atomic watcher)(enum disk_call call, const char *path, void *arg);
static void *_Atomic watcher_arg;
static _Thread_local bool inside; /* what the watcher does is not watched */

unsigned disk_count(enum disk_call call)
{
	return calls[call].count;
}

void disk_fail(enum disk_call call, unsigned nth, unsigned times, int error)
{
	calls[call].error = error;
	calls[call].from = calls[call].count + nth;
	calls[call].to = calls[call].count + nth + times;
}

void disk_watch(void (*look)(enum disk_call call, const char *path, void *arg), void *arg)
{
	watcher_arg = arg;
	watcher = look;
}

static struct {
	const char *ending;
	off_t from, to;
	unsigned times;
} bad;

void disk_bad(const char *ending, off_t from, off_t to, unsigned times)
{
	bad.times = times;
	bad.ending = ending;
	bad.from = from;
	bad.to = to;
}

void disk_reset(void)
{
	watcher = NULL;
	bad.ending = NULL;
	for (int i = 0; i < DISK_CALLS; i++)
		calls[i].count = calls[i].from = calls[i].to = 0;
}

/* True: this one fails, and errno is set. */
static bool fails(enum disk_call call, const char *path)
{
	void (*look)(enum disk_call, const char *, void *) = watcher;

	if (inside)
		return false;
	unsigned n = ++calls[call].count, any = ++calls[DISK_ANY].count;
	if (look) {
		inside = true;
		look(call, path, watcher_arg);
		inside = false;
	}
	if (any >= calls[DISK_ANY].from && any < calls[DISK_ANY].to)
		call = DISK_ANY;
	else if (n < calls[call].from || n >= calls[call].to)
		return false;
	errno = calls[call].error;
	return true;
}

static void path_of(int fd, char path[1024])
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, 1023);
	path[n > 0 ? n : 0] = '\0';
}

static bool fd_fails(enum disk_call call, int fd)
{
	char path[1024];

	path_of(fd, path);
	return fails(call, path);
}

static bool is_bad(int fd)
{
	char path[1024];

	path_of(fd, path);
	size_t n = strlen(path), end = strlen(bad.ending);
	return n >= end && strcmp(path + n - end, bad.ending) == 0;
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	if (bad.ending && bad.times && at < bad.to && at + (off_t)n > bad.from && is_bad(fd)) {
		if (at >= bad.from) {
			bad.times--;
			errno = EIO;
			return -1;
		}
		n = (size_t)(bad.from - at);
	}
	return syscall(SYS_pread64, fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	int flags = fcntl(fd, F_GETFL);
	enum disk_call call = flags >= 0 && flags & O_DSYNC ? DISK_META : DISK_WRITE;

	return fd_fails(call, fd) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return fd_fails(DISK_WRITE, fd) ? -1 : syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd)
{
	return fd_fails(DISK_SYNC, fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return fd_fails(DISK_FSYNC, fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
	return fd_fails(DISK_RESERVE, fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

int mkdir(const char *path, mode_t mode)
{
	return fails(DISK_MKDIR, path) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int rename(const char *from, const char *to)
{
	return fails(DISK_RENAME, from) ? -1
					: (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
	return fails(DISK_UNLINK, path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
