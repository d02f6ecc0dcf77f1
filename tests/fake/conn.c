/* conn.c -- one client connection: from bytes to requests, and its end in all its ways.
 *
 *   HEAD --head--> BODY --body--> WAIT --answer out [conn_next]--> HEAD
 *     |              \--`read` of a rule--> STALL, or reset
 *     \--413--> SKIP --body passed by--> HEAD or WAIT
 *   any --nothing more to say--> LINGER --client closes, or 2 s--> closed
 *
 * Reading goes on in WAIT, so that a client that gives up is noticed; what it sends is kept. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conn.h"

#include <stdlib.h>
#include <string.h>

#include "conn_priv.h"
#include "route.h"

enum {
	HEAD_MAX = 65536,
	EARLY_MAX = 1 << 20,
	IN_MAX = 8 << 20,
	WIRE_MAX = 1 << 30,
	LINGER_MS = 2000
};

static void exchange_end(struct conn *c)
{
	if (!c->begun)
		return;
	route_end(&c->x);
	reply_done(&c->reply);
	c->begun = false;
}

static void on_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	if (--c->handles)
		return;
	c->srv->connections_open--;
	text_done(&c->in);
	text_done(&c->head_bytes);
	text_done(&c->body);
	text_done(&c->wire);
	free(c);
}

static void close_with(struct conn *c, bool reset)
{
	if (c->closing)
		return;
	c->closing = true;
	exchange_end(c);
	uv_close((uv_handle_t *)&c->timer, on_closed);
	if (!reset || uv_tcp_close_reset(&c->tcp, on_closed) != 0)
		uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void conn_close(struct conn *c)
{
	close_with(c, false);
}

void conn_reset(struct conn *c)
{
	close_with(c, true);
}

void conn_close_any(uv_handle_t *handle, void *listener)
{
	if (handle != listener && (handle->type == UV_TCP || handle->type == UV_TIMER))
		conn_close(handle->data);
	else if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void on_linger(uv_timer_t *timer)
{
	conn_close(timer->data);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
	struct conn *c = req->handle->data;

	if (status < 0)
		conn_close(c);
}

/* Closing at once with unread bytes would be a reset, and could take the answer with it. */
void conn_linger(struct conn *c)
{
	if (c->closing || c->state == CONN_LINGER)
		return;
	exchange_end(c);
	c->state = CONN_LINGER;
	text_clear(&c->in);
	c->in_at = 0;
	uv_timer_start(&c->timer, on_linger, LINGER_MS, 0);
	if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown) != 0)
		conn_close(c);
}

static struct view unread(const struct conn *c)
{
	return view_of(c->in.p + c->in_at, c->in.len - c->in_at);
}

static void stall(struct conn *c)
{
	if (c->x.rule->close) {
		conn_reset(c);
		return;
	}
	c->state = CONN_STALL;
	uv_read_stop((uv_stream_t *)&c->tcp);
}

/* The whole request is there. */
static void complete(struct conn *c)
{
	if (c->x.rule && c->x.rule->read >= 0) {
		stall(c);
		return;
	}
	c->state = CONN_WAIT;
	c->x.wire = text_view(&c->body);
	route_answer(&c->x);
	send_begin(c);
}

/* The answer goes out before the body is in. After a refused Expect the next bytes are taken for
 * the next request, whatever they are: so does Elasticsearch. */
static void refuse_head(struct conn *c)
{
	bool comes = !c->head.expect && !c->head.expect_other;

	if (c->head.expect_other) {
		c->reply.status = 417;
		c->reply.type = NULL;
		c->reply.product = false;
	}
	c->body_left = comes ? (uint64_t)c->head.length : 0;
	c->state = c->body_left ? CONN_SKIP : CONN_WAIT;
	send_begin(c);
}

static void begin_body(struct conn *c)
{
	const struct rule *r = c->x.rule;
	enum rule_continue way = r ? r->expect : CONTINUE_NORMAL;

	if (way == CONTINUE_EARLY || (way == CONTINUE_NORMAL && c->head.expect && unread(c).n == 0))
		send_continue(c);
	if (c->closing)
		return;
	c->body_left = (uint64_t)c->head.length;
	c->chunks = (struct http_chunks){ .state = CHUNK_SIZE };
	c->state = CONN_BODY;
	if (!c->head.chunked && c->head.length == 0)
		complete(c);
}

static void refuse_request(struct conn *c, const char *why)
{
	reply_error(&c->reply, 400, "illegal_argument_exception", why);
	c->head = (struct http_head){ .minor = 0 };
	c->reply.close = true;
	c->state = CONN_WAIT;
	send_begin(c);
}

