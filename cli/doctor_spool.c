/* doctor_spool.c -- is the place of a spool a good one, and is the spool in good order? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "doctor.h"
#include "stats.h"
#include "status.h"

/* As espcap-capture chooses them (writer_open.c). */
static const uint64_t FLOOR_LEAST = 256 << 20, SEGMENT = 64 << 20;
static const double OFTEN = 0.5; /* commits a second, from which a card should be spared */

/* --- where it lies --- */

static void check_system(struct doctor *d, const char *dir)
{
	struct statfs fs;
	const char *name;

	if (statfs(dir, &fs) != 0)
		return;
	switch (disk_system_of((unsigned long)fs.f_type & 0xffffffff, &name)) {
	case SYSTEM_REMOTE:
		doctor_say(d, DOCTOR_FAIL, "file system", "put the spool on a disk of this machine",
			"%s lies on %s: locks and syncs there do not mean what the spool needs",
			dir, name);
		break;
	case SYSTEM_MEMORY:
		doctor_say(d, DOCTOR_WARN, "file system", "put the spool on a disk",
			"%s lies on %s: nothing of it survives a restart of the machine", dir,
			name);
		break;
	case SYSTEM_PLAIN:
		doctor_say(d, DOCTOR_WARN, "file system",
			"put the spool on ext4, xfs, btrfs or f2fs",
			"%s lies on %s, which a power cut can damage as a whole", dir, name);
		break;
	default:
		doctor_say(d, DOCTOR_OK, "file system", "", "%s lies on %s", dir, name);
	}
}

static void check_space(struct doctor *d, const char *dir)
{
	char is[STATS_TEXT], floor_text[STATS_TEXT];
	struct statfs fs;

	if (statfs(dir, &fs) != 0)
		return;
	uint64_t left = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	uint64_t size = (uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize;
	uint64_t least = size / 20 > FLOOR_LEAST ? size / 20 : FLOOR_LEAST;
	(void)stats_bytes(left, is);
	(void)stats_bytes(least, floor_text);
	if (left < least + SEGMENT)
		doctor_say(d, DOCTOR_FAIL, "space", "make room, or set --spool-free",
			"%s are free, and %s stay free for others, so there is no room for records",
			is, floor_text);
	else if (left < 4 * least)
		doctor_say(d, DOCTOR_WARN, "space", "make room, or set --spool-free",
			"%s are free, of which %s stay free for others", is, floor_text);
	else
		doctor_say(d, DOCTOR_OK, "space", "", "%s are free", is);
}

/* --- what it does to its disk --- */

static void say_disk(struct doctor *d, const struct disk *disk)
{
	const char *kind = disk_kind_name(disk->kind), *of = *disk->name ? ": " : "";

	if (disk_is_frail(disk))
		doctor_say(d, DOCTOR_WARN, "device",
			"capture with --media sd, which commits every 5 s and not four times a "
			"second",
			"the spool lies on %s%s%s, which small writes wear out", kind, of,
			disk->name);
	else
		doctor_say(d, DOCTOR_OK, "device", "", "%s%s%s", kind, of, disk->name);
}

static void check_device(struct doctor *d, const struct disk *disk, const struct wear *w)
{
	char now[WEAR_TEXT], sd[WEAR_TEXT];

	if (!w) {
		say_disk(d, disk);
		return;
	}
	(void)wear_text(wear_per_day(w), now);
	(void)wear_text(wear_per_day_at(w, WEAR_SD_MS), sd);
	bool spare = disk_is_frail(disk) && w->commits > OFTEN;
	doctor_say(d, spare ? DOCTOR_WARN : DOCTOR_OK, "device",
		spare ? "capture with --media sd" : "",
		"%s%s%s: %s written a day at %.3g commits a second, with --media sd %s",
		disk_kind_name(disk->kind), *disk->name ? ": " : "", disk->name, now, w->commits,
		sd);
}

/* --- the spool itself --- */

static void check_locks(struct doctor *d, const struct spool *spool, bool *capture_runs)
{
	char holder[LOCK_HOLDER_MAX], says[SAYS_MAX];

	*capture_runs = spool_capture_runs(spool, holder);
	if (*capture_runs)
		doctor_say(d, DOCTOR_OK, "capture", "", "%s", holder);
	else
		doctor_say(d, DOCTOR_WARN, "capture", "start espcap-capture",
			"nobody captures into %s", spool->dir);
	bool ships = spool_ship_runs(spool, holder);
	if (ships && says_read(spool, says))
		doctor_say(
			d, DOCTOR_WARN, "ship", "see the log of espcap-ship", "it waits: %s", says);
	else if (ships)
		doctor_say(d, DOCTOR_OK, "ship", "", "%s", holder);
	else
		doctor_say(d, DOCTOR_WARN, "ship", "start espcap-ship", "nobody ships from %s",
			spool->dir);
}

static void check_quarantine(struct doctor *d, const struct spool *spool)
{
	char path[PATHS_MAX];
	const struct dirent *entry;
	unsigned long count = 0;

	if (paths_join(path, spool->dir, "quarantine"))
		return;
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);
	if (count)
		doctor_say(d, DOCTOR_WARN, "quarantine",
			"look at the disk's health; remove what is there when it is not needed",
			"%lu damaged segments lie in %s", count, path);
}

