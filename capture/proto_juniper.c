/* proto_juniper.c -- what Juniper's routers put in front of the packets that they capture.
 * LINKTYPE_JUNIPER_ETHER (178), _PPP (180), _FRELAY (181), _CHDLC (182):
 *   0-2 "MGC" | 3 flags: 1 in, 2 no header of the link, 128 extensions | 4-5 their length |
 *   extensions | frame */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { NO_HEADER = 2, EXTENDED = 0x80 };
enum { JUNIPER_ETHER = 178, JUNIPER_PPP = 180, JUNIPER_FRELAY, JUNIPER_CHDLC };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_PPP = 9, LINKTYPE_CHDLC = 104, LINKTYPE_FRELAY = 107 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, JUNIPER_ETHER, NULL },
	{ BY_LINKTYPE, JUNIPER_PPP, NULL }, { BY_LINKTYPE, JUNIPER_FRELAY, NULL },
	{ BY_LINKTYPE, JUNIPER_CHDLC, NULL }, { 0 } };

static uint32_t inner_link(uint32_t linktype)
{
	switch (linktype) {
	case JUNIPER_PPP:
		return LINKTYPE_PPP;
	case JUNIPER_FRELAY:
		return LINKTYPE_FRELAY;
	case JUNIPER_CHDLC:
		return LINKTYPE_CHDLC;
	default:
		return LINKTYPE_ETHERNET;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const uint8_t magic[] = { 0x4d, 0x47, 0x43 };
	bool known = bytes_starts(&b, magic, sizeof(magic));

	bytes_skip(&b, sizeof(magic));
	uint8_t flags = bytes_u8(&b);
	if (flags & EXTENDED)
		bytes_skip(&b, bytes_be16(&b));
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (!known) {
		pkt_anomaly(pkt, "magic number is wrong");
		return DECODE_OK;
	}
	if (flags & NO_HEADER || !decode_by(pkt, BY_LINKTYPE, inner_link(pkt->frame->linktype), b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_juniper = {
	.name = "juniper", .binds = binds, .fields = fields, .decode = decode
};
