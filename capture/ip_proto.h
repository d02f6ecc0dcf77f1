/* ip_proto.h -- names of IP protocol numbers. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IP_PROTO_H
#define ESPCAP_IP_PROTO_H

#include <stdint.h>

/* IANA's keyword in lower case, for network.transport; NULL for a number nobody uses. */
const char *ip_proto_name(uint8_t proto);

#endif
