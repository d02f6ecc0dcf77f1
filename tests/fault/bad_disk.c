/* bad_disk.c -- preloaded into a service: the disk under its spool fails at a chosen call. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>

#include "../crash/interpose.h"

/* ESPCAP_DISK="KIND FIRST TIMES HOW ARGUMENT FOLDER FILE"
 *  KIND    of call: all, or one of the names below; meta is a pwrite of LMDB's meta page, which goes
 *          through a descriptor with O_DSYNC; look is an open for reading; writes is write and
 *          meta, changes is all but look. Only calls for files below FOLDER count, and getrandom.
 *  FIRST   the first one that fails, from 1; 0: the first one after FILE.sick is there
 *  TIMES   so many fail; 0: all until FILE.healthy exists
 *  HOW     errno: fails with ARGUMENT; late: is done, and fails with ARGUMENT all the same;
 *          short: writes ARGUMENT bytes and says so; sleep: takes ARGUMENT milliseconds;
 *          hold: takes until FILE.healthy exists
 * Each call that was tampered with becomes a line in FILE.hits: its kind and its name. A segment that
 * is synced after a sync of it has failed becomes a line in FILE.retried: the kernel calls pages clean
 * that it could not write, so such a sync says nothing (C-4). */
enum kind {
	WRITE,
	META,
	SYNC,
	RESERVE,
	TRUNCATE,
	MKDIR,
	RENAME,
	REMOVE,
	OPEN,
	LOOK,
	RANDOM,
	KINDS
};
static const char *const names[KINDS] = { "write", "meta", "sync", "reserve", "truncate", "mkdir",
	"rename", "remove", "open", "look", "random" };

enum { NAME_BYTES = 200, FAILED_MAX = 64 };

static struct {
	bool on, kinds[KINDS];
	long first, times;
	char how[16];
	long argument;
	char folder[NAME_BYTES], file[NAME_BYTES];
} plan;
static atomic_long calls;
static _Atomic ino_t failed_syncs[FAILED_MAX]; /* segments; 0: free */

__attribute__((constructor)) static void read_plan(void)
{
	const char *text = getenv("ESPCAP_DISK");
	char kind[16];

	if (!text || sscanf(text, "%15s %ld %ld %15s %ld %199s %199s", kind, &plan.first,
			     &plan.times, plan.how, &plan.argument, plan.folder, plan.file) != 7)
		return;
	for (unsigned i = 0; i < KINDS; i++)
		plan.kinds[i] = strcmp(kind, "all") == 0 || strcmp(kind, names[i]) == 0 ||
				(strcmp(kind, "writes") == 0 && i <= META) ||
				(strcmp(kind, "changes") == 0 && i != LOOK);
	plan.on = true;
}

static void note(const char *suffix, const char *line)
{
	char path[NAME_BYTES + 16];

	(void)snprintf(path, sizeof(path), "%s.%s", plan.file, suffix);
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || syscall(SYS_write, fd, line, strlen(line)) < 0)
		abort();
	(void)syscall(SYS_close, fd);
}

static bool there_is(const char *suffix)
{
	char path[NAME_BYTES + 16];

	(void)snprintf(path, sizeof(path), "%s.%s", plan.file, suffix);
	return access(path, F_OK) == 0;
}

static bool is_healthy(void)
{
	return there_is("healthy");
}

static bool is_chosen(enum kind kind, const char *path)
{
	if (!plan.on || !plan.kinds[kind])
		return false;
	if (kind != RANDOM && strncmp(path, plan.folder, strlen(plan.folder)) != 0)
		return false;
	long n = atomic_fetch_add(&calls, 1) + 1;
	if (!plan.first)
		return there_is("sick") && !is_healthy();
	return n >= plan.first && (plan.times ? n < plan.first + plan.times : !is_healthy());
}

static bool is_chosen_fd(enum kind kind, int fd)
{
	char link[64], path[PATH_MAX];

	if (!plan.on || !plan.kinds[kind])
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return is_chosen(kind, path);
}

