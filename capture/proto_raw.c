/* proto_raw.c -- captures that begin with the IP header: its version says which.
 * LINKTYPE_RAW (101), and 12 and 14, which some systems write in its place; classical IP over ATM on
 * Linux (106). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LINKTYPE_IPV4 = 228, LINKTYPE_IPV6 = 229, DLT_ATM_CLIP = 19 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_LINKTYPE, 101, NULL }, { BY_LINKTYPE, 12, NULL },
	{ BY_LINKTYPE, 14, NULL }, { BY_LINKTYPE, 106, "clip" },
	{ BY_LINKTYPE, DLT_ATM_CLIP, "clip" }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	int first = bytes_peek(&b, 0);

	if (first < 0)
		return DECODE_TRUNCATED;
	if (first >> 4 == 4 && decode_by(pkt, BY_LINKTYPE, LINKTYPE_IPV4, b))
		return DECODE_OK;
	if (first >> 4 == 6 && decode_by(pkt, BY_LINKTYPE, LINKTYPE_IPV6, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

const struct proto proto_raw = {
	.name = "raw", .binds = binds, .fields = fields, .decode = decode
};
