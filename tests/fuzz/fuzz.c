/* fuzz.c -- what the fuzz targets share: failing, files, folders. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fts.h>

void fuzz_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	abort();
}

const char *fuzz_file(const void *p, size_t n)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, p, n, 0) != (ssize_t)n)
		abort();
	return path;
}

static char folder[256];

static void remove_folder(void)
{
	char *const roots[] = { folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *e;

	while (tree && (e = fts_read(tree)))
		if (e->fts_info != FTS_D)
			(void)remove(e->fts_path);
	if (tree)
		(void)fts_close(tree);
}

const char *fuzz_folder(void)
{
	if (*folder)
		return folder;
	const char *base = getenv("TMPDIR");
	if (!base)
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(folder, sizeof(folder), "%s/espcap-fuzz.XXXXXX", base);
	if (!mkdtemp(folder) || atexit(remove_folder) != 0)
		abort();
	return folder;
}

void fuzz_keep(struct fuzz_seeds *s, const void *head, size_t nhead, const void *body, size_t n)
{
	uint8_t *seed = malloc(nhead + n + 1);

	if (!seed)
		abort();
	memcpy(seed, head, nhead);
	if (n)
		memcpy(seed + nhead, body, n);
	s->keep(s, seed, nhead + n);
	free(seed);
}
