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
	LENGTH_MAX = 1500,
	TYPE_AT = 12,
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
static bool decode_snap(struct packet *pkt, bool information, struct bytes b)
{
	struct bytes whole = b;
	uint32_t oui = bytes_be24(&b);
	uint16_t type = bytes_be16(&b);

	if (!bytes_ok(&b))
		return decode_data(pkt, whole) == DECODE_OK;
	if (oui == OUI_ETHERTYPE && information && decode_by(pkt, BY_ETHERTYPE, type, b))
		return true;
	if (oui == OUI_BRIDGED && (type == BRIDGED || type == BRIDGED_FCS))
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
	return decode_data(pkt, b) == DECODE_OK;
}

/* A frame that has its checksum: told by a length, or by a type that is known. */
static bool decode_frame(struct packet *pkt, struct bytes b)
{
	struct bytes look = b;
	size_t n = bytes_claimed(&b);

	bytes_skip(&look, TYPE_AT);
	uint16_t type = bytes_be16(&look);
	if (!bytes_ok(&look) || (type > LENGTH_MAX && !decode_knows(pkt, BY_ETHERTYPE, type)))
		return false;
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

static bool decode_payload(struct packet *pkt, uint8_t nlpid, bool information, struct bytes b)
{
	switch (nlpid) {
	case NLPID_IP:
		return decode_by(pkt, BY_ETHERTYPE, 0x0800, b);
	case NLPID_IP6:
		return decode_by(pkt, BY_ETHERTYPE, 0x86dd, b);
	case NLPID_PPP:
		return decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
	case NLPID_SNAP:
		return decode_snap(pkt, information, b);
	default:
		return false;
	}
}

/* control: of which only information goes on with an ethertype. */
static enum decode_result decode_nlpid(struct packet *pkt, int control, struct bytes b)
{
	if (bytes_peek(&b, 0) == 0) /* padding */
		bytes_skip(&b, 1);
	struct bytes whole = b;
	uint8_t nlpid = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	bool information = control == UNNUMBERED || !(control & 1);
	if (decode_osi(pkt, nlpid, whole) || decode_payload(pkt, nlpid, information, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

static bool knows_nlpid(int nlpid)
{
	static const uint8_t known[] = { NLPID_INACTIVE, NLPID_Q933, NLPID_LMI, NLPID_SNAP,
		NLPID_CLNP, NLPID_CLNP + 1, NLPID_ISIS, NLPID_IP6, NLPID_IP, NLPID_PPP };

	for (size_t i = 0; i < sizeof(known); i++)
		if (known[i] == nlpid)
			return true;
	return false;
}

static size_t control_size(int control)
{
	return (control & UNNUMBERED) == UNNUMBERED ? 1 : 2;
}

/* Does a protocol that is known follow a control field, before which there may be padding? */
static bool looks_framed(struct bytes b)
{
	if (bytes_peek(&b, 0) == 0)
		bytes_skip(&b, 1);
	bytes_skip(&b, control_size(bytes_peek(&b, 0)));
	return bytes_ok(&b) && knows_nlpid(bytes_peek(&b, 0));
}

/* Cisco's form, a control field of one or two bytes, or no control field at all. */
static enum decode_result decode_other(struct packet *pkt, int control, struct bytes b)
{
	struct bytes rest = b;
	uint16_t type = bytes_be16(&b);

	if (!bytes_ok(&b))
		return decode_data(pkt, rest);
	if (type >= TYPE_MIN && decode_by(pkt, BY_ETHERTYPE, type, b))
		return DECODE_OK;
	if (type == CDP && decode_by(pkt, BY_CISCO_PID, CDP, b))
		return DECODE_OK;
	if (!looks_framed(rest))
		return decode_frame(pkt, rest) ? DECODE_OK : decode_data(pkt, rest);
	bytes_skip(&rest, control_size(control));
	return decode_nlpid(pkt, control, rest);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint32_t circuit = 0;

	if (!put_address(pkt, &b, &circuit))
		return DECODE_TRUNCATED;
	int control = bytes_peek(&b, 0);
	if (control == UNNUMBERED) {
		bytes_skip(&b, 1);
		return decode_nlpid(pkt, control, b);
	}
	if (control < 0 || circuit == 0 || control == XID)
		return decode_data(pkt, b);
	return decode_other(pkt, control, b);
}

const struct proto proto_fr = { .name = "fr", .binds = binds, .fields = fields, .decode = decode };
