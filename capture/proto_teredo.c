/* proto_teredo.c -- Teredo: IPv6 over UDP through NATs.
 * RFC 4380, section 5.1.1, in this order, each only where it is needed:
 *   authentication  0-1 0x0001 | 2 length of the client's name | 3 length of the value | both |
 *                   nonce (8) | confirmation (1)
 *   origin          0-1 0x0000 | 2-3 port, inverted | 4-7 IPv4 address, inverted
 *   an IPv6 packet */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { AUTHENTICATION = 1, ORIGIN = 0, ETHERTYPE_IPV6 = 0x86dd };

enum { AUTH_NONCE, AUTH_CONF, ORIG_PORT, ORIG_ADDR };
static const struct proto_field fields[] = {
	[AUTH_NONCE] = { "teredo.auth.nonce", FIELD_BYTES, "Nonce of the client", NULL, "0.1",
		DETAIL, PLAIN },
	[AUTH_CONF] = { "teredo.auth.conf", FIELD_BYTES, "0: the client needs no new key", NULL,
		"0.1", DETAIL, PLAIN },
	[ORIG_PORT] = { "teredo.orig.port", FIELD_U16, "Port of the client as the server sees it",
		NULL, "0.1", CORE, PLAIN },
	[ORIG_ADDR] = { "teredo.orig.addr", FIELD_IPV4,
		"Address of the client as the server sees it", NULL, "0.1", CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 3544, NULL }, { 0 } };

static void read_authentication(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 2);
	uint8_t name = bytes_u8(b);
	uint8_t value = bytes_u8(b);
	bytes_skip(b, (size_t)name + value);
	put_bytes(pkt, AUTH_NONCE, bytes_take(b, 8), 8);
	put_bytes(pkt, AUTH_CONF, bytes_take(b, 1), 1);
}

static void read_origin(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 2);
	uint16_t port = bytes_be16(b);
	const uint8_t *p = bytes_take(b, 4);
	if (!p)
		return;
	put_u64(pkt, ORIG_PORT, port ^ 0xffffu);
	const uint8_t address[4] = { (uint8_t)~p[0], (uint8_t)~p[1], (uint8_t)~p[2],
		(uint8_t)~p[3] };
	put_addr(pkt, ORIG_ADDR, (const uint8_t *)pkt_copy(pkt, address, sizeof(address)));
}

static bool begins_with(struct bytes b, uint16_t indicator)
{
	uint16_t first = bytes_be16(&b);

	return bytes_ok(&b) && first == indicator;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (begins_with(b, AUTHENTICATION))
		read_authentication(pkt, &b);
	if (begins_with(b, ORIGIN))
		read_origin(pkt, &b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "teredo", -1);
	if (bytes_peek(&b, 0) >> 4 == 6 && decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IPV6, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

const struct proto proto_teredo = {
	.name = "teredo", .binds = binds, .fields = fields, .decode = decode
};
