/* proto_dhcpv6.c -- Dynamic Host Configuration Protocol for IPv6.
 * RFC 8415, sections 8, 9, 21:
 *   0 type | 1-3 transaction | options; of a relay (12, 13):
 *   0 type | 1 hops | 2-17 link | 18-33 peer | options, one of which holds the message
 * Option:  0-1 code | 2-3 length | value; some values hold options themselves.
 * Bulk leasequery (RFC 5460), over TCP:  0-1 length | 2 type | 3 reserved | 4-5 transaction | options */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcpv6_fields.h"
#include "json.h"
#include "outcome.h"

enum {
	OPTIONS_MAX = 16384,
	NESTING_MAX = 16,
	RELAYS_MAX = 8,
	NAME_MAX = 255,
	HARDWARE_ETHER = 1,
	HARDWARE_802 = 6
};
enum { REPLY = 7, RELAY_FORWARD = 12, RELAY_REPLY = 13, LAST_NAMED = 15 };
enum {
	CLIENT_ID = 1,
	SERVER_ID = 2,
	IA_NA = 3,
	IA_TA = 4,
	IA_ADDRESS = 5,
	OPTION_REQUEST = 6,
	ELAPSED = 8,
	RELAY_MESSAGE = 9,
	STATUS = 13,
	VENDOR_CLASS = 16,
	INTERFACE_ID = 18,
	DNS_SERVERS = 23,
	IA_PREFIX_SET = 25,
	IA_PREFIX = 26,
	CLIENT_FQDN = 39,
	LEASE_QUERY = 44,
	CLIENT_DATA = 45,
};
enum { DUID_LLT = 1, DUID_LL = 3 };

static const struct proto_bind binds[] = { { BY_UDP_PORT, 546, NULL }, { BY_UDP_PORT, 547, NULL },
	{ BY_TCP_PORT, 547, "dhcpv6.bulk_leasequery" }, { 0 } };

static const char *const actions[LAST_NAMED + 1] = { NULL, "solicit", "advertise", "request",
	"confirm", "renew", "rebind", "reply", "release", "decline", "reconfigure",
	"information-request", "relay-forward", "relay-reply", "leasequery", "leasequery-reply" };

/* How deep options and relayed messages lie in each other. */
struct place {
	unsigned nesting, relays;
	uint8_t message; /* type of the innermost */
};

static bool put_options(struct packet *pkt, struct bytes b, struct place at);
static bool put_message(struct packet *pkt, struct bytes b, struct place at);

/* --- names --- */

/* Six bytes of Ethernet as such, others as plain digits. */
static void put_hardware(struct packet *pkt, unsigned field, uint16_t type, struct bytes b)
{
	size_t n = bytes_left(&b) < NAME_MAX ? bytes_left(&b) : NAME_MAX;
	bool colons = (type == HARDWARE_ETHER || type == HARDWARE_802) && n == 6;
	char *text = n ? pkt_scratch(pkt, n * 3) : NULL, *out = text;

	if (!text)
		return;
	for (size_t i = 0; i < n; i++) {
		if (colons && i)
			*out++ = ':';
		out = json_emit_hex(out, b.p + i, 1);
	}
	put_clean(pkt, field, text, (size_t)(out - text));
}

static void put_duid(struct packet *pkt, uint16_t code, struct bytes b)
{
	if (bytes_left(&b) < 2)
		return;
	put_bytes(pkt, DHCPV6_DUID_BYTES, b.p, bytes_left(&b));
	uint16_t type = get_be16(pkt, &b, DHCPV6_DUID_TYPE);
	if (type != DUID_LLT && type != DUID_LL)
		return;
	uint16_t hardware = bytes_be16(&b);
	if (type == DUID_LLT)
		bytes_skip(&b, 4);
	if (!bytes_ok(&b))
		return;
	put_hardware(
		pkt, type == DUID_LLT ? DHCPV6_DUID_LLT_ADDR : DHCPV6_DUID_LL_ADDR, hardware, b);
	if (code == CLIENT_ID && hardware == HARDWARE_ETHER && bytes_left(&b) == 6)
		ecs_addr(pkt, ECS_CLIENT_MAC, FIELD_MAC, b.p);
}

/* One name: labels, each led by its length; the last one may lack its end. What has an end is shown
 * with a dot there, and alone is no name of a host (tshark calls it a top level domain). */
