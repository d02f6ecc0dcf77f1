/* proto_ipcomp.c -- IP payload compression. RFC 3173:  0 next header | 1 flags | 2-3 index | data */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HEADER = 4 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_IP_PROTO, 108, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bytes_skip(&b, HEADER);
	return bytes_ok(&b) ? decode_data(pkt, b) : DECODE_TRUNCATED;
}

const struct proto proto_ipcomp = {
	.name = "ipcomp", .binds = binds, .fields = fields, .decode = decode
};
