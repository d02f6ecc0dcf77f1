/* http_internal.h -- what the files of HTTP share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_INTERNAL_H
#define ESPCAP_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "http.h"

enum { FINGERPRINT_BYTES = 32 };

struct transfer {
	struct http *http;
	CURL *easy;
	bool busy;
	struct http_request request;
	struct curl_slist *headers;
	struct buf answer;
	int64_t retry_after_ms;
	bool too_long;
	bool unwatched; /* the loop could not be given its socket */
	bool stalled;
	curl_socket_t fd;              /* of the connection, once there is one; -1 */
	int64_t begin_ms, uploaded_ms; /* monotonic; 0: not yet */
	int64_t mark, mark_ms;         /* bytes that had come through, and when */
	bool no_such_ca; /* the server's chain has no certificate of our fingerprint */
	char error[CURL_ERROR_SIZE];
};

struct http_traffic {
	int *fds; /* owned: of open connections */
	size_t count;
	uint64_t closed; /* bytes of those that are closed */
};

struct http {
	struct http_conf conf;
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t *timer, *look; /* own memory: they outlive us until the loop has closed them */
	struct transfer transfers[HTTP_REQUESTS_MAX];
	char authorization[AUTH_HEADER_MAX]; /* the header, "" for none */
	unsigned char fingerprint[FINGERPRINT_BYTES];
	bool answered; /* there was an answer, so that http and https were not confused */
	bool closing;
	struct http_traffic traffic;
};

/* http_traffic.c: counts the connections of a transfer, and holds it to the rate. */
void http_traffic_set(struct transfer *t);
void http_traffic_done(struct http *h);

/* http.c: hands on the answers that libcurl has whole, or has given up. */
void http_check_completed(struct http *h);
/* Ends a transfer that libcurl still works on, with the words of http_explain(). */
void http_give_up(struct transfer *t, CURLcode code);

/* http_watch.c: whether a request gets through. Starts looking at one that begins. */
void http_watch_begin(struct transfer *t);
/* Looks at all of them from the loop, without waiting for the next look. */
void http_watch_soon(struct http *h);
/* The times and bytes of one that has ended. */
void http_watch_end(struct transfer *t, CURLcode code, struct http_answer *answer);

/* http_proxy.c. ERR_CONFIG with a sentence. */
int http_proxy_check(const struct http_conf *conf, struct err_detail *why) ERR_WARN_UNUSED;
void http_proxy_set(struct transfer *t);

/* http_tls.c. The files and the fingerprint: ERR_CONFIG with a sentence. */
int http_tls_init(struct http *h, struct err_detail *why) ERR_WARN_UNUSED;
/* The files alone, as they are now. */
int http_tls_check_files(const struct http_conf *conf, struct err_detail *why) ERR_WARN_UNUSED;
void http_tls_set(struct transfer *t);

/* http_explain.c: what failed and what to do about it, in one sentence in t->error. */
void http_explain(struct transfer *t, CURLcode code);
/* The same of an answer by something in front of the server that is not content with our TLS;
 * NULL: it is none. */
const char *http_explain_answer(int status, const char *body, size_t len);

#endif
