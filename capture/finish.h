/* finish.h -- what ECS wants twice. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FINISH_H
#define ESPCAP_FINISH_H

#include "decode.h"

/* Copies of addresses, ports, names and users that ECS wants under other names, too: client.*, server.*
 * and related.*. For decode_packet(), when all layers are known. */
void packet_finish(struct packet *pkt);

#endif
