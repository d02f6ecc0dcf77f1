/* tls_handshake.c -- one handshake message of TLS.
 * RFC 8446, section 4:  0 type | 1-3 length | body
 * Client Hello: 2 version | 32 random | session id | cipher suites | compressions | extensions
 * Server Hello: 2 version | 32 random | session id | 2 cipher suite | compression | extensions
 * RFC 5246, section 7.4, says the same and adds the messages that TLS 1.3 encrypts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_handshake.h"
#include "outcome.h"

#include "tls_extension.h"
#include "tls_ja3.h"
#include "tls_ja4.h"
#include "tls_key_exchange.h"
#include "tls_names.h"

enum { RANDOM = 32, STATUS_OCSP = 1 };

enum type {
	HELLO_VERIFY = 3,
	SESSION_TICKET = 4,
	RETRY_OF_DRAFTS = 6,
	ENCRYPTED_EXTENSIONS = 8,
	SERVER_KEY_EXCHANGE = 12,
	CERTIFICATE_REQUEST = 13,
	SERVER_HELLO_DONE = 14,
	CERTIFICATE_VERIFY = 15,
	CLIENT_KEY_EXCHANGE = 16,
	CERTIFICATE_STATUS = 22,
	NEXT_PROTOCOL = 67,
};

bool tls_handshake_knows(unsigned type)
{
	/* 0..6, 8, 11..16, 20..25, 67 */
	return (type < 32 && (UINT32_C(0x03f1f97f) >> type & 1)) || type == NEXT_PROTOCOL;
}

/* --- hellos --- */

/* The random of a Server Hello that asks the client to begin again (RFC 8446, section 4.1.3). */
static const uint8_t retry_random[RANDOM] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe,
	0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c };

static const uint8_t *put_random(struct tls *t, struct bytes *b)
{
	const uint8_t *random = bytes_take(b, RANDOM);

	tls_put_bytes(t, TLS_RANDOM, random, RANDOM);
	return random;
}

static void put_session_id(struct tls *t, struct bytes *b)
{
	uint8_t n = tls_get_u8(t, b, TLS_SESSION_ID_LENGTH);
	const uint8_t *id = bytes_take(b, n);

	tls_put_bytes(t, TLS_SESSION_ID, id, n);
}

/* What a server of DTLS wants to see again before it believes an address. */
static void put_cookie(struct tls *t, struct bytes *b)
{
	struct bytes cookie;

	if (t->carrier == TLS_DATAGRAM && tls_vector(t, b, 1, TLS_NO_FIELD, &cookie))
		tls_put_bytes(t, TLS_COOKIE, cookie.p, bytes_left(&cookie));
}

static bool put_ciphers(struct tls *t, struct bytes *b)
{
	struct bytes list;

	if (!tls_vector(t, b, 2, TLS_CIPHERS_LENGTH, &list))
		return false;
	if (bytes_claimed(&list) % 2)
		pkt_anomaly(t->pkt, "odd length of cipher suites");
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list) >= 2; i++) {
		uint16_t code = tls_get_be16(t, &list, TLS_CIPHER);
		if (!tls_is_grease(code))
			tls_ecs_name(
				t, ECS_TLS_CLIENT_SUPPORTED_CIPHERS, tls_cipher_name(code), code);
	}
	return true;
}

static bool put_compressions(struct tls *t, struct bytes *b)
{
	struct bytes list;

	if (!tls_vector(t, b, 1, TLS_NO_FIELD, &list))
		return false;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list); i++)
		(void)tls_get_u8(t, &list, TLS_COMPRESSION);
	return true;
}

static void client_hello(struct tls *t, struct bytes *b)
{
	struct bytes whole = *b;

	pkt_client(t->pkt, true);
	(void)tls_get_be16(t, b, TLS_VERSION);
	(void)put_random(t, b);
	put_session_id(t, b);
	put_cookie(t, b);
	if (!bytes_ok(b) || !put_ciphers(t, b) || !put_compressions(t, b))
		return;
	tls_extensions(t, b, TLS_OF_CLIENT);
	if (whole.cut)
		return;
	tls_ja3(t, whole);
	tls_ja4(t, whole);
}

