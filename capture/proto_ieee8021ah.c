/* proto_ieee8021ah.c -- provider backbone bridges: a customer's frame behind a service number.
 * IEEE 802.1ah:  priority (3 bits), drop eligible, no customer address, reserved (3) | 1-3 service |
 *   4-9 customer's destination | 10-15 customer's source | 16-17 ethertype */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { PRIORITY, ISID };
static const struct proto_field fields[] = {
	[PRIORITY] = { "ieee8021ah.priority", FIELD_U32, "Priority", NULL, "0.1", DETAIL, PLAIN },
	[ISID] = { "ieee8021ah.isid", FIELD_U32, "Service", NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
/* tshark has one name for both tags, where one follows the other */
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x88e7, NULL },
	{ BY_SERVICE_TAG, 0x88e7, "" }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint32_t tag = bytes_be32(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, PRIORITY, tag >> 29);
	put_u64(pkt, ISID, tag & 0xffffff);
	const uint8_t *dst = bytes_take(&b, 6), *src = bytes_take(&b, 6);
	uint16_t type = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_tunnel(pkt, "ieee8021ah", tag & 0xffffff);
	pkt_link(pkt);
	if (!pkt->quoted) {
		ecs_addr(pkt, ECS_DESTINATION_MAC, FIELD_MAC, dst);
		ecs_addr(pkt, ECS_SOURCE_MAC, FIELD_MAC, src);
	}
	pkt_protocol(pkt, "ethertype");
	return decode_by(pkt, BY_ETHERTYPE, type, b) ? DECODE_OK : decode_data(pkt, b);
}

const struct proto proto_ieee8021ah = {
	.name = "ieee8021ah", .binds = binds, .fields = fields, .decode = decode
};
