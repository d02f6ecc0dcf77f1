/* conn_priv.h -- a connection as its two halves see it: conn.c reads, send.c sends. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_CONN_PRIV_H
#define FAKE_CONN_PRIV_H

#include <uv.h>

#include "server.h"

enum conn_state {
	CONN_HEAD,  /* wants a request */
	CONN_BODY,  /* has the head, wants the body */
	CONN_SKIP,  /* the request was refused: its body is read and left */
	CONN_WAIT,  /* has the request, the answer is on its way */
	CONN_STALL, /* the script says: read no further */
	CONN_LINGER /* has said all; waits for the client to close */
};

struct conn {
	uv_tcp_t tcp;
	uv_timer_t timer; /* delay, drip or linger: never two of them */
	uv_write_t write;
	uv_shutdown_t shutdown;
	struct server *srv;
	enum conn_state state;
	bool closing, sending;
	unsigned handles; /* open ones; 0 frees it */
	/* what came in */
	struct text in;
	size_t in_at; /* bytes of `in` that are used up */
	struct text head_bytes, body;
	struct http_head head;
	struct http_chunks chunks;
	uint64_t body_left, got; /* got: bytes of this request, its head included */
	/* what goes out */
	bool begun; /* x and reply are to be ended */
	struct exchange x;
	struct reply reply;
	struct text wire;
	size_t wire_at, piece;
	uint64_t sent, limit;
};

/* The request is answered in c->reply: send it as the rule says. */
void send_begin(struct conn *c);
/* The interim answer, out of turn; closes the connection if it is broken. */
void send_continue(struct conn *c);

/* The answer is out: on to the next request. */
void conn_next(struct conn *c);
void conn_linger(struct conn *c);
void conn_reset(struct conn *c);
void conn_close(struct conn *c);

#endif
