/* crc32c.h -- CRC32C (Castagnoli), by the processor where it can. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CRC32C_H
#define ESPCAP_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* RFC 3720, appendix B.4: crc32c("123456789") = 0xe3069283. */
uint32_t crc32c(const void *p, size_t n);

/* The same by table, for tests and for processors without the instruction. */
uint32_t crc32c_table(const void *p, size_t n);

#endif
