/* talk.c -- what the protocols have in common that talk in lines: FTP, IMAP, POP, SMTP. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"
#include "outcome.h"

#include <ctype.h>

#include "base64.h"

enum { WORD_MAX = 32, USER_MAX = 1024, HANDSHAKE = 22, RECORD = 5, LOOK_AT = 64, CONTROLS_MIN = 3 };

bool talk_line(struct bytes *b, struct talk_line *line)
{
	const uint8_t *from = b->p, *p = from;

	if (bytes_left(b) == 0)
		return false;
	while (p < b->end && *p != '\r' && *p != '\n')
		p++;
	line->text = bytes_of(from, (size_t)(p - from));
	line->ended = p < b->end;
	if (line->ended)
		p += *p == '\r' && p + 1 < b->end && p[1] == '\n' ? 2 : 1;
	line->whole = bytes_sub(b, (size_t)(p - from));
	return true;
}

bool talk_is_tls(struct bytes b)
{
	int type = bytes_peek(&b, 0);

	return type >= HANDSHAKE - 2 && type <= HANDSHAKE + 1 && bytes_peek(&b, 1) == 3 &&
	       bytes_left(&b) >= RECORD;
}

bool talk_is_binary(struct bytes b)
{
	struct bytes begin = bytes_upto(&b, LOOK_AT);
	unsigned controls = 0;
	int behind = bytes_left(&begin) > 3 ? begin.p[3] : 0;

	if (talk_code(begin) >= 0 && (behind == ' ' || behind == '-'))
		return false;
	for (const uint8_t *p = begin.p; p < begin.end; p++)
		controls += iscntrl(*p) && !isspace(*p);
	return controls >= CONTROLS_MIN;
}

bool talk_asks(struct packet *pkt, struct bytes b)
{
	int first = bytes_peek(&b, 0);
	bool asks = pkt->to_port;

	if (!pkt->port)
		asks = talk_code(b) < 0 && first != '+' && first != '-' && first != '*';
	pkt_client(pkt, asks);
	return asks;
}

int talk_code(struct bytes text)
{
	int code = 0;

	if (bytes_left(&text) < 3)
		return -1;
	for (unsigned i = 0; i < 3; i++) {
		uint8_t c = bytes_u8(&text);
		if (!isdigit(c))
			return -1;
		code = code * 10 + c - '0';
	}
	return code;
}

void talk_outcome(struct packet *pkt, int code, struct bytes words)
{
	if (code >= 200 && code < 300)
		outcome_success(pkt);
	else if (code >= 400)
		outcome_failure_said(pkt, (unsigned)code, line_trim(words), NULL);
}

/* The letter of an action for that of a word, 0 where it can be none. */
static char letter_of(uint8_t c)
{
	if (c == '_' || c == '.' || c == '-')
		return '-';
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return (char)((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0);
}

void talk_action(struct packet *pkt, struct bytes word)
{
	size_t n = bytes_left(&word);
	bool short_word = n && n <= WORD_MAX && !pkt_is_secret(pkt, word.p, n);
	char *text = short_word ? pkt_scratch(pkt, n) : NULL;

	if (!text)
		return;
	for (size_t i = 0; i < n; i++) {
		text[i] = letter_of(word.p[i]);
		bool first = i == 0 || text[i - 1] == '-';
		if (text[i] == 0 || (text[i] == '-' && (first || i + 1 == n)))
			return;
	}
	ecs_clean(pkt, ECS_EVENT_ACTION, text, n);
}

void talk_user(struct packet *pkt, struct bytes name)
{
	if (bytes_left(&name) > 2 && name.p[0] == '"' && name.end[-1] == '"')
		name = bytes_of(name.p + 1, bytes_left(&name) - 2);
	if (bytes_left(&name) == 0)
		return;
	ecs_str(pkt, ECS_USER_NAME, name.p, bytes_left(&name));
	ecs_str(pkt, ECS_RELATED_USER, name.p, bytes_left(&name));
}

/* What base64 stands for, in scratch. */
static struct bytes decoded(struct packet *pkt, struct bytes text)
{
	size_t n = bytes_left(&text);
	uint8_t *out = n <= USER_MAX ? (uint8_t *)pkt_scratch(pkt, n / 4 * 3) : NULL;

	if (!out)
		return bytes_of(text.p, 0);
	return bytes_of(out, base64_decode(out, text));
}

void talk_base64_user(struct packet *pkt, struct bytes text)
{
	talk_user(pkt, decoded(pkt, text));
}

bool talk_base64_plain(struct packet *pkt, struct bytes text)
{
	unsigned nuls = 0;

	for (const uint8_t *p = text.p; p < text.end; p++)
		if (!isalnum(*p) && *p != '+' && *p != '/' && *p != '=')
			return false;
	struct bytes plain = decoded(pkt, text);
	for (const uint8_t *c = plain.p; c < plain.end; c++) {
		nuls += *c == '\0';
		if (*c && iscntrl(*c))
			return false;
	}
	if (nuls != 2)
		return false;
	(void)line_until(&plain, '\0');
	struct bytes user = line_until(&plain, '\0');
	if (bytes_left(&user) == 0 || bytes_left(&plain) == 0)
		return false;
	talk_user(pkt, user);
	return true;
}

bool talk_is_one_of(struct bytes word, const char *const *words)
{
	for (; *words; words++)
		if (line_is(word, *words))
			return true;
	return false;
}
