/* proto_chdlc.c -- Cisco HDLC: serial lines between routers.
 *   0 address: 15 one station, 143 all | 1 control, 0 | 2-3 ethertype, or Cisco's own */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { CDP = 0x2000, SLARP = 0x8035, OSI = 0xfefe, CLNP = 0x81, ISIS = 0x83 };

enum { ADDRESS_ROW, PROTOCOL };
static const struct proto_field fields[] = {
	[ADDRESS_ROW] = { "chdlc.address", FIELD_U8, "15 one station, 143 all of them", NULL, "0.1",
		DETAIL, PLAIN },
	[PROTOCOL] = { "chdlc.protocol", FIELD_U16, "Type of the payload", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LINKTYPE, 104, NULL }, { 0 } };

/* Of the ethertypes those of packets. */
static bool decode_payload(struct packet *pkt, uint16_t protocol, struct bytes b)
{
	static const uint16_t ethertypes[] = { 0x0800, 0x86dd, 0x8847, 0x8848 };

	if (protocol == SLARP) { /* the ends of the line ask for addresses, and whether they live */
		pkt_protocol(pkt, "slarp");
		return true;
	}
	if (protocol == CDP)
		return decode_by(pkt, BY_CISCO_PID, CDP, b);
	if (protocol == OSI) {
		int first = bytes_peek(&b, 0);
		if (first >= 0 && (first < CLNP || first > ISIS)) /* a byte of padding */
			bytes_skip(&b, 1);
		return decode_by(pkt, BY_LLC_SAP, 0xfe, b);
	}
	for (size_t i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++)
		if (ethertypes[i] == protocol)
			return decode_by(pkt, BY_ETHERTYPE, protocol, b);
	return false;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, ADDRESS_ROW);
	bytes_skip(&b, 1);
	uint16_t protocol = get_be16(pkt, &b, PROTOCOL);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return decode_payload(pkt, protocol, b) ? DECODE_OK : decode_data(pkt, b);
}

const struct proto proto_chdlc = {
	.name = "chdlc", .binds = binds, .fields = fields, .decode = decode
};
