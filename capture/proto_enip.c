/* proto_enip.c -- EtherNet/IP, the encapsulation of CIP, and its cyclic data.
 * CIP Vol. 2, 2-3, little-endian:  0-1 command | 2-3 length of what follows byte 23 | 4-7 session |
 *   8-11 status | 12-19 context; a request for identities: 12-13 delay | 20-23 options
 *   data (0x6f, 0x70): 0-3 interface | 4-5 time-out | items: count u16, each: type u16 | length u16
 * Cyclic data, on a port of its own, are the items alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "enip.h"
#include "outcome.h"

enum { PORT = 44818, IO_PORT = 2222, HEAD = 24, CONTEXT = 8, ITEMS_MAX = 256, MESSAGES_MAX = 256 };
enum { LIST_SERVICES = 4, LIST_IDENTITY = 0x63, LIST_INTERFACES = 0x64, REGISTER = 0x65 };
enum { UNREGISTER = 0x66, SEND_RR = 0x6f, SEND_UNIT = 0x70 };
enum {
	ITEM_IDENTITY = 0x0c,
	ITEM_CONNECTION = 0xa1,
	ITEM_CONNECTED = 0xb1,
	ITEM_UNCONNECTED = 0xb2
};
enum { ITEM_SEQUENCED = 0x8002 };
static const struct proto_bind binds[] = { { BY_TCP_PORT, PORT, NULL }, { BY_UDP_PORT, PORT, NULL },
	{ BY_UDP_PORT, IO_PORT, "cipio" }, { 0 } };

static const char *action_of(uint16_t command)
{
	switch (command) {
	case LIST_SERVICES:
		return "list-services";
	case LIST_IDENTITY:
		return "list-identity";
	case LIST_INTERFACES:
		return "list-interfaces";
	case REGISTER:
		return "register-session";
	case UNREGISTER:
		return "unregister-session";
	default:
		return NULL;
	}
}

static void put_identity(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 18); /* version, address */
	(void)get_le16(pkt, &b, LIR_VENDOR);
	(void)get_le16(pkt, &b, LIR_DEVTYPE);
	(void)get_le16(pkt, &b, LIR_PRODCODE);
	bytes_skip(&b, 4);
	(void)get_le32(pkt, &b, LIR_SERIAL);
	uint8_t length = bytes_u8(&b);
	const uint8_t *name = bytes_take(&b, length);
	if (name)
		put_str(pkt, LIR_NAME, name, length);
	(void)get_u8(pkt, &b, LIR_STATE);
}

/* What items carry: CIP's messages, what its connections bring again and again, or, of an interface
 * that is not CIP's, anything. */
enum content { OBJECTS, CYCLIC, OTHER };

static void decode_item(struct packet *pkt, uint16_t type, struct bytes b, enum content content)
{
	if (type == ITEM_IDENTITY) {
		put_identity(pkt, b);
	} else if (type == ITEM_CONNECTION) {
		(void)get_le32(pkt, &b, CPF_CAI_CONNID);
	} else if (type == ITEM_SEQUENCED) {
		(void)get_le32(pkt, &b, CPF_SAI_CONNID);
		(void)get_le32(pkt, &b, CPF_SAI_SEQ);
	} else if (type == ITEM_UNCONNECTED && content == OTHER) {
		(void)decode_data(pkt, b);
	} else if (type == ITEM_UNCONNECTED) {
		cip_decode(pkt, b);
	} else if (type == ITEM_CONNECTED && content == CYCLIC) {
		if (bytes_left(&b))
			pkt_protocol(pkt, "cipio");
	} else if (type == ITEM_CONNECTED) {
		(void)get_le16(pkt, &b, CIP_SEQ);
		cip_decode(pkt, b);
	}
}

