/* http.h -- requests by libcurl multi on a libuv loop. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_H
#define ESPCAP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "buf.h"
#include "err.h"

struct http_conf {
	const char *user;          /* basic authentication, NULL: none */
	const char *password_file; /* read at each request that follows a 401; NULL: none */
	const char *ca_file;       /* PEM, NULL: the system's */
};

/* What came back. Valid during the callback. */
struct http_answer {
	int status;       /* 0: no whole answer came; the outcome of the request is unknown */
	const char *body; /* len bytes */
	size_t len;
	int64_t retry_after_ms; /* 0: none */
	const char *error;      /* for status 0: what went wrong, for people */
};

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "HEAD"; static */
	const char *url;
	const void *body; /* borrowed until done() */
	size_t len;
	bool gzip;         /* the body is gzip */
	const char *type;  /* Content-Type, NULL: none; static */
	size_t answer_max; /* a longer answer counts as none */
	void (*done)(void *arg, const struct http_answer *answer);
	void *arg;
};

struct http;

/* Reads the password file once, to be sure that it can be read and that nobody else may. ERR_CONFIG
 * or ERR_PERMISSION with a sentence. */
int http_new(uv_loop_t *loop, const struct http_conf *conf, struct http **out,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Cancels what is on its way (no callbacks) and frees. The loop must run once more to let go of
 * its handles. */
void http_free(struct http *h);

/* Starts a request; done() is called from the loop, exactly once, never from inside this call.
 * ERR_NOMEM, ERR_AGAIN when all HTTP_REQUESTS_MAX are in use. */
enum { HTTP_REQUESTS_MAX = 16 };
int http_send(struct http *h, const struct http_request *request) ERR_WARN_UNUSED;

#endif
