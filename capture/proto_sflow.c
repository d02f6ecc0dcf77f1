/* proto_sflow.c -- sFlow: the beginnings of sampled frames, and counters, from a switch.
 * sFlow version 5:  0-3 version | 4-7 kind of address: 1 IPv4, 2 IPv6 | address | agent | number |
 *     time | number of samples | samples: kind (4) | length (4) | sample
 *   sampled flow (1): 28 bytes, expanded (3): 40 bytes | number of records | records: kind (4) |
 *     length (4) | record
 *   record of a frame (1): 0-3 kind of link | 4-7 its length | 8-11 stripped | 12-15 length of what
 *     is here | the frame
 * Of versions 2 and 4 nothing but the name is shown. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION = 5, SAMPLES_MAX = 1024, IPV4 = 1, IPV6 = 2, AGENT_TO_COUNT = 12 };
enum { FLOW = 1, EXPANDED_FLOW = 3, FLOW_HEADER = 28, EXPANDED_HEADER = 40, RAW_HEADER = 1 };
enum { ETHERNET = 1, FRAME_RELAY = 5, PPP = 7, IP = 11, IP6 = 12 };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_PPP = 9, LINKTYPE_FRELAY = 107, LINKTYPE_IP = 228 };
enum { LINKTYPE_IP6 = 229, LINKTYPE_NONE = 511 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_UDP_PORT, 6343, NULL }, { 0 } };

static uint32_t link_of(uint32_t kind)
{
	switch (kind) {
	case ETHERNET:
		return LINKTYPE_ETHERNET;
	case FRAME_RELAY:
		return LINKTYPE_FRELAY;
	case PPP:
		return LINKTYPE_PPP;
	case IP:
		return LINKTYPE_IP;
	case IP6:
		return LINKTYPE_IP6;
	default:
		return LINKTYPE_NONE;
	}
}

/* What was sampled passed elsewhere: it says nothing of who speaks here. */
static void decode_frame(struct packet *pkt, struct bytes b)
{
	uint32_t kind = bytes_be32(&b), length = bytes_be32(&b);

	bytes_skip(&b, 4);
	struct bytes frame = bytes_sub(&b, bytes_be32(&b));
	if (!bytes_ok(&frame))
		return;
	if (length > bytes_left(&frame))
		frame.cut = length - (uint32_t)bytes_left(&frame);
	if (!decode_quoted(pkt, BY_LINKTYPE, link_of(kind), frame))
		(void)decode_data(pkt, frame);
}

/* The next sample or record: its kind, and what it holds. */
static uint32_t next(struct bytes *b, struct bytes *body)
{
	uint32_t kind = bytes_be32(b);

	*body = bytes_sub(b, bytes_be32(b));
	return kind;
}

static void decode_flow(struct packet *pkt, struct bytes b, size_t header)
{
	struct bytes record;

	bytes_skip(&b, header);
	uint32_t count = bytes_be32(&b);
	for (uint32_t i = 0; i < count && i < SAMPLES_MAX && bytes_left(&b); i++) {
		uint32_t kind = next(&b, &record);
		if (kind == RAW_HEADER && bytes_ok(&record))
			decode_frame(pkt, record);
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes sample;
	uint32_t version = bytes_be32(&b), family = bytes_be32(&b);

	if (bytes_ok(&b) && version != VERSION)
		return version == 2 || version == 4 ? DECODE_OK : DECODE_REJECT;
	if (bytes_ok(&b) && (family > IPV6 || (family == 0 && bytes_left(&b) == 0)))
		return DECODE_REJECT;
	bytes_skip(&b, (family == IPV6 ? 16 : 4) + AGENT_TO_COUNT);
	uint32_t count = bytes_be32(&b);
	for (uint32_t i = 0; i < count && i < SAMPLES_MAX && bytes_left(&b); i++) {
		uint32_t kind = next(&b, &sample);
		if (kind == FLOW && bytes_ok(&sample))
			decode_flow(pkt, sample, FLOW_HEADER);
		else if (kind == EXPANDED_FLOW && bytes_ok(&sample))
			decode_flow(pkt, sample, EXPANDED_HEADER);
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_sflow = {
	.name = "sflow", .binds = binds, .fields = fields, .decode = decode, .application = "sflow"
};
