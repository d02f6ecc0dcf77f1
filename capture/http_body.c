/* http_body.c -- what becomes of the bytes behind the headers.
 *
 * Bodies are not decoded. frame.protocols names them by their Content-Type, as tshark does, and
 * what has no type, or is coded (chunked, compressed), is data. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_body.h"

#include <ctype.h>

#include "http2.h"
#include "http_secret.h"
#include "websocket.h"

struct kind {
	const char *type;
	const char *token; /* NULL: data */
};

static const struct kind kinds[] = {
	{ "application/octet-stream", NULL },
	{ "application/json", "json" },
	{ "text/html", "data-text-lines" },
	{ "text/plain", "data-text-lines" },
	{ "text/css", "data-text-lines" },
	{ "text/javascript", "data-text-lines" },
	{ "text/richtext", "data-text-lines" },
	{ "text/enriched", "data-text-lines" },
	{ "application/x-javascript", "data-text-lines" },
	{ "application/x-ns-proxy-autoconfig", "data-text-lines" },
	{ "application/x-www-form-urlencoded", "urlencoded-form" },
	{ "application/json-rpc", "json" },
	{ "application/jsonrequest", "json" },
	{ "application/json-patch+json", "json" },
	{ "application/merge-patch+json", "json" },
	{ "application/problem+json", "json" },
	{ "application/senml+json", "json" },
	{ "application/x-ndjson", "json" },
	{ "text/xml", "xml" },
	{ "application/xml", "xml" },
	{ "application/soap+xml", "xml" },
	{ "application/rss+xml", "xml" },
	{ "application/atom+xml", "xml" },
	{ "application/mathml+xml", "xml" },
	{ "application/rdf+xml", "xml" },
	{ "application/xslt+xml", "xml" },
	{ "application/smil", "xml" },
	{ "image/svg+xml", "xml" },
	{ "text/vnd.wap.wml", "xml" },
	{ "application/vnd.ms-sync.wbxml", "wbxml" },
	{ "application/vnd.wap.wbxml", "wbxml" },
	{ "application/vnd.syncml+wbxml", "wbxml" },
	{ "application/x-amf", "amf" },
	{ "application/cbor", "cbor" },
	{ "application/ocsp-request", "ocsp" },
	{ "application/ocsp-response", "ocsp" },
	{ "message/http", "message-http" },
};

/* --- images: named only when they begin as one --- */

static const char *image_of(struct bytes type, struct bytes body)
{
	if (http_is(type, "image/gif"))
		return bytes_starts(&body, "GIF8", 4) && bytes_left(&body) >= 13 ? "image-gif"
										 : "media";
	if (http_is(type, "image/png"))
		return bytes_starts(&body, "\x89PNG\r\n\x1a\n", 8) ? "png" : "media";
	if (http_is(type, "image/jpeg") || http_is(type, "image/jpg"))
		return bytes_starts(&body, "\xff\xd8\xff\xe0", 4) && bytes_left(&body) >= 20
			       ? "image-jfif"
			       : "media";
	return NULL;
}

/* Does it begin and end like an object or an array? */
static bool is_json(struct bytes body)
{
	while (bytes_left(&body) && isspace(bytes_peek(&body, 0)))
		bytes_skip(&body, 1);
	while (bytes_left(&body) && isspace(body.end[-1]))
		body.end--;
	if (bytes_left(&body) < 2)
		return false;
	int first = bytes_peek(&body, 0), last = body.end[-1];
	return (first == '{' && last == '}') || (first == '[' && last == ']');
}

/* --- the name --- */

static struct bytes media_type(struct bytes value)
{
	struct bytes type = value;

	while (bytes_left(&value) && !strchr("; \t", bytes_peek(&value, 0)))
		bytes_skip(&value, 1);
	type.end = value.p;
	return type;
}

/* Says whether the body is data. */
static bool name_body(struct http *h, struct bytes type, struct bytes body)
{
	const char *image = image_of(type, body);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!http_is(type, kinds[i].type))
			continue;
		if (!kinds[i].token)
			return true;
		pkt_protocol(h->pkt, kinds[i].token);
		if (strcmp(kinds[i].token, "ocsp") == 0)
			(void)decode_by(h->pkt, BY_CONTENT, CONTENT_OCSP, body);
		if (strcmp(kinds[i].token, "json") == 0 && !is_json(body))
			pkt_protocol(h->pkt, "data-text-lines");
		return false;
	}
	if (!image && bytes_left(&type) > 10 &&
		strncasecmp((const char *)type.p, "multipart/", 10) == 0)
		image = "mime_multipart";
	pkt_protocol(h->pkt, image ? image : "media");
	return false;
}

static void put_data(struct http *h, struct bytes body)
{
	if (!h->pkt->payload)
		return;
	http_secret_body(h, body);
	http_put(h, HTTP_FILE_DATA, body);
}

void http_body(struct http *h, const struct http_message *m, struct bytes body)
{
	if (bytes_left(&body) == 0)
		return;
	if (!m->chunked && !m->content_coded) {
		put_data(h, body);
		if (m->has_type && !name_body(h, media_type(m->type), body))
			return;
	}
	(void)decode_data(h->pkt, body);
}

void http_continuation(struct http *h, struct bytes rest)
{
	int first = bytes_peek(&rest, 0);

	if (websocket_begins(h->pkt, rest) && decode_by(h->pkt, BY_HTTP, HTTP_WEBSOCKET, rest))
		return;
	if (http2_begins(rest) && decode_by(h->pkt, BY_HTTP, HTTP2_VERSION, rest))
		return;
	if (first >= ' ' && first < 0x7f)
		put_data(h, rest);
	(void)decode_data(h->pkt, rest);
}
