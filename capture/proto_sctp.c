/* proto_sctp.c -- Stream Control Transmission Protocol.
 * RFC 9260:  0-1 source port | 2-3 destination port | 4-7 verification tag | 8-11 checksum | chunks
 * Chunk:  0 type | 1 flags | 2-3 length, of header and value | value | up to 3 bytes of padding
 *   DATA (0)            TSN u32 | stream u16 | sequence u16 | payload protocol u32 | user data
 *   INIT (1)            tag u32 | credit u32 | out streams u16 | in streams u16 | TSN | parameters
 *   SACK (3)            TSN u32 | credit u32 | ...
 *   ABORT (6), ERROR (9)  causes: 0-1 code | 2-3 length | information | padding
 *   I-DATA (64, RFC 8260) TSN u32 | stream u16 | reserved u16 | message u32 |
 *                         protocol u32 (first fragment) or fragment u32 | data */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum {
	CHUNKS_MAX = 16384,
	CHUNK_HEADER = 4,
	CAUSES_MAX = 16384,
	CAUSE_HEADER = 4,
	UNKNOWN_CHUNK = 6
};
enum { DATA = 0, INIT = 1, SACK = 3, ABORT = 6, ERROR = 9, I_DATA = 64 };
enum { BEGINS = 2 };

enum {
	SRCPORT,
	DSTPORT,
	TAG,
	CHECKSUM,
	CHUNK_TYPE,
	CHUNK_FLAGS,
	CHUNK_LENGTH,
	DATA_TSN,
	DATA_SID,
	DATA_SSN,
	DATA_PROTO,
	INIT_TAG,
	INIT_CREDIT,
	INIT_OUT,
	INIT_IN,
	SACK_TSN,
	SACK_RWND,
	CAUSE_CODE,
};
static const struct proto_field fields[] = {
	[SRCPORT] = { "sctp.srcport", FIELD_U16, "Source port", "source.port", "0.1", CORE, PLAIN },
	[DSTPORT] = { "sctp.dstport", FIELD_U16, "Destination port", "destination.port", "0.1",
		CORE, PLAIN },
	[TAG] = { "sctp.verification_tag", FIELD_U32, "Verification tag of the association", NULL,
		"0.1", CORE, PLAIN },
	[CHECKSUM] = { "sctp.checksum", FIELD_U32, "Checksum (CRC32C)", NULL, "0.1", DETAIL,
		PLAIN },
	[CHUNK_TYPE] = { "sctp.chunk_type", FIELD_U8, "Type of chunk: 0 data, 1 init, 3 sack, ...",
		NULL, "0.1", CORE, PLAIN },
	[CHUNK_FLAGS] = { "sctp.chunk_flags", FIELD_U8, "Flags of a chunk", NULL, "0.1", DETAIL,
		PLAIN },
	[CHUNK_LENGTH] = { "sctp.chunk_length", FIELD_U16, "Header and value of a chunk", NULL,
		"0.1", DETAIL, PLAIN },
	[DATA_TSN] = { "sctp.data_tsn_raw", FIELD_U32, "Sequence number of data", NULL, "0.1", CORE,
		PLAIN },
	[DATA_SID] = { "sctp.data_sid", FIELD_U16, "Stream", NULL, "0.1", CORE, PLAIN },
	[DATA_SSN] = { "sctp.data_ssn", FIELD_U16, "Sequence number in the stream", NULL, "0.1",
		CORE, PLAIN },
	[DATA_PROTO] = { "sctp.data_payload_proto_id", FIELD_U32, "What the data is", NULL, "0.1",
		CORE, PLAIN },
	[INIT_TAG] = { "sctp.init_initiate_tag", FIELD_U32, "Tag the initiator wants to see", NULL,
		"0.1", CORE, PLAIN },
	[INIT_CREDIT] = { "sctp.init_credit", FIELD_U32, "Receive window of the initiator", NULL,
		"0.1", DETAIL, PLAIN },
	[INIT_OUT] = { "sctp.init_nr_out_streams", FIELD_U16, "Outbound streams wanted", NULL,
		"0.1", DETAIL, PLAIN },
	[INIT_IN] = { "sctp.init_nr_in_streams", FIELD_U16, "Inbound streams accepted", NULL, "0.1",
		DETAIL, PLAIN },
	[SACK_TSN] = { "sctp.sack_cumulative_tsn_ack_raw", FIELD_U32,
		"All up to this sequence number has come", NULL, "0.1", CORE, PLAIN },
	[SACK_RWND] = { "sctp.sack_a_rwnd", FIELD_U32, "Receive window left", NULL, "0.1", DETAIL,
		PLAIN },
	[CAUSE_CODE] = { "sctp.cause_code", FIELD_U16, "Cause of an error or an abort", NULL, "0.1",
		CORE, PLAIN },
	{ 0 },
};
enum { UDP_ENCAPSULATION = 9899 };
static const struct proto_bind binds[] = { { BY_IP_PROTO, 132, NULL },
	{ BY_UDP_PORT, UDP_ENCAPSULATION, NULL }, { 0 } };

struct ports {
	uint16_t src, dst;
};

static void decode_message(
	struct packet *pkt, uint32_t proto, const struct ports *ports, struct bytes b)
{
	if (bytes_left(&b) == 0 || decode_by(pkt, BY_SCTP_PPI, proto, b))
		return;
	(void)decode_port(pkt, BY_SCTP_PORT, ports->src, ports->dst, b);
}

