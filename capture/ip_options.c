/* ip_options.c -- the options of an IPv4 header.
 * RFC 791, section 3.1:  type (copied, class, number) | length of the whole option | data; types 0
 * and 1 are one byte. A route or a list of time stamps begins with a pointer: the place, counted
 * from 1 at the type, of the first slot that has not been used yet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ip_options.h"

#include "ip_fields.h"

enum { OPTIONS_MAX = 40, FIRST_SLOT = 4, SLOT = 4 };
enum {
	END_OF_LIST,
	NOP,
	RECORD_ROUTE = 7,
	MTU_PROBE = 11,
	MTU_REPLY,
	QUICK_START = 25,
	TIMESTAMP = 68,
	TRACEROUTE = 82,
	SECURITY = 130,
	LOOSE_ROUTE,
	EXTENDED_SECURITY = 133,
	COMMERCIAL_SECURITY,
	STREAM_ID = 136,
	STRICT_ROUTE,
	ROUTER_ALERT = 148,
	SELECTIVE_BROADCAST,
};

static bool is_known(uint8_t type)
{
	static const uint8_t known[] = { RECORD_ROUTE, MTU_PROBE, MTU_REPLY, QUICK_START, TIMESTAMP,
		TRACEROUTE, SECURITY, LOOSE_ROUTE, EXTENDED_SECURITY, COMMERCIAL_SECURITY,
		STREAM_ID, STRICT_ROUTE, ROUTER_ALERT, SELECTIVE_BROADCAST };

	return memchr(known, type, sizeof(known)) != NULL;
}

static bool is_source_route(uint8_t type)
{
	return type == LOOSE_ROUTE || type == STRICT_ROUTE;
}

/* How many of a route's slots have been used; more than there are when the pointer is wrong. */
static size_t used_slots(uint8_t ptr, size_t slots)
{
	size_t used = ptr / SLOT - 1u;

	if (ptr < FIRST_SLOT || ptr % SLOT)
		return slots + 1;
	return used < slots ? used : slots;
}

/* The next option: its type, and its data in *data; -1 at the end and where the list is broken. */
static int next_option(struct bytes *b, struct bytes *data)
{
	uint8_t type = bytes_u8(b);

	*data = bytes_of(b->p, 0);
	if (!bytes_ok(b))
		return -1;
	if (type <= NOP)
		return type;
	uint8_t len = bytes_u8(b);
	if (!bytes_ok(b) || len < 2 || len - 2u > bytes_left(b))
		return -1;
	*data = bytes_sub(b, len - 2u);
	return type;
}

const uint8_t *ip_options_destination(struct bytes options)
{
	struct bytes data;
	int type;

	for (unsigned i = 0; i < OPTIONS_MAX; i++) {
		type = next_option(&options, &data);
		if (type <= END_OF_LIST)
			return NULL;
		if (!is_source_route((uint8_t)type))
			continue;
		uint8_t ptr = bytes_u8(&data);
		size_t slots = bytes_left(&data) / SLOT;
		if (used_slots(ptr, slots) >= slots)
			return NULL;
		bytes_skip(&data, (slots - 1) * SLOT);
		return bytes_take(&data, SLOT);
	}
	return NULL;
}

/* Slots behind the pointer are empty in a recorded route and hops to come in a source route, whose
 * last one is the destination and stands there. */
static void put_route(struct packet *pkt, uint8_t type, struct bytes b)
{
	uint8_t ptr = get_u8(pkt, &b, IP_OPT_PTR);
	size_t slots = bytes_left(&b) / SLOT, used = used_slots(ptr, slots);

	if (used > slots) {
		if (slots)
			pkt_anomaly(pkt, "option pointer is wrong");
		return;
	}
	for (size_t i = 0; i < used; i++)
		(void)get_addr(pkt, &b, IP_REC_RT, SLOT);
	for (size_t i = used; is_source_route(type) && i + 1 < slots; i++)
		(void)get_addr(pkt, &b, IP_SRC_RT, SLOT);
}

static void put_timestamps(struct packet *pkt, struct bytes b)
{
	enum { WITH_ADDRESS = 1, WITH_GIVEN_ADDRESS = 3 };

	(void)get_u8(pkt, &b, IP_OPT_PTR);
	uint8_t flag = bytes_u8(&b) & 15; /* the other four bits count stations without room */
	bool address = flag == WITH_ADDRESS || flag == WITH_GIVEN_ADDRESS;
	for (size_t i = 0, n = bytes_left(&b) / (address ? 8 : 4); i < n; i++) {
		if (address)
			bytes_skip(&b, 4);
		(void)get_be32(pkt, &b, IP_TIME_STAMP);
	}
}

static void put_option(struct packet *pkt, uint8_t type, struct bytes data)
{
	put_u64(pkt, IP_OPT_TYPE, type);
	put_bool(pkt, IP_OPT_COPY, type & 0x80);
	put_u64(pkt, IP_OPT_CLASS, type >> 5 & 3);
	put_u64(pkt, IP_OPT_NUMBER, type & 31);
	if (type <= NOP)
		return;
	put_u64(pkt, IP_OPT_LEN, bytes_left(&data) + 2);
	if (type == ROUTER_ALERT)
		(void)get_be16(pkt, &data, IP_OPT_RA);
	else if (type == TIMESTAMP)
		put_timestamps(pkt, data);
	else if (type == RECORD_ROUTE || is_source_route(type))
		put_route(pkt, type, data);
}

void ip_options_put(struct packet *pkt, struct bytes options)
{
	struct bytes data;

	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&options); i++) {
		int type = next_option(&options, &data);
		if (type < 0) {
			pkt_anomaly(pkt, "option length is wrong");
			return;
		}
		if (type <= NOP || is_known((uint8_t)type))
			put_option(pkt, (uint8_t)type, data);
		else
			pkt_anomaly(pkt, "option is unknown");
		if (type == END_OF_LIST)
			return;
	}
}
