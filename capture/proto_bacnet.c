/* proto_bacnet.c -- BACnet: networks and services of building automation.
 * ASHRAE 135, 6.2:  0 version | 1 control | to: network u16, length u8, address | from: the same |
 *   hops u8 | message type u8, or a service
 * 20.1:  0 type (4 bits), segmented, more | of requests: 1 sizes | invoke id | when segmented:
 *   number, window | service | tags */
/* SPDX-License-Identifier: Apache-2.0 */
#include "bacnet.h"
#include "outcome.h"

enum { FROM_NETWORK = 0x80, TO = 0x20, FROM = 0x08, SEGMENTED = 0x08, MORE = 0x04 };
enum { NETWORKS_MAX = 4096, PLACE_MAX = 7 };

static const struct proto_field fields[] = {
	[BACNET_VERSION] = { "bacnet.version", FIELD_U8, "Version, 1", NULL, "0.1", DETAIL, PLAIN },
	[BACNET_CONTROL] = { "bacnet.control", FIELD_U8, "What follows in the head, and priority",
		NULL, "0.1", DETAIL, PLAIN },
	[BACNET_DNET] = { "bacnet.dnet", FIELD_U16, "Network it goes to; 65535: to all", NULL,
		"0.1", CORE, PLAIN },
	[BACNET_DLEN] = { "bacnet.dlen", FIELD_U8, "Length of the address there; 0: to all of it",
		NULL, "0.1", DETAIL, PLAIN },
	[BACNET_SNET] = { "bacnet.snet", FIELD_U16, "Network it comes from", NULL, "0.1", CORE,
		PLAIN },
	[BACNET_SLEN] = { "bacnet.slen", FIELD_U8, "Length of the address there", NULL, "0.1",
		DETAIL, PLAIN },
	[BACNET_HOPC] = { "bacnet.hopc", FIELD_U8, "Hops that are left", NULL, "0.1", DETAIL,
		PLAIN },
	[BACNET_MESGTYP] = { "bacnet.mesgtyp", FIELD_U8, "Message between routers", NULL, "0.1",
		CORE, PLAIN },
	[BACAPP_TYPE] = { "bacapp.type", FIELD_U8,
		"0 and 1 requests, 2 and 3 answers, 5 error, 6 reject, 7 abort", NULL, "0.1", CORE,
		PLAIN },
	[BACAPP_SEGMENTED] = { "bacapp.segmented_request", FIELD_BOOL, "A part of a message", NULL,
		"0.1", DETAIL, PLAIN },
	[BACAPP_MORE] = { "bacapp.more_segments", FIELD_BOOL, "More parts follow", NULL, "0.1",
		DETAIL, PLAIN },
	[BACAPP_INVOKE_ID] = { "bacapp.invoke_id", FIELD_U8, "Names a request and its answer", NULL,
		"0.1", DETAIL, PLAIN },
	[BACAPP_CONFIRMED] = { "bacapp.confirmed_service", FIELD_U8,
		"Service: 12 read, 14 read several, 15 write, 17 control, 20 restart", NULL, "0.1",
		CORE, PLAIN },
	[BACAPP_UNCONFIRMED] = { "bacapp.unconfirmed_service", FIELD_U8,
		"Service: 0 I am, 1 I have, 2 a value changed, 7 who has, 8 who is", NULL, "0.1",
		CORE, PLAIN },
	[BACAPP_REJECT] = { "bacapp.reject_reason", FIELD_U8, "Why a request is no good", NULL,
		"0.1", CORE, PLAIN },
	[BACAPP_ABORT] = { "bacapp.abort_reason", FIELD_U8, "Why it is given up", NULL, "0.1", CORE,
		PLAIN },
	[BACAPP_OBJECT_TYPE] = { "bacapp.objectType", FIELD_U32,
		"Type of an object: 0 to 2 analog, 3 to 5 binary, 8 device", NULL, "0.1", CORE,
		PLAIN },
	[BACAPP_INSTANCE] = { "bacapp.instance_number", FIELD_U32, "Number of the object", NULL,
		"0.1", CORE, PLAIN },
	[BACAPP_PROPERTY] = { "bacapp.property_identifier", FIELD_U32,
		"Property: 77 name, 85 present value", NULL, "0.1", CORE, PLAIN },
	[BACAPP_ERROR_CLASS] = { "bacapp.error_class", FIELD_U32, "Class of an error", NULL, "0.1",
		DETAIL, PLAIN },
	[BACAPP_ERROR_CODE] = { "bacapp.error_code", FIELD_U32, "Error", NULL, "0.1", CORE, PLAIN },
	[BACAPP_VENDOR] = { "bacapp.vendor_identifier", FIELD_U16, "Vendor of a device", NULL,
		"0.1", CORE, PLAIN },
	[BACAPP_OBJECT_NAME] = { "bacapp.object_name", FIELD_STR, "Name of an object", NULL, "0.1",
		CORE, NAME },
	[BACAPP_VALUE_BOOLEAN] = { "bacapp.present_value.boolean", FIELD_BOOL, "Present value",
		NULL, "0.1", CORE, CONTENT },
	[BACAPP_VALUE_REAL] = { "bacapp.present_value.real", FIELD_F64, "Present value", NULL,
		"0.1", CORE, CONTENT },
	[BACAPP_VALUE_UINT] = { "bacapp.present_value.uint", FIELD_U64, "Present value", NULL,
		"0.1", CORE, CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LLC_SAP, 0x82, NULL }, { 0 } };

