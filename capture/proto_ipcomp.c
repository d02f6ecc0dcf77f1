/* proto_ipcomp.c -- IP payload compression.
 * RFC 3173:  0 next header | 1 flags | 2-3 index | data
 * RFC 2394:  compressed by DEFLATE. What the index stands for is agreed elsewhere, but what this
 * inflates to its end is taken to be it. */
/* SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST /* input is not written to */
#include <zlib.h>

#include "decode.h"
#include "ip_proto.h"

enum {
	HEADER = 4,
	ARENA = 10240,      /* zlib wants 7 kB to begin with, and no window when all goes well */
	OUTPUT_MAX = 16384, /* 11 times the packet that an Ethernet frame holds */
	RATIO_MAX = 64,     /* so that the work is bounded by the length of the packet */
	ALIGNMENT = 16
};

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_IP_PROTO, 108, NULL }, { 0 } };

struct arena {
	char *p;
	size_t left;
};

static void *take(void *opaque, unsigned items, unsigned size)
{
	struct arena *arena = opaque;
	size_t n = ((size_t)items * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (items > ARENA || size > ARENA || n > arena->left)
		return NULL;
	char *p = arena->p;
	arena->p += n;
	arena->left -= n;
	return p;
}

static void give_back(void *opaque, void *p)
{
	(void)opaque;
	(void)p;
}

/* Returns how many bytes b unpacks to; 0 when it is not compressed so, or they are too many. */
static size_t inflate_all(struct bytes b, char *out, size_t room, char *memory)
{
	size_t skip = (size_t)(-(uintptr_t)memory % ALIGNMENT);
	struct arena arena = { memory + skip, ARENA };
	z_stream z = { .zalloc = take, .zfree = give_back, .opaque = &arena };

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return 0;
	z.next_in = b.p;
	z.avail_in = (uInt)bytes_left(&b);
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	int result = inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	return result == Z_STREAM_END ? room - z.avail_out : 0;
}

/* The bytes of b unpacked, in scratch, of which they take no more than they need; empty when b was cut,
 * is not compressed so, or has too many. */
static struct bytes inflated(struct packet *pkt, struct bytes b)
{
	size_t room = bytes_left(&b) * RATIO_MAX, n = 0;

	if (b.cut || room == 0)
		return bytes_of(NULL, 0);
	room = room < OUTPUT_MAX ? room : OUTPUT_MAX;
	char *out = pkt_scratch(pkt, room);
	char *memory = out ? pkt_scratch(pkt, ARENA + ALIGNMENT) : NULL;
	if (memory)
		n = inflate_all(b, out, room, memory);
	pkt_scratch_back(pkt, out ? out + n : NULL);
	return bytes_of(out, n);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t next = bytes_u8(&b);

	bytes_skip(&b, HEADER - 1);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	(void)decode_data(pkt, b);
	struct bytes unpacked = inflated(pkt, b);
	unsigned secrets = pkt->nsecrets;
	if (bytes_left(&unpacked))
		pkt_transport(pkt, next, ip_proto_name(next));
	if (bytes_left(&unpacked) && !decode_by(pkt, BY_IP_PROTO, next, unpacked))
		(void)decode_data(pkt, unpacked);
	if (pkt->nsecrets > secrets) /* compressed they are no less there */
		pkt_secret(pkt, b.p, bytes_left(&b));
	return DECODE_OK;
}

const struct proto proto_ipcomp = {
	.name = "ipcomp", .binds = binds, .fields = fields, .decode = decode
};
