/* proto_ipoib.c -- IP over InfiniBand.
 * LINKTYPE_IPOIB (242):  0-19 source | 20-39 destination
 * RFC 4391, section 6:   0-1 ethertype | 2-3 reserved */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ADDRESS_LEN = 20, IP = 0x0800, ARP = 0x0806, RARP = 0x8035, IP6 = 0x86dd };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, 242, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, 2 * (size_t)ADDRESS_LEN);
	uint16_t type = bytes_be16(&b);
	bytes_skip(&b, 2);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (type == IP || type == ARP || type == RARP || type == IP6)
		(void)decode_by(pkt, BY_ETHERTYPE, type, b);
	return DECODE_OK;
}

const struct proto proto_ipoib = {
	.name = "ipoib", .binds = binds, .fields = fields, .decode = decode
};
