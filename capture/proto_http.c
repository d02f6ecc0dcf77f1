/* proto_http.c -- Hypertext Transfer Protocol, version 1.
 * RFC 9112:  request line  METHOD target HTTP/1.1    or status line  HTTP/1.1 200 phrase
 *            header lines  Name: value  up to an empty line, then a body of Content-Length bytes
 *
 * A segment may hold several messages, begin among the headers of one, or amidst a body. Lines end
 * at LF, CR LF or a lone CR. Which lines are headers (each with a colon), what ends a message and
 * what is its body is judged as tshark does. A TLS record at the start of a segment is what a proxy
 * carries after CONNECT, and is handed on as if its port were 443. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"
#include "http2.h"
#include "http_body.h"
#include "http_header.h"
#include "http_method.h"
#include "http_secret.h"
#include "http_status.h"
#include "http_url.h"
#include "outcome.h"
#include "websocket.h"

enum { MESSAGES_MAX = 256, LINES_MAX = 65536, STATUS_MIN = 3, TUNNEL_PORT = 443 };

const struct proto_field http_fields[] = {
	[HTTP_REQUEST] = { "http.request", FIELD_BOOL, "The message is a request", NULL, "0.1",
		DERIVED, PLAIN },
	[HTTP_RESPONSE] = { "http.response", FIELD_BOOL, "The message is a response", NULL, "0.1",
		DERIVED, PLAIN },
	[HTTP_METHOD] = { "http.request.method", FIELD_ASCII, "Method", "http.request.method",
		"0.1", CORE, PLAIN },
	[HTTP_URI] = { "http.request.uri", FIELD_ASCII, "Target as sent", "url.original", "0.1",
		CORE, CONTENT },
	[HTTP_URI_PATH] = { "http.request.uri.path", FIELD_ASCII,
		"Target up to the question mark, where there is a query", NULL, "0.1", DERIVED,
		CONTENT },
	[HTTP_URI_QUERY] = { "http.request.uri.query", FIELD_ASCII, "Query", NULL, "0.1", DERIVED,
		CONTENT },
	[HTTP_URI_PARAMETER] = { "http.request.uri.query.parameter", FIELD_ASCII,
		"One parameter of the query", NULL, "0.1", DERIVED, CONTENT },
	[HTTP_REQUEST_VERSION] = { "http.request.version", FIELD_ASCII, "Version of the request",
		NULL, "0.1", CORE, PLAIN },
	[HTTP_FULL_URI] = { "http.request.full_uri", FIELD_ASCII, "Host and target as one URL",
		NULL, "0.1", DERIVED, CONTENT },
	[HTTP_RESPONSE_VERSION] = { "http.response.version", FIELD_ASCII, "Version of the response",
		NULL, "0.1", CORE, PLAIN },
	[HTTP_CODE] = { "http.response.code", FIELD_U16, "Status code", "http.response.status_code",
		"0.1", CORE, PLAIN },
	[HTTP_CODE_DESC] = { "http.response.code.desc", FIELD_STR, "Meaning of the status code",
		NULL, "0.1", DERIVED, PLAIN },
	[HTTP_PHRASE] = { "http.response.phrase", FIELD_ASCII, "Reason the server gives", NULL,
		"0.1", DETAIL, CONTENT },
	[HTTP_HOST] = { "http.host", FIELD_ASCII, "Host", NULL, "0.1", CORE, NAME },
	[HTTP_USER_AGENT] = { "http.user_agent", FIELD_ASCII, "User-Agent", "user_agent.original",
		"0.1", CORE, PLAIN },
	[HTTP_REFERER] = { "http.referer", FIELD_ASCII, "Referer", "http.request.referrer", "0.1",
		CORE, CONTENT },
	[HTTP_CONTENT_TYPE] = { "http.content_type", FIELD_ASCII, "Content-Type", NULL, "0.1", CORE,
		PLAIN },
	[HTTP_CONTENT_LENGTH_HEADER] = { "http.content_length_header", FIELD_ASCII,
		"Content-Length as text", NULL, "0.1", DETAIL, PLAIN },
	[HTTP_CONTENT_LENGTH] = { "http.content_length", FIELD_U64, "Content-Length", NULL, "0.1",
		CORE, PLAIN },
	[HTTP_CONTENT_ENCODING] = { "http.content_encoding", FIELD_ASCII, "Content-Encoding", NULL,
		"0.1", DETAIL, PLAIN },
	[HTTP_TRANSFER_ENCODING] = { "http.transfer_encoding", FIELD_ASCII, "Transfer-Encoding",
		NULL, "0.1", DETAIL, PLAIN },
	[HTTP_CONNECTION] = { "http.connection", FIELD_ASCII, "Connection", NULL, "0.1", DETAIL,
		PLAIN },
	[HTTP_UPGRADE] = { "http.upgrade", FIELD_ASCII, "Upgrade", NULL, "0.1", DETAIL, PLAIN },
	[HTTP_ACCEPT] = { "http.accept", FIELD_ASCII, "Accept", NULL, "0.1", DETAIL, PLAIN },
	[HTTP_ACCEPT_LANGUAGE] = { "http.accept_language", FIELD_ASCII, "Accept-Language", NULL,
		"0.1", DETAIL, PLAIN },
	[HTTP_ACCEPT_ENCODING] = { "http.accept_encoding", FIELD_ASCII, "Accept-Encoding", NULL,
		"0.1", DETAIL, PLAIN },
	[HTTP_DATE] = { "http.date", FIELD_ASCII, "Date", NULL, "0.1", DETAIL, PLAIN },
	[HTTP_SERVER] = { "http.server", FIELD_ASCII, "Server", NULL, "0.1", CORE, PLAIN },
	[HTTP_LOCATION] = { "http.location", FIELD_ASCII, "Location", NULL, "0.1", CORE, CONTENT },
	[HTTP_LAST_MODIFIED] = { "http.last_modified", FIELD_ASCII, "Last-Modified", NULL, "0.1",
		DETAIL, PLAIN },
	[HTTP_CACHE_CONTROL] = { "http.cache_control", FIELD_ASCII, "Cache-Control", NULL, "0.1",
		DETAIL, PLAIN },
	[HTTP_X_FORWARDED_FOR] = { "http.x_forwarded_for", FIELD_ASCII,
		"X-Forwarded-For: who is behind the proxies", NULL, "0.1", CORE, ADDRESS },
	[HTTP_WWW_AUTHENTICATE] = { "http.www_authenticate", FIELD_ASCII, "WWW-Authenticate", NULL,
		"0.1", DETAIL, CONTENT },
	[HTTP_PROXY_AUTHENTICATE] = { "http.proxy_authenticate", FIELD_ASCII, "Proxy-Authenticate",
		NULL, "0.1", DETAIL, CONTENT },
	[HTTP_WEBSOCKET_KEY] = { "http.sec_websocket_key", FIELD_ASCII,
		"Sec-WebSocket-Key (a nonce, RFC 6455)", NULL, "0.1", DETAIL, PLAIN },
	[HTTP_WEBSOCKET_PROTOCOL] = { "http.sec_websocket_protocol", FIELD_ASCII,
		"Sec-WebSocket-Protocol", NULL, "0.1", DETAIL, PLAIN },
	[HTTP_REQUEST_LINE] = { "http.request.line", FIELD_ASCII, "One header line of a request",
		NULL, "0.1", DETAIL, CONTENT },
	[HTTP_RESPONSE_LINE] = { "http.response.line", FIELD_ASCII, "One header line of a response",
		NULL, "0.1", DETAIL, CONTENT },
	[HTTP_UNKNOWN_HEADER] = { "http.unknown_header", FIELD_ASCII,
		"One line of another name, where the start line was not seen", NULL, "0.1", DETAIL,
		CONTENT },
	[HTTP_AUTHORIZATION] = { "http.authorization", FIELD_ASCII, "Authorization", NULL, "0.1",
		DETAIL, SECRET },
	[HTTP_PROXY_AUTHORIZATION] = { "http.proxy_authorization", FIELD_ASCII,
		"Proxy-Authorization", NULL, "0.1", DETAIL, SECRET },
	[HTTP_AUTHBASIC] = { "http.authbasic", FIELD_STR,
		"User and password of basic authorization", NULL, "0.1", DERIVED, SECRET },
	[HTTP_COOKIE] = { "http.cookie", FIELD_ASCII, "Cookie", NULL, "0.1", DETAIL, SECRET },
	[HTTP_COOKIE_PAIR] = { "http.cookie_pair", FIELD_ASCII, "One cookie", NULL, "0.1", DERIVED,
		SECRET },
	[HTTP_SET_COOKIE] = { "http.set_cookie", FIELD_ASCII, "Set-Cookie", NULL, "0.1", DETAIL,
		SECRET },
	[HTTP_FILE_DATA] = { "http.file_data", FIELD_ASCII,
		"The body, as far as it goes (--payload)", NULL, "0.1", DETAIL, CONTENT },
	{ 0 },
};

/* The ports of tshark's preference, and those of IPP and DAAP, which speak HTTP. */
static const struct proto_bind binds[] = { { BY_TCP_PORT, 80, NULL }, { BY_TCP_PORT, 631, NULL },
	{ BY_TCP_PORT, 1900, NULL }, { BY_TCP_PORT, 2710, NULL }, { BY_TCP_PORT, 2869, NULL },
	{ BY_TCP_PORT, 3128, NULL }, { BY_TCP_PORT, 3132, NULL }, { BY_TCP_PORT, 3689, NULL },
	{ BY_TCP_PORT, 5985, NULL }, { BY_TCP_PORT, 8080, NULL }, { BY_TCP_PORT, 8088, NULL },
	{ BY_TCP_PORT, 11371, NULL }, { BY_SCTP_PORT, 80, NULL }, { 0 } };

