/* dns_names.h -- what the numbers of DNS are called. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_NAMES_H
#define ESPCAP_DNS_NAMES_H

#include "decode.h"

/* Names of the IANA registry "Domain Name System (DNS) Parameters". A number without a name is
 * written as RFC 3597 does it, TYPE65280, CLASS42, in scratch. NULL when scratch is full. */
const char *dns_names_type(struct packet *pkt, uint16_t type);
const char *dns_names_class(struct packet *pkt, uint16_t class);
const char *dns_names_opcode(unsigned opcode);                   /* 0..15; OPCODE7 */
const char *dns_names_rcode(struct packet *pkt, unsigned rcode); /* with the upper bits of EDNS */

#endif
