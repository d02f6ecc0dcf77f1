/* spool.c -- the durable queue between capture and ship: its folder and its promise.
 *
 * These always hold. Each is cited where it is kept, and has a test of its number.
 *
 * (I1)  A record is in the spool if and only if the transaction that appended it was committed and
 *       synced.
 * (I2)  Keys are sequence numbers, 8 bytes big-endian, strictly rising and never used again: not
 *       after a restart, a power cut, or when the spool has become empty.
 * (I3)  A record leaves only with its whole segment, after `ack` durably covers it or `first` has
 *       durably passed it.
 * (I4)  The `_id` of a record is run and sequence. It is fixed when the record is framed and never
 *       used for other content; every start of a writer draws a run of its own.
 * (I5)  Reading takes no lock, no transaction and no slot: a reader that sleeps holds up nobody.
 * (I6)  One writer a chain, one shipper. Only the process that made a segment ever writes to it.
 * (I7)  When the spool is full the policy decides, and what is lost becomes a document.
 * (I8)  A newer format is refused, not guessed; every older released one is drained.
 * (I9)  A frame is believed only after both CRCs, its length and its count.
 * (I10) Dead letters and loss documents are durable before `ack` passes what they stand for.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ballast.h"
#include "denied.h"
#include "identity.h"
#include "tail.h"

static int new_identity(struct spool *s, struct err_detail *why)
{
	if (getrandom(&s->epoch, sizeof(s->epoch), 0) != (ssize_t)sizeof(s->epoch))
		return err_set(
			why, ERR_SYS, "no random numbers for a new spool: %s", strerror(errno));
	return identity_write(s->dir, s->epoch, why);
}

static int make_folder(const char *dir, const char *name, struct err_detail *why)
{
	char path[PATHS_MAX];

	if (paths_join(path, dir, name))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	if (mkdir(path, 0770) == 0 || errno == EEXIST)
		return 0;
	return denied_set(why, "make", path);
}

static int create(struct spool *s, struct err_detail *why)
{
	if (mkdir(s->dir, 0770) != 0 && errno != EEXIST)
		return denied_set(why, "make the spool", s->dir);
	int err = make_folder(s->dir, "rec", why);
	if (!err)
		err = make_folder(s->dir, "quarantine", why);
	if (!err)
		err = new_identity(s, why); /* last: with it the spool is there */
	if (!err && paths_sync_parent(s->dir))
		err = err_set(why, ERR_SPOOL_IO, "cannot sync the folder of %s: %s", s->dir,
			strerror(errno));
	if (!err)
		ballast_make(s->dir);
	return err;
}

/* A folder with segments but without SPOOL is a damaged spool and not an empty place. */
static bool has_segments(const struct spool *s)
{
	char path[PATHS_MAX];
	uint64_t *seqs;
	size_t count;

	if (paths_join(path, s->dir, "rec") || paths_list(path, false, &seqs, &count))
		return true;
	free(seqs);
	return count > 0;
}

/* SPOOL is damaged or gone. Who may write, writes it afresh; the others go on without it. */
static int recover(
	struct spool *s, bool make, const struct err_detail *damage, struct err_detail *why)
{
	if (identity_recover(s->dir, &s->epoch))
		return err_set(why, ERR_SPOOL_DAMAGED,
			"%s, and no segment there says which spool it is; nothing was changed: "
			"keep "
			"the folder, and start with another one",
			damage->text);
	s->recovered = true;
	return make ? identity_write(s->dir, s->epoch, why) : 0;
}

int spool_open(struct spool *s, const char *dir, bool make, struct err_detail *why)
{
	struct err_detail damage = { "" };
	size_t n = strlen(dir);

	*s = (struct spool){ .epoch = 0 };
	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof(s->dir) - 64)
		return err_set(why, ERR_TOO_BIG, "the path of the spool is empty or too long");
	memcpy(s->dir, dir, n);
	int err = identity_read(s->dir, &s->epoch, &damage);
	if (err == ERR_SPOOL_MISSING && !has_segments(s))
		return make ? create(s, why)
			    : err_set(why, ERR_SPOOL_MISSING, "there is no spool in %s", s->dir);
	if (err == ERR_SPOOL_MISSING || err == ERR_SPOOL_DAMAGED)
		return recover(s, make, &damage, why);
	return err ? err_set(why, err, "%s", damage.text) : 0;
}

static int take(const struct spool *s, const char *name, const char *program, int wait_ms,
	struct lock *lock, struct err_detail *why)
{
	char path[PATHS_MAX];

	lock->fd = -1;
	if (paths_join(path, s->dir, name))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	return lock_take(path, program, wait_ms, lock, why);
}

int spool_lock_capture(
	const struct spool *s, int wait_ms, struct lock *lock, struct err_detail *why)
{
	return take(s, "capture.lock", "espcap-capture", wait_ms, lock, why);
}

