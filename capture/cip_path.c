/* cip_path.c -- paths of CIP, of segments.
 * CIP Vol. 1, C-1:  upper 3 bits: 0 port: 4 bits, 15 for one of two bytes; bit 4: length of the
 *   address | 1 logical: kind (3 bits), size (2): 8 bits, or a byte of padding and 16 or 32 bits |
 *   4 data: 0x91 text: length | text, filled up to even; else words. Little-endian. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "enip.h"

enum { SEGMENTS_MAX = 128, PORT = 0, LOGICAL = 1, DATA = 4, TEXT = 0x91, LONG_ADDRESS = 0x10 };
enum { KIND_CLASS = 0, KIND_SPECIAL = 5, KEY_BYTES = 8, KEY_FORMAT = 4, PORT_EXTENDED = 15 };

static bool get_port(struct bytes *b, uint8_t type)
{
	size_t length = 1;

	if (type & LONG_ADDRESS)
		length = bytes_u8(b);
	if ((type & PORT_EXTENDED) == PORT_EXTENDED)
		bytes_skip(b, 2);
	if (type & LONG_ADDRESS)
		length += length & 1;
	bytes_skip(b, length);
	return bytes_ok(b);
}

static bool get_logical(struct packet *pkt, struct bytes *b, uint8_t type, uint32_t *class)
{
	static const int8_t fields[8] = { CIP_CLASS, CIP_INSTANCE, CIP_MEMBER, -1, CIP_ATTRIBUTE,
		-1, -1, -1 };
	unsigned kind = type >> 2 & 7, size = type & 3;

	if (kind == KIND_SPECIAL) { /* the key of a device */
		bool known = bytes_u8(b) == KEY_FORMAT;
		bytes_skip(b, KEY_BYTES);
		return known && bytes_ok(b);
	}
	if (size == 3)
		return false;
	bytes_skip(b, size ? 1 : 0);
	uint32_t value = size == 0 ? bytes_u8(b) : size == 1 ? bytes_le16(b) : bytes_le32(b);
	if (!bytes_ok(b))
		return false;
	if (kind == KIND_CLASS && *class == 0)
		*class = value;
	if (fields[kind] >= 0)
		put_u64(pkt, (unsigned)fields[kind], value);
	return true;
}

static bool get_data(struct packet *pkt, struct bytes *b, uint8_t type)
{
	uint8_t length = bytes_u8(b);

	if (type != TEXT) {
		bytes_skip(b, length * (size_t)2);
		return bytes_ok(b);
	}
	const uint8_t *text = bytes_take(b, length);
	bytes_skip(b, length & 1);
	if (text)
		put_str(pkt, CIP_SYMBOL, text, length);
	return bytes_ok(b);
}

uint32_t cip_path(struct packet *pkt, struct bytes b)
{
	uint32_t class = 0;
	bool more = true;

	for (unsigned i = 0; i < SEGMENTS_MAX && more && bytes_left(&b); i++) {
		uint8_t type = bytes_u8(&b);
		if (type >> 5 == PORT)
			more = get_port(&b, type);
		else if (type >> 5 == LOGICAL)
			more = get_logical(pkt, &b, type, &class);
		else
			more = type >> 5 == DATA && get_data(pkt, &b, type);
	}
	if (!bytes_ok(&b))
		pkt_anomaly(pkt, "path ends early");
	return class;
}
