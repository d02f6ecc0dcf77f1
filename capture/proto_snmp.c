/* proto_snmp.c -- Simple Network Management Protocol, versions 1, 2c and 3.
 * RFC 1157, 3416:  SEQUENCE { version INTEGER, community OCTET STRING, PDU }
 *   PDU [n], by n: request id, error status, error index, bindings; of 5 (bulk) names asked once
 *   and repetitions in place of the errors; of 4 (trap of version 1) enterprise OBJECT IDENTIFIER,
 *   agent [APPLICATION 0], generic and specific trap INTEGER, time [APPLICATION 3], bindings
 * RFC 3412, 3414:  SEQUENCE { 3, SEQUENCE { id, greatest size, flags OCTET STRING, model },
 *   OCTET STRING that holds SEQUENCE { engine, boots, time, user, authentication, privacy },
 *   SEQUENCE { engine, context, PDU } or, encrypted, an OCTET STRING } */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber_put.h"
#include "outcome.h"
#include "snmp.h"

enum { VERSION_1, VERSION_2C, VERSION_2U, VERSION_3, BY_USER = 3 };
enum { TCP = 6, MESSAGES_MAX = 256 };
enum { RESPONSE = 2, TRAP = 4, REPORT = 8, PDU_KINDS };
enum { AGENT = BER_APPLICATION, TIME = BER_APPLICATION | 3, COMMUNITY_MAX = 255 };

static const struct proto_bind binds[] = { { BY_UDP_PORT, 161, NULL }, { BY_UDP_PORT, 162, NULL },
	{ BY_TCP_PORT, 161, NULL }, { 0 } };
static const struct proto_probe probes[] = { { BY_UDP_PORT, BER_SEQUENCE, BER_SEQUENCE }, { 0 } };

/* RFC 3416, section 3. */
static void put_outcome(struct packet *pkt, int64_t status)
{
	static const char *const names[] = { NULL, "tooBig", "noSuchName", "badValue", "readOnly",
		"genErr", "noAccess", "wrongType", "wrongLength", "wrongEncoding", "wrongValue",
		"noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
		"undoFailed", "authorizationError", "notWritable", "inconsistentName" };

	if (status == 0)
		outcome_success(pkt);
	else if (status > 0)
		outcome_failure(pkt, (uint64_t)status, NAME_OF(names, (uint64_t)status));
}

static bool put_request(struct packet *pkt, struct bytes *b, unsigned kind)
{
	bool bulk = kind == 5;

	(void)ber_get_int(pkt, b, BER_INTEGER, SNMP_REQUEST_ID);
	int64_t status = ber_get_int(
		pkt, b, BER_INTEGER, bulk ? SNMP_NON_REPEATERS : SNMP_ERROR_STATUS);
	if (kind == RESPONSE && bytes_ok(b))
		put_outcome(pkt, status);
	(void)ber_get_int(pkt, b, BER_INTEGER, bulk ? SNMP_MAX_REPETITIONS : SNMP_ERROR_INDEX);
	return snmp_put_bindings(pkt, b);
}

static bool put_trap(struct packet *pkt, struct bytes *b)
{
	ber_get_oid(pkt, b, SNMP_ENTERPRISE);
	struct bytes agent = ber_need(b, AGENT);
	if (bytes_left(&agent) == 4)
		put_addr(pkt, SNMP_AGENT_ADDR, agent.p);
	(void)ber_get_int(pkt, b, BER_INTEGER, SNMP_GENERIC_TRAP);
	(void)ber_get_int(pkt, b, BER_INTEGER, SNMP_SPECIFIC_TRAP);
	(void)ber_get_int(pkt, b, TIME, SNMP_TIME_STAMP);
	return snmp_put_bindings(pkt, b);
}

/* Its kind goes to a row that version 2u has none of. */
static bool put_pdu(struct packet *pkt, struct bytes *b, bool told)
{
	static const char *const actions[PDU_KINDS] = { "get-request", "get-next-request",
		"get-response", "set-request", "trap", "get-bulk-request", "inform-request",
		"snmpv2-trap", "report" };
	struct ber pdu;

	if (!ber_next(b, &pdu))
		return false;
	unsigned kind = pdu.tag & 31;
	if (pdu.tag != BER_CTX(kind) || kind >= PDU_KINDS)
		return false;
	if (told)
		put_u64(pkt, SNMP_DATA, kind);
	ecs_text(pkt, ECS_EVENT_ACTION, actions[kind]);
	pkt_client(pkt, kind != RESPONSE && kind != REPORT);
	return kind == TRAP ? put_trap(pkt, &pdu.value) : put_request(pkt, &pdu.value, kind);
}

