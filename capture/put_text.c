/* put_text.c -- values whose text is made of their bytes, in scratch. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HEX64 = 18, DEC64 = 20, GUID = 36 };

static const char digits[] = "0123456789abcdef";

void put_hex64(struct packet *pkt, unsigned field, uint64_t value)
{
	char *text = pkt_scratch(pkt, HEX64);

	if (!text)
		return;
	text[0] = '0';
	text[1] = 'x';
	for (unsigned i = HEX64 - 1; i > 1; i--, value >>= 4)
		text[i] = digits[value & 15];
	put_clean(pkt, field, text, HEX64);
}

/* Returns how many of the DEC64 bytes, at their end, are the number. */
static unsigned decimal(char out[DEC64], uint64_t value)
{
	unsigned at = DEC64;

	do {
		out[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return DEC64 - at;
}

void put_dec64(struct packet *pkt, unsigned field, uint64_t value)
{
	char number[DEC64];
	unsigned n = decimal(number, value);
	char *text = pkt_copy(pkt, number + DEC64 - n, n);

	if (text)
		put_clean(pkt, field, text, n);
}

void put_guid(struct packet *pkt, unsigned field, const uint8_t *p, bool little)
{
	static const uint8_t orders[2][16] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
		{ 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 },
	};
	char *text = p ? pkt_scratch(pkt, GUID) : NULL, *out = text;

	if (!text)
		return;
	for (unsigned i = 0; i < 16; i++) {
		uint8_t byte = p[orders[little][i]];
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	put_clean(pkt, field, text, GUID);
}

/* False when no whole arc is left. One of over 64 bits is UINT64_MAX. */
static bool next_arc(struct bytes *b, uint64_t *arc)
{
	for (*arc = 0; bytes_left(b);) {
		uint8_t byte = bytes_u8(b);
		*arc = *arc >> 57 ? UINT64_MAX : *arc << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool append(struct packet *pkt, size_t *len, bool dot, uint64_t number)
{
	char text[1 + DEC64];
	unsigned n = decimal(text + 1, number);
	char *from = text + 1 + DEC64 - n;

	if (dot)
		*--from = '.';
	*len += n + dot;
	return pkt_copy(pkt, from, n + dot) != NULL;
}

/* X.690, 8.19: the first two arcs are one number, 40 times the first and the second. */
void put_oid(struct packet *pkt, unsigned field, struct bytes b)
{
	char *text = pkt_scratch(pkt, 0);
	size_t len = 0;
	uint64_t arc;
	bool ok = text;

	for (bool first = true; ok && next_arc(&b, &arc); first = false) {
		unsigned root = arc < 80 ? (unsigned)(arc / 40) : 2;
		if (first) {
			ok = append(pkt, &len, false, root);
			arc -= root * 40u;
		}
		ok = ok && arc <= UINT32_MAX && append(pkt, &len, true, arc);
	}
	if (ok && len == 0)
		put_text(pkt, field, "0");
	else if (ok)
		put_str(pkt, field, text, len);
}

static unsigned emit_utf8(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t marks[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (unsigned i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(marks[n] | c);
	return n;
}

/* One character; a half of a pair alone is U+FFFD. */
static uint32_t next_utf16(struct bytes *b)
{
	uint32_t unit = bytes_le16(b);
	struct bytes ahead = *b;

	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	uint32_t low = bytes_le16(&ahead);
	if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*b = ahead;
	return 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
}

void put_utf16(struct packet *pkt, unsigned field, struct bytes b)
{
	char *text = pkt_scratch(pkt, 0);
	size_t len = 0;

	while (text && bytes_left(&b) >= 2 && len <= PKT_TEXT_MAX) {
		char utf8[4];
		uint32_t c = next_utf16(&b);
		if (c == 0)
			break;
		unsigned n = emit_utf8(utf8, c);
		if (!pkt_copy(pkt, utf8, n))
			break;
		len += n;
	}
	put_str(pkt, field, text, len);
}
