/* proto_smtp.c -- Simple Mail Transfer Protocol.
 * RFC 5321:  commands of four letters and what follows them, a line each;
 *            answers  250-text  (more follows) or  250 text
 * RFC 4954:  AUTH mechanism [base64], then base64 alone in lines both ways.
 *
 * Whether a client's segment is commands or a piece of a letter only earlier packets tell. It is
 * taken for commands when it begins and ends with one; else for a letter, which is read when it
 * begins with its header. A line of base64 that holds a user and a password is one of AUTH PLAIN. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>

#include "imf.h"
#include "talk_secret.h"

enum { LINES_MAX = 65536, VERB = 4, FAILURES = 400 };

enum {
	REQ,
	RSP,
	REQ_COMMAND,
	REQ_PARAMETER,
	COMMAND_LINE,
	RESPONSE,
	RESPONSE_CODE,
	RSP_PARAMETER,
	AUTH_USERNAME,
	AUTH_BOTH,
};
static const struct proto_field fields[] = {
	[REQ] = { "smtp.req", FIELD_BOOL, "A command of the client", NULL, "0.1", DERIVED, PLAIN },
	[RSP] = { "smtp.rsp", FIELD_BOOL, "An answer of the server", NULL, "0.1", DERIVED, PLAIN },
	[REQ_COMMAND] = { "smtp.req.command", FIELD_ASCII, "First four letters of the command",
		NULL, "0.1", CORE, PLAIN },
	[REQ_PARAMETER] = { "smtp.req.parameter", FIELD_ASCII, "What follows them", NULL, "0.1",
		CORE, CONTENT },
	[COMMAND_LINE] = { "smtp.command_line", FIELD_ASCII, "Whole line of the command", NULL,
		"0.1", DETAIL, CONTENT },
	[RESPONSE] = { "smtp.response", FIELD_ASCII, "First line of an answer", NULL, "0.1", DETAIL,
		CONTENT },
	[RESPONSE_CODE] = { "smtp.response.code", FIELD_U32,
		"Code of the answer: 2xx and 3xx are good ones", NULL, "0.1", CORE, PLAIN },
	[RSP_PARAMETER] = { "smtp.rsp.parameter", FIELD_ASCII, "Text of a line of the answer", NULL,
		"0.1", CORE, CONTENT },
	[AUTH_USERNAME] = { "smtp.auth.username", FIELD_ASCII, "User of AUTH LOGIN, in base64",
		NULL, "0.1", DETAIL, USER },
	[AUTH_BOTH] = { "smtp.auth.username_password", FIELD_ASCII,
		"User and password of AUTH PLAIN, in base64", NULL, "0.1", DETAIL, SECRET },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 25, NULL }, { BY_TCP_PORT, 587, NULL },
	{ BY_TCP_PORT, 2525, NULL }, { 0 } };

static const char *const verbs[] = { "HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET",
	"VRFY", "EXPN", "HELP", "NOOP", "QUIT", "AUTH", "TURN", "ETRN", "ATRN", "SEND", "SOML",
	"SAML", "STARTTLS", "X-EXPS", "X-LINK2STATE", "XEXCH50", NULL };
static const char *const long_verbs[] = { "STARTTLS", "X-EXPS", "X-LINK2STATE", "XEXCH50", NULL };

/* --- commands --- */

/* To the first space, or all. */
static struct bytes verb_of(struct bytes text)
{
	return line_until(&text, ' ');
}

static bool is_known(struct bytes verb)
{
	return talk_is_one_of(verb, verbs);
}

/* Could the line be a command? Any word of four letters may be one. */
static bool is_command(struct bytes text)
{
	struct bytes verb = verb_of(text);

	if (bytes_left(&verb) != VERB)
		return talk_is_one_of(verb, long_verbs);
	for (unsigned i = 0; i < VERB; i++)
		if (!isalpha(verb.p[i]))
			return false;
	return true;
}

/* A segment of commands: it begins with a known one and ends with a line that could be one. What
 * follows DATA or BDAT is a letter. */
static bool is_commands(struct bytes b)
{
	struct talk_line line;
	unsigned lines = 0;
	bool known = false, command = false;

	for (; lines < LINES_MAX && talk_line(&b, &line); lines++) {
		struct bytes verb = verb_of(line.text);
		command = is_command(line.text);
		if (lines == 0)
			known = talk_is_one_of(verb, verbs);
		if (command && bytes_left(&b) && (line_is(verb, "DATA") || line_is(verb, "BDAT")))
			return false;
	}
	return command && known;
}

/* The address in FROM:<...> or TO:<...>, also without the brackets. */
static void put_address(struct packet *pkt, enum ecs_id id, struct bytes text)
{
	(void)line_until(&text, ':');
	text = line_trim(text);
	struct bytes ahead = text, before = line_until(&ahead, '<');
	struct bytes address = before.end == text.end ? line_word(&text) : line_until(&ahead, '>');

	if (bytes_left(&address))
		ecs_str(pkt, id, address.p, bytes_left(&address));
}

/* AUTH LOGIN user: what follows is no secret. */
static bool is_login(struct bytes text)
{
	return line_is(line_word(&text), "AUTH") && line_is(line_word(&text), "LOGIN");
}

