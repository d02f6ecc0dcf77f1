/* json.c -- an append-only JSON writer into memory of the caller. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <assert.h>

const char json_pairs[200] = "00010203040506070809101112131415161718192021222324"
			     "25262728293031323334353637383940414243444546474849"
			     "50515253545556575859606162636465666768697071727374"
			     "75767778798081828384858687888990919293949596979899";

#define SIXTEEN(h)                                                                                 \
	h "0", h "1", h "2", h "3", h "4", h "5", h "6", h "7", h "8", h "9", h "a", h "b", h "c", \
		h "d", h "e", h "f"
const char json_hex_pairs[256][2] = { SIXTEEN("0"), SIXTEEN("1"), SIXTEEN("2"), SIXTEEN("3"),
	SIXTEEN("4"), SIXTEEN("5"), SIXTEEN("6"), SIXTEEN("7"), SIXTEEN("8"), SIXTEEN("9"),
	SIXTEEN("a"), SIXTEEN("b"), SIXTEEN("c"), SIXTEEN("d"), SIXTEEN("e"), SIXTEEN("f") };
#undef SIXTEEN

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

void json_init(struct json *j, char *memory, size_t size)
{
	assert(size > JSON_SLACK);
	*j = (struct json){ .start = memory, .p = memory, .end = memory + size - JSON_SLACK };
}

static inline char *four_digits(char *out, unsigned value)
{
	memcpy(out, json_pairs + (size_t)2 * (value / 100), 2);
	memcpy(out + 2, json_pairs + (size_t)2 * (value % 100), 2);
	return out + 4;
}

/* Below 10,000, without leading zeros. */
static inline char *up_to_four(char *out, unsigned value)
{
	if (value < 10) {
		*out = (char)('0' + value);
		return out + 1;
	}
	if (value >= 100) {
		if (value >= 1000)
			return four_digits(out, value);
		*out++ = (char)('0' + value / 100);
		value %= 100;
	}
	memcpy(out, json_pairs + (size_t)2 * value, 2);
	return out + 2;
}

char *json_emit_long(char *out, uint64_t value)
{
	if (value < 10000)
		return up_to_four(out, (unsigned)value);
	if (value < 100000000) {
		out = up_to_four(out, (unsigned)(value / 10000));
		return four_digits(out, (unsigned)(value % 10000));
	}
	out = json_emit_long(out, value / 100000000);
	unsigned rest = (unsigned)(value % 100000000);
	return four_digits(four_digits(out, rest / 10000), rest % 10000);
}

char *json_emit_hex(char *out, const uint8_t *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		memcpy(out, json_hex_pairs[s[i]], 2);
		out += 2;
	}
	return out;
}

/* How many continuation bytes follow a lead byte, and between which bounds the first one lies
 * (RFC 3629, section 4). */
static unsigned lead(uint8_t c, uint8_t *low, uint8_t *high)
{
	*low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	*high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		return 1;
	if (c >= 0xe0 && c <= 0xef)
		return 2;
	if (c >= 0xf0 && c <= 0xf4)
		return 3;
	return 0;
}