static void put_name(struct packet *pkt, struct bytes *b)
{
	size_t room = bytes_left(b), n = 0, length = 1;
	char *text = pkt_scratch(pkt, room + 1);
	unsigned labels = 0;

	while (text && bytes_left(b) && n < NAME_MAX) {
		length = bytes_u8(b);
		const uint8_t *label = bytes_take(b, length);
		if (!label || length == 0)
			break;
		if (labels++)
			text[n++] = '.';
		memcpy(text + n, label, length);
		n += length;
	}
	if (!bytes_ok(b) || n == 0)
		return;
	ecs_str(pkt, ECS_RELATED_HOSTS, text, n);
	if (length == 0)
		text[n++] = '.';
	if (length || labels > 1)
		put_str(pkt, DHCPV6_CLIENT_DOMAIN, text, n);
}

/* RFC 4704, section 4.1: only these messages have names; 0 flags | names. */
static void put_names(struct packet *pkt, struct bytes b, uint8_t message)
{
	static const uint16_t with_names = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 |
					   1u << 7;

	if (message > LAST_NAMED || !(with_names >> message & 1))
		return;
	bytes_skip(&b, 1);
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++)
		put_name(pkt, &b);
}

/* --- options --- */

static bool too_short(struct packet *pkt)
{
	pkt_anomaly(pkt, "option shorter than its fields");
	return true;
}

static bool put_set(struct packet *pkt, uint16_t code, struct bytes b, struct place at)
{
	size_t least = code == IA_TA ? 4 : 12;

	if (bytes_left(&b) < least)
		return too_short(pkt);
	const uint8_t *id = bytes_take(&b, 4);
	if (code == IA_TA)
		return put_options(pkt, b, at);
	char *text = pkt_scratch(pkt, 8);
	if (text) {
		(void)json_emit_hex(text, id, 4);
		put_clean(pkt, DHCPV6_IAID, text, 8);
	}
	(void)get_be32(pkt, &b, DHCPV6_IAID_T1);
	(void)get_be32(pkt, &b, DHCPV6_IAID_T2);
	return put_options(pkt, b, at);
}

static bool put_address(struct packet *pkt, struct bytes b, struct place at)
{
	if (bytes_left(&b) < 24)
		return too_short(pkt);
	(void)get_addr(pkt, &b, DHCPV6_IAADDR_IP, 16);
	(void)get_be32(pkt, &b, DHCPV6_IAADDR_PREFERRED);
	(void)get_be32(pkt, &b, DHCPV6_IAADDR_VALID);
	return put_options(pkt, b, at);
}

static bool put_prefix(struct packet *pkt, struct bytes b, struct place at)
{
	if (bytes_left(&b) < 25)
		return too_short(pkt);
	bytes_skip(&b, 8);
	(void)get_u8(pkt, &b, DHCPV6_PREFIX_LEN);
	(void)get_addr(pkt, &b, DHCPV6_PREFIX_ADDR, 16);
	return put_options(pkt, b, at);
}

/* RFC 8415, 21.13. */
static void put_status(struct packet *pkt, struct bytes b)
{
	static const char *const names[] = { NULL, "UnspecFail", "NoAddrsAvail", "NoBinding",
		"NotOnLink", "UseMulticast", "NoPrefixAvail" };
	uint16_t status = get_be16(pkt, &b, DHCPV6_STATUS);

	if (!bytes_ok(&b))
		return;
	if (status)
		outcome_failure_said(pkt, status, b, NAME_OF(names, status));
	else
		outcome_success(pkt);
}

/* Options whose value holds no others. */
static void put_simple(struct packet *pkt, uint16_t code, struct bytes b, uint8_t message)
{
	size_t n = bytes_left(&b);

	switch (code) {
	case CLIENT_ID:
	case SERVER_ID:
		put_duid(pkt, code, b);
		break;
	case OPTION_REQUEST:
		for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b) >= 2; i++)
			(void)get_be16(pkt, &b, DHCPV6_REQUESTED);
		break;
	case ELAPSED:
		if (n == 2) /* in hundredths of a second */
			put_u64(pkt, DHCPV6_ELAPSED, bytes_be16(&b) * 10u);
		break;
	case STATUS:
		put_status(pkt, b);
		break;
	case VENDOR_CLASS:
		(void)get_be32(pkt, &b, DHCPV6_ENTERPRISE);
		break;
	case INTERFACE_ID:
		put_bytes(pkt, DHCPV6_INTERFACE_ID, b.p, n);
		break;
	case DNS_SERVERS:
		for (unsigned i = 0; n % 16 == 0 && i < OPTIONS_MAX && bytes_left(&b); i++)
			(void)get_addr(pkt, &b, DHCPV6_DNS_SERVER, 16);
		break;
	case CLIENT_FQDN:
		put_names(pkt, b, message);
		break;
	default:
		break;
	}
}

