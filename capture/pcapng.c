/* pcapng.c -- reader of pcapng files (draft-ietf-opsawg-pcapng).
 *
 * A file is a row of blocks: type | total length | body | total length, everything padded to 4
 * bytes, in the byte order that the section header's magic shows. Interfaces belong to their
 * section and count from 0 in it; as in Wireshark, ids go on counting over the sections.
 * Every length is held against BLOCK_MAX before anything is read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "pcapng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "frame_time.h"

enum {
	BLOCK_MAX = 16 << 20,
	INTERFACES_MAX = 65536,
	NAME_MAX_BYTES = 255,
	OPTIONS_MAX = 1024,
	COMMENTS_MAX = 16, /* of a packet */
	HEAD = 8,
	SNAPLEN_MAX = 262144
};

enum block_type { IDB = 1, PB = 2, SPB = 3, EPB = 6 };
static const uint32_t SHB = 0x0a0d0d0a, MAGIC = 0x1a2b3c4d;

enum {
	OPT_END,
	OPT_COMMENT,
	IF_NAME,
	IF_DESCRIPTION,
	IF_TSRESOL = 9,
	IF_FCSLEN = 13,
	IF_TSOFFSET,
	IF_HARDWARE
};

struct interface {
	uint16_t linktype;
	uint8_t fcs_len;
	uint32_t snaplen;
	struct frame_resolution resolution;
	char *name; /* owned, NULL: none */
};

struct pcapng {
	struct stream *stream;
	bool swapped;
	struct interface *interfaces; /* of all sections; those of this one from `first` on */
	size_t count, first;
	uint8_t *block;
	size_t block_cap;
	struct frame_comment comments[COMMENTS_MAX]; /* of the packet in block */
};

/* The byte order of the section, over the cursor's reads. */
static uint16_t u16(const struct pcapng *p, struct bytes *b)
{
	return p->swapped ? bytes_be16(b) : bytes_le16(b);
}

static uint32_t u32(const struct pcapng *p, struct bytes *b)
{
	return p->swapped ? bytes_be32(b) : bytes_le32(b);
}

bool pcapng_is(const uint8_t *bytes, size_t n)
{
	return n >= 4 && memcmp(bytes, "\x0a\x0d\x0d\x0a", 4) == 0;
}

int pcapng_linktype(const struct pcapng *p)
{
	return p->count ? p->interfaces[0].linktype : -1;
}

static int ended(const struct pcapng *p, struct err_detail *why)
{
	const char *error = stream_error(p->stream);

	if (error)
		return err_set(why, ERR_INPUT, "cannot be read further: %s", error);
	if (stream_interrupted(p->stream))
		return ERR_STOPPED;
	return err_set(why, ERR_TRUNCATED, "ends in the middle of a packet");
}

static int damaged(struct err_detail *why, const char *what)
{
	return err_set(why, ERR_INPUT, "is damaged: %s", what);
}

/* The rest of a block whose first 12 bytes are in head. */
static int read_body(struct pcapng *p, const uint8_t *head, size_t total, struct err_detail *why)
{
	size_t n = total - HEAD, rest = n - 4;

	if (n > p->block_cap) {
		uint8_t *block = realloc(p->block, n);
		if (!block)
			return err_set(why, ERR_NOMEM, "out of memory for a block of %zu bytes", n);
		p->block = block;
		p->block_cap = n;
	}
	memcpy(p->block, head + HEAD, 4);
	return stream_read(p->stream, p->block + 4, rest) == (ssize_t)rest ? 0 : ended(p, why);
}

/* The next option, or false when there is none. */
static bool next_option(
	const struct pcapng *p, struct bytes *b, uint16_t *code, struct bytes *value)
{
	if (bytes_left(b) < 4)
		return false;
	*code = u16(p, b);
	uint16_t n = u16(p, b);
	*value = bytes_sub(b, n);
	bytes_skip(b, (4 - n % 4u) % 4);
	return *code != OPT_END && bytes_ok(value);
}

/* The value of the first option of `code` as a view, not ok when absent. */
static struct bytes find_option(const struct pcapng *p, struct bytes b, uint16_t code)
{
	struct bytes value;
	uint16_t this;

	for (unsigned i = 0; i < OPTIONS_MAX && next_option(p, &b, &this, &value); i++)
		if (this == code)
			return value;
	return (struct bytes){ .p = b.p, .end = b.p, .ok = false };
}

static void read_comments(struct pcapng *p, struct bytes b, struct frame *f)
{
	struct bytes value;
	uint16_t code;

	f->comments = p->comments;
	for (unsigned i = 0; i < OPTIONS_MAX && next_option(p, &b, &code, &value); i++)
		if (code == OPT_COMMENT && f->ncomments < COMMENTS_MAX)
			p->comments[f->ncomments++] = (struct frame_comment){ (const char *)value.p,
				(uint32_t)bytes_left(&value) };
}

/* Its name or, where it has none, what else tells it from others. NULL: nothing does. */
static char *read_name(const struct pcapng *p, struct bytes options)
{
	static const uint16_t codes[] = { IF_NAME, IF_DESCRIPTION, IF_HARDWARE };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct bytes name = find_option(p, options, codes[i]);
		size_t n = bytes_left(&name);
		if (bytes_ok(&name))
			return strndup(
				(const char *)name.p, n < NAME_MAX_BYTES ? n : NAME_MAX_BYTES);
	}
	return NULL;
}

static void read_resolution(const struct pcapng *p, struct bytes options, struct interface *i)
{
	struct bytes resol = find_option(p, options, IF_TSRESOL);
	struct bytes offset = find_option(p, options, IF_TSOFFSET);
	uint8_t power = bytes_ok(&resol) ? bytes_u8(&resol) : 6;

	i->resolution = frame_resolution_of(power);
	if (bytes_left(&offset) == 8)
		i->resolution.offset_s =
			(int64_t)(p->swapped ? bytes_be64(&offset) : bytes_le64(&offset));
}

