/* proto_sip.c -- Session Initiation Protocol: who calls whom, and what became of it.
 * RFC 3261:  request line  METHOD sip:user@host SIP/2.0    or status line  SIP/2.0 200 phrase
 *            header lines  Name: value  up to an empty line, then a body of Content-Length bytes
 *
 * A datagram holds one message, a segment several. Names of headers have short forms, and lines
 * that begin with a blank go on with the one before. What begins a message is judged as tshark does:
 * by three words, of which SIP/2.0 is the first or the last. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"
#include "sip.h"
#include "talk.h"

enum { LINES_MAX = 65536, MESSAGES_MAX = 256, PORT = 5060 };

static const struct proto_bind binds[] = { { BY_UDP_PORT, PORT, NULL }, { BY_TCP_PORT, PORT, NULL },
	{ BY_SCTP_PORT, PORT, NULL }, { 0 } };

/* --- lines --- */

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

/* Up to CR LF, LF or a lone CR, and behind it. */
static struct bytes take_line(struct bytes *b)
{
	const uint8_t *from = b->p, *end;

	while (bytes_left(b) && *b->p != '\r' && *b->p != '\n')
		b->p++;
	end = b->p;
	if (bytes_peek(b, 0) == '\r' && bytes_peek(b, 1) == '\n')
		bytes_skip(b, 1);
	(void)bytes_upto(b, 1);
	return sip_span(from, end);
}

struct sip_line sip_next_line(struct bytes *b)
{
	const uint8_t *from = b->p;
	struct sip_line line = { .text = take_line(b) };

	for (unsigned i = 0; i < LINES_MAX && bytes_left(&line.text) && is_blank(bytes_peek(b, 0));
		i++)
		line.text.end = take_line(b).end;
	line.whole = sip_span(from, b->p);
	return line;
}

/* --- the first line --- */

struct start {
	struct bytes line, first, second;
	bool status;
};

static bool is_version(struct bytes word)
{
	return bytes_left(&word) == 7 && bytes_starts(&word, "SIP/2.0", 7);
}

static bool is_code(struct bytes word)
{
	if (bytes_left(&word) != 3)
		return false;
	for (unsigned i = 0; i < 3; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return true;
}

/* Does a line begin a message? */
static bool read_start(struct bytes line, struct start *start)
{
	struct bytes rest = line;
	const uint8_t *one = sip_find(line, ' ');

	if (!one || sip_find(line, 0))
		return false;
	rest.p = one + 1;
	const uint8_t *two = sip_find(rest, ' ');
	if (!two)
		return false;
	*start = (struct start){
		.line = line, .first = sip_span(line.p, one), .second = sip_span(one + 1, two)
	};
	start->status = is_version(start->first);
	if (start->status)
		return is_code(start->second);
	const uint8_t *colon = sip_find(start->second, ':');
	return bytes_left(&start->second) >= 3 && colon && colon > start->second.p &&
	       bytes_left(&start->first) && is_version(sip_span(two + 1, line.end));
}

static void put_status(struct packet *pkt, const struct start *start)
{
	const uint8_t *p = start->second.p;
	unsigned code = (p[0] - '0') * 100u + (p[1] - '0') * 10u + (p[2] - '0');

	sip_put(pkt, SIP_STATUS_LINE, start->line);
	put_u64(pkt, SIP_STATUS_CODE, code);
	if (code >= 200 && code < 300)
		outcome_success(pkt);
	if (code >= 400)
		outcome_failure_said(
			pkt, code, line_trim(sip_span(start->second.end, start->line.end)), NULL);
}

static void put_request(struct packet *pkt, const struct start *start)
{
	struct sip_uri uri;

	sip_request_uri(start->second, &uri);
	sip_put(pkt, SIP_REQUEST_LINE, start->line);
	sip_put(pkt, SIP_METHOD, start->first);
	talk_action(pkt, start->first);
	sip_put_uri(pkt, &uri, SIP_R_URI, true);
}

/* --- messages --- */

/* False when nothing of the message is there, or what is there begins none. */
static bool message(struct packet *pkt, struct bytes *b)
{
	struct sip_about about = { .type = bytes_of(b->p, 0), .length = -1 };
	struct start start;

	if (!read_start(take_line(b), &start))
		return false;
	if (start.status)
		put_status(pkt, &start);
	else
		put_request(pkt, &start);
	pkt_client(pkt, !start.status);
	for (unsigned i = 0; i < LINES_MAX && bytes_left(b); i++) {
		struct sip_line line = sip_next_line(b);
		if (bytes_left(&line.text) == 0)
			break;
		sip_header(pkt, &about, &line);
	}
	size_t n = about.length < 0 ? bytes_left(b) : (size_t)about.length;
	sip_body(pkt, about.type, bytes_upto(b, n));
	return true;
}

/* --- the layer --- */

/* What goes on with a message of an earlier segment: lines of text, and none of another protocol. */
static bool goes_on(struct bytes b)
{
	struct bytes line = take_line(&b);
	size_t n = bytes_left(&line);

	if (n == 0 || line.end == b.end)
		return false;
	for (size_t i = 0; i < n; i++)
		if (line.p[i] < ' ' && line.p[i] != '\t')
			return false;
	return !bytes_starts(&line, "HTTP/", 5) &&
	       (n < 9 || memcmp(line.end - 9, " HTTP/1.", 8) != 0);
}

static bool is_stream(const struct packet *pkt)
{
	enum { TCP = 6 };

	return pkt->flow.proto == TCP;
}

static bool begins(struct bytes b)
{
	struct start start;

	return read_start(take_line(&b), &start);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	unsigned messages = 0;

	if (!begins(b) && !(is_stream(pkt) && goes_on(b)))
		return DECODE_REJECT;
	while (bytes_left(&b) && messages < MESSAGES_MAX && message(pkt, &b)) {
		messages++;
		if (!is_stream(pkt))
			break;
	}
	if (messages == MESSAGES_MAX && bytes_left(&b))
		pkt_anomaly(pkt, "too many messages");
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

/* --- by content --- */

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	return begins(b);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, '!', '~' }, { BY_TCP_PORT, '!', '~' },
	{ 0 } };

const struct proto proto_sip = {
	.name = "sip",
	.binds = binds,
	.fields = sip_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "sip",
};
