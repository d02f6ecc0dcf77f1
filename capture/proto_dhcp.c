/* proto_dhcp.c -- Dynamic Host Configuration Protocol for IPv4, and BOOTP below it.
 * RFC 2131:  0 operation | 1 hardware type | 2 hardware length | 3 hops | 4-7 transaction |
 *   8-9 seconds | 10-11 flags | 12-15 client | 16-19 your | 20-23 next server | 24-27 relay |
 *   28-43 hardware address | 44-107 server name | 108-235 file | 236-239 99.130.83.99 | options
 * RFC 2132: options: 0 pads, 255 ends, else 0 code | 1 length | value
 *   Option 52 says that the file (1), the server name (2) or both hold options too. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp_fields.h"
#include "outcome.h"

enum { OPTIONS_MAX = 16384, HARDWARE_ROOM = 16, NAME_ROOM = 64, FILE_ROOM = 128, UUID_BYTES = 16 };
enum {
	REQUEST = 1,
	REPLY,
	ETHERNET = 1,
	IEEE802 = 6,
	COOKIE = 0x63825363,
	OPTIONS_AT = 240,
	HARDWARE_TYPES = 48
};
enum {
	PAD = 0,
	SUBNET_MASK = 1,
	ROUTER = 3,
	NAME_SERVER = 6,
	HOST_NAME = 12,
	DOMAIN_NAME = 15,
	BROADCAST = 28,
	REQUESTED_ADDRESS = 50,
	LEASE_TIME = 51,
	OVERLOAD = 52,
	MESSAGE_TYPE = 53,
	SERVER_ID = 54,
	REQUEST_LIST = 55,
	MESSAGE = 56,
	RENEWAL_TIME = 58,
	REBINDING_TIME = 59,
	VENDOR_CLASS = 60,
	CLIENT_ID = 61,
	FQDN = 81,
	RELAY_AGENT = 82,
	CLIENT_UUID = 97,
	END = 255,
};

static const struct proto_bind binds[] = { { BY_UDP_PORT, 67, NULL }, { BY_UDP_PORT, 68, NULL },
	{ 0 } };

/* --- options --- */

static void put_addresses(struct packet *pkt, unsigned field, struct bytes value)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&value) >= 4; i++)
		(void)get_addr(pkt, &value, field, 4);
}

/* RFC 4578: kind 0, then the UUID, whose first three groups are little-endian. */
static void put_uuid(struct packet *pkt, struct bytes value)
{
	bytes_skip(&value, 1);
	put_guid(pkt, DHCP_UUID, bytes_take(&value, UUID_BYTES), true);
}

/* A hardware type and address, or 0 and a UUID; other kinds have no name in the tables. */
static void put_client_id(struct packet *pkt, struct bytes value)
{
	int type = bytes_peek(&value, 0);

	if (bytes_left(&value) == 7 && type > 0 && type < HARDWARE_TYPES) {
		(void)get_u8(pkt, &value, DHCP_HW_TYPE);
		if (type == ETHERNET || type == IEEE802)
			(void)get_addr(pkt, &value, DHCP_HW_MAC, 6);
	} else if (bytes_left(&value) == 1 + UUID_BYTES && type == 0) {
		put_uuid(pkt, value);
	}
}

static void put_host(struct packet *pkt, unsigned field, const void *name, size_t n)
{
	put_str(pkt, field, name, n);
	ecs_str(pkt, ECS_RELATED_HOSTS, name, n);
}

/* Labels behind each other; the last one may lack its end. */
static void put_labels(struct packet *pkt, struct bytes value)
{
	size_t room = bytes_left(&value), n = 0;
	char *text = room ? pkt_scratch(pkt, room) : NULL;

	for (unsigned i = 0; text && i < 128; i++) {
		size_t length = bytes_u8(&value);
		const uint8_t *label = bytes_take(&value, length);
		if (!label || length == 0)
			break;
		if (n)
			text[n++] = '.';
		memcpy(text + n, label, length);
		n += length;
	}
	if (n)
		put_host(pkt, DHCP_FQDN_NAME, text, n);
}

/* RFC 4702: 0 flags | 1-2 codes of no use | name; bit 2 of the flags: as in DNS messages. */
static void put_fqdn(struct packet *pkt, struct bytes value)
{
	uint8_t flags = get_u8(pkt, &value, DHCP_FQDN_FLAGS);

	bytes_skip(&value, 2);
	if (flags & 4)
		put_labels(pkt, value);
	else
		put_host(pkt, DHCP_FQDN_NAME, value.p, bytes_left(&value));
}

