/* identity.c -- SPOOL: which spool it is, and on what machine it was made. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"
#include "denied.h"
#include "paths.h"
#include "segment_file.h"
#include "spool.h"

enum { FILE_MAX_BYTES = 4096, VOTERS_MAX = 64 };
#define CHECK_KEY "check " /* CRC32C of all before it */

static const char *byte_order(void)
{
	const uint16_t probe = 1;

	return *(const uint8_t *)&probe ? "little" : "big";
}

int identity_write(const char *dir, uint64_t epoch, struct err_detail *why)
{
	char path[PATHS_MAX], text[256];

	int n = snprintf(text, sizeof(text),
		"espcap spool\nversion %d\nepoch %016llx\nword %zu\norder %s\npage %ld\n",
		SPOOL_VERSION, (unsigned long long)epoch, sizeof(void *) * 8, byte_order(),
		sysconf(_SC_PAGESIZE));
	n += snprintf(
		text + n, sizeof(text) - (size_t)n, CHECK_KEY "%08x\n", crc32c(text, (size_t)n));
	if (paths_join(path, dir, "SPOOL"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	if (paths_replace(path, text, (size_t)n))
		return denied_set(why, "write", path);
	return 0;
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

static int other_machine(const char *dir, const char *what, struct err_detail *why)
{
	return err_set(why, ERR_SPOOL_FORMAT,
		"%s was made on a machine of another %s; drain it there, or bring it over with "
		"espcap spool export",
		dir, what);
}

/* A wrong epoch would make every segment a foreign one. */
static bool is_whole(const char *text)
{
	const char *line = strstr(text, "\n" CHECK_KEY);
	char want[16];

	if (strncmp(text, "espcap spool\n", 13) != 0 || !line)
		return false;
	const char *check = line + 1;
	(void)snprintf(want, sizeof(want), "%08x\n", crc32c(text, (size_t)(check - text)));
	return strcmp(check + strlen(CHECK_KEY), want) == 0;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

int identity_parse(const char *dir, const char *text, uint64_t *epoch_out, struct err_detail *why)
{
	char version[32], epoch[32], word[32], order[32], mine[32];

	if (!is_whole(text) || !line_value(text, "version", version, sizeof(version)) ||
		!is_number(version) || strtoul(version, NULL, 10) == 0)
		return err_set(why, ERR_SPOOL_DAMAGED, "%s/SPOOL is damaged", dir);
	if (strtoul(version, NULL, 10) > SPOOL_VERSION) /* (I8) */
		return err_set(why, ERR_SPOOL_FORMAT,
			"%s has format %s, newer than this espcap (%d); drain it with the version "
			"that wrote it",
			dir, version, SPOOL_VERSION);
	if (!line_value(text, "epoch", epoch, sizeof(epoch)) || strlen(epoch) != 16 ||
		strspn(epoch, "0123456789abcdef") != 16 ||
		!line_value(text, "word", word, sizeof(word)) ||
		!line_value(text, "order", order, sizeof(order)))
		return err_set(why, ERR_SPOOL_DAMAGED, "%s/SPOOL is damaged", dir);
	(void)snprintf(mine, sizeof(mine), "%zu", sizeof(void *) * 8);
	if (strcmp(word, mine) != 0)
		return other_machine(dir, "word size", why);
	if (strcmp(order, byte_order()) != 0)
		return other_machine(dir, "byte order", why);
	*epoch_out = strtoull(epoch, NULL, 16);
	return 0;
}

int identity_read(const char *dir, uint64_t *epoch, struct err_detail *why)
{
	char path[PATHS_MAX], text[FILE_MAX_BYTES];

	if (paths_join(path, dir, "SPOOL"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(why, ERR_SPOOL_MISSING, "there is no %s", path);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	int saved = errno;
	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	if (n < 0)
		return denied_set(why, "read", path);
	text[n] = '\0';
	return identity_parse(dir, text, epoch, why);
}

/* --- without SPOOL --- */

struct votes {
	uint64_t epoch[VOTERS_MAX];
	size_t count;
};

/* The newest segments of a chain name their spool. */
static void ask_chain(const char *dir, const char *chain, struct votes *v)
{
	char folder[PATHS_MAX], path[PATHS_MAX];
	uint64_t *seqs;
	size_t count;

	if (paths_join(folder, dir, chain) || paths_list(folder, false, &seqs, &count))
		return;
	while (count-- > 0 && v->count < VOTERS_MAX)
		if (!paths_segment(path, dir, chain, seqs[count]) &&
			!segment_file_epoch(path, &v->epoch[v->count]))
			v->count++;
	free(seqs);
}

static size_t votes_for(const struct votes *v, uint64_t epoch)
{
	size_t n = 0;

	for (size_t i = 0; i < v->count; i++)
		n += v->epoch[i] == epoch;
	return n;
}

int identity_recover(const char *dir, uint64_t *epoch)
{
	static const char *const chains[] = { "rec", "dead", "loss", "parked" };
	struct votes v = { .count = 0 };
	size_t best = 0;

	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		ask_chain(dir, chains[i], &v);
	for (size_t i = 0; i < v.count; i++) {
		size_t n = votes_for(&v, v.epoch[i]);
		if (n <= best)
			continue;
		best = n;
		*epoch = v.epoch[i];
	}
	return best ? 0 : ERR_SPOOL_DAMAGED;
}
