/* proto_imf.c -- Internet Message Format: the header of a letter.
 * RFC 5322, 2.2: name ":" value CR LF; a value goes on in lines that begin with a blank, and an
 *                empty line ends the header. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "imf.h"

#include <ctype.h>
#include <strings.h>

#include "date.h"
#include "imf_words.h"
#include "line.h"
#include "talk.h"

enum { HEADERS_MAX = 256, ADDRESSES_MAX = 256 };

enum {
	FROM,
	TO,
	CC,
	SUBJECT,
	DATE,
	MESSAGE_ID,
	REPLY_TO,
	RECEIVED,
	CONTENT_TYPE,
	USER_AGENT,
	EXT_MAILER,
	NO_FIELD,
};
static const struct proto_field fields[] = {
	[FROM] = { "imf.from", FIELD_ASCII, "From", NULL, "0.1", CORE, CONTENT },
	[TO] = { "imf.to", FIELD_ASCII, "To", NULL, "0.1", CORE, CONTENT },
	[CC] = { "imf.cc", FIELD_ASCII, "Cc", NULL, "0.1", CORE, CONTENT },
	[SUBJECT] = { "imf.subject", FIELD_ASCII, "Subject, as it was sent", NULL, "0.1", CORE,
		CONTENT },
	[DATE] = { "imf.date", FIELD_ASCII, "Date, as it was sent", NULL, "0.1", DETAIL, PLAIN },
	[MESSAGE_ID] = { "imf.message_id", FIELD_ASCII, "Message-ID", NULL, "0.1", CORE, PLAIN },
	[REPLY_TO] = { "imf.reply_to", FIELD_ASCII, "Reply-To", NULL, "0.1", DETAIL, CONTENT },
	[RECEIVED] = { "imf.received", FIELD_ASCII, "Received: a server on the letter's way", NULL,
		"0.1", DETAIL, CONTENT },
	[CONTENT_TYPE] = { "imf.content.type", FIELD_ASCII, "Content-Type", NULL, "0.1", DETAIL,
		PLAIN },
	[USER_AGENT] = { "imf.user_agent", FIELD_ASCII, "User-Agent", NULL, "0.1", DETAIL, PLAIN },
	[EXT_MAILER] = { "imf.ext.mailer", FIELD_ASCII, "X-Mailer", "email.x_mailer", "0.1", DETAIL,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_MAIL, IMF_NAMED, NULL },
	{ BY_MAIL, IMF_UNNAMED, "" }, { 0 } };

/* Names that a letter's header may begin with; after those that have fields, in their order. */
static const char *const names[] = { "from", "to", "cc", "subject", "date", "message-id",
	"reply-to", "received", "content-type", "user-agent", "x-mailer", "return-path",
	"delivered-to", "sender", "bcc", "in-reply-to", "references", "mime-version",
	"content-transfer-encoding", "dkim-signature", "domainkey-signature",
	"authentication-results", "received-spf", "arc-seal", "arc-message-signature",
	"arc-authentication-results", "resent-from", "resent-date", "resent-to", "list-id",
	"list-unsubscribe", "thread-index", "thread-topic", "importance", "x-priority",
	"x-originating-ip", "x-originalarrivaltime", "x-received", "x-google-smtp-source", NULL };

/* The row of a name, NO_FIELD for others; -1 for one that is not known. */
static int row_of(struct bytes name)
{
	for (unsigned i = 0; names[i]; i++)
		if (line_is(name, names[i]))
			return i < NO_FIELD ? (int)i : NO_FIELD;
	return -1;
}

/* The name in front of the colon; empty when the line has none. */
static struct bytes name_of(struct bytes line)
{
	struct bytes name = line_until(&line, ':');

	for (const uint8_t *p = name.p; p < name.end; p++)
		if (*p <= ' ' || *p > '~')
			return bytes_of(name.p, 0);
	if (line.p == name.end)
		return bytes_of(name.p, 0);
	return name;
}

bool imf_begins(struct bytes b)
{
	struct talk_line line;

	if (!talk_line(&b, &line) || !line.ended || row_of(name_of(line.text)) < 0)
		return false;
	if (!talk_line(&b, &line))
		return false;
	int first = bytes_peek(&line.text, 0);
	struct bytes name = name_of(line.text);
	return first == ' ' || first == '\t' || bytes_left(&name) || !line.ended;
}

