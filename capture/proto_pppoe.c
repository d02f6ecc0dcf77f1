/* proto_pppoe.c -- PPP over Ethernet.
 * RFC 2516:  0 version (4 bits), type (4 bits) | 1 code | 2-3 session | 4-5 length of the payload
 *   discovery (0x8863): tags: type (2), length (2), value; type 0 ends them
 *   session (0x8864): a PPP packet without address and control */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { TAGS_MAX = 256, TAG_HEADER = 4, LINKTYPE_PPP = 9 };
enum { END_OF_LIST = 0, SERVICE_NAME_TAG = 0x101, AC_NAME_TAG = 0x102, HOST_UNIQ_TAG = 0x103 };

enum {
	VERSION,
	TYPE,
	CODE,
	SESSION,
	LENGTH,
	SERVICE_NAME,
	AC_NAME,
	HOST_UNIQ,
};
static const struct proto_field fields[] = {
	[VERSION] = { "pppoe.version", FIELD_U8, "Version", NULL, "0.1", DETAIL, PLAIN },
	[TYPE] = { "pppoe.type", FIELD_U8, "Type", NULL, "0.1", DETAIL, PLAIN },
	[CODE] = { "pppoe.code", FIELD_U8,
		"Message: 9 PADI, 7 PADO, 25 PADR, 101 PADS, 167 PADT, 0 session data", NULL, "0.1",
		CORE, PLAIN },
	[SESSION] = { "pppoe.session_id", FIELD_U16, "Session", NULL, "0.1", CORE, PLAIN },
	[LENGTH] = { "pppoe.payload_length", FIELD_U16, "Length of the payload", NULL, "0.1",
		DETAIL, PLAIN },
	[SERVICE_NAME] = { "pppoed.tags.service_name", FIELD_ASCII, "Service asked for or offered",
		NULL, "0.1", CORE, NAME },
	[AC_NAME] = { "pppoed.tags.ac_name", FIELD_ASCII, "Name of the access concentrator", NULL,
		"0.1", CORE, NAME },
	[HOST_UNIQ] = { "pppoed.tags.host_uniq", FIELD_BYTES,
		"Mark by which a host knows its answers", NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
enum { TYPE_DISCOVERY = 0x8863, TYPE_SESSION = 0x8864 };
static const struct proto_bind binds[] = { { BY_ETHERTYPE, TYPE_DISCOVERY, "pppoed" },
	{ BY_ETHERTYPE, TYPE_SESSION, "pppoes" }, { 0 } };

static void put_tag(struct packet *pkt, uint16_t type, struct bytes value)
{
	size_t n = bytes_left(&value);

	if (type == SERVICE_NAME_TAG)
		put_str(pkt, SERVICE_NAME, value.p, n);
	else if (type == AC_NAME_TAG)
		put_str(pkt, AC_NAME, value.p, n);
	else if (type == HOST_UNIQ_TAG)
		put_bytes(pkt, HOST_UNIQ, value.p, n);
}

static enum decode_result decode_tags(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < TAGS_MAX && bytes_claimed(&b) >= TAG_HEADER; i++) {
		uint16_t type = bytes_be16(&b);
		uint16_t length = bytes_be16(&b);
		if (bytes_ok(&b) && type == END_OF_LIST)
			return DECODE_OK;
		bool whole = length <= bytes_left(&b);
		put_tag(pkt, type, bytes_upto(&b, length));
		if (!bytes_ok(&b) || !whole)
			return DECODE_TRUNCATED;
	}
	return DECODE_OK;
}

static const char *action_of(uint8_t code)
{
	switch (code) {
	case 0x07:
		return "pado";
	case 0x09:
		return "padi";
	case 0x19:
		return "padr";
	case 0x65:
		return "pads";
	case 0xa7:
		return "padt";
	default:
		return NULL;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t first = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, first >> 4);
	put_u64(pkt, TYPE, first & 15);
	uint8_t code = get_u8(pkt, &b, CODE);
	uint16_t session = get_be16(pkt, &b, SESSION);
	uint16_t length = get_be16(pkt, &b, LENGTH);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (length > bytes_claimed(&b))
		pkt_anomaly(pkt, "length beyond the packet");
	struct bytes payload = bytes_upto(&b, length);
	enum decode_result result = DECODE_OK;
	if (pkt->bind->value != TYPE_SESSION) {
		pkt_application(pkt, "pppoe");
		ecs_text(pkt, ECS_EVENT_ACTION, action_of(code));
		result = decode_tags(pkt, payload);
	} else {
		pkt_tunnel(pkt, "pppoes", session);
		(void)decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, payload);
	}
	pkt_ends(pkt, payload.end);
	return result;
}

const struct proto proto_pppoe = {
	.name = "pppoe", .binds = binds, .fields = fields, .decode = decode
};
