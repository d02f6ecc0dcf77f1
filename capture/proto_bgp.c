/* proto_bgp.c -- Border Gateway Protocol 4.
 * RFC 4271, section 4:  0-15 marker, all ones | 16-17 length of all | 18 type
 *   OPEN (1)          19 version | 20-21 AS | 22-23 hold time | 24-27 identifier | parameters
 *   UPDATE (2)        length (2), withdrawn prefixes | length (2), path attributes | prefixes
 *   NOTIFICATION (3)  error | its kind | data
 * Attribute:  0 flags | 1 type | 2 length, of two bytes where flag 0x10 is set | value
 * Prefix:     0 bits | as many bytes as they need; with additional paths (RFC 7911) a number of four
 *   bytes in front. Whether it is there, and how long an AS is, the OPENs before have agreed on: here
 *   the bytes themselves have to tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { MESSAGES_MAX = 4096, ATTRIBUTES_MAX = 4096, PREFIXES_MAX = 4096, SETS_MAX = 4 };
enum { MARKER = 16, HEADER = 19, MESSAGE_MAX = 4096, BITS_MAX = 32, PATH_ID = 4 };
enum { OPEN = 1, UPDATE = 2, NOTIFICATION = 3, TYPE_MAX = 6, EXTENDED = 0x10 };
enum { ORIGIN = 1, AS_PATH = 2, NEXT_HOP = 3, AS4_PATH = 17, ATTRIBUTE_SET = 128, SEGMENT_MAX = 4 };

enum {
	LENGTH,
	TYPE,
	OPEN_VERSION,
	OPEN_AS,
	OPEN_HOLD,
	OPEN_ID,
	WITHDRAWN,
	ATTRIBUTE,
	ATTR_ORIGIN,
	ATTR_AS4,
	ATTR_NEXT_HOP,
	NLRI,
	ERROR,
};
static const struct proto_field fields[] = {
	[LENGTH] = { "bgp.length", FIELD_U16, "Length of a message", NULL, "0.1", DETAIL, PLAIN },
	[TYPE] = { "bgp.type", FIELD_U8,
		"1 open, 2 update, 3 notification, 4 keepalive, 5 route refresh", NULL, "0.1", CORE,
		PLAIN },
	[OPEN_VERSION] = { "bgp.open.version", FIELD_U8, "Version, 4", NULL, "0.1", DETAIL, PLAIN },
	[OPEN_AS] = { "bgp.open.myas", FIELD_U16, "AS of the speaker; 23456: it has no room here",
		NULL, "0.1", CORE, PLAIN },
	[OPEN_HOLD] = { "bgp.open.holdtime", FIELD_U16, "Seconds after which a silent peer is gone",
		NULL, "0.1", DETAIL, PLAIN },
	[OPEN_ID] = { "bgp.open.identifier", FIELD_IPV4, "Identifier of the speaker", NULL, "0.1",
		CORE, ADDRESS },
	[WITHDRAWN] = { "bgp.withdrawn_prefix", FIELD_IPV4, "Prefix that is gone", NULL, "0.1",
		CORE, ADDRESS },
	[ATTRIBUTE] = { "bgp.update.path_attribute.type_code", FIELD_U8,
		"Attribute: 1 origin, 2 AS path, 3 next hop, ...", NULL, "0.1", DETAIL, PLAIN },
	[ATTR_ORIGIN] = { "bgp.update.path_attribute.origin", FIELD_U8,
		"0 within the AS, 1 by EGP, 2 by other means", NULL, "0.1", DETAIL, PLAIN },
	[ATTR_AS4] = { "bgp.update.path_attribute.as_path_segment.as4", FIELD_U32,
		"AS on the path, of four bytes", NULL, "0.1", CORE, PLAIN },
	[ATTR_NEXT_HOP] = { "bgp.update.path_attribute.next_hop", FIELD_IPV4, "Router to send to",
		NULL, "0.1", CORE, ADDRESS },
	[NLRI] = { "bgp.nlri_prefix", FIELD_IPV4, "Prefix that is there", NULL, "0.1", CORE,
		ADDRESS },
	[ERROR] = { "bgp.notify.major_error", FIELD_U8,
		"1 header, 2 open, 3 update, 4 hold time, 5 state, 6 cease", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 179, NULL }, { 0 } };
static const struct proto_probe probes[] = { { BY_TCP_PORT, 0xff, 0xff }, { 0 } };
static const uint8_t marker[MARKER] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* --- prefixes --- */

