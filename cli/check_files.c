/* check_files.c -- the small files of a spool: are they whole, and what if not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "check_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ack.h"
#include "crc32c.h"
#include "limits.h"
#include "request.h"
#include "tail.h"

enum { LINE_MAX_BYTES = 512 };

static void found(const char *path, const char *what, bool *bad)
{
	(void)printf("%s: %s\n", path, what);
	*bad = true;
}

/* Whoever ships makes ack before pattern. */
static void check_ack_is_there(const struct spool *spool, bool *bad)
{
	char ack[PATHS_MAX], pattern[PATHS_MAX];
	struct stat st = { .st_size = 0 };

	if (paths_join(ack, spool->dir, "ack") || paths_join(pattern, spool->dir, "pattern") ||
		access(pattern, F_OK) != 0 || (stat(ack, &st) == 0 && st.st_size > 0))
		return;
	found(ack, "gone or empty; what is left is sent again, under the same ids, and stored once",
		bad);
}

/* A slot file that was made and never written to holds zeros. */
static bool is_blank(const char *path)
{
	FILE *file = fopen(path, "re");
	int c = 0;

	while (file && (c = getc(file)) == 0) {
	}
	if (file)
		(void)fclose(file);
	return file && c == EOF;
}

/* One slot of two is enough, and after a power cut all there is. */
static void check_slots(const struct spool *spool, const char *name, const char *consequence,
	int (*open)(struct slots *, const char *, uint64_t, bool, struct err_detail *), bool *bad)
{
	struct slots slots;
	struct err_detail why;
	char path[PATHS_MAX];

	if (paths_join(path, spool->dir, name) || access(path, F_OK) != 0 || is_blank(path))
		return;
	int err = open(&slots, spool->dir, spool->epoch, false, &why);
	if (err || slots_read(&slots) < 0)
		found(path, consequence, bad);
	if (!err)
		slots_close(&slots);
}

/* Lines "FROM PATTERN CHECK", as shipper/index_name.c writes them. */
static bool is_pattern_line(const char *line)
{
	char *end;
	const char *check = strrchr(line, ' ');

	return check && strtoull(line, &end, 10) > 0 && *end == ' ' && check > end &&
	       strtoull(check + 1, &end, 16) == crc32c(line, (size_t)(check - line)) &&
	       *end == '\n';
}

static void check_pattern(const struct spool *spool, bool *bad)
{
	char path[PATHS_MAX], line[LINE_MAX_BYTES];
	bool whole = true;

	if (paths_join(path, spool->dir, "pattern"))
		return;
	FILE *file = fopen(path, "re");
	while (file && whole && fgets(line, sizeof(line), file))
		whole = is_pattern_line(line);
	if (file)
		(void)fclose(file);
	else if (errno != ENOENT)
		whole = false;
	if (!whole)
		found(path,
			"damaged; records that were sent and not acknowledged may go to another "
			"index if --index was changed before",
			bad);
}

static void check_request(const struct spool *spool, bool *bad)
{
	struct request *request = malloc(sizeof(*request));
	char path[PATHS_MAX];

	if (request && !paths_join(path, spool->dir, "request") &&
		request_read(spool, request) == ERR_INPUT)
		found(path, "damaged; nothing is done for it: ask espcap dead again", bad);
	free(request);
}

static void check_limits(const struct spool *spool, bool *bad)
{
	char path[PATHS_MAX];
	struct limits limits;

	if (!paths_join(path, spool->dir, "limits") && access(path, F_OK) == 0 &&
		!limits_read(spool, &limits))
		found(path, "damaged; nothing works by it, and capture writes it at its start",
			bad);
}

void check_state_files(const struct spool *spool, bool *bad)
{
	if (spool->recovered)
		found(spool->dir,
			"SPOOL is damaged or gone; the segments say which spool it is, and "
			"espcap-capture or espcap spool repair writes it afresh",
			bad);
	check_slots(spool, "ack",
		"damaged; what is left is sent again, under the same ids, and stored once; dead "
		"letters that were retried or purged are there again",
		ack_open, bad);
	check_ack_is_there(spool, bad);
	check_slots(spool, "first",
		"damaged; how much was given up cannot be told any more, loss documents tell it",
		first_open, bad);
	check_pattern(spool, bad);
	check_request(spool, bad);
	check_limits(spool, bad);
}

void check_tail_file(const struct spool *spool, const char *chain, bool *bad)
{
	char folder[PATHS_MAX], path[PATHS_MAX];
	struct slots slots;

	if (paths_join(folder, spool->dir, chain) || paths_join(path, folder, "tail") ||
		access(path, F_OK) != 0 || is_blank(path))
		return;
	tail_open(&slots, spool->dir, chain, spool->epoch, false);
	if (slots.fd >= 0 && slots_read(&slots) < 0)
		found(path,
			"damaged; it costs nothing while the newest segment is whole, and is "
			"written afresh with the next commit",
			bad);
	slots_close(&slots);
}
