/* date.c -- times that stand in text, as seconds since 1970. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "date.h"

#include <ctype.h>

#include "line.h"

enum { DAY = 86400, HOUR = 3600, MINUTE = 60, DIGITS = 9 };

struct date {
	int64_t year, month, day, hour, minute, second, zone; /* zone: seconds east of UTC */
};

/* Days from 1970 on, of the Gregorian calendar; years begin with March, so leap days are last. */
static int64_t days(const struct date *d)
{
	int64_t year = d->year - (d->month < 3), month = (d->month + 9) % 12;

	return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + d->day -
	       719469;
}

static int64_t days_of_month(const struct date *d)
{
	bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);

	if (d->month == 2)
		return leap ? 29 : 28;
	return d->month == 4 || d->month == 6 || d->month == 9 || d->month == 11 ? 30 : 31;
}

static bool finish(const struct date *d, int64_t *seconds)
{
	if (d->year < 1601 || d->month < 1 || d->month > 12 || d->day < 1 ||
		d->day > days_of_month(d) || d->hour > 23 || d->minute > 59 || d->second > 60)
		return false;
	*seconds = days(d) * DAY + d->hour * HOUR + d->minute * MINUTE + d->second - d->zone;
	return true;
}

/* A number of `least` to `most` digits; -1 for none, which no field of a date allows. */
static int64_t number(struct bytes *b, unsigned least, unsigned most)
{
	int64_t value = 0;
	unsigned n = 0;

	while (n < most && isdigit(bytes_peek(b, 0))) {
		value = value * 10 + bytes_u8(b) - '0';
		n++;
	}
	return n < least ? -1 : value;
}

static bool next_is(struct bytes *b, int c)
{
	if (bytes_peek(b, 0) != c)
		return false;
	bytes_skip(b, 1);
	return true;
}

static void skip_blanks(struct bytes *b)
{
	while (isspace(bytes_peek(b, 0)))
		bytes_skip(b, 1);
}

static int64_t month_of(struct bytes word)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };

	for (unsigned i = 0; i < sizeof(months) / sizeof(months[0]); i++)
		if (line_is(word, months[i]))
			return i + 1;
	return 0;
}

/* hh:mm[:ss]; mail may leave the seconds out. */
static bool clock_time(struct bytes *b, struct date *d)
{
	d->hour = number(b, 1, 2);
	if (d->hour < 0 || !next_is(b, ':'))
		return false;
	d->minute = number(b, 2, 2);
	d->second = next_is(b, ':') ? number(b, 2, 2) : 0;
	return d->minute >= 0 && d->second >= 0;
}

/* +hhmm or +hh:mm. */
static bool zone(struct bytes *b, struct date *d)
{
	bool west = bytes_peek(b, 0) == '-';

	if (!next_is(b, '+') && !next_is(b, '-'))
		return false;
	int64_t hours = number(b, 2, 2);
	(void)next_is(b, ':');
	int64_t minutes = number(b, 2, 2);
	if (hours < 0 || minutes < 0)
		return false;
	d->zone = (hours * HOUR + minutes * MINUTE) * (west ? -1 : 1);
	return true;
}

/* Letters are zones of the past: those of North America, and all others are UTC (RFC 5322, 4.3). */
static bool mail_zone(struct bytes *b, struct date *d)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = { { "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 }, { "MST", -7 },
		{ "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };

	if (zone(b, d))
		return true;
	struct bytes word = line_word(b);
	for (unsigned i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (line_is(word, zones[i].name))
			d->zone = zones[i].hours * (int64_t)HOUR;
	return bytes_left(&word) > 0;
}

bool date_mail(struct bytes text, int64_t *seconds)
{
	struct date d = { 0 };
	struct bytes ahead = text;

	(void)line_until(&ahead, ',');
	if (bytes_left(&ahead))
		text = ahead;
	skip_blanks(&text);
	d.day = number(&text, 1, 2);
	skip_blanks(&text);
	d.month = month_of(bytes_upto(&text, 3));
	skip_blanks(&text);
	d.year = number(&text, 2, 4);
	if (d.year >= 0 && d.year < 100) /* RFC 5322, 4.3 */
		d.year += d.year < 50 ? 2000 : 1900;
	skip_blanks(&text);
	if (d.day < 0 || !clock_time(&text, &d))
		return false;
	skip_blanks(&text);
	return mail_zone(&text, &d) && finish(&d, seconds);
}

static uint32_t fraction(struct bytes *b)
{
	uint32_t value = 0;
	unsigned n = 0;

	for (; isdigit(bytes_peek(b, 0)); n++) {
		uint8_t digit = (uint8_t)(bytes_u8(b) - '0');
		if (n < DIGITS)
			value = value * 10 + digit;
	}
	for (; n < DIGITS; n++)
		value *= 10;
	return value;
}

bool date_iso(struct bytes text, int64_t *seconds, uint32_t *nanoseconds)
{
	struct date d = { 0 };

	d.year = number(&text, 4, 4);
	if (d.year < 0 || !next_is(&text, '-'))
		return false;
	d.month = number(&text, 2, 2);
	if (!next_is(&text, '-'))
		return false;
	d.day = number(&text, 2, 2);
	if (!next_is(&text, 'T') || !clock_time(&text, &d))
		return false;
	*nanoseconds = next_is(&text, '.') ? fraction(&text) : 0;
	(void)zone(&text, &d);
	return finish(&d, seconds);
}
