/* proto_radius.c -- Remote Authentication Dial-In User Service: who may enter, and how much was used.
 * RFC 2865, 3:  0 code | 1 id | 2-3 length, of all | 4-19 authenticator | attributes: type u8,
 *               length u8, with these two, value
 * 5.26:         26: vendor u32, then pairs as above; some vendors have other widths */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"
#include "radius.h"

enum { HEAD = 20, ATTRIBUTES_MAX = 16384, USER_NAME = 1, VENDOR_SPECIFIC = 26, EAP_MESSAGE = 79 };
enum { EAPOL_EAP = 0 };
enum {
	ACCESS_ACCEPT = 2,
	ACCESS_REJECT = 3,
	DISCONNECT_ACK = 41,
	DISCONNECT_NAK,
	COA_ACK = 44,
	COA_NAK
};
enum { USR = 429 };

enum {
	CODE,
	ID,
	LENGTH,
	AUTHENTICATOR,
	AVP_TYPE,
	AVP_LENGTH,
	AVP_VENDOR_ID,
	AVP_VENDOR_TYPE,
	F_USER_NAME,
	NAS_IP_ADDRESS,
	NAS_PORT,
	SERVICE_TYPE,
	FRAMED_IP_ADDRESS,
	REPLY_MESSAGE,
	STATE,
	CLASS,
	CALLED_STATION_ID,
	CALLING_STATION_ID,
	NAS_IDENTIFIER,
	ACCT_STATUS_TYPE,
	ACCT_INPUT_OCTETS,
	ACCT_OUTPUT_OCTETS,
	ACCT_SESSION_ID,
	ACCT_SESSION_TIME,
	NAS_PORT_TYPE,
	NAS_PORT_ID,
	NAS_IPV6_ADDRESS,
};
static const struct proto_field fields[] = {
	[CODE] = { "radius.code", FIELD_U8,
		"1 request, 2 accept, 3 reject, 4 and 5 accounting, 11 challenge, 40 to 45 changes",
		NULL, "0.1", CORE, PLAIN },
	[ID] = { "radius.id", FIELD_U8, "Names a request and its answer", NULL, "0.1", DETAIL,
		PLAIN },
	[LENGTH] = { "radius.length", FIELD_U16, "Length of the message", NULL, "0.1", DETAIL,
		PLAIN },
	[AUTHENTICATOR] = { "radius.authenticator", FIELD_BYTES,
		"Random bytes of a request, or a sum over an answer", NULL, "0.1", DETAIL, PLAIN },
	[AVP_TYPE] = { "radius.avp.type", FIELD_U8, "Type of an attribute", NULL, "0.1", DETAIL,
		PLAIN },
	[AVP_LENGTH] = { "radius.avp.length", FIELD_U8, "Length of an attribute, with its head",
		NULL, "0.1", DETAIL, PLAIN },
	[AVP_VENDOR_ID] = { "radius.avp.vendor_id", FIELD_U32, "Vendor of an attribute", NULL,
		"0.1", DETAIL, PLAIN },
	[AVP_VENDOR_TYPE] = { "radius.avp.vendor_type", FIELD_U32, "Type that the vendor gave it",
		NULL, "0.1", DETAIL, PLAIN },
	[F_USER_NAME] = { "radius.User_Name", FIELD_STR, "User", "user.name", "0.1", CORE, USER },
	[NAS_IP_ADDRESS] = { "radius.NAS_IP_Address", FIELD_IPV4, "Address of who asks", NULL,
		"0.1", CORE, ADDRESS },
	[NAS_PORT] = { "radius.NAS_Port", FIELD_U32, "Port that the user is at", NULL, "0.1",
		DETAIL, PLAIN },
	[SERVICE_TYPE] = { "radius.Service_Type", FIELD_U32, "Service that is asked for", NULL,
		"0.1", DETAIL, PLAIN },
	[FRAMED_IP_ADDRESS] = { "radius.Framed-IP-Address", FIELD_IPV4,
		"Address that the user is given", NULL, "0.1", CORE, ADDRESS },
	[REPLY_MESSAGE] = { "radius.Reply_Message", FIELD_STR, "Text for the user", NULL, "0.1",
		CORE, CONTENT },
	[STATE] = { "radius.State", FIELD_BYTES, "Goes from a challenge to the next request", NULL,
		"0.1", DETAIL, PLAIN },
	[CLASS] = { "radius.Class", FIELD_BYTES, "Goes from an accept to the accounting", NULL,
		"0.1", DETAIL, PLAIN },
	[CALLED_STATION_ID] = { "radius.Called_Station_Id", FIELD_STR,
		"What was called: a number, or address and name of an access point", NULL, "0.1",
		CORE, MAC },
	[CALLING_STATION_ID] = { "radius.Calling_Station_Id", FIELD_STR,
		"Who calls: a number or a hardware address", NULL, "0.1", CORE, MAC },
	[NAS_IDENTIFIER] = { "radius.NAS_Identifier", FIELD_STR, "Name of who asks", NULL, "0.1",
		CORE, NAME },
	[ACCT_STATUS_TYPE] = { "radius.Acct_Status_Type", FIELD_U32,
		"1 start, 2 stop, 3 in between, 7 on, 8 off", NULL, "0.1", CORE, PLAIN },
	[ACCT_INPUT_OCTETS] = { "radius.Acct_Input_Octets", FIELD_U32, "Bytes from the user", NULL,
		"0.1", CORE, PLAIN },
	[ACCT_OUTPUT_OCTETS] = { "radius.Acct_Output_Octets", FIELD_U32, "Bytes to the user", NULL,
		"0.1", CORE, PLAIN },
	[ACCT_SESSION_ID] = { "radius.Acct_Session_Id", FIELD_STR, "Names the session", NULL, "0.1",
		CORE, PLAIN },
	[ACCT_SESSION_TIME] = { "radius.Acct_Session_Time", FIELD_U32, "Seconds that it lasts",
		NULL, "0.1", CORE, PLAIN },
	[NAS_PORT_TYPE] = { "radius.NAS_Port_Type", FIELD_U32,
		"Kind of the port: 15 cable, 19 WLAN", NULL, "0.1", DETAIL, PLAIN },
	[NAS_PORT_ID] = { "radius.NAS_Port_Id", FIELD_STR, "Name of the port", NULL, "0.1", DETAIL,
		NAME },
	[NAS_IPV6_ADDRESS] = { "radius.NAS_IPv6_Address", FIELD_IPV6, "Address of who asks", NULL,
		"0.1", CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 1645, NULL }, { BY_UDP_PORT, 1646, NULL },
	{ BY_UDP_PORT, 1700, NULL }, { BY_UDP_PORT, 1812, NULL }, { BY_UDP_PORT, 1813, NULL },
	{ BY_UDP_PORT, 3799, NULL }, { 0 } };

