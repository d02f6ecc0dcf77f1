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

#include "crc32c.h"
#include "tail.h"

enum { BALLAST = 1 << 20, FILE_MAX_BYTES = 4096 };
#define CHECK_KEY "check " /* CRC32C of all before it */

static const char *byte_order(void)
{
	const uint16_t probe = 1;

	return *(const uint8_t *)&probe ? "little" : "big";
}

static int write_identity(struct spool *s, struct err_detail *why)
{
	char path[PATHS_MAX], text[256];

	if (getrandom(&s->epoch, sizeof(s->epoch), 0) != (ssize_t)sizeof(s->epoch))
		return err_set(
			why, ERR_SYS, "no random numbers for a new spool: %s", strerror(errno));
	int n = snprintf(text, sizeof(text),
		"espcap spool\nversion %d\nepoch %016llx\nword %zu\norder %s\npage %ld\n",
		SPOOL_VERSION, (unsigned long long)s->epoch, sizeof(void *) * 8, byte_order(),
		sysconf(_SC_PAGESIZE));
	n += snprintf(
		text + n, sizeof(text) - (size_t)n, CHECK_KEY "%08x\n", crc32c(text, (size_t)n));
	if (paths_join(path, s->dir, "SPOOL"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	if (paths_replace(path, text, (size_t)n))
		return err_set(why,
			errno == EACCES || errno == EROFS ? ERR_PERMISSION : ERR_SPOOL_IO,
			"cannot write %s: %s", path, strerror(errno));
	return 0;
}

static int make_folder(const char *dir, const char *name, struct err_detail *why)
{
	char path[PATHS_MAX];

	if (paths_join(path, dir, name))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	if (mkdir(path, 0770) == 0 || errno == EEXIST)
		return 0;
	return err_set(why, errno == EACCES || errno == EROFS ? ERR_PERMISSION : ERR_SPOOL_IO,
		"cannot make %s: %s", path, strerror(errno));
}

/* 1 MiB that is given back when the disk is full, so that state can still be written. */
static void make_ballast(const struct spool *s)
{
	char path[PATHS_MAX];

	if (paths_join(path, s->dir, "ballast"))
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, BALLAST) != 0)
		(void)unlink(path);
	(void)close(fd);
}

static int create(struct spool *s, struct err_detail *why)
{
	if (mkdir(s->dir, 0770) != 0 && errno != EEXIST)
		return err_set(why,
			errno == EACCES || errno == EROFS ? ERR_PERMISSION : ERR_SPOOL_IO,
			"cannot make the spool %s: %s", s->dir, strerror(errno));
	int err = make_folder(s->dir, "rec", why);
	if (!err)
		err = make_folder(s->dir, "quarantine", why);
	if (!err)
		err = write_identity(s, why); /* last: with it the spool is there */
	if (!err && paths_sync_parent(s->dir))
		err = err_set(why, ERR_SPOOL_IO, "cannot sync the folder of %s: %s", s->dir,
			strerror(errno));
	if (!err)
		make_ballast(s);
	return err;
}

/* The word behind a key at the beginning of a line, or NULL. */
static const char *line_value(const char *text, const char *key, char *value, size_t size)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) != 0 || line[n] != ' ')
			continue;
		(void)snprintf(value, size, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
		return value;
	}
	return NULL;
}

static int other_machine(const struct spool *s, const char *what, struct err_detail *why)
{
	return err_set(why, ERR_SPOOL_FORMAT,
		"%s was made on a machine of another %s; drain it there, or bring it over with "
		"espcap spool export",
		s->dir, what);
}

