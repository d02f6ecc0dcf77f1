/* proto_lwapp.c -- Lightweight Access Point Protocol: a radio's frames on their way to a controller.
 * RFC 5412, 4.2:  0 version (2 bits), radio (3), control, fragment, last of them | 1 fragment |
 *   2-3 length | 4-5 strength of the signal | frame, or 4 bytes and what controls the radio.
 * What goes to the port of control has an address of 6 bytes in front. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { DATA_PORT = 12222, CONTROL_PORT = 12223, ADDRESS_LEN = 6, CONTROL = 4, CONTROL_HEADER = 4 };
enum { LINKTYPE_WLAN = 105 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_UDP_PORT, DATA_PORT, NULL },
	{ BY_UDP_PORT, CONTROL_PORT, NULL }, { 0 } };

/* These ports are anybody's: version 0, and no longer than the datagram. */
static bool is_header(struct bytes b)
{
	uint8_t version = bytes_u8(&b) >> 6;
	bytes_skip(&b, 1);
	uint16_t length = bytes_be16(&b);
	bytes_skip(&b, 2);

	if (!bytes_ok(&b))
		return b.cut;
	return version == 0 && length && length <= bytes_claimed(&b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->port == CONTROL_PORT && pkt->to_port)
		bytes_skip(&b, ADDRESS_LEN);
	if (!is_header(b))
		return DECODE_REJECT;
	uint8_t flags = bytes_u8(&b);
	bytes_skip(&b, 5);
	if (flags & CONTROL)
		bytes_skip(&b, CONTROL_HEADER);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (flags & CONTROL) {
		pkt_application(pkt, "lwapp");
		return decode_data(pkt, b);
	}
	pkt_tunnel(pkt, "lwapp", -1);
	return decode_by(pkt, BY_LINKTYPE, LINKTYPE_WLAN, b) ? DECODE_OK : decode_data(pkt, b);
}

const struct proto proto_lwapp = {
	.name = "lwapp", .binds = binds, .fields = fields, .decode = decode
};
