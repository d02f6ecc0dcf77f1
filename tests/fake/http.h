/* http.h -- the request side of HTTP/1.1: heads, headers, chunked bodies; pure functions. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_HTTP_H
#define FAKE_HTTP_H

#include "text.h"

enum http_result { HTTP_MORE, HTTP_DONE, HTTP_BAD };

/* All views point into the bytes given to http_parse. */
struct http_head {
	struct view method, target, path, query;
	struct view headers; /* the header lines, each with its CRLF */
	int minor;           /* HTTP/1.minor */
	int64_t length;      /* Content-Length; 0 without one */
	bool chunked, keep_alive;
	bool expect, expect_other; /* 100-continue; anything else */
};

struct http_chunks {
	enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER } state;
	uint64_t left;
	unsigned digits, line;
};

/* Bytes of the head with its empty line, or 0 while that has not come. */
size_t http_head_size(struct view bytes);
/* Whether the first line is there and is none of a request, so that there is no head to wait for.
 */
bool http_hopeless(struct view bytes);
/* HTTP_DONE, or HTTP_BAD with the reason that Elasticsearch would give. */
enum http_result http_parse(struct http_head *h, struct view bytes, const char **why);
/* The value of the first header of that name; p is NULL when there is none. */
struct view http_header(const struct http_head *h, const char *name);
/* Whether the header's value contains the word, in any case. */
bool http_header_has(const struct http_head *h, const char *name, const char *word);
/* Feeds `in`, stores what it used, and adds data to `out`; trailers are read and left. */
enum http_result http_chunks_feed(
	struct http_chunks *c, struct view in, size_t *used, struct text *out);

#endif
