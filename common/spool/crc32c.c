/* crc32c.c -- CRC32C (Castagnoli), by the processor where it can. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "crc32c.h"

#include <pthread.h>
#include <string.h>

enum { REFLECTED_POLYNOMIAL = (int)0x82f63b78 };

static uint32_t table[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ (uint32_t)REFLECTED_POLYNOMIAL : c >> 1;
		table[i] = c;
	}
}

uint32_t crc32c_table(const void *p, size_t n)
{
	const uint8_t *s = p;
	uint32_t c = UINT32_MAX;

	(void)pthread_once(&once, make_table);
	while (n--)
		c = table[(c ^ *s++) & 0xff] ^ c >> 8;
	return ~c;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_processor(const uint8_t *s, size_t n)
{
	uint64_t c = UINT32_MAX, word;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&word, s, 8);
		c = _mm_crc32_u64(c, word);
	}
	while (n--)
		c = _mm_crc32_u8((uint32_t)c, *s++);
	return ~(uint32_t)c;
}

uint32_t crc32c(const void *p, size_t n)
{
	return __builtin_cpu_supports("sse4.2") ? by_processor(p, n) : crc32c_table(p, n);
}
#else
uint32_t crc32c(const void *p, size_t n)
{
	return crc32c_table(p, n);
}
#endif
