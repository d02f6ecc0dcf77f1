/* proto_quic.c -- QUIC: its headers, and what an Initial packet of a client holds.
 * RFC 9000, section 17.2:  0: 1 fixed type(2) hidden(4) | 1-4 version | destination id and source id,
 * each behind its length | in Initial a token behind its length | length of the rest | number | ...
 * section 17.3:  0: 0 fixed spin hidden(5) | destination id, of a length only the ends know | ...
 *
 * The keys of Initial packets come from the first destination id of a client, so only its first
 * flight can be opened without a memory of it. A datagram may hold several packets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "quic.h"
#include "quic_open.h"

enum { PACKETS_MAX = 16, ID_MAX = 20, LONG = 0x80, FIXED = 0x40, SPIN = 0x20, VERSIONS_MAX = 64 };
enum type { INITIAL, ZERO_RTT, HANDSHAKE, RETRY };

static const struct proto_field fields[] = {
	[QUIC_PACKET_LENGTH] = { "quic.packet_length", FIELD_U32, "Length of a packet", NULL, "0.1",
		DETAIL, PLAIN },
	[QUIC_HEADER_FORM] = { "quic.header_form", FIELD_U8, "1 long, 0 short", NULL, "0.1", CORE,
		PLAIN },
	[QUIC_FIXED_BIT] = { "quic.fixed_bit", FIELD_BOOL, "Set, unless that was agreed otherwise",
		NULL, "0.1", DETAIL, PLAIN },
	[QUIC_SPIN_BIT] = { "quic.spin_bit", FIELD_BOOL, "Turns once in a round trip", NULL, "0.1",
		DETAIL, PLAIN },
	[QUIC_SHORT] = { "quic.short", FIELD_TRUE, "A packet with a short header", NULL, "0.1",
		CORE, PLAIN },
	[QUIC_PACKET_TYPE] = { "quic.long.packet_type", FIELD_U8,
		"0 initial, 1 0-RTT, 2 handshake, 3 retry; not of version 2", NULL, "0.1", CORE,
		PLAIN },
	[QUIC_VERSION] = { "quic.version", FIELD_U32, "Version; 0: another one is asked for", NULL,
		"0.1", CORE, PLAIN },
	[QUIC_SUPPORTED_VERSION] = { "quic.supported_version", FIELD_U32, "Version the server has",
		NULL, "0.1", CORE, PLAIN },
	[QUIC_DCIL] = { "quic.dcil", FIELD_U8, "Length of the destination's connection id", NULL,
		"0.1", DETAIL, PLAIN },
	[QUIC_DCID] = { "quic.dcid", FIELD_BYTES, "Connection id of the destination", NULL, "0.1",
		CORE, PLAIN },
	[QUIC_SCIL] = { "quic.scil", FIELD_U8, "Length of the source's connection id", NULL, "0.1",
		DETAIL, PLAIN },
	[QUIC_SCID] = { "quic.scid", FIELD_BYTES, "Connection id of the source", NULL, "0.1", CORE,
		PLAIN },
	[QUIC_TOKEN_LENGTH] = { "quic.token_length", FIELD_U64, "Length of the token", NULL, "0.1",
		DETAIL, PLAIN },
	[QUIC_LENGTH] = { "quic.length", FIELD_U64, "Length of packet number and payload", NULL,
		"0.1", DETAIL, PLAIN },
	[QUIC_NUMBER_LENGTH] = { "quic.packet_number_length", FIELD_U8,
		"Length of the packet number, less 1", NULL, "0.1", DETAIL, PLAIN },
	[QUIC_NUMBER] = { "quic.packet_number", FIELD_U64, "Packet number", NULL, "0.1", DETAIL,
		PLAIN },
	[QUIC_FRAME_TYPE] = { "quic.frame_type", FIELD_U64, "Frame", NULL, "0.1", DETAIL, PLAIN },
	[QUIC_CRYPTO_OFFSET] = { "quic.crypto.offset", FIELD_U64, "Where a piece of TLS belongs",
		NULL, "0.1", DETAIL, PLAIN },
	[QUIC_CRYPTO_LENGTH] = { "quic.crypto.length", FIELD_U64, "Length of that piece", NULL,
		"0.1", DETAIL, PLAIN },
	{ 0 },
};

static const struct proto_bind binds[] = { { BY_UDP_PORT, 443, NULL }, { 0 } };

struct header {
	uint8_t first;
	uint32_t version;
	struct bytes dcid, scid;
};

/* --- long headers --- */

