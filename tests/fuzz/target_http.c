/* target_http.c -- HTTP/1 messages: headers of ours in front. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

static const uint16_t ports[4] = { 80, 8080, 3128, 8000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	return packet_payload_run(data, n, ports);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	packet_payload_seeds(s, ports);
}
