/* paths.c -- names in the spool's folder, and making them durable. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEGMENTS_MAX = 1 << 20 };

static int fits(int n)
{
	return n > 0 && n < PATHS_MAX ? 0 : ERR_TOO_BIG;
}

int paths_join(char out[PATHS_MAX], const char *dir, const char *name)
{
	return fits(snprintf(out, PATHS_MAX, "%s/%s", dir, name));
}

int paths_segment(char out[PATHS_MAX], const char *dir, const char *chain, uint64_t seq)
{
	return fits(snprintf(
		out, PATHS_MAX, "%s/%s/%0*llu", dir, chain, PATHS_SEQ, (unsigned long long)seq));
}

int paths_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ERR_SPOOL_IO;
	int failed = fsync(fd);
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return failed ? ERR_SPOOL_IO : 0;
}

int paths_sync_parent(const char *path)
{
	char parent[PATHS_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (n >= sizeof(parent))
		return ERR_TOO_BIG;
	memcpy(parent, path, n);
	parent[n] = '\0';
	return paths_sync(slash ? (n ? parent : "/") : ".");
}

static int write_file(const char *path, const void *contents, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);

	if (fd < 0)
		return ERR_SPOOL_IO;
	bool good = write(fd, contents, n) == (ssize_t)n && fsync(fd) == 0;
	int saved = errno;
	good = close(fd) == 0 && good;
	errno = saved;
	return good ? 0 : ERR_SPOOL_IO;
}

int paths_replace(const char *path, const void *contents, size_t n)
{
	char beside[PATHS_MAX];

	if (fits(snprintf(beside, PATHS_MAX, "%s.new", path)))
		return ERR_TOO_BIG;
	int err = write_file(beside, contents, n);
	if (!err && rename(beside, path) != 0)
		err = ERR_SPOOL_IO;
	return err ? err : paths_sync_parent(path);
}

/* The sequence of a name that is exactly 20 digits and the suffix; 0 for any other name. */
static uint64_t seq_of(const char *name, const char *suffix)
{
	uint64_t seq = 0;

	for (int i = 0; i < PATHS_SEQ; i++) {
		if (name[i] < '0' || name[i] > '9' || seq > (UINT64_MAX - 9) / 10)
			return 0;
		seq = seq * 10 + (uint64_t)(name[i] - '0');
	}
	return strcmp(name + PATHS_SEQ, suffix) == 0 ? seq : 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int add_seq(uint64_t **seqs, size_t *count, uint64_t seq)
{
	if (*count >= SEGMENTS_MAX)
		return ERR_NOMEM;
	if ((*count & (*count - 1)) == 0) { /* grows at powers of two */
		uint64_t *more = realloc(*seqs, (*count ? *count * 2 : 1) * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		*seqs = more;
	}
	(*seqs)[(*count)++] = seq;
	return 0;
}

int paths_list(const char *folder, bool gone, uint64_t **seqs, size_t *count)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int err = 0;

	*seqs = NULL;
	*count = 0;
	if (!dir)
		return errno == ENOENT ? 0 : ERR_SPOOL_IO;
	while (!err && (entry = readdir(dir))) {
		uint64_t seq = seq_of(entry->d_name, gone ? ".gone" : "");
		if (seq)
			err = add_seq(seqs, count, seq);
	}
	(void)closedir(dir);
	if (err) {
		free(*seqs);
		*seqs = NULL;
		*count = 0;
	} else if (*count) {
		qsort(*seqs, *count, sizeof(**seqs), by_value);
	}
	return err;
}
