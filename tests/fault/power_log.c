/* power_log.c -- preloaded into a workload: writes down all that its disk is told (power_log.h). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "power_log.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include "../crash/interpose.h"

enum { LOG_VECTORS = 4 };

/* For the workload, by dlsym(). */
void power_mark(const char *text);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static size_t root_len;
static int log_fd = -1;
static pid_t log_pid;

static _Noreturn void give_up(const char *what)
{
	static const char lost[] = "power_log: the log is incomplete: ";

	(void)syscall(SYS_write, 2, lost, sizeof(lost) - 1);
	(void)syscall(SYS_write, 2, what, strlen(what));
	(void)syscall(SYS_write, 2, "\n", 1);
	_exit(99);
}

/* The lock is one of the open file: a process that was forked needs a descriptor of its own. */
static void open_log(void)
{
	const char *path = getenv("ESPCAP_POWER_LOG");

	root = getenv("ESPCAP_POWER_ROOT");
	if (!root || !path)
		give_up("ESPCAP_POWER_ROOT and ESPCAP_POWER_LOG are not set");
	root_len = strlen(root);
	log_fd = (int)syscall(
		SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	log_pid = getpid();
	if (log_fd < 0)
		give_up(path);
}

static void append(struct power_entry *e, const char *path, const char *path2, const void *data)
{
	union {
		const void *in;
		void *out;
	} texts[3] = { { .in = path }, { .in = path2 }, { .in = data } };

	e->magic = POWER_MAGIC;
	e->pid = (uint32_t)getpid();
	e->path_len = path ? (uint32_t)strlen(path) : 0;
	e->path2_len = path2 ? (uint32_t)strlen(path2) : 0;
	struct iovec v[LOG_VECTORS] = { { e, sizeof(*e) }, { texts[0].out, e->path_len },
		{ texts[1].out, e->path2_len }, { texts[2].out, e->data_len } };
	size_t whole = sizeof(*e) + e->path_len + e->path2_len + e->data_len;
	if (syscall(SYS_writev, log_fd, v, LOG_VECTORS) != (long)whole)
		give_up("writev");
}

static void log_root(void)
{
	struct power_entry e = { .kind = POWER_ROOT };
	struct stat log, st;

	if (fstat(log_fd, &log) != 0 || stat(root, &st) != 0)
		give_up("stat");
	e.inode = st.st_ino;
	if (log.st_size == 0)
		append(&e, NULL, NULL, NULL);
}

static void lock(void)
{
	(void)pthread_mutex_lock(&mutex);
	if (log_pid != getpid())
		open_log();
	while (flock(log_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			give_up("flock");
	log_root();
}

static void unlock(void)
{
	int saved = errno;

	(void)flock(log_fd, LOCK_UN);
	(void)pthread_mutex_unlock(&mutex);
	errno = saved;
}

static void after_fork(void)
{
	(void)pthread_mutex_init(&mutex, NULL);
}

__attribute__((constructor)) static void begin(void)
{
	open_log();
	(void)pthread_atfork(NULL, NULL, after_fork);
}

/* --- what belongs to the disk --- */

/* The part of an absolute path below the root, "" for the root itself, or NULL. */
static const char *below(const char *path)
{
	if (strncmp(path, root, root_len) != 0 || (path[root_len] && path[root_len] != '/'))
		return NULL;
	return path[root_len] ? path + root_len + 1 : path + root_len;
}

/* Workloads name their spool by an absolute path. */
static const char *named(const char *path)
{
	return path[0] == '/' ? below(path) : NULL;
}

/* The inode of an open file or folder of the disk; 0 for all others. */
static uint64_t inode_of(int fd)
{
	char link[64], path[PATH_MAX];
	struct stat st;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return 0;
	path[n] = '\0';
	if (path[0] != '/' || !below(path) || fstat(fd, &st) != 0)
		return 0;
	return st.st_ino;
}

/* --- the calls --- */

static void log_number(enum power_kind kind, uint64_t inode, uint64_t at)
{
	struct power_entry e = { .kind = kind, .inode = inode, .at = at };

	append(&e, NULL, NULL, NULL);
}

static void log_made(enum power_kind kind, const char *path, uint64_t inode)
{
	struct power_entry e = { .kind = kind, .inode = inode };

	append(&e, path, NULL, NULL);
}

static void log_write(int fd, uint64_t inode, const void *p, size_t n, off_t at)
{
	struct power_entry e = { .kind = POWER_WRITE, .inode = inode, .at = (uint64_t)at };
	int flags = fcntl(fd, F_GETFL);

	e.sync = flags >= 0 && (flags & O_DSYNC);
	e.data_len = (uint32_t)n;
	append(&e, NULL, NULL, p);
}

static void log_vectors(int fd, uint64_t inode, const struct iovec *v, ssize_t left, off_t at)
{
	char *whole = malloc((size_t)left + 1), *p = whole;

	if (!whole)
		give_up("out of memory");
	for (ssize_t n = left; n > 0; v++) {
		size_t part = v->iov_len < (size_t)n ? v->iov_len : (size_t)n;
		memcpy(p, v->iov_base, part);
		p += part;
		n -= (ssize_t)part;
	}
	log_write(fd, inode, whole, (size_t)left, at);
	free(whole);
}

void power_mark(const char *text)
{
	struct power_entry e = { .kind = POWER_MARK, .data_len = (uint32_t)strlen(text) };

	lock();
	append(&e, NULL, NULL, text);
	unlock();
}

/* Where a call without an offset began to write; O_APPEND too. */
static off_t began_at(int fd, ssize_t wrote)
{
	return lseek(fd, 0, SEEK_CUR) - wrote;
}

/* A function of the C library: under the lock, then `log_it`, with its result in r. */
#define LOGGED(result, name, parameters, arguments, log_it)                                        \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		lock();                                                                            \
		result r = next.call arguments;                                                    \
		int saved = errno;                                                                 \
		log_it;                                                                            \
		errno = saved;                                                                     \
		unlock();                                                                          \
		return r;                                                                          \
	}

/* The same on a descriptor; others than those of the disk do not wait for the lock. */
#define ON_FD(result, name, parameters, arguments, log_it)                                         \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		int before = errno;                                                                \
		uint64_t inode = inode_of(fd);                                                     \
		errno = before;                                                                    \
		if (!inode)                                                                        \
			return next.call arguments;                                                \
		lock();                                                                            \
		result r = next.call arguments;                                                    \
		int saved = errno;                                                                 \
		log_it;                                                                            \
		errno = saved;                                                                     \
		unlock();                                                                          \
		return r;                                                                          \
	}

#define ON_WRITE(result, name, parameters, arguments)                                              \
	ON_FD(result, name, parameters, arguments,                                                 \
		if (r > 0) log_write(fd, inode, p, (size_t)r, began_at(fd, r)))
#define ON_WRITEV(result, name, parameters, arguments)                                             \
	ON_FD(result, name, parameters, arguments,                                                 \
		if (r > 0) log_vectors(fd, inode, v, r, began_at(fd, r)))
#define ON_PWRITE(result, name, parameters, arguments)                                             \
	ON_FD(result, name, parameters, arguments,                                                 \
		if (r > 0) log_write(fd, inode, p, (size_t)r, at))
#define ON_PWRITEV(result, name, parameters, arguments)                                            \
	ON_FD(result, name, parameters, arguments, if (r > 0) log_vectors(fd, inode, v, r, at))
#define ON_SYNC(result, name, parameters, arguments)                                               \
	ON_FD(result, name, parameters, arguments, if (r == 0) log_number(POWER_SYNC, inode, 0))
#define ON_TRUNCATE(result, name, parameters, arguments)                                           \
	ON_FD(result, name, parameters, arguments,                                                 \
		if (r == 0) log_number(POWER_SIZE, inode, (uint64_t)n))
#define ON_FALLOCATE(result, name, parameters, arguments)                                          \
	ON_FD(result, name, parameters, arguments,                                                 \
		if (r == 0 && mode == 0) log_number(POWER_GROW, inode, (uint64_t)(at + n)))
#define ON_POSIX_FALLOCATE(result, name, parameters, arguments)                                    \
	ON_FD(result, name, parameters, arguments,                                                 \
		if (r == 0) log_number(POWER_GROW, inode, (uint64_t)(at + n)))

INTERPOSE_WRITE(ON_WRITE)
INTERPOSE_WRITEV(ON_WRITEV)
INTERPOSE_PWRITE(ON_PWRITE)
INTERPOSE_PWRITEV(ON_PWRITEV)
INTERPOSE_SYNC(ON_SYNC)
INTERPOSE_TRUNCATE(ON_TRUNCATE)
INTERPOSE_FALLOCATE(ON_FALLOCATE)
INTERPOSE_POSIX_FALLOCATE(ON_POSIX_FALLOCATE)

static void log_new_folder(const char *path)
{
	struct stat st;

	if (named(path) && stat(path, &st) == 0)
		log_made(POWER_MKDIR, named(path), st.st_ino);
}

static void log_names(enum power_kind kind, const char *from, const char *to)
{
	struct power_entry e = { .kind = kind };

	if (named(from) && named(to))
		append(&e, named(from), named(to), NULL);
}

#define ON_MKDIR(result, name, parameters, arguments)                                              \
	LOGGED(result, name, parameters, arguments, if (r == 0) log_new_folder(path))
#define ON_RENAME(result, name, parameters, arguments)                                             \
	LOGGED(result, name, parameters, arguments, if (r == 0) log_names(POWER_RENAME, from, to))
#define ON_LINK(result, name, parameters, arguments)                                               \
	LOGGED(result, name, parameters, arguments, if (r == 0) log_names(POWER_LINK, from, to))
#define ON_REMOVE(result, name, parameters, arguments)                                             \
	LOGGED(result, name, parameters, arguments,                                                \
		if (r == 0 && named(path)) log_made(POWER_UNLINK, named(path), 0))

INTERPOSE_MKDIR(ON_MKDIR)
INTERPOSE_RENAME(ON_RENAME)
INTERPOSE_LINK(ON_LINK)
INTERPOSE_REMOVE(ON_REMOVE)

static void log_opened(const char *path, int flags, int fd, bool there)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	if (!there)
		log_made(POWER_CREATE, named(path), st.st_ino);
	else if (flags & O_TRUNC)
		log_number(POWER_SIZE, st.st_ino, 0);
}

#define ON_OPEN(result, name, parameters, arguments)                                               \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		INTERPOSE_MODE(flags, mode);                                                       \
		if (!(flags & (O_CREAT | O_TRUNC)) || !root || !named(path))                       \
			return next.call arguments;                                                \
		lock();                                                                            \
		bool there = access(path, F_OK) == 0;                                              \
		int r = next.call arguments;                                                       \
		int saved = errno;                                                                 \
		log_opened(path, flags, r, there);                                                 \
		errno = saved;                                                                     \
		unlock();                                                                          \
		return r;                                                                          \
	}

INTERPOSE_OPEN(ON_OPEN)