static void hit(enum kind kind, const char *what)
{
	char line[NAME_BYTES];
	int saved = errno;

	(void)snprintf(line, sizeof(line), "%s %s\n", names[kind], what);
	note("hits", line);
	errno = saved;
}

static void sleep_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* What happens to a chosen call before it is made. True: it is not made at all, and fails. */
static bool fails(enum kind kind, const char *what)
{
	hit(kind, what);
	if (strcmp(plan.how, "sleep") == 0)
		sleep_ms(plan.argument);
	while (strcmp(plan.how, "hold") == 0 && !is_healthy())
		sleep_ms(1);
	errno = (int)plan.argument;
	return strcmp(plan.how, "errno") == 0;
}

/* And after it was made. True: it fails all the same. */
static bool fails_late(void)
{
	errno = (int)plan.argument;
	return strcmp(plan.how, "late") == 0;
}

static bool is_short(void)
{
	return strcmp(plan.how, "short") == 0;
}

static size_t cut(size_t n)
{
	return is_short() && (size_t)plan.argument < n ? (size_t)plan.argument : n;
}

static enum kind kind_of_write(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_DSYNC) ? META : WRITE;
}

static void sum(const struct iovec *v, int n, struct iovec *first, size_t *all)
{
	*first = v[0];
	*all = 0;
	for (int i = 0; i < n; i++)
		*all += v[i].iov_len;
}

