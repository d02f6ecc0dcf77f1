/* proto_vlan.c -- VLAN tags: IEEE 802.1Q, and the service tags of 802.1ad.
 *   0-1 priority (3 bits), drop eligible (1), VLAN id (12) | 2-3 type or length, as in Ethernet
 * All tags of a frame are one layer here, so that they can be counted and the innermost be known.
 * Two service tags in a row are read as one header with both, as the 802.1ah drafts have it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum {
	TAGS_MAX = 8,
	LENGTH_MAX = 1500,
	CUSTOMER = 0x8100,
	OLD_CUSTOMER = 0x9100,
	SERVICE = 0x88a8,
	BACKBONE = 0x88e7,
	RAW_IPX = 0x8137,
};

enum { PRIORITY, DEI, ID, ETYPE, LEN, SERVICE_PRIORITY, SERVICE_DEI, SERVICE_ID };
static const struct proto_field fields[] = {
	[PRIORITY] = { "vlan.priority", FIELD_U16, "Priority", NULL, "0.1", DETAIL, PLAIN },
	[DEI] = { "vlan.dei", FIELD_BOOL, "Drop eligible", NULL, "0.1", DETAIL, PLAIN },
	[ID] = { "vlan.id", FIELD_U16, "VLAN id", NULL, "0.1", CORE, PLAIN },
	[ETYPE] = { "vlan.etype", FIELD_U16, "Ethertype behind the tag", NULL, "0.1", DETAIL,
		PLAIN },
	[LEN] = { "vlan.len", FIELD_U16, "Length of the payload (802.3)", NULL, "0.1", DETAIL,
		PLAIN },
	[SERVICE_PRIORITY] = { "ieee8021ad.priority", FIELD_U16, "Priority of a service tag", NULL,
		"0.1", DETAIL, PLAIN },
	[SERVICE_DEI] = { "ieee8021ad.dei", FIELD_U16, "Drop eligible, of a service tag", NULL,
		"0.1", DETAIL, PLAIN },
	[SERVICE_ID] = { "ieee8021ad.id", FIELD_U16, "VLAN id of a service tag", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, CUSTOMER, NULL },
	{ BY_ETHERTYPE, OLD_CUSTOMER, NULL }, { BY_ETHERTYPE, SERVICE, "ieee8021ad" }, { 0 } };

struct tags {
	unsigned count;
	uint16_t type;  /* of what follows the tags read so far */
	bool is_length; /* it is a length; never behind a service tag */
	uint16_t outer, inner;
	bool backbone; /* a tag of 802.1ah follows a service tag: they are one to tshark */
};

static void note_id(struct tags *tags, uint16_t tci)
{
	uint16_t id = tci & 0xfff;

	if (tags->count++ == 0)
		tags->outer = id;
	tags->inner = id;
}

static bool read_customer(struct packet *pkt, struct bytes *b, struct tags *tags)
{
	uint16_t tci = bytes_be16(b);

	if (!bytes_ok(b))
		return false;
	note_id(tags, tci);
	put_u64(pkt, PRIORITY, tci >> 13);
	put_bool(pkt, DEI, tci >> 12 & 1);
	put_u64(pkt, ID, tci & 0xfff);
	tags->type = bytes_be16(b);
	tags->is_length = tags->type <= LENGTH_MAX;
	if (bytes_ok(b))
		put_u64(pkt, tags->is_length ? LEN : ETYPE, tags->type);
	return bytes_ok(b);
}

static bool put_service(struct packet *pkt, uint16_t tci, bool alone)
{
	put_u64(pkt, SERVICE_PRIORITY, tci >> 13);
	put_u64(pkt, SERVICE_DEI, tci >> 12 & 1);
	if (alone)
		put_u64(pkt, SERVICE_ID, tci & 0xfff);
	return alone;
}

/* The ids of a pair have names of their own, which the tables do not have: they stand in ECS. */
static bool read_service(struct packet *pkt, struct bytes *b, struct tags *tags)
{
	uint16_t tci = bytes_be16(b);

	tags->type = bytes_be16(b);
	tags->is_length = false;
	tags->backbone = tags->type == BACKBONE;
	if (!bytes_ok(b))
		return false;
	note_id(tags, tci);
	if (put_service(pkt, tci, tags->type != SERVICE))
		return true;
	tci = bytes_be16(b);
	if (!bytes_ok(b))
		return false;
	note_id(tags, tci);
	(void)put_service(pkt, tci, false);
	tags->type = bytes_be16(b);
	return bytes_ok(b);
}

/* All tags. False when the frame ends inside of one. */
static bool read_tags(struct packet *pkt, struct bytes *b, struct tags *tags)
{
	bool service = tags->type == SERVICE;

	for (unsigned i = 0; i < TAGS_MAX; i++) {
		tags->backbone = false;
		if (service ? !read_service(pkt, b, tags) : !read_customer(pkt, b, tags))
			return false;
		if (!tags->is_length && !tags->backbone)
			pkt_protocol(pkt, "ethertype");
		service = tags->type == SERVICE;
		if (!service && tags->type != CUSTOMER && tags->type != OLD_CUSTOMER)
			return true;
		if (tags->count >= TAGS_MAX)
			break;
		pkt_protocol(pkt, service ? "ieee8021ad" : "vlan");
	}
	pkt_anomaly(pkt, "too many tags");
	tags->type = 0; /* nobody's */
	tags->is_length = false;
	return true;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool service = pkt->bind->value == SERVICE;
	struct tags tags = { .type = service ? SERVICE : CUSTOMER };
	bool whole = read_tags(pkt, &b, &tags);

	if (tags.count > 0)
		ecs_u64(pkt, ECS_NETWORK_VLAN_ID, tags.outer);
	if (tags.count > 1)
		ecs_u64(pkt, ECS_NETWORK_INNER_VLAN_ID, tags.inner);
	if (!whole)
		return DECODE_TRUNCATED;
	if (!tags.is_length) {
		if (!decode_by(pkt, tags.backbone ? BY_SERVICE_TAG : BY_ETHERTYPE, tags.type, b))
			return decode_data(pkt, b);
		return DECODE_OK;
	}
	if (tags.type > bytes_claimed(&b))
		pkt_anomaly(pkt, "length beyond the packet");
	struct bytes payload = bytes_upto(&b, tags.type);
	if (!decode_by(pkt, BY_LENGTH, 0, payload) &&
		!decode_by(pkt, BY_ETHERTYPE, RAW_IPX, payload))
		(void)decode_data(pkt, payload);
	pkt_ends(pkt, NULL); /* what follows is not Ethernet's own tail */
	return DECODE_OK;
}

const struct proto proto_vlan = {
	.name = "vlan", .binds = binds, .fields = fields, .decode = decode
};
