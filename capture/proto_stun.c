/* proto_stun.c -- Session Traversal Utilities for NAT, and its relays (TURN).
 * RFC 8489, 5:   0-1 type: 00, method and class mixed | 2-3 length of attributes | 4-7 magic cookie |
 *                8-19 transaction | attributes: type u16 | length u16 | value, padded to 4 bytes
 *   address, 14.1: 0 | family: 1 IPv4, 2 IPv6 | port | address; where XOR is in its name, port and
 *                address are mixed with cookie and transaction (14.2)
 * RFC 8656, 12.4, data by channel:  0-1 number, from 0x4000 | 2-3 length | data
 *
 * A message of before 2008 has no cookie; tshark knows it as another protocol, and so it is none
 * here. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "outcome.h"

enum { COOKIE = 0x2112a442, HEAD = 20, ATTRIBUTES_MAX = 16384, MESSAGES_MAX = 256, PORT = 3478 };
enum { METHOD_MAX = 0xff, CHANNEL_FIRST = 0x4000, CHANNEL_HEAD = 4 };
enum { CLASS_INDICATION = 0x01, CLASS_SUCCESS = 0x10, CLASS_ERROR = 0x11 };

enum {
	TYPE,
	TYPE_CLASS,
	TYPE_METHOD,
	LENGTH,
	TRANSACTION_COOKIE,
	ID,
	ATT_TYPE,
	ATT_LENGTH,
	ATT_FAMILY,
	ATT_PORT,
	ATT_IPV4,
	ATT_IPV6,
	ATT_USERNAME,
	ATT_REALM,
	ATT_SOFTWARE,
	ATT_ERROR_CLASS,
	ATT_ERROR,
	ATT_PRIORITY,
	ATT_LIFETIME,
	CHANNEL,
};
static const struct proto_field fields[] = {
	[TYPE] = { "stun.type", FIELD_U16, "Method and class in one", NULL, "0.1", DETAIL, PLAIN },
	[TYPE_CLASS] = { "stun.type.class", FIELD_U16,
		"0 request, 1 indication, 16 success, 17 error", NULL, "0.1", CORE, PLAIN },
	[TYPE_METHOD] = { "stun.type.method", FIELD_U16,
		"1 binding, 3 allocate, 4 refresh, 6 send, 7 data, 8 permission, 9 channel", NULL,
		"0.1", CORE, PLAIN },
	[LENGTH] = { "stun.length", FIELD_U16, "Length of the attributes, or of a channel's data",
		NULL, "0.1", DETAIL, PLAIN },
	[TRANSACTION_COOKIE] = { "stun.cookie", FIELD_BYTES, "Magic cookie", NULL, "0.1", DETAIL,
		PLAIN },
	[ID] = { "stun.id", FIELD_BYTES, "Transaction", NULL, "0.1", CORE, PLAIN },
	[ATT_TYPE] = { "stun.att.type", FIELD_U16, "Type of an attribute", NULL, "0.1", DETAIL,
		PLAIN },
	[ATT_LENGTH] = { "stun.att.length", FIELD_U16, "Length of an attribute", NULL, "0.1",
		DETAIL, PLAIN },
	[ATT_FAMILY] = { "stun.att.family", FIELD_U8, "1 IPv4, 2 IPv6", NULL, "0.1", DETAIL,
		PLAIN },
	[ATT_PORT] = { "stun.att.port", FIELD_U16, "Port of an address, made plain", NULL, "0.1",
		CORE, PLAIN },
	[ATT_IPV4] = { "stun.att.ipv4", FIELD_IPV4, "Address, made plain", NULL, "0.1", CORE,
		ADDRESS },
	[ATT_IPV6] = { "stun.att.ipv6", FIELD_IPV6, "Address, made plain", NULL, "0.1", CORE,
		ADDRESS },
	[ATT_USERNAME] = { "stun.att.username", FIELD_STR, "User, or fragments of ICE", "user.name",
		"0.1", CORE, USER },
	[ATT_REALM] = { "stun.att.realm", FIELD_STR, "Realm", "user.domain", "0.1", CORE, NAME },
	[ATT_SOFTWARE] = { "stun.att.software", FIELD_STR, "Program that sends", NULL, "0.1", CORE,
		PLAIN },
	[ATT_ERROR_CLASS] = { "stun.att.error.class", FIELD_U8, "Hundreds of the error code", NULL,
		"0.1", CORE, PLAIN },
	[ATT_ERROR] = { "stun.att.error", FIELD_U8, "The rest of the error code", NULL, "0.1", CORE,
		PLAIN },
	[ATT_PRIORITY] = { "stun.att.priority", FIELD_U32, "Priority of an ICE candidate", NULL,
		"0.1", DETAIL, PLAIN },
	[ATT_LIFETIME] = { "stun.att.lifetime", FIELD_U32, "Seconds that a relay is wanted for",
		NULL, "0.1", CORE, PLAIN },
	[CHANNEL] = { "stun.channel", FIELD_U16, "Channel of relayed data", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, PORT, NULL }, { BY_TCP_PORT, PORT, NULL },
	{ 0 } };

struct message {
	const uint8_t *mask; /* cookie and transaction: 16 bytes */
	uint16_t class, method;
};