/* A message, or its first fragment, as far as it goes; a later one is a piece from amidst. */
static bool decode_user_data(
	struct packet *pkt, struct bytes *b, uint8_t flags, const struct ports *ports)
{
	(void)get_be32(pkt, b, DATA_TSN);
	(void)get_be16(pkt, b, DATA_SID);
	(void)get_be16(pkt, b, DATA_SSN);
	uint32_t proto = get_be32(pkt, b, DATA_PROTO);
	if (bytes_ok(b) && flags & BEGINS)
		decode_message(pkt, proto, ports, *b);
	return bytes_ok(b);
}

/* What stands last in the header is the protocol in a first fragment, later the fragment's number. */
static bool decode_interleaved(
	struct packet *pkt, struct bytes *b, uint8_t flags, const struct ports *ports)
{
	(void)get_be32(pkt, b, DATA_TSN);
	(void)get_be16(pkt, b, DATA_SID);
	bytes_skip(b, 6);
	if (!(flags & BEGINS)) {
		bytes_skip(b, 4);
		return bytes_ok(b);
	}
	uint32_t proto = get_be32(pkt, b, DATA_PROTO);
	if (bytes_ok(b))
		decode_message(pkt, proto, ports, *b);
	return bytes_ok(b);
}

static bool decode_init(struct packet *pkt, struct bytes *b)
{
	(void)get_be32(pkt, b, INIT_TAG);
	(void)get_be32(pkt, b, INIT_CREDIT);
	(void)get_be16(pkt, b, INIT_OUT);
	(void)get_be16(pkt, b, INIT_IN);
	return bytes_ok(b);
}

static bool decode_sack(struct packet *pkt, struct bytes *b)
{
	(void)get_be32(pkt, b, SACK_TSN);
	(void)get_be32(pkt, b, SACK_RWND);
	return bytes_ok(b);
}

/* Returns the length, which counts these four bytes too. */
static uint16_t get_chunk_header(struct packet *pkt, struct bytes *b, uint8_t *type, uint8_t *flags)
{
	*type = get_u8(pkt, b, CHUNK_TYPE);
	*flags = get_u8(pkt, b, CHUNK_FLAGS);
	return get_be16(pkt, b, CHUNK_LENGTH);
}

/* A chunk that the other side did not know stands whole in the cause that says so. */
static void put_unknown_chunk(struct packet *pkt, struct bytes b)
{
	uint8_t type, flags;

	(void)get_chunk_header(pkt, &b, &type, &flags);
}

static bool decode_causes(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < CAUSES_MAX && bytes_left(b); i++) {
		uint16_t code = get_be16(pkt, b, CAUSE_CODE);
		uint16_t length = bytes_be16(b);
		if (!bytes_ok(b) || length < CAUSE_HEADER)
			return false;
		size_t value = length - CAUSE_HEADER;
		/* the last one's padding may lack */
		struct bytes information = bytes_upto(b, (value + 3) & ~(size_t)3);
		if (code == UNKNOWN_CHUNK)
			put_unknown_chunk(pkt, information);
	}
	return bytes_ok(b);
}

static bool decode_value(
	struct packet *pkt, struct bytes *b, uint8_t type, uint8_t flags, const struct ports *ports)
{
	switch (type) {
	case DATA:
		return decode_user_data(pkt, b, flags, ports);
	case I_DATA:
		return decode_interleaved(pkt, b, flags, ports);
	case INIT:
		return decode_init(pkt, b);
	case SACK:
		return decode_sack(pkt, b);
	case ABORT:
	case ERROR:
		return decode_causes(pkt, b);
	default:
		return true;
	}
}

/* What a chunk says of its length; the least there is when it ends before that. */
static uint16_t length_of_next(struct bytes b)
{
	bytes_skip(&b, 2);
	uint16_t length = bytes_be16(&b);
	return bytes_ok(&b) ? length : CHUNK_HEADER;
}

/* The fields before a message; a chunk that is shorter says nothing, and others follow it. */
static size_t least_of(uint8_t type)
{
	return type == DATA ? 12 : type == I_DATA ? 16 : 0;
}

static bool decode_chunk(struct packet *pkt, struct bytes *b, const struct ports *ports)
{
	uint8_t type, flags;

	if (length_of_next(*b) < CHUNK_HEADER) {
		pkt_anomaly(pkt, "chunk length below header size");
		bytes_skip(b, bytes_left(b));
		return true;
	}
	uint16_t length = get_chunk_header(pkt, b, &type, &flags);
	if (!bytes_ok(b))
		return false;
	size_t size = length - CHUNK_HEADER, padding = -size & 3;
	bool whole = size <= bytes_claimed(b);
	struct bytes value = bytes_upto(b, size);
	(void)bytes_upto(b, padding);
	if (whole && size < least_of(type)) {
		pkt_anomaly(pkt, "chunk shorter than its fields");
		return true;
	}
	return decode_value(pkt, &value, type, flags, ports) && whole && !value.cut;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct ports ports = { .src = get_be16(pkt, &b, SRCPORT) };

	ports.dst = get_be16(pkt, &b, DSTPORT);
	(void)get_be32(pkt, &b, TAG);
	(void)get_be32(pkt, &b, CHECKSUM);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (pkt->bind->table == BY_IP_PROTO) /* within UDP the flow is that of UDP */
		pkt_ports(pkt, ports.src, ports.dst, false);
	for (unsigned i = 0; i < CHUNKS_MAX && bytes_left(&b); i++)
		if (!decode_chunk(pkt, &b, &ports))
			return DECODE_TRUNCATED;
	return DECODE_OK;
}

const struct proto proto_sctp = {
	.name = "sctp", .binds = binds, .fields = fields, .decode = decode
};
