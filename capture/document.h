/* document.h -- a decoded packet as a JSON document. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DOCUMENT_H
#define ESPCAP_DOCUMENT_H

#include "decode.h"

enum schema { SCHEMA_FULL, SCHEMA_SLIM, SCHEMA_ECS, SCHEMA_LITE };

enum {
	DOCUMENT_SCHEMA = 1,                /* espcap.schema */
	DOCUMENT_MAX = 1 << 20,             /* bytes of one document */
	DOCUMENT_ROOM = DOCUMENT_MAX + 128, /* memory that document_write() wants */
};

struct document_conf {
	enum schema schema;
	bool show_secrets;
	const char *name;          /* sensor; not NULL */
	const char *site;          /* NULL: none */
	const char *fields;        /* "+GLOB,-GLOB", NULL: none */
	const char *const *labels; /* "K=V" */
	const char *const *tags;
	size_t nlabels, ntags;
};

/* Borrows the decoder, whose fields it marks as printed or not. ERR_NOMEM; ERR_USAGE with a
 * sentence for a bad glob list or label. */
struct document;
int document_new(const struct document_conf *conf, struct decoder *decoder, struct document **out,
	struct err_detail *why) ERR_WARN_UNUSED;
void document_free(struct document *d);

/* Writes the document of a packet, without a newline, into DOCUMENT_ROOM bytes at out. Returns its
 * length, at most DOCUMENT_MAX; 0 when the schema has no document for it (lite: no TCP packet). */
size_t document_write(struct document *d, struct packet *pkt, char *out);

/* Is this a TCP packet over IPv4 or IPv6 with both ports, as the article counts them? */
bool document_is_tcp(const struct packet *pkt);

/* The article's lines for people; 0 for any other packet. At most DOCUMENT_ARTICLE_MAX bytes. */
enum { DOCUMENT_ARTICLE_MAX = 512 };
size_t document_article(const struct packet *pkt, char *out);

#endif
