/* packet.h -- targets of packets: decoded and printed in any setting. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FUZZ_PACKET_H
#define ESPCAP_FUZZ_PACKET_H

#include "decode.h"
#include "fuzz.h"

/* The decoder of a setting, which lives as long as the program. */
struct decoder *packet_decoder(unsigned setting);

/* Decodes and prints a frame in one of the settings of setting.h; fails when the document is not
 * what check_document() wants. */
void packet_check(unsigned setting, const struct frame *f);

/* The application protocols: the input is the payload of a TCP segment or UDP datagram.
 * 0: setting | 1: bits 0-1 which port, 2 TCP, 3 to the port, 4 cut by a snaplen | payload */
int packet_payload_run(const uint8_t *data, size_t n, const uint16_t ports[4]);

/* Payloads of test_pcaps to or from one of the ports. */
void packet_payload_seeds(struct fuzz_seeds *s, const uint16_t ports[4]);

#endif
