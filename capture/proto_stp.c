/* proto_stp.c -- the spanning tree of bridges: STP, RSTP, and what MSTP has in common with them.
 * IEEE 802.1D:  0-1 protocol, 0 | 2 version | 3 type | a notification (0x80) ends here
 *   4 flags | 5-12 root | 13-16 cost | 17-24 bridge | 25-26 port | 27-28 age of the message |
 *   29-30 greatest age | 31-32 hello | 33-34 forward delay; times in 256ths of a second
 *   A bridge is: priority (4 bits), extension (12), address.
 * MSTP goes on: 35 zero | 36-37 length | 38-88 name of the region | 89-92 cost | 93-100 bridge */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum {
	PROTOCOL_STP = 0,
	PROTOCOL_GARP = 1,
	CONFIGURATION = 0,
	RAPID = 2,
	MULTIPLE = 3,
	TOPOLOGY_CHANGE = 0x80
};

enum {
	PROTOCOL,
	VERSION,
	TYPE,
	FLAGS,
	ROOT_PRIO,
	ROOT_HW,
	ROOT_COST,
	BRIDGE_PRIO,
	BRIDGE_HW,
	PORT,
	MSG_AGE,
	MAX_AGE,
	HELLO,
	FORWARD,
};
static const struct proto_field fields[] = {
	[PROTOCOL] = { "stp.protocol", FIELD_U16, "Protocol; 0 is the spanning tree", NULL, "0.1",
		DETAIL, PLAIN },
	[VERSION] = { "stp.version", FIELD_U8, "0 STP, 2 rapid, 3 multiple, 4 shortest path", NULL,
		"0.1", CORE, PLAIN },
	[TYPE] = { "stp.type", FIELD_U8, "0 configuration, 2 rapid, 128 topology change", NULL,
		"0.1", CORE, PLAIN },
	[FLAGS] = { "stp.flags", FIELD_U8, "Flags; the lowest says topology change", NULL, "0.1",
		CORE, PLAIN },
	[ROOT_PRIO] = { "stp.root.prio", FIELD_U16, "Priority of the root", NULL, "0.1", CORE,
		PLAIN },
	[ROOT_HW] = { "stp.root.hw", FIELD_MAC, "Address of the root", NULL, "0.1", CORE, MAC },
	[ROOT_COST] = { "stp.root.cost", FIELD_U32, "Cost of the path to the root", NULL, "0.1",
		CORE, PLAIN },
	[BRIDGE_PRIO] = { "stp.bridge.prio", FIELD_U16, "Priority of the bridge", NULL, "0.1", CORE,
		PLAIN },
	[BRIDGE_HW] = { "stp.bridge.hw", FIELD_MAC, "Address of the bridge", NULL, "0.1", CORE,
		MAC },
	[PORT] = { "stp.port", FIELD_U16, "Port of the bridge", NULL, "0.1", CORE, PLAIN },
	[MSG_AGE] = { "stp.msg_age", FIELD_256THS, "Seconds since the root spoke", NULL, "0.1",
		DETAIL, PLAIN },
	[MAX_AGE] = { "stp.max_age", FIELD_256THS, "Seconds after which that is forgotten", NULL,
		"0.1", DETAIL, PLAIN },
	[HELLO] = { "stp.hello", FIELD_256THS, "Seconds between the root's messages", NULL, "0.1",
		DETAIL, PLAIN },
	[FORWARD] = { "stp.forward", FIELD_256THS, "Seconds before a port forwards", NULL, "0.1",
		DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_LLC_SAP, 0x42, NULL },
	{ BY_CISCO_PID, 0x010b, NULL }, { 0 } };

/* prio and the row behind it: the bridge's address. */
static void get_bridge(struct packet *pkt, struct bytes *b, unsigned prio)
{
	uint16_t priority = bytes_be16(b);

	if (bytes_ok(b))
		put_u64(pkt, prio, priority & 0xf000);
	(void)get_addr(pkt, b, prio + 1, 6);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes head = b;

	if (bytes_be16(&head) == PROTOCOL_GARP) /* which shares the access point */
		return DECODE_REJECT;
	(void)get_be16(pkt, &b, PROTOCOL);
	(void)get_u8(pkt, &b, VERSION);
	uint8_t type = get_u8(pkt, &b, TYPE);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	ecs_text(pkt, ECS_EVENT_ACTION,
		type == CONFIGURATION     ? "configuration"
		: type == RAPID           ? "rapid-spanning-tree"
		: type == TOPOLOGY_CHANGE ? "topology-change-notification"
					  : NULL);
	if (type != CONFIGURATION && type != RAPID)
		return DECODE_OK;
	(void)get_u8(pkt, &b, FLAGS);
	get_bridge(pkt, &b, ROOT_PRIO);
	(void)get_be32(pkt, &b, ROOT_COST);
	get_bridge(pkt, &b, BRIDGE_PRIO);
	(void)get_be16(pkt, &b, PORT);
	for (unsigned i = MSG_AGE; i <= FORWARD; i++)
		(void)get_be16(pkt, &b, i);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_stp = {
	.name = "stp", .binds = binds, .fields = fields, .decode = decode, .application = "stp"
};
