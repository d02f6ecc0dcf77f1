/* index_name.c -- the index of a record: a pure function of its kind and its own time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "index_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "crc32c.h"
#include "paths.h"

enum { LINE_MAX_BYTES = INDEX_NAME_MAX + 40 };
static const int64_t DAY_NS = INT64_C(86400) * 1000000000;
static const char lite_index[] = "packets_lite", events_pattern[] = "espcap-events-%Y.%m";

int index_pattern_check(const char *pattern, struct err_detail *why)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.+";
	size_t n = strlen(pattern);

	if (n == 0 || n > INDEX_NAME_MAX - 32 || strchr("-_+.", pattern[0]))
		return err_set(why, ERR_CONFIG,
			"index cannot be \"%s\": a name begins with a letter or digit and has at "
			"most 224 characters",
			pattern);
	for (const char *p = pattern; *p; p++) {
		if (*p == '%' && p[1] && strchr("Ymd", p[1]))
			p++;
		else if (!strchr(allowed, *p))
			return err_set(why, ERR_CONFIG,
				"index cannot be \"%s\": only a-z, 0-9, - _ . + and %%Y %%m %%d "
				"%%s may be in it",
				pattern);
	}
	return 0;
}

/* A run of letters that cannot be is one -, and none stands at either end. */
static void name_of_sensor(const char *sensor, char out[INDEX_NAME_MAX])
{
	size_t n = 0;

	for (; *sensor && n < INDEX_NAME_MAX - 1; sensor++) {
		char c = *sensor >= 'A' && *sensor <= 'Z' ? (char)(*sensor - 'A' + 'a') : *sensor;
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
			    c == '.';
		if (good)
			out[n++] = c;
		else if (n && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	out[n] = '\0';
}

/* False when there is no room. */
static bool put_in(const char *pattern, const char *name, char out[INDEX_NAME_MAX])
{
	size_t n = 0;

	while (*pattern) {
		size_t len = *pattern == '%' && pattern[1] ? 2 : 1;
		bool place = len == 2 && pattern[1] == 's';
		size_t more = place ? strlen(name) : len;
		if (n + more >= INDEX_NAME_MAX)
			return false;
		memcpy(out + n, place ? name : pattern, more);
		n += more;
		pattern += len;
	}
	out[n] = '\0';
	return true;
}

int index_pattern_expand(const char *pattern, const char *sensor, char out[INDEX_NAME_MAX],
	char wide[INDEX_NAME_MAX], struct err_detail *why)
{
	char name[INDEX_NAME_MAX];
	bool named = strstr(pattern, "%s") != NULL;

	name_of_sensor(sensor, name);
	wide[0] = '\0';
	if (strncmp(pattern, "%s", 2) == 0)
		return err_set(why, ERR_CONFIG,
			"index cannot be \"%s\": something of your own has to stand before %%s, "
			"since the index template is for all indices that begin so",
			pattern);
	if (named && !*name)
		return err_set(why, ERR_CONFIG,
			"index cannot be \"%s\": of the sensor's name \"%s\" nothing may be in an "
			"index name; --name gives another",
			pattern, sensor);
	if (!put_in(pattern, name, out) || (named && !put_in(pattern, "*", wide)))
		return err_set(why, ERR_CONFIG,
			"index cannot be \"%s\": with the sensor's name \"%s\" it is too long",
			pattern, name);
	return index_pattern_check(out, why);
}

static int read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	text[0] = '\0';
	if (fd < 0)
		return errno == ENOENT ? 0 : ERR_SPOOL_IO;
	ssize_t n = read(fd, text, size - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? ERR_SPOOL_IO : 0;
}

static const char stream_mark[] = "/stream"; /* behind the pattern, which cannot hold it */

/* Takes the mark away. */
static bool take_stream_mark(char *text)
{
	size_t n = strlen(text), mark = sizeof(stream_mark) - 1;

	if (n < mark || strcmp(text + n - mark, stream_mark) != 0)
		return false;
	text[n - mark] = '\0';
	return true;
}

/* A line "FROM PATTERN CHECK" without its end, the CRC32C of all before it: a cut pattern would be one,
 * too, and lead to another index. */
static bool parse_line(struct index_patterns *p, char *line)
{
	char *end, *check = strrchr(line, ' ');
	unsigned long long from = strtoull(line, &end, 10);

	if (!check || check == end || *end != ' ' || p->count == INDEX_PATTERNS_MAX ||
		strtoul(check + 1, NULL, 16) != crc32c(line, (size_t)(check - line)))
		return false;
	*check = '\0';
	bool stream = take_stream_mark(end + 1);
	if (index_pattern_check(end + 1, NULL))
		return false;
	p->items[p->count].stream = stream;
	p->items[p->count].from = from;
	(void)snprintf(p->items[p->count++].text, INDEX_NAME_MAX, "%s", end + 1);
	return true;
}

static void parse(struct index_patterns *p, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		p->damaged = !parse_line(p, line) || p->damaged;
}

static int save(const struct index_patterns *p, const char *path, struct err_detail *why)
{
	char text[INDEX_PATTERNS_MAX * LINE_MAX_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		char *line = text + n;
		n += (size_t)snprintf(line, sizeof(text) - n, "%llu %s%s",
			(unsigned long long)p->items[i].from, p->items[i].text,
			p->items[i].stream ? stream_mark : "");
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %08x\n",
			crc32c(line, (size_t)(text + n - line)));
	}
	int err = paths_replace(path, text, n);
	return err ? err_set(why, ERR_SPOOL_IO, "cannot write %s: %s", path, strerror(errno)) : 0;
}

int index_patterns_load(struct index_patterns *p, const struct spool *spool, const char *wanted,
	bool stream, uint64_t from, struct err_detail *why)
{
	char path[PATHS_MAX], text[INDEX_PATTERNS_MAX * LINE_MAX_BYTES];

	p->count = 0;
	p->damaged = false;
	if (paths_join(path, spool->dir, "pattern") || read_file(path, text, sizeof(text)))
		return err_set(why, ERR_SPOOL_IO, "cannot read %s/pattern: %s", spool->dir,
			strerror(errno));
	parse(p, text);
	if (p->count && strcmp(p->items[p->count - 1].text, wanted) == 0 &&
		p->items[p->count - 1].stream == stream)
		return p->damaged ? save(p, path, why) : 0;
	if (p->count == INDEX_PATTERNS_MAX)
		return err_set(why, ERR_CONFIG,
			"the index pattern of %s has changed %d times; drain the spool before it "
			"changes again",
			spool->dir, INDEX_PATTERNS_MAX);
	p->items[p->count].from = p->count ? from : 1;
	p->items[p->count].stream = stream;
	(void)snprintf(p->items[p->count++].text, INDEX_NAME_MAX, "%s", wanted);
	return save(p, path, why);
}

void index_pattern_unsynced(const char *pattern, char out[INDEX_NAME_MAX])
{
	const char *first = strchr(pattern, '%'), *last = strrchr(pattern, '%');

	if (first)
		(void)snprintf(out, INDEX_NAME_MAX, "%.*sunsynced%s", (int)(first - pattern),
			pattern, last + 2);
	else
		(void)snprintf(out, INDEX_NAME_MAX, "%s", pattern);
}

static bool has_date(const struct frame_header *h)
{
	return h->kind == FRAME_EVENT || (h->kind != FRAME_LITE && !(h->flags & FRAME_UNSYNCED));
}

size_t index_patterns_at(const struct index_patterns *p, uint64_t seq)
{
	size_t i = p->count;

	while (i > 1 && p->items[i - 1].from > seq)
		i--;
	return i ? i - 1 : 0;
}

bool index_is_stream(const struct index_patterns *p, enum frame_kind kind, uint64_t seq)
{
	bool packets = kind == FRAME_FULL || kind == FRAME_SLIM || kind == FRAME_ECS;

	return packets && p->items[index_patterns_at(p, seq)].stream;
}

static const char *pattern_of(
	const struct index_patterns *p, const struct frame_header *h, uint64_t seq)
{
	if (h->kind == FRAME_LITE)
		return lite_index;
	return h->kind == FRAME_EVENT ? events_pattern : p->items[index_patterns_at(p, seq)].text;
}

static int64_t day_of(int64_t time_ns)
{
	return time_ns / DAY_NS - (time_ns % DAY_NS < 0);
}

void index_name(const struct index_patterns *p, const struct frame_header *h, uint64_t seq,
	int64_t time_ns, char out[INDEX_NAME_MAX])
{
	struct clock_date date = clock_date_of_day(day_of(time_ns));
	const char *in = pattern_of(p, h, seq);
	size_t n = 0;

	if (!has_date(h)) {
		index_pattern_unsynced(in, out);
		return;
	}
	for (; *in && n < INDEX_NAME_MAX - 8; in++) {
		if (*in != '%') {
			out[n++] = *in;
			continue;
		}
		in++;
		int value = *in == 'Y' ? date.year : *in == 'm' ? date.month : date.day;
		n += (size_t)snprintf(
			out + n, INDEX_NAME_MAX - n, *in == 'Y' ? "%04d" : "%02d", value);
	}
	out[n] = '\0';
}

bool index_name_same(const struct index_patterns *p, const struct frame_header *h)
{
	uint64_t first = h->first_seq, last = first + h->count - 1;

	return pattern_of(p, h, first) == pattern_of(p, h, last) &&
	       (!has_date(h) || day_of(h->min_time_ns) == day_of(h->max_time_ns));
}

void index_pattern_wildcard(const char *pattern, char out[INDEX_NAME_MAX])
{
	size_t n = 0;

	for (const char *in = pattern; *in && n < INDEX_NAME_MAX - 1; in++) {
		bool date = *in == '%';
		if (date)
			in++;
		if (!date)
			out[n++] = *in;
		else if (n == 0 || out[n - 1] != '*')
			out[n++] = '*';
	}
	out[n] = '\0';
}
