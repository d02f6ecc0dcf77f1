/* target_decode.c -- whole packets of every link type.
 *
 * 0: setting, 0x20 for a length on the wire beyond what was captured | 1: link type | packet */
/* SPDX-License-Identifier: Apache-2.0 */
#include "captures.h"
#include "packet.h"

enum { LINKTYPES = 512, BEYOND = 0x20, UNKNOWN = 147 };

/* The link types that espcap knows, and one that it does not. */
static unsigned linktypes(const uint32_t **out)
{
	static uint32_t known[LINKTYPES];
	static unsigned count;
	static bool done;

	for (uint32_t type = 0; type < LINKTYPES && !done; type++)
		if (decode_knows_linktype(type) || type == UNKNOWN)
			known[count++] = type;
	done = true;
	*out = known;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint32_t *known;
	unsigned count = linktypes(&known);

	if (n < 2)
		return 0;
	struct frame f = { .data = data + 2,
		.cap_len = (uint32_t)(n - 2),
		.len = (uint32_t)(n - 2) + (data[0] & BEYOND ? 1000 : 0),
		.number = 1,
		.linktype = known[data[1] % count],
		.interface_id = -1 };
	packet_check(data[0], &f);
	return 0;
}

static void keep_packet(void *arg, const char *file, const struct frame *f)
{
	const uint32_t *known;
	unsigned count = linktypes(&known);

	(void)file;
	for (unsigned i = 0; i < count; i++)
		if (known[i] == f->linktype) {
			uint8_t head[2] = { (uint8_t)(f->number % BEYOND), (uint8_t)i };
			fuzz_keep(arg, head, 2, f->data, f->cap_len);
		}
}

static void keep_file(void *arg, const char *file)
{
	(void)captures_packets(file, keep_packet, arg);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	captures_each(TEST_PCAPS, keep_file, s);
}
