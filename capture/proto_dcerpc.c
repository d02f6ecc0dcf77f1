/* proto_dcerpc.c -- DCE/RPC: remote procedure calls, over connections, pipes and datagrams.
 * C706, 12.6:  0 version, 5 | 1 minor | 2 type | 3 flags; 0x80: an object | 4-7 representation;
 *   0x10 in its first byte: little-endian | 8-9 length | 10-11 length of the verifier | 12-15 call
 *   0 request: 16-19 hint | 20-21 context | 22-23 operation | object 16
 *   2 response: 16-19 hint | 20-21 context        3 fault: the same | 24-27 status
 *   11 bind, 14 alter: 16-23 limits | 24 contexts, each: 0-1 number | 2 syntaxes | 4-19 interface |
 *     20-23 version, minor in the upper half | syntaxes of 20
 *   12, 15 answers to these: 16-23 limits | 24-25 length of an address | to 4 bytes | results,
 *     each: 0-1 result | 2-3 reason | 4-23 syntax
 *   at the end: 0 type of security | 1 level | 2 padding | 4-7 context | verifier
 * 12.5, datagrams:  0 version, 4 | 1 type | 2-3 flags | 4-6 representation | 8-23 object |
 *   24-39 interface | 40-55 activity | ... | 68-69 operation */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "gss.h"
#include "outcome.h"

enum { HEADER = 16, PDUS_MAX = 1024, CONTEXTS_MAX = 256, UUID = 16, SYNTAX = 20, TRAILER = 8 };
enum pdu {
	REQUEST,
	RESPONSE = 2,
	FAULT,
	BIND = 11,
	BIND_ACK,
	BIND_NAK,
	ALTER,
	ALTER_ACK,
	TYPES = 20
};
enum { LITTLE_ENDIAN_BIT = 0x10, CHARACTER_BIT = 1, FLOATS = 4, CONNECTED = 5, DATAGRAM = 4 };
enum {
	SECURITY_SPNEGO = 9,
	SECURITY_NTLMSSP = 10,
	SECURITY_KERBEROS = 16,
	LEVEL_INTEGRITY = 5,
	OPERATION_AT = 68
};

enum {
	VER,
	PKT_TYPE,
	CN_FLAGS,
	CN_FRAG_LEN,
	CN_AUTH_LEN,
	CN_CALL_ID,
	CN_CTX_ID,
	CN_BIND_TO_UUID,
	CN_BIND_IF_VER,
	OPNUM,
	CN_ACK_RESULT,
	CN_STATUS,
};
static const struct proto_field fields[] = {
	[VER] = { "dcerpc.ver", FIELD_U8, "5 over connections, 4 in datagrams", NULL, "0.1", DETAIL,
		PLAIN },
	[PKT_TYPE] = { "dcerpc.pkt_type", FIELD_U8,
		"0 request, 2 response, 3 fault, 11 bind, 12 its answer, 14 alter context", NULL,
		"0.1", CORE, PLAIN },
	[CN_FLAGS] = { "dcerpc.cn_flags", FIELD_U8, "Flags: 1 first and 2 last fragment", NULL,
		"0.1", DETAIL, PLAIN },
	[CN_FRAG_LEN] = { "dcerpc.cn_frag_len", FIELD_U16, "Length", NULL, "0.1", DETAIL, PLAIN },
	[CN_AUTH_LEN] = { "dcerpc.cn_auth_len", FIELD_U16, "Length of the verifier", NULL, "0.1",
		DETAIL, PLAIN },
	[CN_CALL_ID] = { "dcerpc.cn_call_id", FIELD_U32, "Call", NULL, "0.1", CORE, PLAIN },
	[CN_CTX_ID] = { "dcerpc.cn_ctx_id", FIELD_U16, "Context: number of an interface", NULL,
		"0.1", CORE, PLAIN },
	[CN_BIND_TO_UUID] = { "dcerpc.cn_bind_to_uuid", FIELD_STR, "Interface", NULL, "0.1", CORE,
		PLAIN },
	[CN_BIND_IF_VER] = { "dcerpc.cn_bind_if_ver", FIELD_U16, "Its version", NULL, "0.1", DETAIL,
		PLAIN },
	[OPNUM] = { "dcerpc.opnum", FIELD_U16, "Operation of the interface", NULL, "0.1", CORE,
		PLAIN },
	[CN_ACK_RESULT] = { "dcerpc.cn_ack_result", FIELD_U16, "0 the interface is accepted", NULL,
		"0.1", CORE, PLAIN },
	[CN_STATUS] = { "dcerpc.cn_status", FIELD_U32, "Why a call failed", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 135, NULL }, { BY_PIPE, 0, NULL },
	{ 0 } };
