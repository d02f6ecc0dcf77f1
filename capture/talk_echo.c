/* talk_echo.c -- what a server repeats of a command that it does not know.
 *
 *   500 'word': command not understood      FTP        502 Command unrecognized: "word"     SMTP
 *   500 word not understood                 FTP        -ERR unknown command `word`, ...     Redis
 *   a BAD Error in IMAP command word: Unknown command
 *
 * A password that came when the server was not waiting for one is such a word. Which words are commands
 * the caller knows; others of more than four letters, or that are not letters alone, are hidden. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "talk_secret.h"

#include <ctype.h>
#include <strings.h>

enum { WORDS_MAX = 64, VERB_MOST = 4 };

static const char *const complaints[] = { "unknown", "unrecognized", "unrecognised",
	"not understood", "not recognized", "not recognised", "not implemented", "not supported",
	"invalid command", "bad command", NULL };
static const char *const plain[] = { "command", "commands", "unknown", "syntax", "error",
	"unrecognized", "unrecognised", "invalid", "authentication", "mechanism", "parameter",
	"argument", "arguments", "option", "server", "sequence", "state", "tag", NULL };

static bool has(struct bytes text, const char *what)
{
	size_t n = strlen(what);

	for (; bytes_left(&text) >= n; text.p++)
		if (strncasecmp((const char *)text.p, what, n) == 0)
			return true;
	return false;
}

/* Of a command, not of a user or an address. */
static bool complains(struct bytes text)
{
	if (!has(text, "command") && !has(text, "understood") && !has(text, "recogni"))
		return false;
	for (const char *const *what = complaints; *what; what++)
		if (has(text, *what))
			return true;
	return false;
}

bool talk_is_verb(struct bytes word)
{
	if (bytes_left(&word) > VERB_MOST)
		return false;
	for (; bytes_left(&word); word.p++)
		if (!isalpha(*word.p))
			return false;
	return true;
}

static void hide_unknown(struct packet *pkt, struct bytes word, bool (*is_command)(struct bytes))
{
	if (!talk_is_verb(word) && !talk_is_one_of(word, plain) && !is_command(word))
		talk_hide(pkt, word);
}

static bool is_quote(int c)
{
	return c == '"' || c == '\'' || c == '`' || c == '<';
}

/* Takes a word in quotes, to the last quote that ends a word; without one, to the end. */
static struct bytes quoted(struct bytes *text)
{
	int quote = bytes_u8(text), closing = quote == '<' ? '>' : quote;
	const uint8_t *p = text->p;

	for (; p < text->end; p++)
		if ((*p == closing || (quote == '`' && *p == '\'')) &&
			(p + 1 == text->end || !isalnum(p[1])))
			break;
	return bytes_upto(text, (size_t)(p - text->p));
}

/* Without the signs behind it. *colon: one of them was a colon. */
static struct bytes bare(struct bytes word, bool *colon)
{
	*colon = false;
	for (; bytes_left(&word) && strchr(".,:;!", word.end[-1]); word.end--)
		*colon |= word.end[-1] == ':';
	return word;
}

static bool begins_complaint(struct bytes text)
{
	return bytes_starts(&text, "not understood", 14) ||
	       bytes_starts(&text, "not recogni", 11) ||
	       bytes_starts(&text, "not implemented", 15) || bytes_starts(&text, "unrecogni", 9);
}

void talk_secret_echo(struct packet *pkt, struct bytes text, bool (*is_command)(struct bytes))
{
	bool after_command = false, after_colon = false, colon = false;

	if (!complains(text))
		return;
	for (unsigned i = 0; i < WORDS_MAX && bytes_left(&text); i++) {
		if (is_quote(*text.p)) {
			hide_unknown(pkt, quoted(&text), is_command);
			(void)line_word(&text);
			continue;
		}
		struct bytes word = bare(line_word(&text), &colon);
		bool last = bytes_left(&text) == 0;
		if ((after_command && (colon || last)) || (after_colon && last) ||
			begins_complaint(text))
			hide_unknown(pkt, word, is_command);
		after_command = line_is(word, "command");
		after_colon = colon;
	}
}

void talk_secret_lone(struct packet *pkt, struct bytes line, bool (*is_command)(struct bytes))
{
	struct bytes rest = line_trim(line), word = line_until(&rest, ' ');

	if (bytes_left(&rest) == 0 && !talk_is_verb(word) && !is_command(word))
		talk_hide(pkt, line);
}
