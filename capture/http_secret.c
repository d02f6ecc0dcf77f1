/* http_secret.c -- what in an HTTP message is secret, by the names that people give to secrets.
 *
 * Names are compared without case, escapes and signs: user[api-key], userApiKey and USER%5FAPIKEY
 * are all "userapikey" with the words user, api and key. Rather too much is hidden than too
 * little. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_secret.h"

#include <ctype.h>

enum { MARKS_MAX = 40, NAME_MAX_LEN = 63, PAIRS_MAX = 4096 };
_Static_assert((int)MARKS_MAX < (int)PKT_SECRETS_MAX, "room for the marks that rows make");

/* How a word stands in a name: anywhere, as a whole word, at the end of one, or as a whole word but
 * not in the name of a header. */
enum place { ANYWHERE = 1, WHOLE, END, WHOLE_IN_QUERY };

struct word {
	uint8_t place, length;
	char text[14];
};
#define WORD(text, place)                                                                          \
	{                                                                                          \
		place, sizeof(text) - 1, text                                                      \
	}

/* By their first letter. */
static const struct word words[26][9] = {
	['a' - 'a'] = { WORD("auth", END), WORD("apikey", ANYWHERE), WORD("assertion", ANYWHERE),
		WORD("authoriz", ANYWHERE), WORD("authcode", ANYWHERE),
		WORD("accesscode", ANYWHERE) },
	['b' - 'a'] = { WORD("bearer", ANYWHERE) },
	['c' - 'a'] = { WORD("code", WHOLE_IN_QUERY), WORD("cookie", ANYWHERE),
		WORD("credential", ANYWHERE), WORD("csrf", ANYWHERE), WORD("cvv", WHOLE),
		WORD("cvc", WHOLE) },
	['h' - 'a'] = { WORD("hmac", ANYWHERE) },
	['j' - 'a'] = { WORD("jwt", ANYWHERE) },
	['k' - 'a'] = { WORD("key", END) },
	['o' - 'a'] = { WORD("otp", WHOLE) },
	['p' - 'a'] = { WORD("password", ANYWHERE), WORD("passwd", ANYWHERE),
		WORD("passphrase", ANYWHERE), WORD("passcode", ANYWHERE), WORD("pass", END),
		WORD("pwd", END), WORD("pw", WHOLE), WORD("pin", WHOLE) },
	['s' - 'a'] = { WORD("secret", ANYWHERE), WORD("session", ANYWHERE),
		WORD("sessid", ANYWHERE), WORD("signature", ANYWHERE),
		WORD("samlresponse", ANYWHERE), WORD("sid", WHOLE), WORD("sig", WHOLE),
		WORD("sas", WHOLE) },
	['t' - 'a'] = { WORD("token", ANYWHERE), WORD("ticket", ANYWHERE) },
	['x' - 'a'] = { WORD("xsrf", ANYWHERE) },
};

/* A name as it is compared: letters and digits only, and where its words begin and end. */
struct name {
	char c[NAME_MAX_LEN + 1];
	unsigned n;
	uint64_t starts, ends;
};

/* --- names --- */

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte, or the byte that an escape stands for. */
static int next_char(struct bytes *b)
{
	int c = bytes_u8(b);

	if (c != '%' || bytes_left(b) < 2)
		return c;
	int high = hex_digit(bytes_peek(b, 0)), low = hex_digit(bytes_peek(b, 1));
	if (high < 0 || low < 0)
		return c;
	bytes_skip(b, 2);
	return high << 4 | low;
}

static void normalise(struct name *name, struct bytes text)
{
	bool word = false, lower = false;

	if (bytes_left(&text) > NAME_MAX_LEN) /* the telling word stands at the end */
		text.p = text.end - NAME_MAX_LEN;
	name->n = 0;
	name->starts = name->ends = 0;
	while (bytes_left(&text) && name->n < NAME_MAX_LEN) {
		int c = next_char(&text);
		bool alnum = c < 0x80 && isalnum(c), upper = c >= 'A' && c <= 'Z';
		if (word && (!alnum || (upper && lower)))
			name->ends |= UINT64_C(1) << name->n;
		if (alnum && (!word || (upper && lower)))
			name->starts |= UINT64_C(1) << name->n;
		if (alnum)
			name->c[name->n++] = (char)(c | (upper ? 0x20 : 0));
		word = alnum;
		lower = alnum && !upper;
	}
	name->ends |= UINT64_C(1) << name->n;
	name->c[name->n] = '\0';
}

