/* work.h -- how much a decoder works, in blocks of code: the same on every machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEST_WORK_H
#define ESPCAP_TEST_WORK_H

#include <stdint.h>

/* Basic blocks run so far in what is compiled with the compiler's coverage calls (GCC's trace-pc);
 * stays 0 where nothing is. */
uint64_t work_count(void);

/* A packet costs at most so many blocks, whatever it holds: some for a packet at all, some for each of
 * its bytes. Far above what the worst packet found needs, far below what grows by more than its length. */
static inline uint64_t work_max(uint32_t bytes)
{
	return 20000 + UINT64_C(250) * bytes;
}

#endif
