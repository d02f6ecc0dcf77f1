/* cip.c -- messages of the Common Industrial Protocol.
 * CIP Vol. 1, 2-4:  request: 0 service | 1 path, in words | path | data
 *   answer: 0 service, 0x80 | 2 status | 3 length of more status in words | it | data
 * Some carry others: several at once (offsets), and one to be sent on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "enip.h"
#include "outcome.h"

enum { ANSWER_BIT = 0x80, COMMON_MAX = 0x1c, DEPTH_MAX = 4, MESSAGES_MAX = 256 };
enum {
	PARTIAL = 0x06,
	GET_LIST = 0x03,
	SEVERAL = 0x0a,
	CLOSE = 0x4e,
	SEND = 0x52,
	OPEN = 0x54,
	OPEN_LARGE = 0x5b
};
enum { CONNECTION_MANAGER = 6, PCCC = 0x67, SERVICES = 0x80 };

static const char *const services[SERVICES] = {
	[0x01] = "get-attributes-all",
	[0x02] = "set-attributes-all",
	[0x03] = "get-attribute-list",
	[0x04] = "set-attribute-list",
	[0x05] = "reset",
	[0x06] = "start",
	[0x07] = "stop",
	[0x08] = "create",
	[0x09] = "delete",
	[0x0a] = "multiple-service-packet",
	[0x0d] = "apply-attributes",
	[0x0e] = "get-attribute-single",
	[0x10] = "set-attribute-single",
	[0x4b] = "execute-pccc",
	[0x4c] = "read-tag",
	[0x4d] = "write-tag",
	[0x4e] = "forward-close",
	[0x52] = "unconnected-send",
	[0x53] = "write-tag-fragmented",
	[0x54] = "forward-open",
	[0x55] = "get-instance-attribute-list",
	[0x5b] = "large-forward-open",
};

static void decode(struct packet *pkt, struct bytes b, unsigned depth);

/* count u16 | offset u16 of each, from count on | messages */
static void decode_several(struct packet *pkt, struct bytes b, unsigned depth)
{
	struct bytes list = b;
	uint16_t count = bytes_le16(&list);
	uint16_t offset = bytes_le16(&list);

	for (unsigned i = 0; i < count && i < MESSAGES_MAX && bytes_ok(&list); i++) {
		uint16_t next = i + 1u < count ? bytes_le16(&list) : UINT16_MAX;
		struct bytes message = b;
		bytes_skip(&message, offset);
		if (next < offset || !bytes_ok(&message))
			return;
		decode(pkt, bytes_upto(&message, (size_t)(next - offset)), depth + 1);
		offset = next;
	}
}

static void decode_open(struct packet *pkt, struct bytes b, bool large)
{
	bytes_skip(&b, 12); /* time-out, connections, serial number */
	(void)get_le16(pkt, &b, CIP_CM_VENDOR);
	bytes_skip(&b, large ? 25 : 21);
	uint8_t words = bytes_u8(&b);
	(void)cip_path(pkt, bytes_upto(&b, words * (size_t)2));
}

static void decode_close(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 4);
	(void)get_le16(pkt, &b, CIP_CM_VENDOR);
	bytes_skip(&b, 4);
	uint8_t words = bytes_u8(&b);
	bytes_skip(&b, 1);
	(void)cip_path(pkt, bytes_upto(&b, words * (size_t)2));
}

static void decode_send(struct packet *pkt, struct bytes b, unsigned depth)
{
	bytes_skip(&b, 2);
	uint16_t length = bytes_le16(&b);
	if (length > bytes_claimed(&b)) {
		pkt_anomaly(pkt, "length of the message beyond the packet");
		return;
	}
	struct bytes message = bytes_upto(&b, length);
	decode(pkt, message, depth + 1);
	bytes_skip(&b, length & 1);
	uint8_t words = bytes_u8(&b);
	bytes_skip(&b, 1);
	(void)cip_path(pkt, bytes_upto(&b, words * (size_t)2));
}

