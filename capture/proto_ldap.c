/* proto_ldap.c -- Lightweight Directory Access Protocol, version 3, and CLDAP, the same over UDP.
 * RFC 4511:  SEQUENCE { message id INTEGER, operation [APPLICATION n], controls [0] }
 *   0 bind: version INTEGER, name, [0] password or [3] { mechanism, credentials }, or [10] and [11]
 *     NTLMSSP (MS-ADTS, 5.1.1.1.3) | 1 its answer: [7] credentials, or those for the matched name
 *   3 search: base, scope, aliases ENUMERATED, size, time INTEGER, types only BOOLEAN, filter,
 *     SEQUENCE OF description | 4 entry: name, SEQUENCE OF attribute | 6 modify: name,
 *     SEQUENCE OF { ENUMERATED, attribute } | 8 add: name, SEQUENCE OF attribute | 14 compare: name,
 *     assertion | 23 extended: [0] name, [1] value
 *   1, 5, 7, 9, 11, 13, 15, 24 answers: result ENUMERATED, matched name, message, ...
 *   Behind a SASL bind messages may be wrapped: u32 length, and what only its keys can read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap.h"
#include "outcome.h"

enum { MESSAGES_MAX = 256, MESSAGE_MIN = 6, WRAPPED_MAX = 1 << 24, UDP = 17 };
enum { REQUEST_NAME = BER_CONTEXT, CONTROLS = BER_CTX(0) };
enum {
	BIND,
	BIND_ANSWER,
	UNBIND,
	SEARCH,
	ENTRY,
	SEARCH_END,
	MODIFY,
	MODIFY_ANSWER,
	ADD,
	ADD_ANSWER,
	DELETE,
	DELETE_ANSWER,
	RENAME,
	RENAME_ANSWER,
	COMPARE,
	COMPARE_ANSWER,
	ABANDON,
	REFERENCE = 19,
	EXTENDED = 23,
	EXTENDED_ANSWER,
	INTERMEDIATE,
	OPERATIONS,
};
enum { SUCCESS, COMPARE_FALSE = 5, COMPARE_TRUE, REFERRAL = 10, BIND_GOES_ON = 14 };

/* Over TCP the name comes with a message: the middle of one has none. */
static const struct proto_bind binds[] = { { BY_TCP_PORT, 389, "" }, { BY_TCP_PORT, 3268, "" },
	{ BY_UDP_PORT, 389, "" }, { 0 } };
static const struct proto_probe probes[] = { { BY_TCP_PORT, BER_SEQUENCE, BER_SEQUENCE }, { 0 } };

static const char *const operations[OPERATIONS] = {
	[BIND] = "bind",
	[BIND_ANSWER] = "bind-response",
	[UNBIND] = "unbind",
	[SEARCH] = "search",
	[ENTRY] = "search-entry",
	[SEARCH_END] = "search-done",
	[MODIFY] = "modify",
	[MODIFY_ANSWER] = "modify-response",
	[ADD] = "add",
	[ADD_ANSWER] = "add-response",
	[DELETE] = "delete",
	[DELETE_ANSWER] = "delete-response",
	[RENAME] = "modify-dn",
	[RENAME_ANSWER] = "modify-dn-response",
	[COMPARE] = "compare",
	[COMPARE_ANSWER] = "compare-response",
	[ABANDON] = "abandon",
	[REFERENCE] = "search-reference",
	[EXTENDED] = "extended",
	[EXTENDED_ANSWER] = "extended-response",
	[INTERMEDIATE] = "intermediate-response",
};

static void name_layer(struct packet *pkt)
{
	pkt_protocol(pkt, pkt->flow.proto == UDP ? "cldap" : "ldap");
}

static bool put_search(struct packet *pkt, struct bytes b)
{
	ber_get_str(pkt, &b, BER_OCTET_STRING, LDAP_BASE_OBJECT);
	(void)ber_get_int(pkt, &b, BER_ENUMERATED, LDAP_SCOPE);
	(void)ber_get_int(pkt, &b, BER_ENUMERATED, LDAP_DEREF_ALIASES);
	(void)ber_get_int(pkt, &b, BER_INTEGER, LDAP_SIZE_LIMIT);
	(void)ber_get_int(pkt, &b, BER_INTEGER, LDAP_TIME_LIMIT);
	struct bytes only = ber_need(&b, BER_BOOLEAN);
	if (bytes_left(&only) == 1)
		put_bool(pkt, LDAP_TYPES_ONLY, *only.p);
	if (!bytes_ok(&b) || !ldap_put_filter(pkt, &b))
		return false;
	struct bytes names = ber_need(&b, BER_SEQUENCE);
	while (bytes_left(&names))
		ber_get_str(pkt, &names, BER_OCTET_STRING, LDAP_ATTRIBUTE_DESCRIPTION);
	return bytes_ok(&names);
}

