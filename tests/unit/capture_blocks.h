/* capture_blocks.h -- a pcapng file, written block by block. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CAPTURE_BLOCKS_H
#define ESPCAP_CAPTURE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCKS_MAX = 1 << 16 };
enum { IDB = 1, PB = 2, SPB = 3, NRB = 4, ISB = 5, EPB = 6, DSB = 10 };
enum { OPT_COMMENT = 1, IF_NAME = 2, IF_TSRESOL = 9, IF_TSOFFSET = 14 };

/* The file so far, in the byte order of its newest section. A test may cut it, or go back. */
struct blocks {
	uint8_t bytes[BLOCKS_MAX];
	size_t n, block; /* where the open block begins */
	bool big;
};
extern struct blocks blocks_file;
void blocks_reset(void);

void blocks_raw(const void *p, size_t n);
void blocks_number(uint64_t value, unsigned size);
void blocks_pad(void);

/* A block: its body is what is written between the two. */
void blocks_begin(uint32_t type);
void blocks_end(void);

void blocks_option(uint16_t code, const void *p, uint16_t n);
void blocks_end_options(void);

void blocks_section(bool big);
void blocks_begin_interface(uint16_t linktype, uint32_t snaplen);
void blocks_interface(uint16_t linktype, const char *name); /* whole; NULL: no name */
void blocks_begin_packet(uint32_t id, uint64_t ticks, const char *data, uint32_t len);
void blocks_packet(uint32_t id, uint64_t ticks, const char *data); /* whole */

#endif
