/* proto_rtcp.c -- RTP Control Protocol: who sends sound and pictures, and how well they arrive.
 * RFC 3550, 6.4:  packets, one behind the other:  0 version (2 bits), padding, count (5) | 1 type |
 *                 2-3 length in words, less 1 | contents
 *   report of a sender: SSRC | time of NTP u32, u32 | time of RTP | packets | bytes | blocks
 *   block: SSRC | lost, as a fraction u8 and all u24 | highest sequence | jitter | LSR | DLSR
 *   description: chunks: SSRC | items: type u8, length u8, text | 0, padded to a word */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION_2 = 2, PACKETS_MAX = 1024, ITEMS_MAX = 1024, ITEM_PRIVATE = 8, BLOCK_REST = 8 };
enum {
	FULL_INTRA = 192,
	NACK = 193,
	SENDER = 200,
	RECEIVER = 201,
	DESCRIPTION = 202,
	GOODBYE = 203,
	APPLICATION = 204,
	TRANSPORT_FEEDBACK = 205,
	PAYLOAD_FEEDBACK = 206,
	EXTENDED = 207,
	AVB = 208,
	SUMMARY = 209,
	PORT_MAPPING = 210,
};

enum {
	VERSION,
	RC,
	PT,
	LENGTH,
	SENDERSSRC,
	NTP_MSW,
	NTP_LSW,
	TIMESTAMP_RTP,
	PACKETCOUNT,
	OCTETCOUNT,
	SSRC_IDENTIFIER,
	SSRC_FRACTION,
	SSRC_JITTER,
	SDES_TYPE,
	SDES_TEXT,
};
static const struct proto_field fields[] = {
	[VERSION] = { "rtcp.version", FIELD_U8, "Version, 2", NULL, "0.1", DETAIL, PLAIN },
	[RC] = { "rtcp.rc", FIELD_U8, "Number of blocks in a report", NULL, "0.1", DETAIL, PLAIN },
	[PT] = { "rtcp.pt", FIELD_U8,
		"200 sender, 201 receiver, 202 description, 203 goodbye, 205 and 206 feedback",
		NULL, "0.1", CORE, PLAIN },
	[LENGTH] = { "rtcp.length", FIELD_U16, "Length in words, less 1", NULL, "0.1", DETAIL,
		PLAIN },
	[SENDERSSRC] = { "rtcp.senderssrc", FIELD_U32, "Source of the report", NULL, "0.1", CORE,
		PLAIN },
	[NTP_MSW] = { "rtcp.timestamp.ntp.msw", FIELD_U32, "Time, in seconds since 1900", NULL,
		"0.1", DETAIL, PLAIN },
	[NTP_LSW] = { "rtcp.timestamp.ntp.lsw", FIELD_U32, "The rest of it, in 2^-32 seconds", NULL,
		"0.1", DETAIL, PLAIN },
	[TIMESTAMP_RTP] = { "rtcp.timestamp.rtp", FIELD_U32, "The same time as RTP counts it", NULL,
		"0.1", DETAIL, PLAIN },
	[PACKETCOUNT] = { "rtcp.sender.packetcount", FIELD_U32, "Packets sent", NULL, "0.1", CORE,
		PLAIN },
	[OCTETCOUNT] = { "rtcp.sender.octetcount", FIELD_U32, "Bytes sent", NULL, "0.1", CORE,
		PLAIN },
	[SSRC_IDENTIFIER] = { "rtcp.ssrc.identifier", FIELD_U32, "Source that is reported on", NULL,
		"0.1", CORE, PLAIN },
	[SSRC_FRACTION] = { "rtcp.ssrc.fraction", FIELD_U8, "Share of packets lost, in 256ths",
		NULL, "0.1", CORE, PLAIN },
	[SSRC_JITTER] = { "rtcp.ssrc.jitter", FIELD_U32, "Jitter, in samples", NULL, "0.1", CORE,
		PLAIN },
	[SDES_TYPE] = { "rtcp.sdes.type", FIELD_U8,
		"1 canonical name, 2 name, 3 e-mail, 4 phone, 5 place, 6 tool, 7 note, 0 end", NULL,
		"0.1", DETAIL, PLAIN },
	[SDES_TEXT] = { "rtcp.sdes.text", FIELD_ASCII,
		"Text of a description, or why a source leaves", NULL, "0.1", CORE, USER },
	{ 0 },
};

/* --- contents; each is a view of one packet --- */

static void put_blocks(struct packet *pkt, struct bytes *b, unsigned count)
{
	for (unsigned i = 0; i < count && bytes_ok(b); i++) {
		(void)get_be32(pkt, b, SSRC_IDENTIFIER);
		(void)get_u8(pkt, b, SSRC_FRACTION);
		bytes_skip(b, 7);
		(void)get_be32(pkt, b, SSRC_JITTER);
		bytes_skip(b, BLOCK_REST);
	}
}

static void put_sender(struct packet *pkt, struct bytes *b)
{
	for (unsigned field = NTP_MSW; field <= OCTETCOUNT; field++)
		(void)get_be32(pkt, b, field);
}

