/* ip_options.h -- the options of an IPv4 header. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IP_OPTIONS_H
#define ESPCAP_IP_OPTIONS_H

#include "decode.h"

/* Where the datagram goes in the end when it has a source route with hops to come: 4 bytes inside
 * the packet. Else NULL: then it goes to the destination of its header. */
const uint8_t *ip_options_destination(struct bytes options);

/* Puts all options of a header. */
void ip_options_put(struct packet *pkt, struct bytes options);

#endif
