/* limits.c -- what a capture keeps its spool within, for those who look at it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 256 };

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

bool limits_read(const struct spool *spool, struct limits *l)
{
	char path[PATHS_MAX], text[TEXT_MAX];

	*l = (struct limits){ 0 };
	int fd = paths_join(path, spool->dir, "limits") ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	const char *word = strstr(text, "\nwhen-full ");
	if (!number(text, "cap ", &l->cap) || !number(text, "\nfree ", &l->free_floor) || !word) {
		*l = (struct limits){ 0 };
		return false;
	}
	(void)snprintf(l->when_full, sizeof(l->when_full), "%.*s",
		(int)strspn(word + 11, "abcdefghijklmnopqrstuvwxyz-"), word + 11);
	return true;
}
