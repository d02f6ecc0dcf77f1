/* proto_gre.c -- Generic Routing Encapsulation.
 * RFC 2784, 2890, 1701:  0-1 flags: checksum, routing, key, sequence (the four highest bits),
 *   version (the three lowest) | 2-3 protocol type | checksum, offset (2 + 2, with checksum or
 *   routing) | key (4) | sequence number (4) | routing: address family (2), offset (1), length (1),
 *   addresses; repeated up to a family of 0 and a length of 0
 * RFC 2637 (PPTP: the type of PPP in version 1):  acknowledgement is the flag 0x0080; the key is the length of the
 *   payload (2) and the call (2); the acknowledgement number (4) follows the sequence number */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { CHECKSUM_FLAG = 0x8000, ROUTING_FLAG = 0x4000, KEY_FLAG = 0x2000, SEQUENCE_FLAG = 0x1000 };
enum { ACK_FLAG = 0x0080, VERSION_MASK = 7, ROUTES_MAX = 256 };
enum { ETHERTYPE_IP = 0x0800, LINKTYPE_ETHERNET = 1, LINKTYPE_PPP = 9 };
enum { FRAME_RELAY = 0x6559, CDP = 0x2000, ARUBA_FIRST = 0x8200, ARUBA_LAST = 0x8370 };
enum { LINKTYPE_FRELAY = 107, LINKTYPE_WLAN = 105 };
enum { BRIDGED = 0x6558, PPP = 0x880b, WCCP = 0x883e, WCCP_HEADER = 4 };
/* mirrored frames; without a sequence number they have no header of their own */
enum { ERSPAN = 0x88be, BARE_ERSPAN = 0x10000 };

enum {
	FLAGS,
	PROTO,
	CHECKSUM,
	HAS_CHECKSUM,
	HAS_KEY,
	HAS_SEQUENCE,
	VERSION,
	CALL_ID,
	PAYLOAD_LENGTH,
	KEY,
	SEQUENCE,
	ACK,
};
static const struct proto_field fields[] = {
	[FLAGS] = { "gre.flags_and_version", FIELD_U16, "Flags and version", NULL, "0.1", DETAIL,
		PLAIN },
	[PROTO] = { "gre.proto", FIELD_U16, "Type of the payload", NULL, "0.1", CORE, PLAIN },
	[CHECKSUM] = { "gre.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL, PLAIN },
	[HAS_CHECKSUM] = { "gre.flags.checksum", FIELD_BOOL, "There is a checksum", NULL, "0.1",
		DERIVED, PLAIN },
	[HAS_KEY] = { "gre.flags.key", FIELD_BOOL, "There is a key", NULL, "0.1", DERIVED, PLAIN },
	[HAS_SEQUENCE] = { "gre.flags.sequence_number", FIELD_BOOL, "There is a sequence number",
		NULL, "0.1", DERIVED, PLAIN },
	[VERSION] = { "gre.flags.version", FIELD_U16, "0, or 1 in PPTP", NULL, "0.1", DERIVED,
		PLAIN },
	[CALL_ID] = { "gre.key.call_id", FIELD_U16, "Call (PPTP)", NULL, "0.1", CORE, PLAIN },
	[PAYLOAD_LENGTH] = { "gre.key.payload_length", FIELD_U16, "Length of the payload (PPTP)",
		NULL, "0.1", DETAIL, PLAIN },
	[KEY] = { "gre.key", FIELD_U32, "Key", NULL, "0.1", CORE, PLAIN },
	[SEQUENCE] = { "gre.sequence_number", FIELD_U32, "Sequence number", NULL, "0.1", DETAIL,
		PLAIN },
	[ACK] = { "gre.ack_number", FIELD_U32, "Acknowledgement number (PPTP)", NULL, "0.1", DETAIL,
		PLAIN },
	{ 0 },
};
/* 4754: RFC 8086 */
static const struct proto_bind binds[] = { { BY_IP_PROTO, 47, NULL }, { BY_UDP_PORT, 4754, NULL },
	{ 0 } };

static void put_flags(struct packet *pkt, uint16_t flags)
{
	put_u64(pkt, FLAGS, flags);
	put_bool(pkt, HAS_CHECKSUM, flags & CHECKSUM_FLAG);
	put_bool(pkt, HAS_KEY, flags & KEY_FLAG);
	put_bool(pkt, HAS_SEQUENCE, flags & SEQUENCE_FLAG);
	put_u64(pkt, VERSION, flags & VERSION_MASK);
}

static void skip_routes(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < ROUTES_MAX; i++) {
		uint16_t family = bytes_be16(b);
		bytes_skip(b, 1);
		uint8_t length = bytes_u8(b);
		if (!bytes_ok(b) || (family == 0 && length == 0))
			return;
		bytes_skip(b, length);
	}
	pkt_anomaly(pkt, "too many routes");
}