static void begin(struct conn *c)
{
	const char *why;

	text_clear(&c->body);
	reply_init(&c->reply);
	c->x = (struct exchange){ .srv = c->srv, .head = &c->head, .reply = &c->reply };
	c->begun = true;
	if (http_parse(&c->head, text_view(&c->head_bytes), &why) != HTTP_DONE) {
		refuse_request(c, why);
		return;
	}
	if (!route_begin(&c->x)) {
		c->state = CONN_WAIT;
		send_begin(c);
	} else if (c->x.rule && c->x.rule->read >= 0 && c->got >= (uint64_t)c->x.rule->read) {
		stall(c);
	} else if ((!c->head.chunked && route_refuses_head(&c->x)) || c->head.expect_other) {
		refuse_head(c);
	} else {
		begin_body(c);
	}
}

static bool take_head(struct conn *c)
{
	struct view v = unread(c);
	size_t size;

	/* RFC 9112 2.2: empty lines before a request are passed over */
	while (v.n >= 2 && memcmp(v.p, "\r\n", 2) == 0) {
		c->in_at += 2;
		v = unread(c);
	}
	size = http_head_size(v);
	if (size == 0 && v.n <= HEAD_MAX && !http_hopeless(v))
		return false;
	text_clear(&c->head_bytes);
	/* of a head that is too long nothing is kept, and nothing is no request */
	text_add(&c->head_bytes, v.p, size);
	c->in_at += size ? size : v.n;
	c->got = size;
	begin(c);
	return true;
}

static void take_chunks(struct conn *c, struct view v)
{
	size_t used;
	enum http_result r = http_chunks_feed(&c->chunks, v, &used, &c->body);

	c->in_at += used;
	c->got += used;
	if (r == HTTP_BAD) {
		refuse_request(c, "invalid chunk");
	} else if (r == HTTP_DONE || c->body.full) {
		/* too much: the rest of the body is not waited for */
		c->x.overflow = c->body.full;
		c->reply.close |= c->body.full;
		complete(c);
	}
}

static bool take_body(struct conn *c)
{
	const struct rule *r = c->x.rule;
	struct view v = unread(c);
	uint64_t most = r && r->read >= 0 ? (uint64_t)r->read : UINT64_MAX;

	if (v.n == 0)
		return false;
	if (c->head.chunked) {
		take_chunks(c, v);
	} else {
		size_t n = v.n < c->body_left ? v.n : (size_t)c->body_left;

		text_add(&c->body, v.p, n);
		c->in_at += n;
		c->got += n;
		c->body_left -= n;
		if (c->body_left == 0)
			complete(c);
	}
	if (!c->closing && c->state == CONN_BODY && c->got >= most)
		stall(c);
	return true;
}

static bool take_skip(struct conn *c)
{
	size_t n = unread(c).n;

	if (n > c->body_left)
		n = (size_t)c->body_left;
	c->in_at += n;
	c->body_left -= n;
	if (c->body_left == 0)
		c->state = c->sending ? CONN_WAIT : CONN_HEAD;
	return n > 0 || c->body_left == 0;
}

/* One step; false when it takes more bytes, or nothing is wanted. */
static bool take(struct conn *c)
{
	switch (c->state) {
	case CONN_HEAD:
		return take_head(c);
	case CONN_BODY:
		return take_body(c);
	case CONN_SKIP:
		return take_skip(c);
	default:
		return false;
	}
}

static void advance(struct conn *c)
{
	bool moved = true;

	while (moved && !c->closing) {
		moved = take(c);
	}
	if (c->state == CONN_LINGER)
		c->in_at = c->in.len;
	if (c->in_at == c->in.len) {
		text_clear(&c->in);
		c->in_at = 0;
	}
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct conn *c = handle->data;

	(void)suggested;
	*buf = uv_buf_init(c->srv->read_buffer, READ_BUFFER);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;

	if (n < 0) {
		conn_close(c);
		return;
	}
	text_add(&c->in, buf->base, (size_t)n);
	if (c->in.full) {
		conn_close(c);
		return;
	}
	advance(c);
	if (!c->closing && c->state == CONN_WAIT && c->in.len - c->in_at > EARLY_MAX)
		uv_read_stop(stream);
}

void conn_next(struct conn *c)
{
	bool skipping = c->state == CONN_SKIP;

	exchange_end(c);
	c->sending = false;
	if (!skipping)
		c->state = CONN_HEAD;
	uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
	advance(c);
}

void conn_accept(uv_stream_t *listener, int status)
{
	struct server *srv = listener->data;

	if (status < 0)
		return;
	struct conn *c = need(calloc(1, sizeof(*c)));

	c->srv = srv;
	c->handles = 2;
	c->tcp.data = c->timer.data = c;
	text_init(&c->in, IN_MAX);
	text_init(&c->head_bytes, IN_MAX);
	text_init(&c->body, srv->opt.max_body);
	text_init(&c->wire, WIRE_MAX);
	uv_tcp_init(listener->loop, &c->tcp);
	uv_timer_init(listener->loop, &c->timer);
	srv->stats.connections++;
	srv->connections_open++;
	if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0 ||
		uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) != 0) {
		conn_close(c);
		return;
	}
	uv_tcp_nodelay(&c->tcp, 1);
}
