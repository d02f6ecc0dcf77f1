/* proto_arp.c -- Address Resolution Protocol, and its reverse.
 * RFC 826, 903:  0-1 hardware type | 2-3 protocol type | 4 size of a hardware address |
 *                5 size of a protocol address | 6-7 operation | sender: hardware, protocol address
 * | target: hardware, protocol address RFC 2225: ATM (hardware type 19) has another layout behind
 * the protocol type. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { REQUEST = 1, REPLY = 2, DYNAMIC_ERROR = 7, ETHERTYPE_IP = 0x0800 };
enum { HARDWARE_ETHERNET = 1, HARDWARE_AX25 = 3, HARDWARE_IEEE802 = 6, HARDWARE_ATM = 19 };

enum {
	HW_TYPE,
	PROTO_TYPE,
	HW_SIZE,
	PROTO_SIZE,
	OPCODE,
	GRATUITOUS,
	PROBE,
	ANNOUNCEMENT,
	SRC_HW_MAC,
	SRC_HW,
	SRC_PROTO_IPV4,
	SRC_PROTO,
	DST_HW_MAC,
	DST_HW,
	DST_PROTO_IPV4,
	DST_PROTO,
};
static const struct proto_field fields[] = {
	[HW_TYPE] = { "arp.hw.type", FIELD_U16, "Hardware type", NULL, "0.1", DETAIL, PLAIN },
	[PROTO_TYPE] = { "arp.proto.type", FIELD_U16, "Protocol type", NULL, "0.1", DETAIL, PLAIN },
	[HW_SIZE] = { "arp.hw.size", FIELD_U8, "Size of a hardware address", NULL, "0.1", DETAIL,
		PLAIN },
	[PROTO_SIZE] = { "arp.proto.size", FIELD_U8, "Size of a protocol address", NULL, "0.1",
		DETAIL, PLAIN },
	[OPCODE] = { "arp.opcode", FIELD_U16, "Operation: 1 request, 2 reply, 3 and 4 of RARP, ...",
		NULL, "0.1", CORE, PLAIN },
	[GRATUITOUS] = { "arp.isgratuitous", FIELD_BOOL, "Sender and target are the same", NULL,
		"0.1", DERIVED, PLAIN },
	[PROBE] = { "arp.isprobe", FIELD_BOOL, "Asks whether an address is free (RFC 5227)", NULL,
		"0.1", DERIVED, PLAIN },
	[ANNOUNCEMENT] = { "arp.isannouncement", FIELD_BOOL, "Claims an address (RFC 5227)", NULL,
		"0.1", DERIVED, PLAIN },
	[SRC_HW_MAC] = { "arp.src.hw_mac", FIELD_MAC, "Hardware address of the sender",
		"source.mac", "0.1", CORE, MAC },
	[SRC_HW] = { "arp.src.hw", FIELD_BYTES, "Hardware address of the sender, not Ethernet",
		NULL, "0.1", CORE, MAC },
	[SRC_PROTO_IPV4] = { "arp.src.proto_ipv4", FIELD_IPV4, "Address of the sender", "source.ip",
		"0.1", CORE, ADDRESS },
	[SRC_PROTO] = { "arp.src.proto", FIELD_BYTES, "Address of the sender, not IPv4", NULL,
		"0.1", CORE, ADDRESS },
	[DST_HW_MAC] = { "arp.dst.hw_mac", FIELD_MAC, "Hardware address of the target", NULL, "0.1",
		CORE, MAC },
	[DST_HW] = { "arp.dst.hw", FIELD_BYTES, "Hardware address of the target, not Ethernet",
		NULL, "0.1", CORE, MAC },
	[DST_PROTO_IPV4] = { "arp.dst.proto_ipv4", FIELD_IPV4, "Address of the target",
		"destination.ip", "0.1", CORE, ADDRESS },
	[DST_PROTO] = { "arp.dst.proto", FIELD_BYTES, "Address of the target, not IPv4", NULL,
		"0.1", CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x0806, NULL },
	{ BY_ETHERTYPE, 0x8035, NULL }, { 0 } };

struct header {
	uint16_t hw, proto, opcode;
	uint8_t hw_size, proto_size;
};

struct party {
	const uint8_t *hw, *proto;
};

static bool is_mac(const struct header *h)
{
	return h->hw_size == 6 && (h->hw == HARDWARE_ETHERNET || h->hw == HARDWARE_IEEE802);
}

static bool is_ipv4(const struct header *h)
{
	return h->proto_size == 4 && h->proto == ETHERTYPE_IP;
}

static bool is_zero(const uint8_t *p, size_t n)
{
	while (n && p[n - 1] == 0)
		n--;
	return n == 0;
}

/* field is the sender's or the target's first row, in the order of the table. */
static void put_party(
	struct packet *pkt, unsigned field, const struct header *h, const struct party *party)
{
	enum { MAC_ROW, HW_ROW, IPV4_ROW, PROTO_ROW };

