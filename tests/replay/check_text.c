/* check_text.c -- what can be said of a document without knowing its fields. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdint.h>
#include <string.h>

/* The number of bytes that the first one promises, and the bits that it gives. */
static size_t promised(unsigned char c, uint32_t *bits)
{
	static const struct {
		unsigned char mask, lead;
	} forms[] = { { 0x80, 0x00 }, { 0xe0, 0xc0 }, { 0xf0, 0xe0 }, { 0xf8, 0xf0 } };

	for (size_t i = 0; i < 4; i++)
		if ((c & forms[i].mask) == forms[i].lead) {
			*bits = c & (unsigned char)~forms[i].mask;
			return i + 1;
		}
	return 0;
}

/* RFC 3629, section 3: the shortest form, no surrogates, at most U+10FFFF. */
static bool is_utf8(const char *text, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i = 0;

	while (i < n) {
		uint32_t point;
		size_t len = promised((unsigned char)text[i], &point);
		if (len == 0 || len > n - i)
			return false;
		for (size_t k = 1; k < len; k++) {
			unsigned char c = (unsigned char)text[i + k];
			if (c >> 6 != 2)
				return false;
			point = point << 6 | (c & 0x3f);
		}
		if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
			return false;
		i += len;
	}
	return true;
}

static const char *behind_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

static bool is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* cJSON takes more than JSON does: leading zeros, for one. */
static const char *behind_number(const char *p, const char *end)
{
	if (*p == '-')
		p++;
	bool zero = p < end && *p == '0';
	if (!is_digit(p, end) || (zero && is_digit(p + 1, end)))
		return NULL;
	while (is_digit(p, end))
		p++;
	if (p < end && *p == '.' && !is_digit(++p, end))
		return NULL;
	while (is_digit(p, end))
		p++;
	if (p < end && *p == 'e') { /* of a float that is very large or small */
		p += 1 + (p + 1 < end && (p[1] == '-' || p[1] == '+'));
		if (!is_digit(p, end))
			return NULL;
	}
	while (is_digit(p, end))
		p++;
	return p < end && strchr(",]}", *p) ? p : NULL;
}

static bool has_good_numbers(const char *p, const char *end)
{
	while (p && p < end) {
		if (*p == '"')
			p = behind_string(p, end);
		else if (*p == '-' || *p == '+' || is_digit(p, end))
			p = behind_number(p, end);
		else
			p++;
	}
	return p;
}

const char *check_text(const char *text, size_t n)
{
	if (n > DOCUMENT_MAX)
		return "longer than DOCUMENT_MAX";
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20)
			return "a control character";
	if (!is_utf8(text, n))
		return "no valid UTF-8";
	return has_good_numbers(text, text + n) ? NULL : "no number of JSON";
}
