/* proto_opcua.c -- OPC UA over TCP: connections, secure channels and the services in them.
 * IEC 62541-6, 6.7 and 7.1, little-endian:  0-2 type | 3 chunk: F last, C others, A given up |
 *   4-7 length of all; HEL: version, sizes of buffers, message and chunks | address
 *   OPN: 8-11 channel | policy | certificate | thumbprint; MSG, CLO: 8-11 channel | 12-15 token;
 *   then sequence u32 | request u32 | service. What is encrypted cannot be told from what is not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "opcua.h"

enum { HEAD = 8, TYPE = 3, MESSAGES_MAX = 256, SIZE_LIMIT = 1 << 26 };

const struct proto_field opcua_fields[] = {
	[UA_TYPE] = { "opcua.transport.type", FIELD_STR, "HEL, ACK, ERR, RHE, OPN, MSG, CLO", NULL,
		"0.1", CORE, PLAIN },
	[UA_CHUNK] = { "opcua.transport.chunk", FIELD_STR,
		"F: the last part, C: another, A: given up", NULL, "0.1", DETAIL, PLAIN },
	[UA_SIZE] = { "opcua.transport.size", FIELD_U32, "Length with the head", NULL, "0.1",
		DETAIL, PLAIN },
	[UA_VERSION] = { "opcua.transport.ver", FIELD_U32, "Version", NULL, "0.1", DETAIL, PLAIN },
	[UA_RBS] = { "opcua.transport.rbs", FIELD_U32, "Size of the buffer for what comes in", NULL,
		"0.1", DETAIL, PLAIN },
	[UA_SBS] = { "opcua.transport.sbs", FIELD_U32, "Size of the buffer for what goes out", NULL,
		"0.1", DETAIL, PLAIN },
	[UA_MMS] = { "opcua.transport.mms", FIELD_U32, "Longest message", NULL, "0.1", DETAIL,
		PLAIN },
	[UA_MCC] = { "opcua.transport.mcc", FIELD_U32, "Most parts of a message", NULL, "0.1",
		DETAIL, PLAIN },
	[UA_ENDPOINT] = { "opcua.transport.endpoint", FIELD_STR, "Address that the client asks for",
		"url.original", "0.1", CORE, NAME },
	[UA_ERROR] = { "opcua.transport.error", FIELD_U32, "Why the connection ends", NULL, "0.1",
		CORE, PLAIN },
	[UA_REASON] = { "opcua.transport.reason", FIELD_STR, "The same in words", NULL, "0.1", CORE,
		PLAIN },
	[UA_SCID] = { "opcua.transport.scid", FIELD_U32, "Secure channel", NULL, "0.1", CORE,
		PLAIN },
	[UA_SPU] = { "opcua.security.spu", FIELD_STR, "Policy of the secure channel", NULL, "0.1",
		CORE, PLAIN },
	[UA_TOKENID] = { "opcua.security.tokenid", FIELD_U32, "Keys of the secure channel", NULL,
		"0.1", DETAIL, PLAIN },
	[UA_SEQ] = { "opcua.security.seq", FIELD_U32, "Sequence number", NULL, "0.1", DETAIL,
		PLAIN },
	[UA_RQID] = { "opcua.security.rqid", FIELD_U32, "Request: a response repeats it", NULL,
		"0.1", CORE, PLAIN },
	[UA_SERVICE] = { "opcua.servicenodeid.numeric", FIELD_U32, "Service", NULL, "0.1", CORE,
		PLAIN },
	[UA_TIMESTAMP] = { "opcua.Timestamp", FIELD_TIME, "When it was sent", NULL, "0.1", DETAIL,
		PLAIN },
	[UA_HANDLE] = { "opcua.RequestHandle", FIELD_U32, "Request, as the client names it", NULL,
		"0.1", DETAIL, PLAIN },
	[UA_RESULT] = { "opcua.ServiceResult", FIELD_U32, "How it went, 0 well", NULL, "0.1", CORE,
		PLAIN },
	[UA_MODE] = { "opcua.MessageSecurityMode", FIELD_U32,
		"1 none, 2 signed, 3 signed and encrypted", NULL, "0.1", CORE, PLAIN },
	[UA_STATUS] = { "opcua.StatusCode", FIELD_U32, "How a part of it went, or is", NULL, "0.1",
		CORE, PLAIN },
	[UA_ENDPOINT_URL] = { "opcua.EndpointUrl", FIELD_STR, "Address of an endpoint",
		"url.original", "0.1", CORE, NAME },
	[UA_SESSION_NAME] = { "opcua.SessionName", FIELD_STR, "Name of the session", NULL, "0.1",
		CORE, NAME },
	[UA_APPLICATION_URI] = { "opcua.ApplicationUri", FIELD_STR, "Client or server", NULL, "0.1",
		CORE, NAME },
	[UA_POLICY_URI] = { "opcua.SecurityPolicyUri", FIELD_STR, "Policy of an endpoint", NULL,
		"0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 4840, NULL }, { 0 } };
static const char types[][TYPE + 1] = { "HEL", "ACK", "ERR", "RHE", "OPN", "MSG", "CLO" };

static bool is_ours(struct bytes b)
{
	int chunk = bytes_peek(&b, TYPE);
	struct bytes size = b;

	bytes_skip(&size, 4);
	uint32_t length = bytes_le32(&size);
	if (!bytes_ok(&size) || length < HEAD || length > SIZE_LIMIT ||
		(chunk != 'F' && chunk != 'C' && chunk != 'A'))
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (bytes_starts(&b, types[i], TYPE))
			return true;
	return false;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	return is_ours(b);
}

static void get_sizes(struct packet *pkt, struct bytes *b)
{
	(void)get_le32(pkt, b, UA_VERSION);
	(void)get_le32(pkt, b, UA_RBS);
	(void)get_le32(pkt, b, UA_SBS);
	(void)get_le32(pkt, b, UA_MMS);
	(void)get_le32(pkt, b, UA_MCC);
}

static void get_error(struct packet *pkt, struct bytes *b)
{
	uint32_t error = get_le32(pkt, b, UA_ERROR);

	if (bytes_ok(b))
		opcua_outcome(pkt, error);
	ua_string(pkt, b, UA_REASON);
}

static bool decode_connection(struct packet *pkt, const uint8_t *type, struct bytes b)
{
	if (type[0] == 'E') {
		ecs_text(pkt, ECS_EVENT_ACTION, "error");
		get_error(pkt, &b);
		return bytes_ok(&b);
	}
	if (type[0] == 'R')
		ua_string(pkt, &b, UA_NOT_SHOWN);
	else
		get_sizes(pkt, &b);
	if (type[0] != 'A')
		ua_string(pkt, &b, UA_ENDPOINT);
	pkt_client(pkt, type[0] == 'H');
	ecs_text(pkt, ECS_EVENT_ACTION,
		type[0] == 'H'   ? "hello"
		: type[0] == 'A' ? "acknowledge"
				 : "reverse-hello");
	return bytes_ok(&b);
}

static bool decode_channel(struct packet *pkt, const uint8_t *type, struct bytes b)
{
	(void)get_le32(pkt, &b, UA_SCID);
	if (type[0] == 'O') {
		ua_string(pkt, &b, UA_SPU);
		ua_string(pkt, &b, UA_NOT_SHOWN);
		ua_string(pkt, &b, UA_NOT_SHOWN);
	} else {
		(void)get_le32(pkt, &b, UA_TOKENID);
	}
	(void)get_le32(pkt, &b, UA_SEQ);
	(void)get_le32(pkt, &b, UA_RQID);
	if (type[TYPE] == 'A') {
		ecs_text(pkt, ECS_EVENT_ACTION, "abort");
		get_error(pkt, &b);
	} else if (type[TYPE] == 'F' && bytes_ok(&b)) {
		return opcua_service(pkt, b);
	}
	return bytes_ok(&b);
}

/* One message; false when it does not end here. */
static bool decode_message(struct packet *pkt, struct bytes *b)
{
	const uint8_t *type = bytes_take(b, TYPE + 1);
	uint32_t length = bytes_le32(b);

	if (!bytes_ok(b))
		return false;
	put_str(pkt, UA_TYPE, type, TYPE);
	put_str(pkt, UA_CHUNK, type + TYPE, 1);
	put_u64(pkt, UA_SIZE, length);
	size_t claimed = bytes_claimed(b);
	struct bytes body = bytes_upto(b, length - (size_t)HEAD);
	bool channel = type[0] == 'O' || type[0] == 'M' || type[0] == 'C';
	bool whole = channel ? decode_channel(pkt, type, body) : decode_connection(pkt, type, body);
	return whole && length - (size_t)HEAD <= claimed;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!is_ours(b))
		return DECODE_REJECT;
	for (unsigned i = 0; i < MESSAGES_MAX && is_ours(b); i++)
		if (!decode_message(pkt, &b))
			return DECODE_TRUNCATED;
	return DECODE_OK;
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, 'A', 'A' }, { BY_TCP_PORT, 'C', 'C' },
	{ BY_TCP_PORT, 'E', 'E' }, { BY_TCP_PORT, 'H', 'H' }, { BY_TCP_PORT, 'M', 'M' },
	{ BY_TCP_PORT, 'O', 'O' }, { BY_TCP_PORT, 'R', 'R' }, { 0 } };

const struct proto proto_opcua = { .name = "opcua",
	.binds = binds,
	.fields = opcua_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "opcua" };
