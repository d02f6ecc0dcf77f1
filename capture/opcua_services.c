/* opcua_services.c -- services of OPC UA: their heads, and of some their bodies.
 * IEC 62541-4, 7.28 and 7.29:  request: token | time | handle u32 | diagnostics u32 | audit text |
 *   time-out u32 | extension; response: time | handle u32 | result u32 | diagnostics | texts |
 *   extension. Behind the number of a request stands its response's, three above. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "opcua.h"

enum { FAULT = 397, OPEN_CHANNEL = 446, CREATE_SESSION = 461, ACTIVATE_SESSION = 467 };
enum { FIND_SERVERS = 422, GET_ENDPOINTS = 428, BROWSE = 527, TRANSLATE = 554, READ = 631 };
enum { WRITE = 673, CREATE_MONITORED = 751, PUBLISH = 826, DATA_CHANGE = 811, ANSWER = 3 };
enum { CANCEL = 479, ADD_NODES = 488, BROWSE_NEXT = 533, QUERY_FIRST = 615, HISTORY_READ = 664 };
enum { HISTORY_UPDATE = 700, CALL = 712, MODIFY_MONITORED = 763, REPUBLISH = 832 };
enum { TRANSFER = 841, HISTORY_DATA = 658, ON_NETWORK = 12208, REGISTER_2 = 12211 };

static const struct {
	uint16_t number;
	const char *name;
} services[] = {
	{ FIND_SERVERS, "find-servers" },
	{ GET_ENDPOINTS, "get-endpoints" },
	{ 437, "register-server" },
	{ OPEN_CHANNEL, "open-secure-channel" },
	{ 452, "close-secure-channel" },
	{ CREATE_SESSION, "create-session" },
	{ ACTIVATE_SESSION, "activate-session" },
	{ 473, "close-session" },
	{ CANCEL, "cancel" },
	{ ADD_NODES, "add-nodes" },
	{ 494, "add-references" },
	{ 500, "delete-nodes" },
	{ 506, "delete-references" },
	{ BROWSE, "browse" },
	{ BROWSE_NEXT, "browse-next" },
	{ TRANSLATE, "translate-browse-paths" },
	{ 560, "register-nodes" },
	{ 566, "unregister-nodes" },
	{ QUERY_FIRST, "query-first" },
	{ 621, "query-next" },
	{ READ, "read" },
	{ HISTORY_READ, "history-read" },
	{ WRITE, "write" },
	{ HISTORY_UPDATE, "history-update" },
	{ CALL, "call" },
	{ CREATE_MONITORED, "create-monitored-items" },
	{ MODIFY_MONITORED, "modify-monitored-items" },
	{ 769, "set-monitoring-mode" },
	{ 775, "set-triggering" },
	{ 781, "delete-monitored-items" },
	{ 787, "create-subscription" },
	{ 793, "modify-subscription" },
	{ 799, "set-publishing-mode" },
	{ PUBLISH, "publish" },
	{ REPUBLISH, "republish" },
	{ TRANSFER, "transfer-subscriptions" },
	{ 847, "delete-subscriptions" },
	{ ON_NETWORK, "find-servers-on-network" },
	{ REGISTER_2, "register-server-2" },
};

static const char *name_of(uint32_t number)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (services[i].number == number)
			return services[i].name;
	return NULL;
}

static void get_application(struct packet *pkt, struct bytes *b)
{
	ua_string(pkt, b, UA_APPLICATION_URI);
	ua_string(pkt, b, UA_NOT_SHOWN);
	ua_localized(b);
	bytes_skip(b, 4);
	ua_string(pkt, b, UA_NOT_SHOWN);
	ua_string(pkt, b, UA_NOT_SHOWN);
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		ua_string(pkt, b, UA_NOT_SHOWN);
}

static void get_endpoint(struct packet *pkt, struct bytes *b)
{
	ua_string(pkt, b, UA_ENDPOINT_URL);
	get_application(pkt, b);
	ua_string(pkt, b, UA_NOT_SHOWN);
	(void)get_le32(pkt, b, UA_MODE);
	ua_string(pkt, b, UA_POLICY_URI);
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--) { /* policies of users' tokens */
		ua_string(pkt, b, UA_NOT_SHOWN);
		bytes_skip(b, 4);
		ua_string(pkt, b, UA_NOT_SHOWN);
		ua_string(pkt, b, UA_NOT_SHOWN);
		ua_string(pkt, b, UA_POLICY_URI);
	}
	ua_string(pkt, b, UA_NOT_SHOWN);
	bytes_skip(b, 1);
}

