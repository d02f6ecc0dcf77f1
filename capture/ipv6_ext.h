/* ipv6_ext.h -- the extension headers of IPv6. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IPV6_EXT_H
#define ESPCAP_IPV6_EXT_H

#include "decode.h"

/* What stands behind the chain of extension headers. */
struct ipv6_upper {
	uint8_t proto;  /* in: the next header of the fixed one; out: that of the last one */
	bool later;     /* a later fragment: not the beginning of that protocol */
	bool consumed;  /* the last header leaves nothing for anybody */
	bool truncated; /* the packet ends inside the chain */
};

/* Puts the extension headers that b begins with and moves b behind them. */
void ipv6_extensions(struct packet *pkt, struct bytes *b, struct ipv6_upper *upper);

/* The payload length that hop-by-hop options at the beginning of b tell (RFC 2675), else 0. */
uint32_t ipv6_jumbo_length(struct bytes b);

#endif