/* Methods that tell something. */
static const char *const notices[] = { "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE" };

/* --- lines --- */

struct lines {
	struct bytes b;
	const uint8_t *lf; /* the next LF, or the end: kept so that no byte is searched twice */
};

static struct http_line next_line(struct lines *l)
{
	if (!l->lf || l->lf < l->b.p)
		l->lf = http_find(l->b, '\n');
	if (!l->lf)
		l->lf = l->b.end;
	const uint8_t *start = l->b.p, *end = l->b.end;
	const uint8_t *cr = memchr(start, '\r', (size_t)(l->lf - start));
	const uint8_t *stop = cr ? cr : l->lf;
	const uint8_t *next = cr && cr + 1 < l->lf ? cr + 1 : l->lf < end ? l->lf + 1 : end;
	size_t n = (size_t)(next - start);
	bytes_skip(&l->b, n);
	return (struct http_line){ .text = bytes_of(start, (size_t)(stop - start)),
		.whole = bytes_of(start, n),
		.ended = stop < end };
}

/* --- start lines --- */

static bool is_status_line(struct bytes text)
{
	return bytes_starts(&text, "HTTP/", 5) || bytes_starts(&text, "ICY", 3);
}

/* The method that a line begins with, empty when it is no request line. */
static struct bytes method_of(struct bytes text)
{
	int first = bytes_peek(&text, 0), second = bytes_peek(&text, 1);