/* --- ECS --- */

static void put_addresses(struct packet *pkt, enum ecs_id id, struct bytes list)
{
	struct bytes address;

	for (unsigned i = 0; i < ADDRESSES_MAX && imf_address(&list, &address); i++)
		if (bytes_left(&address))
			ecs_str(pkt, id, address.p, bytes_left(&address));
}

static void put_first(struct packet *pkt, enum ecs_id id, struct bytes value)
{
	if (bytes_left(&value))
		ecs_str(pkt, id, value.p, bytes_left(&value));
}

static void put_ecs_of(struct packet *pkt, int row, struct bytes value)
{
	int64_t seconds;
	struct bytes first = value;

	switch (row) {
	case FROM:
		put_addresses(pkt, ECS_EMAIL_FROM, value);
		break;
	case TO:
		put_addresses(pkt, ECS_EMAIL_TO, value);
		break;
	case CC:
		put_addresses(pkt, ECS_EMAIL_CC, value);
		break;
	case REPLY_TO:
		put_addresses(pkt, ECS_EMAIL_REPLY_TO, value);
		break;
	case SUBJECT:
		put_first(pkt, ECS_EMAIL_SUBJECT, imf_words(pkt, value));
		break;
	case MESSAGE_ID:
		if (imf_address(&value, &first))
			put_first(pkt, ECS_EMAIL_MESSAGE_ID, first);
		break;
	case CONTENT_TYPE:
		put_first(pkt, ECS_EMAIL_CONTENT_TYPE, line_trim(line_until(&first, ';')));
		break;
	case DATE:
		if (date_mail(value, &seconds))
			ecs_time(pkt, ECS_EMAIL_ORIGINATION_TIMESTAMP, seconds);
		break;
	default:
		break;
	}
}

/* --- fields --- */

enum ending { MORE, LAST, CUT };

/* A value with its folded lines, to the CR LF that ends it. LAST: an empty line follows. */
static enum ending next_value(struct bytes *b, struct bytes *value)
{
	*value = *b;
	while (bytes_left(b)) {
		(void)line_until(b, '\r');
		if (bytes_peek(b, 0) != '\n')
			continue;
		value->end = b->p - 1;
		bytes_skip(b, 1);
		int next = bytes_peek(b, 0);
		if (next != ' ' && next != '\t')
			return next == '\r' ? LAST : MORE;
	}
	return CUT;
}

/* Without the blanks in front, unless there is nothing else. */
static struct bytes trimmed(struct bytes value)
{
	struct bytes rest = value;

	while (isspace(bytes_peek(&rest, 0)))
		bytes_skip(&rest, 1);
	return bytes_left(&rest) ? rest : value;
}

/* A token for what follows the header, where its type has parameters. */
static void name_body(struct packet *pkt, struct bytes type, struct bytes body)
{
	static const char *const types[] = { "text/plain", "text/html", "text/css", "text/richtext",
		"text/enriched", NULL };
	struct bytes first = line_until(&type, ';');

	if (*pkt->token && type.p > first.end && bytes_left(&body) > 2 &&
		talk_is_one_of(first, types))
		pkt_protocol(pkt, "data-text-lines");
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	enum ending ending = MORE;
	struct bytes type = bytes_of(b.p, 0);

	for (unsigned i = 0; i < HEADERS_MAX && ending == MORE && bytes_left(&b); i++) {
		struct bytes value, name = line_until(&b, ':');
		ending = next_value(&b, &value);
		if (ending == CUT)
			break;
		int row = row_of(name);
		if (row < 0 || row >= NO_FIELD)
			continue;
		value = trimmed(value);
		talk_put(pkt, (unsigned)row, value);
		put_ecs_of(pkt, row, value);
		if (row == CONTENT_TYPE)
			type = value;
	}
	if (ending == LAST)
		name_body(pkt, type, b);
	return DECODE_OK;
}

const struct proto proto_imf = {
	.name = "imf", .binds = binds, .fields = fields, .decode = decode
};
