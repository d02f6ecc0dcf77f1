/* proto_vxlan.c -- Virtual eXtensible Local Area Network, and its generic extension.
 * RFC 7348:  0-1 flags: 0x0800 the network id is valid; draft-smith-vxlan-group-policy: 0x8000
 *            group policy, 0x0040 do not learn, 0x0008 applied | 2-3 group policy |
 *            4-6 network id | 7 reserved | an Ethernet frame
 * draft-ietf-nvo3-vxlan-gpe:  0 flags: version (2 bits from 0x30), 0x04 next protocol is valid |
 *            1-2 reserved | 3 next protocol | 4-6 network id | 7 reserved */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nsh.h"

enum { VALID = 0x0800, LINKTYPE_ETHERNET = 1 };

enum { FLAGS, FLAG_I, FLAG_G, FLAG_D, FLAG_A, GBP, VNI, VER, NEXT_PROTO };
static const struct proto_field fields[] = {
	[FLAGS] = { "vxlan.flags", FIELD_U16, "Flags; one byte in the generic extension", NULL,
		"0.1", DETAIL, PLAIN },
	[FLAG_I] = { "vxlan.flag_i", FIELD_BOOL, "The network id is valid", NULL, "0.1", DERIVED,
		PLAIN },
	[FLAG_G] = { "vxlan.flag_g", FIELD_BOOL, "There is a group policy", NULL, "0.1", DERIVED,
		PLAIN },
	[FLAG_D] = { "vxlan.flag_d", FIELD_BOOL, "Do not learn the address", NULL, "0.1", DERIVED,
		PLAIN },
	[FLAG_A] = { "vxlan.flag_a", FIELD_BOOL, "The policy was applied", NULL, "0.1", DERIVED,
		PLAIN },
	[GBP] = { "vxlan.gbp", FIELD_U16, "Group policy", NULL, "0.1", DETAIL, PLAIN },
	[VNI] = { "vxlan.vni", FIELD_U24, "Network id", NULL, "0.1", CORE, PLAIN },
	[VER] = { "vxlan.ver", FIELD_U8, "Version of the generic extension", NULL, "0.1", DETAIL,
		PLAIN },
	[NEXT_PROTO] = { "vxlan.next_proto", FIELD_U8,
		"Payload: 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS", NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
enum {
	PORT = 4789,
	PORT_GENERIC = 4790,
	PORT_LINUX = 8472, /* what it took before there was a number; others use it too */
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, PORT, NULL },
	{ BY_UDP_PORT, PORT_LINUX, NULL }, { BY_UDP_PORT, PORT_GENERIC, "" }, { 0 } };

static enum decode_result decode_generic(struct packet *pkt, struct bytes b)
{
	uint8_t flags = get_u8(pkt, &b, FLAGS);

	if (bytes_ok(&b))
		put_u64(pkt, VER, flags >> 4 & 3);
	bytes_skip(&b, 2);
	uint8_t next = get_u8(pkt, &b, NEXT_PROTO);
	uint32_t vni = get_be24(pkt, &b, VNI);
	bytes_skip(&b, 1);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "vxlan-gpe", vni);
	if (!nsh_decode_next(pkt, next, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

/* Nothing but the flag that every packet has. */
static bool looks_like_vxlan(struct bytes b)
{
	uint32_t first = bytes_be32(&b), second = bytes_be32(&b);

	return bytes_ok(&b) && first == (uint32_t)VALID << 16 && (second & 0xff) == 0;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->value == PORT_LINUX && !looks_like_vxlan(b))
		return DECODE_REJECT;
	if (pkt->bind->value == PORT_GENERIC)
		return decode_generic(pkt, b);
	uint16_t flags = get_be16(pkt, &b, FLAGS);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_bool(pkt, FLAG_I, flags & VALID);
	put_bool(pkt, FLAG_G, flags & 0x8000);
	put_bool(pkt, FLAG_D, flags & 0x0040);
	put_bool(pkt, FLAG_A, flags & 0x0008);
	(void)get_be16(pkt, &b, GBP);
	uint32_t vni = get_be24(pkt, &b, VNI);
	bytes_skip(&b, 1);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "vxlan", vni);
	(void)decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
	return DECODE_OK;
}

const struct proto proto_vxlan = {
	.name = "vxlan", .binds = binds, .fields = fields, .decode = decode
};