/* What the handshake has settled, when the whole Server Hello is read. */
static void settle(struct tls *t)
{
	const char *name = tls_version_name(t->version);

	if (t->carrier == TLS_DATAGRAM && t->version == TLS_1_1)
		name = "1.0"; /* what DTLS calls it */
	tls_ecs_name(t, ECS_TLS_VERSION, name, t->version);
	if (t->tls13) /* a pre-shared key, had there been one, has set it already */
		ecs_bool(t->pkt, ECS_TLS_RESUMED, false);
}

static void server_hello(struct tls *t, struct bytes *b)
{
	struct bytes whole = *b;
	bool cut = b->cut;

	pkt_client(t->pkt, false);
	uint16_t version = tls_get_be16(t, b, TLS_VERSION);
	const uint8_t *random = put_random(t, b);
	bool draft = version >> 8 == 0x7f && (version & 0xff) < 22; /* they dropped two fields */
	if (!draft)
		put_session_id(t, b);
	uint16_t cipher = tls_get_be16(t, b, TLS_CIPHER);
	if (!bytes_ok(b))
		return;
	tls_ecs_name(t, ECS_TLS_CIPHER, tls_cipher_name(cipher), cipher);
	if (!draft)
		(void)tls_get_u8(t, b, TLS_COMPRESSION);
	if (!bytes_ok(b))
		return;
	t->server_hello = t->has_cipher = true;
	t->cipher = cipher;
	t->version = tls_level(t, version);
	t->tls13 = draft || version == TLS_1_3;
	bool retry = memcmp(random, retry_random, RANDOM) == 0;
	tls_extensions(t, b, retry ? TLS_OF_RETRY : TLS_OF_SERVER);
	if (!cut)
		tls_ja3s(t, whole, draft);
	if (!cut && !retry)
		settle(t);
}

/* RFC 6347, section 4.2.1. */
static void hello_verify(struct tls *t, struct bytes *b)
{
	if (t->carrier != TLS_DATAGRAM)
		return;
	pkt_client(t->pkt, false);
	(void)tls_get_be16(t, b, TLS_VERSION);
	put_cookie(t, b);
}

/* Hello Retry Request of the drafts up to 21. */
static void retry_of_drafts(struct tls *t, struct bytes *b)
{
	pkt_client(t->pkt, false);
	(void)tls_get_be16(t, b, TLS_VERSION);
	(void)tls_get_be16(t, b, TLS_CIPHER);
	tls_extensions(t, b, TLS_OF_RETRY);
}

/* --- the others --- */

/* Whose certificate it is: the messages around it tell, else the ports. */
static bool is_of_server(struct tls *t)
{
	if (t->server_hello || t->next == SERVER_KEY_EXCHANGE || t->next == CERTIFICATE_REQUEST ||
		t->next == SERVER_HELLO_DONE || t->next == CERTIFICATE_STATUS)
		return true;
	return t->next != CLIENT_KEY_EXCHANGE && !pkt_to_server(t->pkt);
}

/* The first one is the peer's own. */
static void decode_certificate(struct tls *t, struct bytes certificate)
{
	enum decode_content content = CONTENT_OTHER_CERTIFICATE;

	if (!t->certificate)
		content = is_of_server(t) ? CONTENT_SERVER_CERTIFICATE : CONTENT_CLIENT_CERTIFICATE;
	t->certificate = true;
	if (bytes_left(&certificate))
		(void)decode_by(t->pkt, BY_CONTENT, content, certificate);
}

/* Up to TLS 1.2 a list of certificates, each with its length. */
static void certificates(struct tls *t, struct bytes *b)
{
	uint32_t all = tls_get_be24(t, b, TLS_CERTIFICATES_LENGTH);
	struct bytes list = bytes_upto(b, all);

	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list); i++) {
		uint32_t length = tls_get_be24(t, &list, TLS_CERTIFICATE_LENGTH);
		if (length > bytes_claimed(&list))
			pkt_anomaly(t->pkt, "length beyond the message");
		decode_certificate(t, bytes_upto(&list, length));
	}
	t->certificate = true;
}

void tls_cut_certificates(struct tls *t, struct bytes b)
{
	unsigned tokens = t->pkt->protocols_len;

	bytes_skip(&b, 3); /* length of all */
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&b); i++) {
		struct bytes certificate = bytes_sub(&b, bytes_be24(&b));
		if (bytes_ok(&certificate))
			decode_certificate(t, certificate);
	}
	t->pkt->protocols_len = tokens;
}