	if (is_mac(h))
		put_addr(pkt, field + MAC_ROW, party->hw);
	else
		put_bytes(pkt, field + HW_ROW, party->hw, h->hw_size);
	if (!is_ipv4(h)) {
		put_bytes(pkt, field + PROTO_ROW, party->proto, h->proto_size);
		return;
	}
	put_addr(pkt, field + IPV4_ROW, party->proto);
	ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, party->proto);
}

/* RFC 5227: what a host says of its own address, and how it asks whether anybody has it. */
static void put_kind(struct packet *pkt, const struct header *h, const struct party *src,
	const struct party *dst)
{
	bool request = h->opcode == REQUEST;
	bool nobody = is_zero(dst->hw, h->hw_size);

	if (!request && h->opcode != REPLY)
		return;
	if (memcmp(src->proto, dst->proto, h->proto_size) == 0) {
		put_bool(pkt, GRATUITOUS, true);
		if (request && nobody)
			put_bool(pkt, ANNOUNCEMENT, true);
	} else if (request && nobody && is_zero(src->proto, h->proto_size)) {
		put_bool(pkt, PROBE, true);
	}
}

static struct party read_party(struct bytes *b, const struct header *h)
{
	struct party party = { .hw = bytes_take(b, h->hw_size) };

	party.proto = bytes_take(b, h->proto_size);
	return party;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { NULL, "request", "reply", "reverse-request",
		"reverse-reply", "dynamic-request", "dynamic-reply", "dynamic-error",
		"inverse-request", "inverse-reply" };
	struct header h = { .hw = get_be16(pkt, &b, HW_TYPE) };

	ecs_text(pkt, ECS_NETWORK_TYPE, "arp");
	h.proto = get_be16(pkt, &b, PROTO_TYPE);
	if (h.hw == HARDWARE_ATM) {
		bytes_skip(&b, 2);
		(void)get_be16(pkt, &b, OPCODE);
		return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
	}
	if (h.hw == HARDWARE_AX25)
		pkt_protocol(pkt, "arp"); /* Wireshark has two decoders of the name for it */
	h.hw_size = get_u8(pkt, &b, HW_SIZE);
	h.proto_size = get_u8(pkt, &b, PROTO_SIZE);
	h.opcode = get_be16(pkt, &b, OPCODE);
	if (bytes_ok(&b))
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, h.opcode));
	struct party src = read_party(&b, &h), dst = read_party(&b, &h);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (h.proto_size == 4)
		put_kind(pkt, &h, &src, &dst);
	put_party(pkt, SRC_HW_MAC, &h, &src);
	if (h.opcode == DYNAMIC_ERROR) /* RFC 1931: a code stands in its place */
		h.proto_size = 0;
	put_party(pkt, DST_HW_MAC, &h, &dst);
	pkt_ends(pkt, b.p);
	return DECODE_OK;
}

const struct proto proto_arp = {
	.name = "arp", .binds = binds, .fields = fields, .decode = decode
};
