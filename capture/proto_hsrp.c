/* proto_hsrp.c -- Hot Standby Router Protocol, version 1; of version 2 the name alone.
 * RFC 2281:  0 version | 1 opcode | 2 state | 3 hello time | 4 hold time | 5 priority | 6 group |
 *   7 reserved | 8-15 authentication | 16-19 virtual address
 * Version 1 goes to 224.0.0.2; version 2 to 224.0.0.102 or ff02::66, and has names of its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { ADVERTISE = 3, PORT_6 = 2029 };

enum { VERSION, OPCODE, STATE, PRIORITY, GROUP, VIRT_IP };
static const struct proto_field fields[] = {
	[VERSION] = { "hsrp.version", FIELD_U8, "Version", NULL, "0.1", CORE, PLAIN },
	[OPCODE] = { "hsrp.opcode", FIELD_U8, "0 hello, 1 coup, 2 resign, 3 advertise", NULL, "0.1",
		CORE, PLAIN },
	[STATE] = { "hsrp.state", FIELD_U8,
		"0 initial, 1 learn, 2 listen, 4 speak, 8 standby, 16 active", NULL, "0.1", CORE,
		PLAIN },
	[PRIORITY] = { "hsrp.priority", FIELD_U8, "Priority", NULL, "0.1", CORE, PLAIN },
	[GROUP] = { "hsrp.group", FIELD_U8, "Group of standby routers", NULL, "0.1", CORE, PLAIN },
	[VIRT_IP] = { "hsrp.virt_ip", FIELD_IPV4, "Address the group stands for", NULL, "0.1", CORE,
		ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 1985, NULL },
	{ BY_UDP_PORT, PORT_6, NULL }, { 0 } };

static bool goes_to(const struct packet *pkt, const uint8_t *group, uint8_t len)
{
	return pkt->flow.dst && pkt->flow.addr_len == len && memcmp(pkt->flow.dst, group, len) == 0;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const uint8_t all_routers[] = { 224, 0, 0, 2 }, group_4[] = { 224, 0, 0, 102 };
	static const char *const actions[] = { "hello", "coup", "resign", "advertise" };

	if (!pkt->to_port)
		return DECODE_REJECT;
	if (goes_to(pkt, group_4, 4) || (pkt->flow.addr_len == 16 && pkt->port == PORT_6))
		return DECODE_OK;
	if (!goes_to(pkt, all_routers, 4))
		return DECODE_REJECT;
	(void)get_u8(pkt, &b, VERSION);
	uint8_t opcode = get_u8(pkt, &b, OPCODE);
	if (bytes_ok(&b))
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, opcode));
	if (bytes_ok(&b) && opcode == ADVERTISE)
		return DECODE_OK;
	if (bytes_ok(&b) && opcode > ADVERTISE)
		return decode_data(pkt, b);
	(void)get_u8(pkt, &b, STATE);
	bytes_skip(&b, 2);
	(void)get_u8(pkt, &b, PRIORITY);
	(void)get_u8(pkt, &b, GROUP);
	bytes_skip(&b, 9);
	(void)get_addr(pkt, &b, VIRT_IP, 4);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_hsrp = {
	.name = "hsrp", .binds = binds, .fields = fields, .decode = decode, .application = "hsrp"
};
