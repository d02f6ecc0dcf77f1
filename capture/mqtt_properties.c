/* mqtt_properties.c -- numbers and texts of MQTT, and the properties of version 5.
 * OASIS MQTT 5.0, 2.2.2:  length, one to four bytes | properties: kind u8 | value of its type */
/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt.h"

enum { PROPERTIES_MAX = 65536, AUTH_DATA = 0x16, KINDS = 0x2b };

enum kind { UNKNOWN, ONE, TWO, FOUR, NUMBER, TEXT, NAMED, PAIR };

/* NAMED: text that Wireshark has a field of its own for. */
static const uint8_t kinds[KINDS] = {
	[0x01] = ONE,
	[0x02] = FOUR,
	[0x03] = NAMED,
	[0x08] = TEXT,
	[0x09] = TEXT,
	[0x0b] = NUMBER,
	[0x11] = FOUR,
	[0x12] = TEXT,
	[0x13] = TWO,
	[0x15] = TEXT,
	[0x16] = TEXT,
	[0x17] = ONE,
	[0x18] = FOUR,
	[0x19] = ONE,
	[0x1a] = TEXT,
	[0x1c] = TEXT,
	[0x1f] = TEXT,
	[0x21] = TWO,
	[0x22] = TWO,
	[0x23] = TWO,
	[0x24] = ONE,
	[0x25] = ONE,
	[0x26] = PAIR,
	[0x27] = FOUR,
	[0x28] = ONE,
	[0x29] = ONE,
	[0x2a] = ONE,
};

uint32_t mqtt_number(struct bytes *b)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint8_t byte = bytes_u8(b);
		value |= (uint32_t)(byte & 0x7f) << 7 * i;
		if (!(byte & 0x80))
			return value;
	}
	bytes_skip(b, SIZE_MAX);
	return 0;
}

struct bytes mqtt_text(struct bytes *b, uint16_t *length)
{
	*length = bytes_be16(b);
	size_t left = bytes_left(b);
	struct bytes text = bytes_upto(b, *length);

	if (*length > left)
		b->ok = false;
	return text;
}

static void put_text_property(struct packet *pkt, uint8_t id, struct bytes *b)
{
	uint16_t length;
	struct bytes text = mqtt_text(b, &length);

	if (!bytes_ok(b))
		return;
	if (id == AUTH_DATA)
		pkt_secret(pkt, text.p, bytes_left(&text));
	put_str(pkt, MQTT_PROP_STRING, text.p, bytes_left(&text));
}

/* False for a kind that nobody knows: then nothing tells where the next one begins. */
static bool put_property(struct packet *pkt, struct bytes *b)
{
	static const uint8_t sizes[] = { [ONE] = 1, [TWO] = 2, [FOUR] = 4 };
	uint8_t id = get_u8(pkt, b, MQTT_PROPERTY_ID), kind = id < KINDS ? kinds[id] : UNKNOWN;
	uint16_t length;

	switch ((enum kind)kind) {
	case ONE:
	case TWO:
	case FOUR:
		bytes_skip(b, sizes[kind]);
		break;
	case NUMBER:
		(void)mqtt_number(b);
		break;
	case TEXT:
		put_text_property(pkt, id, b);
		break;
	case PAIR:
		(void)mqtt_text(b, &length);
		(void)mqtt_text(b, &length);
		break;
	case NAMED:
		(void)mqtt_text(b, &length);
		break;
	case UNKNOWN:
		return false;
	}
	return bytes_ok(b);
}

bool mqtt_properties(struct packet *pkt, struct bytes *b)
{
	uint32_t length = mqtt_number(b);

	if (!bytes_ok(b))
		return false;
	struct bytes properties = bytes_upto(b, length);
	bool whole = bytes_left(&properties) == length;
	for (unsigned i = 0; i < PROPERTIES_MAX && bytes_left(&properties); i++)
		if (!put_property(pkt, &properties))
			return false;
	return whole;
}
