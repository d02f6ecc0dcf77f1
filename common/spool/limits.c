/* limits.c -- what a capture keeps its spool within, for those who look at it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"

enum { TEXT_MAX = 256 };
static const uint64_t CAP_UNKNOWN = UINT64_C(10) << 30, DEAD_LEAST = 16 << 20, DEAD_MOST = 1 << 30;

void limits_write(
	const struct spool *spool, uint64_t cap, uint64_t free_floor, enum writer_policy when_full)
{
	static const char *const words[] = { "block", "drop-oldest", "drop-newest" };
	char path[PATHS_MAX], text[TEXT_MAX];

	int n = snprintf(text, sizeof(text), "cap %llu\nfree %llu\nwhen-full %s\n",
		(unsigned long long)cap, (unsigned long long)free_floor, words[when_full]);
	if (paths_join(path, spool->dir, "limits") || paths_replace(path, text, (size_t)n)) {
		/* people are told what was in force before, or nothing */
	}
}

static bool number(const char *text, const char *key, uint64_t *n)
{
	const char *at = strstr(text, key);
	char *end;

	*n = at ? strtoull(at + strlen(key), &end, 10) : 0;
	return at && end != at + strlen(key) && *end == '\n';
}

static bool read_text(const struct spool *spool, const char *name, char text[TEXT_MAX])
{
	char path[PATHS_MAX];

	int fd = paths_join(path, spool->dir, name) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, TEXT_MAX - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return true;
}

bool limits_read(const struct spool *spool, struct limits *l)
{
	char text[TEXT_MAX];

	*l = (struct limits){ 0 };
	if (!read_text(spool, "limits", text))
		return false;
	const char *word = strstr(text, "\nwhen-full ");
	if (!number(text, "cap ", &l->cap) || !number(text, "\nfree ", &l->free_floor) || !word) {
		*l = (struct limits){ 0 };
		return false;
	}
	(void)snprintf(l->when_full, sizeof(l->when_full), "%.*s",
		(int)strspn(word + 11, "abcdefghijklmnopqrstuvwxyz-"), word + 11);
	return true;
}

void limits_ship_write(const struct spool *spool, const struct limits_ship *l)
{
	char path[PATHS_MAX], text[TEXT_MAX], before[TEXT_MAX];

	int n = snprintf(text, sizeof(text), "dead-max %llu\nwhen-dead-full %s\n",
		(unsigned long long)l->dead_max, l->dead_drop ? "drop" : "pause");
	if (read_text(spool, "limits-ship", before) && strcmp(text, before) == 0)
		return;
	if (paths_join(path, spool->dir, "limits-ship") || paths_replace(path, text, (size_t)n)) {
		/* people are told what was in force before, or the share */
	}
}

void limits_ship_read(const struct spool *spool, struct limits_ship *l)
{
	char text[TEXT_MAX];

	*l = (struct limits_ship){ .dead_max = limits_dead_max(spool) };
	uint64_t max;
	if (!read_text(spool, "limits-ship", text) || !number(text, "dead-max ", &max))
		return;
	l->dead_max = max;
	l->dead_drop = strstr(text, "\nwhen-dead-full drop\n") != NULL;
}

static uint64_t cap_of(const struct spool *spool)
{
	struct limits l;

	return limits_read(spool, &l) && l.cap ? l.cap : CAP_UNKNOWN;
}

uint64_t limits_dead_max(const struct spool *spool)
{
	uint64_t share = cap_of(spool) / 8;

	return share < DEAD_LEAST ? DEAD_LEAST : share > DEAD_MOST ? DEAD_MOST : share;
}

uint64_t limits_parked_max(const struct spool *spool)
{
	return cap_of(spool) / 2;
}

uint64_t limits_taken(const struct spool *spool, uint64_t cap)
{
	static const char *const chains[] = { "dead", "parked", "loss" };
	uint64_t bytes = 0;

	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		bytes += chain_disk_total(spool, chains[i]);
	return bytes < cap / 4 * 3 ? bytes : cap / 4 * 3;
}
