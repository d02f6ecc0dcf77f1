/* snmp_fields.c -- the fields of SNMP, and its variable bindings.
 * RFC 3416:  SEQUENCE OF SEQUENCE { name OBJECT IDENTIFIER, value by its tag:
 *   INTEGER | OCTET STRING | OBJECT IDENTIFIER | NULL | of class APPLICATION: 0 address, 1 counter,
 *   2 gauge, 3 hundredths of a second, 4 opaque, 6 counter of 64 bits, 7 unsigned (RFC 1442) |
 *   context-specific: 0 no such object, 1 no such instance, 2 end of the tree } */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber_put.h"
#include "snmp.h"

enum { UNSIGNED_MAX = 9 }; /* bytes */
enum {
	APP_ADDRESS = BER_APPLICATION,
	APP_COUNTER,
	APP_GAUGE,
	APP_TIMETICKS,
	APP_OPAQUE,
	APP_NSAP,
	APP_COUNTER64,
	APP_UNSIGNED,
};

const struct proto_field snmp_fields[] = {
	[SNMP_VERSION] = { "snmp.version", FIELD_I32, "Version; 0 is SNMPv1, 1 SNMPv2c", NULL,
		"0.1", CORE, PLAIN },
	[SNMP_COMMUNITY] = { "snmp.community", FIELD_STR, "Community, the password of v1 and v2c",
		NULL, "0.1", CORE, SECRET },
	[SNMP_MSG_VERSION] = { "snmp.msgVersion", FIELD_I32, "Version, 3", NULL, "0.1", CORE,
		PLAIN },
	[SNMP_MSG_ID] = { "snmp.msgID", FIELD_U32, "Number that request and answer share", NULL,
		"0.1", CORE, PLAIN },
	[SNMP_MSG_MAX_SIZE] = { "snmp.msgMaxSize", FIELD_U32, "Longest message that is accepted",
		NULL, "0.1", DETAIL, PLAIN },
	[SNMP_MSG_FLAGS] = { "snmp.msgFlags", FIELD_BYTES,
		"1 authenticated, 2 encrypted, 4 wants a report", NULL, "0.1", CORE, PLAIN },
	[SNMP_MSG_SECURITY_MODEL] = { "snmp.msgSecurityModel", FIELD_U32,
		"Security model; 3 is by user", NULL, "0.1", DETAIL, PLAIN },
	[SNMP_MSG_ENGINE_ID] = { "snmp.msgAuthoritativeEngineID", FIELD_BYTES,
		"Name of the engine that the keys belong to", NULL, "0.1", DETAIL, NAME },
	[SNMP_MSG_USER_NAME] = { "snmp.msgUserName", FIELD_STR, "User", "user.name", "0.1", CORE,
		USER },
	[SNMP_CONTEXT_NAME] = { "snmp.contextName", FIELD_STR, "Context within the engine", NULL,
		"0.1", DETAIL, NAME },
	[SNMP_DATA] = { "snmp.data", FIELD_U32,
		"0 get, 1 get-next, 2 response, 3 set, 4 trap, 5 bulk, 6 inform, 7 v2 trap, "
		"8 report",
		NULL, "0.1", CORE, PLAIN },
	[SNMP_REQUEST_ID] = { "snmp.request_id", FIELD_I32, "Number of the request", NULL, "0.1",
		CORE, PLAIN },
	[SNMP_ERROR_STATUS] = { "snmp.error_status", FIELD_I32, "Error, 0 for none", NULL, "0.1",
		CORE, PLAIN },
	[SNMP_ERROR_INDEX] = { "snmp.error_index", FIELD_I32, "Binding that the error is about",
		NULL, "0.1", DETAIL, PLAIN },
	[SNMP_NON_REPEATERS] = { "snmp.non_repeaters", FIELD_U32,
		"Names of a bulk request that are asked for once", NULL, "0.1", DETAIL, PLAIN },
	[SNMP_MAX_REPETITIONS] = { "snmp.max_repetitions", FIELD_U32,
		"Successors of each other name", NULL, "0.1", DETAIL, PLAIN },
	[SNMP_ENTERPRISE] = { "snmp.enterprise", FIELD_STR, "Kind of device that sends a trap",
		NULL, "0.1", CORE, PLAIN },
	[SNMP_AGENT_ADDR] = { "snmp.agent_addr", FIELD_IPV4, "Address that the trap is about", NULL,
		"0.1", CORE, ADDRESS },
	[SNMP_GENERIC_TRAP] = { "snmp.generic_trap", FIELD_I32,
		"Kind of trap; 6: as the enterprise defines", NULL, "0.1", CORE, PLAIN },
	[SNMP_SPECIFIC_TRAP] = { "snmp.specific_trap", FIELD_I32, "Kind of trap of the enterprise",
		NULL, "0.1", CORE, PLAIN },
	[SNMP_TIME_STAMP] = { "snmp.time_stamp", FIELD_U32,
		"Hundredths of a second since the agent began", NULL, "0.1", DETAIL, PLAIN },
	[SNMP_BINDINGS] = { "snmp.variable_bindings", FIELD_U32, "Number of bindings", NULL, "0.1",
		DETAIL, PLAIN },
	[SNMP_NAME] = { "snmp.name", FIELD_STR, "Name of a binding", NULL, "0.1", CORE, PLAIN },
	[SNMP_VALUE_INT] = { "snmp.value.int", FIELD_I64, "Value: integer", NULL, "0.1", CORE,
		PLAIN },
	[SNMP_VALUE_U32] = { "snmp.value.u32", FIELD_I64, "Value: unsigned integer", NULL, "0.1",
		CORE, PLAIN },
	[SNMP_VALUE_COUNTER] = { "snmp.value.counter", FIELD_U64, "Value: counter", NULL, "0.1",
		CORE, PLAIN },
	[SNMP_VALUE_TIMETICKS] = { "snmp.value.timeticks", FIELD_U64,
		"Value: hundredths of a second", NULL, "0.1", CORE, PLAIN },
	[SNMP_VALUE_OCTETS] = { "snmp.value.octets", FIELD_BYTES, "Value: bytes or text", NULL,
		"0.1", CORE, CONTENT },
	[SNMP_VALUE_OID] = { "snmp.value.oid", FIELD_STR, "Value: name of another object", NULL,
		"0.1", CORE, PLAIN },
	[SNMP_VALUE_IPV4] = { "snmp.value.ipv4", FIELD_IPV4, "Value: address", NULL, "0.1", CORE,
		ADDRESS },
	{ 0 },
};

