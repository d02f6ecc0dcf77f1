/* sip.h -- what the files of the SIP decoder share: fields, URIs, pieces of text. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SIP_H
#define ESPCAP_SIP_H

#include "decode.h"

enum sip_field {
	SIP_REQUEST_LINE,
	SIP_METHOD,
	SIP_STATUS_LINE,
	SIP_STATUS_CODE,
	SIP_R_URI, /* and its user, host and port behind it */
	SIP_R_URI_USER,
	SIP_R_URI_HOST,
	SIP_R_URI_PORT,
	SIP_VIA,
	SIP_VIA_TRANSPORT,
	SIP_VIA_ADDRESS,
	SIP_VIA_PORT,
	SIP_VIA_BRANCH,
	SIP_FROM,
	SIP_FROM_ADDR,
	SIP_FROM_USER,
	SIP_FROM_HOST,
	SIP_FROM_TAG,
	SIP_TO,
	SIP_TO_ADDR,
	SIP_TO_USER,
	SIP_TO_HOST,
	SIP_TO_TAG,
	SIP_CALL_ID,
	SIP_CSEQ,
	SIP_CSEQ_SEQ,
	SIP_CSEQ_METHOD,
	SIP_CONTACT,
	SIP_CONTACT_URI,
	SIP_CONTACT_USER,
	SIP_CONTACT_HOST,
	SIP_CONTACT_PORT,
	SIP_USER_AGENT,
	SIP_SERVER,
	SIP_CONTENT_TYPE,
	SIP_CONTENT_LENGTH,
	SIP_MAX_FORWARDS,
	SIP_EXPIRES,
	SIP_ALLOW,
	SIP_AUTH,
	SIP_AUTH_SCHEME,
	SIP_AUTH_USERNAME,
	SIP_AUTH_REALM,
	SIP_AUTH_RESPONSE,
	SIP_FIELDS,
};
extern const struct proto_field sip_fields[];

/* What the headers of a message say of its body. */
struct sip_about {
	struct bytes type;
	int64_t length; /* -1: not said */
};

/* One header line, folded lines with it: `whole` has the line end, `text` has not. */
struct sip_line {
	struct bytes text, whole;
};

/* A URI, in angle brackets behind a name or alone (RFC 3261, 25.1). Parts that it does not have are
 * empty; one that is no SIP URI has none. */
struct sip_uri {
	struct bytes addr, user, host, port;
	const uint8_t *end; /* behind its closing bracket, or behind it */
};

/* Reads from the text of a header; false when it holds no URI. */
bool sip_name_addr(struct bytes text, struct sip_uri *uri);

/* Reads a request's URI, which takes all of the text. */
void sip_request_uri(struct bytes text, struct sip_uri *uri);

/* Puts a URI into rows for the whole, user, host and, when there is one, port. A password in it is
 * secret. */
void sip_put_uri(struct packet *pkt, const struct sip_uri *uri, unsigned first, bool port);

/* The next line of a head, with the lines that fold it further; an empty text ends the head. */
struct sip_line sip_next_line(struct bytes *b);

/* Puts one header, and keeps in about what matters to that. */
void sip_header(struct packet *pkt, struct sip_about *about, const struct sip_line *line);

/* Names a body, or hands it on, by its media type (also one with parameters). */
void sip_body(struct packet *pkt, struct bytes type, struct bytes body);

void sip_via(struct packet *pkt, struct bytes text);
void sip_contact(struct packet *pkt, struct bytes text);

/* Credentials and challenges: `challenge` says that the header holds nothing to be hidden; `info`,
 * that it has no scheme. */
void sip_auth(struct packet *pkt, const struct sip_line *line, struct bytes value, bool challenge,
	bool info);

/* --- pieces of text --- */

static inline const uint8_t *sip_find(struct bytes text, uint8_t c)
{
	if (bytes_left(&text) == 0)
		return NULL;
	return memchr(text.p, c, bytes_left(&text));
}

/* The first of any of these characters. */
const uint8_t *sip_find_any(struct bytes text, const char *stops);

static inline void sip_skip_blanks(struct bytes *b)
{
	while (bytes_peek(b, 0) == ' ' || bytes_peek(b, 0) == '\t')
		bytes_skip(b, 1);
}

/* The text between two places of the packet. */
static inline struct bytes sip_span(const uint8_t *from, const uint8_t *to)
{
	return bytes_of(from, (size_t)(to - from));
}

static inline void sip_put(struct packet *pkt, unsigned field, struct bytes text)
{
	put_str(pkt, field, text.p, bytes_left(&text));
}

#endif
