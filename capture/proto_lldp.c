/* proto_lldp.c -- Link Layer Discovery Protocol: what a device tells its neighbours of itself.
 * IEEE 802.1AB: items: 0-1 type (7 bits), length (9) | value; type 0 ends
 *   The first three are 1, 2 and 3, which come but once.
 *   1 chassis, 2 port   0 kind of id | id: a MAC address, an address (family first) or a text
 *   3 time to live      u16
 *   4 port description, 5 system name, 6 system description: text
 *   8 management        0 length | 1 family | address | interface | object
 *   127 organisation's  0-2 organisation | 3 its own type | value */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ITEMS_MAX = 16384, MANDATORY = 3 };
enum {
	END = 0,
	CHASSIS = 1,
	PORT = 2,
	TTL = 3,
	PORT_DESCRIPTION = 4,
	NAME_OF_SYSTEM = 5,
	DESCRIPTION = 6,
	MANAGEMENT = 8,
	ORGANISATION = 127,
};
enum { CHASSIS_MAC = 4, PORT_MAC = 3, PORT_ADDRESS };
enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, IEEE_802_1 = 0x0080c2, PORT_VLAN = 1 };

enum {
	CHASSIS_SUBTYPE,
	PORT_SUBTYPE,
	CHASSIS_ID_MAC,
	PORT_ID,
	PORT_DESC,
	SYSTEM_NAME,
	SYSTEM_DESC,
	TIME_TO_LIVE,
	TLV_TYPE,
	PORT_VLAN_ID,
	ADDR_IP4,
	ADDR_IP6,
};
static const struct proto_field fields[] = {
	[CHASSIS_SUBTYPE] = { "lldp.chassis.subtype", FIELD_U8, "Kind of chassis id", NULL, "0.1",
		DETAIL, PLAIN },
	[PORT_SUBTYPE] = { "lldp.port.subtype", FIELD_U8, "Kind of port id", NULL, "0.1", DETAIL,
		PLAIN },
	[CHASSIS_ID_MAC] = { "lldp.chassis.id.mac", FIELD_MAC, "Chassis, by its address", NULL,
		"0.1", CORE, MAC },
	[PORT_ID] = { "lldp.port.id", FIELD_STR, "Port, by its name", NULL, "0.1", CORE, NAME },
	[PORT_DESC] = { "lldp.port.desc", FIELD_STR, "Description of the port", NULL, "0.1", CORE,
		NAME },
	[SYSTEM_NAME] = { "lldp.tlv.system.name", FIELD_STR, "Name of the system", NULL, "0.1",
		CORE, NAME },
	[SYSTEM_DESC] = { "lldp.tlv.system.desc", FIELD_STR, "Description of the system", NULL,
		"0.1", DETAIL, PLAIN },
	[TIME_TO_LIVE] = { "lldp.time_to_live", FIELD_U16, "Seconds to keep what is told", NULL,
		"0.1", DETAIL, PLAIN },
	[TLV_TYPE] = { "lldp.tlv.type", FIELD_U16, "Type of an item", NULL, "0.1", DETAIL, PLAIN },
	[PORT_VLAN_ID] = { "lldp.ieee.802_1.port_vlan.id", FIELD_U16, "Untagged VLAN of the port",
		NULL, "0.1", CORE, PLAIN },
	[ADDR_IP4] = { "lldp.mgn.addr.ip4", FIELD_IPV4, "Address to manage it by", NULL, "0.1",
		CORE, ADDRESS },
	[ADDR_IP6] = { "lldp.mgn.addr.ip6", FIELD_IPV6, "Address to manage it by", NULL, "0.1",
		CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, 0x88cc, NULL }, { 0 } };

static void put_chassis(struct packet *pkt, struct bytes value)
{
	if (get_u8(pkt, &value, CHASSIS_SUBTYPE) == CHASSIS_MAC && bytes_left(&value) == 6)
		(void)get_addr(pkt, &value, CHASSIS_ID_MAC, 6);
}

static void put_port(struct packet *pkt, struct bytes value)
{
	uint8_t subtype = get_u8(pkt, &value, PORT_SUBTYPE);

	if (subtype != PORT_MAC && subtype != PORT_ADDRESS)
		put_str(pkt, PORT_ID, value.p, bytes_left(&value));
}

static void put_management(struct packet *pkt, struct bytes value)
{
	uint8_t length = bytes_u8(&value), family = bytes_u8(&value);

	if (family == FAMILY_IPV4 && length == 5)
		(void)get_addr(pkt, &value, ADDR_IP4, 4);
	else if (family == FAMILY_IPV6 && length == 17)
		(void)get_addr(pkt, &value, ADDR_IP6, 16);
}

static void put_organisation(struct packet *pkt, struct bytes value)
{
	uint32_t oui = bytes_be24(&value);
	uint8_t subtype = bytes_u8(&value);

	if (oui == IEEE_802_1 && subtype == PORT_VLAN)
		(void)get_be16(pkt, &value, PORT_VLAN_ID);
}

static void put_item(struct packet *pkt, unsigned type, struct bytes value)
{
	size_t n = bytes_left(&value);

	switch (type) {
	case CHASSIS:
		put_chassis(pkt, value);
		break;
	case PORT:
		put_port(pkt, value);
		break;
	case TTL:
		(void)get_be16(pkt, &value, TIME_TO_LIVE);
		break;
	case PORT_DESCRIPTION:
		put_str(pkt, PORT_DESC, value.p, n);
		break;
	case NAME_OF_SYSTEM:
		put_str(pkt, SYSTEM_NAME, value.p, n);
		break;
	case DESCRIPTION:
		put_str(pkt, SYSTEM_DESC, value.p, n);
		break;
	case MANAGEMENT:
		put_management(pkt, value);
		break;
	case ORGANISATION:
		put_organisation(pkt, value);
		break;
	default:
		break;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(&b); i++) {
		uint16_t head = bytes_be16(&b);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		unsigned type = head >> 9;
		if (i < MANDATORY && type != i + 1) {
			pkt_anomaly(pkt, "an item that has to be there is missing");
			return DECODE_OK;
		}
		put_u64(pkt, TLV_TYPE, type);
		size_t n = head & 0x1ff;
		bool whole = n <= bytes_left(&b);
		put_item(pkt, type, bytes_upto(&b, n));
		if (!whole)
			return DECODE_TRUNCATED;
		if (type == END || (i >= MANDATORY && type <= TTL))
			break;
	}
	pkt_ends(pkt, b.p);
	return DECODE_OK;
}

const struct proto proto_lldp = {
	.name = "lldp", .binds = binds, .fields = fields, .decode = decode, .application = "lldp"
};
