/* base64.h -- what base64 stands for (RFC 4648, section 4). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BASE64_H
#define ESPCAP_BASE64_H

#include "bytes.h"

/* As lenient as tshark: other characters are skipped, an incomplete group is dropped. Writes at
 * most three bytes for four; returns how many. */
size_t base64_decode(uint8_t *out, struct bytes text);

#endif
