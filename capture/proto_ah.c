/* proto_ah.c -- the Authentication Header behind IPv4. (Behind IPv6 it is an extension header.) */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ip_ah.h"
#include "ip_fields.h"
#include "ip_proto.h"

static const struct proto_bind binds[] = { { BY_IP_PROTO, 51, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t next = ip_ah_read(pkt, &b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_transport(pkt, next, ip_proto_name(next));
	if (decode_by(pkt, BY_IP_PROTO, next, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

const struct proto proto_ah = {
	.name = "ah", .binds = binds, .fields = ip_fields, .decode = decode
};
