/* imap_secret.c -- what is secret in a line of IMAP, whichever way it goes.
 * RFC 9051, 6.2.3: a1 LOGIN user password         each argument a word, a "string", or a literal:
 *                  a1 LOGIN {5+}                  the user in the 5 bytes that follow, then
 *                  alice {9+}                     the size of the password, and it itself
 *                  my secret
 *
 * Without the plus a literal waits for the server and so begins a segment, where another may follow it
 * with a plus, as the answers to AUTHENTICATE do: which lines are such, and whether a password, only the packets before tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imap.h"

enum { LITERALS_MAX = 8 };

static const char *const statuses[] = { "OK", "NO", "BAD", "BYE", "PREAUTH", NULL };

/* Second word of a line that is a command, or third behind UID. */
static struct bytes command_of(struct bytes line, struct bytes *rest)
{
	(void)imap_word(&line);
	struct bytes word = imap_word(&line);
	*rest = line;
	return word;
}

/* The size of a literal that a line announces at its end: {9}, {9+}; -1 for none. */
static int64_t literal_size(struct bytes line)
{
	const uint8_t *open = bytes_left(&line) ? memrchr(line.p, '{', bytes_left(&line)) : NULL;

	if (!open || line.end[-1] != '}')
		return -1;
	struct bytes digits = bytes_of(open + 1, (size_t)(line.end - open) - 2);
	if (bytes_left(&digits) && digits.end[-1] == '+')
		digits.end--;
	return line_number(digits, UINT32_MAX);
}

/* Literals that follow a line in its segment, and the lines around them; what is behind them. `user`: the
 * first is one. */
static const uint8_t *hide_literals(
	struct packet *pkt, struct bytes line, struct bytes rest, bool user)
{
	struct talk_line next;
	int64_t size = literal_size(line);

	for (unsigned i = 0; i < LITERALS_MAX && size >= 0 && bytes_left(&rest); i++) {
		struct bytes all = rest, literal = bytes_upto(&rest, (size_t)size);
		if (i == 0 && user) {
			talk_user(pkt, literal);
			all.p = literal.end;
		}
		size = -1;
		if (talk_line(&rest, &next))
			size = literal_size(next.text);
		talk_hide(pkt, bytes_of(all.p, (size_t)(rest.p - all.p)));
	}
	return rest.p;
}

static bool begins_command(struct bytes b)
{
	struct talk_line line;
	struct bytes rest;

	return talk_line(&b, &line) && imap_is_command(command_of(line.text, &rest));
}

static bool is_answer(struct bytes line)
{
	struct bytes tag = line_word(&line);
	int first = bytes_peek(&tag, 0);

	return first == '*' || first == '+' || talk_is_one_of(line_word(&line), statuses);
}

/* A line that begins a segment and is neither command nor answer: a password, for all that one packet
 * tells, when nothing follows it or a command does, or a user when a literal follows. A word alone is
 * one anywhere where a client asks. */
static void hide_continuation(struct packet *pkt, struct bytes line, struct bytes rest, bool first,
	bool asks, const uint8_t **hidden)
{
	struct bytes behind, second = command_of(line, &behind);
	bool alone = first && (bytes_left(&rest) == 0 || begins_command(rest));

	if (line_is(line, "DONE") || imap_is_command(second) || is_answer(line))
		return;
	if (first && literal_size(line) >= 0)
		*hidden = hide_literals(pkt, line, rest, false);
	if (alone || (asks && bytes_left(&second) == 0))
		talk_hide(pkt, line);
	if (asks && bytes_left(&second) == 0)
		(void)talk_base64_plain(pkt, line);
}

void imap_secret(struct packet *pkt, struct bytes line, struct bytes rest, bool first, bool asks,
	const uint8_t **hidden)
{
	struct bytes arguments, command = command_of(line, &arguments);
	bool login = line_is(command, "LOGIN");

	if (!login && !line_is(command, "AUTHENTICATE")) {
		hide_continuation(pkt, line, rest, first, asks, hidden);
		talk_secret_line(pkt, line);
		return;
	}
	struct bytes word = imap_word(&arguments);
	talk_hide(pkt, arguments);
	if (asks && line_is(word, "PLAIN") && !login)
		(void)talk_base64_plain(pkt, arguments);
	bool user = asks && login && bytes_left(&arguments) == 0;
	if (line.p >= *hidden)
		*hidden = hide_literals(pkt, line, rest, user);
}
