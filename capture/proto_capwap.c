/* proto_capwap.c -- what access points and their controller say to each other.
 * RFC 5415, 4.3:  0 version (4 bits), type (4) | 1-3 words of the header (5), radio (5), kind of
 *   radio (5), T, F, L, W, M, K, reserved (3) | 4-5 fragment | 6-7 offset (13), reserved (3) |
 *   address of the radio, with M; facts about it, with W: 0 length | value | padding to 4
 * Of type 1 four bytes precede DTLS. Control (port 5246):  0-3 message type | 4 sequence | 5-6 length |
 *   7 flags | elements. Data (port 5247): a frame, of the radio with T, else of Ethernet */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { DTLS = 1, HEADER_MIN = 8, WORD = 4, LINKTYPE_ETHERNET = 1 };
enum {
	FLAG_T = 1 << 8,
	FLAG_F = 1 << 7,
	FLAG_L = 1 << 6,
	FLAG_W = 1 << 5,
	FLAG_M = 1 << 4,
	FLAG_K = 1 << 3
};

enum { VERSION, TYPE, LENGTH, RID, WBID, T, F, FRAGMENT, OFFSET, MESSAGE };
static const struct proto_field fields[] = {
	[VERSION] = { "capwap.preamble.version", FIELD_U8, "Version", NULL, "0.1", DETAIL, PLAIN },
	[TYPE] = { "capwap.preamble.type", FIELD_U8, "0 clear, 1 DTLS", NULL, "0.1", CORE, PLAIN },
	[LENGTH] = { "capwap.header.length", FIELD_U24, "Header in words of four bytes", NULL,
		"0.1", DETAIL, PLAIN },
	[RID] = { "capwap.header.rid", FIELD_U24, "Radio", NULL, "0.1", CORE, PLAIN },
	[WBID] = { "capwap.header.wbid", FIELD_U24, "Kind of radio: 1 wireless LAN", NULL, "0.1",
		DETAIL, PLAIN },
	[T] = { "capwap.header.flags.t", FIELD_BOOL, "The frame is the radio's own", NULL, "0.1",
		DETAIL, PLAIN },
	[F] = { "capwap.header.flags.f", FIELD_BOOL, "The packet is a fragment", NULL, "0.1",
		DETAIL, PLAIN },
	[FRAGMENT] = { "capwap.header.fragment.id", FIELD_U16, "Which packet it is a fragment of",
		NULL, "0.1", DETAIL, PLAIN },
	[OFFSET] = { "capwap.header.fragment.offset", FIELD_U16, "Where in it, in words of 8 bytes",
		NULL, "0.1", DETAIL, PLAIN },
	[MESSAGE] = { "capwap.control.header.message_type", FIELD_U32,
		"1 discovery, 3 join, 5 configuration, 13 echo, ...; even ones answer", NULL, "0.1",
		CORE, PLAIN },
	{ 0 },
};
enum { PORT_CONTROL = 5246, PORT_DATA = 5247 };
static const struct proto_bind binds[] = { { BY_UDP_PORT, PORT_CONTROL, NULL },
	{ BY_UDP_PORT, PORT_DATA, "capwap.data" }, { 0 } };

struct header {
	uint32_t bits, wbid;
	uint16_t offset;
};

/* The bytes behind the header are then what b holds. */
static bool read_header(struct packet *pkt, struct bytes *b, struct header *h)
{
	struct bytes look = *b;

	bytes_skip(&look, 1);
	h->bits = bytes_be24(&look);
	if (!bytes_ok(&look))
		return false;
	unsigned words = h->bits >> 19;
	h->wbid = h->bits >> 9 & 31;
	put_u64(pkt, LENGTH, words);
	put_u64(pkt, RID, h->bits >> 14 & 31);
	put_u64(pkt, WBID, h->wbid);
	put_bool(pkt, T, h->bits & FLAG_T);
	put_bool(pkt, F, h->bits & FLAG_F);
	(void)get_be16(pkt, &look, FRAGMENT);
	uint16_t offset = bytes_be16(&look);
	if (!bytes_ok(&look))
		return false;
	h->offset = offset >> 3;
	put_u64(pkt, OFFSET, h->offset);
	if (words * WORD < HEADER_MIN) {
		pkt_anomaly(pkt, "header length below header size");
		return false;
	}
	bytes_skip(b, (size_t)words * WORD);
	return bytes_ok(b);
}

/* A fragment; the first and last one is whole. */
static bool is_part(const struct header *h)
{
	return h->bits & FLAG_F && !(h->bits & FLAG_L && h->offset == 0);
}

static enum decode_result decode_frame(struct packet *pkt, const struct header *h, struct bytes b)
{
	if (h->bits & FLAG_K)
		return DECODE_OK;
	if (is_part(h))
		return decode_data(pkt, b);
	pkt_tunnel(pkt, "capwap", -1);
	if (h->bits & FLAG_T && decode_by(pkt, BY_CAPWAP, h->wbid, b))
		return DECODE_OK;
	if (!(h->bits & FLAG_T) && decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

/* RFC 5415, 4.5.1.1. */
static const char *const actions[] = { NULL, "discovery-request", "discovery-response",
	"join-request", "join-response", "configuration-status-request",
	"configuration-status-response", "configuration-update-request",
	"configuration-update-response", "wtp-event-request", "wtp-event-response",
	"change-state-event-request", "change-state-event-response", "echo-request",
	"echo-response", "image-data-request", "image-data-response", "reset-request",
	"reset-response", "primary-discovery-request", "primary-discovery-response",
	"data-transfer-request", "data-transfer-response", "clear-configuration-request",
	"clear-configuration-response", "station-configuration-request",
	"station-configuration-response" };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct header h;
	struct bytes whole = b;
	uint8_t preamble = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, preamble >> 4);
	put_u64(pkt, TYPE, preamble & 15);
	if ((preamble & 15) == DTLS) {
		bytes_skip(&b, 3);
		return bytes_ok(&b) ? decode_port(pkt, BY_UDP_PORT, 0, 0, b) : DECODE_TRUNCATED;
	}
	b = whole;
	if (!read_header(pkt, &b, &h))
		return DECODE_TRUNCATED;
	if (pkt->bind->value == PORT_DATA)
		return decode_frame(pkt, &h, b);
	if (is_part(&h))
		return decode_data(pkt, b);
	uint32_t message = get_be32(pkt, &b, MESSAGE);
	pkt_application(pkt, "capwap");
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, message));
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_capwap = {
	.name = "capwap", .binds = binds, .fields = fields, .decode = decode
};
