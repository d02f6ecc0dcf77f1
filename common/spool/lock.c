/* lock.c -- one process at a time, and who it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "denied.h"

enum { RETRY_MS = 10 };

static void read_holder(int fd, char holder[LOCK_HOLDER_MAX])
{
	ssize_t n = pread(fd, holder, LOCK_HOLDER_MAX - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	for (char *c = holder; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static void write_holder(int fd, const char *program)
{
	char host[128] = "", since[CLOCK_ISO_LEN + 1], text[LOCK_HOLDER_MAX];

	(void)gethostname(host, sizeof(host) - 1);
	clock_iso(clock_wall_ns(), since);
	int n = snprintf(text, sizeof(text), "pid %ld, %s on %s since %.19sZ\n", (long)getpid(),
		program, host, since);
	if (n < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		/* the lock holds all the same; only the text for people is missing */
	}
}

static bool try_for(int fd, int wait_ms)
{
	const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };

	for (int waited = 0;; waited += RETRY_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (waited >= wait_ms)
			return false;
		(void)nanosleep(&pause, NULL);
	}
}

int lock_take(const char *path, const char *program, int wait_ms, struct lock *lock,
	struct err_detail *why)
{
	char holder[LOCK_HOLDER_MAX];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);

	lock->fd = -1;
	if (fd < 0)
		return denied_set(why, "open", path);
	if (!try_for(fd, wait_ms)) {
		read_holder(fd, holder);
		(void)close(fd);
		return err_set(why, ERR_SPOOL_LOCKED, "%s is held by %s", path,
			*holder ? holder : "another process");
	}
	write_holder(fd, program);
	lock->fd = fd;
	return 0;
}

void lock_drop(struct lock *lock)
{
	if (lock->fd >= 0)
		(void)close(lock->fd);
	lock->fd = -1;
}

bool lock_is_there(const struct lock *lock, const char *path)
{
	struct stat held, there;

	if (fstat(lock->fd, &held) != 0)
		return true;
	if (stat(path, &there) != 0)
		return errno != ENOENT && errno != ENOTDIR;
	return held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

/* A shared lock that cannot be had shows an exclusive holder; it is dropped at once. */
bool lock_is_held(const char *path, char holder[LOCK_HOLDER_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	holder[0] = '\0';
	if (fd < 0)
		return false;
	bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (held)
		read_holder(fd, holder);
	(void)close(fd);
	return held;
}
