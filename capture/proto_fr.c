/* proto_fr.c -- Frame Relay.
 * Q.922, 3.3: an address of two to four bytes, of which the last one has bit 0 set:
 *   0 circuit (6 bits), command | 1 circuit (4), congestion ahead, behind, may be discarded |
 *   in between circuit (7) | last of three or four: circuit (6), unless bit 1 says control
 * RFC 2427:  control 3 | a zero byte, or none | protocol (NLPID); Cisco's form has an ethertype in
 *   place of all of these */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum {
	ADDRESS_MAX = 256,
	LAST = 1,
	CONTROL = 2,
	UNNUMBERED = 3,
	TYPE_MIN = 1536,
	LINKTYPE_ETHERNET = 1
};
enum { NLPID_SNAP = 0x80, NLPID_IP6 = 0x8e, NLPID_IP = 0xcc, NLPID_PPP = 0xcf };
enum { OUI_ETHERTYPE = 0, OUI_BRIDGED = 0x0080c2, BRIDGED_FCS = 1, BRIDGED = 7, LINKTYPE_PPP = 9 };

enum { DLCI, FECN, BECN, DE };
static const struct proto_field fields[] = {
	[DLCI] = { "fr.dlci", FIELD_U32, "Circuit", NULL, "0.1", CORE, PLAIN },
	[FECN] = { "fr.fecn", FIELD_BOOL, "Congestion on the way", NULL, "0.1", DETAIL, PLAIN },
	[BECN] = { "fr.becn", FIELD_BOOL, "Congestion on the way back", NULL, "0.1", DETAIL,
		PLAIN },
	[DE] = { "fr.de", FIELD_BOOL, "May be discarded first", NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LINKTYPE, 107, NULL }, { 0 } };

/* Of an address that is too long, which no one may send, the last byte counts as that of four. */
static bool put_address(struct packet *pkt, struct bytes *b)
{
	uint8_t first = bytes_u8(b), second = 0, last = first;
	uint32_t circuit = 0;

	if (!(first & LAST)) {
		last = second = bytes_u8(b);
		circuit = (first & 0xfcu) << 2 | second >> 4;
	}
	for (unsigned i = 2; !(last & LAST) && i < ADDRESS_MAX && bytes_ok(b); i++) {
		last = bytes_u8(b);
		if (i == 2 && !(last & LAST))
			circuit = circuit << 7 | last >> 1;
		else if ((last & LAST) && !(last & CONTROL))
			circuit = circuit << 6 | last >> 2;
	}
	if (!bytes_ok(b) || !(last & LAST))
		return false;
	put_u64(pkt, DLCI, circuit);
	if (!(first & LAST))
		put_bits(pkt, FECN, second, 3, 3);
	return true;
}

/* 0-2 organisation | 3-4 its type */
static bool decode_snap(struct packet *pkt, struct bytes b)
{
	uint32_t oui = bytes_be24(&b);
	uint16_t type = bytes_be16(&b);

	if (!bytes_ok(&b))
		return false;
	if (oui == OUI_ETHERTYPE)
		return decode_by(pkt, BY_ETHERTYPE, type, b);
	if (oui == OUI_BRIDGED && (type == BRIDGED || type == BRIDGED_FCS))
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
	return false;
}

static enum decode_result decode_nlpid(struct packet *pkt, struct bytes b)
{
	if (bytes_peek(&b, 0) == 0) /* padding */
		bytes_skip(&b, 1);
	uint8_t nlpid = bytes_u8(&b);
	bool known = false;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (nlpid == NLPID_IP)
		known = decode_by(pkt, BY_ETHERTYPE, 0x0800, b);
	else if (nlpid == NLPID_IP6)
		known = decode_by(pkt, BY_ETHERTYPE, 0x86dd, b);
	else if (nlpid == NLPID_PPP)
		known = decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
	else if (nlpid == NLPID_SNAP)
		known = decode_snap(pkt, b);
	return known ? DECODE_OK : decode_data(pkt, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!put_address(pkt, &b))
		return DECODE_TRUNCATED;
	struct bytes rest = b;
	int control = bytes_peek(&b, 0);
	if (control == UNNUMBERED) {
		bytes_skip(&b, 1);
		return decode_nlpid(pkt, b);
	}
	uint16_t type = bytes_be16(&b);
	if (bytes_ok(&b) && type >= TYPE_MIN && decode_by(pkt, BY_ETHERTYPE, type, b))
		return DECODE_OK;
	return decode_data(pkt, rest);
}

const struct proto proto_fr = { .name = "fr", .binds = binds, .fields = fields, .decode = decode };