/* One item; false for the one that ends a chunk. */
static bool put_item(struct packet *pkt, struct bytes *b)
{
	uint8_t type = get_u8(pkt, b, SDES_TYPE);

	if (!bytes_ok(b) || type == 0)
		return false;
	struct bytes text = bytes_sub(b, bytes_u8(b));
	if (type == ITEM_PRIVATE) /* has a name in front, behind its length */
		bytes_skip(&text, bytes_u8(&text));
	if (bytes_ok(&text))
		put_str(pkt, SDES_TEXT, text.p, bytes_left(&text));
	return bytes_ok(b);
}

static void put_description(struct packet *pkt, struct bytes *b, unsigned count)
{
	const uint8_t *begin = b->p;

	for (unsigned i = 0; i < count && bytes_ok(b); i++) {
		(void)get_be32(pkt, b, SSRC_IDENTIFIER);
		for (unsigned j = 0; j < ITEMS_MAX && put_item(pkt, b); j++)
			;
		(void)bytes_upto(b, -(size_t)(b->p - begin) & 3);
	}
}

static void put_goodbye(struct packet *pkt, struct bytes *b, unsigned count)
{
	for (unsigned i = 0; i < count && bytes_ok(b); i++)
		(void)get_be32(pkt, b, SSRC_IDENTIFIER);
	if (!bytes_ok(b) || bytes_left(b) == 0)
		return;
	struct bytes reason = bytes_sub(b, bytes_u8(b));
	if (bytes_ok(&reason))
		put_str(pkt, SDES_TEXT, reason.p, bytes_left(&reason));
}

static bool put_contents(struct packet *pkt, uint8_t type, unsigned count, struct bytes b)
{
	switch (type) {
	case SENDER:
	case RECEIVER:
		(void)get_be32(pkt, &b, SENDERSSRC);
		if (type == SENDER)
			put_sender(pkt, &b);
		put_blocks(pkt, &b, count);
		break;
	case DESCRIPTION:
		put_description(pkt, &b, count);
		break;
	case GOODBYE:
		put_goodbye(pkt, &b, count);
		break;
	case TRANSPORT_FEEDBACK:
	case PAYLOAD_FEEDBACK:
	case EXTENDED:
		(void)get_be32(pkt, &b, SENDERSSRC);
		break;
	case SUMMARY:
		(void)get_be32(pkt, &b, SSRC_IDENTIFIER);
		(void)get_be32(pkt, &b, SSRC_IDENTIFIER);
		(void)get_be32(pkt, &b, NTP_MSW);
		(void)get_be32(pkt, &b, NTP_LSW);
		break;
	default:
		(void)get_be32(pkt, &b, SSRC_IDENTIFIER);
		break;
	}
	return bytes_ok(&b);
}

/* --- packets --- */

static bool is_known(int type)
{
	return type == FULL_INTRA || type == NACK || (type >= SENDER && type <= PORT_MAPPING);
}

/* The type is known. */
static bool put_packet(struct packet *pkt, struct bytes *b)
{
	static const char *const actions[] = { "full-intra-request", "negative-acknowledgement",
		[SENDER - FULL_INTRA] = "sender-report",
		[RECEIVER - FULL_INTRA] = "receiver-report",
		[DESCRIPTION - FULL_INTRA] = "source-description",
		[GOODBYE - FULL_INTRA] = "goodbye",
		[APPLICATION - FULL_INTRA] = "application-defined",
		[TRANSPORT_FEEDBACK - FULL_INTRA] = "transport-feedback",
		[PAYLOAD_FEEDBACK - FULL_INTRA] = "payload-feedback",
		[EXTENDED - FULL_INTRA] = "extended-report", [AVB - FULL_INTRA] = "avb",
		[SUMMARY - FULL_INTRA] = "receiver-summary",
		[PORT_MAPPING - FULL_INTRA] = "port-mapping" };
	uint8_t first = bytes_u8(b), type = bytes_u8(b);
	unsigned count = first & 31;

	put_u64(pkt, VERSION, first >> 6);
	if (type <= RECEIVER)
		put_u64(pkt, RC, count);
	put_u64(pkt, PT, type);
	ecs_text(pkt, ECS_EVENT_ACTION, actions[type - FULL_INTRA]);
	uint16_t words = get_be16(pkt, b, LENGTH);
	if (!bytes_ok(b))
		return false;
	return put_contents(pkt, type, count, bytes_upto(b, words * (size_t)4));
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < PACKETS_MAX && bytes_left(&b) >= 2; i++) {
		/* the type of a later packet has bits enough to tell it by */
		if ((i == 0 && b.p[0] >> 6 != VERSION_2) || !is_known(b.p[1])) {
			pkt_anomaly(pkt, "no packet begins here");
			break;
		}
		if (!put_packet(pkt, &b))
			return DECODE_TRUNCATED;
	}
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

/* Whole words, and a first packet of those that may stand first, which ends within them. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	size_t all = bytes_claimed(&b);

	uint8_t first = bytes_u8(&b), type = bytes_u8(&b);
	size_t words = bytes_be16(&b);
	if (!bytes_ok(&b) || first >> 6 != VERSION_2 || all % 4 || 4 * (words + 1) > all)
		return false;
	return type == SENDER || type == RECEIVER || type == GOODBYE || type == APPLICATION ||
	       type == PAYLOAD_FEEDBACK || (pkt->probe_rtp && type == TRANSPORT_FEEDBACK);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, 0x80, 0xbf }, { 0 } };

const struct proto proto_rtcp = {
	.name = "rtcp",
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "rtcp",
};
