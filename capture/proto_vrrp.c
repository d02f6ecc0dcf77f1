/* proto_vrrp.c -- Virtual Router Redundancy Protocol, versions 2 and 3.
 * RFC 3768, 5798:  0 version (4 bits), type (4) | 1 virtual router | 2 priority |
 *   3 number of addresses | 4 authentication type | 5 interval | 6-7 checksum | addresses
 *   (version 3: 4-5 reserved, interval; addresses of the IP version below; no authentication) */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION, TYPE, VIRT_RTR_ID, PRIO, IP_ADDR };
static const struct proto_field fields[] = {
	[VERSION] = { "vrrp.version", FIELD_U8, "Version", NULL, "0.1", CORE, PLAIN },
	[TYPE] = { "vrrp.type", FIELD_U8, "1 advertisement", NULL, "0.1", DETAIL, PLAIN },
	[VIRT_RTR_ID] = { "vrrp.virt_rtr_id", FIELD_U8, "Virtual router", NULL, "0.1", CORE,
		PLAIN },
	[PRIO] = { "vrrp.prio", FIELD_U8, "Priority; 255 owns the address, 0 gives it up", NULL,
		"0.1", CORE, PLAIN },
	[IP_ADDR] = { "vrrp.ip_addr", FIELD_IPV4, "Address of the virtual router", NULL, "0.1",
		CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 112, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t first = bytes_u8(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, first >> 4);
	put_u64(pkt, TYPE, first & 15);
	if ((first & 15) == 1)
		ecs_text(pkt, ECS_EVENT_ACTION, "advertisement");
	(void)get_u8(pkt, &b, VIRT_RTR_ID);
	(void)get_u8(pkt, &b, PRIO);
	uint8_t count = bytes_u8(&b);
	bytes_skip(&b, 4);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (pkt->flow.addr_len == 16)
		return DECODE_OK;
	for (unsigned i = 0; i < count; i++)
		(void)get_addr(pkt, &b, IP_ADDR, 4);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_vrrp = {
	.name = "vrrp", .binds = binds, .fields = fields, .decode = decode, .application = "vrrp"
};
