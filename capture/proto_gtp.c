/* proto_gtp.c -- GPRS Tunnelling Protocol, versions 0 and 1: user and control plane; charging.
 * 3GPP TS 29.281, 29.060:  0 version (3 bits), protocol (1), reserved (1), E, S, PN | 1 message |
 *   2-3 length of what follows byte 7 | 4-7 tunnel endpoint | with any of E, S, PN also: 8-9
 *   sequence number (S) | 10 N-PDU number (PN) | 11 type of the next extension header (E)
 *   extension: length in words (1) | content | type of the next one, 0 for none
 * Version 0, GSM 09.60:  0 flags | 1 message | 2-3 length | 4-5 sequence number | 6-7 flow label |
 *   8 number of an LLC frame | 9-11 | 12-19 tunnel
 * GTP', 3GPP TS 32.295, where the bit of the protocol is 0:  the first six bytes of version 0
 * Only message 255 carries a packet: of IP, by its first four bits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { VERSION_0, VERSION_1, VERSION_2, PROTOCOL_GTP = 1, E_FLAG = 4, S_FLAG = 2, PN_FLAG = 1 };
enum { PRIME_PORT = 3386, TUNNEL_LEN = 14, NO_TUNNEL = -1 };
enum { G_PDU = 255, EXTENSIONS_MAX = 64, WORD = 4, NO_EXTENSION = 0 };
enum { ETHERTYPE_IP = 0x0800, ETHERTYPE_IPV6 = 0x86dd };

enum {
	FLAGS,
	VERSION,
	HAS_EXTENSION,
	HAS_SEQUENCE,
	HAS_NPDU,
	MESSAGE,
	LENGTH,
	TEID,
	SEQUENCE,
	NPDU,
	EXTENSION_NEXT,
	EXTENSION_LENGTH,
};
static const struct proto_field fields[] = {
	[FLAGS] = { "gtp.flags", FIELD_U8, "Version and flags", NULL, "0.1", DETAIL, PLAIN },
	[VERSION] = { "gtp.flags.version", FIELD_U8, "Version", NULL, "0.1", DERIVED, PLAIN },
	[HAS_EXTENSION] = { "gtp.flags.e", FIELD_BOOL, "There are extension headers", NULL, "0.1",
		DERIVED, PLAIN },
	[HAS_SEQUENCE] = { "gtp.flags.s", FIELD_BOOL, "There is a sequence number", NULL, "0.1",
		DERIVED, PLAIN },
	[HAS_NPDU] = { "gtp.flags.pn", FIELD_BOOL, "There is an N-PDU number", NULL, "0.1", DERIVED,
		PLAIN },
	[MESSAGE] = { "gtp.message", FIELD_U8, "Message; 255 carries a packet", NULL, "0.1", CORE,
		PLAIN },
	[LENGTH] = { "gtp.length", FIELD_U16, "Length behind the first eight bytes", NULL, "0.1",
		DETAIL, PLAIN },
	[TEID] = { "gtp.teid", FIELD_U32, "Tunnel endpoint", NULL, "0.1", CORE, PLAIN },
	[SEQUENCE] = { "gtp.seq_number", FIELD_U16, "Sequence number", NULL, "0.1", DETAIL, PLAIN },
	[NPDU] = { "gtp.npdu_number", FIELD_U8, "N-PDU number", NULL, "0.1", DETAIL, PLAIN },
	[EXTENSION_NEXT] = { "gtp.ext_hdr.next", FIELD_U8, "Type of the next extension header",
		NULL, "0.1", DETAIL, PLAIN },
	[EXTENSION_LENGTH] = { "gtp.ext_hdr.length", FIELD_U8,
		"Length of an extension header in words", NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 2152, NULL }, { BY_UDP_PORT, 2123, NULL },
	{ BY_UDP_PORT, PRIME_PORT, "gtpprime" }, { 0 } };

/* False when the chain does not lead to a payload. */
static bool read_extensions(struct packet *pkt, struct bytes *b)
{
	uint8_t next = get_u8(pkt, b, EXTENSION_NEXT);

	for (unsigned i = 0; i < EXTENSIONS_MAX && bytes_ok(b); i++) {
		if (next == NO_EXTENSION)
			return true;
		size_t length = get_u8(pkt, b, EXTENSION_LENGTH) * (size_t)WORD;
		if (bytes_ok(b) && length == 0)
			break;
		bytes_skip(b, length - 2);
		next = get_u8(pkt, b, EXTENSION_NEXT);
	}
	if (bytes_ok(b))
		pkt_anomaly(pkt, "extension headers do not end");
	return false;
}

