/* out_name.c -- what the files of a rotated --out-file are called. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "out_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* where the letters and digits of "-20260102T030405Z" stand */
static const char time_form[] = "-ddddddddTddddddZ";

static bool ends_with(const char *text, const char *ending)
{
	size_t n = strlen(text), m = strlen(ending);

	return n > m && strcmp(text + n - m, ending) == 0;
}

int out_name_split(struct out_name *n, const char *path, bool gzip)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	size_t folder = slash ? (size_t)(slash - path) : 0;

	if (!*file || folder >= PATHS_MAX || strlen(file) > 200)
		return *file ? ERR_TOO_BIG : ERR_INPUT;
	(void)snprintf(n->folder, sizeof(n->folder), "%.*s", slash && !folder ? 1 : (int)folder,
		slash ? path : ".");
	if (!slash)
		(void)snprintf(n->folder, sizeof(n->folder), ".");
	(void)snprintf(n->stem, sizeof(n->stem), "%s", file);
	bool packed = ends_with(n->stem, ".gz");
	if (packed)
		n->stem[strlen(n->stem) - 3] = '\0';
	char *dot = strrchr(n->stem, '.');
	bool has = dot && dot != n->stem && strlen(dot) < sizeof(n->ending) - 4;
	(void)snprintf(n->ending, sizeof(n->ending), "%.58s%s", has ? dot : "",
		packed || gzip ? ".gz" : "");
	if (has)
		*dot = '\0';
	return 0;
}

int out_name_make(const struct out_name *n, uint64_t number, int64_t wall_ns, char out[PATHS_MAX])
{
	char iso[CLOCK_ISO_LEN + 1];

	clock_iso(wall_ns, iso); /* 2026-01-02T03:04:05. */
	int len = snprintf(out, PATHS_MAX, "%s/%s-%0*llu-%.4s%.2s%.2sT%.2s%.2s%.2sZ%s", n->folder,
		n->stem, OUT_NAME_DIGITS, (unsigned long long)number, iso, iso + 5, iso + 8,
		iso + 11, iso + 14, iso + 17, n->ending);
	return len > 0 && (size_t)len < PATHS_MAX - sizeof(OUT_NAME_PART) ? 0 : ERR_TOO_BIG;
}

/* "-00000007-20260102T030405Z" at the beginning of text; 0 when it is none. */
static uint64_t read_number(const char *text)
{
	char *end;

	if (*text != '-' || !isdigit((unsigned char)text[1]))
		return 0;
	uint64_t number = strtoull(text + 1, &end, 10);
	if (end - text - 1 < OUT_NAME_DIGITS)
		return 0;
	for (size_t i = 0; i < sizeof(time_form) - 1; i++)
		if (time_form[i] == 'd' ? !isdigit((unsigned char)end[i]) : end[i] != time_form[i])
			return 0;
	return number;
}

uint64_t out_name_number(const struct out_name *n, const char *file, bool *part)
{
	size_t stem = strlen(n->stem);

	*part = ends_with(file, OUT_NAME_PART);
	return strncmp(file, n->stem, stem) == 0 ? read_number(file + stem) : 0;
}

bool out_name_is_one(const char *file)
{
	for (const char *p = strchr(file, '-'); p; p = strchr(p + 1, '-'))
		if (read_number(p))
			return true;
	return false;
}