/* --- codes --- */

struct code {
	const char *action;
	bool request;
};

/* Those that tshark takes for RADIUS; of the rare ones only that they are answers. */
static const struct code codes[256] = {
	[1] = { "access-request", true },
	[2] = { "access-accept", false },
	[3] = { "access-reject", false },
	[4] = { "accounting-request", true },
	[5] = { "accounting-response", false },
	[6] = { "accounting-status", true },
	[7] = { "password-request", true },
	[8] = { "password-ack", false },
	[9] = { "password-reject", false },
	[10] = { "accounting-message", true },
	[11] = { "access-challenge", false },
	[12] = { "status-server", true },
	[13] = { "status-client", true },
	[21] = { "resource-free-request", true },
	[22] = { "resource-free-response", false },
	[23] = { "resource-query-request", true },
	[24] = { "resource-query-response", false },
	[25] = { "alternate-resource-reclaim-request", true },
	[26] = { "nas-reboot-request", true },
	[27] = { "nas-reboot-response", false },
	[29] = { "next-passcode", false },
	[30] = { "new-pin", false },
	[31] = { "terminate-session", false },
	[32] = { "password-expired", false },
	[33] = { "event-request", true },
	[34] = { "event-response", false },
	[40] = { "disconnect-request", true },
	[41] = { "disconnect-ack", false },
	[42] = { "disconnect-nak", false },
	[43] = { "coa-request", true },
	[44] = { "coa-ack", false },
	[45] = { "coa-nak", false },
	[50] = { "ip-address-allocate", true },
	[51] = { "ip-address-release", true },
	[129] = { "alu-state-request", true },
	[130] = { "alu-state-accept", false },
	[131] = { "alu-state-reject", false },
	[132] = { "alu-state-error", false },
};

