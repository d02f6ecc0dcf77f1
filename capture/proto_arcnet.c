/* proto_arcnet.c -- ARCNET, as BSD and as Linux capture it.
 * LINKTYPE_ARCNET_BSD (7):      0 source | 1 destination | 2 protocol
 * LINKTYPE_ARCNET_LINUX (129):  0 source | 1 destination | 2-3 offset on the wire | 4 protocol
 * RFC 1201: but for RFC 1051's protocols there follow a split flag and 2 bytes of a sequence number;
 *   in front of them BSD may show an exception: ff | 2 bytes | the protocol again */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LINKTYPE_BSD = 7, LINKTYPE_LINUX = 129, EXCEPTION = 0xff };
enum { DIAGNOSE = 0x80, IP6 = 0xc4, BACNET = 0xcd, IP_1201 = 0xd4, ARP_1201, RARP_1201 };
enum { IPX_NOVELL = 0xec, IPX = 0xfa, SAP_IPX = 0xe0 };
enum { IP_1051 = 0xf0, ARP_1051, FAMILY_IP = 2, FAMILY_IP6 = 24, ETHERTYPE_ARP = 0x0806 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, LINKTYPE_BSD, NULL },
	{ BY_LINKTYPE, LINKTYPE_LINUX, NULL }, { 0 } };

static void skip_split(struct bytes *b, bool bsd)
{
	if (bsd && bytes_peek(b, 0) == EXCEPTION)
		bytes_skip(b, 4);
	bytes_skip(b, 3);
}

static bool hand_on(struct packet *pkt, uint8_t protocol, struct bytes b)
{
	switch (protocol) {
	case IP_1051:
	case IP_1201:
		return decode_by(pkt, BY_NULL_FAMILY, FAMILY_IP, b);
	case ARP_1051:
	case ARP_1201:
	case RARP_1201:
		return decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_ARP, b);
	case IP6:
		return decode_by(pkt, BY_NULL_FAMILY, FAMILY_IP6, b);
	case BACNET:
		return decode_by(pkt, BY_LENGTH, 0, b);
	case IPX:
	case IPX_NOVELL:
		return decode_by(pkt, BY_LLC_SAP, SAP_IPX, b);
	default:
		return false;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool bsd = pkt->frame->linktype != LINKTYPE_LINUX;

	bytes_skip(&b, bsd ? 2 : 4);
	uint8_t protocol = bytes_u8(&b);
	bool whole = protocol == IP_1051 || protocol == ARP_1051 || protocol == DIAGNOSE ||
		     protocol == BACNET;
	if (!whole)
		skip_split(&b, bsd);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (!hand_on(pkt, protocol, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_arcnet = {
	.name = "arcnet", .binds = binds, .fields = fields, .decode = decode
};
