/* captures.c -- the capture files of a folder, and their packets in memory of exact size. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "captures.h"

#include <stdlib.h>
#include <string.h>

#include <fts.h>

#include "exact.h"
#include "source.h"

enum { SNAPLEN = 262144 };

static volatile bool never;

bool captures_packets(const char *file,
	void (*each)(void *arg, const char *file, const struct frame *f), void *arg)
{
	struct source_conf conf = { .snaplen = SNAPLEN, .stop = &never };
	struct exact memory = { 0 };
	struct source *source;
	struct err_detail why;
	struct frame f;

	if (source_open_file(file, &conf, &source, &why))
		return false;
	while (source_next(source, &f, &why) == 0) {
		f.data = exact_copy(&memory, f.data, f.cap_len);
		each(arg, file, &f);
	}
	source_close(source);
	exact_done(&memory);
	return true;
}

static bool is_capture(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".pcap") == 0 || strcmp(dot, ".pcapng") == 0);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

void captures_each(const char *path, void (*each)(void *arg, const char *file), void *arg)
{
	char *root = strdup(path);
	char *const roots[] = { root, NULL };
	FTS *tree = root ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name) : NULL;
	const FTSENT *e;

	while (tree && (e = fts_read(tree)))
		if (e->fts_info == FTS_F && is_capture(e->fts_path))
			each(arg, e->fts_path);
	if (tree)
		(void)fts_close(tree);
	free(root);
}
