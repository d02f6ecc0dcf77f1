/* icmpv6_nd.h -- the options of neighbour discovery. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ICMPV6_ND_H
#define ESPCAP_ICMPV6_ND_H

#include "decode.h"

/* Puts all options up to the end of b. */
enum decode_result icmpv6_nd_options(struct packet *pkt, struct bytes b);

#endif