/* Of nine bytes the first is a zero that keeps the number positive. */
static void put_unsigned(struct packet *pkt, unsigned field, struct bytes value)
{
	size_t n = bytes_left(&value);
	uint64_t number = 0;

	if (n == 0 || n > UNSIGNED_MAX || (n == UNSIGNED_MAX && *value.p))
		return;
	while (bytes_left(&value))
		number = number << 8 | bytes_u8(&value);
	put_u64(pkt, field, number);
}

static void put_application(struct packet *pkt, uint8_t tag, struct bytes value)
{
	switch (tag) {
	case APP_ADDRESS:
		if (bytes_left(&value) == 4)
			put_addr(pkt, SNMP_VALUE_IPV4, value.p);
		break;
	case APP_COUNTER:
	case APP_COUNTER64:
		put_unsigned(pkt, SNMP_VALUE_COUNTER, value);
		break;
	case APP_TIMETICKS:
		put_unsigned(pkt, SNMP_VALUE_TIMETICKS, value);
		break;
	case APP_UNSIGNED:
		(void)ber_put_int(pkt, SNMP_VALUE_U32, value);
		break;
	default:
		break;
	}
}

static void put_value_of(struct packet *pkt, const struct ber *e)
{
	if (e->value.cut)
		return;
	switch (e->tag) {
	case BER_INTEGER:
		(void)ber_put_int(pkt, SNMP_VALUE_INT, e->value);
		break;
	case BER_OCTET_STRING:
		put_bytes(pkt, SNMP_VALUE_OCTETS, e->value.p, bytes_left(&e->value));
		break;
	case BER_OID:
		put_oid(pkt, SNMP_VALUE_OID, e->value);
		break;
	default:
		put_application(pkt, e->tag, e->value);
	}
}

/* sysDescr.0 and sysName.0: their values are text, to tshark a layer. */
static bool is_text(struct bytes name)
{
	static const uint8_t system[] = { 0x2b, 6, 1, 2, 1, 1 };

	return bytes_left(&name) == sizeof(system) + 2 &&
	       bytes_starts(&name, system, sizeof(system)) && name.p[7] == 0 &&
	       (name.p[6] == 1 || name.p[6] == 5);
}

bool snmp_put_bindings(struct packet *pkt, struct bytes *b)
{
	struct bytes list = ber_need(b, BER_SEQUENCE);

	if (!bytes_ok(&list))
		return false;
	put_u64(pkt, SNMP_BINDINGS, ber_count(list));
	while (bytes_left(&list)) {
		struct bytes binding = ber_need(&list, BER_SEQUENCE);
		struct bytes name = ber_need(&binding, BER_OID);
		struct ber value;
		if (!bytes_ok(&binding) || name.cut)
			return false;
		put_oid(pkt, SNMP_NAME, name);
		if (!ber_next(&binding, &value))
			return false;
		put_value_of(pkt, &value);
		if (is_text(name) && bytes_left(&value.value))
			pkt_protocol(pkt, "snmp");
	}
	return true;
}
