/* imap_request.c -- a line of an IMAP client: tag, command, and the arguments of some commands.
 * RFC 9051, 2.2.1: a7 SELECT INBOX. What is no command continues one: a literal, a piece of a letter,
 * an answer to AUTHENTICATE; which, and whether it is a password, only the packets before tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imap.h"

#include <strings.h>

static const char *const folder_commands[] = { "select", "examine", "create", "delete", "rename",
	"subscribe", "unsubscribe", "status", "append", "search", NULL };
static const char *const other_commands[] = { "authenticate", "capability", "check", "close",
	"compress", "copy", "deleteacl", "enable", "expunge", "fetch", "getacl", "getmetadata",
	"getquota", "getquotaroot", "id", "idle", "list", "listrights", "login", "logout", "lsub",
	"move", "myrights", "namespace", "noop", "notify", "setacl", "setmetadata", "setquota",
	"sort", "starttls", "store", "thread", "uid", "unauthenticate", "unselect", "xlist", NULL };

/* Does the word begin the text, whatever the case? tshark takes "s" for SELECT. */
static bool begins(struct bytes word, const char *text)
{
	size_t n = bytes_left(&word);

	return n && n <= strlen(text) && strncasecmp((const char *)word.p, text, n) == 0;
}

static bool begins_one_of(struct bytes word, const char *const *texts)
{
	for (; *texts; texts++)
		if (begins(word, *texts))
			return true;
	return false;
}

/* Neither the size of a literal that follows, nor one word of more between quotes. */
static bool is_whole(struct bytes text)
{
	int first = bytes_peek(&text, 0);

	return first != '{' && (first != '"' || (bytes_left(&text) > 1 && text.end[-1] == '"'));
}

/* A password stands between quotes: tshark takes the first and the last byte away, whatever they
 * are. Without one it reads no further. */
static bool put_login(struct packet *pkt, struct bytes user, struct bytes rest)
{
	talk_hide(pkt, rest); /* where a piece of the command's name is taken for all of it */
	talk_put(pkt, IMAP_REQUEST_USERNAME, user);
	if (is_whole(user))
		talk_user(pkt, user);
	struct bytes password = imap_word(&rest);
	size_t n = bytes_left(&password);
	if (n > 2)
		talk_put(pkt, IMAP_REQUEST_PASSWORD, bytes_of(password.p + 1, n - 2));
	return n > 0;
}

/* Arguments: the first word, and what follows it. */
static bool put_arguments(struct packet *pkt, struct bytes command, struct bytes rest)
{
	struct bytes first = imap_word(&rest);

	if (begins_one_of(command, folder_commands))
		talk_put(pkt, IMAP_REQUEST_FOLDER, first);
	else if (begins(command, "copy"))
		talk_put(pkt, IMAP_REQUEST_FOLDER, imap_word(&rest));
	else if (begins(command, "login"))
		return put_login(pkt, first, rest);
	return true;
}

bool imap_is_command(struct bytes word)
{
	return talk_is_one_of(word, folder_commands) || talk_is_one_of(word, other_commands);
}

/* The command, which UID may precede; b moves behind it. The second word of a letter's line, or of a
 * password, is no action. */
static struct bytes put_command(struct packet *pkt, struct bytes *b, struct bytes word)
{
	struct bytes command = word;

	if (begins(word, "UID"))
		command = imap_word(b);
	if (bytes_left(&command) == 0)
		return command;
	talk_put(pkt, IMAP_REQUEST_COMMAND, command);
	talk_put(pkt, IMAP_COMMAND, word);
	if (imap_is_command(command))
		talk_action(pkt, command);
	return command;
}

bool imap_request(struct packet *pkt, const struct talk_line *line)
{
	struct bytes rest = line->text, tag, word = { .p = NULL };

	tag = imap_word(&rest);
	if (bytes_left(&tag))
		word = imap_word(&rest);
	talk_put(pkt, IMAP_LINE, line->whole);
	talk_put(pkt, IMAP_REQUEST, line->text);
	talk_put(pkt, IMAP_REQUEST_TAG, tag);
	talk_put(pkt, IMAP_TAG, tag);
	if (bytes_left(&word) == 0)
		return true;
	struct bytes command = put_command(pkt, &rest, word);
	return bytes_left(&command) == 0 || put_arguments(pkt, command, rest);
}
