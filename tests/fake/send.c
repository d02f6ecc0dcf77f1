/* send.c -- the way of an answer out of the door: late, slowly, cut, or not at all. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conn_priv.h"

#include <string.h>

enum { TICK_MS = 50 };

static void send_next(struct conn *c);

static void on_timer(uv_timer_t *timer)
{
	send_next(timer->data);
}

/* Every byte is out, or as many as a cut allows. */
static void send_end(struct conn *c)
{
	const struct rule *r = c->x.rule;

	if (r && r->cut != CUT_NONE && r->rst)
		conn_reset(c);
	else if (c->reply.close || (r && r->cut != CUT_NONE))
		conn_linger(c);
	else
		conn_next(c);
}

/* Below one byte a tick the ticks get longer. */
static uint64_t tick_ms(int64_t bytes_per_s)
{
	return bytes_per_s >= 1000 / TICK_MS ? TICK_MS : (uint64_t)(1000 / bytes_per_s);
}

static void on_written(uv_write_t *write, int status)
{
	struct conn *c = write->handle->data;
	int64_t drip = c->x.rule ? c->x.rule->drip : -1;

	if (c->closing)
		return;
	if (status < 0) {
		conn_close(c);
		return;
	}
	c->wire_at += c->piece;
	c->sent += c->piece;
	if (drip < 0 || c->sent >= c->limit)
		send_next(c);
	else
		uv_timer_start(&c->timer, on_timer, tick_ms(drip), 0);
}

/* Bytes that may go out at once; 0: nothing is left. */
static size_t next_piece(struct conn *c)
{
	int64_t drip = c->x.rule ? c->x.rule->drip : -1;

	while (c->wire_at == c->wire.len && c->reply.more) {
		text_clear(&c->wire);
		c->wire_at = 0;
		if (!reply_more(&c->reply, &c->wire))
			c->reply.more = NULL;
	}
	size_t n = c->wire.len - c->wire_at;

	if (drip > 0 && n > (size_t)drip * TICK_MS / 1000)
		n = drip * TICK_MS < 1000 ? 1 : (size_t)drip * TICK_MS / 1000;
	return n < c->limit - c->sent ? n : (size_t)(c->limit - c->sent);
}

static void send_next(struct conn *c)
{
	c->piece = next_piece(c);
	if (c->piece == 0) {
		send_end(c);
		return;
	}
	uv_buf_t buf = uv_buf_init(c->wire.p + c->wire_at, (unsigned)c->piece);

	if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) != 0)
		conn_close(c);
}

void send_continue(struct conn *c)
{
	static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
	uv_buf_t buf = uv_buf_init(line, sizeof(line) - 1);

	/* nothing else is being sent, and 25 bytes fit any socket */
	if (uv_try_write((uv_stream_t *)&c->tcp, &buf, 1) != (int)sizeof(line) - 1)
		conn_close(c);
}

static void print(struct conn *c)
{
	const struct rule *r = c->x.rule;

	if (c->head.minor == 0)
		c->reply.minor = 0;
	c->reply.head_only = view_is(c->head.method, "HEAD");
	c->reply.close |= !c->head.keep_alive;
	text_clear(&c->wire);
	reply_print(&c->reply, &c->wire);
	c->wire_at = 0;
	c->sent = 0;
	c->limit = UINT64_MAX;
	if (r && r->cut >= 0)
		c->limit = (uint64_t)r->cut;
	if (r && r->cut == CUT_IN_HEADERS)
		c->limit = http_head_size(text_view(&c->wire)) / 2;
}

void send_begin(struct conn *c)
{
	const struct rule *r = c->x.rule;
	uint64_t wait_ms = c->x.control || c->reply.instant ? 0 : c->srv->opt.latency_ms;

	c->sending = true;
	if (c->reply.drop) {
		conn_close(c);
		return;
	}
	if (r && r->hang)
		return;
	if (r && r->expect == CONTINUE_LATE)
		send_continue(c);
	if (c->closing)
		return;
	print(c);
	if (!c->x.control)
		c->srv->stats.answers[c->reply.status]++;
	if (r && !c->reply.instant)
		wait_ms += (uint64_t)r->delay_ms;
	uv_update_time(c->tcp.loop);
	if (wait_ms)
		uv_timer_start(&c->timer, on_timer, wait_ms, 0);
	else
		send_next(c);
}