unsigned json_utf8_len(const uint8_t *s, size_t n)
{
	uint8_t low, high;

	if (n == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	unsigned more = lead(s[0], &low, &high);
	if (more == 0 || more >= n || s[1] < low || s[1] > high)
		return 0;
	for (unsigned i = 2; i <= more; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return more + 1;
}

/* The letter behind the backslash of a short escape, 'u' for a long one, 0 for none. */
static char escape_of(uint8_t c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	default:
		return c < 0x20 ? 'u' : 0;
	}
}

/* One character of the input (one sequence or one bad byte) that is not plain ASCII text. */
static char *emit_odd(char *out, const uint8_t *s, size_t n, unsigned *used)
{
	char escape = escape_of(s[0]);

	*used = 1;
	if (escape) {
		*out++ = '\\';
		*out++ = escape;
		if (escape == 'u') {
			memcpy(out, "00", 2);
			out = json_emit_hex(out + 2, s, 1);
		}
		return out;
	}
	unsigned len = json_utf8_len(s, n);
	if (len == 0) {
		memcpy(out, replacement, 3);
		return out + 3;
	}
	*used = len;
	memcpy(out, s, len);
	return out + len;
}

/* Are all eight bytes text that JSON takes as it is (0x20..0x7f without quote and backslash)?
 * The usual "has a zero byte" trick, once per byte value; the high bits flag bytes above 0x7f. */
static bool plain_word(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
	uint64_t odd = (w - ones * 0x20) | (quote - ones) | (slash - ones) | w;

	return (odd & highs) == 0;
}

static inline char *emit_text(char *out, const uint8_t *s, size_t n, bool ascii)
{
	const uint8_t *end = s + n;

	while (s < end) {
		uint64_t w;
		while (end - s >= 8) {
			memcpy(&w, s, 8);
			if (!plain_word(w))
				break;
			memcpy(out, &w, 8);
			out += 8;
			s += 8;
		}
		for (unsigned i = 0; i < 8 && s < end; i++) {
			unsigned used = 1;
			if (s[0] < 0x80 && !escape_of(s[0]))
				*out++ = (char)s[0];
			else
				out = emit_odd(out, s, ascii ? 1 : (size_t)(end - s), &used);
			s += used;
		}
	}
	return out;
}

char *json_emit_text(char *out, const uint8_t *s, size_t n)
{
	return emit_text(out, s, n, false);
}

char *json_emit_ascii(char *out, const uint8_t *s, size_t n)
{
	return emit_text(out, s, n, true);
}

size_t json_text_len(const uint8_t *s, size_t n)
{
	size_t total = 0;
	char scratch[8];

	for (size_t i = 0; i < n;) {
		unsigned used;
		total += (size_t)(emit_odd(scratch, s + i, n - i, &used) - scratch);
		i += used;
	}
	return total;
}

/* Comma, if one is due, and key. Leaves room for `value` bytes behind them. */
static bool begin(struct json *j, const char *key, size_t value)
{
	size_t n = key ? strlen(key) : 0;

	if (!json_room(j, n + 4 + value))
		return false;
	char before = j->p == j->start ? '{' : j->p[-1];
	if (before != '{' && before != '[' && before != '\n')
		*j->p++ = ',';
	if (!key)
		return true;
	*j->p++ = '"';
	memcpy(j->p, key, n);
	j->p += n;
	*j->p++ = '"';
	*j->p++ = ':';
	return true;
}

static void open_with(struct json *j, const char *key, char bracket)
{
	if (begin(j, key, 1))
		*j->p++ = bracket;
}

static void close_with(struct json *j, char bracket)
{
	if (json_room(j, 1))
		*j->p++ = bracket;
}

void json_open(struct json *j, const char *key)
{
	open_with(j, key, '{');
}

void json_close(struct json *j)
{
	close_with(j, '}');
}

void json_array_open(struct json *j, const char *key)
{
	open_with(j, key, '[');
}

void json_array_close(struct json *j)
{
	close_with(j, ']');
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
	if (begin(j, key, JSON_U64_MAX))
		j->p = json_emit_u64(j->p, value);
}

void json_i64(struct json *j, const char *key, int64_t value)
{
	if (begin(j, key, JSON_U64_MAX))
		j->p = json_emit_i64(j->p, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_raw(j, key, value ? "true" : "false", value ? 4 : 5);
}

void json_raw(struct json *j, const char *key, const char *text, size_t n)
{
	if (!begin(j, key, n))
		return;
	memcpy(j->p, text, n);
	j->p += n;
}

void json_strn(struct json *j, const char *key, const void *s, size_t n)
{
	size_t need = json_text_max(n);

	if ((size_t)(j->end - j->p) < need + 64)
		need = json_text_len(s, n);
	if (!begin(j, key, need + 2))
		return;
	*j->p++ = '"';
	j->p = json_emit_text(j->p, s, n);
	*j->p++ = '"';
}

void json_str(struct json *j, const char *key, const char *s)
{
	json_strn(j, key, s, strlen(s));
}