static int add_interface(struct pcapng *p, struct bytes b, struct err_detail *why)
{
	struct interface i = { .linktype = u16(p, &b) };

	bytes_skip(&b, 2);
	i.snaplen = u32(p, &b);
	if (!bytes_ok(&b))
		return damaged(why, "an interface description is too short");
	if (p->count == INTERFACES_MAX)
		return damaged(why, "more than 65,536 interfaces");
	read_resolution(p, b, &i);
	struct bytes fcs = find_option(p, b, IF_FCSLEN);
	i.fcs_len = bytes_u8(&fcs);
	if (i.fcs_len == 32) /* older drafts of the format have it in bits */
		i.fcs_len = 4;
	i.name = read_name(p, b);
	struct interface *more = realloc(p->interfaces, (p->count + 1) * sizeof(*more));
	if (!more) {
		free(i.name);
		return err_set(why, ERR_NOMEM, "out of memory for interfaces");
	}
	p->interfaces = more;
	p->interfaces[p->count++] = i;
	return 0;
}

static int fill(struct pcapng *p, struct frame *f, uint32_t id, uint64_t ticks, struct bytes *b,
	uint32_t cap_len, uint32_t len, struct err_detail *why)
{
	if (id >= p->count - p->first)
		return damaged(why, "a packet of an interface that is not described");
	const struct interface *i = &p->interfaces[p->first + id];
	struct bytes data = bytes_sub(b, cap_len);
	if (!bytes_ok(&data))
		return damaged(why, "a packet is longer than its block");
	*f = (struct frame){ .data = data.p,
		.cap_len = cap_len,
		.len = len < cap_len ? cap_len : len,
		.linktype = i->linktype,
		.fcs_len = i->fcs_len,
		.interface_id = (int32_t)(p->first + id),
		.interface = i->name };
	frame_set_ticks(f, ticks, &i->resolution);
	bytes_skip(b, (4 - cap_len % 4) % 4);
	read_comments(p, *b, f);
	return 0;
}

static int packet(
	struct pcapng *p, uint32_t type, struct bytes b, struct frame *f, struct err_detail *why)
{
	uint32_t id = type == PB ? u16(p, &b) : u32(p, &b);

	if (type == PB)
		bytes_skip(&b, 2); /* drops */
	uint64_t high = u32(p, &b);
	uint64_t ticks = high << 32 | u32(p, &b);
	uint32_t cap_len = u32(p, &b), len = u32(p, &b);
	if (!bytes_ok(&b))
		return damaged(why, "a packet block is too short");
	return fill(p, f, id, ticks, &b, cap_len, len, why);
}

/* A simple packet block has neither time nor interface: interface 0, time 0. */
static int simple_packet(struct pcapng *p, struct bytes b, struct frame *f, struct err_detail *why)
{
	uint32_t len = u32(p, &b), cap_len = len;

	if (!bytes_ok(&b) || p->count == p->first)
		return damaged(why, "a simple packet block without an interface");
	uint32_t snaplen = p->interfaces[p->first].snaplen;
	if (snaplen && cap_len > snaplen)
		cap_len = snaplen;
	if (cap_len > bytes_left(&b))
		return damaged(why, "a packet is longer than its block");
	return fill(p, f, 0, 0, &b, cap_len, len, why);
}

static int section(struct pcapng *p, const uint8_t *head, struct err_detail *why)
{
	struct bytes magic = bytes_of(head + HEAD, 4);
	uint32_t order = bytes_le32(&magic);

	p->swapped = order == __builtin_bswap32(MAGIC);
	if (order != MAGIC && !p->swapped)
		return damaged(why, "a section header without byte-order magic");
	p->first = p->count;
	return 0;
}

/* One block: its type, and its body without head and trailing length. No block is shorter than 12
 * bytes, and so many show the byte order of a section. */
static int next_block(struct pcapng *p, uint32_t *type, struct bytes *body, struct err_detail *why)
{
	uint8_t head[HEAD + 4];
	ssize_t n = stream_read(p->stream, head, sizeof(head));
	struct bytes b = bytes_of(head, sizeof(head));
	int err = 0;

	if (n == 0 && !stream_error(p->stream))
		return stream_interrupted(p->stream) ? ERR_STOPPED : ERR_END;
	if (n != (ssize_t)sizeof(head))
		return ended(p, why);
	*type = u32(p, &b);
	if (*type == SHB)
		err = section(p, head, why);
	uint32_t total = u32(p, &b);
	if (!err && (total < HEAD + 4 || total % 4 || total > BLOCK_MAX))
		err = damaged(why, "a block has an impossible length");
	if (!err)
		err = read_body(p, head, total, why);
	if (!err)
		*body = bytes_of(p->block, total - HEAD - 4);
	return err;
}

int pcapng_next(struct pcapng *p, struct frame *f, struct err_detail *why)
{
	struct bytes body;
	uint32_t type = 0;

	for (;;) {
		int err = next_block(p, &type, &body, why);
		if (err)
			return err;
		if (type == EPB || type == PB)
			return packet(p, type, body, f, why);
		if (type == SPB)
			return simple_packet(p, body, f, why);
		if (type == IDB)
			err = add_interface(p, body, why);
		if (err)
			return err;
	}
}

struct pcapng *pcapng_new(struct stream *stream)
{
	struct pcapng *p = calloc(1, sizeof(*p));

	if (p)
		p->stream = stream;
	return p;
}

void pcapng_free(struct pcapng *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		free(p->interfaces[i].name);
	free(p->interfaces);
	free(p->block);
	free(p);
}
