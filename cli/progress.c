/* progress.c -- what the one-shot shows on a terminal, and the numbers behind it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "clock.h"
#include "stats.h"

enum { SHOW_EVERY_MS = 200, LINE_BYTES = 512 };

void progress_init(struct progress *p)
{
	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) != 0,
		.start_ms = clock_ms(clock_monotonic_ns()) };
}

static void number(const cJSON *root, const char *key, uint64_t *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);

	if (cJSON_IsNumber(item) && item->valuedouble >= 0)
		*value = (uint64_t)item->valuedouble;
}

void progress_capture(void *progress, const char *line)
{
	struct progress *p = progress;
	cJSON *root = cJSON_Parse(line);

	number(root, "packets", &p->packets);
	number(root, "documents", &p->documents);
	number(root, "dropped", &p->dropped);
	number(root, "skipped", &p->skipped);
	number(root, "done", &p->done);
	number(root, "size", &p->size);
	cJSON_Delete(root);
}

void progress_ship(void *progress, const char *line)
{
	struct progress *p = progress;
	cJSON *root = cJSON_Parse(line);
	const cJSON *trouble = cJSON_GetObjectItemCaseSensitive(root, "trouble");

	number(root, "indexed", &p->indexed);
	number(root, "already_there", &p->already_there);
	number(root, "dead", &p->dead);
	number(root, "lost", &p->lost);
	number(root, "backlog", &p->backlog);
	if (cJSON_IsString(trouble))
		(void)snprintf(p->trouble, sizeof(p->trouble), "%s", trouble->valuestring);
	p->shipping = true;
	cJSON_Delete(root);
}

static int reading(const struct progress *p, char *out, size_t size, int64_t ms)
{
	char packets[STATS_TEXT], rate[STATS_TEXT], done[STATS_TEXT], all[STATS_TEXT],
		left[STATS_TEXT];
	uint64_t per_second = ms > 0 ? p->packets * 1000 / (uint64_t)ms : 0;

	if (!p->size || p->done > p->size)
		return snprintf(out, size, "%s packets, %s packets/s",
			stats_count(p->packets, packets), stats_count(per_second, rate));
	int64_t rest =
		p->done ? (int64_t)((double)ms * (double)(p->size - p->done) / (double)p->done) : 0;
	return snprintf(out, size, "%3d %%  %s of %s, %s packets/s, %s left",
		(int)(p->done * 100 / p->size), stats_bytes(p->done, done),
		stats_bytes(p->size, all), stats_count(per_second, rate),
		stats_duration(rest, left));
}

void progress_show(struct progress *p, bool capturing)
{
	char line[LINE_BYTES], indexed[STATS_TEXT], backlog[STATS_TEXT];
	int64_t now = clock_ms(clock_monotonic_ns());
	int n = 0;

	if (!p->terminal || now - p->shown_ms < SHOW_EVERY_MS)
		return;
	p->shown_ms = now;
	line[0] = '\0';
	if (capturing)
		n = reading(p, line, sizeof(line), now - p->start_ms);
	if (p->shipping)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%s%s indexed, %s to go%s",
			n ? "; " : "", stats_count(p->indexed + p->already_there, indexed),
			stats_count(p->backlog, backlog), *p->trouble ? " (waiting)" : "");
	int shown = fprintf(stderr, "\r%s%*s", line, p->width > n ? p->width - n : 0, "");
	p->width = shown > 0 ? n : p->width;
	(void)fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (p->terminal && p->width)
		(void)fprintf(stderr, "\r%*s\r", p->width, "");
	p->width = 0;
}

/* A shipper that gave up has not seen what capture committed behind it. */
static uint64_t still_waiting(const struct progress *p)
{
	uint64_t settled = p->indexed + p->already_there + p->dead + p->lost;
	uint64_t left = p->documents > settled ? p->documents - settled : 0;

	return left > p->backlog ? left : p->backlog;
}

void progress_summary(const struct progress *p, bool settled)
{
	char packets[STATS_TEXT], indexed[STATS_TEXT], already[STATS_TEXT], dead[STATS_TEXT],
		lost[STATS_TEXT], time[STATS_TEXT], waiting[STATS_TEXT];
	uint64_t left = settled ? 0 : still_waiting(p);

	(void)printf("%s packets read, %s documents indexed, %s already there, %s dead, %s lost, "
		     "in %s%s%s%s\n",
		stats_count(p->packets, packets), stats_count(p->indexed, indexed),
		stats_count(p->already_there, already), stats_count(p->dead, dead),
		stats_count(p->lost + p->dropped, lost),
		stats_duration(clock_ms(clock_monotonic_ns()) - p->start_ms, time),
		left ? "; " : "", left ? stats_count(left, waiting) : "",
		left ? " still waiting" : "");
}