	if (first >= 'A' && first <= 'Z' && (second < 'a' || second > 'z')) {
		struct bytes word = http_until(&text, ' ');
		if (http_method_named(word))
			return word;
	}
	return bytes_of(text.p, 0);
}

static void put_version(struct http *h, unsigned field, struct bytes version)
{
	http_put(h, field, version);
	if (!bytes_starts(&version, "HTTP/", 5))
		return;
	bytes_skip(&version, 5);
	if (bytes_left(&version) == 3)
		ecs_str(h->pkt, ECS_HTTP_VERSION, version.p, 3);
}

static void put_request(
	struct http *h, struct http_message *m, struct bytes text, struct bytes method)
{
	unsigned marks = h->marks;

	m->kind = HTTP_KIND_REQUEST;
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++)
		if (bytes_left(&method) == strlen(notices[i]) &&
			bytes_starts(&method, notices[i], strlen(notices[i])))
			m->kind = HTTP_KIND_NOTICE;
	m->connect = bytes_starts(&method, "CONNECT", 7);
	m->has_url = true;
	http_secret_line(h, text);
	m->url_marks = h->marks - marks;
	(void)http_until(&text, ' ');
	m->url = http_until(&text, ' ');
	http_put(h, HTTP_METHOD, method);
	ecs_text(h->pkt, ECS_EVENT_ACTION, http_method_named(method)->action);
	http_put(h, HTTP_URI, m->url);
	http_url_target(h, m->url);
	put_version(h, HTTP_REQUEST_VERSION, text);
}

