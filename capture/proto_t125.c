/* proto_t125.c -- T.125 (MCS), the part of RDP that opens the conference; what follows is encrypted.
 * T.125, 7:  7f 65 length | selectors, flag, parameters of domains | OCTET STRING; 7f 66: answer;
 *   other units are of PER: the upper six bits of the first byte choose the unit
 * T.124, 8.7, in PER:  00 05 00 14 7c 00 01 | length | ... "Duca" (client) or "McDn" | length |
 *   blocks of MS-RDPBCGR 2.2.1.3, little-endian: type u16 | length u16 with both | its own */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber.h"
#include "outcome.h"
#include "rdp.h"

enum { ELEMENTS_MAX = 16, BLOCKS_MAX = 64, CHANNELS_MAX = 32, BLOCK_HEAD = 4, KEY = 4 };
enum { KEY_DISTANCE = 32, NAME_BYTES = 32, CHANNEL_BYTES = 8 };
enum { APPLICATION = 0x7f, CONNECT_INITIAL = 0x65, CONNECT_RESULT = 0x68 };
enum { ERECT_DOMAIN = 1, DISCONNECT = 8, ATTACH = 10, JOIN = 14, SEND = 25 };
enum {
	CS_CORE = 0xc001,
	CS_NET = 0xc003,
	SC_CORE = 0x0c01,
	SC_SECURITY = 0x0c02,
};

static void put_client_core(struct packet *pkt, struct bytes b)
{
	(void)get_le16(pkt, &b, RDP_VERSION_MAJOR);
	(void)get_le16(pkt, &b, RDP_VERSION_MINOR);
	(void)get_le16(pkt, &b, RDP_WIDTH);
	(void)get_le16(pkt, &b, RDP_HEIGHT);
	bytes_skip(&b, 4); /* colours, sequence of secure attention */
	(void)get_le32(pkt, &b, RDP_KEYBOARD);
	(void)get_le32(pkt, &b, RDP_BUILD);
	struct bytes name = bytes_upto(&b, NAME_BYTES);
	put_utf16(pkt, RDP_CLIENT_NAME, name);
}

static void put_channels(struct packet *pkt, struct bytes b)
{
	uint32_t count = bytes_le32(&b);

	for (unsigned i = 0; i < count && i < CHANNELS_MAX; i++) {
		const uint8_t *name = bytes_take(&b, CHANNEL_BYTES);
		bytes_skip(&b, 4);
		if (!bytes_ok(&b))
			return;
		put_str(pkt, RDP_CHANNEL, name, CHANNEL_BYTES);
	}
}

static void put_block(struct packet *pkt, uint16_t type, struct bytes b)
{
	switch (type) {
	case CS_CORE:
		put_client_core(pkt, b);
		return;
	case CS_NET:
		put_channels(pkt, b);
		return;
	case SC_CORE:
		(void)get_le16(pkt, &b, RDP_VERSION_MAJOR);
		(void)get_le16(pkt, &b, RDP_VERSION_MINOR);
		return;
	case SC_SECURITY:
		(void)get_le32(pkt, &b, RDP_METHOD);
		(void)get_le32(pkt, &b, RDP_LEVEL);
		return;
	default:
		return;
	}
}

static void put_blocks(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < BLOCKS_MAX && bytes_left(&b); i++) {
		uint16_t type = bytes_le16(&b), length = bytes_le16(&b);
		if (!bytes_ok(&b))
			break;
		if (length < BLOCK_HEAD) {
			pkt_anomaly(pkt, "block shorter than its head");
			return;
		}
		struct bytes block = bytes_upto(&b, length - (size_t)BLOCK_HEAD);
		put_block(pkt, type, block);
	}
}

/* Moves behind the key, which stands near the beginning, and the length after it. */
static bool find_blocks(struct bytes *b)
{
	for (unsigned i = 0; i < KEY_DISTANCE; i++) {
		if (bytes_starts(b, "Duca", KEY) || bytes_starts(b, "McDn", KEY)) {
			bytes_skip(b, KEY);
			bytes_skip(b, bytes_u8(b) & 0x80 ? 1 : 0);
			return bytes_ok(b);
		}
		bytes_skip(b, 1);
	}
	return false;
}

static enum decode_result decode_connect(struct packet *pkt, struct bytes b)
{
	static const uint8_t conference[] = { 0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01 };
	struct ber element;

	pkt_client(pkt, bytes_peek(&b, 1) == CONNECT_INITIAL);
	bytes_skip(&b, 2);
	uint8_t length = bytes_u8(&b);
	if (length & 0x80)
		bytes_skip(&b, length & 3);
	for (unsigned i = 0; i < ELEMENTS_MAX && ber_next(&b, &element); i++) {
		if (!bytes_starts(&element.value, conference, sizeof(conference)))
			continue;
		pkt_protocol(pkt, "t124");
		ecs_text(pkt, ECS_EVENT_ACTION, "connect");
		if (find_blocks(&element.value))
			put_blocks(pkt, element.value);
		return element.value.cut ? DECODE_TRUNCATED : DECODE_OK;
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	int first = bytes_peek(&b, 0), unit = first >> 2, tag = bytes_peek(&b, 1);
	if (first == APPLICATION)
		return tag >= CONNECT_INITIAL && tag <= CONNECT_RESULT;
	return unit == ERECT_DOMAIN || unit == DISCONNECT || unit == ATTACH || unit == ATTACH + 1 ||
	       unit == JOIN || unit == JOIN + 1 || unit == SEND || unit == SEND + 1;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { [ERECT_DOMAIN] = "erect-domain",
		[DISCONNECT] = "disconnect",
		[ATTACH] = "attach-user",
		[ATTACH + 1] = "attach-user-confirm",
		[JOIN] = "channel-join",
		[JOIN + 1] = "channel-join-confirm",
		[SEND] = "send-data-request",
		[SEND + 1] = "send-data-indication" };
	unsigned first = (unsigned)bytes_peek(&b, 0);

	if (first == APPLICATION)
		return decode_connect(pkt, b);
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, first >> 2));
	return DECODE_OK;
}

static const struct proto_probe probes[] = { { BY_COTP, 0, APPLICATION }, { 0 } };

const struct proto proto_t125 = { .name = "t125",
	.fields = rdp_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "rdp" };