static void put_relay_agent(struct packet *pkt, struct bytes value)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&value) >= 2; i++) {
		uint8_t code = bytes_u8(&value), length = bytes_u8(&value);
		struct bytes part = bytes_sub(&value, length);
		if (code == 1)
			put_bytes(pkt, DHCP_CIRCUIT_ID, part.p, bytes_left(&part));
		else if (code == 2)
			put_bytes(pkt, DHCP_REMOTE_ID, part.p, bytes_left(&part));
	}
}

struct plain_option {
	uint8_t code, field;
};

/* Options that are one number, address or text, or addresses in a row: the field's type tells. */
static const struct plain_option plain[] = {
	{ SUBNET_MASK, DHCP_OPT_MASK },
	{ ROUTER, DHCP_OPT_ROUTER },
	{ NAME_SERVER, DHCP_OPT_DNS },
	{ DOMAIN_NAME, DHCP_OPT_DOMAIN },
	{ BROADCAST, DHCP_OPT_BROADCAST },
	{ REQUESTED_ADDRESS, DHCP_OPT_REQUESTED },
	{ LEASE_TIME, DHCP_OPT_LEASE },
	{ MESSAGE_TYPE, DHCP_OPT_DHCP },
	{ SERVER_ID, DHCP_OPT_SERVER_ID },
	{ MESSAGE, DHCP_OPT_MESSAGE },
	{ RENEWAL_TIME, DHCP_OPT_RENEWAL },
	{ REBINDING_TIME, DHCP_OPT_REBINDING },
	{ VENDOR_CLASS, DHCP_OPT_VENDOR_CLASS },
};

static bool is_single(uint8_t code)
{
	return code != ROUTER && code != NAME_SERVER;
}

static void put_plain(struct packet *pkt, uint8_t code, struct bytes value)
{
	unsigned i = 0, count = sizeof(plain) / sizeof(plain[0]);

	while (i < count && plain[i].code != code)
		i++;
	if (i == count)
		return;
	unsigned field = plain[i].field;
	switch (dhcp_fields[field].type) {
	case FIELD_U8:
		(void)get_u8(pkt, &value, field);
		break;
	case FIELD_U32:
		if (bytes_left(&value) == 4)
			(void)get_be32(pkt, &value, field);
		break;
	case FIELD_IPV4:
		if (bytes_left(&value) == 4 || !is_single(code))
			put_addresses(pkt, field, value);
		break;
	default:
		put_str(pkt, field, value.p, bytes_left(&value));
	}
}

static void put_option(struct packet *pkt, uint8_t code, struct bytes value)
{
	switch (code) {
	case REQUEST_LIST:
		while (bytes_left(&value))
			(void)get_u8(pkt, &value, DHCP_OPT_LIST_ITEM);
		break;
	case HOST_NAME:
		put_host(pkt, DHCP_OPT_HOSTNAME, value.p, bytes_left(&value));
		break;
	case FQDN:
		put_fqdn(pkt, value);
		break;
	case RELAY_AGENT:
		put_relay_agent(pkt, value);
		break;
	case CLIENT_ID:
		put_client_id(pkt, value);
		break;
	case CLIENT_UUID:
		put_uuid(pkt, value);
		break;
	default:
		put_plain(pkt, code, value);
	}
}

/* The fields that option 52 may give to options, and what the message is. */
struct room {
	struct bytes server, file;
	unsigned overload;
	int boot;             /* of the head: 1 asks, 2 answers */
	uint8_t type;         /* option 53, 0: none */
	struct bytes message; /* option 56 */
};

static void skip_zeros(struct bytes *b)
{
	while (bytes_peek(b, 0) == PAD)
		bytes_skip(b, 1);
}

static void put_rooms(struct packet *pkt, struct room *room);

/* The options of the fields are those of the message, too. */
static bool put_options(struct packet *pkt, struct bytes b, struct room *room)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		uint8_t code = bytes_u8(&b);
		put_u64(pkt, DHCP_OPTION_TYPE, code == END ? 0 : code); /* so tshark has it */
		if (code == END)
			return true;
		if (code == PAD) {
			skip_zeros(&b);
			continue;
		}
		uint8_t length = get_u8(pkt, &b, DHCP_OPTION_LENGTH);
		if (!bytes_ok(&b) || length > bytes_left(&b))
			return false;
		struct bytes value = bytes_sub(&b, length);
		put_option(pkt, code, value);
		if (code == MESSAGE)
			room->message = value;
		if (code == MESSAGE_TYPE)
			room->type = bytes_u8(&value);
		if (code == OVERLOAD)
			put_rooms(pkt, room);
	}
	return true;
}

static void put_rooms(struct packet *pkt, struct room *room)
{
	unsigned overload = room->overload;

	room->overload = 0; /* once */
	if (overload & 2)
		(void)put_options(pkt, room->server, room);
	if (overload & 1)
		(void)put_options(pkt, room->file, room);
}