static bool put_attributes(struct packet *pkt, struct bytes list)
{
	while (bytes_left(&list))
		if (!ldap_put_attribute(pkt, &list))
			return false;
	return bytes_ok(&list);
}

static bool put_entry(struct packet *pkt, struct bytes b)
{
	ber_get_str(pkt, &b, BER_OCTET_STRING, LDAP_OBJECT_NAME);
	return put_attributes(pkt, ber_need(&b, BER_SEQUENCE));
}

static bool put_add(struct packet *pkt, struct bytes b)
{
	(void)ber_need(&b, BER_OCTET_STRING);
	return put_attributes(pkt, ber_need(&b, BER_SEQUENCE));
}

static bool put_modify(struct packet *pkt, struct bytes b)
{
	(void)ber_need(&b, BER_OCTET_STRING);
	struct bytes list = ber_need(&b, BER_SEQUENCE);
	while (bytes_left(&list)) {
		struct bytes change = ber_need(&list, BER_SEQUENCE);
		(void)ber_need(&change, BER_ENUMERATED);
		if (!bytes_ok(&change) || !ldap_put_attribute(pkt, &change))
			return false;
	}
	return bytes_ok(&list);
}

static bool put_compare(struct packet *pkt, struct bytes b)
{
	(void)ber_need(&b, BER_OCTET_STRING);
	struct bytes assertion = ber_need(&b, BER_SEQUENCE);
	return bytes_ok(&assertion) && ldap_put_assertion(pkt, assertion);
}

static bool put_extended(struct packet *pkt, struct bytes b)
{
	struct bytes name = ber_need(&b, REQUEST_NAME);

	(void)ber_put_str(pkt, LDAP_REQUEST_NAME, name);
	if (bytes_left(&b) && ldap_is_layer(name))
		name_layer(pkt);
	return bytes_ok(&b);
}

/* RFC 4511, 4.1.9. */
static const char *result_name(int64_t code)
{
	static const char *const names[] = { [1] = "operationsError",
		[2] = "protocolError",
		[3] = "timeLimitExceeded",
		[4] = "sizeLimitExceeded",
		[7] = "authMethodNotSupported",
		[8] = "strongerAuthRequired",
		[11] = "adminLimitExceeded",
		[12] = "unavailableCriticalExtension",
		[13] = "confidentialityRequired",
		[16] = "noSuchAttribute",
		[17] = "undefinedAttributeType",
		[18] = "inappropriateMatching",
		[19] = "constraintViolation",
		[20] = "attributeOrValueExists",
		[21] = "invalidAttributeSyntax",
		[32] = "noSuchObject",
		[33] = "aliasProblem",
		[34] = "invalidDNSyntax",
		[36] = "aliasDereferencingProblem",
		[48] = "inappropriateAuthentication",
		[49] = "invalidCredentials",
		[50] = "insufficientAccessRights",
		[51] = "busy",
		[52] = "unavailable",
		[53] = "unwillingToPerform",
		[54] = "loopDetect",
		[64] = "namingViolation",
		[65] = "objectClassViolation",
		[66] = "notAllowedOnNonLeaf",
		[67] = "notAllowedOnRDN",
		[68] = "entryAlreadyExists",
		[69] = "objectClassModsProhibited",
		[71] = "affectsMultipleDSAs",
		[80] = "other" };

	return code < 0 ? NULL : NAME_OF(names, (uint64_t)code);
}

static bool put_result(struct packet *pkt, struct bytes b)
{
	int64_t code = ber_get_int(pkt, &b, BER_ENUMERATED, LDAP_RESULT_CODE);
	bool good = code == SUCCESS || code == COMPARE_FALSE || code == COMPARE_TRUE;
	bool open = code == REFERRAL || code == BIND_GOES_ON;

	if (!bytes_ok(&b))
		return false;
	ber_get_str(pkt, &b, BER_OCTET_STRING, LDAP_MATCHED_DN);
	struct bytes ahead = b, words = ber_need(&ahead, BER_OCTET_STRING);
	ber_get_str(pkt, &b, BER_OCTET_STRING, LDAP_ERROR_MESSAGE);
	if (good)
		outcome_success(pkt);
	else if (!open)
		outcome_failure_said(pkt, (uint64_t)code, words, result_name(code));
	return bytes_ok(&b);
}