static bool stands_at(const struct name *name, unsigned at, const struct word *word, bool header)
{
	unsigned n = word->length;

	if (name->c[at + 1] != word->text[1] || name->n - at < n ||
		memcmp(name->c + at, word->text, n) != 0)
		return false;
	bool starts = name->starts >> at & 1, ends = name->ends >> (at + n) & 1;
	switch (word->place) {
	case ANYWHERE:
		return true;
	case END:
		return ends;
	case WHOLE_IN_QUERY:
		return starts && ends && !header;
	default:
		return starts && ends;
	}
}

bool http_secret_name(struct bytes text, bool header)
{
	struct name name;

	normalise(&name, text);
	for (unsigned at = 0; at < name.n; at++) {
		unsigned letter = (unsigned)name.c[at] - 'a';
		for (unsigned i = 0; letter < 26 && i < 9 && words[letter][i].place; i++)
			if (stands_at(&name, at, &words[letter][i], header))
				return true;
	}
	return false;
}

/* --- marks --- */

/* Counts one more mark; when they run out, one that goes on to the end of the segment. */
void http_secret_counts(struct http *h, struct bytes text)
{
	if (h->closed || ++h->marks < MARKS_MAX)
		return;
	h->closed = true;
	pkt_secret(h->pkt, text.p, (size_t)(h->end - text.p));
}

void http_secret_mark(struct http *h, struct bytes text)
{
	if (h->closed || bytes_left(&text) == 0)
		return;
	pkt_secret(h->pkt, text.p, bytes_left(&text));
	http_secret_counts(h, text);
}

/* --- pairs --- */

static bool in_name(int c)
{
	return c > ' ' && c < 0x7f && !strchr("&;#?=/\"'<>(){},@\\", c);
}

/* The name that ends where `end` points, not beginning before `from`. */
static struct bytes name_before(const uint8_t *from, const uint8_t *end)
{
	const uint8_t *p = end;

	while (p > from && end - p < NAME_MAX_LEN && in_name(p[-1]))
		p--;
	return bytes_of(p, (size_t)(end - p));
}

static bool is_escape(const uint8_t *p, const uint8_t *end, const char *escape)
{
	return end - p >= 3 && strncasecmp((const char *)p, escape, 3) == 0;
}

/* A value: to its closing quote, or to what ends a parameter; `escaped`: also an escaped & or #. */
static struct bytes value_of(const uint8_t *p, const uint8_t *end, bool escaped)
{
	int quote = p < end && (*p == '"' || *p == '\'') ? *p++ : 0;
	const uint8_t *start = p;

	for (; p < end; p++) {
		if (quote ? *p == quote : *p <= ' ' || strchr("&#\"'<>", *p))
			break;
		if (escaped && (is_escape(p, end, "%26") || is_escape(p, end, "%23")))
			break;
	}
	return bytes_of(start, (size_t)(p - start));
}

/* Where the next = or %3D stands, or NULL; *n: its length. *equals: the next =, kept so that no
 * byte is looked at twice. */
static const uint8_t *next_equals(
	const uint8_t *p, const uint8_t *end, const uint8_t **equals, size_t *n)
{
	if (!*equals || *equals < p)
		*equals = memchr(p, '=', (size_t)(end - p));
	if (!*equals)
		*equals = end;
	*n = 1;
	for (const uint8_t *at = p; (at = memchr(at, '%', (size_t)(*equals - at))); at++) {
		if (!is_escape(at, end, "%3d"))
			continue;
		*n = 3;
		return at;
	}
	return *equals < end ? *equals : NULL;
}

