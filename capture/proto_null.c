/* proto_null.c -- the loopback interfaces of BSD: an address family in front of each packet.
 * LINKTYPE_NULL (0):    0-3 family, in the byte order of the machine that wrote the capture
 * LINKTYPE_LOOP (108):  0-3 family, in network byte order
 * A family is a small number, so the order in which it is one is the right one. Where it is too
 * great for a family in both, it is an ethertype. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LINKTYPE_LOOP = 108, FAMILY_MAX = 1500 };

enum { FAMILY, TYPE };
static const struct proto_field fields[] = {
	[FAMILY] = { "null.family", FIELD_U32, "Address family", NULL, "0.1", DETAIL, PLAIN },
	[TYPE] = { "null.type", FIELD_U16, "Ethertype in place of a family", NULL, "0.1", DETAIL,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LINKTYPE, 0, NULL },
	{ BY_LINKTYPE, LINKTYPE_LOOP, NULL }, { 0 } };

static uint32_t read_family(struct packet *pkt, struct bytes *b)
{
	struct bytes other = *b;
	uint32_t little = bytes_le32(&other), big = bytes_be32(b);

	if (pkt->frame->linktype == LINKTYPE_LOOP || little > 0xffff)
		return big;
	return little;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint32_t family = read_family(pkt, &b);
	bool is_type = family > FAMILY_MAX && pkt->frame->linktype != LINKTYPE_LOOP;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (is_type)
		put_u64(pkt, TYPE, family & 0xffff);
	else
		put_u64(pkt, FAMILY, family);
	if (!decode_by(pkt, is_type ? BY_ETHERTYPE : BY_NULL_FAMILY, family, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_null = {
	.name = "null", .binds = binds, .fields = fields, .decode = decode
};