static bool put_operation(struct packet *pkt, unsigned kind, struct bytes b)
{
	switch (kind) {
	case BIND:
		return ldap_put_bind(pkt, b);
	case SEARCH:
		return put_search(pkt, b);
	case ENTRY:
		return put_entry(pkt, b);
	case MODIFY:
		return put_modify(pkt, b);
	case ADD:
		return put_add(pkt, b);
	case COMPARE:
		return put_compare(pkt, b);
	case EXTENDED:
		return put_extended(pkt, b);
	case BIND_ANSWER:
		return put_result(pkt, b) && ldap_put_bind_answer(pkt, b);
	case SEARCH_END:
	case MODIFY_ANSWER:
	case ADD_ANSWER:
	case DELETE_ANSWER:
	case RENAME_ANSWER:
	case COMPARE_ANSWER:
	case EXTENDED_ANSWER:
		return put_result(pkt, b);
	default:
		return true;
	}
}

static bool put_controls(struct packet *pkt, struct bytes b)
{
	struct bytes list = ber_value(&b, CONTROLS);

	while (bytes_left(&list)) {
		struct bytes control = ber_need(&list, BER_SEQUENCE);
		struct bytes type = ber_need(&control, BER_OCTET_STRING);
		(void)ber_put_str(pkt, LDAP_CONTROL_TYPE, type);
		(void)ber_value(&control, BER_BOOLEAN);
		if (bytes_peek(&control, 0) == BER_OCTET_STRING && ldap_is_layer(type))
			name_layer(pkt);
	}
	return bytes_ok(&list) || bytes_left(&b) == 0;
}

static bool is_request(unsigned kind)
{
	return kind == BIND || kind == UNBIND || kind == SEARCH || kind == MODIFY || kind == ADD ||
	       kind == DELETE || kind == RENAME || kind == COMPARE || kind == ABANDON ||
	       kind == EXTENDED;
}

static bool decode_message(struct packet *pkt, struct bytes b)
{
	struct ber operation;

	(void)ber_get_int(pkt, &b, BER_INTEGER, LDAP_MESSAGE_ID);
	if (!bytes_ok(&b) || !ber_next(&b, &operation))
		return false;
	unsigned kind = operation.tag & 31;
	if ((operation.tag & 0xc0) != BER_APPLICATION || kind >= OPERATIONS || !operations[kind])
		return false;
	put_u64(pkt, LDAP_OPERATION, kind);
	ecs_text(pkt, ECS_EVENT_ACTION, operations[kind]);
	pkt_client(pkt, is_request(kind));
	return put_operation(pkt, kind, operation.value) && put_controls(pkt, b);
}

static bool is_wrapped(struct bytes b)
{
	uint32_t length = bytes_be32(&b);

	return bytes_ok(&b) && length > 1 && length < WRAPPED_MAX && bytes_left(&b);
}

/* A message or at least its beginning. */
static bool is_message(struct bytes b)
{
	struct ber message;

	b = ber_open(b);
	return bytes_left(&b) >= MESSAGE_MIN && ber_take(&b, BER_SEQUENCE, &message) &&
	       bytes_peek(&message.value, 0) == BER_INTEGER;
}

/* One whole message with an operation that there is, and nothing behind it. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	struct ber message, id, operation;
	int64_t number;

	(void)pkt;
	if (!ber_take(&b, BER_SEQUENCE, &message) || bytes_claimed(&b) ||
		!ber_take(&message.value, BER_INTEGER, &id) || !ber_int(id.value, &number) ||
		!ber_next(&message.value, &operation))
		return false;
	unsigned kind = operation.tag & 31;
	return number > 0 && number <= INT32_MAX && operation.tag == BER_APP(kind) &&
	       kind < OPERATIONS && operations[kind] && bytes_left(&operation.value) > 2;
}

/* What begins in another way is none of a message's middle: TLS, HTTP. */
static bool is_foreign(const struct bytes *b)
{
	int type = bytes_peek(b, 0);

	return (type >= 20 && type <= 23 && bytes_peek(b, 1) == 3 && bytes_peek(b, 2) <= 4) ||
	       bytes_starts(b, "HTTP/", 5) || bytes_starts(b, "GET ", 4) ||
	       bytes_starts(b, "POST ", 5) || bytes_starts(b, "SSH-", 4);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!is_message(b)) {
		if (pkt->flow.proto == UDP || is_foreign(&b))
			return DECODE_REJECT;
		if (is_wrapped(b) && !*pkt->token)
			name_layer(pkt);
		return DECODE_OK;
	}
	if (!*pkt->token)
		name_layer(pkt);
	b = ber_open(b);
	for (unsigned i = 0; i < MESSAGES_MAX && is_message(b); i++) {
		struct bytes message = ber_need(&b, BER_SEQUENCE);
		if (!decode_message(pkt, message))
			return DECODE_TRUNCATED;
	}
	return DECODE_OK;
}

const struct proto proto_ldap = { .name = "ldap",
	.binds = binds,
	.fields = ldap_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "ldap" };
