/* http.h -- requests by libcurl multi on a libuv loop. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_H
#define ESPCAP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "auth.h"
#include "buf.h"
#include "err.h"

struct http_conf {
	struct auth_conf auth;   /* its file is read again for each request */
	const char *ca_file;     /* PEM, read for each connection */
	const char *fingerprint; /* SHA-256 in hex of a CA certificate in the server's chain */
	const char *cert, *key;  /* ours, PEM; key NULL: in the same file */
	bool tls13;              /* nothing older than TLS 1.3; else than 1.2 */
	const char *proxy;       /* its URL; NULL: as the environment says */
	const char *proxy_user, *proxy_password_file; /* both or neither */
	int64_t stall_ms; /* a request that gets on no further for so long has failed; 0: 90 s */
	bool quiet;       /* idle connections send nothing, so that a radio sleeps */
	int64_t max_rate; /* bytes a second, about; 0: no limit */
};
/* With neither ca_file nor fingerprint the system's authorities are trusted; with one of them, or
 * both, nothing else is. */

/* What came back. Valid during the callback. */
struct http_answer {
	int status;       /* 0: no whole answer came; the outcome of the request is unknown */
	const char *body; /* len bytes */
	size_t len;
	int64_t retry_after_ms; /* 0: none */
	const char *error;      /* for status 0: what went wrong and what to do; NULL: was told */
	bool too_long;          /* for status 0: the body is the beginning of the answer */
	bool broken;            /* for status 0: there was a connection; it stalled or broke */
	bool timed_out; /* for status 0: it stalled, maybe since large segments do not come through */
	bool elsewhere;         /* for status 0: another node is well; set by the sink */
	int64_t took_ms;        /* from the request's begin to the answer's end */
	int64_t upload_ms;      /* of that, until all of the request was acknowledged, about */
	int64_t sent, received; /* bytes of it and of the answer, heads included, TLS not */
};

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "HEAD"; static */
	const char *url;    /* copied */
	const void *body;   /* borrowed until done() */
	size_t len;
	bool gzip;         /* the body is gzip */
	bool gzip_answer;  /* the answer may be */
	const char *type;  /* Content-Type, NULL: none; static */
	size_t answer_max; /* a longer answer, unpacked, counts as none */
	/* monotonic: no connection is used that was made before this moment; 0: any */
	int64_t not_older_ms;
	int segment; /* bytes of a TCP segment at most, of a connection that it makes; 0: any */
	void (*done)(void *arg, const struct http_answer *answer);
	void *arg;
};

struct http;

/* Looks at every file once, and does no more. ERR_CONFIG with a sentence, ERR_NOMEM. */
int http_check(const struct http_conf *conf, struct err_detail *why) ERR_WARN_UNUSED;

/* Looks at every file once: that they can be read, hold what they should, and that nobody else may
 * read the secret ones. ERR_CONFIG with a sentence. A process that holds a secret leaves no core
 * dump from here on. */
int http_new(uv_loop_t *loop, const struct http_conf *conf, struct http **out,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Cancels what is on its way (no callbacks) and frees. The loop must run once more to let go of
 * its handles. */
void http_free(struct http *h);

/* Starts a request; done() is called from the loop, exactly once, never from inside this call.
 * ERR_NOMEM, ERR_AGAIN when all HTTP_REQUESTS_MAX are in use. */
enum { HTTP_REQUESTS_MAX = 16 };
int http_send(struct http *h, const struct http_request *request) ERR_WARN_UNUSED;

/* Bytes that the connections have carried so far, in both directions, with TLS. */
uint64_t http_traffic(const struct http *h);

#endif
