/* proto_l2tp.c -- Layer Two Tunneling Protocol, versions 2 and 3.
 * RFC 2661:  0-1 flags: control 0x8000, length 0x4000, numbers 0x0800, offset 0x0200; version (the
 *            four lowest bits) | length (2) | tunnel (2) | session (2) | numbers Ns, Nr (2 + 2) |
 *            size of the offset (2), offset | a PPP packet, or pairs of a control message
 * RFC 3931:  control: flags | length | connection (4) | Ns, Nr; data over UDP: flags | 2 reserved |
 *            session (4); over IP: session (4), and 0 there before a control message
 *   pair:    0-1 mandatory, hidden (the two highest bits), length (the ten lowest) | 2-3 vendor |
 *            4-5 type | value
 * What a session of version 3 carries was agreed on before, so it is data here. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { CONTROL = 0x8000, HAS_LENGTH = 0x4000, HAS_NUMBERS = 0x0800, HAS_OFFSET = 0x0200 };
enum { VERSION_MASK = 15, HIDDEN = 0x4000, PAIR_LENGTH = 0x3ff, PAIR_HEADER = 6, PAIRS_MAX = 256 };
enum {
	MESSAGE_TYPE_PAIR = 0,
	HOST_NAME_PAIR = 7,
	FIRST_LCP_PAIR = 26,
	LAST_LCP_PAIR = 28,
	LINKTYPE_PPP = 9,
	FIXED = 2
};

enum {
	TYPE,
	VERSION,
	LENGTH,
	TUNNEL,
	SESSION,
	NS,
	NR,
	AVP_TYPE,
	MESSAGE_TYPE,
	HOST_NAME,
	CCID,
	SID
};
static const struct proto_field fields[] = {
	[TYPE] = { "l2tp.type", FIELD_U16, "1: control message", NULL, "0.1", CORE, PLAIN },
	[VERSION] = { "l2tp.version", FIELD_U16, "Version", NULL, "0.1", DETAIL, PLAIN },
	[LENGTH] = { "l2tp.length", FIELD_U16, "Length of the message", NULL, "0.1", DETAIL,
		PLAIN },
	[TUNNEL] = { "l2tp.tunnel", FIELD_U16, "Tunnel (version 2)", NULL, "0.1", CORE, PLAIN },
	[SESSION] = { "l2tp.session", FIELD_U16, "Session (version 2)", NULL, "0.1", CORE, PLAIN },
	[NS] = { "l2tp.Ns", FIELD_U16, "Number of this message", NULL, "0.1", DETAIL, PLAIN },
	[NR] = { "l2tp.Nr", FIELD_U16, "Number of the message expected next", NULL, "0.1", DETAIL,
		PLAIN },
	[AVP_TYPE] = { "l2tp.avp.type", FIELD_U16, "Type of an attribute", NULL, "0.1", DETAIL,
		PLAIN },
	[MESSAGE_TYPE] = { "l2tp.avp.message_type", FIELD_U16, "Type of the control message", NULL,
		"0.1", CORE, PLAIN },
	[HOST_NAME] = { "l2tp.avp.host_name", FIELD_ASCII, "Name of the sender", NULL, "0.1", CORE,
		NAME },
	[CCID] = { "l2tp.ccid", FIELD_U32, "Control connection (version 3)", NULL, "0.1", CORE,
		PLAIN },
	[SID] = { "l2tp.sid", FIELD_U32, "Session (version 3)", NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 1701, NULL }, { BY_IP_PROTO, 115, NULL },
	{ 0 } };

/* RFC 2661, 3.2; RFC 3931, 3.1. */
static const char *const actions[] = { NULL, "sccrq", "sccrp", "scccn", "stopccn", NULL, "hello",
	"ocrq", "ocrp", "occn", "icrq", "icrp", "iccn", NULL, "cdn", "wen", "sli" };

static void put_pair(struct packet *pkt, uint16_t type, struct bytes value)
{
	put_u64(pkt, AVP_TYPE, type);
	if (type == MESSAGE_TYPE_PAIR)
		ecs_text(pkt, ECS_EVENT_ACTION,
			NAME_OF(actions, get_be16(pkt, &value, MESSAGE_TYPE)));
	else if (type == HOST_NAME_PAIR)
		put_str(pkt, HOST_NAME, value.p, bytes_left(&value));
	else if (type >= FIRST_LCP_PAIR && type <= LAST_LCP_PAIR && bytes_left(&value))
		pkt_protocol(pkt, "ppp"); /* what was agreed on before the tunnel was there */
}

/* Vendors whose types have names of their own in Wireshark, which the tables do not have. */
static bool has_own_names(uint16_t vendor)
{
	enum { CISCO = 9, ERICSSON = 193, BROADBAND_FORUM = 3561, CABLELABS = 4491 };

	return vendor == 0 || vendor == CISCO || vendor == ERICSSON || vendor == BROADBAND_FORUM ||
	       vendor == CABLELABS;
}

