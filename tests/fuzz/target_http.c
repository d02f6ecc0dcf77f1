/* target_http.c -- HTTP/1 messages: headers of ours in front. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

static const uint16_t ports[4] = { 80, 8080, 3128, 8000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	return packet_payload_run(data, n, ports);
}

/* What RFC 3629 forbids, beside what it allows. */
static void odd_utf8(struct fuzz_seeds *s)
{
	static const char message[] =
		"\0\x0cGET /\xed\xa0\x80\xed\xbf\xbf\xc0\xaf\xe0\x80\xaf\xf0\x8f\xbf\xbf"
		"\xf4\x90\x80\x80\xf5\x80\x80\x80\xe2\x82 HTTP/1.1\r\n"
		"Host: \xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xc2\x80\x80\r\n"
		"User-Agent: \xe2\x82\xac\"\\\x01\x7f\r\n\r\n";

	s->keep(s, message, sizeof(message) - 1);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	packet_payload_seeds(s, ports);
	odd_utf8(s);
}