/* --- attributes --- */

enum {
	MAPPED_ADDRESS = 0x01,
	USERNAME = 0x06,
	ERROR_CODE = 0x09,
	LIFETIME = 0x0d,
	XOR_PEER_ADDRESS = 0x12,
	DATA = 0x13,
	REALM = 0x14,
	XOR_RELAYED_ADDRESS = 0x16,
	REQUESTED_FAMILY = 0x17,
	XOR_MAPPED_ADDRESS = 0x20,
	PRIORITY = 0x24,
	SOFTWARE = 0x8022,
};

/* n bytes of an address, as they were before they were mixed with the mask. */
static const uint8_t *plain(struct packet *pkt, struct bytes *b, size_t n, const uint8_t *mask)
{
	const uint8_t *from = bytes_take(b, n);
	uint8_t *to = from && mask ? (uint8_t *)pkt_scratch(pkt, n) : NULL;

	if (!to)
		return from;
	for (size_t i = 0; i < n; i++)
		to[i] = from[i] ^ mask[i];
	return to;
}

static void put_address(struct packet *pkt, struct bytes b, const uint8_t *mask, bool mapped)
{
	bytes_skip(&b, 1);
	uint8_t family = get_u8(pkt, &b, ATT_FAMILY);
	uint16_t port = bytes_be16(&b);

	if (!bytes_ok(&b))
		return;
	if (mask)
		port ^= COOKIE >> 16;
	put_u64(pkt, ATT_PORT, port);
	const uint8_t *address = NULL;
	if (family == 1 && (address = plain(pkt, &b, 4, mask)) != NULL)
		put_addr(pkt, ATT_IPV4, address);
	if (family == 2 && (address = plain(pkt, &b, 16, mask)) != NULL)
		put_addr(pkt, ATT_IPV6, address);
	if (!address)
		return;
	ecs_addr(pkt, ECS_RELATED_IP, family == 1 ? FIELD_IPV4 : FIELD_IPV6, address);
	if (!mapped)
		return;
	ecs_addr(pkt, ECS_CLIENT_NAT_IP, family == 1 ? FIELD_IPV4 : FIELD_IPV6, address);
	ecs_u64(pkt, ECS_CLIENT_NAT_PORT, port);
}

static void put_error(struct packet *pkt, const struct message *m, struct bytes b)
{
	bytes_skip(&b, 2);
	uint8_t class = bytes_u8(&b) & 7;

	if (!bytes_ok(&b))
		return;
	put_u64(pkt, ATT_ERROR_CLASS, class);
	uint8_t number = get_u8(pkt, &b, ATT_ERROR);
	if (!bytes_ok(&b))
		return;
	char *code = pkt_scratch(pkt, 3);
	if (!code)
		return;
	code[0] = (char)('0' + class);
	code[1] = (char)('0' + number / 10 % 10);
	code[2] = (char)('0' + number % 10);
	if (m->class == CLASS_ERROR)
		outcome_failure_words(pkt, bytes_of(code, 3), b);
}

