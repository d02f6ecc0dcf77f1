/* proto_data.c -- bytes that no decoder claims. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LEN, DATA };
static const struct proto_field fields[] = {
	[LEN] = { "data.len", FIELD_I32, "Bytes that no decoder claims", NULL, "0.1", DETAIL,
		PLAIN },
	[DATA] = { "data.data", FIELD_BYTES, "The bytes themselves (--payload)", NULL, "0.1",
		DETAIL, CONTENT },
	{ 0 },
};

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	put_u64(pkt, LEN, bytes_left(&b));
	if (pkt->payload)
		put_bytes(pkt, DATA, b.p, bytes_left(&b));
	return DECODE_OK;
}

const struct proto proto_data = { .name = "data", .fields = fields, .decode = decode };