/* --- services --- */

/* For event.action; NULL: none. */
static const char *service_name(bool confirmed, uint8_t service)
{
	static const char *const asked[] = { "acknowledge-alarm", "confirmed-cov-notification",
		"confirmed-event-notification", "get-alarm-summary", "get-enrollment-summary",
		"subscribe-cov", "atomic-read-file", "atomic-write-file", "add-list-element",
		"remove-list-element", "create-object", "delete-object", "read-property",
		"read-property-conditional", "read-property-multiple", "write-property",
		"write-property-multiple", "device-communication-control",
		"confirmed-private-transfer", "confirmed-text-message", "reinitialize-device",
		"vt-open", "vt-close", "vt-data", "authenticate", "request-key", "read-range",
		"life-safety-operation", "subscribe-cov-property", "get-event-information" };
	static const char *const told[] = { "i-am", "i-have", "unconfirmed-cov-notification",
		"unconfirmed-event-notification", "unconfirmed-private-transfer",
		"unconfirmed-text-message", "time-synchronization", "who-has", "who-is",
		"utc-time-synchronization" };

	if (confirmed)
		return service < sizeof(asked) / sizeof(asked[0]) ? asked[service] : NULL;
	return service < sizeof(told) / sizeof(told[0]) ? told[service] : NULL;
}

static void tell(struct packet *pkt, enum bacapp_type type, uint8_t service)
{
	bool confirmed = type != BACAPP_UNCONFIRMED_REQUEST;

	ecs_text(pkt, ECS_EVENT_ACTION, service_name(confirmed, service));
	if (type == BACAPP_SIMPLE_ACK || type == BACAPP_COMPLEX_ACK)
		outcome_success(pkt);
	if (confirmed)
		pkt_client(pkt, type == BACAPP_CONFIRMED_REQUEST);
}

/* The head of a request or an answer. Parts of a message are not shown as one. */
static bool get_service(struct packet *pkt, enum bacapp_type type, uint8_t first, struct bytes *b)
{
	bool parts = type == BACAPP_CONFIRMED_REQUEST || type == BACAPP_COMPLEX_ACK;

	bytes_skip(b, type == BACAPP_CONFIRMED_REQUEST); /* sizes */
	if (type != BACAPP_UNCONFIRMED_REQUEST)
		(void)get_u8(pkt, b, BACAPP_INVOKE_ID);
	if (parts && bytes_ok(b)) {
		put_bool(pkt, BACAPP_SEGMENTED, first & SEGMENTED);
		put_bool(pkt, BACAPP_MORE, first & MORE);
	}
	bool part = parts && first & SEGMENTED;
	bytes_skip(b, part ? 2 : 0);
	uint8_t service = get_u8(
		pkt, b, type == BACAPP_UNCONFIRMED_REQUEST ? BACAPP_UNCONFIRMED : BACAPP_CONFIRMED);
	if (!bytes_ok(b))
		return false;
	tell(pkt, type, service);
	bool whole = part || bacapp_service(pkt, type, service, *b);
	if (type == BACAPP_ERROR) /* where it does not say which */
		outcome_failure_named(pkt, "error");
	return whole;
}

/* 21, BACnetRejectReason and BACnetAbortReason. */
static void get_refusal(struct packet *pkt, enum bacapp_type type, struct bytes *b)
{
	static const char *const rejects[] = { "other", "buffer-overflow",
		"inconsistent-parameters", "invalid-parameter-data-type", "invalid-tag",
		"missing-required-parameter", "parameter-out-of-range", "too-many-arguments",
		"undefined-enumeration", "unrecognized-service" };
	static const char *const aborts[] = { "other", "buffer-overflow",
		"invalid-apdu-in-this-state", "preempted-by-higher-priority-task",
		"segmentation-not-supported", "security-error", "insufficient-security",
		"window-size-out-of-range", "application-exceeded-reply-time", "out-of-resources",
		"tsm-timeout", "apdu-too-long" };
	bool reject = type == BACAPP_REJECT_PDU;
	uint8_t reason = get_u8(pkt, b, reject ? BACAPP_REJECT : BACAPP_ABORT);

	ecs_text(pkt, ECS_EVENT_ACTION, reject ? "reject" : "abort");
	if (bytes_ok(b))
		outcome_failure(
			pkt, reason, reject ? NAME_OF(rejects, reason) : NAME_OF(aborts, reason));
}

