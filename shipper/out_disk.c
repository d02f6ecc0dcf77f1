/* out_disk.c -- is the disk that a file was written to still mounted? */
/* SPDX-License-Identifier: Apache-2.0 */
#include "out_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void out_disk_folder(const char *path, char out[PATHS_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash)
		(void)snprintf(
			out, PATHS_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	else
		(void)snprintf(out, PATHS_MAX, ".");
}

/* Another file system than the folder around it has? A bind mount of the same one goes unnoticed. */
static bool is_mount(const char *folder)
{
	char parent[PATHS_MAX + 4];
	struct stat here, above;

	(void)snprintf(parent, sizeof(parent), "%s/..", folder);
	return stat(folder, &here) == 0 && stat(parent, &above) == 0 && here.st_dev != above.st_dev;
}

void out_disk_look(struct out_disk *d, const char *folder)
{
	char *path = realpath(folder, NULL);

	d->mount[0] = '\0';
	while (path && path[0] && path[1] && !is_mount(path)) {
		char *slash = strrchr(path, '/');
		slash[slash == path] = '\0';
	}
	if (path && path[1] && strlen(path) < PATHS_MAX)
		(void)snprintf(d->mount, sizeof(d->mount), "%s", path);
	free(path);
}

bool out_disk_is_there(const struct out_disk *d)
{
	return !*d->mount || is_mount(d->mount);
}