int spool_lock_idle(const struct spool *s, struct lock *lock)
{
	return take(s, "capture.lock", "espcap-ship, for a trim", 0, lock, NULL);
}

int spool_lock_ship(const struct spool *s, int wait_ms, struct lock *lock, struct err_detail *why)
{
	return take(s, "ship.lock", "espcap-ship", wait_ms, lock, why);
}

int spool_lock_trim(const struct spool *s, int wait_ms, struct lock *lock)
{
	return take(s, "trim.lock", "a trim", wait_ms, lock, NULL);
}

static bool runs(const struct spool *s, const char *name, char holder[LOCK_HOLDER_MAX])
{
	char path[PATHS_MAX];

	holder[0] = '\0';
	return !paths_join(path, s->dir, name) && lock_is_held(path, holder);
}

bool spool_capture_runs(const struct spool *s, char holder[LOCK_HOLDER_MAX])
{
	return runs(s, "capture.lock", holder);
}

bool spool_ship_runs(const struct spool *s, char holder[LOCK_HOLDER_MAX])
{
	return runs(s, "ship.lock", holder);
}

bool spool_trim_runs(const struct spool *s, char holder[LOCK_HOLDER_MAX])
{
	return runs(s, "trim.lock", holder);
}

bool spool_is_gone(const struct spool *s, const struct lock *lock)
{
	char capture[PATHS_MAX], ship[PATHS_MAX];

	if (paths_join(capture, s->dir, "capture.lock") || paths_join(ship, s->dir, "ship.lock"))
		return false;
	return !lock_is_there(lock, capture) && !lock_is_there(lock, ship);
}

int spool_quarantine(const struct spool *s, const char *name, char out[PATHS_MAX])
{
	char folder[PATHS_MAX];

	if (paths_join(folder, s->dir, "quarantine") || paths_join(out, folder, name))
		return ERR_TOO_BIG;
	return mkdir(folder, 0770) == 0 || errno == EEXIST ? 0 : ERR_SPOOL_IO;
}

int spool_disk(const struct spool *s, uint64_t *free_bytes, uint64_t *size)
{
	struct statvfs fs;

	if (statvfs(s->dir, &fs) != 0)
		return ERR_SPOOL_IO;
	*free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	*size = (uint64_t)fs.f_blocks * fs.f_frsize;
	return 0;
}

/* --- taking it away --- */

static void remove_segment(const char *chain, const char *name)
{
	static const char *const files[] = { "data.mdb", "damaged" };
	char path[PATHS_MAX], file[PATHS_MAX];

	if (paths_join(path, chain, name))
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!paths_join(file, path, files[i]))
			(void)unlink(file);
	(void)rmdir(path);
}

static void remove_chain(const char *dir, const char *chain)
{
	char path[PATHS_MAX];
	const struct dirent *entry;

	if (paths_join(path, dir, chain))
		return;
	tail_remove(dir, chain);
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			remove_segment(path, entry->d_name);
	if (folder)
		(void)closedir(folder);
	(void)rmdir(path);
}

static int gone_path(char gone[PATHS_MAX], const char *dir)
{
	int n = snprintf(gone, PATHS_MAX, "%s.gone", dir);

	return n > 0 && n < PATHS_MAX ? 0 : ERR_TOO_BIG;
}

int spool_remove_rest(const char *dir)
{
	static const char *const chains[] = { "rec", "dead", "loss", "parked", "quarantine" };
	static const char *const files[] = { "SPOOL", "ack", "first", "pattern", "losses",
		"ballast", "budget", "limits", "limits.new", "limits-ship", "limits-ship.new",
		"out", "carry", "carry.new", "says", "says.new", "request", "capture.lock",
		"ship.lock", "trim.lock" };
	char gone[PATHS_MAX], path[PATHS_MAX];

	if (gone_path(gone, dir))
		return ERR_TOO_BIG;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!paths_join(path, gone, files[i]))
			(void)unlink(path);
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		remove_chain(gone, chains[i]);
	return rmdir(gone) == 0 || errno == ENOENT ? 0 : ERR_SPOOL_IO;
}

int spool_remove(const struct spool *s, struct err_detail *why)
{
	char gone[PATHS_MAX];

	/* under another name first: what a cut leaves behind is then no spool any more */
	if (gone_path(gone, s->dir) || rename(s->dir, gone) != 0)
		return err_set(why, ERR_SPOOL_IO, "cannot remove %s: %s", s->dir, strerror(errno));
	if (paths_sync_parent(gone))
		return err_set(why, ERR_SPOOL_IO, "cannot sync the folder of %s: %s", gone,
			strerror(errno));
	if (spool_remove_rest(s->dir))
		return err_set(why, ERR_SPOOL_IO, "cannot remove %s: %s", gone, strerror(errno));
	return 0;
}
