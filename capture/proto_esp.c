/* proto_esp.c -- Encapsulating Security Payload, also within UDP.
 * RFC 4303:  0-3 security parameters index | 4-7 sequence number | what only the ends can read
 * RFC 3948:  in UDP a single byte 0xff keeps a NAT's mapping, four zero bytes precede IKE */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { KEEPALIVE = 0xff, NON_ESP_MARKER = 4, SPI_LEN = 4, PORT_IKE = 500 };

enum { SPI, SEQUENCE };
static const struct proto_field fields[] = {
	[SPI] = { "esp.spi", FIELD_U32, "Security parameters index", NULL, "0.1", CORE, PLAIN },
	[SEQUENCE] = { "esp.sequence", FIELD_U32, "Sequence number", NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 50, NULL },
	{ BY_UDP_PORT, 4500, "udpencap" }, { 0 } };

static enum decode_result decode_esp(struct packet *pkt, struct bytes b)
{
	(void)get_be32(pkt, &b, SPI);
	(void)get_be32(pkt, &b, SEQUENCE);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const uint8_t marker[NON_ESP_MARKER] = { 0 };

	if (pkt->bind->table != BY_UDP_PORT)
		return decode_esp(pkt, b);
	if (bytes_claimed(&b) == 1 && bytes_peek(&b, 0) == KEEPALIVE)
		return DECODE_OK;
	if (bytes_left(&b) < SPI_LEN)
		return DECODE_TRUNCATED;
	if (bytes_starts(&b, marker, sizeof(marker))) {
		bytes_skip(&b, sizeof(marker));
		return decode_by(pkt, BY_UDP_PORT, PORT_IKE, b) ? DECODE_OK : decode_data(pkt, b);
	}
	pkt_protocol(pkt, "esp");
	return decode_esp(pkt, b);
}

const struct proto proto_esp = {
	.name = "esp", .binds = binds, .fields = fields, .decode = decode
};