static bool decode_items(struct packet *pkt, struct bytes *b, enum content content)
{
	uint16_t count = get_le16(pkt, b, CPF_ITEMCOUNT);

	for (unsigned i = 0; i < count && i < ITEMS_MAX && bytes_ok(b); i++) {
		uint16_t type = get_le16(pkt, b, CPF_TYPEID), length = get_le16(pkt, b, CPF_LENGTH);
		if (!bytes_ok(b))
			return false;
		bool whole = bytes_left(b) >= length;
		decode_item(pkt, type, bytes_upto(b, length), content);
		if (!whole)
			return false;
	}
	return bytes_ok(b);
}

static bool decode_body(struct packet *pkt, uint16_t command, struct bytes *b)
{
	enum content content = OBJECTS;

	if (bytes_left(b) == 0)
		return true;
	if (command == SEND_RR || command == SEND_UNIT) {
		content = bytes_le32(b) == 0 ? OBJECTS : OTHER;
		(void)get_le16(pkt, b, ENIP_TIMEOUT);
	} else if (command != LIST_SERVICES && command != LIST_IDENTITY &&
		   command != LIST_INTERFACES) {
		return true;
	}
	return decode_items(pkt, b, content);
}

static bool is_request(const struct packet *pkt)
{
	return !pkt->quoted && pkt->to_port && pkt->flow.src_port != pkt->flow.dst_port;
}

static const char *error_of(uint32_t status)
{
	static const char *const names[] = { NULL, "invalid or unsupported command",
		"out of memory", "incorrect data" };

	if (status == 0x64)
		return "invalid session handle";
	if (status == 0x65)
		return "invalid length";
	return status == 0x69 ? "unsupported protocol version" : NAME_OF(names, status);
}

static void tell(struct packet *pkt, uint16_t command, uint32_t status)
{
	ecs_text(pkt, ECS_EVENT_ACTION, action_of(command));
	if (status)
		outcome_failure(pkt, status, error_of(status));
	if (!pkt->quoted && pkt->flow.src_port != pkt->flow.dst_port)
		pkt_client(pkt, is_request(pkt));
}

static bool answers(const struct packet *pkt, uint16_t command)
{
	return !pkt->quoted && !is_request(pkt) && command != SEND_RR && command != SEND_UNIT;
}

static bool decode_message(struct packet *pkt, struct bytes *b)
{
	uint16_t command = get_le16(pkt, b, ENIP_COMMAND), length = get_le16(pkt, b, ENIP_LENGTH);
	(void)get_le32(pkt, b, ENIP_SESSION);
	uint32_t status = get_le32(pkt, b, ENIP_STATUS);
	const uint8_t *context = bytes_take(b, CONTEXT);
	if (!context)
		return false;
	if (command == LIST_IDENTITY && is_request(pkt)) /* it begins with a delay */
		put_bytes(pkt, ENIP_CONTEXT, context + 2, CONTEXT - 2);
	else
		put_bytes(pkt, ENIP_CONTEXT, context, CONTEXT);
	(void)get_le32(pkt, b, ENIP_OPTIONS);
	tell(pkt, command, status);
	size_t claimed = bytes_claimed(b);
	struct bytes body = bytes_upto(b, length);
	bool whole = decode_body(pkt, command, &body) && bytes_ok(b) && length <= claimed;
	if (answers(pkt, command)) /* where no status of CIP says otherwise */
		outcome_success(pkt);
	return whole;
}

static bool is_text(struct bytes b)
{
	for (unsigned i = 0; i < 4; i++) {
		int c = bytes_peek(&b, i);
		if (c < 0x20 || c > 0x7e)
			return false;
	}
	return true;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->value == IO_PORT)
		return decode_items(pkt, &b, CYCLIC) ? DECODE_OK : DECODE_TRUNCATED;
	if (bytes_left(&b) < HEAD || is_text(b))
		return DECODE_REJECT;
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++)
		if (bytes_left(&b) < HEAD || !decode_message(pkt, &b))
			return DECODE_TRUNCATED;
	return DECODE_OK;
}

const struct proto proto_enip = { .name = "enip",
	.binds = binds,
	.fields = enip_fields,
	.decode = decode,
	.application = "enip" };
