/* hours.c -- times of the day at which may be sent: HH:MM-HH:MM, local time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "hours.h"

#include <string.h>
#include <time.h>

enum { MINUTE_S = 60, DAY_MINUTES = 1440, LOOK_AHEAD = 2 * DAY_MINUTES + 120 };

/* Two digits, at most `max`; -1: none. */
static int two_digits(const char *p, int max)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	int n = (p[0] - '0') * 10 + p[1] - '0';
	return n <= max ? n : -1;
}

/* HH:MM of five characters; -1: none. */
static int parse_minute(const char *p)
{
	int hour = two_digits(p, 24), minute = hour < 0 || p[2] != ':' ? -1 : two_digits(p + 3, 59);

	if (minute < 0 || hour * 60 + minute > DAY_MINUTES)
		return -1;
	return hour * 60 + minute;
}

static int parse_one(struct hours *h, const char *p, size_t len)
{
	char text[12] = { 0 };

	if (len != 11 || h->count == HOURS_MAX)
		return ERR_INPUT;
	memcpy(text, p, len);
	int from = parse_minute(text), to = text[5] == '-' ? parse_minute(text + 6) : -1;
	if (from < 0 || to < 0 || from == DAY_MINUTES || from == to)
		return ERR_INPUT;
	h->items[h->count].from = from;
	h->items[h->count++].to = to;
	return 0;
}

int hours_parse(struct hours *h, const char *const *texts, size_t count, struct err_detail *why)
{
	*h = (struct hours){ 0 };
	for (size_t i = 0; i < count; i++) {
		const char *p = texts[i];
		for (;;) {
			size_t len = strcspn(p, ",");
			if (parse_one(h, p, len))
				return err_set(why, ERR_USAGE,
					"--window cannot be \"%.60s\"; it is HH:MM-HH:MM with "
					"two digits each and two times that differ, as in "
					"09:00-17:30 or 22:00-06:30, at most %d of them",
					texts[i], HOURS_MAX);
			if (!p[len])
				break;
			p += len + 1;
		}
	}
	return 0;
}

static bool holds(const struct hours *h, size_t i, int minute)
{
	int from = h->items[i].from, to = h->items[i].to;

	return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

bool hours_open(const struct hours *h, int64_t wall_s)
{
	time_t at = (time_t)wall_s;
	struct tm tm;

	if (!h->count || !localtime_r(&at, &tm))
		return true;
	for (size_t i = 0; i < h->count; i++)
		if (holds(h, i, tm.tm_hour * 60 + tm.tm_min))
			return true;
	return false;
}

int64_t hours_next(const struct hours *h, int64_t wall_s)
{
	int64_t at = wall_s;

	for (int i = 0; i < LOOK_AHEAD; i++) {
		if (hours_open(h, at))
			return at;
		at += MINUTE_S - at % MINUTE_S;
	}
	return 0;
}
