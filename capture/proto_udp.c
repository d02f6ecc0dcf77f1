/* proto_udp.c -- User Datagram Protocol, and UDP-Lite.
 * RFC 768:   0-1 source port | 2-3 destination port | 4-5 length | 6-7 checksum
 * RFC 3828:  the same, and 4-5 tells how many bytes the checksum covers, 0 for all of them */
/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"
#include "decode.h"

enum { HEADER = 8 };

enum { SRCPORT, DSTPORT, LENGTH, COVERAGE, CHECKSUM, STATUS, PAYLOAD };
static const struct proto_field fields[] = {
	[SRCPORT] = { "udp.srcport", FIELD_U16, "Source port", "source.port", "0.1", CORE, PLAIN },
	[DSTPORT] = { "udp.dstport", FIELD_U16, "Destination port", "destination.port", "0.1", CORE,
		PLAIN },
	[LENGTH] = { "udp.length", FIELD_U16, "Header and data", NULL, "0.1", CORE, PLAIN },
	[COVERAGE] = { "udp.checksum_coverage", FIELD_U16, "Bytes the checksum covers (UDP-Lite)",
		NULL, "0.1", DETAIL, PLAIN },
	[CHECKSUM] = { "udp.checksum", FIELD_U16, "Checksum", NULL, "0.1", DETAIL, PLAIN },
	[STATUS] = { "udp.checksum.status", FIELD_U8,
		"0 bad, 1 good, 2 not verified, 3 absent, 4 absent although demanded", NULL, "0.1",
		DERIVED, PLAIN },
	[PAYLOAD] = { "udp.payload", FIELD_BYTES, "Payload (--payload)", NULL, "0.1", DETAIL,
		CONTENT },
	{ 0 },
};
enum { UDP = 17, UDP_LITE = 136 };
static const struct proto_bind binds[] = { { BY_IP_PROTO, UDP, NULL },
	{ BY_IP_PROTO, UDP_LITE, "udplite" }, { 0 } };

/* Which bytes the length field means; 0 stands for all of them in a jumbogram (RFC 2675). */
static struct bytes datagram(struct packet *pkt, struct bytes whole, uint16_t length)
{
	if (length == 0)
		return whole;
	if (length > bytes_claimed(&whole))
		pkt_anomaly(pkt, "length beyond the packet");
	return bytes_upto(&whole, length);
}

/* IPv6 has no checksum of its own and demands this one (RFC 8200, section 8.1). */
static enum checksum_status absent(const struct packet *pkt)
{
	return pkt->flow.addr_len == 16 ? CHECKSUM_ILLEGAL : CHECKSUM_ABSENT;
}

static enum decode_result hand_on(struct packet *pkt, struct bytes whole, struct bytes all)
{
	uint16_t src = bytes_be16(&whole), dst = bytes_be16(&whole);

	bytes_skip(&all, HEADER);
	if (pkt->payload)
		put_bytes(pkt, PAYLOAD, all.p, bytes_left(&all));
	return decode_port(pkt, BY_UDP_PORT, src, dst, all);
}

/* The length of a datagram is that of what carries it. */
static enum decode_result decode_lite(
	struct packet *pkt, struct bytes whole, uint16_t coverage, uint16_t sum)
{
	size_t length = bytes_claimed(&whole);
	struct bytes rest = whole, covered = bytes_upto(&rest, coverage ? coverage : length);

	put_u64(pkt, COVERAGE, coverage);
	put_u64(pkt, LENGTH, length);
	if ((coverage && coverage < HEADER) || coverage > length) {
		pkt_anomaly(pkt, "checksum coverage is wrong");
		covered = whole;
	}
	put_u64(pkt, CHECKSUM, sum);
	put_u64(pkt, STATUS,
		sum == 0 ? CHECKSUM_ILLEGAL : checksum_of_part(pkt, covered, UDP_LITE, length));
	return hand_on(pkt, whole, whole);
}

static enum decode_result decode_datagram(
	struct packet *pkt, struct bytes whole, uint16_t length, uint16_t sum)
{
	bool jumbo = length == 0 && pkt->flow.addr_len == 16;
	if (length < HEADER && !jumbo) {
		pkt_anomaly(pkt, "length below header size");
		return DECODE_OK;
	}
	struct bytes all = datagram(pkt, whole, length);
	put_u64(pkt, CHECKSUM, sum);
	put_u64(pkt, STATUS, sum == 0 ? absent(pkt) : checksum_of_flow(pkt, all, UDP));
	return hand_on(pkt, whole, all);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	bool lite = pkt->bind->value == UDP_LITE;
	uint16_t src = get_be16(pkt, &b, SRCPORT);
	uint16_t dst = get_be16(pkt, &b, DSTPORT);
	uint16_t length = bytes_be16(&b);

	if (!lite && bytes_ok(&b))
		put_u64(pkt, LENGTH, length);
	uint16_t sum = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	pkt_ports(pkt, src, dst, false);
	return lite ? decode_lite(pkt, whole, length, sum)
		    : decode_datagram(pkt, whole, length, sum);
}

const struct proto proto_udp = {
	.name = "udp", .binds = binds, .fields = fields, .decode = decode
};
