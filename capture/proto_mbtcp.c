/* proto_mbtcp.c -- Modbus over TCP and UDP.
 * Modbus Messaging on TCP/IP 1.0b:  0-1 transaction | 2-3 protocol, 0 | 4-5 length of what follows |
 *   6 unit | function; messages stand one behind the other
 * Whether a message asks or answers only its ports say. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus.h"

enum { PORT = 502, HEAD = 6, MESSAGE_MIN = 2, MESSAGES_MAX = 256, ERROR_BIT = 0x80 };

static const struct proto_bind binds[] = { { BY_TCP_PORT, PORT, NULL },
	{ BY_UDP_PORT, PORT, "mbudp" }, { 0 } };

static enum modbus_kind kind_of(const struct packet *pkt)
{
	if (pkt->quoted || pkt->flow.src_port == pkt->flow.dst_port)
		return MODBUS_UNKNOWN;
	return pkt_to_server(pkt) ? MODBUS_QUERY : MODBUS_RESPONSE;
}

static bool is_ours(struct bytes b)
{
	bytes_skip(&b, 2);
	uint16_t protocol = bytes_be16(&b), length = bytes_be16(&b);
	bytes_skip(&b, MESSAGE_MIN);
	return bytes_ok(&b) && protocol == 0 && length >= MESSAGE_MIN;
}

static enum decode_result decode_message(struct packet *pkt, enum modbus_kind kind, struct bytes *b)
{
	if (bytes_left(b) < HEAD)
		return DECODE_TRUNCATED;
	(void)get_be16(pkt, b, MBTCP_TRANS_ID);
	(void)get_be16(pkt, b, MBTCP_PROT_ID);
	uint16_t length = get_be16(pkt, b, MBTCP_LEN);
	size_t claimed = bytes_claimed(b);
	struct bytes body = bytes_upto(b, length);
	(void)get_u8(pkt, &body, MBTCP_UNIT_ID);
	if (!bytes_ok(&body))
		return DECODE_TRUNCATED;
	if (!modbus_decode(pkt, kind, body) || length > claimed)
		return DECODE_TRUNCATED;
	return DECODE_OK;
}

/* An error without its code, and another message behind it. */
static bool is_bare_error(struct bytes b)
{
	bytes_skip(&b, 4);
	uint16_t length = bytes_be16(&b);
	bytes_skip(&b, 1);
	uint8_t function = bytes_u8(&b);

	return bytes_left(&b) && length == MESSAGE_MIN && function & ERROR_BIT;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	enum modbus_kind kind = kind_of(pkt);
	enum decode_result result = DECODE_OK;

	if (!is_ours(b))
		return DECODE_REJECT;
	if (kind != MODBUS_UNKNOWN)
		pkt_client(pkt, kind == MODBUS_QUERY);
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b) && result == DECODE_OK; i++) {
		if (bytes_left(&b) > HEAD && !is_ours(b)) {
			pkt_anomaly(pkt, "another protocol behind a message");
			break;
		}
		if (is_bare_error(b)) {
			pkt_anomaly(pkt, "error without a code");
			bytes_skip(&b, HEAD + MESSAGE_MIN);
			continue;
		}
		result = decode_message(pkt, kind, &b);
	}
	return result;
}

const struct proto proto_mbtcp = { .name = "mbtcp",
	.binds = binds,
	.fields = modbus_fields,
	.decode = decode,
	.application = "modbus" };
