/* sip_header.c -- one header line of SIP. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sip.h"
#include "talk.h"

#include <ctype.h>
#include <strings.h>

/* What is done beside putting the value. */
enum action {
	TEXT,
	NUMBER,
	LENGTH,
	TYPE,
	VIA,
	PARTY,
	CONTACT_LIST,
	COUNTER,
	CREDENTIALS,
	CHALLENGE,
	AUTH_INFO
};

struct header {
	const char *name;
	char compact; /* the name in one letter, 0: none */
	uint8_t field, action;
};

static const struct header headers[] = {
	{ "Via", 'v', SIP_VIA, VIA },
	{ "From", 'f', SIP_FROM, PARTY },
	{ "To", 't', SIP_TO, PARTY },
	{ "Call-ID", 'i', SIP_CALL_ID, TEXT },
	{ "CSeq", 0, SIP_CSEQ, COUNTER },
	{ "Contact", 'm', SIP_CONTACT, CONTACT_LIST },
	{ "User-Agent", 0, SIP_USER_AGENT, TEXT },
	{ "Server", 0, SIP_SERVER, TEXT },
	{ "Content-Type", 'c', SIP_CONTENT_TYPE, TYPE },
	{ "Content-Length", 'l', SIP_CONTENT_LENGTH, LENGTH },
	{ "Max-Forwards", 0, SIP_MAX_FORWARDS, NUMBER },
	{ "Expires", 0, SIP_EXPIRES, NUMBER },
	{ "Allow", 0, SIP_ALLOW, TEXT },
	{ "Authorization", 0, 0, CREDENTIALS },
	{ "Proxy-Authorization", 0, 0, CREDENTIALS },
	{ "WWW-Authenticate", 0, 0, CHALLENGE },
	{ "Proxy-Authenticate", 0, 0, CHALLENGE },
	{ "Authentication-Info", 0, 0, AUTH_INFO },
};

static const struct header *find(struct bytes name)
{
	size_t n = bytes_left(&name);

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const struct header *h = &headers[i];
		if (n == 1 && h->compact && h->compact == (*name.p | 0x20))
			return h;
		if (n == strlen(h->name) && strncasecmp((const char *)name.p, h->name, n) == 0)
			return h;
	}
	return NULL;
}

/* The digits that a text begins with, behind blanks; as C's strtoul() in 64 bits, cut to 32. */
static uint32_t number(struct bytes text)
{
	uint64_t value = 0;

	sip_skip_blanks(&text);
	while (bytes_left(&text) && isdigit(*text.p) && value < UINT64_MAX / 10)
		value = value * 10 + bytes_u8(&text) - '0';
	return (uint32_t)value;
}

/* A number that must be all of the text; else 0, and never more than 32 bits hold. */
static uint32_t strict_number(struct bytes text)
{
	uint64_t value = 0;

	for (struct bytes b = text; bytes_left(&b);) {
		uint8_t c = bytes_u8(&b);
		if (!isdigit(c))
			return 0;
		value = value * 10 + c - '0';
		if (value > UINT32_MAX)
			value = UINT32_MAX;
	}
	return (uint32_t)value;
}

static void put_tag(struct packet *pkt, unsigned field, struct bytes rest)
{
	while (bytes_left(&rest) && !bytes_starts(&rest, "tag=", 4))
		bytes_skip(&rest, 1);
	if (bytes_left(&rest) == 0)
		return;
	bytes_skip(&rest, 4);
	const uint8_t *end = sip_find(rest, ';');
	sip_put(pkt, field, sip_span(rest.p, end ? end : rest.end));
}

/* From and To have their rows in the same order. */
static void put_party(struct packet *pkt, unsigned field, struct bytes value)
{
	struct sip_uri uri;

	if (sip_name_addr(value, &uri)) {
		sip_put_uri(pkt, &uri, field + 1, false);
		value.p = uri.end;
	}
	put_tag(pkt, field + 4, value);
}

static void put_counter(struct packet *pkt, struct bytes value)
{
	struct bytes rest = value;

	while (bytes_left(&rest) && isdigit(*rest.p))
		bytes_skip(&rest, 1);
	if (bytes_left(&rest))
		put_u64(pkt, SIP_CSEQ_SEQ, number(value));
	while (bytes_left(&rest) && !isalpha(*rest.p))
		bytes_skip(&rest, 1);
	sip_put(pkt, SIP_CSEQ_METHOD, rest);
	talk_action(pkt, line_word(&rest)); /* that of the request has been told */
}

static void act(struct packet *pkt, struct sip_about *about, const struct header *h,
	const struct sip_line *line, struct bytes value)
{
	switch ((enum action)h->action) {
	case VIA:
		sip_via(pkt, value);
		break;
	case PARTY:
		put_party(pkt, h->field, value);
		break;
	case CONTACT_LIST:
		sip_contact(pkt, value);
		break;
	case COUNTER:
		put_counter(pkt, value);
		break;
	case TYPE:
		about->type = value;
		break;
	case NUMBER:
		put_u64(pkt, h->field, number(value));
		break;
	case LENGTH:
		about->length = strict_number(value);
		put_u64(pkt, h->field, (uint64_t)about->length);
		break;
	case CREDENTIALS:
	case CHALLENGE:
	case AUTH_INFO:
		sip_auth(pkt, line, value, h->action == CHALLENGE, h->action == AUTH_INFO);
		break;
	case TEXT:
		break;
	}
}

void sip_header(struct packet *pkt, struct sip_about *about, const struct sip_line *line)
{
	struct bytes value = line->text;
	const uint8_t *colon = sip_find(value, ':');

	if (!colon) {
		pkt_anomaly(pkt, "header without a colon");
		return;
	}
	const struct header *h = find(sip_span(value.p, colon));
	if (!h)
		return;
	value.p = colon + 1;
	sip_skip_blanks(&value);
	if (h->action < NUMBER || (h->action >= TYPE && h->action < CREDENTIALS))
		sip_put(pkt, h->field, value);
	act(pkt, about, h, line, value);
}
