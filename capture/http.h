/* http.h -- what the files of the HTTP/1 decoder share: fields, one message, pieces of text. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_H
#define ESPCAP_HTTP_H

#include <strings.h>

#include "decode.h"

enum http_field {
	HTTP_REQUEST,
	HTTP_RESPONSE,
	HTTP_METHOD,
	HTTP_URI,
	HTTP_URI_PATH,
	HTTP_URI_QUERY,
	HTTP_URI_PARAMETER,
	HTTP_REQUEST_VERSION,
	HTTP_FULL_URI,
	HTTP_RESPONSE_VERSION,
	HTTP_CODE,
	HTTP_CODE_DESC,
	HTTP_PHRASE,
	HTTP_HOST,
	HTTP_USER_AGENT,
	HTTP_REFERER,
	HTTP_CONTENT_TYPE,
	HTTP_CONTENT_LENGTH_HEADER,
	HTTP_CONTENT_LENGTH,
	HTTP_CONTENT_ENCODING,
	HTTP_TRANSFER_ENCODING,
	HTTP_CONNECTION,
	HTTP_UPGRADE,
	HTTP_ACCEPT,
	HTTP_ACCEPT_LANGUAGE,
	HTTP_ACCEPT_ENCODING,
	HTTP_DATE,
	HTTP_SERVER,
	HTTP_LOCATION,
	HTTP_LAST_MODIFIED,
	HTTP_CACHE_CONTROL,
	HTTP_X_FORWARDED_FOR,
	HTTP_WWW_AUTHENTICATE,
	HTTP_PROXY_AUTHENTICATE,
	HTTP_WEBSOCKET_KEY,
	HTTP_WEBSOCKET_PROTOCOL,
	HTTP_REQUEST_LINE,
	HTTP_RESPONSE_LINE,
	HTTP_UNKNOWN_HEADER,
	HTTP_AUTHORIZATION,
	HTTP_PROXY_AUTHORIZATION,
	HTTP_AUTHBASIC,
	HTTP_COOKIE,
	HTTP_COOKIE_PAIR,
	HTTP_SET_COOKIE,
	HTTP_FILE_DATA,
};

/* One segment. Marks are counted because a packet holds PKT_SECRETS_MAX of them: when too many
 * were made, one mark covers the rest of the segment. */
struct http {
	struct packet *pkt;
	const uint8_t *end; /* of what was captured */
	unsigned marks;     /* secrets marked so far */
	bool closed;        /* the last mark goes on to the end */
};

/* What the start line says; OTHER: a segment that begins among the headers of a message. */
enum http_kind { HTTP_KIND_OTHER, HTTP_KIND_REQUEST, HTTP_KIND_RESPONSE, HTTP_KIND_NOTICE };

struct http_message {
	enum http_kind kind;
	bool begun;   /* a start line or a header was seen */
	bool has_url; /* a request line was seen */
	bool connect; /* its method is CONNECT */
	bool has_host, has_type, has_length;
	bool transfer_coded; /* has a Transfer-Encoding, which outweighs the length */
	bool chunked;        /* or compressed for the transfer */
	bool content_coded;
	bool hidden; /* the last header was a secret one */
	unsigned headers, code, url_marks;
	uint64_t length;
	struct bytes url, host, type;
};

/* One line: `text` without its end, `whole` with it. */
struct http_line {
	struct bytes text, whole;
	bool ended;
};

/* --- what SSDP shares --- */

extern const struct proto_field http_fields[];
enum decode_result http_decode(struct packet *pkt, struct bytes b);
/* Does it begin with a method or with HTTP/? */
bool http_begins(struct bytes b);

/* --- pieces of text; a struct bytes is a text here --- */

static inline const uint8_t *http_find(struct bytes text, uint8_t c)
{
	if (bytes_left(&text) == 0)
		return NULL;
	return memchr(text.p, c, bytes_left(&text));
}

static inline const uint8_t *http_find_last(struct bytes text, uint8_t c)
{
	if (bytes_left(&text) == 0)
		return NULL;
	return memrchr(text.p, c, bytes_left(&text));
}

/* Takes what stands in front of the first c, or all; b moves behind that c. */
static inline struct bytes http_until(struct bytes *b, uint8_t c)
{
	const uint8_t *at = http_find(*b, c);
	struct bytes head = bytes_sub(b, at ? (size_t)(at - b->p) : bytes_left(b));

	(void)bytes_upto(b, 1);
	return head;
}

static inline void http_skip_blanks(struct bytes *b)
{
	while (bytes_peek(b, 0) == ' ' || bytes_peek(b, 0) == '\t')
		bytes_skip(b, 1);
}

/* Without blanks at its end. */
static inline struct bytes http_trimmed(struct bytes text)
{
	while (bytes_left(&text) && (text.end[-1] == ' ' || text.end[-1] == '\t'))
		text.end--;
	return text;
}

/* Ignores case; the word is lower-case letters, digits and signs. */
static inline bool http_is(struct bytes text, const char *word)
{
	size_t n = strlen(word);

	return bytes_left(&text) == n && strncasecmp((const char *)text.p, word, n) == 0;
}

static inline void http_put(struct http *h, unsigned field, struct bytes text)
{
	put_str(h->pkt, field, text.p, bytes_left(&text));
}

#endif
