/* proto_tpkt.c -- packets of ISO transport over TCP, with the transport protocol in them.
 * RFC 1006, 6:  0 version, 3 | 1 reserved, 0 | 2-3 length of all | unit of the transport protocol
 * Several stand one behind the other; a segment may begin amidst one, and then says nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "cotp.h"

enum { VERSION = 3, HEAD = 4, PACKETS_MAX = 256, TLS_HANDSHAKE = 0x16, TLS_DATA = 0x17 };
enum { LENGTH_MIN = 7, CONNECT_LI = 6, DATA_LI = 2, CONNECT = 0xe0, CONFIRM = 0xd0, DATA = 0xf0 };

static const struct proto_field fields[] = {
	[TPKT_VERSION] = { "tpkt.version", FIELD_U8, "Version, 3", NULL, "0.1", DETAIL, PLAIN },
	[TPKT_LENGTH] = { "tpkt.length", FIELD_U16, "Length with the head", NULL, "0.1", DETAIL,
		PLAIN },
	[COTP_LI] = { "cotp.li", FIELD_U8, "Length of the head behind this byte", NULL, "0.1",
		DETAIL, PLAIN },
	[COTP_TYPE] = { "cotp.type", FIELD_U8,
		"Type: 14 connect, 13 confirm, 15 data, 8 disconnect", NULL, "0.1", CORE, PLAIN },
	[COTP_DESTREF] = { "cotp.destref", FIELD_U16, "Connection, as the receiver names it", NULL,
		"0.1", DETAIL, PLAIN },
	[COTP_SRCREF] = { "cotp.srcref", FIELD_U16, "Connection, as the sender names it", NULL,
		"0.1", DETAIL, PLAIN },
	[COTP_CLASS] = { "cotp.class", FIELD_U8, "Class of the connection", NULL, "0.1", DETAIL,
		PLAIN },
	[COTP_TPDU_NUMBER] = { "cotp.tpdu-number", FIELD_U8, "Number of the unit", NULL, "0.1",
		DETAIL, PLAIN },
	[COTP_EOT] = { "cotp.eot", FIELD_BOOL, "The message ends here", NULL, "0.1", DETAIL,
		PLAIN },
	[COTP_SRC_TSAP] = { "cotp.src-tsap", FIELD_STR, "Who calls: a text or a number", NULL,
		"0.1", CORE, PLAIN },
	[COTP_DST_TSAP] = { "cotp.dst-tsap", FIELD_STR, "Who is called: a text or a number", NULL,
		"0.1", CORE, PLAIN },
	[COTP_TPDU_SIZE] = { "cotp.tpdu_size", FIELD_U16, "Longest unit", NULL, "0.1", DETAIL,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 102, NULL }, { BY_TCP_PORT, 3389, "" },
	{ 0 } };

/* Wireshark does not name this layer around the request that begins a connection on RDP's port. */
static bool is_nameless(const struct packet *pkt, struct bytes b)
{
	return pkt->token[0] || bytes_peek(&b, HEAD + 1) == CONNECT;
}

static bool is_text(struct bytes b)
{
	for (unsigned i = 0; i < HEAD; i++) {
		int c = bytes_peek(&b, i);
		if (c < 0x20 || c > 0x7e)
			return false;
	}
	return true;
}

static bool is_tls(struct bytes b)
{
	int type = bytes_peek(&b, 0);

	return type >= TLS_HANDSHAKE - 2 && type <= TLS_DATA && bytes_peek(&b, 1) == 3;
}

/* The head of a packet whose unit opens a connection or carries data. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	uint16_t version = bytes_be16(&b), length = bytes_be16(&b);
	uint8_t li = bytes_u8(&b), type = bytes_u8(&b);

	if (!bytes_ok(&b) || version != VERSION << 8 || length < LENGTH_MIN || li + HEAD >= length)
		return false;
	if (type == DATA)
		return li == DATA_LI && (bytes_peek(&b, 0) & 0x7f) == 0;
	return (type == CONNECT || type == CONFIRM) && li >= CONNECT_LI && length == li + HEAD + 1;
}

static enum decode_result decode_packet_of(struct packet *pkt, struct bytes *b, unsigned *messages)
{
	uint8_t version = bytes_u8(b);
	bytes_skip(b, 1);
	uint16_t length = bytes_be16(b);
	if (!bytes_ok(b))
		return DECODE_TRUNCATED;
	put_u64(pkt, TPKT_VERSION, version);
	put_u64(pkt, TPKT_LENGTH, length);
	if (length < HEAD) {
		pkt_anomaly(pkt, "length below its head");
		b->p = b->end;
		return DECODE_OK;
	}
	size_t claimed = bytes_claimed(b);
	struct bytes unit = bytes_upto(b, length - (size_t)HEAD);
	bool whole = cotp_decode(pkt, unit, messages);
	return whole && length - (size_t)HEAD <= claimed ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	enum decode_result result = DECODE_OK;
	unsigned messages = 0;

	if (is_text(b) || is_tls(b) || (!pkt->token[0] && bytes_peek(&b, 0) != VERSION))
		return DECODE_REJECT;
	if (!is_nameless(pkt, b))
		pkt_protocol(pkt, "tpkt");
	for (unsigned i = 0; i < PACKETS_MAX && result == DECODE_OK; i++) {
		if (bytes_peek(&b, 0) != VERSION) /* the rest of one that began before */
			return DECODE_OK;
		result = decode_packet_of(pkt, &b, &messages);
	}
	return result;
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, VERSION, VERSION }, { 0 } };

const struct proto proto_tpkt = { .name = "tpkt",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "cotp" };