static void get_endpoints(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		get_endpoint(pkt, b);
}

static void decode_create_session(struct packet *pkt, struct bytes *b)
{
	get_application(pkt, b);
	ua_string(pkt, b, UA_NOT_SHOWN);
	ua_string(pkt, b, UA_ENDPOINT_URL);
	ua_string(pkt, b, UA_SESSION_NAME);
}

static void decode_session_created(struct packet *pkt, struct bytes *b)
{
	ua_node(b);
	ua_node(b);
	bytes_skip(b, 8);
	ua_string(pkt, b, UA_NOT_SHOWN);
	ua_string(pkt, b, UA_NOT_SHOWN);
	get_endpoints(pkt, b);
}

static void decode_writes(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--) {
		ua_node(b);
		bytes_skip(b, 4);
		ua_string(pkt, b, UA_NOT_SHOWN);
		if (!ua_data_value(pkt, b))
			return;
	}
}

static void decode_request(struct packet *pkt, uint32_t number, struct bytes *b)
{
	switch (number) {
	case OPEN_CHANNEL:
		bytes_skip(b, 8);
		(void)get_le32(pkt, b, UA_MODE);
		return;
	case CREATE_SESSION:
		decode_create_session(pkt, b);
		return;
	case ACTIVATE_SESSION: /* a password is in it somewhere */
		pkt_secret(pkt, b->p, bytes_left(b));
		return;
	case FIND_SERVERS:
	case GET_ENDPOINTS:
		ua_string(pkt, b, UA_ENDPOINT_URL);
		return;
	case BROWSE:
	case QUERY_FIRST: /* in what view */
		ua_node(b);
		ua_time(pkt, b);
		return;
	case CANCEL:
		(void)get_le32(pkt, b, UA_HANDLE);
		return;
	case WRITE:
		decode_writes(pkt, b);
		return;
	default:
		return;
	}
}

static void skip_reference(struct packet *pkt, struct bytes *b)
{
	ua_node(b);
	bytes_skip(b, 1);
	ua_node(b);
	bytes_skip(b, 2);
	ua_string(pkt, b, UA_NOT_SHOWN);
	ua_localized(b);
	bytes_skip(b, 4);
	ua_node(b);
}

static void decode_browsed(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--) {
		(void)get_le32(pkt, b, UA_STATUS);
		ua_string(pkt, b, UA_NOT_SHOWN);
		for (unsigned k = ua_count(b); k && bytes_ok(b); k--)
			skip_reference(pkt, b);
	}
}

static void decode_translated(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--) {
		(void)get_le32(pkt, b, UA_STATUS);
		for (unsigned k = ua_count(b); k && bytes_ok(b); k--) {
			ua_node(b);
			bytes_skip(b, 4);
		}
	}
}

/* An extension, of values when its type is this one: each behind as many bytes. */
static void decode_values(struct packet *pkt, struct bytes *b, uint16_t wanted, size_t before)
{
	struct bytes type = *b;

	ua_node(b);
	uint8_t encoding = bytes_u8(b);
	uint32_t length = encoding ? bytes_le32(b) : 0;
	struct bytes body = bytes_upto(b, length <= INT32_MAX ? length : 0);
	bytes_skip(&type, 2);
	if (bytes_le16(&type) != wanted)
		return;
	for (unsigned i = ua_count(&body); i && bytes_ok(&body); i--) {
		bytes_skip(&body, before);
		if (!ua_data_value(pkt, &body))
			return;
	}
}

static void decode_notifications(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 4 + 8); /* number, time */
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		decode_values(pkt, b, DATA_CHANGE, 4);
}

static void decode_published(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 4);
	bytes_skip(b, ua_count(b) * (size_t)4);
	bytes_skip(b, 1); /* more */
	decode_notifications(pkt, b);
}

/* What a call gave back: how each argument was taken, and values. */
static bool put_called(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, ua_count(b) * (size_t)4);
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		ua_diagnostics(b);
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		if (!ua_variant(pkt, b))
			return false;
	return bytes_ok(b);
}

