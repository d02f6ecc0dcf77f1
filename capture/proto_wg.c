/* proto_wg.c -- WireGuard.
 * https://www.wireguard.com/protocol: 0 type | 1-3 zero | the rest low bytes first:
 *   initiation (1), 148 bytes   4-7 sender | key, static key, time stamp | 116 mac1 | 132 mac2
 *   response (2), 92 bytes      4-7 sender | 8-11 receiver | key, nothing | 60 mac1 | 76 mac2
 *   cookie (3), 64 bytes        4-7 receiver | nonce | cookie
 *   data (4), 32 bytes or more  4-7 receiver | 8-15 counter | what only the ends can read */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { INITIATION = 1, RESPONSE = 2, COOKIE = 3, DATA = 4 };
enum { RESERVED_LEN = 3, MAC_LEN = 16, DATA_MIN = 32, PADDING = 16, FULL = 1000 };
enum { INITIATION_KEYS = 108, RESPONSE_KEYS = 48 };

enum { TYPE, RESERVED, SENDER, RECEIVER, COUNTER, MAC1, MAC2 };
static const struct proto_field fields[] = {
	[TYPE] = { "wg.type", FIELD_U8,
		"1 handshake initiation, 2 handshake response, 3 cookie reply, 4 data", NULL, "0.1",
		CORE, PLAIN },
	[RESERVED] = { "wg.reserved", FIELD_BYTES, "Three zero bytes", NULL, "0.1", DETAIL, PLAIN },
	[SENDER] = { "wg.sender", FIELD_U32, "Session, as the sender numbers it", NULL, "0.1", CORE,
		PLAIN },
	[RECEIVER] = { "wg.receiver", FIELD_U32, "Session, as the receiver numbers it", NULL, "0.1",
		CORE, PLAIN },
	[COUNTER] = { "wg.counter", FIELD_U64, "Number of the packet in its session", NULL, "0.1",
		CORE, PLAIN },
	[MAC1] = { "wg.mac1", FIELD_BYTES, "Proof that the sender knows the receiver's public key",
		NULL, "0.1", DETAIL, PLAIN },
	[MAC2] = { "wg.mac2", FIELD_BYTES, "Proof that the sender had a cookie, or zeros", NULL,
		"0.1", DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 51820, NULL }, { 0 } };
static const struct proto_probe probes[] = { { BY_UDP_PORT, INITIATION, DATA }, { 0 } };

/* Three bytes are zero, but some providers of WireGuard mark their own clients in them. */
static bool is_message(struct bytes b)
{
	static const size_t lengths[] = { 0, 148, 92, 64 };
	size_t length = bytes_claimed(&b);
	uint8_t type = bytes_u8(&b);
	bool marked = bytes_be24(&b) != 0;

	if (!bytes_ok(&b) || type < INITIATION || type > (marked ? RESPONSE : DATA))
		return false;
	return type == DATA ? length >= DATA_MIN : length == lengths[type];
}

/* A second MAC is only there when the other side is busy and has asked for it. */
static bool ends_in_zeros(struct bytes b)
{
	static const uint8_t zeros[MAC_LEN];
	size_t length = bytes_claimed(&b);

	return bytes_left(&b) == length && length > MAC_LEN &&
	       memcmp(b.p + length - MAC_LEN, zeros, MAC_LEN) == 0;
}

/* Data is padded to 16 bytes, unless the packet is as long as the way allows. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	size_t length = bytes_claimed(&b);

	(void)pkt;
	if (!is_message(b) || ((b.p[1] | b.p[2] | b.p[3]) && !ends_in_zeros(b)))
		return false;
	return *b.p != DATA || length % PADDING == 0 || length > FULL;
}

static void get_mac(struct packet *pkt, struct bytes *b, unsigned field)
{
	const uint8_t *p = bytes_take(b, MAC_LEN);

	if (p)
		put_bytes(pkt, field, p, MAC_LEN);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { "handshake-initiation", "handshake-response",
		"cookie-reply", "data" };

	if (!is_message(b))
		return DECODE_REJECT;
	uint8_t type = get_u8(pkt, &b, TYPE);
	put_bytes(pkt, RESERVED, bytes_take(&b, RESERVED_LEN), RESERVED_LEN);
	ecs_text(pkt, ECS_EVENT_ACTION, actions[type - INITIATION]);
	if (type == INITIATION || type == RESPONSE)
		(void)get_le32(pkt, &b, SENDER);
	if (type != INITIATION)
		(void)get_le32(pkt, &b, RECEIVER);
	if (type == DATA) {
		uint64_t counter = bytes_le64(&b);
		if (bytes_ok(&b))
			put_u64(pkt, COUNTER, counter);
	}
	if (type == INITIATION || type == RESPONSE) {
		pkt_client(pkt, type == INITIATION);
		bytes_skip(&b, type == INITIATION ? INITIATION_KEYS : RESPONSE_KEYS);
		get_mac(pkt, &b, MAC1);
		get_mac(pkt, &b, MAC2);
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_wg = { .name = "wg",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "wireguard" };
