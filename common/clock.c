/* clock.c -- the two clocks, and dates without the C library's time zones. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "err.h"

enum { NS_PER_S = 1000000000, S_PER_DAY = 86400 };

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t); /* cannot fail for these ids */
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t real_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

static int64_t real_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static const struct clock_source real = { real_wall, real_monotonic };
static const struct clock_source *source = &real;

void clock_replace(const struct clock_source *replacement)
{
	source = replacement ? replacement : &real;
}

int64_t clock_wall_ns(void)
{
	return source->wall_ns();
}

int64_t clock_monotonic_ns(void)
{
	return source->monotonic_ns();
}

int64_t clock_boot_ns(void)
{
	return source == &real ? read_clock(CLOCK_BOOTTIME) : source->monotonic_ns();
}

/* Days are counted from 0000-03-01, so that the leap day is the last of its year, in eras of 400
 * years (146,097 days), after which the Gregorian calendar repeats. */
struct clock_date clock_date_of_day(int64_t day)
{
	int64_t z = day + 719468; /* 1970-01-01 counted from 0000-03-01 */
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct clock_date){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
	};
}

static int64_t day_of_date(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static void digits(char *out, int64_t value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
}

void clock_iso(int64_t wall_ns, char out[CLOCK_ISO_LEN + 1])
{
	int64_t s = wall_ns / NS_PER_S - (wall_ns % NS_PER_S < 0);
	int64_t ns = wall_ns % NS_PER_S + (wall_ns % NS_PER_S < 0 ? NS_PER_S : 0);
	int64_t day = s / S_PER_DAY - (s % S_PER_DAY < 0);
	int64_t in_day = s - day * S_PER_DAY;
	struct clock_date d = clock_date_of_day(day);
	static const char shape[] = "0000-00-00T00:00:00.000000000Z";

	for (size_t i = 0; i <= CLOCK_ISO_LEN; i++)
		out[i] = shape[i];
	digits(out, d.year, 4);
	digits(out + 5, d.month, 2);
	digits(out + 8, d.day, 2);
	digits(out + 11, in_day / 3600, 2);
	digits(out + 14, in_day / 60 % 60, 2);
	digits(out + 17, in_day % 60, 2);
	digits(out + 20, ns, 9);
}

/* Value of the digits at s[0..count), or -1. */
static int64_t number(const char *s, int count)
{
	int64_t value = 0;

	for (int i = 0; i < count; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

static bool punctuation_fits(const char *s)
{
	static const char marks[][2] = { { 4, '-' }, { 7, '-' }, { 10, 'T' }, { 13, ':' },
		{ 16, ':' }, { 19, '.' }, { 29, 'Z' } };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (s[(int)marks[i][0]] != marks[i][1])
			return false;
	return true;
}

int clock_parse_iso(const char *s, int64_t *wall_ns)
{
	for (int i = 0; i < CLOCK_ISO_LEN; i++)
		if (s[i] == '\0')
			return ERR_INPUT;
	int64_t year = number(s, 4), month = number(s + 5, 2), day = number(s + 8, 2);
	int64_t hour = number(s + 11, 2), minute = number(s + 14, 2), second = number(s + 17, 2);
	int64_t ns = number(s + 20, 9);

	if (!punctuation_fits(s) || year < 1677 || year > 2262 || month < 1 || month > 12 ||
		day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
		second < 0 || second > 59 || ns < 0)
		return ERR_INPUT;
	int64_t days = day_of_date(year, month, day);
	if (clock_date_of_day(days).day != day) /* the month is shorter */
		return ERR_INPUT;
	int64_t seconds = days * S_PER_DAY + hour * 3600 + minute * 60 + second, value;
	if (seconds < 0) { /* from the second behind, so that the first one of all fits */
		seconds++;
		ns -= NS_PER_S;
	}
	if (__builtin_mul_overflow(seconds, (int64_t)NS_PER_S, &value) ||
		__builtin_add_overflow(value, ns, &value))
		return ERR_INPUT;
	*wall_ns = value;
	return 0;
}
