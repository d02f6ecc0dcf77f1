/* out_mend.c -- files of --out-file that were left in the midst: cut to what is whole, and finished. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "out_mend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "out_tail.h"

int out_mend(const struct out_state *state, const char *path, int fd, off_t *end)
{
	off_t durable = out_state_durable(state, path, fd);
	struct out_tail tail;
	struct stat st;

	errno = 0;
	if (out_tail_find(fd, durable, &tail) || fstat(fd, &st) != 0)
		return errno ? errno : ENOMEM;
	*end = tail.whole;
	if (durable > st.st_size)
		log_error("%s is shorter than it was when its records were acknowledged: the disk "
			  "has lost what it said was written",
			path);
	if (tail.newline && pwrite(fd, "\n", 1, (*end)++) != 1)
		return errno;
	if (tail.whole == st.st_size)
		return 0;
	if (ftruncate(fd, tail.whole) != 0)
		return errno;
	log_info("%s ended in the middle of a record, which is written again", path);
	return 0;
}

int out_finish(const char *path, const char *whole, off_t end)
{
	if (end == 0)
		return unlink(path) == 0 ? 0 : errno;
	if (access(whole, F_OK) == 0) /* numbers are not used twice, so it is somebody else's */
		return EEXIST;
	return rename(path, whole) == 0 ? 0 : errno;
}

static int finish_leftover(const struct out_state *state, const char *folder, const char *file)
{
	char path[PATHS_MAX], whole[PATHS_MAX];
	off_t end = 0;

	if (paths_join(path, folder, file))
		return 0;
	(void)snprintf(whole, sizeof(whole), "%.*s",
		(int)(strlen(path) - (sizeof(OUT_NAME_PART) - 1)), path);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		(void)close(fd); /* another ship is at it */
		return 0;
	}
	int code = out_mend(state, path, fd, &end);
	if (!code && fsync(fd) != 0)
		code = errno;
	if (!code)
		code = out_finish(path, whole, end);
	(void)close(fd);
	return code;
}

int out_finish_all(const struct out_state *state, const struct out_name *name, uint64_t *highest)
{
	DIR *dir = opendir(name->folder);
	const struct dirent *entry;
	int code = 0;
	bool part;

	*highest = state->number;
	if (!dir)
		return errno;
	while (!code && (entry = readdir(dir))) {
		uint64_t number = out_name_number(name, entry->d_name, &part);
		if (number > *highest)
			*highest = number;
		if (number && part)
			code = finish_leftover(state, name->folder, entry->d_name);
	}
	(void)closedir(dir);
	return code;
}
