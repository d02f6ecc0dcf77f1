/* icmp_fields.c -- the fields of ICMP and ICMPv6, and what their decoders have in common.
 * RFC 4884, section 7:  0 version (4 bits) | 2-3 checksum | objects: 0-1 length with its header |
 *                       2 class | 3 type | data
 * RFC 4950: class 1, type 1 is a stack of MPLS labels: label (20 bits), class (3), end (1), TTL (8)
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "icmp_fields.h"

const struct proto_field icmp_fields[] = {
	[ICMP_TYPE] = { "icmp.type", FIELD_U8, "Type", NULL, "0.1", CORE, PLAIN },
	[ICMP_CODE] = { "icmp.code", FIELD_U8, "Code", NULL, "0.1", CORE, PLAIN },
	[ICMP_CHECKSUM] = { "icmp.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL, PLAIN },
	[ICMP_STATUS] = { "icmp.checksum.status", FIELD_U8, "0 bad, 1 good, 2 not verified", NULL,
		"0.1", DERIVED, PLAIN },
	[ICMP_IDENT] = { "icmp.ident", FIELD_U16, "Identifier", NULL, "0.1", CORE, PLAIN },
	[ICMP_IDENT_LE] = { "icmp.ident_le", FIELD_U16, "Identifier, little endian", NULL, "0.1",
		DERIVED, PLAIN },
	[ICMP_SEQ] = { "icmp.seq", FIELD_U16, "Sequence number", NULL, "0.1", CORE, PLAIN },
	[ICMP_SEQ_LE] = { "icmp.seq_le", FIELD_U16, "Sequence number, little endian", NULL, "0.1",
		DERIVED, PLAIN },
	[ICMP_LENGTH] = { "icmp.length", FIELD_U8, "Length of the quote in words (RFC 4884)", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMP_MTU] = { "icmp.mtu", FIELD_U16, "MTU of the next hop (RFC 1191)", NULL, "0.1", CORE,
		PLAIN },
	[ICMP_POINTER] = { "icmp.pointer", FIELD_U32, "Place of the error in the quote", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMP_GATEWAY] = { "icmp.redir_gw", FIELD_IPV4, "Better gateway", NULL, "0.1", CORE,
		ADDRESS },
	[ICMP_NUM_ADDRS] = { "icmp.num_addrs", FIELD_U8, "Routers advertised", NULL, "0.1", DETAIL,
		PLAIN },
	[ICMP_LIFETIME] = { "icmp.lifetime", FIELD_U16, "Seconds the advertisement holds", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMP_ORIGINATE] = { "icmp.originate_timestamp", FIELD_U32, "Time of the request", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMP_RECEIVE] = { "icmp.receive_timestamp", FIELD_U32, "Time of its arrival", NULL, "0.1",
		DETAIL, PLAIN },
	[ICMP_TRANSMIT] = { "icmp.transmit_timestamp", FIELD_U32, "Time of the answer", NULL, "0.1",
		DETAIL, PLAIN },
	[ICMP_EXT_CLASS] = { "icmp.ext.class", FIELD_U8, "Class of an extension object (RFC 4884)",
		NULL, "0.1", DETAIL, PLAIN },
	[ICMP_EXT_CTYPE] = { "icmp.ext.ctype", FIELD_U8, "Type of an extension object", NULL, "0.1",
		DETAIL, PLAIN },
	[ICMP_MPLS_LABEL] = { "icmp.mpls.label", FIELD_U24,
		"MPLS label of the lost packet (RFC 4950)", NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_TYPE] = { "icmpv6.type", FIELD_U8, "Type", NULL, "0.1", CORE, PLAIN },
	[ICMPV6_CODE] = { "icmpv6.code", FIELD_U8, "Code", NULL, "0.1", CORE, PLAIN },
	[ICMPV6_CHECKSUM] = { "icmpv6.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL,
		PLAIN },
	[ICMPV6_STATUS] = { "icmpv6.checksum.status", FIELD_U8, "0 bad, 1 good, 2 not verified",
		NULL, "0.1", DERIVED, PLAIN },
	[ICMPV6_IDENT] = { "icmpv6.echo.identifier", FIELD_U16, "Identifier", NULL, "0.1", CORE,
		PLAIN },
	[ICMPV6_SEQ] = { "icmpv6.echo.sequence_number", FIELD_U16, "Sequence number", NULL, "0.1",
		CORE, PLAIN },
	[ICMPV6_MTU] = { "icmpv6.mtu", FIELD_U32, "MTU of the next hop", NULL, "0.1", CORE, PLAIN },
	[ICMPV6_POINTER] = { "icmpv6.pointer", FIELD_U32, "Place of the error in the quote", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMPV6_RA_HOPS] = { "icmpv6.nd.ra.cur_hop_limit", FIELD_U8, "Hop limit for hosts to use",
		NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_RA_M] = { "icmpv6.nd.ra.flag.m", FIELD_BOOL, "Addresses come by DHCPv6", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMPV6_RA_O] = { "icmpv6.nd.ra.flag.o", FIELD_BOOL, "Other settings come by DHCPv6", NULL,
		"0.1", DETAIL, PLAIN },
	[ICMPV6_RA_LIFETIME] = { "icmpv6.nd.ra.router_lifetime", FIELD_U16,
		"Seconds it is a default router", NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_NS_TARGET] = { "icmpv6.nd.ns.target_address", FIELD_IPV6, "Address asked for", NULL,
		"0.1", CORE, ADDRESS },
	[ICMPV6_NA_R] = { "icmpv6.nd.na.flag.r", FIELD_BOOL, "Sent by a router", NULL, "0.1",
		DETAIL, PLAIN },
	[ICMPV6_NA_S] = { "icmpv6.nd.na.flag.s", FIELD_BOOL, "Sent because asked", NULL, "0.1",
		DETAIL, PLAIN },
	[ICMPV6_NA_O] = { "icmpv6.nd.na.flag.o", FIELD_BOOL, "Overrides what is known", NULL, "0.1",
		DETAIL, PLAIN },
	[ICMPV6_NA_TARGET] = { "icmpv6.nd.na.target_address", FIELD_IPV6, "Address advertised",
		NULL, "0.1", CORE, ADDRESS },
	[ICMPV6_OPT_TYPE] = { "icmpv6.opt.type", FIELD_U8, "Option type", NULL, "0.1", DETAIL,
		PLAIN },
	[ICMPV6_OPT_LENGTH] = { "icmpv6.opt.length", FIELD_U8, "Option length in units of 8 bytes",
		NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_OPT_LINKADDR] = { "icmpv6.opt.linkaddr", FIELD_BYTES, "Link-layer address", NULL,
		"0.1", CORE, MAC },
	[ICMPV6_OPT_PREFIX_LENGTH] = { "icmpv6.opt.prefix.length", FIELD_U8,
		"Prefix length in bits", NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_OPT_PREFIX] = { "icmpv6.opt.prefix", FIELD_IPV6, "Prefix", NULL, "0.1", CORE,
		ADDRESS },
	[ICMPV6_OPT_MTU] = { "icmpv6.opt.mtu", FIELD_U32, "MTU of the link", NULL, "0.1", DETAIL,
		PLAIN },
	[ICMPV6_OPT_RDNSS] = { "icmpv6.opt.rdnss", FIELD_IPV6, "DNS server (RFC 8106)", NULL, "0.1",
		CORE, ADDRESS },
	[ICMPV6_OPT_DNSSL] = { "icmpv6.opt.dnssl", FIELD_ASCII, "DNS search domain (RFC 8106)",
		NULL, "0.1", CORE, NAME },
	[ICMPV6_MLD_ADDRESS] = { "icmpv6.mld.multicast_address", FIELD_IPV6, "Group", NULL, "0.1",
		CORE, ADDRESS },
	[ICMPV6_MLD_RECORDS] = { "icmpv6.mldr.nb_mcast_records", FIELD_U16,
		"Number of group records", NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_MLD_RECORD_TYPE] = { "icmpv6.mldr.mar.record_type", FIELD_U8,
		"Type of a group record", NULL, "0.1", DETAIL, PLAIN },
	[ICMPV6_MLD_RECORD_ADDRESS] = { "icmpv6.mldr.mar.multicast_address", FIELD_IPV6,
		"Group of a record", NULL, "0.1", CORE, ADDRESS },
	{ 0 },
};

bool icmp_quote(struct packet *pkt, uint32_t linktype, struct bytes b)
{
	return decode_quoted(pkt, BY_LINKTYPE, linktype, b);
}

static void put_labels(struct packet *pkt, struct bytes b)
{
	enum { LABELS_MAX = 64 };

	for (unsigned i = 0; i < LABELS_MAX && bytes_left(&b) >= 4; i++)
		put_u64(pkt, ICMP_MPLS_LABEL, bytes_be32(&b) >> 12);
}

/* One object, or false when nothing can follow it. */
static bool put_object(struct packet *pkt, struct bytes *b)
{
	enum { HEADER = 4, MPLS = 1, STACK = 1 };
	uint16_t length = bytes_be16(b);
	uint8_t class = get_u8(pkt, b, ICMP_EXT_CLASS);

	if (!bytes_ok(b) || length < HEADER) {
		pkt_anomaly(pkt, "extension object is too short");
		return false;
	}
	uint8_t type = get_u8(pkt, b, ICMP_EXT_CTYPE);
	struct bytes data = bytes_upto(b, length - HEADER);
	if (class == MPLS && type == STACK)
		put_labels(pkt, data);
	else if (class == MPLS) /* tshark shows once more what it does not know */
		put_u64(pkt, ICMP_EXT_CTYPE, type);
	return true;
}

bool icmp_extension(struct packet *pkt, struct bytes b)
{
	enum { HEADER = 4, OBJECTS_MAX = 64 };
	int first = bytes_peek(&b, 0);

	/* version 2 is the standard's, 1 that of the drafts, which routers send as well */
	if (bytes_left(&b) < HEADER || (first >> 4 != 1 && first >> 4 != 2))
		return false;
	bytes_skip(&b, HEADER);
	for (unsigned i = 0; i < OBJECTS_MAX && bytes_left(&b); i++)
		if (!put_object(pkt, &b))
			break;
	return true;
}

void icmp_ports(struct packet *pkt, uint8_t type, uint8_t code, const uint8_t (*pairs)[2])
{
	for (unsigned i = 0; pairs[i][0] || pairs[i][1]; i++) {
		if (pairs[i][0] == type || pairs[i][1] == type) {
			uint8_t other = pairs[i][0] == type ? pairs[i][1] : pairs[i][0];
			pkt_ports(pkt, type, other, false);
			return;
		}
	}
	pkt_ports(pkt, type, code, true);
}
