/* target_proto.c -- each decoder alone: the input begins with its layer, whatever is around it else.
 *
 * 0: setting, 0x20 for a length on the wire beyond what was captured | 1: which decoder | layer
 * ESPCAP_FUZZ_PROTO names one decoder: then byte 1 is not looked at, and seeds are its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "captures.h"
#include "decoder.h"
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

/* --- seeds: of each decoder, the layers that it was given in our captures --- */

static struct {
	struct fuzz_seeds *seeds;
	struct proto spies[NAMES]; /* as those of the list, but they pass record() */
	unsigned kept[NAMES];
} seeding;

static bool is_asked_for(unsigned which)
{
	const char *only = getenv("ESPCAP_FUZZ_PROTO");

	return !only || !*only || strcmp(only, list[which].name) == 0;
}

static enum decode_result record(struct packet *pkt, struct bytes b)
{
	unsigned which = (unsigned)(pkt->proto - seeding.spies), kept = seeding.kept[which];
	const uint8_t head[2] = { (uint8_t)(kept % BEYOND), (uint8_t)which };

	if (kept < SEEDS_EACH && is_asked_for(which)) {
		seeding.kept[which]++;
		fuzz_keep(seeding.seeds, head, 2, b.p, bytes_left(&b));
	}
	return list[which].proto->decode(pkt, b);
}

static void keep_packet(void *arg, const char *file, const struct frame *f)
{
	(void)file;
	(void)decode_packet(arg, f);
}

static void keep_file(void *arg, const char *file)
{
	(void)captures_packets(file, keep_packet, arg);
}

static void spy(struct bound *bound)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (bound->proto == list[i].proto)
			bound->proto = &seeding.spies[i];
}

void fuzz_seeds(struct fuzz_seeds *seeds)
{
	struct decode_conf conf = { .probe_rtp = true };
	struct decoder *decoder;
	struct err_detail why;

	if (decoder_new(&conf, &decoder, &why))
		fuzz_fail("%s", why.text);
	seeding.seeds = seeds;
	for (unsigned i = 0; i < NAMES; i++) {
		seeding.spies[i] = *list[i].proto;
		seeding.spies[i].decode = record;
	}
	for (unsigned i = 0; i < decoder->nbounds; i++)
		spy(&decoder->bounds[i]);
	captures_each(TEST_PCAPS, keep_file, decoder);
	decoder_free(decoder);
}