/* Does [b) read as prefixes, each behind `skip` bytes, without a bit set beyond its length and
 * with one default route at most? */
static bool reads_as_prefixes(struct bytes b, size_t skip)
{
	unsigned defaults = 0;

	for (unsigned i = 0; i < PREFIXES_MAX && bytes_left(&b); i++) {
		bytes_skip(&b, skip);
		unsigned bits = bytes_u8(&b);
		const uint8_t *p = bytes_take(&b, (bits + 7) / 8);
		if (!bytes_ok(&b) || bits > BITS_MAX || (bits == 0 && ++defaults > 1))
			return false;
		if (bits % 8 && p[bits / 8] & 0xff >> bits % 8)
			return false;
	}
	return true;
}

static bool put_prefixes(struct packet *pkt, unsigned field, struct bytes b)
{
	bool paths = reads_as_prefixes(b, PATH_ID) && !reads_as_prefixes(b, 0);

	for (unsigned i = 0; i < PREFIXES_MAX && bytes_left(&b); i++) {
		uint8_t address[4] = { 0 };
		bytes_skip(&b, paths ? PATH_ID : 0);
		unsigned bits = bytes_u8(&b), n = (bits + 7) / 8;
		const uint8_t *p = bytes_take(&b, n);
		if (!p || bits > BITS_MAX)
			return false;
		memcpy(address, p, n);
		if (bits % 8)
			address[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
		put_addr(pkt, field, (const uint8_t *)pkt_copy(pkt, address, sizeof(address)));
	}
	return true;
}

/* --- path attributes --- */

/* Is [b) a path whose AS numbers have `size` bytes each? */
static bool reads_as_path(struct bytes b, size_t size)
{
	for (unsigned i = 0; i < PREFIXES_MAX && bytes_left(&b); i++) {
		uint8_t type = bytes_u8(&b), count = bytes_u8(&b);
		struct bytes numbers = bytes_sub(&b, count * size);
		if (!bytes_ok(&b) || type == 0 || type > SEGMENT_MAX || count == 0)
			return false;
		while (bytes_left(&numbers))
			if ((size == 4 ? bytes_be32(&numbers) : bytes_be16(&numbers)) == 0)
				return false;
	}
	return true;
}

/* Segments:  0 kind | 1 count | AS numbers */
static void put_path(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < PREFIXES_MAX && bytes_left(&b); i++) {
		bytes_skip(&b, 1);
		uint8_t count = bytes_u8(&b);
		for (unsigned j = 0; j < count && bytes_ok(&b); j++)
			(void)get_be32(pkt, &b, ATTR_AS4);
	}
}

static bool put_attributes(struct packet *pkt, struct bytes b, unsigned depth);

static bool put_attribute(struct packet *pkt, uint8_t type, struct bytes value, unsigned depth)
{
	size_t n = bytes_left(&value);

	if (type == ORIGIN && n == 1)
		(void)get_u8(pkt, &value, ATTR_ORIGIN);
	else if (type == NEXT_HOP && n == 4)
		(void)get_addr(pkt, &value, ATTR_NEXT_HOP, 4);
	else if (type == AS4_PATH || (type == AS_PATH && reads_as_path(value, 4)))
		put_path(pkt, value);
	if (type != ATTRIBUTE_SET || n < 4)
		return true;
	bytes_skip(&value, 4);
	return put_attributes(pkt, value, depth + 1);
}

