/* http.c -- one request and its answer, by libcurl.
 *
 * Time-outs: 10 s to connect; then no limit on the whole, since a slow link may need minutes, but
 * a request that gets on no further for 90 s ends (the server may think that long; http_watch.c),
 * and a half-open connection dies by TCP_USER_TIMEOUT. Redirects are not followed: credentials
 * never leave the host they were given for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
	CONNECT_MS = 10000,
	USER_TIMEOUT_MORE_MS = 5000, /* http_watch.c knows better what it was that stalled */
	KEEPALIVE_S = 30,
	CONNECTION_AGE_S = 300, /* DNS changes are followed */
	DNS_CACHE_S = 5,        /* and at once when a connection has failed */
	SECONDS_MAX = 3600,     /* of Retry-After: nobody's word stops a sensor for longer */
};

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;

	if (buf_add(&t->answer, data, n)) {
		t->too_long = true;
		return 0; /* ends the transfer */
	}
	return n;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	static const char name[] = "retry-after:";
	struct transfer *t = arg;
	size_t n = size * count;
	char value[32];

	if (n > sizeof(name) - 1 && strncasecmp(data, name, sizeof(name) - 1) == 0) {
		size_t len = n - (sizeof(name) - 1);
		len = len < sizeof(value) - 1 ? len : sizeof(value) - 1;
		memcpy(value, data + sizeof(name) - 1, len);
		value[len] = '\0';
		long seconds = strtol(value, NULL, 10); /* the form with a date counts as none */
		if (seconds > 0)
			t->retry_after_ms = (seconds < SECONDS_MAX ? seconds : SECONDS_MAX) *
					    INT64_C(1000);
	}
	return n;
}

static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const struct transfer *t = arg;
	int timeout = (int)t->http->conf.stall_ms + USER_TIMEOUT_MORE_MS;

	(void)purpose;
	if (t->request.segment)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &t->request.segment,
			sizeof(t->request.segment));
	/* a Unix socket has no such option: nothing is lost */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
	return CURL_SOCKOPT_OK;
}

static void finish(struct transfer *t, struct http_answer *answer)
{
	struct http_request request = t->request;

	answer->body = t->answer.data ? t->answer.data : "";
	answer->len = t->answer.len;
	answer->retry_after_ms = t->retry_after_ms;
	answer->too_long = t->too_long;
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	/* still busy: done() may begin another request, and the answer must stand until it returns
	 */
	request.done(request.arg, answer);
	buf_done(&t->answer);
	t->busy = false;
}

/* The secret may have been replaced since; what cannot be read leaves the one there was. */
static int refresh(struct http *h, struct err_detail *why)
{
	return auth_read_again(&h->conf.auth, h->authorization, why);
}

static void completed(struct transfer *t, CURLcode code)
{
	struct err_detail why;
	struct http_answer answer = { 0 };
	long status = 0;

	t->http->answered = t->http->answered || code == CURLE_OK;
	if (code != CURLE_OK)
		http_explain(t, code);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	http_watch_end(t, code, &answer);
	(void)curl_multi_remove_handle(t->http->multi, t->easy);
	const char *tls = http_explain_answer((int)status, t->answer.data, t->answer.len);
	if (t->too_long)
		answer.error = "the answer is longer than any answer may be";
	else if (code != CURLE_OK)
		answer.error = t->error;
	else if (tls)
		answer.error = tls;
	else if ((status == 401 || status == 403) && refresh(t->http, &why))
		answer.error = why.text; /* rather than what the server says of the old one */
	else
		answer.status = (int)status;
	finish(t, &answer);
}

void http_give_up(struct transfer *t, CURLcode code)
{
	t->error[0] = '\0';
	completed(t, code);
}

void http_check_completed(struct http *h)
{
	CURLMsg *message;
	int left;

	while (!h->closing && (message = curl_multi_info_read(h->multi, &left))) {
		struct transfer *t;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		completed(t, code);
	}
}

static int add_header(struct transfer *t, const char *text)
{
	struct curl_slist *more = curl_slist_append(t->headers, text);

	if (!more)
		return ERR_NOMEM;
	t->headers = more;
	return 0;
}

static int set_headers(struct transfer *t)
{
	char type[128];
	int err = add_header(t, "Expect:"); /* libcurl adds 100-continue above 1 MiB */

	if (!err && t->request.type) {
		(void)snprintf(type, sizeof(type), "Content-Type: %s", t->request.type);
		err = add_header(t, type);
	}
	if (!err && t->request.gzip)
		err = add_header(t, "Content-Encoding: gzip");
	if (t->request.gzip_answer)
		(void)curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (!err && *t->http->authorization)
		err = add_header(t, t->http->authorization);
	(void)curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	return err;
}

static void set_method(struct transfer *t)
{
	const struct http_request *r = &t->request;

	(void)curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
	if (strcmp(r->method, "HEAD") == 0)
		(void)curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	if (r->body) {
		(void)curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, r->body);
		(void)curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
	}
	if (strcmp(r->method, "PUT") == 0)
		(void)curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, "PUT");
}

/* A connection from before a failure may be one that only we still know of. */
static void set_age(struct transfer *t)
{
	int64_t seconds = CONNECTION_AGE_S, since = t->request.not_older_ms;

	if (since && (t->begin_ms - since) / 1000 < seconds)
		seconds = (t->begin_ms - since) / 1000;
	(void)curl_easy_setopt(t->easy, CURLOPT_MAXLIFETIME_CONN, (long)seconds);
	if (seconds < 1) /* 0 would be no limit */
		(void)curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_connection(struct transfer *t)
{
	CURL *easy = t->easy;

	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, t);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	(void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, t->http->conf.quiet ? 0L : 1L);
	(void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
	(void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
	(void)curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, (long)DNS_CACHE_S);
	/* a name server that does not answer must not hold up the loop */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	set_age(t);
	http_proxy_set(t);
}

static int set_options(struct transfer *t)
{
	CURL *easy = t->easy;

	curl_easy_reset(easy);
	t->error[0] = '\0';
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "espcap-ship/" ESPCAP_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	set_connection(t);
	http_tls_set(t);
	http_traffic_set(t);
	set_method(t);
	return set_headers(t);
}

static struct transfer *idle_transfer(struct http *h)
{
	for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i++)
		if (!h->transfers[i].busy)
			return &h->transfers[i];
	return NULL;
}

int http_send(struct http *h, const struct http_request *request)
{
	struct transfer *t = idle_transfer(h);
	struct err_detail why;

	if (!t)
		return ERR_AGAIN;
	if (refresh(h, &why)) {
		/* the old one may still be good; if not, the answer to this one says so */
	}
	if (!t->easy)
		t->easy = curl_easy_init();
	if (!t->easy)
		return ERR_NOMEM;
	t->http = h;
	t->request = *request;
	t->retry_after_ms = 0;
	t->too_long = t->unwatched = t->stalled = false;
	http_watch_begin(t);
	buf_done(&t->answer);
	buf_init(&t->answer, request->answer_max);
	int err = set_options(t);
	if (!err && curl_multi_add_handle(h->multi, t->easy) != CURLM_OK)
		err = ERR_NOMEM;
	if (err) {
		curl_slist_free_all(t->headers);
		t->headers = NULL;
		return err;
	}
	t->busy = true;
	return 0;
}
