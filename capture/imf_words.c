/* imf_words.c -- what stands in the values of a letter's header (RFC 5322, 2047). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imf_words.h"

#include <ctype.h>

#include "base64.h"
#include "line.h"

enum { TEXT_MOST = 8192, WORD_MOST = 1024 };

/* --- encoded words --- */

/* Text being built; never more than it began with, but for Latin-1, which may double. */
struct out {
	uint8_t *p;
	size_t n, most;
};

static void add(struct out *out, const uint8_t *p, size_t n)
{
	if (n > out->most - out->n)
		n = out->most - out->n;
	memcpy(out->p + out->n, p, n);
	out->n += n;
}

struct word {
	struct bytes charset, text;
	bool base64, latin;
};

/* An encoded word at the cursor: =?charset?encoding?text?= */
static bool next_word(struct bytes *b, struct word *word)
{
	struct bytes ahead = *b;

	if (!bytes_starts(&ahead, "=?", 2))
		return false;
	bytes_skip(&ahead, 2);
	word->charset = line_until(&ahead, '?');
	struct bytes encoding = line_until(&ahead, '?');
	word->text = line_until(&ahead, '?');
	word->base64 = line_is(encoding, "B");
	word->latin = line_is(word->charset, "iso-8859-1") ||
		      line_is(word->charset, "windows-1252");
	if ((!word->base64 && !line_is(encoding, "Q")) || bytes_peek(&ahead, 0) != '=' ||
		bytes_left(&word->text) > WORD_MOST)
		return false;
	if (!word->latin && !line_is(word->charset, "utf-8") && !line_is(word->charset, "us-ascii"))
		return false;
	bytes_skip(&ahead, 1);
	*b = ahead;
	return true;
}

static int hex(int c)
{
	if (isdigit(c))
		return c - '0';
	return isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1; /* of a letter, the small one */
}

/* RFC 2047, 4.2: =XX for any byte, _ for a blank. */
static size_t decode_q(uint8_t *out, struct bytes text)
{
	size_t n = 0;

	while (bytes_left(&text)) {
		uint8_t c = bytes_u8(&text);
		int high = hex(bytes_peek(&text, 0)), low = hex(bytes_peek(&text, 1));
		if (c == '=' && high >= 0 && low >= 0) {
			c = (uint8_t)(high << 4 | low);
			bytes_skip(&text, 2);
		} else if (c == '_') {
			c = ' ';
		}
		out[n++] = c;
	}
	return n;
}

static void add_word(struct out *out, const struct word *word)
{
	uint8_t text[WORD_MOST];
	size_t n = word->base64 ? base64_decode(text, word->text) : decode_q(text, word->text);

	if (!word->latin) {
		add(out, text, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint8_t pair[2] = { (uint8_t)(0xc0 | text[i] >> 6),
			(uint8_t)(0x80 | (text[i] & 0x3f)) };
		add(out, text[i] < 0x80 ? &text[i] : pair, text[i] < 0x80 ? 1 : 2);
	}
}

static void skip_blanks(struct bytes *b)
{
	while (isspace(bytes_peek(b, 0)))
		bytes_skip(b, 1);
}

/* Blanks between two encoded words are none; others are kept, of a fold but one. */
static void add_blanks(struct out *out, struct bytes *b, bool after_word)
{
	struct bytes blanks = *b, ahead;
	struct word word;

	skip_blanks(b);
	blanks.end = b->p;
	ahead = *b;
	if (after_word && next_word(&ahead, &word))
		return;
	while (bytes_left(&blanks)) {
		uint8_t c = bytes_u8(&blanks);
		if (c != '\r' && c != '\n')
			add(out, &c, 1);
	}
}

struct bytes imf_words(struct packet *pkt, struct bytes value)
{
	struct bytes b = bytes_upto(&value, TEXT_MOST / 2);
	struct out out = { .most = bytes_left(&b) * 2 };
	bool after_word = false;

	out.p = (uint8_t *)pkt_scratch(pkt, out.most);
	while (out.p && bytes_left(&b)) {
		struct word word;
		if (isspace(bytes_peek(&b, 0))) {
			add_blanks(&out, &b, after_word);
			continue;
		}
		after_word = next_word(&b, &word);
		if (after_word)
			add_word(&out, &word);
		else
			add(&out, bytes_take(&b, 1), 1);
	}
	return bytes_of(out.p, out.n);
}

/* --- addresses --- */

/* To the next comma outside of quotes and brackets. */
static struct bytes next_item(struct bytes *list)
{
	const uint8_t *from = list->p;
	bool quoted = false, angle = false;

	for (; bytes_left(list); list->p++) {
		uint8_t c = *list->p;
		quoted ^= c == '"';
		angle = !quoted && (c == '<' || (angle && c != '>'));
		if (c == ',' && !quoted && !angle)
			break;
	}
	struct bytes item = bytes_of(from, (size_t)(list->p - from));
	(void)bytes_upto(list, 1);
	return item;
}

/* What follows the first bracket outside of quotes. */
static struct bytes behind_bracket(struct bytes b)
{
	bool quoted = false;

	for (; bytes_left(&b); b.p++) {
		quoted ^= *b.p == '"';
		if (*b.p == '<' && !quoted)
			break;
	}
	(void)bytes_upto(&b, 1);
	return b;
}

bool imf_address(struct bytes *list, struct bytes *address)
{
	if (bytes_left(list) == 0)
		return false;
	struct bytes item = next_item(list), ahead = behind_bracket(item);
	if (bytes_left(&ahead))
		item = line_until(&ahead, '>');
	skip_blanks(&item);
	while (bytes_left(&item) && isspace(item.end[-1]))
		item.end--;
	*address = item;
	return true;
}
