/* proto_imap.c -- Internet Message Access Protocol.
 * RFC 9051:  a7 SELECT INBOX        tag and command of a client
 *            * 3 EXISTS             what a server tells unasked
 *            a7 OK text             tag and status of an answer
 *            + text                 the server wants more
 *            * 1 FETCH (BODY[] {123}    with 123 bytes of a letter behind the line, then the rest
 *
 * A line without an end is left to the next segment, and where a letter does not end here, nothing
 * behind its FETCH is read; both as tshark does. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imap.h"

#include <ctype.h>
#include <strings.h>

#include "imf.h"
#include "outcome.h"

enum { LINES_MAX = 65536, TOKENS = 3 };

static const struct proto_field fields[] = {
	[IMAP_ISREQUEST] = { "imap.isrequest", FIELD_BOOL, "From the client", NULL, "0.1", DERIVED,
		PLAIN },
	[IMAP_LINE] = { "imap.line", FIELD_ASCII, "One line", NULL, "0.1", DETAIL, CONTENT },
	[IMAP_TAG] = { "imap.tag", FIELD_ASCII, "First word of a line", NULL, "0.1", DETAIL,
		CONTENT },
	[IMAP_COMMAND] = { "imap.command", FIELD_ASCII,
		"Command of a request, or what follows the status of an answer", NULL, "0.1",
		DERIVED, CONTENT },
	[IMAP_REQUEST] = { "imap.request", FIELD_ASCII, "One line of the client", NULL, "0.1",
		DETAIL, CONTENT },
	[IMAP_REQUEST_TAG] = { "imap.request_tag", FIELD_ASCII, "Its first word", NULL, "0.1",
		DETAIL, CONTENT },
	[IMAP_REQUEST_COMMAND] = { "imap.request.command", FIELD_ASCII, "Command", NULL, "0.1",
		CORE, CONTENT },
	[IMAP_REQUEST_FOLDER] = { "imap.request.folder", FIELD_ASCII, "Folder it is about", NULL,
		"0.1", CORE, CONTENT },
	[IMAP_REQUEST_USERNAME] = { "imap.request.username", FIELD_ASCII, "User of LOGIN", NULL,
		"0.1", CORE, USER },
	[IMAP_REQUEST_PASSWORD] = { "imap.request.password", FIELD_ASCII, "Password of LOGIN", NULL,
		"0.1", DETAIL, SECRET },
	[IMAP_RESPONSE] = { "imap.response", FIELD_ASCII, "One line of the server", NULL, "0.1",
		DETAIL, CONTENT },
	[IMAP_RESPONSE_TAG] = { "imap.response_tag", FIELD_ASCII, "Its first word", NULL, "0.1",
		DETAIL, CONTENT },
	[IMAP_RESPONSE_STATUS] = { "imap.response.status", FIELD_ASCII, "OK, NO, BAD", NULL, "0.1",
		CORE, CONTENT },
	[IMAP_RESPONSE_COMMAND] = { "imap.response.command", FIELD_ASCII,
		"First word behind the status", NULL, "0.1", DETAIL, CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 143, NULL }, { 0 } };

/* --- answers --- */

/* RFC 5530: the code stands in brackets; without one it is the word NO or BAD. */
static void put_failure(struct packet *pkt, struct bytes status, struct bytes words)
{
	words = line_trim(words);
	if (bytes_peek(&words, 0) == '[') {
		bytes_skip(&words, 1);
		status = line_until(&words, ']');
	}
	outcome_failure_words(pkt, status, line_trim(words));
}

static void hide_echo(struct packet *pkt, struct bytes line)
{
	(void)imap_word(&line);
	struct bytes status = imap_word(&line);

	if (line_is(status, "NO") || line_is(status, "BAD"))
		talk_secret_echo(pkt, line, imap_is_command);
}

static void put_response(struct packet *pkt, const struct talk_line *line)
{
	struct bytes rest = line->text, tag, status;

	talk_put(pkt, IMAP_LINE, line->whole);
	talk_put(pkt, IMAP_RESPONSE, line->text);
	tag = imap_word(&rest);
	talk_put(pkt, IMAP_RESPONSE_TAG, tag);
	talk_put(pkt, IMAP_TAG, tag);
	if (bytes_left(&tag) == 0)
		return;
	status = imap_word(&rest);
	if (bytes_left(&status) == 0)
		return;
	struct bytes words = rest, command = imap_word(&rest);
	talk_put(pkt, IMAP_RESPONSE_STATUS, status);
	talk_put(pkt, IMAP_RESPONSE_COMMAND, command);
	talk_put(pkt, IMAP_COMMAND, command);
	if (line_is(status, "OK"))
		outcome_success(pkt);
	if (line_is(status, "NO") || line_is(status, "BAD"))
		put_failure(pkt, status, words);
}

/* --- FETCH --- */