static bool get_apdu(struct packet *pkt, struct bytes *b)
{
	uint8_t first = bytes_u8(b);
	enum bacapp_type type = (enum bacapp_type)(first >> 4);

	if (!bytes_ok(b))
		return false;
	pkt_protocol(pkt, "bacapp");
	if (type <= BACAPP_ABORT_PDU) /* what the others are nobody has said */
		put_u64(pkt, BACAPP_TYPE, type);
	switch (type) {
	case BACAPP_REJECT_PDU:
	case BACAPP_ABORT_PDU:
		(void)get_u8(pkt, b, BACAPP_INVOKE_ID);
		get_refusal(pkt, type, b);
		return bytes_ok(b);
	case BACAPP_SEGMENT_ACK:
		(void)get_u8(pkt, b, BACAPP_INVOKE_ID);
		return bytes_ok(b);
	case BACAPP_CONFIRMED_REQUEST:
	case BACAPP_UNCONFIRMED_REQUEST:
	case BACAPP_SIMPLE_ACK:
	case BACAPP_COMPLEX_ACK:
	case BACAPP_ERROR:
		return get_service(pkt, type, first, b);
	}
	pkt_anomaly(pkt, "unknown type");
	return true;
}

/* --- networks --- */

/* 6.4.7: how many; each: network | port | length | what the port is. */
static bool get_table(struct packet *pkt, struct bytes *b)
{
	uint8_t count = bytes_u8(b);

	for (unsigned i = 0; i < count && bytes_ok(b) && bytes_left(b); i++) {
		(void)get_be16(pkt, b, BACNET_DNET);
		bytes_skip(b, 1);
		bytes_skip(b, bytes_u8(b));
	}
	return bytes_ok(b);
}

/* 6.4. Lists of networks: who knows the way, who does not, who is busy; or one of them. */
static bool get_message(struct packet *pkt, struct bytes *b)
{
	enum {
		WHO_IS,
		I_AM,
		COULD_BE,
		REJECT,
		BUSY,
		AVAILABLE,
		TABLE,
		TABLE_ACK,
		CONNECT,
		DISCONNECT,
		SECURITY = 0x0a,
		WHAT_NUMBER = 0x12,
		NUMBER_IS,
		PROPRIETARY = 0x80
	};
	static const char *const actions[] = { "who-is-router-to-network", "i-am-router-to-network",
		"i-could-be-router-to-network", "reject-message-to-network",
		"router-busy-to-network", "router-available-to-network", "initialize-routing-table",
		"initialize-routing-table-ack", "establish-connection-to-network",
		"disconnect-connection-to-network" };
	static const char *const reasons[] = { "other", "not directly connected to the network",
		"router busy", "unknown message type", "message too long" };
	uint8_t type = get_u8(pkt, b, BACNET_MESGTYP);

	if (!bytes_ok(b))
		return false;
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, type));
	if (type == REJECT) {
		uint8_t reason = bytes_u8(b);
		if (bytes_ok(b))
			outcome_failure(pkt, reason, NAME_OF(reasons, reason));
	}
	if (type == WHO_IS || type == I_AM || type == BUSY || type == AVAILABLE) {
		for (unsigned i = 0; i < NETWORKS_MAX && bytes_left(b); i++)
			(void)get_be16(pkt, b, BACNET_DNET);
		return bytes_ok(b);
	}
	if (type == COULD_BE || type == REJECT || type == CONNECT || type == DISCONNECT ||
		type == NUMBER_IS)
		(void)get_be16(pkt, b, BACNET_DNET);
	if (type == TABLE || type == TABLE_ACK)
		(void)get_table(pkt, b);
	/* how well, how long; or whose */
	bool more = type == COULD_BE || type == CONNECT || type == NUMBER_IS;
	bytes_skip(b, type >= PROPRIETARY ? 2 : more);
	if (type >= SECURITY && type < WHAT_NUMBER) /* clause 24, which has no names here */
		return true;
	return bytes_ok(b) && decode_data(pkt, *b) == DECODE_OK;
}

static void get_place(struct packet *pkt, struct bytes *b, unsigned net, unsigned length)
{
	(void)get_be16(pkt, b, net);
	uint8_t n = get_u8(pkt, b, length);
	/* no kind of network has longer addresses; a source's is then taken for none */
	bytes_skip(b, n > PLACE_MAX && length == BACNET_SLEN ? 0 : n);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, BACNET_VERSION);
	uint8_t control = get_u8(pkt, &b, BACNET_CONTROL);

	if (control & TO)
		get_place(pkt, &b, BACNET_DNET, BACNET_DLEN);
	if (control & FROM)
		get_place(pkt, &b, BACNET_SNET, BACNET_SLEN);
	if (control & TO)
		(void)get_u8(pkt, &b, BACNET_HOPC);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	bool whole = control & FROM_NETWORK ? get_message(pkt, &b) : get_apdu(pkt, &b);
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_bacnet = {
	.name = "bacnet",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.application = "bacnet",
};
