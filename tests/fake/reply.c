/* reply.c -- one HTTP answer: what it says, and the bytes it becomes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>

enum { BODY_MAX = 1 << 30, HEADERS_MAX = 1 << 20, CHUNK = 256 * 1024 };

void reply_init(struct reply *r)
{
	*r = (struct reply){
		.status = 200, .minor = 1, .type = "application/json", .product = true, .length = -1
	};
	text_init(&r->headers, HEADERS_MAX);
	text_init(&r->body, BODY_MAX);
}

void reply_done(struct reply *r)
{
	text_done(&r->headers);
	text_done(&r->body);
}

void reply_error(struct reply *r, int status, const char *type, const char *reason)
{
	r->status = status;
	text_clear(&r->body);
	text_str(&r->body, "{\"error\":{\"root_cause\":[{\"type\":");
	text_json(&r->body, view_str(type));
	text_str(&r->body, ",\"reason\":");
	text_json(&r->body, view_str(reason));
	text_str(&r->body, "}],\"type\":");
	text_json(&r->body, view_str(type));
	text_str(&r->body, ",\"reason\":");
	text_json(&r->body, view_str(reason));
	text_fmt(&r->body, "},\"status\":%d}", status);
}

void reply_default_error(int status, const char **type, const char **reason)
{
	static const struct {
		int status;
		const char *type, *reason;
	} rows[] = {
		{ 400, "illegal_argument_exception", "bad request" },
		{ 401, "security_exception",
			"missing authentication credentials for REST request" },
		{ 403, "security_exception", "action [indices:data/write/bulk] is unauthorized" },
		{ 404, "index_not_found_exception", "no such index" },
		{ 429, "es_rejected_execution_exception",
			"rejected execution of coordinating operation" },
		{ 503, "cluster_block_exception",
			"blocked by: [SERVICE_UNAVAILABLE/2/no master];" },
		{ 0, "exception", "the script says so" },
	};
	size_t i = 0;

	while (rows[i].status && rows[i].status != status)
		i++;
	*type = rows[i].type;
	*reason = rows[i].reason;
}

void reply_sentence(struct reply *r, int status, const char *sentence)
{
	r->status = status;
	text_clear(&r->body);
	text_str(&r->body, "{\"error\":");
	text_json(&r->body, view_str(sentence));
	text_fmt(&r->body, ",\"status\":%d}", status);
}

void reply_gzip(struct reply *r)
{
	struct libdeflate_compressor *c = need(libdeflate_alloc_compressor(6));
	size_t max = libdeflate_gzip_compress_bound(c, r->body.len);
	struct text packed;

	text_init(&packed, BODY_MAX);
	char *room = need(text_room(&packed, max));

	packed.len = libdeflate_gzip_compress(c, r->body.p, r->body.len, room, max);
	libdeflate_free_compressor(c);
	text_done(&r->body);
	r->body = packed;
	r->gzip = true;
}

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *words;
	} rows[] = { { 200, "OK" }, { 201, "Created" }, { 301, "Moved Permanently" },
		{ 302, "Found" }, { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
		{ 407, "Proxy Authentication Required" }, { 408, "Request Timeout" },
		{ 409, "Conflict" }, { 413, "Request Entity Too Large" },
		{ 417, "Expectation Failed" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].status == status)
			return rows[i].words;
	return "Unknown";
}

static void print_head(const struct reply *r, struct text *wire)
{
	text_fmt(wire, "HTTP/1.%d %d %s\r\n", r->minor, r->status, phrase(r->status));
	text_view_add(wire, text_view(&r->headers));
	if (r->product)
		text_str(wire, "X-elastic-product: Elasticsearch\r\n");
	if (r->type)
		text_fmt(wire, "content-type: %s\r\n", r->type);
	if (r->gzip)
		text_str(wire, "content-encoding: gzip\r\n");
	if (r->trailers)
		text_str(wire, "Trailer: X-Checksum\r\n");
	if (r->frame == REPLY_CHUNKED)
		text_str(wire, r->gzip ? "transfer-encoding: chunked\r\n"
				       : "Transfer-Encoding: chunked\r\n");
	if (r->frame == REPLY_LENGTH)
		text_fmt(wire, "content-length: %" PRId64 "\r\n",
			r->length >= 0 ? r->length : (int64_t)r->body.len);
	text_str(wire, "\r\n");
}

static void print_chunks(struct view body, struct text *wire)
{
	for (size_t at = 0; at < body.n; at += CHUNK) {
		size_t n = body.n - at < CHUNK ? body.n - at : CHUNK;

		text_fmt(wire, "%zx\r\n", n);
		text_add(wire, body.p + at, n);
		text_str(wire, "\r\n");
	}
}

void reply_print(struct reply *r, struct text *wire)
{
	print_head(r, wire);
	if (r->head_only || r->more)
		return;
	if (r->frame != REPLY_CHUNKED) {
		text_view_add(wire, text_view(&r->body));
		return;
	}
	print_chunks(text_view(&r->body), wire);
	text_str(wire, r->trailers ? "0\r\nX-Checksum: 1\r\n\r\n" : "0\r\n\r\n");
}

bool reply_more(struct reply *r, struct text *wire)
{
	text_clear(&r->body);
	bool again = r->more && !r->head_only && r->more(r, &r->body);

	if (r->frame != REPLY_CHUNKED) {
		text_view_add(wire, text_view(&r->body));
		return again;
	}
	print_chunks(text_view(&r->body), wire);
	if (!again)
		text_str(wire, "0\r\n\r\n");
	return again;
}
