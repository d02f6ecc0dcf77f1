/* proto_ppp.c -- Point-to-Point Protocol.
 * RFC 1662:  0 address 0xff | 1 control 0x03; both may be left out
 * RFC 1661:  protocol (2 bytes: the first even, the second odd; a first of 0 may be left out) */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ALL_STATIONS = 0xff };

enum { ADDRESS_ROW, CONTROL, PROTOCOL };
static const struct proto_field fields[] = {
	[ADDRESS_ROW] = { "ppp.address", FIELD_U8, "Address: 255, all stations", NULL, "0.1",
		DETAIL, PLAIN },
	[CONTROL] = { "ppp.control", FIELD_U8, "Control: 3, unnumbered information", NULL, "0.1",
		DETAIL, PLAIN },
	[PROTOCOL] = { "ppp.protocol", FIELD_U16, "Protocol of the payload", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LINKTYPE, 9, NULL }, { BY_LINKTYPE, 50, NULL },
	{ 0 } };

static uint16_t read_protocol(struct bytes *b)
{
	uint8_t first = bytes_u8(b);

	if (first & 1)
		return first;
	return (uint16_t)(first << 8 | bytes_u8(b));
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (bytes_peek(&b, 0) == ALL_STATIONS) {
		(void)get_u8(pkt, &b, ADDRESS_ROW);
		(void)get_u8(pkt, &b, CONTROL);
	}
	uint16_t protocol = read_protocol(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, PROTOCOL, protocol);
	if (!decode_by(pkt, BY_PPP, protocol, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_ppp = {
	.name = "ppp", .binds = binds, .fields = fields, .decode = decode
};
