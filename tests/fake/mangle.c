/* mangle.c -- answers that no Elasticsearch gives: canned ones, foreign ones, broken ones. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "mangle.h"

#include <string.h>

enum { GARBAGE = 64 << 20, GARBAGE_BLOCK = 256 * 1024, LENGTH_LIE = 10 };

static void answer_status(struct exchange *x)
{
	const struct rule *r = x->rule;
	struct reply *reply = x->reply;
	const char *type, *reason;

	/* Elasticsearch's own refusals bear its mark, but those of its security layer do not */
	reply->product = !r->has_body && r->status != 401 && r->status != 403;
	text_view_add(&reply->headers, text_view(&r->headers));
	if (!r->has_body) {
		reply_default_error((int)r->status, &type, &reason);
		reply_error(reply, (int)r->status, type, reason);
	} else {
		reply->status = (int)r->status;
		text_view_add(&reply->body, text_view(&r->body));
	}
	if (r->has_body && !r->json_body)
		reply->type = r->body.len && r->body.p[0] == '<' ? "text/html" : "text/plain";
	if (r->own_type)
		reply->type = NULL;
}

static bool has_header(const struct exchange *x, const char *line)
{
	const char *colon = strstr(line, ": ");
	char name[128];

	if ((size_t)(colon - line) >= sizeof(name))
		return false;
	memcpy(name, line, (size_t)(colon - line));
	name[colon - line] = '\0';
	return view_is(http_header(x->head, name), colon + 2);
}

static void answer_unauthorized(struct exchange *x)
{
	static const char security[] =
		"\"type\":\"security_exception\",\"reason\":\"missing authentication credentials "
		"for REST request [%.*s]\",\"header\":{\"WWW-Authenticate\":[\"Basic "
		"realm=\\\"security\\\", "
		"charset=\\\"UTF-8\\\"\",\"ApiKey\"]}}";
	struct text *body = &x->reply->body;
	int n = (int)x->head->target.n;
	const char *p = x->head->target.p;

	x->reply->status = 401;
	x->reply->product = false;
	text_str(&x->reply->headers,
		"WWW-Authenticate: Basic realm=\"security\", charset=\"UTF-8\"\r\n"
		"WWW-Authenticate: ApiKey\r\n");
	text_str(body, "{\"error\":{\"root_cause\":[{");
	text_fmt(body, security, n, p);
	text_str(body, "],");
	text_fmt(body, security, n, p);
	text_str(body, ",\"status\":401}");
}

bool mangle_whole(struct exchange *x)
{
	const struct rule *r = x->rule;

	if (!r)
		return false;
	if (r->status >= 0) {
		answer_status(x);
		return true;
	}
	if (r->unauthorized && !(r->until_header && has_header(x, r->until_header))) {
		answer_unauthorized(x);
		return true;
	}
	return false;
}

/* Becomes somebody else's answer: no Elasticsearch behind it. */
static void be_foreign(struct reply *r, int status, const char *type, const char *body)
{
	r->status = status;
	r->product = false;
	r->type = type;
	r->frame = REPLY_LENGTH;
	text_clear(&r->headers);
	text_clear(&r->body);
	text_str(&r->body, body);
}

/* Bytes of a fixed sequence that look like nothing. */
static bool more_garbage(struct reply *r, struct text *out)
{
	uint64_t h = 0x9e3779b97f4a7c15u + r->cursor;
	char *room = text_room(out, GARBAGE_BLOCK);

	for (size_t i = 0; room && i < GARBAGE_BLOCK; i++) {
		h = h * 6364136223846793005u + 1442695040888963407u;
		room[i] = (char)(h >> 56);
	}
	out->len += GARBAGE_BLOCK;
	r->cursor += GARBAGE_BLOCK;
	return r->cursor < GARBAGE;
}

/* A small body that grows; made once. */
static void be_bomb(struct reply *r)
{
	static struct text bomb;

	if (!bomb.len) {
		memset(need(text_room(&r->body, GARBAGE)), '[', GARBAGE);
		r->body.len = GARBAGE;
		reply_gzip(r);
		text_init(&bomb, GARBAGE);
		text_view_add(&bomb, text_view(&r->body));
		return;
	}
	text_view_add(&r->body, text_view(&bomb));
	r->gzip = true;
}

void mangle_body(struct exchange *x)
{
	struct reply *r = x->reply;

	switch (x->rule ? x->rule->answer : ANSWER_NORMAL) {
	case ANSWER_HTML:
		be_foreign(r, 200, "text/html",
			"<html><head><title>Welcome to our network</title></head>"
			"<body>Please log in to go on.</body></html>\n");
		break;
	case ANSWER_REDIRECT:
		be_foreign(r, 302, "text/html", "<html><body>It is elsewhere.</body></html>\n");
		/* another host name than the client used, so that credentials would go astray */
		text_fmt(&r->headers, "Location: http://localhost:%u/_fake/redirected\r\n",
			x->srv->port);
		break;
	case ANSWER_GARBAGE:
		be_foreign(r, 200, "application/json", "");
		r->length = GARBAGE;
		r->more = more_garbage;
		break;
	case ANSWER_GZIP_BOMB:
		be_foreign(r, 200, "application/json", "");
		be_bomb(r);
		break;
	case ANSWER_EMPTY:
		text_clear(&r->body);
		r->frame = REPLY_LENGTH;
		break;
	case ANSWER_TRUNCATED_JSON:
		r->body.len /= 2;
		break;
	default:
		break;
	}
}

/* Turns over bytes in the middle. */
static void break_gzip(struct reply *r)
{
	if (!r->gzip)
		reply_gzip(r);
	for (size_t i = r->body.len / 2; i < r->body.len && i < r->body.len / 2 + 8; i++)
		r->body.p[i] = (char)~r->body.p[i];
}

void mangle_frame(struct exchange *x)
{
	struct reply *r = x->reply;
	int64_t n = (int64_t)r->body.len;

	switch (x->rule ? x->rule->answer : ANSWER_NORMAL) {
	case ANSWER_HTTP10:
		r->minor = 0;
		r->frame = REPLY_UNTIL_CLOSE;
		r->close = true;
		break;
	case ANSWER_LENGTH_LONG:
		r->frame = REPLY_LENGTH;
		r->length = n + LENGTH_LIE;
		r->close = true;
		break;
	case ANSWER_LENGTH_SHORT:
		r->frame = REPLY_LENGTH;
		r->length = n > LENGTH_LIE ? n - LENGTH_LIE : 0;
		break;
	case ANSWER_TRAILERS:
		r->frame = REPLY_CHUNKED;
		r->trailers = true;
		break;
	case ANSWER_BAD_GZIP:
		break_gzip(r);
		break;
	default:
		break;
	}
}
