/* talk_secret.c -- what is secret in lines of text, whichever way they go and whoever's they are.
 *
 * A decoder learns from a port who asks and which protocol it is, and either may be wrong: a mirrored
 * capture, a server on another's port. So the words that come before a password are looked for in
 * answers too. Rather too much is hidden than too little. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "talk_secret.h"

#include <ctype.h>

enum { LINES_MAX = 65536, SHORT_TAG = 2, BASE64_MIN = 8, FIRST_CODE = 100, CODE = 3 };

static const char *const before_secret[] = { "PASS", "ACCT", "ADAT", NULL };
static const char *const before_two[] = { "APOP", "AUTH", "X-EXPS", NULL };
static const char *const behind_tag[] = { "LOGIN", "AUTHENTICATE", NULL };
static const char *const mechanisms[] = { "PLAIN", "LOGIN", "ANONYMOUS", "EXTERNAL", "GSSAPI",
	"NTLM", "TLS", "SSL", "XOAUTH2", "OAUTHBEARER", "KERBEROS_V4", "SKEY", "CRAM-MD5",
	"DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
	"SCRAM-SHA-512", NULL };

/* 250-text or 250 text: nobody's password. IMAP's tags may be numbers too, but smaller ones. */
static bool is_answer(struct bytes line)
{
	int behind = bytes_peek(&line, CODE);

	return talk_code(line) >= FIRST_CODE && (behind < 0 || behind == ' ' || behind == '-');
}

/* A tag of IMAP and what follows LOGIN and a user: the tag is short or has a digit; else
 * a sentence would go on. */
static bool is_login(struct bytes tag, struct bytes rest)
{
	bool digit = bytes_left(&tag) <= SHORT_TAG;

	for (struct bytes b = tag; bytes_left(&b); b.p++) {
		if (!isalnum(*b.p) && *b.p != '.')
			return false;
		digit |= isdigit(*b.p) != 0;
	}
	return digit || bytes_peek(&rest, 0) == '"' || !memchr(rest.p, ' ', bytes_left(&rest));
}

/* Text of base64 alone, of the length that base64 has; a word of letters in one case is a word. */
static bool is_base64(struct bytes text)
{
	bool large = false, little = false, other = false;

	if (bytes_left(&text) < BASE64_MIN || bytes_left(&text) % 4)
		return false;
	for (; bytes_left(&text); text.p++) {
		if (!isalnum(*text.p) && *text.p != '+' && *text.p != '/' && *text.p != '=')
			return false;
		large |= isupper(*text.p) != 0;
		little |= islower(*text.p) != 0;
		other |= !isalpha(*text.p);
	}
	return other || (large && little);
}

void talk_secret_line(struct packet *pkt, struct bytes line)
{
	struct bytes text = line_trim(line), rest = text;

	if (bytes_left(&text) == 0 || is_answer(text))
		return;
	struct bytes first = line_word(&rest);
	if (bytes_left(&rest) == 0) {
		if (is_base64(first))
			talk_hide(pkt, line);
	} else if (talk_is_one_of(first, before_secret)) {
		talk_hide(pkt, rest);
	} else if (talk_is_one_of(first, before_two)) {
		struct bytes all = rest, second = line_word(&rest);
		talk_hide(
			pkt, bytes_left(&rest) || talk_is_one_of(second, mechanisms) ? rest : all);
	} else if (talk_is_one_of(line_word(&rest), behind_tag)) {
		(void)line_word(&rest);
		if (is_login(first, rest))
			talk_hide(pkt, rest);
	}
}

void talk_secret_lines(struct packet *pkt, struct bytes b)
{
	struct talk_line line;

	for (unsigned i = 0; i < LINES_MAX && talk_line(&b, &line); i++)
		talk_secret_line(pkt, line.text);
}

static bool has_version(struct bytes line)
{
	return memmem(line.p, bytes_left(&line), "HTTP/1.", 7) ||
	       memmem(line.p, bytes_left(&line), "SIP/2.0", 7);
}

/* Redis: *3, and the length of the first of three words in the next line. */
static bool is_array(struct bytes line, struct bytes next)
{
	return bytes_peek(&line, 0) == '*' && isdigit(bytes_peek(&line, 1)) &&
	       bytes_peek(&next, 0) == '$';
}

void talk_secret_foreign(struct packet *pkt, struct bytes b)
{
	struct bytes rest = b;
	struct talk_line line;

	if (talk_line(&rest, &line) && line.ended &&
		(has_version(line.text) || is_array(line.text, rest)))
		talk_hide(pkt, b);
}