/* The segment of a descriptor, 0 if it is none. */
static ino_t segment_of(int fd)
{
	static const char name[] = "/data.mdb";
	char link[64], path[PATH_MAX];
	struct stat st;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	const char *end = strstr(path, name);
	return end && !end[sizeof(name) - 1] && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void sync_failed(int fd)
{
	ino_t segment = segment_of(fd);
	int saved = errno;

	for (unsigned i = 0; i < FAILED_MAX && segment; i++) {
		ino_t none = 0;
		if (atomic_compare_exchange_strong(&failed_syncs[i], &none, segment))
			break;
	}
	errno = saved;
}

static void check_sync(int fd)
{
	ino_t segment = plan.on ? segment_of(fd) : 0;

	for (unsigned i = 0; i < FAILED_MAX && segment; i++)
		if (atomic_load(&failed_syncs[i]) == segment)
			note("retried", "a sync\n");
}

/* A file that goes: its number may soon be that of another one. */
static void forget(const char *path)
{
	struct stat st;

	if (!plan.on || stat(path, &st) != 0)
		return;
	for (unsigned i = 0; i < FAILED_MAX; i++) {
		ino_t gone = st.st_ino;
		(void)atomic_compare_exchange_strong(&failed_syncs[i], &gone, 0);
	}
}

/* --- the calls --- */

#define FD_CALL(result, name, parameters, arguments, kind)                                         \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		bool chosen = is_chosen_fd(kind, fd);                                              \
		if (chosen && fails(kind, #name))                                                  \
			return -1;                                                                 \
		result r = next.call arguments;                                                    \
		return chosen && r >= 0 && fails_late() ? -1 : r;                                  \
	}
#define SYNC_CALL(result, name, parameters, arguments)                                             \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		bool chosen = is_chosen_fd(SYNC, fd);                                              \
		check_sync(fd);                                                                    \
		bool failed = chosen && fails(SYNC, #name);                                        \
		result r = failed ? -1 : next.call arguments;                                      \
		failed = failed || (chosen && fails_late());                                       \
		if (failed)                                                                        \
			sync_failed(fd);                                                           \
		return failed ? -1 : r;                                                            \
	}
#define TRUNCATE_CALL(result, name, p, a) FD_CALL(result, name, p, a, TRUNCATE)
#define RESERVE_CALL(result, name, p, a)  FD_CALL(result, name, p, a, RESERVE)
INTERPOSE_SYNC(SYNC_CALL)
INTERPOSE_TRUNCATE(TRUNCATE_CALL)
INTERPOSE_FALLOCATE(RESERVE_CALL)

/* A short one writes the beginning, and says how much that was. */
#define WRITE_CALL(result, name, parameters, arguments)                                            \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		enum kind kind = plan.on ? kind_of_write(fd) : WRITE;                              \
		bool chosen = is_chosen_fd(kind, fd);                                              \
		if (chosen && fails(kind, #name))                                                  \
			return -1;                                                                 \
		n = chosen ? cut(n) : n;                                                           \
		result r = n ? next.call arguments : 0;                                            \
		return chosen && r >= 0 && fails_late() ? -1 : r;                                  \
	}
INTERPOSE_WRITE(WRITE_CALL)
INTERPOSE_PWRITE(WRITE_CALL)

#define WRITEV_CALL(result, name, parameters, arguments)                                           \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		bool chosen = is_chosen_fd(WRITE, fd);                                             \
		struct iovec part;                                                                 \
		size_t all;                                                                        \
                                                                                                   \
		if (chosen && fails(WRITE, #name))                                                 \
			return -1;                                                                 \
		sum(v, n, &part, &all);                                                            \
		part.iov_len = cut(part.iov_len);                                                  \
		if (chosen && is_short() && (size_t)plan.argument < all) {                         \
			v = &part;                                                                 \
			n = 1;                                                                     \
		}                                                                                  \
		result r = n && v->iov_len ? next.call arguments : 0;                              \
		return chosen && r >= 0 && fails_late() ? -1 : r;                                  \
	}
INTERPOSE_WRITEV(WRITEV_CALL)
INTERPOSE_PWRITEV(WRITEV_CALL)

#define POSIX_FALLOCATE_CALL(result, name, parameters, arguments)                                  \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		/* where it is not supported, the C library does it by writing */                  \
		bool chosen = plan.argument != EOPNOTSUPP && is_chosen_fd(RESERVE, fd);            \
		if (chosen && fails(RESERVE, #name))                                               \
			return (int)plan.argument;                                                 \
		result r = next.call arguments;                                                    \
		return chosen && r == 0 && fails_late() ? (int)plan.argument : r;                  \
	}
INTERPOSE_POSIX_FALLOCATE(POSIX_FALLOCATE_CALL)

#define PATH_CALL(result, name, parameters, arguments, path, kind)                                 \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		bool chosen = is_chosen(kind, path);                                               \
		if (chosen && fails(kind, #name))                                                  \
			return -1;                                                                 \
		if ((kind) == REMOVE)                                                              \
			forget(path);                                                              \
		result r = next.call arguments;                                                    \
		return chosen && r >= 0 && fails_late() ? -1 : r;                                  \
	}
#define MKDIR_CALL(result, name, p, a)  PATH_CALL(result, name, p, a, path, MKDIR)
#define RENAME_CALL(result, name, p, a) PATH_CALL(result, name, p, a, from, RENAME)
#define REMOVE_CALL(result, name, p, a) PATH_CALL(result, name, p, a, path, REMOVE)
INTERPOSE_MKDIR(MKDIR_CALL)
INTERPOSE_RENAME(RENAME_CALL)
INTERPOSE_REMOVE(REMOVE_CALL)

/* An open that is done and fails all the same would leave a descriptor behind. */
#define OPEN_CALL(result, name, parameters, arguments)                                             \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		INTERPOSE_NEXT(result, name, parameters);                                          \
		INTERPOSE_MODE(flags, mode);                                                       \
		enum kind kind = (flags & O_ACCMODE) == O_RDONLY ? LOOK : OPEN;                    \
		if (is_chosen(kind, path) && (fails(kind, #name) || fails_late()))                 \
			return -1;                                                                 \
		return next.call arguments;                                                        \
	}
INTERPOSE_OPEN(OPEN_CALL)

ssize_t getrandom(void *p, size_t n, unsigned flags)
{
	INTERPOSE_NEXT(ssize_t, getrandom, (void *p, size_t n, unsigned flags));

	if (is_chosen(RANDOM, "") && (fails(RANDOM, "getrandom") || fails_late()))
		return -1;
	return next.call(p, n, flags);
}
