/* proto_gtp.c -- GPRS Tunnelling Protocol, version 1: user and control plane.
 * 3GPP TS 29.281, 29.060:  0 version (3 bits), protocol (1), reserved (1), E, S, PN | 1 message |
 *   2-3 length of what follows byte 7 | 4-7 tunnel endpoint | with any of E, S, PN also: 8-9
 *   sequence number (S) | 10 N-PDU number (PN) | 11 type of the next extension header (E)
 *   extension: length in words (1) | content | type of the next one, 0 for none
 * Only message 255 carries a packet: of IP, by its first byte, or else a frame of Ethernet.
 * GSM 09.60, version 0:  4-5 sequence number | 6-19 flow, N-PDU number, tunnel. TS 32.295, charging
 *   (protocol 0):  the same, or only the first six bytes of it */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { VERSION_1 = 1, VERSION_2, PRIME_PORT = 3386, NO_TUNNEL = -1 };
enum { PROTOCOL_GTP = 1 << 4, E_FLAG = 4, S_FLAG = 2, PN_FLAG = 1 };
enum { G_PDU = 255, EXTENSIONS_MAX = 64, WORD = 4, NO_EXTENSION = 0 };
enum { ETHERTYPE_IP = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd };
enum { ETHERTYPE_AT = 12, LINKTYPE_ETHERNET = 1, OLD_HEADER = 20, BRIEF_HEADER = 6 };
/* The first byte of IPv4: below are headers that are too short, above is one that nobody sends. */
enum { IP_LEAST = 0x45, IP_MOST = 0x4e };

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

/* A frame of Ethernet has nothing to tell it by but the type of what it carries most. */
static bool is_ethernet(struct bytes b)
{
	bytes_skip(&b, ETHERTYPE_AT);
	uint16_t type = bytes_be16(&b);

	return bytes_ok(&b) &&
	       (type == ETHERTYPE_IP || type == ETHERTYPE_IPV6 || type == ETHERTYPE_ARP);
}

static enum decode_result decode_pdu(struct packet *pkt, int64_t teid, struct bytes b)
{
	int first = bytes_peek(&b, 0);

	pkt_tunnel(pkt, "gtp", teid);
	if (first >= IP_LEAST && first <= IP_MOST)
		(void)decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IP, b);
	else if (first >> 4 == 6)
		(void)decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IPV6, b);
	else if (is_ethernet(b))
		(void)decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
	return DECODE_OK;
}

/* The messages there are: what else has such flags is something else. */
static bool is_message(uint8_t message)
{
	static const uint8_t ranges[][2] = { { 1, 7 }, { 16, 37 }, { 48, 62 }, { 70, 70 },
		{ 96, 105 }, { 112, 121 }, { 128, 129 }, { 240, 241 }, { 254, 255 } };

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (message >= ranges[i][0] && message <= ranges[i][1])
			return true;
	return false;
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

/* GSM 09.60 (version 0) and charging (GTP'): their headers hold no more that has a name here. */
static enum decode_result decode_old(struct packet *pkt, uint8_t flags, struct bytes b)
{
	bool charging = !(flags & PROTOCOL_GTP), brief = flags >> 5 || flags & 1;

	uint8_t message = get_u8(pkt, &b, MESSAGE);
	uint16_t length = get_be16(pkt, &b, LENGTH);
	(void)get_be16(pkt, &b, SEQUENCE);
	if (bytes_ok(&b))
		tell(pkt, message);
	bytes_skip(&b, charging && brief ? 0 : OLD_HEADER - BRIEF_HEADER);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (message != G_PDU || (charging && flags >> 5))
		return DECODE_OK;
	return decode_pdu(pkt, NO_TUNNEL, bytes_upto(&b, length));
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

/* Charging has a port of its own, which was also that of version 0. */
static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t flags = bytes_u8(&b);
	bool tunnel = flags & PROTOCOL_GTP, prime = pkt->bind->value == PRIME_PORT;
	unsigned version = flags >> 5;

	if (version > (prime && !tunnel ? VERSION_2 : VERSION_1) ||
		!is_message((uint8_t)bytes_peek(&b, 0)))
		return DECODE_REJECT;
	put_u64(pkt, FLAGS, flags);
	if (tunnel)
		put_u64(pkt, VERSION, version);
	return tunnel && version == VERSION_1 ? decode_new(pkt, flags, b)
					      : decode_old(pkt, flags, b);
}

const struct proto proto_gtp = {
	.name = "gtp", .binds = binds, .fields = fields, .decode = decode
};
