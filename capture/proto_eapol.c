/* proto_eapol.c -- EAP over LANs: who may use a port.
 * IEEE 802.1X, 11.3:  0 version | 1 type | 2-3 length of the body | body: of type 0 an EAP packet
 * What a network's keys are made of (type 3) is not shown. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { KEY = 3, MKA = 5, TYPES = 5 };

enum { VERSION, TYPE, LENGTH };
static const struct proto_field fields[] = {
	[VERSION] = { "eapol.version", FIELD_U8, "Version: 1 of 2001, 2 of 2004, 3 of 2010", NULL,
		"0.1", DETAIL, PLAIN },
	[TYPE] = { "eapol.type", FIELD_U8, "0 EAP packet, 1 start, 2 logoff, 3 key", NULL, "0.1",
		CORE, PLAIN },
	[LENGTH] = { "eapol.len", FIELD_U16, "Length of the body", NULL, "0.1", DETAIL, PLAIN },
	{ 0 },
};
/* the latter: before a station goes to another access point */
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x888e, NULL },
	{ BY_ETHERTYPE, 0x88c7, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[TYPES] = { NULL, "start", "logoff", "key", "alert" };

	(void)get_u8(pkt, &b, VERSION);
	uint8_t type = get_u8(pkt, &b, TYPE);
	uint16_t length = get_be16(pkt, &b, LENGTH);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type < TYPES)
		ecs_text(pkt, ECS_EVENT_ACTION, actions[type]);
	bool whole = length <= bytes_left(&b);
	struct bytes body = bytes_upto(&b, length);
	if (bytes_left(&body) && !decode_by(pkt, BY_EAPOL, type, body) && type != KEY &&
		type != MKA)
		(void)decode_data(pkt, body);
	pkt_ends(pkt, body.end);
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_eapol = {
	.name = "eapol", .binds = binds, .fields = fields, .decode = decode, .application = "eapol"
};
