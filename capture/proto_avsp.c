/* proto_avsp.c -- Arista's time stamps in frames.
 *   0-1 kind: 1 time stamp | 2-3 version: 0x10 and 0x110 have 8 bytes of time, 0x20 and 0x120 have 6
 *   | time | ethertype
 * Of other kinds nothing is known but that tshark looks for an ethertype behind the kind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { TIMESTAMP = 1, VERSION_64 = 0x10, VERSION_48 = 0x20, UTC = 0x100 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0xd28b, NULL }, { 0 } };

/* False when how long the time is cannot be told. */
static bool skip_time(struct bytes *b)
{
	uint16_t version = bytes_be16(b) & (uint16_t)~UTC;

	bytes_skip(b, version == VERSION_64 ? 8 : 6);
	return version == VERSION_64 || version == VERSION_48;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool known = bytes_be16(&b) != TIMESTAMP || skip_time(&b);
	uint16_t type = bytes_be16(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (!known)
		return DECODE_OK;
	pkt_protocol(pkt, "ethertype");
	if (!decode_by(pkt, BY_ETHERTYPE, type, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_avsp = {
	.name = "avsp", .binds = binds, .fields = fields, .decode = decode
};
