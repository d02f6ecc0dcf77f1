/* gzip_member.c -- members of gzip that say how long they are. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gzip_member.h"

#include <string.h>

/* deflate, an extra field, no time, made on Unix; 8 bytes of extra fields: "ES", 4 bytes */
static const uint8_t begin[16] = { 0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 8, 0, 'E', 'S', 4, 0 };

static void put_u32(void *out, uint32_t value)
{
	uint8_t *p = out;

	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get_u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

size_t gzip_member_write(
	struct libdeflate_compressor *deflate, const void *text, size_t n, struct buf *out)
{
	char *p = out->data;
	size_t room = out->cap - GZIP_MEMBER_EXTRA;
	size_t packed = libdeflate_deflate_compress(deflate, text, n, p + GZIP_MEMBER_HEADER, room);

	memcpy(p, begin, sizeof(begin));
	out->len = packed + GZIP_MEMBER_EXTRA;
	put_u32(p + sizeof(begin), (uint32_t)out->len);
	p += GZIP_MEMBER_HEADER + packed;
	put_u32(p, libdeflate_crc32(0, text, n));
	put_u32(p + 4, (uint32_t)n);
	return out->len;
}

uint32_t gzip_member_length(const uint8_t header[GZIP_MEMBER_HEADER])
{
	uint32_t n = get_u32(header + sizeof(begin));

	return memcmp(header, begin, sizeof(begin)) == 0 && n > GZIP_MEMBER_EXTRA ? n : 0;
}

int gzip_member_check(const uint8_t *member, size_t n, struct buf *text)
{
	if (n <= GZIP_MEMBER_EXTRA || gzip_member_length(member) != n)
		return ERR_INPUT;
	const uint8_t *trailer = member + n - GZIP_MEMBER_TRAILER;
	size_t len = get_u32(trailer + 4);
	buf_reset(text);
	int err = buf_reserve(text, len + 1);
	if (err)
		return err == ERR_TOO_BIG ? ERR_INPUT : err;
	struct libdeflate_decompressor *inflate = libdeflate_alloc_decompressor();
	if (!inflate)
		return ERR_NOMEM;
	enum libdeflate_result result = libdeflate_deflate_decompress(
		inflate, member + GZIP_MEMBER_HEADER, n - GZIP_MEMBER_EXTRA, text->data, len, NULL);
	libdeflate_free_decompressor(inflate);
	if (result != LIBDEFLATE_SUCCESS ||
		libdeflate_crc32(0, text->data, len) != get_u32(trailer))
		return ERR_INPUT;
	text->len = len;
	return 0;
}