static void check_losses(struct doctor *d, const struct status *st)
{
	char number[STATS_TEXT];
	uint64_t lost = 0;

	for (unsigned i = 0; i < LOSS_REASONS; i++)
		lost += status_losses(st, i);
	if (lost)
		doctor_say(d, DOCTOR_WARN, "losses", "`espcap spool status` tells the reasons",
			"%s packets or records were lost since the spool was made",
			stats_count(lost, number));
	else
		doctor_say(d, DOCTOR_OK, "losses", "", "none since the spool was made");
}

/* Three quarters are time enough to look after the uplink. */
static void check_cap(struct doctor *d, const struct status *st)
{
	char held[STATS_TEXT], cap[STATS_TEXT];

	if (!st->limits_known || st->rec.disk_bytes < st->limits.cap / 4 * 3)
		return;
	(void)stats_bytes(st->rec.disk_bytes, held);
	(void)stats_bytes(st->limits.cap, cap);
	doctor_say(d, DOCTOR_WARN, "cap", "see that espcap-ship gets on, or raise --spool-max",
		"the spool holds %s of at most %s (--when-full %s)", held, cap,
		st->limits.when_full);
}

static void check_dead(struct doctor *d, const struct status *st)
{
	char held[STATS_TEXT], cap[STATS_TEXT];
	uint64_t max = st->limits_ship.dead_max;

	if (st->dead_letters && st->dead.disk_bytes >= max / 4 * 3)
		doctor_say(d, DOCTOR_WARN, "dead letters",
			"espcap dead list says why; retry or purge them, or raise --dead-max",
			"they take %s of at most %s (--when-dead-full %s)",
			stats_bytes(st->dead.disk_bytes, held), stats_bytes(max, cap),
			st->limits_ship.dead_drop ? "drop" : "pause");
	max = limits_parked_max(&st->spool);
	if (st->parked_now && st->parked.disk_bytes >= max / 4 * 3)
		doctor_say(d, DOCTOR_WARN, "parked",
			"see why their index takes nothing, or raise --spool-max",
			"parked records take %s of at most %s",
			stats_bytes(st->parked.disk_bytes, held), stats_bytes(max, cap));
}

static bool check_open(struct doctor *d, const struct spool *spool, struct wear *w, bool *known)
{
	struct status *st = calloc(1, sizeof(*st));
	bool capture_runs;

	check_locks(d, spool, &capture_runs);
	check_quarantine(d, spool);
	if (st)
		st->spool = *spool;
	int err = st ? status_read(st) : ERR_NOMEM;
	if (err) {
		doctor_say(d, DOCTOR_FAIL, "records", "`espcap spool check` tells more",
			"cannot be read: %s", err_text(err));
	} else {
		check_losses(d, st);
		check_cap(d, st);
		check_dead(d, st);
	}
	*known = !err && st->wears;
	if (*known)
		*w = st->wear;
	free(st);
	return capture_runs;
}

/* The folder itself, or the nearest one above it that is there. */
static void nearest(char path[PATHS_MAX], const char *dir)
{
	(void)snprintf(path, PATHS_MAX, "%s", dir);
	while (access(path, F_OK) != 0) {
		char *slash = strrchr(path, '/');
		if (!slash || slash == path) {
			(void)snprintf(path, PATHS_MAX, "%s", slash ? "/" : ".");
			return;
		}
		*slash = '\0';
	}
}

bool doctor_spool(struct doctor *d, const char *dir, const char *sys)
{
	char path[PATHS_MAX];
	struct err_detail why = { "" };
	struct spool spool;
	struct stat st;
	struct wear wear;
	bool known = false, runs = false;

	nearest(path, dir);
	int err = spool_open(&spool, dir, false, &why);
	if (err == ERR_SPOOL_MISSING)
		doctor_say(d, DOCTOR_OK, "spool", "",
			"there is none in %s: espcap-capture makes it", dir);
	else if (err)
		doctor_say(d, DOCTOR_FAIL, "spool", "", "%s", why.text);
	else
		runs = check_open(d, &spool, &wear, &known);
	check_system(d, path);
	check_space(d, path);
	if (stat(path, &st) == 0) {
		struct disk disk = disk_of(sys, st.st_dev);
		check_device(d, &disk, known ? &wear : NULL);
	}
	return runs;
}
