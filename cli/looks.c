/* looks.c -- what the commands that look into a spool share. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "looks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "reader.h"
#include "stats.h"
#include "tail.h"

enum { SHOW_EVERY_MS = 200 };

/* Of whatever version. */
static bool is_export(const char *dir)
{
	char path[PATHS_MAX];

	return !paths_join(path, dir, "EXPORT") && access(path, F_OK) == 0;
}

int looks_open(const char *dir, struct spool *spool)
{
	struct err_detail why = { "" };
	int err = spool_open(spool, dir, false, &why);

	if (err && is_export(dir))
		log_error("%s is an export and no spool; espcap spool import %s NEWDIR makes a "
			  "spool of it",
			dir, dir);
	else if (err)
		log_error("%s", why.text);
	return err;
}

int looks_become_owner(const struct spool *spool)
{
	struct stat st;

	if (geteuid() != 0 || stat(spool->dir, &st) != 0 || st.st_uid == 0)
		return 0;
	if (setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0)
		return 0;
	log_error("cannot act as the owner of %s: %s", spool->dir, strerror(errno));
	return ERR_PERMISSION;
}

void looks_settled(const struct spool *spool, struct ack *ack, struct first *first)
{
	struct slots slots;

	if (ack_open(&slots, spool->dir, spool->epoch, false, NULL))
		slots.fd = -1;
	ack_read(&slots, ack, NULL);
	slots_close(&slots);
	if (!first)
		return;
	if (first_open(&slots, spool->dir, spool->epoch, false, NULL))
		slots.fd = -1;
	first_read(&slots, first);
	slots_close(&slots);
}

struct ack_counts looks_counts(const struct ack_chain *chain)
{
	struct ack_counts counts = chain->counts;

	for (unsigned i = 0; i < chain->nranges; i++)
		ack_count_range(&counts, &chain->ranges[i]);
	return counts;
}

uint64_t looks_letters(const struct ack *ack)
{
	uint64_t made = looks_counts(&ack->chain[ACK_REC]).dead +
			looks_counts(&ack->chain[ACK_PARKED]).dead;
	struct ack_counts dead = looks_counts(&ack->chain[ACK_DEAD]);
	uint64_t gone = dead.indexed + dead.lost; /* see ack.h */

	return made > gone ? made - gone : 0;
}

bool looks_trimmed(const struct spool *spool, const struct reader_gap *gap)
{
	struct ack ack;
	struct first first;

	looks_settled(spool, &ack, &first);
	return gap->last < first.first_seq ||
	       ack_covers(&ack.chain[ACK_REC], gap->first, gap->last);
}

/* --- words --- */

bool looks_time(const char *text, int64_t *ns)
{
	char iso[CLOCK_ISO_LEN + 1] = "0000-00-00T00:00:00.000000000Z";
	size_t n = strlen(text);
	bool day = n == 10, second = n == 20 || (n > 21 && n <= CLOCK_ISO_LEN && text[19] == '.');

	if ((!day && !second) || (second && text[n - 1] != 'Z'))
		return false;
	memcpy(iso, text, second ? n - 1 : n);
	if (second && (text[10] == 't' || text[10] == ' '))
		iso[10] = 'T';
	return clock_parse_iso(iso, ns) == 0;
}

bool looks_number(const char *text, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *n > 0;
}

/* --- progress --- */

void meter_begin(struct meter *m, const char *verb, uint64_t all, bool bytes)
{
	*m = (struct meter){ .verb = verb,
		.bytes = bytes,
		.all = all,
		.shown_ms = clock_ms(clock_monotonic_ns()),
		.terminal = isatty(STDERR_FILENO) != 0 };
}

void meter_show(struct meter *m, uint64_t done)
{
	char a[STATS_TEXT], b[STATS_TEXT], line[3 * STATS_TEXT];
	int64_t now = m->terminal ? clock_ms(clock_monotonic_ns()) : 0;

	if (!m->terminal || now - m->shown_ms < SHOW_EVERY_MS)
		return;
	m->shown_ms = now;
	int n = snprintf(line, sizeof(line), "%.20s %s of %s", m->verb,
		m->bytes ? stats_bytes(done, a) : stats_count(done, a),
		m->bytes ? stats_bytes(m->all, b) : stats_count(m->all, b));
	(void)fprintf(stderr, "\r%s%*s", line, m->width > n ? m->width - n : 0, "");
	m->width = n;
	(void)fflush(stderr);
}

void meter_end(struct meter *m)
{
	if (m->width)
		(void)fprintf(stderr, "\r%*s\r", m->width, "");
	m->width = 0;
}

int looks_last(const struct spool *spool, const char *chain, uint64_t *last)
{
	struct reader *r;
	struct frame_totals totals;
	uint64_t first;
	int err = reader_new(spool, chain, &r);

	*last = 0;
	if (err)
		return err;
	err = reader_extent(r, &first, last, &totals);
	reader_free(r);
	if (err != ERR_END)
		return err;
	/* its segments are gone: the tail tells how far they went */
	struct slots slots;
	struct tail tail;
	tail_open(&slots, spool->dir, chain, spool->epoch, false);
	tail_read(&slots, &tail);
	slots_close(&slots);
	*last = tail.last_seq;
	return 0;
}
