/* opcua_types.c -- types of OPC UA's binary encoding. IEC 62541-6, 5.2; all is little-endian. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "opcua.h"

enum { NODE_KIND = 0x3f, NODE_NAMESPACE = 0x80, NODE_SERVER = 0x40, GUID = 16 };
enum { VARIANT_TYPE = 0x3f, VARIANT_ARRAY = 0x80, VARIANT_DIMENSIONS = 0x40 };
static const int64_t ticks_per_second = 10000000, seconds_to_1970 = 11644473600;

void ua_string(struct packet *pkt, struct bytes *b, unsigned field)
{
	int32_t length = (int32_t)bytes_le32(b);
	const uint8_t *text = length > 0 ? bytes_take(b, (size_t)length) : NULL;

	if (text && field != UA_NOT_SHOWN)
		put_str(pkt, field, text, (size_t)length);
}

static void skip_string(struct bytes *b)
{
	ua_string(NULL, b, UA_NOT_SHOWN);
}

void ua_node(struct bytes *b)
{
	uint8_t kind = bytes_u8(b);

	switch (kind & NODE_KIND) {
	case 0:
		bytes_skip(b, 1);
		break;
	case 1:
		bytes_skip(b, 3);
		break;
	case 2:
		bytes_skip(b, 6);
		break;
	case 4:
		bytes_skip(b, 2 + GUID);
		break;
	case 3:
	case 5:
		bytes_skip(b, 2);
		skip_string(b);
		break;
	default:
		bytes_skip(b, bytes_left(b) + 1); /* nobody knows how long it is */
	}
	if (kind & NODE_NAMESPACE)
		skip_string(b);
	if (kind & NODE_SERVER)
		bytes_skip(b, 4);
}

void ua_localized(struct bytes *b)
{
	uint8_t mask = bytes_u8(b);

	if (mask & 1)
		skip_string(b);
	if (mask & 2)
		skip_string(b);
}

void ua_extension(struct bytes *b)
{
	ua_node(b);
	if (bytes_u8(b))
		skip_string(b);
}

void ua_diagnostics(struct bytes *b)
{
	for (unsigned depth = 0; depth < UA_DEPTH_MAX && bytes_ok(b); depth++) {
		uint8_t mask = bytes_u8(b);
		for (unsigned bit = 0; bit < 4; bit++)
			bytes_skip(b, mask >> bit & 1 ? 4 : 0);
		if (mask & 0x10)
			skip_string(b);
		if (mask & 0x20)
			bytes_skip(b, 4);
		if (!(mask & 0x40))
			return;
	}
}

void ua_time(struct packet *pkt, struct bytes *b)
{
	int64_t ticks = (int64_t)bytes_le64(b);

	if (!bytes_ok(b))
		return;
	if (ticks == 0)
		ticks = seconds_to_1970 * ticks_per_second;
	if (ticks > 0)
		put_time(pkt, UA_TIMESTAMP, ticks / ticks_per_second - seconds_to_1970,
			(uint32_t)(ticks % ticks_per_second) * 100);
}

unsigned ua_count(struct bytes *b)
{
	int32_t count = (int32_t)bytes_le32(b);

	if (count <= 0 || !bytes_ok(b))
		return 0;
	return count < UA_ARRAY_MAX ? (unsigned)count : UA_ARRAY_MAX;
}

/* One value of a built-in type. False for a type that may hold others. */
static bool get_builtin(struct packet *pkt, struct bytes *b, unsigned type)
{
	static const uint8_t sizes[] = { 0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8 };

	if (type < sizeof(sizes)) {
		bytes_skip(b, sizes[type]);
		return true;
	}
	switch (type) {
	case 12: /* text, bytes, XML */
	case 15:
	case 16:
		skip_string(b);
		return true;
	case 13: /* time, GUID */
		bytes_skip(b, 8);
		return true;
	case 14:
		bytes_skip(b, GUID);
		return true;
	case 17:
	case 18:
		ua_node(b);
		return true;
	case 19:
		(void)get_le32(pkt, b, UA_STATUS);
		return true;
	case 20:
		bytes_skip(b, 2);
		skip_string(b);
		return true;
	case 21:
		ua_localized(b);
		return true;
	case 22:
		ua_extension(b);
		return true;
	default:
		return false;
	}
}

static bool get_value(struct packet *pkt, struct bytes *b, unsigned depth);

static bool get_variant(struct packet *pkt, struct bytes *b, unsigned depth)
{
	enum { VALUE = 23, VARIANT = 24 };
	uint8_t mask = bytes_u8(b), type = mask & VARIANT_TYPE;
	unsigned count = mask & VARIANT_ARRAY ? ua_count(b) : 1;

	if (depth == 0)
		return false;
	for (unsigned i = 0; type && i < count && bytes_ok(b); i++) /* type 0: none, of no bytes */
		if (!(type == VALUE           ? get_value(pkt, b, depth - 1)
			    : type == VARIANT ? get_variant(pkt, b, depth - 1)
					      : get_builtin(pkt, b, type)))
			return false;
	if (mask & VARIANT_ARRAY && mask & VARIANT_DIMENSIONS)
		bytes_skip(b, ua_count(b) * (size_t)4);
	return bytes_ok(b) && count < UA_ARRAY_MAX;
}

static bool get_value(struct packet *pkt, struct bytes *b, unsigned depth)
{
	uint8_t mask = bytes_u8(b);

	if (mask & 1 && !get_variant(pkt, b, depth))
		return false;
	if (mask & 2)
		(void)get_le32(pkt, b, UA_STATUS);
	bytes_skip(b, mask & 4 ? 8 : 0);
	bytes_skip(b, mask & 16 ? 2 : 0);
	bytes_skip(b, mask & 8 ? 8 : 0);
	bytes_skip(b, mask & 32 ? 2 : 0);
	return bytes_ok(b);
}

bool ua_variant(struct packet *pkt, struct bytes *b)
{
	return get_variant(pkt, b, UA_DEPTH_MAX);
}

bool ua_data_value(struct packet *pkt, struct bytes *b)
{
	return get_value(pkt, b, UA_DEPTH_MAX);
}