/* Where the word FETCH, or the beginning of it, ends among the first words behind the star; NULL when
 * it is not there, or is the first of less than two. */
static const uint8_t *fetch_end(struct bytes line)
{
	const uint8_t *found = NULL;
	unsigned words = 0;

	(void)bytes_upto(&line, 1);
	while (words < TOKENS && bytes_left(&line)) {
		const uint8_t *from = line.p;
		while (line.p < line.end && !isspace(*line.p))
			line.p++;
		size_t n = (size_t)(line.p - from);
		words += n > 0;
		if (!found && n > 0 && n <= 5 && strncasecmp((const char *)from, "FETCH", n) == 0)
			found = line.p;
		(void)bytes_upto(&line, 1);
	}
	return words < 2 ? NULL : found;
}

/* The number in the next braces; -1 when there are none, or no number in them. *end: at the brace
 * that closes. */
static int64_t literal_size(struct bytes b, const uint8_t **end)
{
	(void)line_until(&b, '{');
	if (bytes_left(&b) == 0)
		return -1;
	struct bytes digits = line_until(&b, '}');
	*end = digits.end;
	if (digits.end == b.end)
		return -1;
	return line_number(digits, UINT32_MAX);
}

/* Hands on the letter behind the line when all of it is here. False when more is needed. */
static bool put_letter(
	struct packet *pkt, struct bytes *b, struct bytes from, const struct talk_line *line)
{
	const uint8_t *brace = NULL;
	int64_t size = literal_size(from, &brace);

	if (size < 0 || (size_t)size >= (size_t)(from.end - brace))
		return false;
	if (!memchr(brace + size, ')', (size_t)(from.end - brace) - (size_t)size))
		return false;
	talk_put(pkt, IMAP_LINE, line->whole);
	if (size)
		(void)decode_by(pkt, BY_MAIL, IMF_NAMED, bytes_upto(b, (size_t)size));
	return true;
}

/* What follows FETCH, from where that word ends; b is behind the line. */
static bool put_fetch(
	struct packet *pkt, struct bytes *b, struct talk_line *line, const uint8_t *fetch)
{
	struct bytes from = bytes_of(fetch, (size_t)(b->end - fetch));
	const uint8_t *open = bytes_left(&from) ? memchr(fetch, '(', bytes_left(&from)) : NULL;
	struct talk_line ahead;

	if (!open || open + 1 == from.end)
		return false;
	bytes_skip(&from, (size_t)(open - fetch));
	if (memchr(open, '{', (size_t)(from.end - open - 1)))
		return put_letter(pkt, b, from, line);
	if (!talk_line(&from, &ahead) || !ahead.ended)
		return false;
	*b = bytes_of(from.p, bytes_left(&from)); /* a line or more, where the list begins later */
	talk_put(pkt, IMAP_LINE, bytes_of(line->whole.p, (size_t)(from.p - line->whole.p)));
	return true;
}

static bool put_untagged(struct packet *pkt, struct bytes *b, struct talk_line *line)
{
	const uint8_t *fetch = fetch_end(line->whole);

	if (fetch)
		return put_fetch(pkt, b, line, fetch);
	talk_put(pkt, IMAP_LINE, line->whole);
	return true;
}

/* --- lines --- */

/* Not so when its end is a CR that an LF may follow in the next segment. */
static bool is_ended(const struct talk_line *line, struct bytes rest)
{
	return line->ended && (bytes_left(&rest) || line->whole.end[-1] == '\n');
}

static void put_lines(struct packet *pkt, struct bytes b, bool asks)
{
	struct talk_line line;
	bool more = true, letter = imf_begins(b), first = !letter;
	const uint8_t *hidden = b.p;

	if (asks && letter)
		(void)decode_by(pkt, BY_MAIL, IMF_UNNAMED, b);
	talk_secret_foreign(pkt, b);
	for (unsigned i = 0; more && i < LINES_MAX && talk_line(&b, &line); i++, first = false) {
		if (!is_ended(&line, b))
			return;
		imap_secret(pkt, line.text, b, first, asks, &hidden);
		if (!asks)
			hide_echo(pkt, line.text);
		if (bytes_peek(&line.whole, 0) == '*')
			more = put_untagged(pkt, &b, &line);
		else if (asks)
			more = imap_request(pkt, &line);
		else
			put_response(pkt, &line);
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool asks = talk_asks(pkt, b);
	struct bytes rest = b;
	struct talk_line line;

	if (talk_is_tls(b) || talk_is_binary(b) || !talk_line(&rest, &line) ||
		!is_ended(&line, rest))
		return DECODE_REJECT;
	put_bool(pkt, IMAP_ISREQUEST, asks);
	put_lines(pkt, b, asks);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_imap = {
	.name = "imap", .binds = binds, .fields = fields, .decode = decode, .application = "imap"
};
