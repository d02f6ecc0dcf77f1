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
	LINKTYPE_ETHERNET = 1,
	FCS = 4
};
enum { NLPID_INACTIVE = 0, NLPID_Q933 = 8, NLPID_LMI, NLPID_SNAP = 0x80, NLPID_CLNP };
enum { NLPID_ISIS = 0x83, NLPID_IP6 = 0x8e, NLPID_IP = 0xcc, NLPID_PPP = 0xcf };
enum { XID = 0xaf, CDP = 0x2000 };
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
static bool put_address(struct packet *pkt, struct bytes *b, uint32_t *number)
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
	*number = circuit;
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

/* A frame that has its checksum. */
static bool decode_frame(struct packet *pkt, struct bytes b)
{
	size_t n = bytes_claimed(&b);

	return decode_by(
		pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, bytes_upto(&b, n > FCS ? n - FCS : n));
}

static bool decode_osi(struct packet *pkt, uint8_t nlpid, struct bytes b)
{
	if (nlpid == NLPID_Q933 || nlpid == NLPID_LMI) {
		pkt_protocol(pkt, nlpid == NLPID_LMI ? "lmi" : "q933");
		return true;
	}
	if (nlpid == NLPID_INACTIVE || (nlpid >= NLPID_CLNP && nlpid <= NLPID_ISIS))
		return decode_by(pkt, BY_OSI, 0, b);
	return false;
}

static bool decode_payload(struct packet *pkt, uint8_t nlpid, struct bytes b)
{
	switch (nlpid) {
	case NLPID_IP:
		return decode_by(pkt, BY_ETHERTYPE, 0x0800, b);
	case NLPID_IP6:
		return decode_by(pkt, BY_ETHERTYPE, 0x86dd, b);
	case NLPID_PPP:
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
	case NLPID_SNAP:
		return decode_snap(pkt, b);
	default:
		return false;
	}
}

/* frame: what is a frame of Ethernet when no protocol that is known follows; NULL: it is data. */
static enum decode_result decode_nlpid(
	struct packet *pkt, struct bytes b, const struct bytes *frame)
{
	if (bytes_peek(&b, 0) == 0) /* padding */
		bytes_skip(&b, 1);
	struct bytes whole = b;
	uint8_t nlpid = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (decode_osi(pkt, nlpid, whole) || decode_payload(pkt, nlpid, b))
		return DECODE_OK;
	if (nlpid == NLPID_SNAP || !frame)
		return decode_data(pkt, b);
	return decode_frame(pkt, *frame) ? DECODE_OK : decode_data(pkt, b);
}

/* Cisco's form, a control field of one or two bytes, or no control field at all. */
static enum decode_result decode_other(struct packet *pkt, uint8_t control, struct bytes b)
{
	struct bytes rest = b;
	uint16_t type = bytes_be16(&b);

	if (!bytes_ok(&b))
		return decode_data(pkt, rest);
	if (type >= TYPE_MIN && decode_by(pkt, BY_ETHERTYPE, type, b))
		return DECODE_OK;
	if (type == CDP && decode_by(pkt, BY_CISCO_PID, CDP, b))
		return DECODE_OK;
	if ((control & UNNUMBERED) != UNNUMBERED)
		return decode_nlpid(pkt, b, &rest);
	bytes_skip(&rest, 1);
	return decode_nlpid(pkt, rest, NULL);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint32_t circuit = 0;

	if (!put_address(pkt, &b, &circuit))
		return DECODE_TRUNCATED;
	int control = bytes_peek(&b, 0);
	if (control == UNNUMBERED) {
		bytes_skip(&b, 1);
		return decode_nlpid(pkt, b, NULL);
	}
	if (control < 0 || circuit == 0 || control == XID)
		return decode_data(pkt, b);
	return decode_other(pkt, (uint8_t)control, b);
}

const struct proto proto_fr = { .name = "fr", .binds = binds, .fields = fields, .decode = decode };
