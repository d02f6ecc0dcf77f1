/* opcua_services.c -- services of OPC UA: their heads, and of some their bodies.
 * IEC 62541-4, 7.28 and 7.29:  request: token | time | handle u32 | diagnostics u32 | audit text |
 *   time-out u32 | extension; response: time | handle u32 | result u32 | diagnostics | texts |
 *   extension. Behind the number of a request stands its response's, three above. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "opcua.h"

enum { FAULT = 397, OPEN_CHANNEL = 446, CREATE_SESSION = 461, ACTIVATE_SESSION = 467 };
enum { FIND_SERVERS = 422, GET_ENDPOINTS = 428, BROWSE = 527, TRANSLATE = 554, READ = 631 };
enum { WRITE = 673, CREATE_MONITORED = 751, PUBLISH = 826, DATA_CHANGE = 811, ANSWER = 3 };

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
	{ 479, "cancel" },
	{ 488, "add-nodes" },
	{ 494, "add-references" },
	{ 500, "delete-nodes" },
	{ 506, "delete-references" },
	{ BROWSE, "browse" },
	{ 533, "browse-next" },
	{ TRANSLATE, "translate-browse-paths" },
	{ 560, "register-nodes" },
	{ 566, "unregister-nodes" },
	{ 615, "query-first" },
	{ 621, "query-next" },
	{ READ, "read" },
	{ 664, "history-read" },
	{ WRITE, "write" },
	{ 700, "history-update" },
	{ 712, "call" },
	{ CREATE_MONITORED, "create-monitored-items" },
	{ 763, "modify-monitored-items" },
	{ 769, "set-monitoring-mode" },
	{ 775, "set-triggering" },
	{ 781, "delete-monitored-items" },
	{ 787, "create-subscription" },
	{ 793, "modify-subscription" },
	{ 799, "set-publishing-mode" },
	{ PUBLISH, "publish" },
	{ 832, "republish" },
	{ 841, "transfer-subscriptions" },
	{ 847, "delete-subscriptions" },
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
		ua_node(b);
		ua_time(pkt, b);
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

static void decode_monitored(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--) {
		(void)get_le32(pkt, b, UA_STATUS);
		bytes_skip(b, 16); /* number, interval, queue */
		ua_extension(b);
	}
}

/* A notification, of values when its type is DATA_CHANGE. */
static void decode_notification(struct packet *pkt, struct bytes *b)
{
	struct bytes type = *b;

	ua_node(b);
	uint8_t encoding = bytes_u8(b);
	uint32_t length = encoding ? bytes_le32(b) : 0;
	struct bytes body = bytes_upto(b, length <= INT32_MAX ? length : 0);
	bytes_skip(&type, 2);
	if (bytes_le16(&type) != DATA_CHANGE)
		return;
	for (unsigned i = ua_count(&body); i && bytes_ok(&body); i--) {
		bytes_skip(&body, 4);
		if (!ua_data_value(pkt, &body))
			return;
	}
}

static void decode_published(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 4);
	bytes_skip(b, ua_count(b) * (size_t)4);
	bytes_skip(b, 1 + 4 + 8); /* more, number, time */
	for (unsigned i = ua_count(b); i && bytes_ok(b); i--)
		decode_notification(pkt, b);
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
		decode_browsed(pkt, b);
		return;
	case TRANSLATE:
		decode_translated(pkt, b);
		return;
	case READ:
		for (unsigned i = ua_count(b); i && ua_data_value(pkt, b); i--)
			;
		return;
	case CREATE_MONITORED:
		decode_monitored(pkt, b);
		return;
	case PUBLISH:
		decode_published(pkt, b);
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

bool opcua_service(struct packet *pkt, struct bytes b)
{
	int64_t number = get_service(pkt, &b);

	if (number < ANSWER)
		return bytes_ok(&b);
	const char *request = name_of((uint32_t)number),
		   *response = name_of((uint32_t)number - ANSWER);
	if (request) {
		pkt_client(pkt, true);
		ecs_text(pkt, ECS_EVENT_ACTION, request);
		get_request_head(pkt, &b);
		decode_request(pkt, (uint32_t)number, &b);
	} else if (response || number == FAULT) {
		pkt_client(pkt, false);
		ecs_text(pkt, ECS_EVENT_ACTION, response ? response : "service-fault");
		get_response_head(pkt, &b);
		decode_response(pkt, (uint32_t)number - ANSWER, &b);
	}
	return bytes_ok(&b);
}
