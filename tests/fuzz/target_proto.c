/* target_proto.c -- each decoder alone: the input begins with its layer, whatever is around it else.
 *
 * 0: setting, 0x20 for a length on the wire beyond what was captured | 1: which decoder | layer
 * ESPCAP_FUZZ_PROTO names one decoder: then byte 1 is not looked at, and seeds are its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "captures.h"
#include "packet.h"
#include "protos.h"

enum { LINKTYPE = 511, BEYOND = 0x20, SEEDS_EACH = 40, PROTOS_MAX = 256 };

#define X(name) { #name, &proto_##name },
static const struct {
	const char *name; /* of its file */
	const struct proto *proto;
} list[] = {
#include "protos.def"
};
#undef X
enum { NAMES = sizeof(list) / sizeof(list[0]) };
_Static_assert((int)NAMES <= (int)PROTOS_MAX, "byte 1 chooses");

static const struct proto *chosen(unsigned byte)
{
	const char *name = getenv("ESPCAP_FUZZ_PROTO");

	if (!name || !*name)
		return list[byte % NAMES].proto;
	for (unsigned i = 0; i < NAMES; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].proto;
	fuzz_fail("there is no decoder \"%s\"", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2)
		return 0;
	const struct proto *proto = chosen(data[1]);
	if (proto == &proto_frame) /* is around every layer */
		return 0;
	if (!decoder_link(packet_decoder(data[0]), LINKTYPE, proto->name))
		fuzz_fail("nothing chooses %s", proto->name);
	struct frame f = { .data = data + 2,
		.cap_len = (uint32_t)(n - 2),
		.len = (uint32_t)(n - 2) + (data[0] & BEYOND ? 1000 : 0),
		.number = 1,
		.linktype = LINKTYPE,
		.interface_id = -1 };
	packet_check(data[0], &f);
	return 0;
}

/* --- seeds: where a decoder's layer begins in a packet nobody tells, but these places are usual --- */

struct seeding {
	struct fuzz_seeds *seeds;
	unsigned kept[NAMES];
};

/* Is the name one of those in a frame.protocols? */
static bool has_token(const struct packet *pkt, const char *name)
{
	size_t n = strlen(name);

	for (unsigned at = 0; at + n <= pkt->protocols_len; at++) {
		bool begins = at == 0 || pkt->protocols[at - 1] == ':';
		bool ends = at + n == pkt->protocols_len || pkt->protocols[at + n] == ':';
		if (begins && ends && memcmp(pkt->protocols + at, name, n) == 0)
			return true;
	}
	return false;
}

static void keep_layers(struct seeding *s, unsigned which, const struct frame *f)
{
	static const unsigned offsets[] = { 0, 14, 18, 20, 22, 28, 34, 42, 50, 54, 58, 62, 66 };
	const uint8_t head[2] = { (uint8_t)(s->kept[which] % BEYOND), (uint8_t)which };

	if (s->kept[which]++ >= SEEDS_EACH)
		return;
	for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		if (offsets[i] < f->cap_len)
			fuzz_keep(s->seeds, head, 2, f->data + offsets[i], f->cap_len - offsets[i]);
}

static void keep_packet(void *arg, const char *file, const struct frame *f)
{
	const char *only = getenv("ESPCAP_FUZZ_PROTO");
	const struct packet *pkt = decode_packet(packet_decoder(0), f);

	(void)file;
	for (unsigned i = 0; i < NAMES; i++)
		if ((!only || !*only || strcmp(only, list[i].name) == 0) &&
			has_token(pkt, list[i].proto->name))
			keep_layers(arg, i, f);
}

static void keep_file(void *arg, const char *file)
{
	(void)captures_packets(file, keep_packet, arg);
}

void fuzz_seeds(struct fuzz_seeds *seeds)
{
	struct seeding s = { .seeds = seeds };

	captures_each(TEST_PCAPS, keep_file, &s);
}
