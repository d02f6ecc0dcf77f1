/* http_loop.c -- libcurl multi on a libuv loop: libcurl tells which sockets it watches and when it
 * wants to be called; libuv does the waiting. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum { STALL_MS = 90000 };

struct socket_watch {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
};

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *watch = poll->data;
	struct http *h = watch->http;
	int flags = 0, running;

	/* libuv saw an error on the socket; but what came before it may be an alert of TLS, or the
	 * answer to a request that was not read to its end: libcurl is to read that first */
	if (status < 0)
		flags = CURL_CSELECT_ERR | CURL_CSELECT_IN | CURL_CSELECT_OUT;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(h->multi, watch->fd, flags, &running);
	http_check_completed(h);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle->data);
}

static struct socket_watch *new_watch(struct http *h, curl_socket_t fd)
{
	struct socket_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	if (uv_poll_init_socket(h->loop, &watch->poll, fd) != 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->http = h;
	watch->fd = fd;
	return watch;
}

/* NULL: none of ours, but one that libcurl has for itself. */
static struct transfer *transfer_of(struct http *h, const CURL *easy)
{
	for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i++)
		if (h->transfers[i].easy == easy)
			return &h->transfers[i];
	return NULL;
}

/* Told to libcurl, it would give up all requests and never call back for any. So this one ends soon,
 * but not inside of libcurl. */
static int cannot_watch(struct http *h, struct transfer *t)
{
	if (t) {
		t->unwatched = true;
		http_watch_soon(h);
	}
	return 0;
}

static int on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *per_socket)
{
	struct http *h = arg;
	struct socket_watch *watch = per_socket;
	int events = 0;

	struct transfer *t = transfer_of(h, easy);

	if (what == CURL_POLL_REMOVE) {
		if (watch)
			uv_close((uv_handle_t *)&watch->poll, free_handle);
		(void)curl_multi_assign(h->multi, fd, NULL);
		return 0;
	}
	if (t)
		t->fd = fd;
	if (!watch) {
		watch = new_watch(h, fd);
		if (!watch)
			return cannot_watch(h, t);
		(void)curl_multi_assign(h->multi, fd, watch);
	}
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	return uv_poll_start(&watch->poll, events, on_readable) ? cannot_watch(h, t) : 0;
}

static void on_timeout(uv_timer_t *timer)
{
	struct http *h = timer->data;
	int running;

	(void)curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	http_check_completed(h);
}

static int on_timer_wish(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(h->timer);
	/* 0 would call back from inside this call: libcurl forbids it */
	return uv_timer_start(h->timer, on_timeout, timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
}

static int look_at_files(struct http *h, const struct http_conf *conf, struct err_detail *why)
{
	h->conf = *conf;
	if (!h->conf.stall_ms)
		h->conf.stall_ms = STALL_MS;
	if (auth_given(&conf->auth) || conf->cert || conf->proxy_user)
		(void)prctl(PR_SET_DUMPABLE, 0);
	int err = http_proxy_check(conf, why);
	if (!err)
		err = auth_read(&conf->auth, h->authorization, why);
	return err ? err : http_tls_init(h, why);
}

int http_check(const struct http_conf *conf, struct err_detail *why)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(why, ERR_NOMEM, "out of memory for HTTP");
	int err = look_at_files(h, conf, why);
	explicit_bzero(h->authorization, sizeof(h->authorization));
	free(h);
	return err;
}

int http_new(
	uv_loop_t *loop, const struct http_conf *conf, struct http **out, struct err_detail *why)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(why, ERR_NOMEM, "out of memory for HTTP");
	h->loop = loop;
	int err = look_at_files(h, conf, why);
	h->timer = err ? NULL : calloc(1, sizeof(*h->timer));
	h->look = h->timer ? calloc(1, sizeof(*h->look)) : NULL;
	h->multi = h->look ? curl_multi_init() : NULL;
	if (!h->multi) {
		free(h->timer);
		free(h->look);
		free(h);
		return err ? err : err_set(why, ERR_NOMEM, "out of memory for HTTP");
	}
	(void)uv_timer_init(loop, h->timer);
	(void)uv_timer_init(loop, h->look);
	h->timer->data = h->look->data = h;
	(void)curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
	(void)curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	(void)curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	(void)curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	(void)curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	*out = h;
	return 0;
}

static void free_timer(uv_handle_t *handle)
{
	free(handle);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	h->closing = true;
	for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i++) {
		struct transfer *t = &h->transfers[i];
		if (t->busy)
			(void)curl_multi_remove_handle(h->multi, t->easy);
		if (t->easy)
			curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->headers);
		buf_done(&t->answer);
	}
	(void)curl_multi_cleanup(h->multi);
	http_traffic_done(h);
	(void)uv_timer_stop(h->timer);
	(void)uv_timer_stop(h->look);
	uv_close((uv_handle_t *)h->timer, free_timer);
	uv_close((uv_handle_t *)h->look, free_timer);
	explicit_bzero(h->authorization, sizeof(h->authorization));
	free(h);
}
