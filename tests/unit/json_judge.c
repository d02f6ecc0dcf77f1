/* json_judge.c -- is this JSON, and is this UTF-8? From the RFCs, not from common/json.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "json_judge.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

struct text {
	const uint8_t *p, *end;
	unsigned depth;
};

/* The bytes of a code point as RFC 3629, section 3, lays them out. */
static size_t encode(uint32_t c, uint8_t out[4])
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (uint8_t)(marks[n] | c);
	return n;
}

int32_t judge_utf8(const uint8_t *s, size_t n, size_t *len)
{
	uint8_t again[4];

	for (size_t k = 1; k <= 4 && k <= n; k++) {
		uint32_t c = k == 1 ? s[0] : s[0] & (0xffU >> (k + 1));
		for (size_t i = 1; i < k; i++)
			c = c << 6 | (s[i] & 0x3f);
		if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || (k == 1 && c >= 0x80))
			continue;
		if (encode(c, again) == k && memcmp(again, s, k) == 0) {
			*len = k;
			return (int32_t)c;
		}
	}
	return -1;
}

static bool value(struct text *t);

static void blanks(struct text *t)
{
	while (t->p < t->end && strchr(" \t\r\n", *t->p) && *t->p)
		t->p++;
}

static bool eat(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0)
		return false;
	t->p += n;
	return true;
}

static int hex_value(const uint8_t *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *d = p[i] ? strchr(digits, p[i]) : NULL;
		if (!d)
			return -1;
		v = v * 16 + (int)((d - digits) % 16);
	}
	return v;
}

/* One character of a string; -1 when it is none. Surrogates are not in use here. */
static int32_t character(struct text *t)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t len;

	if (t->p >= t->end || *t->p < 0x20)
		return -1;
	if (*t->p != '\\') {
		int32_t c = judge_utf8(t->p, (size_t)(t->end - t->p), &len);
		if (c >= 0)
			t->p += len;
		return c;
	}
	t->p++;
	if (t->end - t->p >= 5 && *t->p == 'u') {
		int32_t c = hex_value(t->p + 1);
		t->p += 5;
		return c >= 0xd800 && c <= 0xdfff ? -1 : c;
	}
	const char *which = t->p < t->end && *t->p ? strchr(from, *t->p) : NULL;
	if (!which)
		return -1;
	t->p++;
	return to[which - from];
}

static bool string(struct text *t, uint8_t *out, size_t *n)
{
	uint8_t bytes[4];

	if (!eat(t, "\""))
		return false;
	while (!eat(t, "\"")) {
		int32_t c = character(t);
		if (c < 0)
			return false;
		size_t len = encode((uint32_t)c, bytes);
		if (out)
			memcpy(out + *n, bytes, len);
		*n += len;
	}
	return true;
}

static size_t digits(struct text *t)
{
	size_t n = 0;

	for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++)
		n++;
	return n;
}

static bool number(struct text *t)
{
	(void)eat(t, "-");
	if (!eat(t, "0") && !digits(t))
		return false;
	if (eat(t, ".") && !digits(t))
		return false;
	if (eat(t, "e") || eat(t, "E")) {
		if (!eat(t, "+"))
			(void)eat(t, "-");
		return digits(t) > 0;
	}
	return true;
}

static bool members(struct text *t, bool named, const char *end)
{
	size_t n = 0;

	blanks(t);
	if (eat(t, end))
		return true;
	for (;;) {
		blanks(t);
		if (named && !string(t, NULL, &n))
			return false;
		blanks(t);
		if ((named && !eat(t, ":")) || !value(t))
			return false;
		if (eat(t, end))
			return true;
		if (!eat(t, ","))
			return false;
	}
}

static bool value(struct text *t)
{
	size_t n = 0;
	bool good;

	blanks(t);
	if (t->p >= t->end || t->depth == DEPTH_MAX)
		return false;
	t->depth++;
	if (*t->p == '"')
		good = string(t, NULL, &n);
	else if (eat(t, "{"))
		good = members(t, true, "}");
	else if (eat(t, "["))
		good = members(t, false, "]");
	else
		good = eat(t, "true") || eat(t, "false") || eat(t, "null") || number(t);
	t->depth--;
	blanks(t);
	return good;
}

bool judge_json(const char *s, size_t n)
{
	struct text t = { (const uint8_t *)s, (const uint8_t *)s + n, 0 };

	return value(&t) && t.p == t.end;
}

size_t judge_string(const char *s, size_t n, uint8_t *out)
{
	struct text t = { (const uint8_t *)s, (const uint8_t *)s + n, 0 };
	size_t len = 0;

	return string(&t, out, &len) && t.p == t.end ? len : SIZE_MAX;
}