static void mark_pairs(struct http *h, struct bytes text)
{
	const uint8_t *p = text.p, *equals = NULL, *at;
	size_t n;

	for (unsigned i = 0; i < PAIRS_MAX && p < text.end; i++) {
		at = next_equals(p, text.end, &equals, &n);
		if (!at)
			return;
		struct bytes name = name_before(p, at);
		p = at + n;
		if (!http_secret_name(name, false))
			continue;
		struct bytes value = value_of(p, text.end, n > 1);
		http_secret_mark(h, value);
		p = value.end;
	}
	if (p < text.end) /* more pairs than anyone sends */
		http_secret_mark(h, bytes_of(p, (size_t)(text.end - p)));
}

/* Moves behind the next :// or the next sip: or sips: that no slash follows. */
static bool next_authority(struct bytes *text)
{
	const uint8_t *at = text->p;

	for (; (at = memchr(at, ':', (size_t)(text->end - at))); at++) {
		bool slashes = text->end - at >= 3 && at[1] == '/' && at[2] == '/';
		size_t before = (size_t)(at - text->p);
		if (!slashes &&
			!(before >= 3 && strncasecmp((const char *)at - 3, "sip", 3) == 0) &&
			!(before >= 4 && strncasecmp((const char *)at - 4, "sips", 4) == 0))
			continue;
		bytes_skip(text, before + (slashes ? 3 : 1));
		return true;
	}
	return false;
}

/* The password in scheme://user:password@host and sip:user:password@host. */
static void mark_userinfo(struct http *h, struct bytes text)
{
	for (unsigned i = 0; i < PAIRS_MAX && next_authority(&text); i++) {
		const uint8_t *end = text.p;
		while (end<text.end && * end> ' ' && !strchr("/?#\"<>", *end))
			end++;
		struct bytes authority = bytes_sub(&text, (size_t)(end - text.p));
		const uint8_t *host = http_find_last(authority, '@');
		const uint8_t *colon = http_find(authority, ':');
		if (host && colon && colon < host)
			http_secret_mark(h, bytes_of(colon + 1, (size_t)(host - colon - 1)));
	}
}

void http_secret_line(struct http *h, struct bytes line)
{
	if (bytes_left(&line) == 0)
		return;
	mark_pairs(h, line);
	if (http_find(line, '@'))
		mark_userinfo(h, line);
}

/* --- JSON --- */

/* The name in front of a colon, between quotes that may be escaped; empty when there is none. */
static struct bytes member_before(const uint8_t *from, const uint8_t *colon)
{
	const uint8_t *end = colon;

	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end == from || *--end != '"')
		return bytes_of(end, 0);
	const uint8_t *p = end;
	while (p > from && end - p < NAME_MAX_LEN && p[-1] != '"')
		p--;
	return bytes_of(p, (size_t)(end - p));
}

/* The value behind a colon: to its closing quote, else to what ends a member. */
static struct bytes member_value(struct bytes b)
{
	http_skip_blanks(&b);
	bool nested = bytes_peek(&b, 0) == '\\';
	bytes_skip(&b, nested);
	bool quoted = bytes_peek(&b, 0) == '"';
	bytes_skip(&b, quoted);
	const uint8_t *p = b.p;

	for (; p < b.end; p++) {
		if (quoted ? *p == '"' : strchr(",}]", *p) && *p)
			break;
		if (*p == '\\' && !nested && p + 1 < b.end)
			p++;
	}
	return bytes_of(b.p, (size_t)(p - b.p));
}

static void mark_members(struct http *h, struct bytes text)
{
	const uint8_t *from = text.p;

	for (unsigned i = 0; i < PAIRS_MAX && bytes_left(&text); i++) {
		struct bytes before = http_until(&text, ':');
		struct bytes name = member_before(from, before.end);
		if (!bytes_left(&name) || !http_secret_name(name, false))
			continue;
		struct bytes value = member_value(text);
		http_secret_mark(h, value);
		text.p = from = value.end;
	}
	http_secret_mark(h, text); /* more members than anyone sends */
}

void http_secret_body(struct http *h, struct bytes body)
{
	http_secret_line(h, body);
	if (http_find(body, '"'))
		mark_members(h, body);
}