static void tell_code(struct packet *pkt, uint8_t code)
{
	ecs_text(pkt, ECS_EVENT_ACTION, codes[code].action);
	pkt_client(pkt, codes[code].request);
	if (code == ACCESS_ACCEPT || code == DISCONNECT_ACK || code == COA_ACK)
		outcome_success(pkt);
}

/* --- attributes --- */

enum kind { NONE, NUMBER, TEXT, BYTES, IPV4, IPV6, HIDDEN };

/* HIDDEN: a password that whoever knows or guesses the shared secret can read; it has no row, since
 * tshark without that secret shows none. */
static const struct {
	uint8_t kind, field;
} attributes[256] = {
	[1] = { TEXT, F_USER_NAME },
	[2] = { HIDDEN, 0 },
	[3] = { HIDDEN, 0 },
	[4] = { IPV4, NAS_IP_ADDRESS },
	[5] = { NUMBER, NAS_PORT },
	[6] = { NUMBER, SERVICE_TYPE },
	[8] = { IPV4, FRAMED_IP_ADDRESS },
	[18] = { TEXT, REPLY_MESSAGE },
	[24] = { BYTES, STATE },
	[25] = { BYTES, CLASS },
	[30] = { TEXT, CALLED_STATION_ID },
	[31] = { TEXT, CALLING_STATION_ID },
	[32] = { TEXT, NAS_IDENTIFIER },
	[40] = { NUMBER, ACCT_STATUS_TYPE },
	[42] = { NUMBER, ACCT_INPUT_OCTETS },
	[43] = { NUMBER, ACCT_OUTPUT_OCTETS },
	[44] = { TEXT, ACCT_SESSION_ID },
	[46] = { NUMBER, ACCT_SESSION_TIME },
	[61] = { NUMBER, NAS_PORT_TYPE },
	[69] = { HIDDEN, 0 },
	[87] = { TEXT, NAS_PORT_ID },
	[95] = { IPV6, NAS_IPV6_ADDRESS },
};

static void put_number(struct packet *pkt, unsigned field, struct bytes b)
{
	uint64_t value = 0;

	if ((bytes_left(&b) > 4 && bytes_left(&b) != 8) || bytes_left(&b) == 0)
		return;
	while (bytes_left(&b))
		value = value << 8 | bytes_u8(&b);
	put_u64(pkt, field, value);
}

static void put_place(struct packet *pkt, unsigned field, enum field_type type, const uint8_t *p)
{
	put_addr(pkt, field, p);
	ecs_addr(pkt, ECS_RELATED_IP, type, p);
}

static void put_value_of(struct packet *pkt, uint8_t type, struct bytes b)
{
	unsigned field = attributes[type].field;
	size_t n = bytes_left(&b);

	switch ((enum kind)attributes[type].kind) {
	case NUMBER:
		put_number(pkt, field, b);
		break;
	case TEXT:
		put_str(pkt, field, b.p, n);
		break;
	case BYTES:
		put_bytes(pkt, field, b.p, n);
		break;
	case IPV4:
		if (n == 4)
			put_place(pkt, field, FIELD_IPV4, b.p);
		break;
	case IPV6:
		if (n == 16)
			put_place(pkt, field, FIELD_IPV6, b.p);
		break;
	case HIDDEN:
		pkt_secret(pkt, b.p, n);
		break;
	case NONE:
		break;
	}
	if (type == USER_NAME) {
		ecs_str(pkt, ECS_SOURCE_USER_NAME, b.p, n);
		ecs_str(pkt, ECS_RELATED_USER, b.p, n);
	}
}

/* How wide types are in the pairs of a vendor, and how many bytes follow them before the value. */
struct widths {
	uint32_t vendor;
	uint8_t type, length;
};
static const struct widths widths[] = { { 54, 2, 1 }, { 637, 2, 1 }, { 4846, 2, 1 },
	{ 16445, 2, 1 }, { 24757, 1, 1 } };