/* The value of option 52, which decides how the fields before the options are read. */
static unsigned overload_of(struct bytes b)
{
	unsigned overload = 0;

	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		uint8_t code = bytes_u8(&b);
		if (code == PAD)
			continue;
		if (code == END)
			break;
		struct bytes value = bytes_sub(&b, bytes_u8(&b));
		if (code == OVERLOAD)
			overload = bytes_u8(&value);
	}
	return overload;
}

/* --- the message --- */

/* Some clients write the seconds with the low byte first: then they look like many. */
static void put_seconds(struct packet *pkt, uint16_t secs)
{
	put_u64(pkt, DHCP_SECS, secs > 0xff && (secs & 0xff) == 0 ? secs >> 8 : secs);
}

static void put_hardware(struct packet *pkt, struct bytes *b, uint8_t type, uint8_t length)
{
	const uint8_t *p = bytes_take(b, HARDWARE_ROOM);

	if (p && length == 6 && (type == ETHERNET || type == IEEE802))
		put_addr(pkt, DHCP_HW_MAC, p);
}

/* Where the client is: what it has already, or else what it is given. */
static void put_client(struct packet *pkt, const uint8_t *has, const uint8_t *given)
{
	static const uint8_t none[4];

	if (!has || !given)
		return;
	const uint8_t *address = memcmp(has, none, 4) != 0 ? has : given;
	if (memcmp(address, none, 4) != 0)
		ecs_addr(pkt, ECS_CLIENT_ADDRESS, FIELD_IPV4, address);
}

static void put_header(struct packet *pkt, struct bytes *b)
{
	uint8_t type = get_u8(pkt, b, DHCP_TYPE), hardware = get_u8(pkt, b, DHCP_HW_TYPE);
	uint8_t length = get_u8(pkt, b, DHCP_HW_LEN);

	if (bytes_ok(b))
		pkt_client(pkt, type == REQUEST);
	(void)get_u8(pkt, b, DHCP_HOPS);
	(void)get_be32(pkt, b, DHCP_ID);
	uint16_t secs = bytes_be16(b);
	if (bytes_ok(b))
		put_seconds(pkt, secs);
	uint16_t flags = get_be16(pkt, b, DHCP_FLAGS);
	if (bytes_ok(b))
		put_bool(pkt, DHCP_FLAGS_BC, flags >> 15);
	const uint8_t *client = get_addr(pkt, b, DHCP_IP_CLIENT, 4),
		      *your = get_addr(pkt, b, DHCP_IP_YOUR, 4);
	put_client(pkt, client, your);
	(void)get_addr(pkt, b, DHCP_IP_SERVER, 4);
	(void)get_addr(pkt, b, DHCP_IP_RELAY, 4);
	put_hardware(pkt, b, hardware, length);
}

static void tell(struct packet *pkt, const struct room *room)
{
	static const char *const boots[] = { NULL, "boot-request", "boot-reply" };
	static const char *const types[] = { NULL, "discover", "offer", "request", "decline", "ack",
		"nak", "release", "inform", "forcerenew", "leasequery", "leaseunassigned",
		"leaseunknown", "leaseactive", "bulkleasequery", "leasequerydone",
		"activeleasequery", "leasequerystatus", "tls" };
	enum { ACK = 5, NAK = 6 };

	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(types, room->type));
	if (room->type == 0 && room->boot > 0)
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(boots, (unsigned)room->boot));
	if (room->type == ACK)
		outcome_success(pkt);
	if (room->type == NAK)
		outcome_failure_said(pkt, NAK, room->message, "DHCPNAK");
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes options = b;

	bytes_skip(&options, OPTIONS_AT);
	struct room room = { .overload = overload_of(options), .message = bytes_of(b.p, 0) };
	room.boot = bytes_peek(&b, 0);
	if (room.boot != REQUEST && room.boot != REPLY) /* no DHCP: anyone's text */
		pkt_secret(pkt, b.p, bytes_left(&b));
	put_header(pkt, &b);
	room.server = bytes_sub(&b, NAME_ROOM);
	room.file = bytes_sub(&b, FILE_ROOM);
	if (!(room.overload & 2))
		put_str(pkt, DHCP_SERVER, room.server.p, bytes_left(&room.server));
	if (!(room.overload & 1))
		put_str(pkt, DHCP_FILE_NAME, room.file.p, bytes_left(&room.file));
	struct bytes cookie = b;
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (bytes_be32(&cookie) != COOKIE) {
		tell(pkt, &room);
		return DECODE_OK;
	}
	(void)get_addr(pkt, &b, DHCP_COOKIE, 4);
	bool whole = put_options(pkt, b, &room);
	tell(pkt, &room);
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_dhcp = { .name = "dhcp",
	.binds = binds,
	.fields = dhcp_fields,
	.decode = decode,
	.application = "dhcp" };