/* Returns the number that tells the packets of this tunnel from others, or -1. */
static int64_t read_key(struct packet *pkt, struct bytes *b, bool pptp)
{
	if (!pptp) {
		uint32_t key = get_be32(pkt, b, KEY);
		return key;
	}
	(void)get_be16(pkt, b, PAYLOAD_LENGTH);
	return get_be16(pkt, b, CALL_ID);
}

/* What the flags ask for, in its order. Returns the tunnel's number. */
static int64_t read_options(struct packet *pkt, struct bytes *b, uint16_t flags, bool pptp)
{
	int64_t id = -1;

	if (flags & (CHECKSUM_FLAG | ROUTING_FLAG)) {
		(void)get_be16(pkt, b, CHECKSUM);
		bytes_skip(b, 2);
	}
	if (flags & KEY_FLAG)
		id = read_key(pkt, b, pptp);
	if (flags & SEQUENCE_FLAG)
		(void)get_be32(pkt, b, SEQUENCE);
	if (pptp && flags & ACK_FLAG)
		(void)get_be32(pkt, b, ACK);
	if (flags & ROUTING_FLAG)
		skip_routes(pkt, b);
	return id;
}

/* Cisco's redirection has no header in version 1 and one of four bytes in version 2. */
static bool decode_wccp(struct packet *pkt, struct bytes b)
{
	if (bytes_peek(&b, 0) >> 4 != 4)
		bytes_skip(&b, WCCP_HEADER);
	return decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IP, b);
}

/* Of the ethertypes GRE uses those of packets, and none of tags and of sessions. */
static bool decode_payload(struct packet *pkt, uint16_t flags, uint16_t type, struct bytes b)
{
	static const uint16_t ethertypes[] = { ETHERTYPE_IP, 0x86dd, 0x0806, 0x8847, 0x8848,
		0x894f };

	if (type == BRIDGED)
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
	if (type == PPP)
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
	if (type == WCCP)
		return decode_wccp(pkt, b);
	if (type == FRAME_RELAY)
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_FRELAY, b);
	if (type == CDP)
		return decode_by(pkt, BY_CISCO_PID, CDP, b);
	if (type >= ARUBA_FIRST && type <= ARUBA_LAST && (type & 15) == 0)
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_WLAN, b);
	for (size_t i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++)
		if (ethertypes[i] == type)
			return decode_by(pkt, BY_ETHERTYPE, type, b);
	bool bare = type == ERSPAN && !(flags & SEQUENCE_FLAG);
	return decode_by(pkt, BY_GRE, bare ? BARE_ERSPAN : type, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint16_t flags = bytes_be16(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_flags(pkt, flags);
	uint16_t type = get_be16(pkt, &b, PROTO);
	int64_t id = read_options(pkt, &b, flags, type == PPP && flags & VERSION_MASK);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "gre", id);
	if (bytes_claimed(&b) == 0 || decode_payload(pkt, flags, type, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

const struct proto proto_gre = {
	.name = "gre", .binds = binds, .fields = fields, .decode = decode
};
