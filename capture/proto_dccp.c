/* proto_dccp.c -- Datagram Congestion Control Protocol.
 * RFC 4340, 5.1:  0-1 source port | 2-3 destination port | 4 words of four bytes before the data |
 *   5 ccval, coverage | 6-7 checksum | 8 reserved (3 bits), type (4), X |
 *   sequence number: with X a reserved byte and 48 bits, else 24 |
 *   acknowledgement, but in requests and data: with X two reserved bytes and 48 bits, else 1 and 24 |
 *   request, response: service (4); reset: code and three bytes | options | data */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum {
	REQUEST = 0,
	RESPONSE = 1,
	DATA = 2,
	ACKNOWLEDGE = 3,
	DATA_ACK = 4,
	RESET = 7,
	TYPE_MAX = 9,
	WORD = 4
};

enum { SRCPORT, DSTPORT, OFFSET, TYPE, EXTENDED, SEQUENCE, ACK, SERVICE, CODE };
static const struct proto_field fields[] = {
	[SRCPORT] = { "dccp.srcport", FIELD_U16, "Source port", "source.port", "0.1", CORE, PLAIN },
	[DSTPORT] = { "dccp.dstport", FIELD_U16, "Destination port", "destination.port", "0.1",
		CORE, PLAIN },
	[OFFSET] = { "dccp.data_offset", FIELD_U8, "Header in words of four bytes", NULL, "0.1",
		DETAIL, PLAIN },
	[TYPE] = { "dccp.type", FIELD_U8,
		"0 request, 1 response, 2 data, 3 ack, 4 data and ack, 5 close request, 6 close, 7 "
		"reset, ...",
		NULL, "0.1", CORE, PLAIN },
	[EXTENDED] = { "dccp.x", FIELD_BOOL, "Sequence numbers have 48 bits", NULL, "0.1", DETAIL,
		PLAIN },
	[SEQUENCE] = { "dccp.seq_raw", FIELD_U64, "Sequence number", NULL, "0.1", CORE, PLAIN },
	[ACK] = { "dccp.ack_raw", FIELD_U64, "Greatest sequence number that has come", NULL, "0.1",
		CORE, PLAIN },
	[SERVICE] = { "dccp.service_code", FIELD_U32, "Service that is asked for", NULL, "0.1",
		CORE, PLAIN },
	[CODE] = { "dccp.reset_code", FIELD_U8, "Why the connection is reset", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 33, NULL }, { 0 } };

static void get_number(struct packet *pkt, struct bytes *b, unsigned field, bool extended)
{
	uint64_t high = extended ? bytes_be24(b) : 0;
	uint64_t number = high << 24 | bytes_be24(b);

	/* the rest of a short one stands in earlier packets */
	if (bytes_ok(b) && (extended || field == ACK))
		put_u64(pkt, field, number);
}

static void read_numbers(struct packet *pkt, struct bytes *b, uint8_t type, bool extended)
{
	if (extended)
		bytes_skip(b, 1);
	get_number(pkt, b, SEQUENCE, extended);
	if (type > TYPE_MAX)
		return;
	if (type != REQUEST && type != DATA) {
		/* only these two may be short */
		extended = extended || (type != ACKNOWLEDGE && type != DATA_ACK);
		bytes_skip(b, extended ? 2 : 1);
		get_number(pkt, b, ACK, extended);
	}
	if (type == REQUEST || type == RESPONSE)
		(void)get_be32(pkt, b, SERVICE);
	if (type == RESET)
		(void)get_u8(pkt, b, CODE);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint16_t src = get_be16(pkt, &b, SRCPORT), dst = get_be16(pkt, &b, DSTPORT);
	uint8_t offset = get_u8(pkt, &b, OFFSET);

	bytes_skip(&b, 3);
	uint8_t bits = bytes_u8(&b), type = bits >> 1 & 15;
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_ports(pkt, src, dst, false);
	put_u64(pkt, TYPE, type);
	put_bool(pkt, EXTENDED, bits & 1);
	read_numbers(pkt, &b, type, bits & 1);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type > TYPE_MAX)
		return DECODE_OK;
	if (offset * WORD < (int)(b.p - whole.p)) {
		pkt_anomaly(pkt, "data offset below header size");
		return DECODE_OK;
	}
	bytes_skip(&whole, (size_t)offset * WORD);
	return bytes_ok(&whole) ? decode_data(pkt, whole) : DECODE_TRUNCATED;
}

const struct proto proto_dccp = {
	.name = "dccp", .binds = binds, .fields = fields, .decode = decode
};
