/* dns_text.c -- bytes of a name or a text as people see them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_text.h"

#include "json.h"

enum { PLAIN_FIRST = 0x20, PLAIN_LAST = 0x7e, PIECE = 256, REPLACEMENT_LEN = 3, STRING_MAX = 255 };

static char *put_replacement(char *out)
{
	memcpy(out, "\xef\xbf\xbd", REPLACEMENT_LEN); /* U+FFFD */
	return out + REPLACEMENT_LEN;
}

/* Code points from 0x80 up that nobody can see: controls, format characters (Unicode general
 * category Cf) and those that are no characters within the basic plane. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x80, 0x9f },
	{ 0xad, 0xad },
	{ 0x600, 0x605 },
	{ 0x61c, 0x61c },
	{ 0x6dd, 0x6dd },
	{ 0x70f, 0x70f },
	{ 0x890, 0x891 },
	{ 0x8e2, 0x8e2 },
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200f },
	{ 0x202a, 0x202e },
	{ 0x2060, 0x206f },
	{ 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },
	{ 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd },
	{ 0x13430, 0x13438 },
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe00ff },
};

static bool is_unseen(uint32_t c)
{
	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen) && c >= unseen[i].first; i++)
		if (c <= unseen[i].last)
			return true;
	return false;
}

/* A control character: as in C where C has a letter for it, else three octal digits. */
static char *put_control(char *out, uint8_t c)
{
	*out++ = '\\';
	if (c >= '\a' && c <= '\r') {
		*out++ = "abtnvfr"[c - '\a'];
		return out;
	}
	*out++ = (char)('0' + (c >> 6));
	*out++ = (char)('0' + (c >> 3 & 7));
	*out++ = (char)('0' + (c & 7));
	return out;
}

static char *put_code_point(char *out, uint32_t c)
{
	static const char digits[] = "0123456789ABCDEF";
	bool wide = c > 0xffff;

	*out++ = '\\';
	*out++ = wide ? 'U' : 'u';
	for (int shift = wide ? 28 : 12; shift >= 0; shift -= 4)
		*out++ = digits[c >> shift & 15];
	return out;
}

static uint32_t code_point(const uint8_t *s, unsigned len)
{
	uint32_t c = s[0] & (0xffu >> (len + 1));

	for (unsigned i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

/* How many bytes a damaged sequence takes: the lead byte and what it asks for (up to six bytes in
 * UTF-8 as it once was), as far as that looks like continuation. */
static unsigned damaged_len(const uint8_t *s, size_t n)
{
	unsigned want = 1, len = 1;

	for (uint8_t lead = s[0]; want < 7 && lead & 0x40; lead = (uint8_t)(lead << 1))
		want++;
	want = want < 7 ? want : 1;
	while (len < want && len < n && (s[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* One sequence that begins with a byte from 0x80 up. */
static char *put_sequence(char *out, const uint8_t *s, size_t n, unsigned *used)
{
	unsigned len = json_utf8_len(s, n);

	if (len == 0) {
		*used = damaged_len(s, n);
		return put_replacement(out);
	}
	*used = len;
	uint32_t c = code_point(s, len);
	if (is_unseen(c))
		return put_code_point(out, c);
	memcpy(out, s, len);
	return out + len;
}

static bool is_clean(uint8_t c)
{
	return c >= PLAIN_FIRST && c <= PLAIN_LAST && c != '"' && c != '\\';
}

static char *put_text_of(char *out, const uint8_t *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned used = 1;
		if (s[i] >= PLAIN_FIRST && s[i] <= PLAIN_LAST)
			*out++ = (char)s[i];
		else if (s[i] < 0x80)
			out = put_control(out, s[i]);
		else
			out = put_sequence(out, s + i, n - i, &used);
		i += used;
	}
	return out;
}

char *dns_text_label(char *out, const uint8_t *s, size_t n, bool *clean)
{
	size_t i = 0;

	for (; i < n && is_clean(s[i]); i++)
		*out++ = (char)s[i];
	if (i == n)
		return out;
	*clean = false;
	return put_text_of(out, s + i, n - i);
}

static char *put_ascii(char *out, uint8_t c)
{
	return c < 0x80 ? put_text_of(out, &c, 1) : put_replacement(out);
}

size_t dns_text_ascii(struct packet *pkt, const uint8_t *s, size_t n, const char **text)
{
	char piece[DNS_TEXT_GROWTH * PIECE], *out = piece;
	size_t total = 0, cost = 0;

	n = n < PKT_TEXT_MAX ? n : PKT_TEXT_MAX;
	for (size_t i = 0; i < n && cost < n; i++) {
		cost += s[i] < 0x80 ? 1 : REPLACEMENT_LEN;
		out = put_ascii(out, s[i]);
		bool last = i + 1 == n || cost >= n;
		if (!last && (i + 1) % PIECE)
			continue;
		const char *kept = pkt_copy(pkt, piece, (size_t)(out - piece));
		if (!kept)
			return total;
		if (total == 0)
			*text = kept;
		total += (size_t)(out - piece);
		out = piece;
	}
	return total;
}

void dns_text_put(struct packet *pkt, unsigned field, const uint8_t *s, size_t n)
{
	char text[REPLACEMENT_LEN * STRING_MAX], *out = text;
	bool seven = true;

	n = n < STRING_MAX ? n : STRING_MAX;
	for (size_t i = 0; i < n; i++)
		seven = seven && s[i] < 0x80;
	if (seven) {
		put_str(pkt, field, s, n);
		return;
	}
	for (size_t i = 0; i < n && s[i]; i++) {
		if (s[i] < 0x80)
			*out++ = (char)s[i];
		else
			out = put_replacement(out);
	}
	const char *kept = pkt_copy(pkt, text, (size_t)(out - text));
	if (kept)
		put_str(pkt, field, kept, (size_t)(out - text));
}
