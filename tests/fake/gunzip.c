/* gunzip.c -- unpacks request bodies: gzip of one or of several members, within a limit. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gunzip.h"

#include <libdeflate.h>
#include <string.h>

void gunzip_init(struct gunzip *g, size_t max)
{
	g->d = need(libdeflate_alloc_decompressor());
	text_init(&g->out, max);
}

void gunzip_done(struct gunzip *g)
{
	libdeflate_free_decompressor(g->d);
	text_done(&g->out);
}

/* Room to try first: what the last member says of itself, or what the buffer has. */
static size_t first_guess(const struct gunzip *g, struct view packed)
{
	uint32_t said = 0;
	size_t left = g->out.max - g->out.len, have = g->out.cap - g->out.len;

	if (packed.n >= 4)
		memcpy(&said, packed.p + packed.n - 4, 4);
	if (said < have)
		said = have < UINT32_MAX ? (uint32_t)have : UINT32_MAX;
	return said < left ? said : left;
}

/* Unpacks the member at the front and steps over it. */
static enum gunzip_result unpack_member(struct gunzip *g, struct view *packed)
{
	size_t left = g->out.max - g->out.len, used = 0, made = 0;

	for (size_t room = first_guess(g, *packed);;
		room = room < left / 2 ? room * 2 + 4096 : left) {
		char *to = text_room(&g->out, room);
		enum libdeflate_result r = libdeflate_gzip_decompress_ex(
			g->d, packed->p, packed->n, to, room, &used, &made);

		if (r == LIBDEFLATE_SUCCESS)
			break;
		if (r != LIBDEFLATE_INSUFFICIENT_SPACE)
			return GUNZIP_BROKEN;
		if (room == left)
			return GUNZIP_LARGE;
	}
	g->out.len += made;
	*packed = view_of(packed->p + used, packed->n - used);
	return GUNZIP_GOOD;
}

enum gunzip_result gunzip_unpack(struct gunzip *g, struct view packed)
{
	enum gunzip_result result = GUNZIP_GOOD;

	text_clear(&g->out);
	if (packed.n < 2 || memcmp(packed.p, "\x1f\x8b", 2) != 0)
		return packed.n ? GUNZIP_NOT_GZIP : GUNZIP_GOOD;
	while (packed.n && result == GUNZIP_GOOD)
		result = unpack_member(g, &packed);
	return result;
}
