/* icmp_fields.h -- the fields of ICMP and ICMPv6, in one table that their decoders share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ICMP_FIELDS_H
#define ESPCAP_ICMP_FIELDS_H

#include "decode.h"

enum icmp_field {
	ICMP_TYPE,
	ICMP_CODE,
	ICMP_CHECKSUM,
	ICMP_STATUS,
	ICMP_IDENT,
	ICMP_IDENT_LE,
	ICMP_SEQ,
	ICMP_SEQ_LE,
	ICMP_LENGTH,
	ICMP_MTU,
	ICMP_POINTER,
	ICMP_GATEWAY,
	ICMP_NUM_ADDRS,
	ICMP_LIFETIME,
	ICMP_ORIGINATE,
	ICMP_RECEIVE,
	ICMP_TRANSMIT,
	/* icmp.ext.* and icmp.mpls.* come with both protocols, hence the one table */
	ICMP_EXT_CLASS,
	ICMP_EXT_CTYPE,
	ICMP_MPLS_LABEL,
	ICMPV6_TYPE,
	ICMPV6_CODE,
	ICMPV6_CHECKSUM,
	ICMPV6_STATUS,
	ICMPV6_IDENT,
	ICMPV6_SEQ,
	ICMPV6_MTU,
	ICMPV6_POINTER,
	ICMPV6_RA_HOPS,
	ICMPV6_RA_M,
	ICMPV6_RA_O,
	ICMPV6_RA_LIFETIME,
	ICMPV6_NS_TARGET,
	ICMPV6_NA_R,
	ICMPV6_NA_S,
	ICMPV6_NA_O,
	ICMPV6_NA_TARGET,
	ICMPV6_OPT_TYPE,
	ICMPV6_OPT_LENGTH,
	ICMPV6_OPT_LINKADDR,
	ICMPV6_OPT_PREFIX_LENGTH,
	ICMPV6_OPT_PREFIX,
	ICMPV6_OPT_MTU,
	ICMPV6_OPT_RDNSS,
	ICMPV6_OPT_DNSSL,
	ICMPV6_MLD_ADDRESS,
	ICMPV6_MLD_RECORDS,
	ICMPV6_MLD_RECORD_TYPE,
	ICMPV6_MLD_RECORD_ADDRESS,
};
extern const struct proto_field icmp_fields[];

/* Decodes the packet that an error quotes; linktype: of captures that begin with such a packet.
 * Its values stand in `layers` only. Returns false when the decoder does not want it. */
bool icmp_quote(struct packet *pkt, uint32_t linktype, struct bytes b);

/* Puts the extension structure of RFC 4884 that b begins with. Returns false when it is none. */
bool icmp_extension(struct packet *pkt, struct bytes b);

/* Tells type and code as ports, the way a community id wants them: pairs of types that ask and
 * answer are a flow with two directions, any other is one-way. pairs ends with { 0, 0 }. */
void icmp_ports(struct packet *pkt, uint8_t type, uint8_t code, const uint8_t (*pairs)[2]);

#endif
