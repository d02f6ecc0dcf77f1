/* ballast.c -- 1 MiB of the disk, kept for the moment when there is none left. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ballast.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "paths.h"

enum { BALLAST = 1 << 20, LOW = BALLAST / 4, PLENTY = 16 * BALLAST, INODES_PLENTY = 16 };

static void make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);

	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, BALLAST) != 0)
		(void)unlink(path);
	(void)close(fd);
}

void ballast_make(const char *dir)
{
	char path[PATHS_MAX];

	if (!paths_join(path, dir, "ballast"))
		make(path);
}

void ballast_tend(const char *dir)
{
	char path[PATHS_MAX];
	struct statvfs fs;

	if (paths_join(path, dir, "ballast") || statvfs(dir, &fs) != 0)
		return;
	uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	/* some file systems do not count inodes */
	uint64_t inodes = fs.f_files ? fs.f_favail : UINT64_MAX;
	if (free_bytes < LOW || inodes == 0)
		(void)unlink(path);
	else if (free_bytes >= PLENTY && inodes >= INODES_PLENTY)
		make(path);
}
