/* proto_pktap.c -- what Apple's systems tell of a packet beside it.
 * LINKTYPE_PKTAP (258), and USER2 (149) from older systems; little-endian:
 *   0-3 length of this header | 4-7 1: a packet follows | 8-11 its DLT | 12-35 interface | flags,
 *   process and more */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HEADER = 108, NAME_LEN = 24, PACKET = 1, LINKTYPE_USER2 = 149 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, 258, NULL },
	{ BY_LINKTYPE, LINKTYPE_USER2, "user_dlt" }, { 0 } };

static void tell_interface(struct packet *pkt, const uint8_t *name)
{
	if (name && *name)
		ecs_str(pkt, ECS_OBSERVER_INTERFACE_NAME, name, NAME_LEN);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	size_t length = bytes_le32(&b);
	uint32_t kind = bytes_le32(&b), dlt = bytes_le32(&b);

	if (pkt->bind->value == LINKTYPE_USER2)
		pkt_protocol(pkt, "pktap");
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (length < HEADER) {
		pkt_anomaly(pkt, "header length below 108");
		return DECODE_OK;
	}
	tell_interface(pkt, bytes_take(&b, NAME_LEN));
	bytes_skip(&whole, length);
	if (!bytes_ok(&whole))
		return DECODE_TRUNCATED;
	if (kind != PACKET)
		return DECODE_OK;
	pkt_protocol(pkt, "pcap_pktdata");
	(void)decode_by(pkt, BY_LINKTYPE, dlt, whole);
	return DECODE_OK;
}

const struct proto proto_pktap = {
	.name = "pktap", .binds = binds, .fields = fields, .decode = decode
};
