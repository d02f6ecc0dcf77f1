/* proto_macsec.c -- MAC security.
 * IEEE 802.1AE, 9.3:  0 version (1 bit), end station, named, single copy, encrypted, changed,
 *   association (2) | 1 short length (6) | 2-5 packet number | 6-13 name of the channel, when named
 *   | ethertype and payload, in clear unless encrypted or changed | 16 bytes of integrity check */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { VERSION = 0x80, NAMED = 0x20, HIDDEN = 0x0c, TAG = 6, NAME_LEN = 8, CHECK = 16 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x88e5, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	int flags = bytes_peek(&b, 0);
	size_t tag = flags & NAMED ? TAG + NAME_LEN : TAG;

	if (flags < 0 || flags & VERSION || bytes_left(&b) <= tag + CHECK)
		return DECODE_REJECT;
	bytes_skip(&b, tag);
	if (flags & HIDDEN)
		return decode_data(pkt, bytes_upto(&b, bytes_claimed(&b) - CHECK));
	uint16_t type = bytes_be16(&b);
	pkt_protocol(pkt, "ethertype");
	if (!decode_by(pkt, BY_ETHERTYPE, type, b))
		return decode_data(pkt, b);
	return DECODE_OK;
}

const struct proto proto_macsec = {
	.name = "macsec", .binds = binds, .fields = fields, .decode = decode
};