static void put_text_of(struct packet *pkt, unsigned field, struct bytes b)
{
	put_str(pkt, field, b.p, bytes_left(&b));
}

static void put_attribute(
	struct packet *pkt, const struct message *m, uint16_t type, struct bytes b)
{
	switch (type) {
	case MAPPED_ADDRESS:
	case 0x02:   /* RESPONSE-ADDRESS */
	case 0x04:   /* SOURCE-ADDRESS */
	case 0x05:   /* CHANGED-ADDRESS */
	case 0x0b:   /* REFLECTED-FROM */
	case 0x8023: /* ALTERNATE-SERVER */
	case 0x802b: /* RESPONSE-ORIGIN */
	case 0x802c: /* OTHER-ADDRESS */
		put_address(pkt, b, NULL, type == MAPPED_ADDRESS);
		break;
	case XOR_PEER_ADDRESS:
	case XOR_RELAYED_ADDRESS:
	case XOR_MAPPED_ADDRESS:
	case 0x8020: /* the same, from drafts */
		put_address(pkt, b, m->mask, type == XOR_MAPPED_ADDRESS || type == 0x8020);
		break;
	case REQUESTED_FAMILY:
		(void)get_u8(pkt, &b, ATT_FAMILY);
		break;
	case USERNAME:
		put_text_of(pkt, ATT_USERNAME, b);
		ecs_str(pkt, ECS_RELATED_USER, b.p, bytes_left(&b));
		break;
	case REALM:
		put_text_of(pkt, ATT_REALM, b);
		break;
	case SOFTWARE:
		put_text_of(pkt, ATT_SOFTWARE, b);
		break;
	case ERROR_CODE:
		put_error(pkt, m, b);
		break;
	case PRIORITY:
		(void)get_be32(pkt, &b, ATT_PRIORITY);
		break;
	case LIFETIME:
		(void)get_be32(pkt, &b, ATT_LIFETIME);
		break;
	case DATA:
		(void)decode_data(pkt, b);
		break;
	default:
		break;
	}
}

/* Wireshark names these; of another attribute it gives the length alone. */
static bool is_named(uint16_t type)
{
	static const struct {
		uint16_t first, last;
	} named[] = { { 0x0001, 0x001e }, { 0x0020, 0x0020 }, { 0x0022, 0x0022 },
		{ 0x0024, 0x0028 }, { 0x002a, 0x002a }, { 0x0030, 0x0030 }, { 0x8000, 0x8004 },
		{ 0x8006, 0x8006 }, { 0x8008, 0x8008 }, { 0x8020, 0x8020 }, { 0x8022, 0x8023 },
		{ 0x8025, 0x8025 }, { 0x8027, 0x802e }, { 0x8030, 0x8030 }, { 0x8032, 0x8032 },
		{ 0x8037, 0x8037 }, { 0x8039, 0x8039 }, { 0x8050, 0x8050 }, { 0x8054, 0x8062 },
		{ 0x8068, 0x8068 }, { 0x8070, 0x8070 }, { 0x8090, 0x8090 }, { 0x8095, 0x8095 },
		{ 0xc000, 0xc002 }, { 0xc057, 0xc05d }, { 0xc060, 0xc060 }, { 0xff04, 0xff05 } };

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (type >= named[i].first && type <= named[i].last)
			return true;
	return false;
}

static bool put_attributes(struct packet *pkt, const struct message *m, struct bytes b)
{
	for (unsigned i = 0; i < ATTRIBUTES_MAX && bytes_left(&b); i++) {
		uint16_t type = bytes_be16(&b);
		if (bytes_ok(&b) && is_named(type))
			put_u64(pkt, ATT_TYPE, type);
		uint16_t length = get_be16(pkt, &b, ATT_LENGTH);
		if (!bytes_ok(&b))
			return false;
		struct bytes value = bytes_sub(&b, length);
		if (!bytes_ok(&value))
			return false;
		put_attribute(pkt, m, type, value);
		(void)bytes_upto(&b, -length & 3);
	}
	return true;
}

/* --- messages --- */

