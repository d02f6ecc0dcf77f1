/* tls_ssl2.c -- hellos of SSL 2.0, in which old clients also ask for TLS.
 * RFC 5246, appendix E.2:  0-1 length with its highest bit set | 2 message type
 * type 1, client:  2 version | 2 length of ciphers | 2 of session id | 2 of challenge | the three
 * type 4, server:  session id hit | certificate type | 2 version | 2 length of certificate |
 *                  2 of ciphers | 2 of connection id | the three */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_ssl2.h"

#include "tls_handshake.h"
#include "tls_names.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 4, SESSION_ID_MAX = 16, HIGHEST_BIT = 0x8000 };

static void put_head(struct tls *t, size_t length, uint8_t type)
{
	put_u64(t->pkt, TLS_RECORD_VERSION, SSL_2);
	put_u64(t->pkt, TLS_RECORD_LENGTH, length);
	put_u64(t->pkt, TLS_HANDSHAKE_TYPE, type);
	ecs_text(t->pkt, ECS_TLS_VERSION_PROTOCOL, "ssl");
}

static bool client_hello(struct tls *t, size_t length, struct bytes b)
{
	uint16_t version = bytes_be16(&b), ciphers = bytes_be16(&b);
	uint16_t id = bytes_be16(&b);

	bytes_skip(&b, 2); /* length of the challenge */
	if (!bytes_ok(&b) || (version != SSL_2 && (version < SSL_3 || version > TLS_1_3)))
		return false;
	put_head(t, length, CLIENT_HELLO);
	put_u64(t->pkt, TLS_VERSION, version);
	put_u64(t->pkt, TLS_SESSION_ID_LENGTH, id);
	pkt_client(t->pkt, true);
	bytes_skip(&b, ciphers);
	if (id <= SESSION_ID_MAX)
		put_bytes(t->pkt, TLS_SESSION_ID, bytes_take(&b, id), id);
	return true;
}

static bool server_hello(struct tls *t, size_t length, struct bytes b)
{
	uint8_t hit = bytes_u8(&b), kind = bytes_u8(&b);
	uint16_t version = bytes_be16(&b);

	if (!bytes_ok(&b) || hit > 1 || kind > 1 || version != SSL_2)
		return false;
	put_head(t, length, SERVER_HELLO);
	put_u64(t->pkt, TLS_VERSION, version);
	pkt_client(t->pkt, false);
	ecs_text(t->pkt, ECS_TLS_VERSION, tls_version_name(SSL_2));
	return true;
}

bool tls_ssl2_hello(struct tls *t, struct bytes *b)
{
	struct bytes rest = *b;
	uint16_t word = bytes_be16(&rest);
	size_t length = word & (HIGHEST_BIT - 1u);

	if (!(word & HIGHEST_BIT) || length > bytes_claimed(&rest))
		return false;
	struct bytes body = bytes_upto(&rest, length);
	uint8_t type = bytes_u8(&body);
	bool found = (type == CLIENT_HELLO && client_hello(t, length, body)) ||
		     (type == SERVER_HELLO && server_hello(t, length, body));
	if (found)
		*b = rest;
	return found;
}
