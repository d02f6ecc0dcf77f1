/* ip_fields.h -- the fields of both IP versions, in one table that their decoders share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IP_FIELDS_H
#define ESPCAP_IP_FIELDS_H

#include "decode.h"

enum ip_field {
	/* ip.version comes with both versions, hence the one table */
	IP_VERSION,
	IP_HDR_LEN,
	IP_DSFIELD,
	IP_DSCP,
	IP_ECN,
	IP_LEN,
	IP_ID,
	IP_FLAGS,
	IP_RB,
	IP_DF,
	IP_MF,
	IP_FRAG_OFFSET,
	IP_TTL,
	IP_PROTO,
	IP_CHECKSUM,
	IP_STATUS,
	IP_SRC,
	IP_DST,
	IP_OPT_TYPE,
	IP_OPT_COPY,
	IP_OPT_CLASS,
	IP_OPT_NUMBER,
	IP_OPT_LEN,
	IP_OPT_PTR,
	IP_OPT_RA,
	IP_REC_RT,
	IP_SRC_RT,
	IP_CUR_RT,
	IP_TIME_STAMP,
	IPV6_VERSION,
	IPV6_TCLASS,
	IPV6_DSCP,
	IPV6_ECN,
	IPV6_FLOW,
	IPV6_PLEN,
	IPV6_NXT,
	IPV6_HLIM,
	IPV6_SRC,
	IPV6_DST,
	IPV6_HOP_NXT,
	IPV6_HOP_LEN,
	IPV6_DST_NXT,
	IPV6_DST_LEN,
	IPV6_OPT_TYPE,
	IPV6_OPT_LENGTH,
	IPV6_OPT_ALERT,
	IPV6_OPT_JUMBO,
	IPV6_ROUTING_NXT,
	IPV6_ROUTING_LEN,
	IPV6_ROUTING_TYPE,
	IPV6_ROUTING_LEFT,
	IPV6_ROUTING_ADDR,
	IPV6_ROUTING_SRH,
	IPV6_FRAG_NXT,
	IPV6_FRAG_OFFSET,
	IPV6_FRAG_MORE,
	IPV6_FRAG_IDENT,
	AH_NEXT,
	AH_LENGTH,
	AH_SPI,
	AH_SEQUENCE,
	AH_ICV,
};
extern const struct proto_field ip_fields[];

/* Says in ECS that the packet is a fragment (later: not the first one), unless it is a quote. */
void ip_fragment(struct packet *pkt, bool later);

#endif
