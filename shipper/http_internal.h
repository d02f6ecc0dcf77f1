/* http_internal.h -- what http.c, http_loop.c and http_files.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_INTERNAL_H
#define ESPCAP_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "http.h"

enum { HTTP_PASSWORD_MAX = 1024 };

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

struct http {
	struct http_conf conf;
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t *timer; /* own memory: it outlives us until the loop has closed it */
	struct transfer transfers[HTTP_REQUESTS_MAX];
	char password[HTTP_PASSWORD_MAX];
	bool closing;
};

/* http.c: hands on the answers that libcurl has whole, or has given up. */
void http_check_completed(struct http *h);

/* http_files.c. ERR_CONFIG with a sentence. */
int http_read_password(
	const char *path, char out[HTTP_PASSWORD_MAX], struct err_detail *why) ERR_WARN_UNUSED;
int http_check_ca_file(const char *path, struct err_detail *why) ERR_WARN_UNUSED;

#endif
