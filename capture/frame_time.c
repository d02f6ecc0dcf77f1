/* frame_time.c -- packet times of every resolution as nanoseconds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_time.h"

enum { NS = 1000000000, DECIMAL_MAX = 19, BINARY_MAX = 63, FRACTION_BITS = 30 };

struct frame_resolution frame_resolution_of(uint8_t tsresol)
{
	bool binary = tsresol & 0x80;
	uint8_t power = tsresol & 0x7f, max = binary ? BINARY_MAX : DECIMAL_MAX;

	return (struct frame_resolution){ power < max ? power : max, binary, 0 };
}

static uint64_t power_of_ten(unsigned n)
{
	uint64_t value = 1;

	while (n--)
		value *= 10;
	return value;
}

void frame_set_ticks(struct frame *f, uint64_t ticks, const struct frame_resolution *r)
{
	uint64_t seconds, ns;

	if (r->binary) {
		seconds = ticks >> r->power;
		uint64_t part = ticks - (seconds << r->power);
		unsigned bits = r->power < FRACTION_BITS ? r->power : FRACTION_BITS;
		ns = (part >> (r->power - bits)) * NS >> bits;
	} else {
		uint64_t unit = power_of_ten(r->power);
		seconds = ticks / unit;
		ns = ticks % unit;
		ns = r->power <= 9 ? ns * power_of_ten(9u - r->power)
				   : ns / power_of_ten(r->power - 9u);
	}
	int64_t whole = seconds > INT64_MAX ? INT64_MAX : (int64_t)seconds, total;
	if (__builtin_add_overflow(whole, r->offset_s, &total))
		total = INT64_MAX;
	frame_set_time(f, total, (int64_t)ns);
}

void frame_set_time(struct frame *f, int64_t seconds, int64_t nanoseconds)
{
	int64_t ns;
	bool late = __builtin_mul_overflow(seconds, (int64_t)NS, &ns) ||
		    __builtin_add_overflow(ns, nanoseconds, &ns);

	f->time_s = seconds;
	f->time_rest_ns = (uint32_t)(nanoseconds % NS);
	if (__builtin_add_overflow(seconds, nanoseconds / NS, &f->time_s))
		f->time_s = INT64_MAX;
	f->time_clamped = late || ns < 0;
	f->time_ns = late ? INT64_MAX : ns;
	if (f->time_clamped && seconds < 0)
		f->time_ns = 0;
}