/* Engine, boots and time of the engine, user; digests and salts follow. */
static bool put_user(struct packet *pkt, struct bytes b)
{
	struct bytes user = ber_need(&b, BER_SEQUENCE);

	ber_get_bytes(pkt, &user, BER_OCTET_STRING, SNMP_MSG_ENGINE_ID);
	(void)ber_need(&user, BER_INTEGER);
	(void)ber_need(&user, BER_INTEGER);
	struct bytes name = ber_need(&user, BER_OCTET_STRING);
	if (ber_put_str(pkt, SNMP_MSG_USER_NAME, name))
		ecs_str(pkt, ECS_RELATED_USER, name.p, bytes_left(&name));
	return bytes_ok(&user);
}

static bool decode_v3(struct packet *pkt, struct bytes *b)
{
	struct bytes header = ber_need(b, BER_SEQUENCE), scoped;

	(void)ber_get_int(pkt, &header, BER_INTEGER, SNMP_MSG_ID);
	(void)ber_get_int(pkt, &header, BER_INTEGER, SNMP_MSG_MAX_SIZE);
	ber_get_bytes(pkt, &header, BER_OCTET_STRING, SNMP_MSG_FLAGS);
	int64_t model = ber_get_int(pkt, &header, BER_INTEGER, SNMP_MSG_SECURITY_MODEL);
	struct bytes security = ber_need(b, BER_OCTET_STRING);
	if (!bytes_ok(&header) || !bytes_ok(b) || (model == BY_USER && !put_user(pkt, security)))
		return false;
	if (bytes_peek(b, 0) == BER_OCTET_STRING)
		return true; /* encrypted */
	scoped = ber_need(b, BER_SEQUENCE);
	(void)ber_need(&scoped, BER_OCTET_STRING);
	ber_get_str(pkt, &scoped, BER_OCTET_STRING, SNMP_CONTEXT_NAME);
	return bytes_ok(&scoped) && put_pdu(pkt, &scoped, true);
}

/* RFC 1910, of history only: parameters that nobody reads any more, then the PDU. */
static bool decode_v2u(struct packet *pkt, struct bytes *b)
{
	(void)ber_need(b, BER_OCTET_STRING);
	return bytes_ok(b) && (bytes_peek(b, 0) == BER_OCTET_STRING || put_pdu(pkt, b, false));
}

static bool decode_community(struct packet *pkt, struct bytes *b)
{
	ber_get_str(pkt, b, BER_OCTET_STRING, SNMP_COMMUNITY);
	return bytes_ok(b) && put_pdu(pkt, b, true);
}

/* The message's contents and its version. False when it is no message of ours. */
static bool begin(struct bytes *b, struct ber *message, int64_t *version)
{
	struct ber number;

	if (!ber_take(b, BER_SEQUENCE, message))
		return false;
	struct bytes ahead = message->value;
	return ber_take(&ahead, BER_INTEGER, &number) && ber_int(number.value, version);
}

/* A whole message of one of the versions, with the elements that come next, and nothing behind. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	struct ber message, element;
	int64_t version;

	(void)pkt;
	if (!begin(&b, &message, &version) || bytes_claimed(&b))
		return false;
	(void)ber_next(&message.value, &element);
	if (version == VERSION_3)
		return ber_take(&message.value, BER_SEQUENCE, &element) &&
		       bytes_peek(&element.value, 0) == BER_INTEGER &&
		       bytes_peek(&message.value, 0) == BER_OCTET_STRING;
	return (version == VERSION_1 || version == VERSION_2C) &&
	       ber_take(&message.value, BER_OCTET_STRING, &element) &&
	       bytes_claimed(&element.value) <= COMMUNITY_MAX &&
	       (bytes_peek(&message.value, 0) & ~15) == BER_CTX(0);
}

/* One message; b moves behind it. */
static bool decode_message(struct packet *pkt, struct bytes *b)
{
	struct ber message;
	int64_t version;

	if (!begin(b, &message, &version))
		return false;
	struct bytes *in = &message.value;
	if (version >= VERSION_1 && version <= VERSION_3)
		(void)ber_get_int(pkt, in, BER_INTEGER,
			version == VERSION_3 ? SNMP_MSG_VERSION : SNMP_VERSION);
	switch (version) {
	case VERSION_1:
	case VERSION_2C:
		return decode_community(pkt, in);
	case VERSION_2U:
		return decode_v2u(pkt, in);
	case VERSION_3:
		return decode_v3(pkt, in);
	default:
		pkt_anomaly(pkt, "unknown version");
		return true;
	}
}

/* Of a stream's messages the last may go on in the next segment. */
static enum decode_result decode_stream(struct packet *pkt, struct bytes b)
{
	b = ber_open(b);
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++)
		if (!decode_message(pkt, &b))
			return DECODE_TRUNCATED;
	return DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes ahead = pkt->flow.proto == TCP ? ber_open(b) : b;
	struct ber message;
	int64_t version;

	if (!begin(&ahead, &message, &version))
		return DECODE_REJECT;
	if (pkt->flow.proto == TCP)
		return decode_stream(pkt, b);
	bool ok = decode_message(pkt, &b);
	(void)decode_data(pkt, b);
	return ok ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_snmp = { .name = "snmp",
	.binds = binds,
	.fields = snmp_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "snmp" };
