/* proto_sll.c -- Linux "cooked" captures: what a socket tells where there is no link-layer header.
 * LINKTYPE_LINUX_SLL (113):   0-1 packet type | 2-3 hardware type | 4-5 address length |
 *                             6-13 address | 14-15 protocol
 * LINKTYPE_LINUX_SLL2 (276):  0-1 protocol | 2-3 reserved | 4-7 interface index |
 *                             8-9 hardware type | 10 packet type | 11 address length |
 *                             12-19 address
 * The address has room for 8 bytes, whatever its length says. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION_2 = 276, ADDRESS_MAX = 8, TYPE_MIN = 1537 };
enum { HARDWARE_FRAD = 770, HARDWARE_GRE = 778, HARDWARE_RADIOTAP = 803, HARDWARE_NETLINK = 824 };
enum { PROTOCOL_802_3 = 1, PROTOCOL_ETHERNET = 3, PROTOCOL_802_2 = 4, PROTOCOL_PPP = 7 };
enum { RAW_IPX = 0x8137, LINKTYPE_PPP = 9, GRE_ETHERNET = 0x6558 };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_FRELAY = 107, LINKTYPE_RADIOTAP = 127 };

enum {
	PKTTYPE,
	HATYPE,
	HALEN,
	SRC_ETH,
	SRC_IPV4,
	SRC_OTHER,
	UNUSED,
	ETYPE,
	LTYPE,
	GRETYPE,
	IFINDEX,
};
static const struct proto_field fields[] = {
	[PKTTYPE] = { "sll.pkttype", FIELD_U16,
		"0 to us, 1 broadcast, 2 multicast, 3 to another, 4 from us", NULL, "0.1", CORE,
		PLAIN },
	[HATYPE] = { "sll.hatype", FIELD_U16, "Hardware type of the interface", NULL, "0.1", DETAIL,
		PLAIN },
	[HALEN] = { "sll.halen", FIELD_U16, "Length of the source address", NULL, "0.1", DETAIL,
		PLAIN },
	[SRC_ETH] = { "sll.src.eth", FIELD_MAC, "Source address", "source.mac", "0.1", CORE, MAC },
	[SRC_IPV4] = { "sll.src.ipv4", FIELD_IPV4, "Source address, of four bytes", NULL, "0.1",
		DETAIL, ADDRESS },
	[SRC_OTHER] = { "sll.src.other", FIELD_BYTES, "Source address of another length", NULL,
		"0.1", DETAIL, MAC },
	[UNUSED] = { "sll.unused", FIELD_BYTES, "Bytes behind the source address", NULL, "0.1",
		DETAIL, PLAIN },
	[ETYPE] = { "sll.etype", FIELD_U16, "Ethertype", NULL, "0.1", CORE, PLAIN },
	[LTYPE] = { "sll.ltype", FIELD_U16, "Linux protocol that is no ethertype", NULL, "0.1",
		CORE, PLAIN },
	[GRETYPE] = { "sll.gretype", FIELD_U16, "Protocol of a GRE interface", NULL, "0.1", CORE,
		PLAIN },
	[IFINDEX] = { "sll.ifindex", FIELD_U32, "Number of the interface",
		"observer.ingress.interface.id", "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LINKTYPE, 113, NULL },
	{ BY_LINKTYPE, VERSION_2, NULL }, { 0 } };

struct header {
	uint16_t pkttype, hatype, halen, protocol;
	uint32_t ifindex;
	const uint8_t *address;
};

static struct header read_v1(struct bytes *b)
{
	struct header h = { .pkttype = bytes_be16(b) };

	h.hatype = bytes_be16(b);
	h.halen = bytes_be16(b);
	h.address = bytes_take(b, ADDRESS_MAX);
	h.protocol = bytes_be16(b);
	return h;
}

static struct header read_v2(struct bytes *b)
{
	struct header h = { .protocol = bytes_be16(b) };

	bytes_skip(b, 2);
	h.ifindex = bytes_be32(b);
	h.hatype = bytes_be16(b);
	h.pkttype = bytes_u8(b);
	h.halen = bytes_u8(b);
	h.address = bytes_take(b, ADDRESS_MAX);
	return h;
}

static void put_address(struct packet *pkt, const struct header *h)
{
	size_t n = h->halen < ADDRESS_MAX ? h->halen : ADDRESS_MAX;

	if (n == 6)
		put_addr(pkt, SRC_ETH, h->address);
	else if (n == 4)
		put_addr(pkt, SRC_IPV4, h->address);
	else
		put_bytes(pkt, SRC_OTHER, h->address, n);
	put_bytes(pkt, UNUSED, h->address + n, ADDRESS_MAX - n);
}

/* Which name the protocol field has depends on its value and on the hardware. */
static unsigned protocol_field(const struct header *h)
{
	if (h->protocol < TYPE_MIN)
		return LTYPE;
	return h->hatype == HARDWARE_GRE ? GRETYPE : ETYPE;
}

/* A payload of its own link type, where protocol and hardware say so; else 0. */
static uint32_t linktype_of(const struct header *h)
{
	if (h->hatype == HARDWARE_RADIOTAP)
		return LINKTYPE_RADIOTAP;
	if (h->hatype == HARDWARE_GRE && h->protocol == GRE_ETHERNET)
		return LINKTYPE_ETHERNET;
	if (h->protocol != PROTOCOL_ETHERNET)
		return 0;
	return h->hatype == HARDWARE_FRAD ? LINKTYPE_FRELAY : LINKTYPE_ETHERNET;
}

static bool decode_payload(struct packet *pkt, const struct header *h, struct bytes b)
{
	uint32_t linktype = linktype_of(h);

	if (linktype)
		return decode_by(pkt, BY_LINKTYPE, linktype, b);
	if (h->protocol == PROTOCOL_802_2)
		return decode_by(pkt, BY_LENGTH, 0, b);
	if (h->protocol == PROTOCOL_802_3)
		return decode_by(pkt, BY_ETHERTYPE, RAW_IPX, b);
	if (h->protocol == PROTOCOL_PPP)
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
	if (h->protocol < TYPE_MIN)
		return false;
	if (h->hatype != HARDWARE_GRE)
		pkt_protocol(pkt, "ethertype");
	return decode_by(pkt, BY_ETHERTYPE, h->protocol, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	bool version_2 = pkt->frame->linktype == VERSION_2;
	struct header h = version_2 ? read_v2(&b) : read_v1(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (h.hatype == HARDWARE_NETLINK) /* the header is a part of the message then */
		return decode_data(pkt, whole);
	put_u64(pkt, PKTTYPE, h.pkttype);
	put_u64(pkt, HATYPE, h.hatype);
	put_u64(pkt, HALEN, h.halen);
	put_address(pkt, &h);
	put_u64(pkt, protocol_field(&h), h.protocol);
	if (version_2)
		put_u64(pkt, IFINDEX, h.ifindex);
	if (!decode_payload(pkt, &h, b) && protocol_field(&h) != GRETYPE)
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_sll = {
	.name = "sll", .binds = binds, .fields = fields, .decode = decode
};