/* Of a vendor's pairs there is no more than the type, of hidden ones nothing. */
static enum decode_result decode_pairs(struct packet *pkt, struct bytes b)
{
	pkt_application(pkt, "l2tp");
	for (unsigned i = 0; i < PAIRS_MAX && bytes_claimed(&b); i++) {
		uint16_t head = bytes_be16(&b);
		uint16_t vendor = bytes_be16(&b);
		uint16_t type = bytes_be16(&b);
		size_t length = head & PAIR_LENGTH;
		if (bytes_ok(&b) && length < PAIR_HEADER) {
			pkt_anomaly(pkt, "attribute length is wrong");
			return DECODE_OK;
		}
		struct bytes value = bytes_sub(&b, length - PAIR_HEADER);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		if (vendor == 0 && !(head & HIDDEN))
			put_pair(pkt, type, value);
		else if (!has_own_names(vendor) && !(head & HIDDEN))
			put_u64(pkt, AVP_TYPE, type);
	}
	return DECODE_OK;
}

/* The part of b that a length counts from the flags on, of which `read` bytes have been read. */
static struct bytes within(struct packet *pkt, struct bytes b, uint16_t length, size_t read)
{
	if (length < read || length - read > bytes_claimed(&b)) {
		pkt_anomaly(pkt, "length is wrong");
		return b;
	}
	return bytes_upto(&b, length - read);
}

static void read_numbers(struct packet *pkt, struct bytes *b)
{
	(void)get_be16(pkt, b, NS);
	(void)get_be16(pkt, b, NR);
}

/* A PPP packet, behind an offset that may point past it. */
static enum decode_result decode_ppp(struct packet *pkt, struct bytes b, uint16_t flags)
{
	if (flags & HAS_OFFSET)
		bytes_skip(&b, bytes_be16(&b));
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (bytes_claimed(&b))
		(void)decode_by(pkt, BY_LINKTYPE, LINKTYPE_PPP, b);
	return DECODE_OK;
}

static enum decode_result decode_v2(struct packet *pkt, struct bytes b, uint16_t flags)
{
	const uint8_t *start = b.p;
	uint16_t length = 0;

	if (flags & HAS_LENGTH)
		length = get_be16(pkt, &b, LENGTH);
	(void)get_be16(pkt, &b, TUNNEL);
	uint16_t session = get_be16(pkt, &b, SESSION);
	if (flags & HAS_NUMBERS)
		read_numbers(pkt, &b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (flags & HAS_LENGTH)
		b = within(pkt, b, length, FIXED + (size_t)(b.p - start));
	if (flags & CONTROL)
		return decode_pairs(pkt, b);
	pkt_tunnel(pkt, "l2tp", session);
	return decode_ppp(pkt, b, flags);
}

static enum decode_result decode_session(struct packet *pkt, struct bytes b, uint32_t session)
{
	pkt_tunnel(pkt, "l2tp", session);
	return decode_data(pkt, b);
}

/* Length and numbers must be there; where a message denies the length, its pairs are not looked for. */
static enum decode_result decode_control_3(struct packet *pkt, struct bytes b, uint16_t flags)
{
	const uint8_t *start = b.p;
	uint16_t length = 0;

	if (flags & HAS_LENGTH)
		length = get_be16(pkt, &b, LENGTH);
	(void)get_be32(pkt, &b, CCID);
	if (flags & HAS_NUMBERS)
		read_numbers(pkt, &b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (!(flags & HAS_LENGTH))
		return DECODE_OK;
	return decode_pairs(pkt, within(pkt, b, length, FIXED + (size_t)(b.p - start)));
}

static enum decode_result decode_v3(struct packet *pkt, struct bytes b, uint16_t flags)
{
	if (flags & CONTROL)
		return decode_control_3(pkt, b, flags);
	bytes_skip(&b, 2);
	uint32_t session = get_be32(pkt, &b, SID);
	return bytes_ok(&b) ? decode_session(pkt, b, session) : DECODE_TRUNCATED;
}

static enum decode_result decode_message(struct packet *pkt, struct bytes b)
{
	uint16_t flags = bytes_be16(&b);
	uint16_t version = flags & VERSION_MASK;

	if (!bytes_ok(&b) || (version != 2 && version != 3))
		return DECODE_REJECT;
	put_u64(pkt, TYPE, flags >> 15);
	put_u64(pkt, VERSION, version);
	return version == 2 ? decode_v2(pkt, b, flags) : decode_v3(pkt, b, flags);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->table != BY_IP_PROTO)
		return decode_message(pkt, b);
	uint32_t session = get_be32(pkt, &b, SID);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (session)
		return decode_session(pkt, b, session);
	uint16_t flags = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, TYPE, flags >> 15);
	put_u64(pkt, VERSION, flags & VERSION_MASK);
	return decode_control_3(pkt, b, flags); /* whatever version it claims */
}

const struct proto proto_l2tp = {
	.name = "l2tp", .binds = binds, .fields = fields, .decode = decode
};