static void decode_result(struct packet *pkt, uint32_t request, struct bytes *b)
{
	switch (request) {
	case ADD_NODES:
		ua_node(b);
		return;
	case HISTORY_READ:
		ua_string(pkt, b, UA_NOT_SHOWN);
		decode_values(pkt, b, HISTORY_DATA, 0);
		return;
	case HISTORY_UPDATE:
		bytes_skip(b, ua_count(b) * (size_t)4);
		for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
			ua_diagnostics(b);
		return;
	case CREATE_MONITORED:
		bytes_skip(b, 4);
		/* fallthrough */
	case MODIFY_MONITORED:
		bytes_skip(b, 12); /* interval, queue */
		ua_extension(b);
		return;
	default:
		bytes_skip(b, ua_count(b) * (size_t)4);
		return;
	}
}

/* Results that begin with a status each. */
static void decode_results(struct packet *pkt, uint32_t request, struct bytes *b)
{
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--) {
		(void)get_le32(pkt, b, UA_STATUS);
		if (request != CALL)
			decode_result(pkt, request, b);
		else if (!put_called(pkt, b))
			return;
	}
}

static void decode_response(struct packet *pkt, uint32_t request, struct bytes *b)
{
	switch (request) {
	case CREATE_SESSION:
		decode_session_created(pkt, b);
		return;
	case GET_ENDPOINTS:
		get_endpoints(pkt, b);
		return;
	case FIND_SERVERS:
		for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
			get_application(pkt, b);
		return;
	case BROWSE:
	case BROWSE_NEXT:
		decode_browsed(pkt, b);
		return;
	case TRANSLATE:
		decode_translated(pkt, b);
		return;
	case READ:
		for (unsigned i = ua_count(b); i && ua_data_value(pkt, b); i--)
			;
		return;
	case ADD_NODES:
	case HISTORY_READ:
	case HISTORY_UPDATE:
	case CALL:
	case CREATE_MONITORED:
	case MODIFY_MONITORED:
	case TRANSFER:
		decode_results(pkt, request, b);
		return;
	case PUBLISH:
		decode_published(pkt, b);
		return;
	case REPUBLISH:
		decode_notifications(pkt, b);
		return;
	default:
		return;
	}
}

static void get_request_head(struct packet *pkt, struct bytes *b)
{
	ua_node(b);
	ua_time(pkt, b);
	(void)get_le32(pkt, b, UA_HANDLE);
	bytes_skip(b, 4);
	ua_string(pkt, b, UA_NOT_SHOWN);
	bytes_skip(b, 4);
	ua_extension(b);
}

static void get_response_head(struct packet *pkt, struct bytes *b)
{
	ua_time(pkt, b);
	(void)get_le32(pkt, b, UA_HANDLE);
	uint32_t result = get_le32(pkt, b, UA_RESULT);
	if (bytes_ok(b))
		opcua_outcome(pkt, result);
	ua_diagnostics(b);
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		ua_string(pkt, b, UA_NOT_SHOWN);
	ua_extension(b);
}

/* The number of a service; -1 when it is no number. */
static int64_t get_service(struct packet *pkt, struct bytes *b)
{
	uint8_t kind = bytes_u8(b);
	uint32_t number;

	if (kind > 2)
		return -1;
	bytes_skip(b, kind);
	number = kind == 0 ? bytes_u8(b) : kind == 1 ? bytes_le16(b) : bytes_le32(b);
	if (!bytes_ok(b))
		return -1;
	put_u64(pkt, UA_SERVICE, number);
	return number;
}

/* The request that an answer belongs to. */
static uint32_t asked_by(uint32_t number)
{
	return number > ON_NETWORK ? number - 1 : number - ANSWER;
}

bool opcua_service(struct packet *pkt, struct bytes b)
{
	int64_t number = get_service(pkt, &b);

	if (number < ANSWER)
		return bytes_ok(&b);
	uint32_t asked = asked_by((uint32_t)number);
	const char *request = name_of((uint32_t)number), *response = name_of(asked);
	if (request) {
		pkt_client(pkt, true);
		ecs_text(pkt, ECS_EVENT_ACTION, request);
		get_request_head(pkt, &b);
		decode_request(pkt, (uint32_t)number, &b);
	} else if (response || number == FAULT) {
		pkt_client(pkt, false);
		ecs_text(pkt, ECS_EVENT_ACTION, response ? response : "service-fault");
		get_response_head(pkt, &b);
		decode_response(pkt, asked, &b);
	}
	return bytes_ok(&b);
}
