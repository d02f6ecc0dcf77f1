/* proto_ipnet.c -- what Solaris captures between its IP and everything else.
 * LINKTYPE_IPNET (226):  0 version | 1 address family | 2-3 in, out or local | 4-7 length |
 *   8-11 interface | 12-15 its group | 16-19 zone of the source | 20-23 of the destination
 * The packet is the last `length` bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HEADER = 24, SOLARIS_IP = 2, SOLARIS_IP6 = 26, FAMILY_IP = 2, FAMILY_IP6 = 24 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, 226, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	bytes_skip(&b, 1);
	uint8_t family = bytes_u8(&b);
	bytes_skip(&b, 2);
	size_t length = bytes_be32(&b);
	bytes_skip(&b, HEADER - 8);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (length > bytes_claimed(&whole)) {
		pkt_anomaly(pkt, "length beyond the packet");
		return DECODE_OK;
	}
	bytes_skip(&whole, bytes_claimed(&whole) - length);
	if (family == SOLARIS_IP)
		(void)decode_by(pkt, BY_NULL_FAMILY, FAMILY_IP, whole);
	else if (family == SOLARIS_IP6)
		(void)decode_by(pkt, BY_NULL_FAMILY, FAMILY_IP6, whole);
	return bytes_ok(&whole) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_ipnet = {
	.name = "ipnet", .binds = binds, .fields = fields, .decode = decode
};