static const struct proto_probe probes[] = { { BY_TCP_PORT, CONNECTED, CONNECTED },
	{ BY_UDP_PORT, DATAGRAM, DATAGRAM }, { 0 } };

struct call {
	struct packet *pkt;
	bool little;
};

/* --- reading in the sender's order --- */

static uint16_t read16(const struct call *c, struct bytes *b)
{
	return c->little ? bytes_le16(b) : bytes_be16(b);
}

static uint32_t read32(const struct call *c, struct bytes *b)
{
	return c->little ? bytes_le32(b) : bytes_be32(b);
}

static uint16_t get16(const struct call *c, struct bytes *b, unsigned field)
{
	return c->little ? get_le16(c->pkt, b, field) : get_be16(c->pkt, b, field);
}

/* --- bodies --- */

static bool request(const struct call *c, struct bytes b)
{
	bytes_skip(&b, 4);
	(void)get16(c, &b, CN_CTX_ID);
	(void)get16(c, &b, OPNUM);
	return bytes_ok(&b);
}

/* C706, appendix E; [MS-RPCE] for what is not there. */
static const char *fault_name(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *name;
	} names[] = { { 0x00000005, "access denied" }, { 0x000006d1, "cannot support" },
		{ 0x000006f7, "bad stub data" }, { 0x1c010002, "nca_op_rng_error" },
		{ 0x1c010003, "nca_unk_if" }, { 0x1c010006, "nca_wrong_boot_time" },
		{ 0x1c010009, "nca_you_crashed" }, { 0x1c01000b, "nca_proto_error" },
		{ 0x1c010013, "nca_out_args_too_big" }, { 0x1c010014, "nca_server_too_busy" },
		{ 0x1c010017, "nca_unsupported_type" },
		{ 0x1c00001a, "nca_s_fault_context_mismatch" },
		{ 0x1c000012, "nca_s_fault_unspec" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}

static bool response(const struct call *c, struct bytes b, bool fault)
{
	bytes_skip(&b, 4);
	(void)get16(c, &b, CN_CTX_ID);
	bytes_skip(&b, 2);
	if (!fault)
		return bytes_ok(&b);
	uint32_t status = read32(c, &b);
	if (!bytes_ok(&b))
		return false;
	put_u64(c->pkt, CN_STATUS, status);
	outcome_failure_hex(c->pkt, status, 8, fault_name(status));
	return true;
}

static bool bind(const struct call *c, struct bytes b)
{
	bytes_skip(&b, 8);
	unsigned count = bytes_u8(&b);
	bytes_skip(&b, 3);
	for (unsigned i = 0; i < count && i < CONTEXTS_MAX && bytes_ok(&b); i++) {
		(void)get16(c, &b, CN_CTX_ID);
		uint8_t syntaxes = bytes_u8(&b);
		bytes_skip(&b, 1);
		put_guid(c->pkt, CN_BIND_TO_UUID, bytes_take(&b, UUID), c->little);
		uint32_t version = read32(c, &b);
		if (bytes_ok(&b))
			put_u64(c->pkt, CN_BIND_IF_VER, version & 0xffff);
		bytes_skip(&b, syntaxes * (size_t)SYNTAX);
	}
	return bytes_ok(&b);
}

/* `from`: where the header begins, from which the results are aligned. */
static bool bind_answer(const struct call *c, struct bytes b, const uint8_t *from)
{
	bytes_skip(&b, 8);
	bytes_skip(&b, read16(c, &b));
	if (!bytes_ok(&b))
		return false;
	bytes_skip(&b, (size_t) - (b.p - from) & 3);
	unsigned count = bytes_u8(&b);
	bytes_skip(&b, 3);
	for (unsigned i = 0; i < count && i < CONTEXTS_MAX && bytes_ok(&b); i++) {
		(void)get16(c, &b, CN_ACK_RESULT);
		bytes_skip(&b, 2 + SYNTAX);
	}
	return bytes_ok(&b);
}

static bool refusal(const struct call *c, struct bytes b)
{
	static const char *const reasons[] = { "reason not specified", "temporary congestion",
		"local limit exceeded", "called address unknown", "protocol version not supported",
		"default context not supported", "user data not readable", "no PSAP available",
		"authentication type not recognized", "invalid checksum" };
	uint16_t reason = read16(c, &b);

	if (bytes_ok(&b))
		outcome_failure(c->pkt, reason, NAME_OF(reasons, reason));
	return bytes_ok(&b);
}

static bool body(const struct call *c, uint8_t type, struct bytes b, const uint8_t *from)
{
	switch (type) {
	case REQUEST:
		return request(c, b);
	case RESPONSE:
	case FAULT:
		return response(c, b, type == FAULT);
	case BIND:
	case ALTER:
		return bind(c, b);
	case BIND_ACK:
	case ALTER_ACK:
		return bind_answer(c, b, from);
	case BIND_NAK:
		return refusal(c, b);
	default:
		return true;
	}
}

/* --- security --- */

/* Only what is agreed on in the beginning; later verifiers are checksums. */
static void put_verifier(const struct call *c, struct bytes b)
{
	uint8_t type = bytes_u8(&b);

	bytes_skip(&b, TRAILER - 1);
	if (!bytes_ok(&b) || bytes_left(&b) == 0)
		return;
	if (type == SECURITY_NTLMSSP)
		gss_token(c->pkt, GSS_NTLMSSP_UNNAMED, b);
	else if (type == SECURITY_KERBEROS && gss_is_kerberos(b))
		gss_token(c->pkt, GSS_KERBEROS_UNNAMED, b);
	else if (type == SECURITY_SPNEGO || type == SECURITY_KERBEROS)
		gss_token(c->pkt, GSS_TOKEN_UNNAMED, b);
}

/* The verifier of a call tells whose it is; a sealed call counts twice, as Wireshark has it. */
static void name_verifier(const struct call *c, struct bytes b)
{
	uint8_t type = bytes_u8(&b), level = bytes_u8(&b);

	bytes_skip(&b, TRAILER - 2);
	if (!bytes_ok(&b) || (type != SECURITY_SPNEGO && type != SECURITY_KERBEROS))
		return;
	const char *name = gss_is_kerberos(b) ? "spnego-krb5" : "ntlmssp";
	if (level >= LEVEL_INTEGRITY)
		pkt_protocol(c->pkt, name);
	if (level > LEVEL_INTEGRITY)
		pkt_protocol(c->pkt, name);
}

static bool begins_session(uint8_t type)
{
	return type >= BIND && type <= ALTER_ACK + 1 && type != BIND_NAK;
}

/* --- ECS --- */

static const char *const actions[TYPES] = { [REQUEST] = "request",
	[RESPONSE] = "response",
	[FAULT] = "fault",
	[BIND] = "bind",
	[BIND_ACK] = "bind-ack",
	[BIND_NAK] = "bind-nak",
	[ALTER] = "alter-context",
	[ALTER_ACK] = "alter-context-response" };

static void put_facts(struct packet *pkt, uint8_t type)
{
	bool asks = type == REQUEST || type == BIND || type == ALTER;

	ecs_text(pkt, ECS_EVENT_ACTION, actions[type]);
	if (actions[type])
		pkt_client(pkt, asks);
	if (actions[type] && !asks && type != FAULT && type != BIND_NAK)
		outcome_success(pkt);
}

/* --- the heads --- */

/* The last byte of a representation is zero. */
static bool representation_ok(const struct bytes *b, size_t at)
{
	int order = bytes_peek(b, at), floats = bytes_peek(b, at + 1);

	return order >= 0 && !(order & ~(LITTLE_ENDIAN_BIT | CHARACTER_BIT)) && floats < FLOATS &&
	       bytes_peek(b, at + 2) == 0;
}

/* A length of less than the head, in either order, is none. */
static bool length_ok(struct bytes b)
{
	struct call c = { NULL, bytes_peek(&b, 4) & LITTLE_ENDIAN_BIT };

	bytes_skip(&b, 8);
	return read16(&c, &b) >= HEADER;
}

static bool is_connected(const struct bytes *b)
{
	int minor = bytes_peek(b, 1), type = bytes_peek(b, 2);

	return bytes_left(b) >= HEADER && bytes_peek(b, 0) == CONNECTED && minor <= 1 &&
	       type < TYPES && representation_ok(b, 4) && bytes_peek(b, 7) == 0 && length_ok(*b);
}

static bool is_datagram(const struct bytes *b)
{
	return bytes_left(b) >= OPERATION_AT + 12 && bytes_peek(b, 0) == DATAGRAM &&
	       bytes_peek(b, 1) < TYPES && representation_ok(b, 4) && bytes_peek(b, 3) <= 3;
}

/* False when it ends early. */
static bool decode_pdu(struct packet *pkt, struct bytes *b)
{
	struct call c = { pkt, bytes_peek(b, 4) & LITTLE_ENDIAN_BIT };
	const uint8_t *from = b->p;
	struct bytes head = *b;

	(void)get_u8(pkt, &head, VER);
	bytes_skip(&head, 1);
	uint8_t type = get_u8(pkt, &head, PKT_TYPE);
	(void)get_u8(pkt, &head, CN_FLAGS);
	bytes_skip(&head, 4);
	uint16_t length = get16(&c, &head, CN_FRAG_LEN), verifier = get16(&c, &head, CN_AUTH_LEN);
	uint32_t call = read32(&c, &head);
	put_u64(pkt, CN_CALL_ID, call);
	put_facts(pkt, type);
	bool whole = length >= HEADER && length <= bytes_left(b);
	struct bytes pdu = bytes_upto(b, length < HEADER ? HEADER : length), tail = pdu;
	bytes_skip(&pdu, HEADER);
	bool ok = body(&c, type, pdu, from);
	if (type == FAULT || type == BIND_NAK) /* where its status is cut off */
		outcome_failure_named(pkt, actions[type]);
	if (whole && verifier && length >= HEADER + TRAILER + verifier) {
		bytes_skip(&tail, (size_t)length - verifier - TRAILER);
		if (begins_session(type))
			put_verifier(&c, tail);
		else if (type == REQUEST || type == RESPONSE)
			name_verifier(&c, tail);
	}
	return ok && whole;
}

static enum decode_result decode_datagram(struct packet *pkt, struct bytes b)
{
	struct call c = { pkt, bytes_peek(&b, 4) & LITTLE_ENDIAN_BIT };
	struct bytes operation = b;

	(void)get_u8(pkt, &b, VER);
	(void)get_u8(pkt, &b, PKT_TYPE);
	bytes_skip(&operation, OPERATION_AT);
	(void)get16(&c, &operation, OPNUM);
	return DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool ok = true;

	if (is_datagram(&b))
		return decode_datagram(pkt, b);
	if (!is_connected(&b))
		return DECODE_REJECT;
	for (unsigned i = 0; i < PDUS_MAX && ok && is_connected(&b); i++)
		ok = decode_pdu(pkt, &b);
	return ok ? DECODE_OK : DECODE_TRUNCATED;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	return bytes_peek(&b, 0) == CONNECTED ? is_connected(&b) : is_datagram(&b);
}

const struct proto proto_dcerpc = { .name = "dcerpc",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "dce_rpc" };
