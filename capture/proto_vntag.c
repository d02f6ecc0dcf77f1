/* proto_vntag.c -- Cisco's tag of a virtual interface.
 * 802.1Qbh drafts: four bytes: direction (1 bit), pointer (1), destination (14), looped (1),
 *   reserved (1), version (2), source (12) | 4-5 ethertype, or length */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LENGTH_MAX = 1500 };

enum { DIR, PTR, DST, LOOPED, SRC };
static const struct proto_field fields[] = {
	[DIR] = { "vntag.dir", FIELD_BOOL, "From the bridge to a virtual interface", NULL, "0.1",
		DETAIL, PLAIN },
	[PTR] = { "vntag.ptr", FIELD_BOOL, "The destination is a list of them", NULL, "0.1", DETAIL,
		PLAIN },
	[DST] = { "vntag.dst", FIELD_U32, "Virtual interface that receives", NULL, "0.1", CORE,
		PLAIN },
	[LOOPED] = { "vntag.looped", FIELD_BOOL, "The frame comes back to its sender", NULL, "0.1",
		DETAIL, PLAIN },
	[SRC] = { "vntag.src", FIELD_U32, "Virtual interface that sends", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x8926, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint32_t tag = bytes_be32(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_bool(pkt, DIR, tag >> 31);
	put_bool(pkt, PTR, tag >> 30 & 1);
	put_u64(pkt, DST, tag >> 16 & 0x3fff);
	put_bool(pkt, LOOPED, tag >> 15 & 1);
	put_u64(pkt, SRC, tag & 0xfff);
	uint16_t type = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type <= LENGTH_MAX)
		return decode_by(pkt, BY_LENGTH, 0, bytes_upto(&b, type)) ? DECODE_OK
									  : decode_data(pkt, b);
	pkt_protocol(pkt, "ethertype");
	return decode_by(pkt, BY_ETHERTYPE, type, b) ? DECODE_OK : decode_data(pkt, b);
}

const struct proto proto_vntag = {
	.name = "vntag", .binds = binds, .fields = fields, .decode = decode
};
