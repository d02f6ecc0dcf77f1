/* proto_nbdgm.c -- NetBIOS Datagram Service: on to the message inside.
 * RFC 1002, 4.4:  0 type | 1 flags | 2-3 id | 4-7 source | 8-9 port, then
 *   16 to 18 a datagram: 10-11 length | 12-13 offset | source's name | destination's name | message
 *   19 an error: 10 code      20 to 22 query and answers: destination's name */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nb_name.h"
#include "outcome.h"

enum kind { DIRECT = 16, BROADCAST = 18, ERROR, QUERY, NO = 22 };
enum { MAGIC = 4 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_UDP_PORT, 138, NULL }, { 0 } };

static void hand_on(struct packet *pkt, struct bytes b)
{
	struct bytes magic = b;

	bytes_skip(&magic, 1);
	if (!bytes_starts(&magic, "SMB", MAGIC - 1) ||
		!decode_by(pkt, BY_NETBIOS, (uint32_t)bytes_peek(&b, 0), b))
		(void)decode_data(pkt, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { "direct-unique-datagram", "direct-group-datagram",
		"broadcast-datagram", "datagram-error", "datagram-query-request",
		"datagram-positive-query-response", "datagram-negative-query-response" };
	uint8_t type = bytes_u8(&b);

	bytes_skip(&b, 9);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type >= DIRECT)
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, type - (unsigned)DIRECT));
	if (type >= QUERY && type <= NO)
		return nb_name_host(pkt, &b, b) ? DECODE_OK : DECODE_TRUNCATED;
	if (type < DIRECT || type > BROADCAST)
		return DECODE_OK;
	bytes_skip(&b, 4);
	bool source = nb_name_host(pkt, &b, b), destination = nb_name_host(pkt, &b, b);
	if (!source || !destination)
		return DECODE_TRUNCATED;
	hand_on(pkt, b);
	return DECODE_OK;
}

const struct proto proto_nbdgm = {
	.name = "nbdgm", .binds = binds, .fields = fields, .decode = decode, .application = "nbdgm"
};
