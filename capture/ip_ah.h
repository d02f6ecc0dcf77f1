/* ip_ah.h -- the Authentication Header of both IP versions. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IP_AH_H
#define ESPCAP_IP_AH_H

#include "decode.h"

/* Puts a whole header and returns the protocol behind it; b is not ok when it ends too early. The
 * layer's table must be ip_fields. */
uint8_t ip_ah_read(struct packet *pkt, struct bytes *b);

#endif