static bool read_header(struct bytes *b, struct header *h)
{
	h->first = bytes_u8(b);
	h->version = bytes_be32(b);
	h->dcid = bytes_sub(b, bytes_u8(b));
	h->scid = bytes_sub(b, bytes_u8(b));
	return bytes_ok(b);
}

static enum type type_of(const struct header *h, const struct quic_version *version)
{
	unsigned bits = h->first >> 4 & 3;

	return (enum type)(version && version->v2 ? (bits + 3) % 4 : bits);
}

static void put_ids(struct packet *pkt, const struct header *h)
{
	size_t dcil = bytes_left(&h->dcid), scil = bytes_left(&h->scid);

	put_u64(pkt, QUIC_VERSION, h->version);
	put_u64(pkt, QUIC_DCIL, dcil);
	put_bytes(pkt, QUIC_DCID, h->dcid.p, dcil);
	put_u64(pkt, QUIC_SCIL, scil);
	put_bytes(pkt, QUIC_SCID, h->scid.p, scil);
	if (h->version && (dcil > ID_MAX || scil > ID_MAX))
		pkt_anomaly(pkt, "connection id of over 20 bytes");
}

static void put_versions(struct packet *pkt, struct bytes b)
{
	pkt_client(pkt, false);
	for (unsigned i = 0; i < VERSIONS_MAX && bytes_left(&b) >= 4; i++)
		(void)get_be32(pkt, &b, QUIC_SUPPORTED_VERSION);
}

static bool open_initial(struct packet *pkt, const struct header *h, struct bytes packet,
	size_t number_at, uint32_t version, struct quic_clear *clear)
{
	struct quic_keys keys;

	quic_client_keys(quic_version(version), h->dcid, &keys);
	return quic_open(pkt, &keys, packet, number_at, clear);
}

/* packet: from its first byte on. */
static void put_initial(struct packet *pkt, const struct header *h, struct bytes packet,
	size_t number_at, struct quic_stream *stream)
{
	struct quic_clear clear;

	if (!open_initial(pkt, h, packet, number_at, h->version, &clear) &&
		(!quic_is_reserved(h->version) || !open_initial(pkt, h, packet, number_at,
							  QUIC_DRAFT(QUIC_LATE_DRAFT), &clear)))
		return;
	pkt_client(pkt, true);
	ecs_text(pkt, ECS_TLS_VERSION, "1.3"); /* QUIC has no other */
	ecs_text(pkt, ECS_TLS_VERSION_PROTOCOL, "tls");
	put_u64(pkt, QUIC_NUMBER_LENGTH, clear.number_length - 1);
	put_u64(pkt, QUIC_NUMBER, clear.number);
	quic_frames(pkt, clear.payload, stream);
}

/* What Initial, 0-RTT and Handshake have behind the ids. The packet's end by its own length; b
 * moves there. */
static void put_numbered(struct packet *pkt, const struct header *h, enum type type,
	struct bytes start, struct bytes *b, struct quic_stream *stream)
{
	if (type == INITIAL) {
		uint64_t token = quic_varint(b);
		if (bytes_ok(b))
			put_u64(pkt, QUIC_TOKEN_LENGTH, token);
		bytes_skip(b, token > bytes_left(b) ? bytes_left(b) + 1 : (size_t)token);
	}
	uint64_t length = quic_varint(b);
	if (!bytes_ok(b))
		return;
	put_u64(pkt, QUIC_LENGTH, length);
	size_t number_at = (size_t)(b->p - start.p);
	bool beyond = length > bytes_claimed(b);
	if (beyond)
		pkt_anomaly(pkt, "length beyond the datagram");
	size_t rest = beyond ? bytes_claimed(b) : (size_t)length;
	put_u64(pkt, QUIC_PACKET_LENGTH, number_at + rest);
	struct bytes packet = bytes_upto(&start, number_at + rest);
	(void)bytes_upto(b, rest);
	if (type == INITIAL && !beyond)
		put_initial(pkt, h, packet, number_at, stream);
}

static const char *const actions[] = {
	[INITIAL] = "initial", [ZERO_RTT] = "0-rtt", [HANDSHAKE] = "handshake", [RETRY] = "retry"
};

static bool long_packet(
	struct packet *pkt, struct bytes *b, struct quic_stream *stream, struct bytes *dcid)
{
	struct bytes start = *b;
	struct header h;

