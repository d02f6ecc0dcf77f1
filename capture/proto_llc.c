/* proto_llc.c -- Logical Link Control, and SNAP behind it.
 * IEEE 802.2:  0 destination access point | 1 source access point | 2 control, two bytes (the first
 *   one low) unless both its lowest bits are set | payload
 * SNAP, when both access points are AA:  0-2 organisation | 3-4 its own type of payload
 * Raw IPX begins with FF FF and has no such header. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { SNAP = 0xaa, UNNUMBERED = 3, UI = 0x03, XID = 0xaf, POLL = 0x10, XID_FORMAT = 0x81 };
enum { LINKTYPE_ATM_RFC1483 = 100, DLT_ATM_RFC1483 = 11 };
enum { JUMBO = 0x8870 }; /* the type of a frame too long for a length */
enum { OUI_ETHERTYPE = 0x000000, OUI_CISCO_90 = 0x0000f8, OUI_CISCO = 0x00000c };
enum { OUI_BRIDGED = 0x0080c2, BRIDGED_SUMMED = 1, BRIDGED = 7, BRIDGED_TREE = 14, TREE = 0x42 };
enum { LINKTYPE_ETHERNET = 1, BRIDGED_PAD = 2 };

enum { DSAP, SSAP, CONTROL, OUI, TYPE, PID };
static const struct proto_field fields[] = {
	[DSAP] = { "llc.dsap", FIELD_U8, "Destination access point", NULL, "0.1", CORE, PLAIN },
	[SSAP] = { "llc.ssap", FIELD_U8, "Source access point", NULL, "0.1", CORE, PLAIN },
	[CONTROL] = { "llc.control", FIELD_U16, "Control field; 3 is unnumbered information", NULL,
		"0.1", DETAIL, PLAIN },
	[OUI] = { "llc.oui", FIELD_U24, "Organisation that gives the type (SNAP)", NULL, "0.1",
		CORE, PLAIN },
	[TYPE] = { "llc.type", FIELD_U16, "Ethertype (SNAP)", NULL, "0.1", CORE, PLAIN },
	[PID] = { "llc.pid", FIELD_U16, "Type of an organisation without a list (SNAP)", NULL,
		"0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LENGTH, 0, NULL }, { BY_ETHERTYPE, JUMBO, NULL },
	{ BY_LINKTYPE, LINKTYPE_ATM_RFC1483, NULL }, { BY_LINKTYPE, DLT_ATM_RFC1483, NULL },
	{ 0 } };

/* Organisations whose types have names of their own in Wireshark, which the tables do not have. */
static bool has_own_name(uint32_t oui)
{
	static const uint32_t listed[] = {
		0x00000c, /* Cisco */
		0x000081, /* Nortel */
		0x0001e8, /* Force10 */
		0x0017f2, /* Apple */
		0x001958, /* Bluetooth */
		0x00005e, /* IANA */
		0x004096, /* Aironet */
		0x00e02b, /* Extreme */
		0x00e052, /* Foundry */
		0x080007, /* Apple */
	};

	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		if (listed[i] == oui)
			return true;
	return false;
}

/* Protocols of other organisations that are known by their name alone. */
static const char *name_of(uint32_t oui, uint16_t pid)
{
	static const struct {
		uint32_t oui;
		uint16_t pid;
		const char *name;
	} known[] = {
		{ 0x000081, 0x01a1, "ndp" },
		{ 0x000081, 0x01a2, "ndp" },
		{ 0x00005e, 0x0003, "nhrp" },
		{ 0x004096, 0x0000, "wlccp" },
		{ 0x00e02b, 0x00bb, "edp" },
		{ 0x00e052, 0x2000, "fdp" },
		{ 0x080007, 0x809b, "ddp" },
		{ 0x080009, 0x0002, "hpteam" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].oui == oui && known[i].pid == pid)
			return known[i].name;
	return NULL;
}

/* RFC 2684, 5.2: frames with and without their checksum behind two bytes of padding, and spanning
 * trees. */
static bool decode_bridged(struct packet *pkt, uint16_t type, struct bytes b)
{
	if (type == BRIDGED_TREE)
		return decode_by(pkt, BY_LLC_SAP, TREE, b);
	bytes_skip(&b, BRIDGED_PAD);
	return (type == BRIDGED_SUMMED || type == BRIDGED) && bytes_ok(&b) &&
	       decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
}

static enum decode_result decode_snap(struct packet *pkt, struct bytes b, bool information)
{
	uint32_t oui = get_be24(pkt, &b, OUI);
	bool ethertype = oui == OUI_ETHERTYPE || oui == OUI_CISCO_90;
	uint16_t type = bytes_be16(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (ethertype && information)
		put_u64(pkt, TYPE, type);
	else if (ethertype)
		return decode_data(pkt, b);
	else if (!has_own_name(oui))
		put_u64(pkt, PID, type);
	if (ethertype && information && decode_by(pkt, BY_ETHERTYPE, type, b))
		return DECODE_OK;
	if (oui == OUI_CISCO && information && decode_by(pkt, BY_CISCO_PID, type, b))
		return DECODE_OK;
	if (oui == OUI_BRIDGED && information && decode_bridged(pkt, type, b))
		return DECODE_OK;
	const char *name = information ? name_of(oui, type) : NULL;
	if (!name)
		return decode_data(pkt, b);
	pkt_protocol(pkt, name);
	return DECODE_OK;
}

static uint16_t read_control(struct bytes *b)
{
	int low = bytes_peek(b, 0);

	return low >= 0 && (low & UNNUMBERED) == UNNUMBERED ? bytes_u8(b) : bytes_le16(b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const uint8_t raw_ipx[] = { 0xff, 0xff };

	if (bytes_starts(&b, raw_ipx, sizeof(raw_ipx)))
		return DECODE_REJECT;
	uint8_t dsap = get_u8(pkt, &b, DSAP), ssap = get_u8(pkt, &b, SSAP);
	uint16_t control = read_control(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, CONTROL, control);
	bool information = !(control & 1) || control == UI;
	if (dsap == SNAP && ssap == SNAP)
		return decode_snap(pkt, b, information);
	if (information && decode_by(pkt, BY_LLC_SAP, dsap, b))
		return DECODE_OK;
	if ((control & ~POLL) == XID && bytes_peek(&b, 0) == XID_FORMAT)
		return DECODE_OK; /* which classes and windows it can do */
	return decode_data(pkt, b);
}

const struct proto proto_llc = {
	.name = "llc", .binds = binds, .fields = fields, .decode = decode
};
