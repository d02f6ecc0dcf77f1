/* proto_osi.c -- the network layer of OSI: who it is, by ISO/IEC TR 9577.
 *   0 protocol | what it says
 * Frame Relay has some of these protocols without naming OSI.
 * ISO/IEC 10589, IS-IS:  0 83 | 1 length of the header | 2 version | 3 length of an id | 4 kind */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { INACTIVE = 0, Q931 = 8, CLNP = 0x81, ESIS = 0x82, ISIS = 0x83 };
enum { IP6 = 0x8e, IP = 0xcc, PPP = 0xcf, FAMILY_IP = 2, FAMILY_IP6 = 24, LINKTYPE_PPP = 9 };
enum { KIND_MASK = 0x1f, LEAST = 8, CLNP_LEAST = 9, CLNP_DATA = 0x1c, CLNP_MULTICAST = 0x1d };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = {
	{ BY_LLC_SAP, 0xfe, NULL },
	{ BY_LLC_SAP, 0x14, NULL },
	{ BY_LLC_SAP, 0x20, NULL },
	{ BY_LLC_SAP, 0x34, NULL },
	{ BY_LLC_SAP, 0x54, NULL },
	{ BY_IP_PROTO, 80, NULL },
	{ BY_PPP, 0x23, NULL },
	{ BY_NULL_FAMILY, 7, NULL },
	{ BY_GRE, 0xfe, NULL },
	{ BY_OSI, 0, "" },
	{ 0 },
};

static const char *kind_of(uint8_t kind)
{
	switch (kind & KIND_MASK) {
	case 15: /* of one level and of two, and between two ends of a line */
	case 16:
	case 17:
		return "isis.hello";
	case 18:
	case 20:
		return "isis.lsp";
	case 24:
	case 25:
		return "isis.csnp";
	case 26:
	case 27:
		return "isis.psnp";
	default:
		return "";
	}
}

static enum decode_result decode_isis(struct packet *pkt, struct bytes b)
{
	pkt_protocol(pkt, "isis");
	bytes_skip(&b, 1);
	uint8_t length = bytes_u8(&b);
	bytes_skip(&b, 2);
	uint8_t kind = bytes_u8(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (length < LEAST)
		pkt_anomaly(pkt, "header length below 8");
	else
		pkt_protocol(pkt, kind_of(kind));
	return DECODE_OK;
}

/* 0 81 | 1 length of the header | 2 version | 3 lifetime | 4 flags, kind (5 bits) */
static enum decode_result decode_clnp(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;

	pkt_protocol(pkt, "clnp");
	bytes_skip(&b, 1);
	uint8_t length = bytes_u8(&b), version = bytes_u8(&b);
	bytes_skip(&b, 1);
	uint8_t kind = bytes_u8(&b) & KIND_MASK;
	if (!bytes_ok(&b) || length < CLNP_LEAST || version != 1)
		return decode_data(pkt, whole);
	if (kind != CLNP_DATA && kind != CLNP_MULTICAST)
		return DECODE_OK;
	bytes_skip(&whole, length);
	return bytes_ok(&whole) ? decode_data(pkt, whole) : DECODE_TRUNCATED;
}

static bool decode_foreign(struct packet *pkt, uint8_t protocol, struct bytes b)
{
	if (protocol == IP)
		return decode_by(pkt, BY_NULL_FAMILY, FAMILY_IP, b);
	if (protocol == IP6)
		return decode_by(pkt, BY_NULL_FAMILY, FAMILY_IP6, b);
	return protocol == PPP && decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint8_t protocol = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	switch (protocol) {
	case INACTIVE:
		pkt_protocol(pkt, "clnp");
		return decode_data(pkt, b);
	case CLNP:
		return decode_clnp(pkt, whole);
	case ESIS:
	case Q931:
		pkt_protocol(pkt, protocol == ESIS ? "esis" : "q931");
		return DECODE_OK;
	case ISIS:
		return decode_isis(pkt, whole);
	default:
		return decode_foreign(pkt, protocol, b) ? DECODE_OK : decode_data(pkt, whole);
	}
}

const struct proto proto_osi = {
	.name = "osi", .binds = binds, .fields = fields, .decode = decode
};
