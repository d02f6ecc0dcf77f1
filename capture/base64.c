/* base64.c -- what base64 stands for (RFC 4648, section 4). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

size_t base64_decode(uint8_t *out, struct bytes text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t group = 0;
	unsigned count = 0;
	uint8_t last = 0;
	size_t n = 0;

	while (bytes_left(&text)) {
		uint8_t before = last, c = bytes_u8(&text);
		const char *digit = c ? strchr(digits, c) : NULL;
		if (!digit && c != '=')
			continue;
		last = c;
		group = group << 6 | (digit ? (uint32_t)(digit - digits) : 0);
		if (++count % 4)
			continue;
		out[n++] = (uint8_t)(group >> 16);
		if (before != '=')
			out[n++] = (uint8_t)(group >> 8);
		if (last != '=')
			out[n++] = (uint8_t)group;
	}
	return n;
}
