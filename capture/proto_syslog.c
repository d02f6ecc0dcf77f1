/* proto_syslog.c -- messages of syslog.
 * RFC 3164:  <34>Oct 11 22:14:15 host su[230]: text
 * RFC 5424:  <34>1 2003-10-11T22:14:15.003Z host su 230 ID47 [data] text     - stands for nothing
 *
 * The fields of the former cut where tshark cuts: procid is the letters and digits of the tag, and
 * msgid all that follows; ECS has program and process.
 *
 * What has no priority is a message too, as tshark has it, but shown only when it looks like one:
 * another protocol's message may hold passwords anywhere. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>

#include "date.h"
#include "decode.h"
#include "talk_secret.h"

enum { DIGITS_MAX = 3, FACILITY = 0x3f8, LEVEL = 7, OLD_TIME = 15 };

enum {
	SYSLOG_FACILITY,
	SYSLOG_LEVEL,
	MSG,
	VERSION,
	TIMESTAMP,
	TIMESTAMP_RFC3164,
	HOSTNAME,
	APPNAME,
	PROCID,
	MSGID,
};
static const struct proto_field fields[] = {
	[SYSLOG_FACILITY] = { "syslog.facility", FIELD_U8, "Facility", "log.syslog.facility.code",
		"0.1", CORE, PLAIN },
	[SYSLOG_LEVEL] = { "syslog.level", FIELD_U8, "Severity, 0 is the worst",
		"log.syslog.severity.code", "0.1", CORE, PLAIN },
	[MSG] = { "syslog.msg", FIELD_STR, "All that follows the priority", NULL, "0.1", CORE,
		CONTENT },
	[VERSION] = { "syslog.version", FIELD_ASCII, "Version, 1 for RFC 5424",
		"log.syslog.version", "0.1", DETAIL, PLAIN },
	[TIMESTAMP] = { "syslog.timestamp", FIELD_TIME, "When it was logged", NULL, "0.1", CORE,
		PLAIN },
	[TIMESTAMP_RFC3164] = { "syslog.timestamp_rfc3164", FIELD_ASCII,
		"The same without a year, in the sender's time", NULL, "0.1", CORE, PLAIN },
	[HOSTNAME] = { "syslog.hostname", FIELD_ASCII, "Host that logs", NULL, "0.1", CORE, NAME },
	[APPNAME] = { "syslog.appname", FIELD_ASCII, "Program that logs", NULL, "0.1", CORE,
		PLAIN },
	[PROCID] = { "syslog.procid", FIELD_ASCII, "Process that logs", NULL, "0.1", CORE, PLAIN },
	[MSGID] = { "syslog.msgid", FIELD_ASCII, "Kind of the message, with all that follows it",
		NULL, "0.1", DETAIL, CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 514, NULL }, { 0 } };

static void put_text_of(struct packet *pkt, unsigned field, struct bytes text)
{
	put_str(pkt, field, text.p, bytes_left(&text));
}

/* "-" stands for nothing. */
static void put_ecs_of(struct packet *pkt, enum ecs_id id, struct bytes text)
{
	if (bytes_left(&text) && !line_is(text, "-"))
		ecs_str(pkt, id, text.p, bytes_left(&text));
}

static void put_host(struct packet *pkt, struct bytes host)
{
	put_text_of(pkt, HOSTNAME, host);
	put_ecs_of(pkt, ECS_LOG_SYSLOG_HOSTNAME, host);
	put_ecs_of(pkt, ECS_RELATED_HOSTS, host);
}

/* To the next space; false when there is none, which ends the reading. */
static bool next_part(struct bytes *b, struct bytes *part)
{
	*part = line_until(b, ' ');
	return b->p > part->end;
}

/* --- RFC 5424 --- */

static void put_new(struct packet *pkt, struct bytes b)
{
	struct bytes part;
	int64_t seconds;
	uint32_t nanoseconds;

	if (next_part(&b, &part))
		put_text_of(pkt, VERSION, part);
	if (!next_part(&b, &part)) {
		if (date_iso(part, &seconds, &nanoseconds))
			put_time(pkt, TIMESTAMP, seconds, nanoseconds);
		return;
	}
	if (date_iso(part, &seconds, &nanoseconds))
		put_time(pkt, TIMESTAMP, seconds, nanoseconds);
	if (!next_part(&b, &part))
		return;
	put_host(pkt, part);
	if (!next_part(&b, &part))
		return;
	put_text_of(pkt, APPNAME, part);
	put_ecs_of(pkt, ECS_LOG_SYSLOG_APPNAME, part);
	if (!next_part(&b, &part))
		return;
	put_text_of(pkt, PROCID, part);
	put_ecs_of(pkt, ECS_LOG_SYSLOG_PROCID, part);
	struct bytes rest = b;
	if (!next_part(&b, &part))
		return;
	put_text_of(pkt, MSGID, rest);
	put_ecs_of(pkt, ECS_LOG_SYSLOG_MSGID, part);
}

