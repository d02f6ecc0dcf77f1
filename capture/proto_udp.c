/* proto_udp.c -- User Datagram Protocol.
 * RFC 768:  0-1 source port | 2-3 destination port | 4-5 length | 6-7 checksum */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "decode.h"

enum { HEADER = 8 };

enum { SRCPORT, DSTPORT, LENGTH, CHECKSUM, STATUS, PAYLOAD };
static const struct proto_field fields[] = {
	[SRCPORT] = { "udp.srcport", FIELD_U16, "Source port", "source.port", "0.1", CORE, PLAIN },
	[DSTPORT] = { "udp.dstport", FIELD_U16, "Destination port", "destination.port", "0.1", CORE,
		PLAIN },
	[LENGTH] = { "udp.length", FIELD_U16, "Header and data", NULL, "0.1", CORE, PLAIN },
	[CHECKSUM] = { "udp.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL, PLAIN },
	[STATUS] = { "udp.checksum.status", FIELD_U8, "0 bad, 1 good, 2 not verified, 3 absent",
		NULL, "0.1", DERIVED, PLAIN },
	[PAYLOAD] = { "udp.payload", FIELD_BYTES, "Payload (--payload)", NULL, "0.1", DETAIL,
		CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_IP_PROTO, 17, NULL }, { 0 } };

/* Which bytes the length field means; 0 stands for all of them in a jumbogram (RFC 2675). */
static struct bytes datagram(struct packet *pkt, struct bytes whole, uint16_t length)
{
	if (length == 0)
		return whole;
	if (length > bytes_claimed(&whole))
		pkt_anomaly(pkt, "length beyond the packet");
	return bytes_upto(&whole, length);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	uint16_t src = get_be16(pkt, &b, SRCPORT);
	uint16_t dst = get_be16(pkt, &b, DSTPORT);
	uint16_t length = get_be16(pkt, &b, LENGTH);
	uint16_t sum = bytes_be16(&b);

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_ports(pkt, src, dst, false);
	if (length != 0 && length < HEADER) {
		pkt_anomaly(pkt, "length below header size");
		return DECODE_OK;
	}
	struct bytes all = datagram(pkt, whole, length);
	put_u64(pkt, CHECKSUM, sum);
	put_u64(pkt, STATUS, sum == 0 ? CHECKSUM_ABSENT : checksum_of_flow(pkt, all, 17));
	bytes_skip(&all, HEADER);
	if (pkt->payload)
		put_bytes(pkt, PAYLOAD, all.p, bytes_left(&all));
	return decode_port(pkt, BY_UDP_PORT, src, dst, all);
}

const struct proto proto_udp = {
	.name = "udp", .binds = binds, .fields = fields, .decode = decode
};
