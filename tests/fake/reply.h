/* reply.h -- one HTTP answer: what it says, and the bytes it becomes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_REPLY_H
#define FAKE_REPLY_H

#include "text.h"

enum reply_frame { REPLY_LENGTH, REPLY_CHUNKED, REPLY_UNTIL_CLOSE };

struct reply {
	int status, minor; /* HTTP/1.minor */
	const char *type;  /* NULL: no content-type */
	bool product;      /* X-elastic-product; refusals of security have none */
	bool gzip, head_only, trailers;
	bool close;   /* close when it is out */
	bool drop;    /* close without a word */
	bool instant; /* a refusal: latency does not apply */
	enum reply_frame frame;
	int64_t length;            /* what content-length says; -1: the truth */
	struct text headers, body; /* headers: further lines, each with its CRLF */
	/* A body made piece by piece: adds some of it to `out`; false when that was the last. */
	bool (*more)(struct reply *r, struct text *out);
	const void *source;
	size_t cursor;
};

void reply_init(struct reply *r);
void reply_done(struct reply *r);
/* The error as Elasticsearch words it. */
void reply_error(struct reply *r, int status, const char *type, const char *reason);
/* What Elasticsearch most often means by that status; static. */
void reply_default_error(int status, const char **type, const char **reason);
/* An error of the kind that only has a sentence: {"error":"...","status":N}. */
void reply_sentence(struct reply *r, int status, const char *sentence);
/* Compresses the body. */
void reply_gzip(struct reply *r);
/* The head, and the body unless it comes by pieces. */
void reply_print(struct reply *r, struct text *wire);
/* The next piece, framed; false when there is none after it. */
bool reply_more(struct reply *r, struct text *wire);

#endif