static void put_code(struct http *h, struct http_message *m, struct bytes word)
{
	for (unsigned i = 0; i < STATUS_MIN; i++) {
		int c = bytes_u8(&word);
		if (c < '0' || c > '9')
			break;
		m->code = m->code * 10 + (unsigned)c - '0';
	}
	put_u64(h->pkt, HTTP_CODE, m->code);
	const char *meaning = http_status_meaning(h->pkt, m->code);
	if (meaning)
		put_str(h->pkt, HTTP_CODE_DESC, meaning, strlen(meaning));
}

/* A redirection is what was wanted, as far as the server can know; 1xx tells that there is more to
 * come. */
static void put_outcome(struct packet *pkt, unsigned code, struct bytes phrase)
{
	if (code >= 400)
		outcome_failure_said(pkt, code, phrase, http_status_meaning(pkt, code));
	else if (code >= 200)
		outcome_success(pkt);
}

static void put_response(struct http *h, struct http_message *m, struct bytes text)
{
	m->kind = HTTP_KIND_RESPONSE;
	m->code = 0;
	http_secret_line(h, text);
	put_version(h, HTTP_RESPONSE_VERSION, http_until(&text, ' '));
	while (bytes_peek(&text, 0) == ' ')
		bytes_skip(&text, 1);
	struct bytes word = http_until(&text, ' ');
	if (bytes_left(&word) < STATUS_MIN)
		return;
	put_code(h, m, word);
	while (bytes_peek(&text, 0) == ' ')
		bytes_skip(&text, 1);
	http_put(h, HTTP_PHRASE, text);
	put_outcome(h->pkt, m->code, text);
}

static bool start_line(struct http *h, struct http_message *m, struct bytes text)
{
	struct bytes method = method_of(text);

	if (bytes_left(&method))
		put_request(h, m, text, method);
	else if (is_status_line(text))
		put_response(h, m, text);
	else
		return false;
	m->begun = true;
	return true;
}

bool http_begins(struct bytes b)
{
	return is_status_line(b) || method_of(b).end > b.p;
}

/* --- messages --- */

/* Everything up to the empty line, or up to a line that is none of a head. False when the segment
 * ends amidst a line that has no colon yet: more of the head follows in the next one. */
static bool head(struct http *h, struct http_message *m, struct lines *l)
{
	for (unsigned i = 0; i < LINES_MAX && bytes_left(&l->b); i++) {
		struct lines before = *l;
		struct http_line line = next_line(l);
		if (start_line(h, m, line.text))
			continue;
		if (bytes_left(&line.text) == 0)
			return true;
		const uint8_t *colon = http_find(line.text, ':');
		if (!m->begun && colon && http_of_a_body(&line, colon)) {
			*l = before;
			return true;
		}
		if (!colon) {
			int blank = bytes_peek(&line.text, 0);
			if (m->begun && (blank == ' ' || blank == '\t')) /* of the line before */
				http_secret_mark(h, line.text);
			*l = before;
			return line.ended || !m->begun;
		}
		http_header(h, m, &line, colon);
	}
	return true;
}

