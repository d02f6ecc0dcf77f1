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
	bool no_such_ca; /* the server's chain has no certificate of our fingerprint */
	char error[CURL_ERROR_SIZE];
};

struct http {
	struct http_conf conf;
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t *timer; /* own memory: it outlives us until the loop has closed it */
	struct transfer transfers[HTTP_REQUESTS_MAX];
	char authorization[AUTH_HEADER_MAX]; /* the header, "" for none */
	unsigned char fingerprint[FINGERPRINT_BYTES];
	bool answered; /* there was an answer, so that http and https were not confused */
	bool closing;
};

/* http.c: hands on the answers that libcurl has whole, or has given up. */
void http_check_completed(struct http *h);

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