static bool put_option(struct packet *pkt, uint16_t code, struct bytes b, struct place at)
{
	switch (code) {
	case IA_NA:
	case IA_TA:
	case IA_PREFIX_SET:
		return put_set(pkt, code, b, at);
	case IA_ADDRESS:
		return put_address(pkt, b, at);
	case IA_PREFIX:
		return put_prefix(pkt, b, at);
	case RELAY_MESSAGE:
		return put_message(pkt, b, at);
	case LEASE_QUERY:
		bytes_skip(&b, 17);
		return !bytes_ok(&b) || put_options(pkt, b, at);
	case CLIENT_DATA:
		return put_options(pkt, b, at);
	default:
		put_simple(pkt, code, b, at.message);
		return true;
	}
}

/* False when an option ends beyond what holds it. */
static bool put_options(struct packet *pkt, struct bytes b, struct place at)
{
	if (at.nesting++ == NESTING_MAX) {
		pkt_anomaly(pkt, "options too deep in each other");
		return true;
	}
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		struct bytes look = b;
		uint16_t code = bytes_be16(&look), length = bytes_be16(&look);
		struct bytes value = bytes_sub(&look, length);
		if (!bytes_ok(&look))
			return false;
		(void)get_be16(pkt, &b, DHCPV6_OPTION_TYPE);
		(void)get_be16(pkt, &b, DHCPV6_OPTION_LENGTH);
		if (!put_option(pkt, code, value, at))
			return false;
		b = look;
	}
	return true;
}

/* --- messages --- */

static bool from_client(uint8_t type)
{
	static const uint16_t replies = 1u << 2 | 1u << REPLY | 1u << 10 | 1u << RELAY_REPLY |
					1u << 15;

	return type > LAST_NAMED || !(replies >> type & 1);
}

static bool put_message(struct packet *pkt, struct bytes b, struct place at)
{
	uint8_t type = get_u8(pkt, &b, DHCPV6_MSGTYPE);
	bool relay = type == RELAY_FORWARD || type == RELAY_REPLY;

	at.message = type;
	if (!relay) {
		(void)get_be24(pkt, &b, DHCPV6_XID);
		if (bytes_ok(&b) && type <= LAST_NAMED)
			ecs_text(pkt, ECS_EVENT_ACTION, actions[type]);
		return bytes_ok(&b) && put_options(pkt, b, at);
	}
	if (at.relays++ == RELAYS_MAX) {
		pkt_anomaly(pkt, "too many relays");
		return true;
	}
	(void)get_u8(pkt, &b, DHCPV6_HOPCOUNT);
	(void)get_addr(pkt, &b, DHCPV6_LINKADDR, 16);
	(void)get_addr(pkt, &b, DHCPV6_PEERADDR, 16);
	return bytes_ok(&b) && put_options(pkt, b, at);
}

/* Messages behind each other, each led by its length; their heads have no names in the tables. */
static bool put_bulk(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b); i++) {
		uint16_t length = bytes_be16(&b);
		struct bytes message = bytes_upto(&b, length);
		bytes_skip(&message, 4);
		if (!bytes_ok(&message) || !put_options(pkt, message, (struct place){ 0 }))
			return false;
	}
	return bytes_ok(&b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	int type = bytes_peek(&b, 0);

	if (pkt->bind->table == BY_TCP_PORT)
		return put_bulk(pkt, b) ? DECODE_OK : DECODE_TRUNCATED;
	if (type >= 0)
		pkt_client(pkt, from_client((uint8_t)type));
	return put_message(pkt, b, (struct place){ 0 }) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_dhcpv6 = { .name = "dhcpv6",
	.binds = binds,
	.fields = dhcpv6_fields,
	.decode = decode,
	.application = "dhcpv6" };