/* --- RFC 3164 --- */

/* Mmm dd hh:mm:ss and a space; what the letters are nobody asks. */
static bool has_old_time(struct bytes b)
{
	return bytes_peek(&b, 3) == ' ' && bytes_peek(&b, 6) == ' ' && bytes_peek(&b, 9) == ':' &&
	       bytes_peek(&b, 12) == ':' && bytes_peek(&b, OLD_TIME) == ' ';
}

/* program[process]: */
static void put_tag(struct packet *pkt, struct bytes b)
{
	const uint8_t *from = b.p;

	while (bytes_left(&b) && (isalnum(*b.p) || strchr("-_./", *b.p)) && *b.p)
		b.p++;
	struct bytes program = bytes_of(from, (size_t)(b.p - from));
	int next = bytes_peek(&b, 0);
	if (next != ':' && next != '[')
		return;
	put_ecs_of(pkt, ECS_LOG_SYSLOG_APPNAME, program);
	if (next == ':')
		return;
	bytes_skip(&b, 1);
	put_ecs_of(pkt, ECS_LOG_SYSLOG_PROCID, line_until(&b, ']'));
}

static void put_old(struct packet *pkt, struct bytes b)
{
	struct bytes part;

	put_text_of(pkt, TIMESTAMP_RFC3164, bytes_upto(&b, OLD_TIME));
	(void)bytes_upto(&b, 1);
	if (!next_part(&b, &part))
		return;
	put_host(pkt, part);
	put_tag(pkt, b);
	const uint8_t *from = b.p;
	while (bytes_left(&b) && isalnum(*b.p))
		b.p++;
	if (bytes_left(&b) == 0)
		return;
	put_text_of(pkt, PROCID, bytes_of(from, (size_t)(b.p - from)));
	put_text_of(pkt, MSGID, b);
}

/* --- the message --- */

static void put_priority(struct packet *pkt, struct bytes *b)
{
	unsigned priority = 0;

	if (bytes_peek(b, 0) != '<')
		return;
	bytes_skip(b, 1);
	for (unsigned i = 0; i < DIGITS_MAX && isdigit(bytes_peek(b, 0)); i++)
		priority = priority * 10 + bytes_u8(b) - '0';
	if (bytes_peek(b, 0) == '>')
		bytes_skip(b, 1);
	put_u64(pkt, SYSLOG_FACILITY, (priority & FACILITY) >> 3);
	put_u64(pkt, SYSLOG_LEVEL, priority & LEVEL);
	ecs_u64(pkt, ECS_LOG_SYSLOG_PRIORITY, priority);
	if (priority >> 3 > 23)
		pkt_anomaly(pkt, "unknown facility");
}

static bool has_priority(struct bytes b)
{
	unsigned digits = 0;

	if (bytes_u8(&b) != '<')
		return false;
	for (; digits < DIGITS_MAX && isdigit(bytes_peek(&b, 0)); digits++)
		bytes_skip(&b, 1);
	return digits && bytes_peek(&b, 0) == '>';
}

/* One line of text, which may end with CR, LF and NUL. */
static bool is_one_line(struct bytes b)
{
	while (bytes_left(&b) && (b.end[-1] == '\0' || b.end[-1] == '\r' || b.end[-1] == '\n'))
		b.end--;
	for (; bytes_left(&b); b.p++)
		if (iscntrl(*b.p) && *b.p != '\t')
			return false;
	return true;
}

static void hide_other(struct packet *pkt, struct bytes b)
{
	if (!is_one_line(b))
		talk_hide(pkt, b);
	talk_secret_foreign(pkt, b);
	talk_secret_lines(pkt, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!has_priority(b))
		hide_other(pkt, b);
	put_priority(pkt, &b);
	put_text_of(pkt, MSG, b);
	if (bytes_left(&b) > 2 && bytes_starts(&b, "1 ", 2))
		put_new(pkt, b);
	else if (has_old_time(b))
		put_old(pkt, b);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_syslog = { .name = "syslog",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.application = "syslog" };
