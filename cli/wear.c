/* wear.c -- how much a running capture writes to its disk, and what it would with other intervals. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "wear.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "lmdb_file.h"
#include "segment_file.h"

enum { PAGES = 4, PAGE = 4096, DAY_S = 86400, HOURS_MOST = 25 };
static const double COMMIT_AT = 1 << 20; /* stored bytes that do not wait for the interval */

/* The totals and the moment at which a segment began. */
static int read_birth(
	const char *path, uint64_t epoch, struct frame_totals *totals, int64_t *time_ns)
{
	struct segment_file *f;
	int err = segment_file_open(path, epoch, &f, NULL);

	if (err)
		return err;
	*totals = segment_file_birth(f)->totals;
	*time_ns = segment_file_birth(f)->time_ns;
	segment_file_close(f);
	return 0;
}

/* Commits, and the bytes of all pages. */
static int read_growth(const char *path, double *commits, double *bytes)
{
	struct lmdb_file f = { .fd = -1 };
	char file[PATHS_MAX];

	int err = paths_join(file, path, "data.mdb");
	if (!err)
		err = lmdb_file_open(&f, file, NULL);
	if (err) {
		lmdb_file_close(&f);
		return err;
	}
	*commits = (double)f.txnid - 1; /* the first one makes the birth record */
	*bytes = (double)(f.last + 1) * (double)f.page_size;
	lmdb_file_close(&f);
	return 0;
}

static int newest(const struct spool *spool, char path[PATHS_MAX])
{
	uint64_t *seqs;
	size_t count;

	int err = paths_join(path, spool->dir, "rec");
	if (!err)
		err = paths_list(path, false, &seqs, &count);
	if (err)
		return err;
	err = count ? paths_segment(path, spool->dir, "rec", seqs[count - 1]) : ERR_END;
	free(seqs);
	return err;
}

bool wear_look(const struct spool *spool, const struct frame_totals *now, struct wear *w)
{
	char path[PATHS_MAX];
	struct frame_totals before;
	double commits, bytes;
	int64_t begun;

	if (newest(spool, path) || read_birth(path, spool->epoch, &before, &begun) ||
		read_growth(path, &commits, &bytes))
		return false;
	double seconds = (double)(clock_wall_ns() - begun) / 1e9;
	double records = (double)(now->committed - before.committed);
	if (seconds < WEAR_SECONDS_LEAST || seconds > HOURS_MOST * 3600.0 || commits < 1 ||
		records < 1)
		return false;
	*w = (struct wear){ records / seconds, commits / seconds, bytes / records };
	return true;
}

static double per_day(double commits, double records, double record_bytes)
{
	return DAY_S * (commits * PAGES * PAGE + records * record_bytes);
}

double wear_per_day(const struct wear *w)
{
	return per_day(w->commits, w->records, w->record_bytes);
}

/* The interval begins with the first record, which is awaited, too. */
double wear_per_day_at(const struct wear *w, int64_t flush_ms)
{
	double commits = 1 / ((double)flush_ms / 1000 + 1 / w->records);

	commits += w->records * w->record_bytes / COMMIT_AT;
	return per_day(commits, w->records, w->record_bytes);
}

const char *wear_text(double bytes, char out[WEAR_TEXT])
{
	bool giga = bytes >= 1e9;
	double value = bytes / (giga ? 1e9 : 1e6);

	(void)snprintf(out, WEAR_TEXT, "about %.*f %s", giga && value < 9.95 ? 1 : 0, value,
		giga ? "GB" : "MB");
	return out;
}
