/* proto_ospf.c -- Open Shortest Path First: the header of every message, and hellos.
 * RFC 2328:  0 version | 1 type | 2-3 length | 4-7 router | 8-11 area | 12-13 checksum |
 *   version 2: 14-15 authentication type | 16-23 authentication
 *   RFC 5340, version 3: 14 instance | 15 zero
 * Hello 2:  0-3 mask | 4-5 interval | 6 options | 7 priority | 8-11 dead interval |
 *   12-15 designated router | 16-19 its backup | neighbours, 4 bytes each
 * Hello 3:  0-3 interface | 4 priority | 5-7 options | 8-9 interval | 10-11 dead interval | as 2 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { HEADER_2 = 24, HEADER_3 = 16, HELLO = 1, ACKNOWLEDGMENT = 5, NEIGHBORS_MAX = 16384 };

enum { VERSION, MSG, SRCROUTER, AREA_ID, AUTH_TYPE, DESIGNATED, NEIGHBOR };
static const struct proto_field fields[] = {
	[VERSION] = { "ospf.version", FIELD_U8, "Version", NULL, "0.1", CORE, PLAIN },
	[MSG] = { "ospf.msg", FIELD_U8,
		"1 hello, 2 database description, 3 request, 4 update, 5 acknowledgment", NULL,
		"0.1", CORE, PLAIN },
	[SRCROUTER] = { "ospf.srcrouter", FIELD_IPV4, "Router id of the sender", NULL, "0.1", CORE,
		ADDRESS },
	[AREA_ID] = { "ospf.area_id", FIELD_IPV4, "Area", NULL, "0.1", CORE, PLAIN },
	[AUTH_TYPE] = { "ospf.auth.type", FIELD_U16, "0 none, 1 password, 2 cryptographic", NULL,
		"0.1", DETAIL, PLAIN },
	[DESIGNATED] = { "ospf.hello.designated_router", FIELD_IPV4, "Designated router", NULL,
		"0.1", CORE, ADDRESS },
	[NEIGHBOR] = { "ospf.hello.active_neighbor", FIELD_IPV4, "Neighbour heard of lately", NULL,
		"0.1", CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 89, NULL }, { 0 } };

static enum decode_result decode_hello(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 12);
	(void)get_addr(pkt, &b, DESIGNATED, 4);
	bytes_skip(&b, 4);
	for (unsigned i = 0; i < NEIGHBORS_MAX && bytes_left(&b) >= 4; i++)
		(void)get_addr(pkt, &b, NEIGHBOR, 4);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { NULL, "hello", "database-description",
		"link-state-request", "link-state-update", "link-state-acknowledgment" };
	struct bytes whole = b;
	uint8_t version = get_u8(pkt, &b, VERSION), msg = get_u8(pkt, &b, MSG);
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, msg));
	uint16_t length = bytes_be16(&b);
	size_t header = version == 2 ? HEADER_2 : HEADER_3;

	(void)get_addr(pkt, &b, SRCROUTER, 4);
	(void)get_addr(pkt, &b, AREA_ID, 4);
	bytes_skip(&b, 2);
	if (version == 2)
		(void)get_be16(pkt, &b, AUTH_TYPE);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (length > bytes_claimed(&whole))
		pkt_anomaly(pkt, "length beyond the packet");
	struct bytes message = bytes_upto(&whole, length); /* what follows authenticates it */
	bytes_skip(&message, header);
	if (!bytes_ok(&message))
		return DECODE_TRUNCATED;
	if (msg == HELLO && (version == 2 || version == 3))
		return decode_hello(pkt, message);
	if ((version == 2 || version == 3) && (msg == 0 || msg > ACKNOWLEDGMENT))
		return decode_data(pkt, message);
	return DECODE_OK;
}

const struct proto proto_ospf = {
	.name = "ospf", .binds = binds, .fields = fields, .decode = decode, .application = "ospf"
};