/* How many of the bytes that are left belong to the body. */
static size_t body_length(const struct http_message *m, size_t left)
{
	if (m->has_length && !m->transfer_coded)
		return m->length < left ? (size_t)m->length : left;
	if (m->kind == HTTP_KIND_REQUEST)
		return m->transfer_coded ? left : 0;
	if (m->kind == HTTP_KIND_RESPONSE &&
		(m->code / 100 == 1 || m->code == 204 || m->code == 304))
		return 0;
	return left;
}

static void put_kind(struct http *h, const struct http_message *m, bool whole)
{
	bool asks = m->kind == HTTP_KIND_REQUEST || m->kind == HTTP_KIND_NOTICE;

	if (m->has_url)
		http_url(h, m, whole);
	if (whole && m->kind == HTTP_KIND_REQUEST)
		put_bool(h->pkt, HTTP_REQUEST, true);
	if (whole && m->kind == HTTP_KIND_RESPONSE)
		put_bool(h->pkt, HTTP_RESPONSE, true);
	if (asks || m->kind == HTTP_KIND_RESPONSE)
		pkt_client(h->pkt, asks);
}

/* One message, or what is left of one. False when nothing can follow it. */
static bool message(struct http *h, struct lines *l)
{
	struct http_message m = { .kind = HTTP_KIND_OTHER };

	if (bytes_starts(&l->b, "\r\n", 2) && bytes_peek(&l->b, 2) >= ' ') {
		pkt_anomaly(h->pkt, "empty line before the message");
		bytes_skip(&l->b, 2);
	}
	int first = bytes_peek(&l->b, 0);
	bool whole = first < ' ' || first > '~' || head(h, &m, l);
	if (!m.begun) {
		http_continuation(h, l->b);
		return false;
	}
	put_kind(h, &m, whole);
	if (!whole)
		return false;
	http_body(h, &m, bytes_upto(&l->b, body_length(&m, bytes_left(&l->b))));
	return true;
}

static bool is_tunnel(struct bytes b)
{
	int type = bytes_peek(&b, 0);

	return type >= 20 && type <= 23 && bytes_peek(&b, 1) == 3 && bytes_peek(&b, 2) <= 4 &&
	       bytes_left(&b) >= 5;
}

enum decode_result http_decode(struct packet *pkt, struct bytes b)
{
	struct http h = { .pkt = pkt, .end = b.end };
	struct lines l = { .b = b };
	unsigned messages = 0;

	if (is_tunnel(b) && decode_by(pkt, BY_TCP_PORT, TUNNEL_PORT, b))
		return DECODE_OK;
	if (http2_begins(b) && decode_by(pkt, BY_HTTP, HTTP2_VERSION, b))
		return DECODE_OK;
	while (bytes_left(&l.b) && messages < MESSAGES_MAX && message(&h, &l))
		messages++;
	if (messages == MESSAGES_MAX && bytes_left(&l.b))
		pkt_anomaly(pkt, "too many messages");
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

/* A whole first line, HTTP/1. or a method at its start and HTTP/1.x at its end; or an upgrade. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	enum { VERSION = 8 };
	struct lines l = { .b = b };

	(void)pkt;
	bool status = bytes_starts(&b, "HTTP/1.", 7);
	struct bytes method = method_of(b);
	if (!status && bytes_left(&method) == 0)
		return bytes_peek(&b, 0) > 'Z' && websocket_is_sure(b);
	struct http_line line = next_line(&l);
	size_t n = bytes_left(&line.text);
	if (!line.ended || n <= VERSION)
		return false;
	return status || strncasecmp((const char *)line.text.end - VERSION, "http/1.", 7) == 0;
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, 'A', 'Z' }, { BY_TCP_PORT, 0x81, 0x88 },
	{ BY_TCP_PORT, 0xc1, 0xc2 }, { 0 } };

const struct proto proto_http = {
	.name = "http",
	.binds = binds,
	.fields = http_fields,
	.decode = http_decode,
	.probe = probe,
	.probes = probes,
	.application = "http",
};
