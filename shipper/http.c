/* http.c -- requests by libcurl multi on a libuv loop.
 *
 * libcurl tells which sockets it watches and when it wants to be called; libuv does the waiting.
 * Time-outs: 10 s to connect; then no limit on the whole, since a slow link may need minutes, but
 * a transfer that stalls for 90 s ends (the server may think that long), and a half-open
 * connection dies by TCP_USER_TIMEOUT. Redirects are not followed: credentials never leave the
 * host they were given for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

enum {
	CONNECT_MS = 10000,
	STALL_S = 90,
	USER_TIMEOUT_MS = 90000,
	CONNECTION_AGE_S = 300, /* DNS changes are followed */
	PASSWORD_MAX = 1024,
	SECONDS_MAX = 86400,
};

struct transfer {
	struct http *http;
	CURL *easy;
	bool busy;
	struct http_request request;
	struct curl_slist *headers;
	struct buf answer;
	int64_t retry_after_ms;
	bool too_long;
	char error[CURL_ERROR_SIZE];
};

struct socket_watch {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
};

struct http {
	struct http_conf conf;
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t *timer; /* own memory: it outlives us until the loop has closed it */
	struct transfer transfers[HTTP_REQUESTS_MAX];
	char password[PASSWORD_MAX];
	bool closing;
};

/* --- the password file --- */

static int read_password(struct http *h, struct err_detail *why)
{
	const char *path = h->conf.password_file;
	struct stat st;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		int err = err_set(why, ERR_CONFIG, "cannot read the password file %s: %s", path,
			strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	ssize_t n = read(fd, h->password, sizeof(h->password) - 1);
	(void)close(fd);
	if (st.st_mode & 077)
		return err_set(why, ERR_CONFIG,
			"the password file %s can be read by others; chmod 600 %s closes it", path,
			path);
	h->password[n > 0 ? n : 0] = '\0';
	h->password[strcspn(h->password, "\r\n")] = '\0';
	return *h->password ? 0 : err_set(why, ERR_CONFIG, "the password file %s is empty", path);
}

/* --- the CA file --- */

/* libcurl would say so only when it connects, and then as if the server were to blame. */
static int check_ca_file(const char *path, struct err_detail *why)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool pem = false;

	if (!file)
		return err_set(why, ERR_CONFIG, "cannot read the CA file %s: %s", path,
			strerror(errno));
	while (!pem && fgets(line, sizeof(line), file))
		pem = strncmp(line, "-----BEGIN ", 11) == 0;
	(void)fclose(file);
	return pem ? 0
		   : err_set(why, ERR_CONFIG, "the CA file %s holds no certificate in PEM", path);
}

/* --- one transfer --- */

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
	int timeout = USER_TIMEOUT_MS;

	(void)arg;
	(void)purpose;
	/* a Unix socket has no such option: nothing is lost */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
	return CURL_SOCKOPT_OK;
}

static void finish(struct transfer *t, int status, const char *error)
{
	struct http_request request = t->request;
	struct http_answer answer = { .status = status,
		.body = t->answer.data ? t->answer.data : "",
		.len = t->answer.len,
		.retry_after_ms = t->retry_after_ms,
		.error = error };

	curl_slist_free_all(t->headers);
	t->headers = NULL;
	/* still busy: done() may begin another request, and the answer must stand until it returns
	 */
	request.done(request.arg, &answer);
	buf_done(&t->answer);
	t->busy = false;
}

/* What to do about it, where libcurl's sentence does not say. */
static void advise(struct transfer *t, CURLcode code)
{
	const char *advice = NULL;
	char *after = strstr(t->error, " after "), *ms = after ? strstr(after, " ms") : NULL;

	/* a time in it would make each try look like another trouble */
	if (ms)
		memmove(after, ms + 3, strlen(ms + 3) + 1);
	size_t n = strlen(t->error);

	if (code == CURLE_PEER_FAILED_VERIFICATION)
		advice = "--ca-file names the certificate to trust";
	else if (code == CURLE_SSL_CONNECT_ERROR && strstr(t->error, "wrong version number"))
		advice = "the server speaks no TLS there; http:// instead of https://";
	if (advice)
		(void)snprintf(t->error + n, sizeof(t->error) - n, " (%s)", advice);
}

static void completed(struct transfer *t, CURLcode code)
{
	long status = 0;

	advise(t, code);

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_multi_remove_handle(t->http->multi, t->easy);
	if (t->too_long)
		finish(t, 0, "the answer is longer than any answer may be");
	else if (code != CURLE_OK)
		finish(t, 0, *t->error ? t->error : curl_easy_strerror(code));
	else
		finish(t, (int)status, NULL);
}

static void check_completed(struct http *h)
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

static void set_security(const struct http *h, CURL *easy)
{
	(void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (h->conf.ca_file)
		(void)curl_easy_setopt(easy, CURLOPT_CAINFO, h->conf.ca_file);
	if (!h->conf.user)
		return;
	(void)curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	(void)curl_easy_setopt(easy, CURLOPT_USERNAME, h->conf.user);
	(void)curl_easy_setopt(easy, CURLOPT_PASSWORD, h->password);
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
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
	(void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, (long)CONNECTION_AGE_S);
	set_security(t->http, easy);
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

	if (!t)
		return ERR_AGAIN;
	if (!t->easy)
		t->easy = curl_easy_init();
	if (!t->easy)
		return ERR_NOMEM;
	t->http = h;
	t->request = *request;
	t->retry_after_ms = 0;
	t->too_long = false;
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

/* --- libcurl on libuv --- */

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *watch = poll->data;
	struct http *h = watch->http;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(h->multi, watch->fd, flags, &running);
	check_completed(h);
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

static int on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *per_socket)
{
	struct http *h = arg;
	struct socket_watch *watch = per_socket;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			uv_close((uv_handle_t *)&watch->poll, free_handle);
		(void)curl_multi_assign(h->multi, fd, NULL);
		return 0;
	}
	if (!watch) {
		watch = new_watch(h, fd);
		if (!watch)
			return -1;
		(void)curl_multi_assign(h->multi, fd, watch);
	}
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	return uv_poll_start(&watch->poll, events, on_readable);
}

static void on_timeout(uv_timer_t *timer)
{
	struct http *h = timer->data;
	int running;

	(void)curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	check_completed(h);
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

int http_new(
	uv_loop_t *loop, const struct http_conf *conf, struct http **out, struct err_detail *why)
{
	struct http *h = calloc(1, sizeof(*h));
	int err = 0;

	if (!h)
		return err_set(why, ERR_NOMEM, "out of memory for HTTP");
	h->conf = *conf;
	h->loop = loop;
	if (conf->password_file)
		err = read_password(h, why);
	if (!err && conf->ca_file)
		err = check_ca_file(conf->ca_file, why);
	h->timer = err ? NULL : calloc(1, sizeof(*h->timer));
	h->multi = h->timer ? curl_multi_init() : NULL;
	if (!h->multi) {
		free(h->timer);
		free(h);
		return err ? err : err_set(why, ERR_NOMEM, "out of memory for HTTP");
	}
	(void)uv_timer_init(loop, h->timer);
	h->timer->data = h;
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
	(void)uv_timer_stop(h->timer);
	uv_close((uv_handle_t *)h->timer, free_timer);
	explicit_bzero(h->password, sizeof(h->password));
	free(h);
}