static void tell(struct packet *pkt, const struct message *m)
{
	static const char *const actions[] = { [1] = "binding",
		[3] = "allocate",
		[4] = "refresh",
		[6] = "send",
		[7] = "data",
		[8] = "create-permission",
		[9] = "channel-bind",
		[10] = "connect",
		[11] = "connection-bind",
		[12] = "connection-attempt" };

	if (m->method < sizeof(actions) / sizeof(actions[0]))
		ecs_text(pkt, ECS_EVENT_ACTION, actions[m->method]);
	if (m->class == CLASS_SUCCESS)
		outcome_success(pkt);
	if (m->class != CLASS_INDICATION)
		pkt_client(pkt, m->class == 0);
}

/* The head is there, and its first two bits are zero. */
static enum decode_result get_message(struct packet *pkt, struct bytes *b)
{
	struct message m;
	uint16_t type = get_be16(pkt, b, TYPE);

	/* their bits stay where they stand, as in tshark */
	m.class = (uint16_t)(type >> 4 & 0x11);
	m.method = type & 0x3eef;
	put_u64(pkt, TYPE_CLASS, m.class);
	put_u64(pkt, TYPE_METHOD, m.method);
	uint16_t length = get_be16(pkt, b, LENGTH);
	m.mask = bytes_take(b, 16);
	if (!m.mask)
		return DECODE_TRUNCATED;
	put_bytes(pkt, TRANSACTION_COOKIE, m.mask, 4);
	put_bytes(pkt, ID, m.mask + 4, 12);
	tell(pkt, &m);
	struct bytes attributes = bytes_upto(b, length);
	bool whole = put_attributes(pkt, &m, attributes);
	if (m.class == CLASS_ERROR) /* where no attribute says which */
		outcome_failure_named(pkt, "error response");
	return whole && bytes_left(&attributes) == length ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result get_channel(struct packet *pkt, struct bytes *b)
{
	(void)get_be16(pkt, b, CHANNEL);
	uint16_t length = get_be16(pkt, b, LENGTH);
	struct bytes data = bytes_upto(b, length);

	(void)decode_data(pkt, data);
	(void)bytes_upto(b, -length & 3);
	return bytes_left(&data) == length ? DECODE_OK : DECODE_TRUNCATED;
}

/* --- what is a message --- */

/* A head with a cookie, lengths that fit. `alone`: the message takes all of the payload. */
static bool is_message(struct bytes b, bool alone)
{
	size_t all = bytes_claimed(&b);
	uint16_t type = bytes_be16(&b), length = bytes_be16(&b);
	uint32_t cookie = bytes_be32(&b);

	if (!bytes_ok(&b) || cookie != COOKIE || type >= CHANNEL_FIRST || length % 4 || all < HEAD)
		return false;
	unsigned high = type >> 2 & 0xf80u;
	return high <= METHOD_MAX && (!alone || all == HEAD + (size_t)length);
}

static bool is_channel(struct bytes b, bool alone)
{
	size_t all = bytes_claimed(&b);
	uint16_t channel = bytes_be16(&b), length = bytes_be16(&b);

	if (!bytes_ok(&b) || channel < CHANNEL_FIRST || channel >= 2 * CHANNEL_FIRST)
		return false;
	size_t least = CHANNEL_HEAD + (size_t)length;
	if (alone)
		return all >= least && all <= least + 3;
	return all >= least || length < CHANNEL_FIRST; /* a length beyond may be two letters */
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool alone = pkt->bind->table != BY_TCP_PORT;
	enum decode_result result = DECODE_REJECT;

	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++) {
		if (is_message(b, alone))
			result = get_message(pkt, &b);
		else if (is_channel(b, alone))
			result = get_channel(pkt, &b);
		else
			return result == DECODE_OK ? DECODE_TRUNCATED : result;
		if (result != DECODE_OK || alone)
			break;
	}
	return result;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	return is_message(b, true);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, 0, 0x3f }, { BY_TCP_PORT, 0, 0x3f },
	{ 0 } };

const struct proto proto_stun = {
	.name = "stun",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "stun",
};
