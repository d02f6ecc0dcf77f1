/* tunnels.h -- espcap.tunnel: what carries the innermost flow. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TUNNELS_H
#define ESPCAP_TUNNELS_H

#include <stddef.h>

struct packet;

/* Sets espcap.tunnel of a packet that has tunnels; the JSON stands in memory of the caller, which
 * must last as long as the packet. */
void tunnels_put(struct packet *pkt, char *memory, size_t size);

#endif
