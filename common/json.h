/* json.h -- an append-only JSON writer into memory of the caller. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_JSON_H
#define ESPCAP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* No allocation, no printf. The output is valid JSON in valid UTF-8 whatever bytes come in.
 *
 * `full` is sticky: once something did not fit, nothing more is written until json_rewind(), so
 * work in a straight line and ask once. The comma is decided from the byte before, so there is no
 * nesting stack and json_rewind() to an earlier json_mark() is a plain truncation (it clears
 * `full`; `overflowed` still counts that it happened). Every key must need no escaping.
 *
 * The memory must go on for JSON_SLACK bytes behind `end`: copies go by whole words. */
enum { JSON_SLACK = 64, JSON_U64_MAX = 20 };

struct json {
	char *start, *p, *end;
	bool full;
	unsigned overflowed;
};

/* size is the whole memory, at least JSON_SLACK + 2. Borrows it. */
void json_init(struct json *j, char *memory, size_t size);

static inline size_t json_len(const struct json *j)
{
	return (size_t)(j->p - j->start);
}

static inline char *json_mark(const struct json *j)
{
	return j->p;
}

static inline void json_rewind(struct json *j, char *mark)
{
	j->p = mark;
	j->full = false;
}

/* True when n more bytes fit; else sets `full`. */
static inline bool json_room(struct json *j, size_t n)
{
	if (!j->full && (size_t)(j->end - j->p) >= n)
		return true;
	if (!j->full)
		j->overflowed++;
	j->full = true;
	return false;
}

/* Members. key NULL: an element of an array, or the top value. json_raw() takes text that is
 * valid JSON already. json_strn() replaces every byte that is not part of a valid UTF-8 sequence
 * by U+FFFD and escapes what JSON wants escaped. */
void json_open(struct json *j, const char *key);
void json_close(struct json *j);
void json_array_open(struct json *j, const char *key);
void json_array_close(struct json *j);
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_str(struct json *j, const char *key, const char *s);
void json_strn(struct json *j, const char *key, const void *s, size_t n);
void json_raw(struct json *j, const char *key, const char *text, size_t n);

/* --- Emitters on a bare pointer, for the packet path. The caller has made room; each returns
 * the end of what it wrote and may scribble up to JSON_SLACK bytes behind it. --- */

extern const char json_pairs[200];        /* "00" to "99" */
extern const char json_hex_pairs[256][2]; /* "00" to "ff" */

char *json_emit_long(char *out, uint64_t value); /* any value; used from 100 on */

static inline char *json_emit_u64(char *out, uint64_t value)
{
	if (value < 10) {
		*out = (char)('0' + value);
		return out + 1;
	}
	if (value < 100) {
		memcpy(out, json_pairs + 2 * value, 2);
		return out + 2;
	}
	return json_emit_long(out, value);
}

static inline char *json_emit_i64(char *out, int64_t value)
{
	if (value >= 0)
		return json_emit_u64(out, (uint64_t)value);
	*out = '-';
	return json_emit_u64(out + 1, 0 - (uint64_t)value);
}

/* Most bytes that n bytes of text can become, quotes not counted. */
static inline size_t json_text_max(size_t n)
{
	return 6 * n;
}

/* Text without its quotes. Room: json_text_max(n), or the exact json_text_len(). */
char *json_emit_text(char *out, const uint8_t *s, size_t n);
char *json_emit_ascii(char *out, const uint8_t *s, size_t n); /* each byte above 0x7f: U+FFFD */
size_t json_text_len(const uint8_t *s, size_t n);

/* The length (1..4) of the valid UTF-8 sequence at s, or 0. No overlong forms, no surrogates,
 * nothing above U+10FFFF (RFC 3629). */
unsigned json_utf8_len(const uint8_t *s, size_t n);

/* Lower-case hexadecimal, two characters a byte. */
char *json_emit_hex(char *out, const uint8_t *s, size_t n);

#endif
