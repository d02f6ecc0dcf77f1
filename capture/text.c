/* text.c -- addresses and times as text, without printf. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "json.h"

enum { GROUPS = 8, PREFIX = 20 };

/* "0." to "255.": an address is four copies. */
#define ONE(n) #n "."
#define TEN(t)                                                                                     \
	ONE(t##0), ONE(t##1), ONE(t##2), ONE(t##3), ONE(t##4), ONE(t##5), ONE(t##6), ONE(t##7),    \
		ONE(t##8), ONE(t##9)
static const char octets[256][4] = { TEN(), TEN(1), TEN(2), TEN(3), TEN(4), TEN(5), TEN(6), TEN(7),
	TEN(8), TEN(9), TEN(10), TEN(11), TEN(12), TEN(13), TEN(14), TEN(15), TEN(16), TEN(17),
	TEN(18), TEN(19), TEN(20), TEN(21), TEN(22), TEN(23), TEN(24), ONE(250), ONE(251), ONE(252),
	ONE(253), ONE(254), ONE(255) };
#undef TEN
#undef ONE

static inline char *octet(char *out, uint8_t v)
{
	memcpy(out, octets[v], 4);
	return out + 2 + (v > 9) + (v > 99);
}

char *text_ipv4(char *out, const uint8_t p[4])
{
	out = octet(out, p[0]);
	out = octet(out, p[1]);
	out = octet(out, p[2]);
	return octet(out, p[3]) - 1;
}

static char *group(char *out, unsigned v)
{
	static const char digits[] = "0123456789abcdef";

	if (v > 0xfff)
		*out++ = digits[v >> 12];
	if (v > 0xff)
		*out++ = digits[v >> 8 & 15];
	if (v > 0xf)
		*out++ = digits[v >> 4 & 15];
	*out++ = digits[v & 15];
	return out;
}

/* The first longest run of at least two zero groups; length 0 when there is none. */
static unsigned longest_zeros(const unsigned *groups, unsigned *at)
{
	unsigned best = 1;

	*at = GROUPS;
	for (unsigned i = 0; i < GROUPS; i++) {
		unsigned n = 0;
		while (i + n < GROUPS && groups[i + n] == 0)
			n++;
		if (n > best) {
			best = n;
			*at = i;
		}
		i += n;
	}
	return best > 1 ? best : 0;
}

char *text_ipv6(char *out, const uint8_t p[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	unsigned groups[GROUPS], at;

	if (memcmp(p, mapped, sizeof(mapped)) == 0) {
		memcpy(out, "::ffff:", 7);
		return text_ipv4(out + 7, p + 12);
	}
	for (unsigned i = 0; i < GROUPS; i++)
		groups[i] = (unsigned)p[2 * i] << 8 | p[2 * i + 1];
	unsigned zeros = longest_zeros(groups, &at);
	if (at == 0 && zeros == 6) { /* an IPv4-compatible address (RFC 4291) */
		memcpy(out, "::", 2);
		return text_ipv4(out + 2, p + 12);
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		if (i == at) {
			*out++ = ':';
			if (i == 0)
				*out++ = ':';
			i += zeros - 1;
			continue;
		}
		out = group(out, groups[i]);
		if (i < GROUPS - 1)
			*out++ = ':';
	}
	return out;
}

/* Two letters of lower or upper case at a time. */
static inline char *mac(char *out, const uint8_t p[6], bool upper, char separator)
{
	for (unsigned i = 0; i < 6; i++) {
		uint16_t pair;
		memcpy(&pair, json_hex_pairs[p[i]], 2);
		if (upper) /* bit 6 tells letters from digits */
			pair = (uint16_t)(pair - ((pair & 0x4040) >> 1));
		memcpy(out, &pair, 2);
		out[2] = separator;
		out += 3;
	}
	return out - 1;
}

char *text_mac(char *out, const uint8_t p[6])
{
	return mac(out, p, false, ':');
}

char *text_mac_upper(char *out, const uint8_t p[6])
{
	return mac(out, p, true, '-');
}

void text_time_init(struct text_time *t)
{
	t->second = INT64_MIN;
}

char *text_time(struct text_time *t, char *out, int64_t ns)
{
	int64_t second = ns / 1000000000 - (ns % 1000000000 < 0);
	uint32_t rest = (uint32_t)(ns - second * 1000000000);

	if (second != t->second) {
		char iso[CLOCK_ISO_LEN + 1];
		clock_iso(ns, iso);
		memcpy(t->prefix, iso, PREFIX);
		t->second = second;
	}
	memcpy(out, t->prefix, PREFIX);
	out += PREFIX;
	out[0] = (char)('0' + rest / 100000000);
	rest %= 100000000;
	memcpy(out + 1, json_pairs + (size_t)2 * (rest / 1000000), 2);
	memcpy(out + 3, json_pairs + (size_t)2 * (rest / 10000 % 100), 2);
	memcpy(out + 5, json_pairs + (size_t)2 * (rest / 100 % 100), 2);
	memcpy(out + 7, json_pairs + (size_t)2 * (rest % 100), 2);
	out[9] = 'Z';
	return out + 10;
}