/* The words of AUTH: mechanism and, perhaps, the first answer of the client. */
static void put_auth(struct packet *pkt, struct bytes text)
{
	struct bytes mechanism = line_word(&text);

	text = line_trim(text);
	if (bytes_left(&text) == 0)
		return;
	if (line_is(mechanism, "LOGIN")) {
		talk_put(pkt, AUTH_USERNAME, text);
		talk_base64_user(pkt, text);
	} else if (line_is(mechanism, "PLAIN")) {
		talk_put(pkt, AUTH_BOTH, text);
		(void)talk_base64_plain(pkt, text);
	}
}

/* `auth`: behind AUTH a line that is no command is a word of it. */
static void put_command(struct packet *pkt, const struct talk_line *line, bool auth)
{
	struct bytes text = line->text, verb = verb_of(text), command = bytes_upto(&text, VERB);

	put_bool(pkt, REQ, true);
	(void)bytes_upto(&text, 1);
	if (!is_command(line->text) || (auth && !talk_is_one_of(verb, verbs)))
		talk_hide(pkt, line->text);
	else if (!is_login(line->text))
		talk_secret_line(pkt, line->text);
	if (line_is(command, "AUTH"))
		put_auth(pkt, text);
	talk_put(pkt, COMMAND_LINE, line->whole);
	talk_put(pkt, REQ_COMMAND, command);
	talk_put(pkt, REQ_PARAMETER, text);
	talk_action(pkt, verb);
	if (line_is(verb, "MAIL"))
		put_address(pkt, ECS_EMAIL_FROM, text);
	if (line_is(verb, "RCPT"))
		put_address(pkt, ECS_EMAIL_TO, text);
}

static void put_commands(struct packet *pkt, struct bytes b)
{
	struct talk_line line;
	bool auth = false;

	for (unsigned i = 0; i < LINES_MAX && talk_line(&b, &line); i++) {
		put_command(pkt, &line, auth);
		auth |= line_is(verb_of(line.text), "AUTH");
	}
}

/* --- letters, and lines of AUTH --- */

/* Behind DATA, BDAT and what else may stand before them in the segment. */
static struct bytes letter_of(struct bytes b)
{
	struct bytes ahead = b;
	struct talk_line line;

	for (unsigned i = 0; i < LINES_MAX && talk_line(&ahead, &line); i++) {
		struct bytes verb = verb_of(line.text);
		if (!talk_is_one_of(verb, verbs))
			break;
		if (line_is(verb, "DATA") || line_is(verb, "BDAT"))
			return ahead;
	}
	return b;
}

/* One line alone, as the answers to AUTH LOGIN are, or AUTH with its answers behind it. */
static void hide_answers(struct packet *pkt, struct bytes b)
{
	struct bytes rest = b;
	struct talk_line line;

	if (!talk_line(&rest, &line))
		return;
	if (bytes_left(&rest) == 0)
		talk_secret_lone(pkt, line.text, is_known);
	if (bytes_left(&rest) == 0 || line_is(verb_of(line.text), "AUTH"))
		talk_secret_lines(pkt, b);
}

static void put_other(struct packet *pkt, struct bytes b)
{
	struct bytes letter = letter_of(b);
	struct talk_line line;

	if (imf_begins(letter)) {
		(void)decode_by(pkt, BY_MAIL, IMF_UNNAMED, letter);
		return;
	}
	hide_answers(pkt, b);
	if (talk_line(&b, &line) && bytes_left(&b) == 0 && talk_base64_plain(pkt, line.text)) {
		put_bool(pkt, REQ, true);
		talk_put(pkt, AUTH_BOTH, line.text);
	}
}

/* --- answers --- */

static void put_answers(struct packet *pkt, struct bytes b)
{
	struct talk_line line;
	bool more = false; /* the line before has announced this one */

	put_bool(pkt, RSP, true);
	for (unsigned i = 0; i < LINES_MAX && talk_line(&b, &line); i++) {
		int code = talk_code(line.text);
		if (code < 0) {
			talk_secret_line(pkt, line.text);
			continue;
		}
		if (code >= FAILURES)
			talk_secret_echo(pkt, bytes_of(line.text.p + 3, bytes_left(&line.text) - 3),
				is_known);
		if (!more) {
			talk_put(pkt, RESPONSE, line.whole);
			put_u64(pkt, RESPONSE_CODE, (unsigned)code);
		}
		bool begins = !more;
		more = bytes_peek(&line.text, 3) == '-';
		(void)bytes_upto(&line.text, VERB);
		if (begins)
			talk_outcome(pkt, code, line.text);
		talk_put(pkt, RSP_PARAMETER, line.text);
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool asks = talk_asks(pkt, b);

	if (talk_is_tls(b) || (!asks && talk_is_binary(b)))
		return DECODE_REJECT;
	if (!asks)
		put_answers(pkt, b);
	else if (is_commands(b))
		put_commands(pkt, b);
	else
		put_other(pkt, b);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_smtp = {
	.name = "smtp", .binds = binds, .fields = fields, .decode = decode, .application = "smtp"
};