static const struct widths *widths_of(uint32_t vendor)
{
	static const struct widths usual = { 0, 1, 1 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (widths[i].vendor == vendor)
			return &widths[i];
	return &usual;
}

static bool put_vendor_pairs(struct packet *pkt, uint32_t vendor, struct bytes b)
{
	const struct widths *w = widths_of(vendor);

	for (unsigned i = 0; i < ATTRIBUTES_MAX && bytes_left(&b); i++) {
		uint32_t type = w->type == 1 ? bytes_u8(&b) : bytes_be16(&b);
		uint32_t length = w->length == 1 ? bytes_u8(&b) : bytes_be16(&b);
		uint32_t head = w->type + w->length;
		if (!bytes_ok(&b) || length < head || length - head > bytes_left(&b))
			return false;
		put_u64(pkt, AVP_VENDOR_TYPE, type);
		bytes_skip(&b, length - head);
	}
	return true;
}

static bool put_vendor(struct packet *pkt, struct bytes b)
{
	uint32_t vendor = get_be32(pkt, &b, AVP_VENDOR_ID);

	if (!bytes_ok(&b))
		return false;
	if (vendor != USR)
		return put_vendor_pairs(pkt, vendor, b);
	bytes_skip(&b, 2); /* a type of four bytes, of which Wireshark shows two, and no length */
	(void)get_be16(pkt, &b, AVP_VENDOR_TYPE);
	return bytes_ok(&b);
}

/* A message of EAP, in one attribute or in several that follow each other; b is behind the first. What a
 * client and a server of RADIUS tell each other speaks for the packet: who is refused, and why. */
static void put_eap(struct packet *pkt, struct bytes first, struct bytes b)
{
	char *whole = NULL;
	size_t n = bytes_left(&first);
	const uint8_t *last = first.end;
	struct bytes more;
	uint8_t type;

	for (struct bytes ahead = b; radius_next(&ahead, &type, &more) && type == EAP_MESSAGE;)
		n += bytes_left(&more);
	pkt_protocol(pkt, "eap");
	ecs_text(pkt, ECS_NETWORK_PROTOCOL, "radius");
	if (n > bytes_left(&first))
		whole = pkt_scratch(pkt, n);
	if (!whole) {
		(void)decode_by(pkt, BY_EAPOL, EAPOL_EAP, first);
		return;
	}
	memcpy(whole, first.p, bytes_left(&first));
	char *end = whole + bytes_left(&first);
	while (radius_next(&b, &type, &more) && type == EAP_MESSAGE) {
		memcpy(end, more.p, bytes_left(&more));
		end += bytes_left(&more);
		last = more.end;
	}
	unsigned secrets = pkt->nsecrets;
	(void)decode_by(pkt, BY_EAPOL, EAPOL_EAP, bytes_of((const uint8_t *)whole, n));
	if (pkt->nsecrets > secrets) /* in the packet they stand as well */
		pkt_secret(pkt, first.p, (size_t)(last - first.p));
}

static bool put_attributes(struct packet *pkt, struct bytes b)
{
	uint8_t before = 0;

	for (unsigned i = 0; i < ATTRIBUTES_MAX && bytes_left(&b); i++) {
		struct bytes value;
		uint8_t type;
		if (!radius_next(&b, &type, &value))
			return false;
		if (type == VENDOR_SPECIFIC && bytes_left(&value) < 4)
			return false;
		put_u64(pkt, AVP_TYPE, type);
		put_u64(pkt, AVP_LENGTH, bytes_left(&value) + 2);
		if (type == VENDOR_SPECIFIC && !put_vendor(pkt, value))
			return false;
		put_value_of(pkt, type, value);
		if (type == EAP_MESSAGE && before != EAP_MESSAGE && bytes_left(&value))
			put_eap(pkt, value, b);
		before = type;
	}
	return true;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes ahead = b;
	uint8_t first = bytes_u8(&ahead);

	bytes_skip(&ahead, 1);
	uint16_t all = bytes_be16(&ahead);
	if (!codes[first].action || all < HEAD || all > bytes_claimed(&b))
		return DECODE_REJECT;
	uint8_t code = get_u8(pkt, &b, CODE);
	(void)get_u8(pkt, &b, ID);
	uint16_t length = get_be16(pkt, &b, LENGTH);
	const uint8_t *authenticator = bytes_take(&b, 16);
	if (!authenticator)
		return DECODE_TRUNCATED;
	put_bytes(pkt, AUTHENTICATOR, authenticator, 16);
	tell_code(pkt, code);
	struct bytes list = bytes_upto(&b, length - HEAD);
	if (code == ACCESS_REJECT || code == DISCONNECT_NAK || code == COA_NAK)
		radius_refusal(pkt, code, codes[code].action, list);
	return put_attributes(pkt, list) && !list.cut ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_radius = { .name = "radius",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.application = "radius" };