	if (!read_header(b, &h))
		return false;
	*dcid = h.dcid;
	const struct quic_version *version = quic_version(h.version);
	enum type type = type_of(&h, version);
	put_u64(pkt, QUIC_HEADER_FORM, 1);
	if (h.version && (!version || type != RETRY))
		put_bool(pkt, QUIC_FIXED_BIT, h.first & FIXED);
	if (h.version && (!version || !version->v2))
		put_u64(pkt, QUIC_PACKET_TYPE, h.first >> 4 & 3);
	put_ids(pkt, &h);
	ecs_text(pkt, ECS_EVENT_ACTION,
		h.version == 0 ? "version-negotiation"
		: version      ? actions[type]
			       : "unknown-version");
	if (h.version == 0)
		put_versions(pkt, *b);
	else if (version && type != RETRY) {
		put_numbered(pkt, &h, type, start, b, stream);
		return true;
	} else if (version)
		pkt_client(pkt, false); /* only servers retry */
	put_u64(pkt, QUIC_PACKET_LENGTH, bytes_claimed(&start));
	b->p = b->end;
	return true;
}

/* --- */

static void short_packet(struct packet *pkt, struct bytes *b)
{
	size_t n = bytes_claimed(b);
	uint8_t first = bytes_u8(b);

	put_u64(pkt, QUIC_PACKET_LENGTH, n);
	put_u64(pkt, QUIC_SHORT, 1);
	put_u64(pkt, QUIC_HEADER_FORM, 0);
	put_bool(pkt, QUIC_FIXED_BIT, first & FIXED);
	put_bool(pkt, QUIC_SPIN_BIT, first & SPIN);
	ecs_text(pkt, ECS_EVENT_ACTION, "1-rtt");
	b->p = b->end;
}

/* The packets of a datagram have one destination; what does not go there is padding. */
static bool is_short_behind(struct bytes b, const struct bytes *dcid)
{
	uint8_t first = bytes_u8(&b);
	size_t n = bytes_left(dcid);

	return n ? bytes_starts(&b, dcid->p, n) : (first & FIXED) != 0;
}

/* What else is seen on port 443: a first byte that QUIC has only when both ends have agreed not to
 * set the fixed bit (RFC 9287). */
static bool is_other(const struct bytes *b)
{
	static const uint8_t stun[] = { 0x21, 0x12, 0xa4, 0x42 };
	int first = bytes_peek(b, 0), second = bytes_peek(b, 1);
	struct bytes cookie = *b;

	bytes_skip(&cookie, 4);
	if (first >= 20 && first <= 25 && (second == 0xfe || second == 1))
		return true;
	if ((first & 0x3c) == 0x2c && bytes_left(b) > 5 &&
		(size_t)(b->p[3] << 8 | b->p[4]) <= bytes_claimed(b) - 5)
		return true; /* DTLS 1.3, with a length */
	if ((first & 9) == 9 && bytes_peek(b, 9) == 'Q' && bytes_peek(b, 10) == '0')
		return true; /* of Google, before the standard */
	return first < 4 && bytes_starts(&cookie, stun, sizeof(stun));
}

/* A version of the standard or the drafts, one that asks for negotiation, or none. */
static bool is_long(struct bytes b)
{
	struct header h;

	if (!read_header(&b, &h) || !(h.first & LONG))
		return false;
	if (h.version == 0)
		return bytes_left(&b) >= 4 && bytes_left(&b) % 4 == 0;
	return quic_version(h.version) != NULL;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct quic_stream stream = { .n = 0 };
	struct bytes dcid = bytes_of(b.p, 0);
	int first = bytes_peek(&b, 0);

	if (first & LONG ? !is_long(b) : !(first & FIXED) && is_other(&b))
		return DECODE_REJECT;
	if (!pkt->quoted)
		ecs_text(pkt, ECS_NETWORK_PROTOCOL, "quic");
	if (!(first & LONG))
		short_packet(pkt, &b);
	for (unsigned i = 0; i < PACKETS_MAX && bytes_left(&b); i++) {
		if (*b.p & LONG) {
			if (!long_packet(pkt, &b, &stream, &dcid))
				break;
		} else if (is_short_behind(b, &dcid)) {
			short_packet(pkt, &b);
		} else {
			break;
		}
	}
	if (stream.n)
		quic_handshake(pkt, &stream);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	struct bytes start = b;
	struct header h;

	(void)pkt;
	return is_long(b) && read_header(&start, &h) && bytes_left(&h.dcid) <= ID_MAX &&
	       bytes_left(&h.scid) <= ID_MAX && (h.version == 0 || h.first & FIXED);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, LONG, 0xff }, { 0 } };

const struct proto proto_quic = {
	.name = "quic",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "quic",
};