static void decode_manager(struct packet *pkt, uint8_t service, struct bytes b, unsigned depth)
{
	pkt_protocol(pkt, "cipcm");
	put_u64(pkt, CIP_RR, 0);
	if (service == OPEN || service == OPEN_LARGE)
		decode_open(pkt, b, service == OPEN_LARGE);
	else if (service == CLOSE)
		decode_close(pkt, b);
	else if (service == SEND)
		decode_send(pkt, b, depth);
}

static void put_list(struct packet *pkt, struct bytes b)
{
	uint16_t count = bytes_le16(&b);

	if (count * (size_t)2 > bytes_claimed(&b)) {
		pkt_anomaly(pkt, "more attributes than there can be");
		return;
	}
	for (unsigned i = 0; i < count && i < PKT_REPEATS_MAX && bytes_left(&b) >= 2; i++)
		(void)get_le16(pkt, &b, CIP_ATTRIBUTE);
}

static void decode_request(struct packet *pkt, uint8_t service, struct bytes b, unsigned depth)
{
	uint8_t words = get_u8(pkt, &b, CIP_PATH_SIZE);
	uint32_t class = cip_path(pkt, bytes_upto(&b, words * (size_t)2));

	if (service == SEVERAL) {
		decode_several(pkt, b, depth);
	} else if (service == GET_LIST) {
		put_list(pkt, b);
	} else if (service > COMMON_MAX && class == CONNECTION_MANAGER) {
		decode_manager(pkt, service, b, depth);
	} else if (service > COMMON_MAX) {
		pkt_protocol(pkt, class == PCCC ? "cippccc" : "cipcls");
		if (class == PCCC)
			put_u64(pkt, CIP_RR, 0);
	}
}

static void put_outcome(struct packet *pkt, uint8_t status)
{
	/* Volume 1, appendix B */
	static const char *const names[] = { NULL, "connection failure", "resource unavailable",
		"invalid parameter value", "path segment error", "path destination unknown",
		"partial transfer", "connection lost", "service not supported",
		"invalid attribute value", "attribute list error", "already in requested mode",
		"object state conflict", "object already exists", "attribute not settable",
		"privilege violation", "device state conflict", "reply data too large",
		"fragmentation of a primitive value", "not enough data", "attribute not supported",
		"too much data", "object does not exist" };

	if (status && status != PARTIAL)
		outcome_failure(pkt, status, NAME_OF(names, status));
	else if (status == 0)
		outcome_success(pkt);
}

static void decode_answer(struct packet *pkt, uint8_t service, struct bytes b, unsigned depth)
{
	bytes_skip(&b, 1);
	uint8_t status = get_u8(pkt, &b, CIP_GENSTAT), words = get_u8(pkt, &b, CIP_ADDSTAT_SIZE);
	bytes_skip(&b, words * (size_t)2);
	if (!bytes_ok(&b))
		return;
	if (depth == 0)
		put_outcome(pkt, status);
	if (service == SEVERAL)
		decode_several(pkt, b, depth);
	else if (service > COMMON_MAX)
		pkt_protocol(pkt, "cipcls");
}

static void decode(struct packet *pkt, struct bytes b, unsigned depth)
{
	uint8_t code = bytes_u8(&b), service = code & (ANSWER_BIT - 1);

	if (!bytes_ok(&b))
		return;
	if (depth > DEPTH_MAX) {
		pkt_anomaly(pkt, "too many messages within messages");
		return;
	}
	put_u64(pkt, CIP_SERVICE, code);
	put_u64(pkt, CIP_RR, code >> 7);
	put_u64(pkt, CIP_SC, service);
	if (depth == 0)
		ecs_text(pkt, ECS_EVENT_ACTION, services[service]);
	if (code & ANSWER_BIT)
		decode_answer(pkt, service, b, depth);
	else
		decode_request(pkt, service, b, depth);
}

void cip_decode(struct packet *pkt, struct bytes b)
{
	if (bytes_left(&b) == 0)
		return;
	pkt_protocol(pkt, "cip");
	decode(pkt, b, 0);
}