static bool put_attributes(struct packet *pkt, struct bytes b, unsigned depth)
{
	if (depth == SETS_MAX) {
		pkt_anomaly(pkt, "attributes too deep in each other");
		return true;
	}
	for (unsigned i = 0; i < ATTRIBUTES_MAX && bytes_left(&b); i++) {
		uint8_t flags = bytes_u8(&b);
		uint8_t type = get_u8(pkt, &b, ATTRIBUTE);
		size_t length = flags & EXTENDED ? bytes_be16(&b) : bytes_u8(&b);
		struct bytes value = bytes_sub(&b, length);
		if (!bytes_ok(&b) || !put_attribute(pkt, type, value, depth))
			return false;
	}
	return true;
}

/* --- messages --- */

static bool put_open(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, OPEN_VERSION);
	(void)get_be16(pkt, &b, OPEN_AS);
	(void)get_be16(pkt, &b, OPEN_HOLD);
	(void)get_addr(pkt, &b, OPEN_ID, 4);
	return bytes_ok(&b);
}

static bool put_update(struct packet *pkt, struct bytes b)
{
	struct bytes withdrawn = bytes_upto(&b, bytes_be16(&b));

	if (!bytes_ok(&b) || !put_prefixes(pkt, WITHDRAWN, withdrawn))
		return false;
	uint16_t length = bytes_be16(&b);
	struct bytes attributes = bytes_upto(&b, length);
	if (!bytes_ok(&b) || !put_attributes(pkt, attributes, 0))
		return false;
	return bytes_left(&attributes) == length && put_prefixes(pkt, NLRI, b);
}

/* RFC 4271, 4.5. */
static void tell_error(struct packet *pkt, uint8_t code)
{
	static const char *const names[] = { NULL, "Message Header Error", "OPEN Message Error",
		"UPDATE Message Error", "Hold Timer Expired", "Finite State Machine Error", "Cease",
		"ROUTE-REFRESH Message Error" };

	if (code)
		outcome_failure(pkt, code, NAME_OF(names, code));
}

static bool put_body(struct packet *pkt, uint8_t type, struct bytes b)
{
	static const char *const actions[] = { NULL, "open", "update", "notification", "keepalive",
		"route-refresh", "capability" };

	if (type <= TYPE_MAX)
		ecs_text(pkt, ECS_EVENT_ACTION, actions[type]);
	switch (type) {
	case OPEN:
		return put_open(pkt, b);
	case UPDATE:
		return put_update(pkt, b);
	case NOTIFICATION:
		tell_error(pkt, get_u8(pkt, &b, ERROR));
		return bytes_ok(&b);
	default:
		return true;
	}
}

/* Moves b to the next marker, or to what may be the beginning of one at its end. */
static void find_marker(struct bytes *b)
{
	while (bytes_left(b) &&
		!bytes_starts(b, marker, bytes_left(b) < MARKER ? bytes_left(b) : MARKER))
		bytes_skip(b, 1);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool sound = true;

	find_marker(&b);
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++) {
		struct bytes look = b;
		bytes_skip(&look, MARKER);
		uint16_t length = bytes_be16(&look);
		if (!bytes_ok(&look))
			return DECODE_TRUNCATED;
		if (length < HEADER || length > MESSAGE_MAX) {
			put_u64(pkt, LENGTH, length);
			pkt_anomaly(pkt, "message length out of bounds");
			return DECODE_OK;
		}
		struct bytes message = bytes_upto(&b, length);
		bool whole = bytes_left(&message) == length;
		bytes_skip(&message, MARKER);
		(void)get_be16(pkt, &message, LENGTH);
		uint8_t type = get_u8(pkt, &message, TYPE);
		if (!bytes_ok(&message))
			return DECODE_TRUNCATED;
		if (!put_body(pkt, type, message)) /* the next one begins where this one says */
			sound = false;
		if (!whole)
			return DECODE_TRUNCATED;
	}
	return sound ? DECODE_OK : DECODE_TRUNCATED;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	if (!bytes_starts(&b, marker, MARKER))
		return false;
	bytes_skip(&b, MARKER);
	uint16_t length = bytes_be16(&b);
	uint8_t type = bytes_u8(&b);
	return bytes_ok(&b) && length >= HEADER && length <= MESSAGE_MAX && type >= OPEN &&
	       type <= TYPE_MAX;
}

const struct proto proto_bgp = { .name = "bgp",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "bgp" };
