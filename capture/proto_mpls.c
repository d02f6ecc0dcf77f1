/* proto_mpls.c -- Multiprotocol Label Switching.
 * RFC 3032, 5462:  label (20 bits) | traffic class (3) | bottom of stack (1) | TTL (8); repeated
 * Nothing names what follows the last label: the payload's first four bits do, as RFC 4928 has it.
 *   4, 6  IP of that version
 *   0     a pseudowire: Ethernet behind a control word (RFC 4448: 16 zero bits, a sequence number),
 *         or Ethernet alone, whose first byte happens to be small
 *   1     an associated channel (RFC 5586):  version (8 bits), reserved (8) | 2-3 channel type */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum {
	LABELS_MAX = 16,
	ASSOCIATED_CHANNEL = 13,
	OAM_ALERT,
	CONTROL_WORD = 4,
	SOURCE_AT = 6,
	TYPE_AT = 12,
	LOCAL = 2,
	EARLY = 0x40
};
enum { ETHERTYPE_IP = 0x0800, ETHERTYPE_IPV6 = 0x86dd, LINKTYPE_ETHERNET = 1 };
enum { CHANNEL_BFD = 7, CHANNEL_IP = 0x21, CHANNEL_BFD_CC, CHANNEL_IPV6 = 0x57 };

enum { LABEL, EXP, BOTTOM, TTL };
static const struct proto_field fields[] = {
	[LABEL] = { "mpls.label", FIELD_U32, "Label", NULL, "0.1", CORE, PLAIN },
	[EXP] = { "mpls.exp", FIELD_U32, "Traffic class", NULL, "0.1", DETAIL, PLAIN },
	[BOTTOM] = { "mpls.bottom", FIELD_U32, "1: the last label of the stack", NULL, "0.1",
		DETAIL, PLAIN },
	[TTL] = { "mpls.ttl", FIELD_U32, "Time to live", NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
/* 6635: RFC 7510. 137: RFC 4023. 0x281, 0x283: RFC 3032, section 4.3 */
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x8847, NULL },
	{ BY_ETHERTYPE, 0x8848, NULL }, { BY_IP_PROTO, 137, NULL }, { BY_UDP_PORT, 6635, NULL },
	{ BY_PPP, 0x281, NULL }, { BY_PPP, 0x283, NULL }, { 0 } };

struct stack {
	uint32_t label; /* the last one */
	bool bottom;
};

/* Labels up to the bottom of the stack. */
static struct stack read_stack(struct packet *pkt, struct bytes *b)
{
	struct stack stack = { 0 };

	for (unsigned i = 0; i < LABELS_MAX && !stack.bottom; i++) {
		uint32_t word = bytes_be32(b);
		if (!bytes_ok(b))
			break;
		stack.label = word >> 12;
		stack.bottom = word >> 8 & 1;
		put_u64(pkt, LABEL, stack.label);
		put_u64(pkt, EXP, word >> 9 & 7);
		put_u64(pkt, BOTTOM, stack.bottom);
		put_u64(pkt, TTL, word & 0xff);
	}
	return stack;
}

/* Is there a control word? It begins with zeros, as some addresses do: where two addresses that
 * makers have given are followed by a well-known type, or both are of the first makers that there
 * were, there is none. */
static bool has_control_word(struct bytes b)
{
	static const uint16_t types[] = { ETHERTYPE_IP, ETHERTYPE_IPV6, 0x0806, 0x8100, 0x88a8,
		0x8847, 0x8848 };
	struct bytes frame = b;
	int addresses = bytes_peek(&b, 0) | bytes_peek(&b, SOURCE_AT);

	if (addresses == 0 && bytes_peek(&b, 1) < EARLY && bytes_peek(&b, SOURCE_AT + 1) < EARLY)
		return bytes_left(&b) <= TYPE_AT + 1;
	bytes_skip(&frame, TYPE_AT);
	uint16_t type = bytes_be16(&frame);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == type && !(addresses & LOCAL))
			return false;
	return true;
}

static bool decode_ethernet(struct packet *pkt, struct bytes b)
{
	bool word = has_control_word(b);

	pkt_protocol(pkt, "pwethheuristic");
	if (bytes_claimed(&b) < CONTROL_WORD)
		return false;
	pkt_protocol(pkt, word ? "pwethcw" : "pwethnocw");
	bytes_skip(&b, word ? CONTROL_WORD : 0);
	return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
}

static bool decode_channel(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 2);
	uint16_t type = bytes_be16(&b);

	pkt_protocol(pkt, "pwach");
	if (type == CHANNEL_IP)
		return decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IP, b);
	if (type == CHANNEL_IPV6)
		return decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IPV6, b);
	if (type == CHANNEL_BFD || type == CHANNEL_BFD_CC) {
		pkt_protocol(pkt, "bfd");
		return true;
	}
	return decode_data(pkt, b) == DECODE_OK;
}

static bool decode_payload(struct packet *pkt, uint32_t label, struct bytes b)
{
	if (label == ASSOCIATED_CHANNEL)
		return decode_channel(pkt, b);
	switch (bytes_peek(&b, 0) >> 4) {
	case 4:
		return decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IP, b);
	case 6:
		return decode_by(pkt, BY_ETHERTYPE, ETHERTYPE_IPV6, b);
	case 0:
		return decode_ethernet(pkt, b);
	case 1:
		return decode_channel(pkt, b);
	default:
		return false;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct stack stack = read_stack(pkt, &b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "mpls", stack.label);
	if (!stack.bottom)
		pkt_anomaly(pkt, "too many labels");
	else if (stack.label == OAM_ALERT || decode_payload(pkt, stack.label, b)) /* RFC 3429 */
		return DECODE_OK;
	return decode_data(pkt, b);
}

const struct proto proto_mpls = {
	.name = "mpls", .binds = binds, .fields = fields, .decode = decode
};
