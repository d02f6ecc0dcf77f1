/* http_watch.c -- whether a request gets through.
 *
 * What libcurl has handed to the kernel has not arrived: the buffer of a socket swallows a whole
 * body, which a thin link then carries for minutes. So what is still in that buffer is taken off,
 * and a request has failed when for a while hardly anything was acknowledged or received. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "clock.h"

enum {
	LOOK_MS = 250,
	WAIT_MS = 1000,  /* while all wait for the server: a sensor is to sleep */
	MOVED_MIN = 11,  /* bytes a second; less than this during the time-out is nothing */
	SEGMENTS = 4096, /* when so much of a body got through, large segments do */
};

static int64_t now_ms(void)
{
	return clock_ms(clock_monotonic_ns());
}

/* Bytes that our kernel has not yet got rid of. */
static int64_t unsent(const struct transfer *t)
{
	int left = 0;

	if (t->fd < 0 || ioctl(t->fd, SIOCOUTQ, &left) != 0)
		return 0;
	return left;
}

static int64_t info(const struct transfer *t, CURLINFO what)
{
	curl_off_t value = 0;

	(void)curl_easy_getinfo(t->easy, what, &value);
	return value;
}

/* What counts as getting on: not more than we allow ourselves. */
static int64_t moved_min(const struct http_conf *conf)
{
	int64_t per_s = conf->max_rate && conf->max_rate < MOVED_MIN ? conf->max_rate : MOVED_MIN;

	return per_s * conf->stall_ms / 1000;
}

static bool look(struct transfer *t, int64_t now)
{
	long head = 0;
	int64_t left = unsent(t), sent = info(t, CURLINFO_SIZE_UPLOAD_T);
	int64_t moved = sent - left + info(t, CURLINFO_SIZE_DOWNLOAD_T);

	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &head);
	if (!t->uploaded_ms && head && !left && sent >= (int64_t)t->request.len) {
		t->uploaded_ms = t->mark_ms = now; /* the server has its time from here on */
		t->mark = moved;
	} else if (moved >= t->mark + moved_min(&t->http->conf)) {
		t->mark_ms = now;
		t->mark = moved;
	}
	t->stalled = now - t->mark_ms >= t->http->conf.stall_ms;
	return !t->stalled;
}

static void on_look(uv_timer_t *timer)
{
	struct http *h = timer->data;
	int64_t now = now_ms();
	bool busy = false, uploads = false;

	for (unsigned i = 0; i < HTTP_REQUESTS_MAX && !h->closing; i++) {
		struct transfer *t = &h->transfers[i];
		if (t->busy && t->unwatched)
			http_give_up(t, CURLE_OUT_OF_MEMORY);
		else if (t->busy && !look(t, now))
			http_give_up(t, CURLE_OPERATION_TIMEDOUT);
		busy = busy || t->busy;
		uploads = uploads || (t->busy && !t->uploaded_ms);
	}
	if (!busy)
		(void)uv_timer_stop(h->look);
	uv_timer_set_repeat(h->look, uploads ? LOOK_MS : WAIT_MS);
}

void http_watch_begin(struct transfer *t)
{
	t->begin_ms = t->mark_ms = now_ms();
	t->uploaded_ms = t->mark = 0;
	t->fd = -1;
	uv_timer_t *timer = t->http->look;

	if (!uv_is_active((uv_handle_t *)timer) || uv_timer_get_repeat(timer) != LOOK_MS)
		(void)uv_timer_start(timer, on_look, LOOK_MS, LOOK_MS);
}

void http_watch_soon(struct http *h)
{
	(void)uv_timer_start(h->look, on_look, 0, LOOK_MS);
}

static int64_t head_of_answer(const struct transfer *t)
{
	long head = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head);
	return head;
}

/* A connection that came about, and then carried nothing large? */
static bool may_be_segments(const struct transfer *t)
{
	int64_t got_through = info(t, CURLINFO_SIZE_UPLOAD_T) - unsent(t);

	return info(t, CURLINFO_CONNECT_TIME_T) > 0 && (t->uploaded_ms || got_through < SEGMENTS);
}

void http_watch_end(struct transfer *t, CURLcode code, struct http_answer *answer)
{
	int64_t now = now_ms(), first = info(t, CURLINFO_STARTTRANSFER_TIME_T) / 1000;
	long head = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &head);
	answer->took_ms = now - t->begin_ms;
	answer->upload_ms = t->uploaded_ms ? t->uploaded_ms - t->begin_ms : answer->took_ms;
	if (first > 0 && first < answer->upload_ms) /* it answers when it has all */
		answer->upload_ms = first;
	answer->sent = head + info(t, CURLINFO_SIZE_UPLOAD_T);
	answer->received = head_of_answer(t) + info(t, CURLINFO_SIZE_DOWNLOAD_T);
	answer->timed_out = (t->stalled || code == CURLE_OPERATION_TIMEDOUT) && may_be_segments(t);
	answer->broken = head > 0 && code != CURLE_OK && !t->unwatched && !t->too_long;
}
