/* proto_nhrp.c -- Next Hop Resolution Protocol, of tunnels with many ends.
 * RFC 2332:  0-1 family of link addresses | 2-3 protocol | 4-8 its long form | 9 hops | 10-11 length |
 *   12-13 checksum | 14-15 where extensions begin | 16 version | 17 kind | 18 type (2 bits) and
 *   length of the source's link address | 19 of its subaddress | 20 length of the source's address |
 *   21 of the destination's | kinds 7 and 8: 22-23 | 24-25 error | 26-27 offset; others: 22-23 flags |
 *   24-27 number | the addresses | kinds 7 and 8: the packet that is the reason */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LENGTHS_AT = 18, LENGTH_MASK = 0x3f, ERROR = 7, TRAFFIC = 8, BEHIND_LENGTHS = 6 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_GRE, 0x2001, NULL }, { BY_IP_PROTO, 54, NULL },
	{ 0 } };

/* The packet goes on or went another way: it says nothing of who speaks here. */
static void decode_reason(struct packet *pkt, uint16_t protocol, struct bytes b)
{
	if (bytes_left(&b))
		(void)decode_quoted(pkt, BY_ETHERTYPE, protocol, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;

	bytes_skip(&b, 2);
	uint16_t protocol = bytes_be16(&b);
	bytes_skip(&b, 10);
	uint16_t extensions = bytes_be16(&b);
	bytes_skip(&b, 1);
	uint8_t kind = bytes_u8(&b);
	size_t addresses = bytes_u8(&b) & LENGTH_MASK;
	addresses += bytes_u8(&b) & LENGTH_MASK;
	addresses += bytes_u8(&b);
	addresses += bytes_u8(&b);
	bytes_skip(&b, BEHIND_LENGTHS + addresses);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (kind != ERROR && kind != TRAFFIC)
		return DECODE_OK;
	size_t used = (size_t)(b.p - whole.p);
	size_t end = extensions ? extensions : bytes_claimed(&whole);
	if (end > used)
		decode_reason(pkt, protocol, bytes_upto(&b, end - used));
	return DECODE_OK;
}

const struct proto proto_nhrp = {
	.name = "nhrp", .binds = binds, .fields = fields, .decode = decode
};