/* What any of the three flags brings. False when nothing can follow. */
static bool read_options(struct packet *pkt, struct bytes *b, uint8_t flags)
{
	uint16_t sequence = bytes_be16(b);
	uint8_t npdu = bytes_u8(b);

	if (bytes_ok(b) && flags & S_FLAG)
		put_u64(pkt, SEQUENCE, sequence);
	if (bytes_ok(b) && flags & PN_FLAG)
		put_u64(pkt, NPDU, npdu);
	if (flags & E_FLAG)
		return read_extensions(pkt, b);
	bytes_skip(b, 1);
	return true;
}

static enum decode_result decode_pdu(struct packet *pkt, int64_t teid, struct bytes b)
{
	int version = bytes_peek(&b, 0) >> 4;

	pkt_tunnel(pkt, "gtp", teid);
	if (version == 4 && decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IP, b))
		return DECODE_OK;
	if (version == 6 && decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IPV6, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

static bool is_tunnel(uint8_t flags)
{
	return (flags >> 4 & 1) == PROTOCOL_GTP;
}

/* Charging has a port of its own, which was also that of version 0. */
static bool is_ours(const struct packet *pkt, uint8_t flags)
{
	bool prime = pkt->bind->value == PRIME_PORT;

	return is_tunnel(flags) ? flags >> 5 <= VERSION_1 : prime && flags >> 5 <= VERSION_2;
}

/* A message for its own sake. */
static void tell(struct packet *pkt, uint8_t message)
{
	static const char *const actions[] = { [1] = "echo-request",
		[2] = "echo-response",
		[3] = "version-not-supported",
		[16] = "create-pdp-context-request",
		[17] = "create-pdp-context-response",
		[18] = "update-pdp-context-request",
		[19] = "update-pdp-context-response",
		[20] = "delete-pdp-context-request",
		[21] = "delete-pdp-context-response",
		[26] = "error-indication",
		[27] = "pdu-notification-request",
		[28] = "pdu-notification-response",
		[31] = "supported-extension-headers-notification",
		[50] = "sgsn-context-request",
		[51] = "sgsn-context-response",
		[52] = "sgsn-context-acknowledge",
		[240] = "data-record-transfer-request",
		[241] = "data-record-transfer-response",
		[254] = "end-marker" };

	if (message == G_PDU)
		return;
	pkt_application(pkt, "gtp");
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, message));
}

/* Version 0, and GTP'. */
static enum decode_result decode_old(struct packet *pkt, uint8_t flags, struct bytes b)
{
	uint8_t message = get_u8(pkt, &b, MESSAGE);
	uint16_t length = get_be16(pkt, &b, LENGTH);

	(void)get_be16(pkt, &b, SEQUENCE);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	tell(pkt, message);
	if (!is_tunnel(flags))
		return DECODE_OK;
	bytes_skip(&b, TUNNEL_LEN);
	struct bytes rest = bytes_upto(&b, length);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return message == G_PDU ? decode_pdu(pkt, NO_TUNNEL, rest) : DECODE_OK;
}

static enum decode_result decode_new(struct packet *pkt, uint8_t flags, struct bytes b)
{
	put_bits(pkt, HAS_EXTENSION, flags, 2, 3);
	uint8_t message = get_u8(pkt, &b, MESSAGE);
	uint16_t length = get_be16(pkt, &b, LENGTH);
	uint32_t teid = get_be32(pkt, &b, TEID);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	tell(pkt, message);
	if (length > bytes_claimed(&b))
		pkt_anomaly(pkt, "length beyond the packet");
	struct bytes rest = bytes_upto(&b, length);
	bool more = !(flags & (E_FLAG | S_FLAG | PN_FLAG)) || read_options(pkt, &rest, flags);
	if (!bytes_ok(&rest))
		return DECODE_TRUNCATED;
	return more && message == G_PDU ? decode_pdu(pkt, teid, rest) : DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t flags = bytes_u8(&b);

	if (!is_ours(pkt, flags) || bytes_left(&b) == 0)
		return DECODE_REJECT;
	put_u64(pkt, FLAGS, flags);
	if (is_tunnel(flags))
		put_u64(pkt, VERSION, flags >> 5);
	return is_tunnel(flags) && flags >> 5 == VERSION_1 ? decode_new(pkt, flags, b)
							   : decode_old(pkt, flags, b);
}

const struct proto proto_gtp = {
	.name = "gtp", .binds = binds, .fields = fields, .decode = decode
};