/* RFC 6066, 8: type | length (3) | response of OCSP */
static void certificate_status(struct tls *t, struct bytes *b)
{
	uint8_t type = tls_get_u8(t, b, TLS_STATUS_TYPE);
	struct bytes response = bytes_sub(b, bytes_be24(b));

	if (type == STATUS_OCSP && bytes_left(&response))
		(void)decode_by(t->pkt, BY_CONTENT, CONTENT_OCSP, response);
}

/* Types, from TLS 1.2 on signature algorithms, then names of authorities. */
static void certificate_request(struct tls *t, struct bytes *b)
{
	struct bytes types, names, name;

	pkt_client(t->pkt, false);
	if (t->version > TLS_1_2 || !tls_vector(t, b, 1, TLS_NO_FIELD, &types))
		return;
	if (t->version == TLS_1_2)
		tls_vector_be16(t, b, 2, TLS_SIGNATURE);
	if (!bytes_left(b) || !tls_vector(t, b, 2, TLS_NO_FIELD, &names))
		return;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&names); i++) {
		if (!tls_vector(t, &names, 2, TLS_NO_FIELD, &name))
			return;
		if (bytes_left(&name))
			(void)decode_by(t->pkt, BY_CONTENT, CONTENT_NAME, name);
	}
}

static void put_body(struct tls *t, uint8_t type, struct bytes *b)
{
	switch (type) {
	case TLS_CLIENT_HELLO:
		client_hello(t, b);
		break;
	case TLS_SERVER_HELLO:
		server_hello(t, b);
		break;
	case HELLO_VERIFY:
		hello_verify(t, b);
		break;
	case RETRY_OF_DRAFTS:
		retry_of_drafts(t, b);
		break;
	case ENCRYPTED_EXTENSIONS:
		tls_extensions(t, b, TLS_OF_ENCRYPTED);
		break;
	case SESSION_TICKET:
		(void)tls_get_be32(t, b, TLS_TICKET_LIFETIME);
		break;
	case SERVER_KEY_EXCHANGE:
		pkt_client(t->pkt, false);
		tls_key_exchange(t, *b);
		break;
	case CERTIFICATE_REQUEST:
		certificate_request(t, b);
		break;
	case CERTIFICATE_VERIFY:
		if (t->version >= TLS_1_2)
			(void)tls_get_be16(t, b, TLS_SIGNATURE);
		break;
	case CLIENT_KEY_EXCHANGE:
		pkt_client(t->pkt, true);
		break;
	case CERTIFICATE_STATUS:
		certificate_status(t, b);
		break;
	case TLS_CERTIFICATE:
		certificates(t, b);
		break;
	case TLS_HELLO_REQUEST:
	case SERVER_HELLO_DONE:
		pkt_client(t->pkt, false);
		break;
	default:
		break;
	}
}

static const char *const actions[] = { [TLS_HELLO_REQUEST] = "hello-request",
	[TLS_CLIENT_HELLO] = "client-hello",
	[TLS_SERVER_HELLO] = "server-hello",
	[HELLO_VERIFY] = "hello-verify-request",
	[SESSION_TICKET] = "new-session-ticket",
	[RETRY_OF_DRAFTS] = "hello-retry-request",
	[ENCRYPTED_EXTENSIONS] = "encrypted-extensions",
	[TLS_CERTIFICATE] = "certificate",
	[SERVER_KEY_EXCHANGE] = "server-key-exchange",
	[CERTIFICATE_REQUEST] = "certificate-request",
	[SERVER_HELLO_DONE] = "server-hello-done",
	[CERTIFICATE_VERIFY] = "certificate-verify",
	[CLIENT_KEY_EXCHANGE] = "client-key-exchange",
	[20] = "finished",
	[21] = "certificate-url",
	[CERTIFICATE_STATUS] = "certificate-status",
	[24] = "key-update",
	[NEXT_PROTOCOL] = "next-protocol" };

void tls_handshake(struct tls *t, uint8_t type, uint32_t length, struct bytes body)
{
	tls_put(t, TLS_HANDSHAKE_TYPE, type);
	tls_put(t, TLS_HANDSHAKE_LENGTH, length);
	ecs_text(t->pkt, ECS_EVENT_ACTION, NAME_OF(actions, type));
	put_body(t, type, &body);
}
