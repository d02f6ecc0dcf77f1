/* target_tls.c -- TLS records: headers of ours in front. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

static const uint16_t ports[4] = { 443, 8443, 4433, 853 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	return packet_payload_run(data, n, ports);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	packet_payload_seeds(s, ports);
}
