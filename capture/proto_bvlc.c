/* proto_bvlc.c -- BACnet Virtual Link Control: BACnet in UDP.
 * ASHRAE 135, annex J:  0 type, 0x81 | 1 function | 2-3 length, of all | function's own; of a
 *   forwarded message 4-7 address, 8-9 port of who sent it | NPDU */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { BACNET_IP = 0x81, HEAD = 4, FORWARD_HEAD = 10, PORT = 47808, SAP = 0x82, NPDU_VERSION = 1 };
enum { FORWARDED = 4, DISTRIBUTE = 9, UNICAST = 10, BROADCAST = 11, SECURE = 12 };

enum { TYPE, FUNCTION, LENGTH, FWD_IP, FWD_PORT };
static const struct proto_field fields[] = {
	[TYPE] = { "bvlc.type", FIELD_U8, "0x81: BACnet/IP", NULL, "0.1", DETAIL, PLAIN },
	[FUNCTION] = { "bvlc.function", FIELD_U8,
		"4 forwarded, 9 to be distributed, 10 unicast, 11 broadcast; others manage", NULL,
		"0.1", CORE, PLAIN },
	[LENGTH] = { "bvlc.length", FIELD_U16, "Length in front of a BACnet packet, or of all",
		NULL, "0.1", DETAIL, PLAIN },
	[FWD_IP] = { "bvlc.fwd_ip", FIELD_IPV4, "Address that a forwarded message comes from", NULL,
		"0.1", CORE, ADDRESS },
	[FWD_PORT] = { "bvlc.fwd_port", FIELD_U16, "Port of that address", NULL, "0.1", DETAIL,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, PORT, NULL }, { 0 } };

static bool carries(uint8_t function)
{
	return function == FORWARDED || (function >= DISTRIBUTE && function <= BROADCAST);
}

/* J.2. A result of 0 is good. */
static void tell(struct packet *pkt, uint8_t function, struct bytes b)
{
	static const char *const actions[] = { "bvlc-result", "write-broadcast-distribution-table",
		"read-broadcast-distribution-table", "read-broadcast-distribution-table-ack", NULL,
		"register-foreign-device", "read-foreign-device-table",
		"read-foreign-device-table-ack", "delete-foreign-device-table-entry" };
	static const char *const names[] = { NULL, "Write-Broadcast-Distribution-Table NAK",
		"Read-Broadcast-Distribution-Table NAK", "Register-Foreign-Device NAK",
		"Read-Foreign-Device-Table NAK", "Delete-Foreign-Device-Table-Entry NAK",
		"Distribute-Broadcast-To-Network NAK" };
	uint16_t result = bytes_be16(&b);

	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, function));
	if (function || !bytes_ok(&b))
		return;
	if (result) /* in steps of 16 */
		outcome_failure_hex(
			pkt, result, 4, result & 15 ? NULL : NAME_OF(names, result / 16));
	else
		outcome_success(pkt);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes ahead = b;
	uint8_t type = bytes_u8(&ahead), function = bytes_u8(&ahead);
	uint16_t length = bytes_be16(&ahead);

	if (!bytes_ok(&ahead) || type != BACNET_IP || length < HEAD)
		return DECODE_REJECT;
	uint16_t head = function == FORWARDED ? FORWARD_HEAD : HEAD;
	(void)get_u8(pkt, &b, TYPE);
	(void)get_u8(pkt, &b, FUNCTION);
	put_u64(pkt, LENGTH, carries(function) || function > SECURE ? head : length);
	bytes_skip(&b, 2);
	if (function == FORWARDED) {
		const uint8_t *from = get_addr(pkt, &b, FWD_IP, 4);
		if (from)
			ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, from);
		(void)get_be16(pkt, &b, FWD_PORT);
	}
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (!carries(function))
		tell(pkt, function, b);
	if ((!carries(function) && function <= SECURE) || length <= head)
		return DECODE_OK;
	struct bytes packet = bytes_upto(&b, length - head);
	if (!carries(function) || !decode_by(pkt, BY_LLC_SAP, SAP, packet))
		(void)decode_data(pkt, packet);
	return DECODE_OK;
}

/* The whole payload, with a packet of the version that there is behind its head. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	size_t all = bytes_claimed(&b);

	(void)pkt;
	uint8_t type = bytes_u8(&b), function = bytes_u8(&b);
	uint16_t length = bytes_be16(&b);
	if (type != BACNET_IP || !carries(function) || length != all)
		return false;
	bytes_skip(&b, function == FORWARDED ? FORWARD_HEAD - HEAD : 0);
	return bytes_u8(&b) == NPDU_VERSION && bytes_ok(&b);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, BACNET_IP, BACNET_IP }, { 0 } };

const struct proto proto_bvlc = {
	.name = "bvlc",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "bacnet",
};
