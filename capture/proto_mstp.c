/* proto_mstp.c -- BACnet on a pair of wires (MS/TP).
 * ASHRAE 135, 9.3:  0-1 55 ff | 2 kind | 3 destination | 4 source | 5-6 length | 7 checksum | data and
 *   its checksum of 2 bytes */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { BEFORE_KIND = 2, ADDRESSES = 2, WITH_REPLY = 5, WITHOUT_REPLY = 6, SAP_BACNET = 0x82 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, 165, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, BEFORE_KIND);
	uint8_t kind = bytes_u8(&b);
	bytes_skip(&b, ADDRESSES);
	uint16_t length = bytes_be16(&b);
	bytes_skip(&b, 1);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	struct bytes data = bytes_upto(&b, length);
	if (bytes_left(&data) == 0)
		return DECODE_OK;
	if ((kind == WITH_REPLY || kind == WITHOUT_REPLY) &&
		decode_by(pkt, BY_LLC_SAP, SAP_BACNET, data))
		return DECODE_OK;
	return decode_data(pkt, data);
}

const struct proto proto_mstp = {
	.name = "mstp", .binds = binds, .fields = fields, .decode = decode
};
