/* quarantine.c -- what lies in a spool's quarantine/. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 512, TRIES = 1000 };

static uint64_t blocks(const char *folder, const char *name)
{
	char path[PATHS_MAX];
	struct stat st;

	if (paths_join(path, folder, name) || lstat(path, &st) != 0)
		return 0;
	return (uint64_t)st.st_blocks * BLOCK;
}

/* Of a file, or of the files in a folder. */
static uint64_t bytes_of(const char *folder, const char *name)
{
	uint64_t bytes = blocks(folder, name);
	char path[PATHS_MAX];
	const struct dirent *entry;

	if (paths_join(path, folder, name))
		return bytes;
	DIR *inner = opendir(path);
	while (inner && (entry = readdir(inner)))
		if (entry->d_name[0] != '.')
			bytes += blocks(path, entry->d_name);
	if (inner)
		(void)closedir(inner);
	return bytes;
}

void quarantine_look(const struct spool *spool, struct quarantine *q)
{
	char path[PATHS_MAX];
	const struct dirent *entry;

	*q = (struct quarantine){ 0 };
	if (paths_join(path, spool->dir, "quarantine"))
		return;
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		q->entries++;
		q->bytes += bytes_of(path, entry->d_name);
	}
	if (folder)
		(void)closedir(folder);
}

int quarantine_move(const struct spool *spool, const char *name)
{
	char from[PATHS_MAX], to[PATHS_MAX], as[PATHS_MAX];
	struct stat st;
	int err = paths_join(from, spool->dir, name);

	for (int i = 1; i < TRIES && !err; i++) {
		int n = snprintf(as, sizeof(as), "%s.%d", name, i);
		if (n < 0 || (size_t)n >= sizeof(as))
			return ERR_TOO_BIG;
		for (char *c = as; *c; c++)
			*c = *c == '/' ? '-' : *c;
		err = spool_quarantine(spool, as, to);
		if (err || lstat(to, &st) == 0)
			continue;
		if (rename(from, to) != 0)
			return ERR_SPOOL_IO;
		return paths_sync_parent(to) ? ERR_SPOOL_IO : paths_sync_parent(from);
	}
	return err ? err : ERR_SPOOL_IO;
}
