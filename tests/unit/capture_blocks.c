/* capture_blocks.c -- a pcapng file, written block by block. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "capture_blocks.h"

struct blocks blocks_file;

void blocks_reset(void)
{
	memset(&blocks_file, 0, sizeof(blocks_file));
}

void blocks_raw(const void *p, size_t n)
{
	assert_true(blocks_file.n + n <= BLOCKS_MAX);
	memcpy(blocks_file.bytes + blocks_file.n, p, n);
	blocks_file.n += n;
}

void blocks_number(uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (blocks_file.big ? size - 1 - i : i));
		blocks_raw(&byte, 1);
	}
}

void blocks_pad(void)
{
	while (blocks_file.n % 4)
		blocks_raw("", 1);
}

void blocks_begin(uint32_t type)
{
	blocks_file.block = blocks_file.n;
	blocks_number(type, 4);
	blocks_number(0, 4);
}

void blocks_end(void)
{
	size_t end = blocks_file.n + 4, total = end - blocks_file.block;

	blocks_file.n = blocks_file.block + 4;
	blocks_number(total, 4);
	blocks_file.n = end - 4;
	blocks_number(total, 4);
}

void blocks_option(uint16_t code, const void *p, uint16_t n)
{
	blocks_number(code, 2);
	blocks_number(n, 2);
	blocks_raw(p, n);
	blocks_pad();
}

void blocks_end_options(void)
{
	blocks_number(0, 4);
}

void blocks_section(bool big)
{
	blocks_file.big = big;
	blocks_begin(0x0a0d0d0a);
	blocks_number(0x1a2b3c4d, 4);
	blocks_number(1, 2);
	blocks_number(0, 2);
	blocks_number(UINT64_MAX, 8);
	blocks_end();
}

void blocks_begin_interface(uint16_t linktype, uint32_t snaplen)
{
	blocks_begin(IDB);
	blocks_number(linktype, 2);
	blocks_number(0, 2);
	blocks_number(snaplen, 4);
}

void blocks_interface(uint16_t linktype, const char *name)
{
	blocks_begin_interface(linktype, 0);
	if (name) {
		blocks_option(IF_NAME, name, (uint16_t)strlen(name));
		blocks_end_options();
	}
	blocks_end();
}

void blocks_begin_packet(uint32_t id, uint64_t ticks, const char *data, uint32_t len)
{
	blocks_begin(EPB);
	blocks_number(id, 4);
	blocks_number(ticks >> 32, 4);
	blocks_number(ticks & UINT32_MAX, 4);
	blocks_number(strlen(data), 4);
	blocks_number(len, 4);
	blocks_raw(data, strlen(data));
	blocks_pad();
}

void blocks_packet(uint32_t id, uint64_t ticks, const char *data)
{
	blocks_begin_packet(id, ticks, data, (uint32_t)strlen(data));
	blocks_end();
}
