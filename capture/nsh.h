/* nsh.h -- what NSH and VXLAN-GPE call the protocol that follows. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_NSH_H
#define ESPCAP_NSH_H

#include "decode.h"

/* RFC 8300, section 9.6.4; VXLAN-GPE has the same numbers. False when nobody knows it. */
bool nsh_decode_next(struct packet *pkt, uint8_t next, struct bytes b);

#endif
