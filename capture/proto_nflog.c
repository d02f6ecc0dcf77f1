/* proto_nflog.c -- packets that a rule of Linux's netfilter has logged.
 * LINKTYPE_NFLOG (239):  0 family | 1 version | 2-3 group | items: 0-1 length, of these four bytes
 *   too | 2-3 type | value | padding to 4. Lengths and types are in the order of the machine that
 *   wrote the capture, values in network order. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ITEMS_MAX = 1024, ITEM_HEADER = 4, WORD = 4, TYPE_MASK = 0x7fff, AF_IP = 2, AF_IP6 = 10 };
enum {
	ITEM_PACKET = 1,
	ITEM_INDEV = 4,
	ITEM_OUTDEV = 5,
	ITEM_PAYLOAD = 9,
	ITEM_PREFIX = 10,
	ITEM_UID = 11,
	ITEM_GID = 14,
};

enum { FAMILY, HOOK, INDEV, OUTDEV, PREFIX, UID, GID };
static const struct proto_field fields[] = {
	[FAMILY] = { "nflog.family", FIELD_U8, "Address family: 2 IPv4, 10 IPv6", NULL, "0.1",
		DETAIL, PLAIN },
	[HOOK] = { "nflog.hook", FIELD_U8,
		"0 before routing, 1 in, 2 forwarded, 3 out, 4 after routing", NULL, "0.1", CORE,
		PLAIN },
	[INDEV] = { "nflog.ifindex_indev", FIELD_U32, "Number of the interface it came by",
		"observer.ingress.interface.id", "0.1", CORE, PLAIN },
	[OUTDEV] = { "nflog.ifindex_outdev", FIELD_U32, "Number of the interface it leaves by",
		NULL, "0.1", CORE, PLAIN },
	[PREFIX] = { "nflog.prefix", FIELD_STR, "Text of the rule", NULL, "0.1", CORE, PLAIN },
	[UID] = { "nflog.uid", FIELD_I32, "User whose process has sent it", NULL, "0.1", CORE,
		PLAIN },
	[GID] = { "nflog.gid", FIELD_I32, "Group of that process", NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LINKTYPE, 239, NULL }, { 0 } };

struct payload {
	struct bytes b;
	uint16_t protocol; /* an ethertype; 0: the family tells */
	bool is_there;
};

/* Do the lengths, read in this order, lead to the end? */
static bool in_order(struct bytes b, bool little)
{
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(&b); i++) {
		size_t length = little ? bytes_le16(&b) : bytes_be16(&b);
		if (!bytes_ok(&b) || length < ITEM_HEADER || length - 2 > bytes_claimed(&b))
			return false;
		(void)bytes_upto(&b, ((length + 3) & ~(size_t)3) - 2);
	}
	return true;
}

static void put_word(struct packet *pkt, unsigned type, struct bytes value, struct payload *payload)
{
	switch (type) {
	case ITEM_PACKET:
		payload->protocol = bytes_be16(&value);
		(void)get_u8(pkt, &value, HOOK);
		break;
	case ITEM_INDEV:
		(void)get_be32(pkt, &value, INDEV);
		break;
	case ITEM_OUTDEV:
		(void)get_be32(pkt, &value, OUTDEV);
		break;
	case ITEM_UID:
	case ITEM_GID:
		put_i64(pkt, type == ITEM_UID ? UID : GID, (int32_t)bytes_be32(&value));
		break;
	default:
		break;
	}
}

static void put_item(struct packet *pkt, unsigned type, struct bytes value, struct payload *payload)
{
	if (type == ITEM_PAYLOAD) {
		payload->b = value;
		payload->is_there = true;
	} else if (type == ITEM_PREFIX) {
		put_str(pkt, PREFIX, value.p, bytes_left(&value));
	} else if (bytes_claimed(&value) == WORD && bytes_left(&value) == WORD) {
		put_word(pkt, type, value, payload);
	}
}

static enum decode_result decode_payload(
	struct packet *pkt, uint8_t family, const struct payload *payload)
{
	uint32_t type = family == AF_IP ? 0x0800 : family == AF_IP6 ? 0x86dd : 0;

	if (payload->protocol)
		type = payload->protocol;
	if (!payload->is_there || (type && decode_by(pkt, BY_ETHERTYPE, type, payload->b)))
		return DECODE_OK;
	return decode_data(pkt, payload->b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct payload payload = { 0 };
	uint8_t family = get_u8(pkt, &b, FAMILY);
	bool little;

	bytes_skip(&b, 3);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	little = in_order(b, true) || !in_order(b, false);
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(&b); i++) {
		size_t length = little ? bytes_le16(&b) : bytes_be16(&b);
		unsigned type = little ? bytes_le16(&b) : bytes_be16(&b);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		if (length < ITEM_HEADER) {
			pkt_anomaly(pkt, "item length below header size");
			break;
		}
		struct bytes value = bytes_upto(&b, length - ITEM_HEADER);
		(void)bytes_upto(&b, -length & 3);
		put_item(pkt, type & TYPE_MASK, value, &payload);
	}
	return decode_payload(pkt, family, &payload);
}

const struct proto proto_nflog = {
	.name = "nflog", .binds = binds, .fields = fields, .decode = decode
};