/* A wrong epoch would make every segment a foreign one. The first spools had no check. */
static bool identity_is_whole(const char *text)
{
	const char *check = strstr(text, "\n" CHECK_KEY);
	char want[16];

	if (strncmp(text, "espcap spool\n", 13) != 0)
		return false;
	if (!check++)
		return true;
	(void)snprintf(want, sizeof(want), "%08x\n", crc32c(text, (size_t)(check - text)));
	return strcmp(check + strlen(CHECK_KEY), want) == 0;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

static int parse_identity(struct spool *s, const char *text, struct err_detail *why)
{
	char version[32], epoch[32], word[32], order[32], page[32], mine[32];

	if (line_value(text, "version", version, sizeof(version)) && is_number(version) &&
		strtoul(version, NULL, 10) > SPOOL_VERSION) /* (I8) */
		return err_set(why, ERR_SPOOL_FORMAT,
			"%s has format %s, newer than this espcap (%d); drain it with the version "
			"that wrote it",
			s->dir, version, SPOOL_VERSION);
	if (!identity_is_whole(text) || !line_value(text, "version", version, sizeof(version)) ||
		!is_number(version) || strtoul(version, NULL, 10) == 0 ||
		!line_value(text, "epoch", epoch, sizeof(epoch)) || strlen(epoch) != 16 ||
		strspn(epoch, "0123456789abcdef") != 16 ||
		!line_value(text, "word", word, sizeof(word)) ||
		!line_value(text, "order", order, sizeof(order)) ||
		!line_value(text, "page", page, sizeof(page)))
		return err_set(why, ERR_SPOOL_DAMAGED,
			"%s/SPOOL is damaged; nothing was changed: keep the folder, and start "
			"with another one",
			s->dir);
	(void)snprintf(mine, sizeof(mine), "%zu", sizeof(void *) * 8);
	if (strcmp(word, mine) != 0)
		return other_machine(s, "word size", why);
	if (strcmp(order, byte_order()) != 0)
		return other_machine(s, "byte order", why);
	s->epoch = strtoull(epoch, NULL, 16);
	return 0;
}

static int read_identity(struct spool *s, struct err_detail *why)
{
	char path[PATHS_MAX], text[FILE_MAX_BYTES];

	if (paths_join(path, s->dir, "SPOOL"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return ERR_SPOOL_MISSING;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	int saved = errno;
	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return err_set(why, saved == EACCES ? ERR_PERMISSION : ERR_SPOOL_IO,
			"cannot read %s: %s", path, strerror(saved));
	text[n] = '\0';
	return parse_identity(s, text, why);
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

int spool_open(struct spool *s, const char *dir, bool make, struct err_detail *why)
{
	size_t n = strlen(dir);

	*s = (struct spool){ .epoch = 0 };
	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof(s->dir) - 64)
		return err_set(why, ERR_TOO_BIG, "the path of the spool is empty or too long");
	memcpy(s->dir, dir, n);
	int err = read_identity(s, why);
	if (err != ERR_SPOOL_MISSING)
		return err;
	if (has_segments(s))
		return err_set(why, ERR_SPOOL_DAMAGED,
			"%s holds segments but no SPOOL; nothing was changed: keep the folder, and "
			"start with another one",
			s->dir);
	return make ? create(s, why)
		    : err_set(why, ERR_SPOOL_MISSING, "there is no spool in %s", s->dir);
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

int spool_remove(const struct spool *s, struct err_detail *why)
{
	static const char *const chains[] = { "rec", "dead", "loss", "parked", "quarantine" };
	static const char *const files[] = { "SPOOL", "ack", "first", "pattern", "ballast",
		"capture.lock", "ship.lock", "trim.lock" };
	char gone[PATHS_MAX], path[PATHS_MAX];

	/* under another name first: what a cut leaves behind is then no spool any more */
	int n = snprintf(gone, sizeof(gone), "%s.gone", s->dir);
	if (n < 0 || (size_t)n >= sizeof(gone) || rename(s->dir, gone) != 0)
		return err_set(why, ERR_SPOOL_IO, "cannot remove %s: %s", s->dir, strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!paths_join(path, gone, files[i]))
			(void)unlink(path);
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		remove_chain(gone, chains[i]);
	if (rmdir(gone) != 0)
		return err_set(why, ERR_SPOOL_IO, "cannot remove %s: %s", gone, strerror(errno));
	return 0;
}
