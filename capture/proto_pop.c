/* proto_pop.c -- Post Office Protocol, version 3.
 * RFC 1939:  commands  USER alice      answers  +OK text  or  -ERR text, and what was asked for in
 * further lines up to one with a dot alone.
 *
 * Only the first line of a segment is read, as tshark does. Its fields of the whole line and of the
 * further ones are always empty there (4.0), so there are none here. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imf.h"
#include "outcome.h"
#include "talk_secret.h"

enum { COMMAND, PARAMETER, INDICATOR, DESCRIPTION };
static const struct proto_field fields[] = {
	[COMMAND] = { "pop.request.command", FIELD_ASCII, "Command", NULL, "0.1", CORE, PLAIN },
	[PARAMETER] = { "pop.request.parameter", FIELD_ASCII, "What follows the command", NULL,
		"0.1", CORE, CONTENT },
	[INDICATOR] = { "pop.response.indicator", FIELD_ASCII, "+OK or -ERR", NULL, "0.1", CORE,
		PLAIN },
	[DESCRIPTION] = { "pop.response.description", FIELD_ASCII, "What the server adds", NULL,
		"0.1", DETAIL, CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 110, NULL }, { 0 } };

/* Takes a word and the spaces behind it; of a line that begins with a space nothing. */
static struct bytes next_word(struct bytes *b)
{
	struct bytes whole = *b, word = line_until(b, ' ');

	if (bytes_left(&word) == 0)
		*b = whole;
	while (bytes_left(&word) && bytes_peek(b, 0) == ' ')
		bytes_skip(b, 1);
	return word;
}

/* APOP name digest; AUTH mechanism [base64]. */
static void put_second(struct packet *pkt, struct bytes text, bool named)
{
	struct bytes first = next_word(&text);

	if (named)
		talk_user(pkt, first);
	else if (line_is(first, "PLAIN"))
		(void)talk_base64_plain(pkt, text);
}

static bool is_command(struct bytes word)
{
	return line_is(word, "UTF8");
}

static void put_request(struct packet *pkt, struct bytes text)
{
	struct bytes command = next_word(&text);

	if (bytes_left(&text) == 0) { /* perhaps an answer to AUTH, which earlier packets tell */
		talk_secret_lone(pkt, command, is_command);
		(void)talk_base64_plain(pkt, command);
	}
	if (line_is(command, "USER"))
		talk_user(pkt, text);
	else if (line_is(command, "APOP") || line_is(command, "AUTH"))
		put_second(pkt, text, line_is(command, "APOP"));
	talk_action(pkt, command);
	talk_put(pkt, COMMAND, command);
	talk_put(pkt, PARAMETER, text);
}

static bool is_answer(struct bytes b)
{
	return bytes_starts(&b, "+OK", 3) || bytes_starts(&b, "-ERR", 4);
}

static void put_letter(struct packet *pkt, struct bytes b)
{
	if (imf_begins(b))
		(void)decode_by(pkt, BY_MAIL, IMF_UNNAMED, b);
}

/* RFC 2449, 8: the code of a failure stands in brackets; without one it is the word -ERR. */
static void put_outcome(struct packet *pkt, struct bytes code, struct bytes words)
{
	if (bytes_peek(&code, 0) == '+') {
		outcome_success(pkt);
		return;
	}
	talk_secret_echo(pkt, words, is_command);
	if (bytes_peek(&words, 0) == '[') {
		bytes_skip(&words, 1);
		code = line_until(&words, ']');
	}
	outcome_failure_words(pkt, code, line_trim(words));
}

static void put_answer(struct packet *pkt, struct bytes text, struct bytes rest)
{
	struct bytes indicator = next_word(&text);

	put_outcome(pkt, indicator, text);
	talk_put(pkt, INDICATOR, indicator);
	talk_put(pkt, DESCRIPTION, text);
	put_letter(pkt, rest);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool asks = talk_asks(pkt, b);
	struct bytes rest = b;
	struct talk_line line;

	if (talk_is_tls(b) || talk_is_binary(b))
		return DECODE_REJECT;
	if (asks || !is_answer(b)) {
		talk_secret_foreign(pkt, b);
		talk_secret_lines(pkt, b);
	}
	if (!asks && !is_answer(b)) {
		put_letter(pkt, b);
		return decode_data(pkt, b);
	}
	if (!talk_line(&rest, &line))
		return DECODE_OK;
	if (asks)
		put_request(pkt, line.text);
	else
		put_answer(pkt, line.text, rest);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_pop = {
	.name = "pop", .binds = binds, .fields = fields, .decode = decode, .application = "pop3"
};
