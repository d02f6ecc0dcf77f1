/* proto_geneve.c -- Generic Network Virtualization Encapsulation.
 * RFC 8926:  0 version (2 bits), length of the options in words (6) | 1 control packet (1 bit),
 *            critical options (1), reserved (6) | 2-3 ethertype | 4-6 network id | 7 reserved
 *   option:  0-1 class | 2 type, critical (its highest bit) | 3 reserved (3 bits), length of the
 *            data in words (5) | data */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { OPTIONS_MAX = 64, OPTION_HEADER = 4, WORD = 4, BRIDGED = 0x6558, LINKTYPE_ETHERNET = 1 };

enum {
	VERSION,
	OPTION_LENGTH,
	FLAGS,
	OAM,
	CRITICAL,
	PROTO_TYPE,
	VNI,
	OPTION_CLASS,
	OPTION_TYPE,
};
static const struct proto_field fields[] = {
	[VERSION] = { "geneve.version", FIELD_U8, "Version", NULL, "0.1", DETAIL, PLAIN },
	[OPTION_LENGTH] = { "geneve.option.length", FIELD_U8,
		"Bytes of all options, then of each one", NULL, "0.1", DETAIL, PLAIN },
	[FLAGS] = { "geneve.flags", FIELD_U8, "Flags", NULL, "0.1", DETAIL, PLAIN },
	[OAM] = { "geneve.flags.oam", FIELD_BOOL, "Control packet", NULL, "0.1", DERIVED, PLAIN },
	[CRITICAL] = { "geneve.flags.critical", FIELD_BOOL, "There are critical options", NULL,
		"0.1", DERIVED, PLAIN },
	[PROTO_TYPE] = { "geneve.proto_type", FIELD_U16, "Ethertype of the payload", NULL, "0.1",
		CORE, PLAIN },
	[VNI] = { "geneve.vni", FIELD_U24, "Network id", NULL, "0.1", CORE, PLAIN },
	[OPTION_CLASS] = { "geneve.option.class", FIELD_U16, "Class of an option", NULL, "0.1",
		DETAIL, PLAIN },
	[OPTION_TYPE] = { "geneve.option.type", FIELD_U8, "Type of an option", NULL, "0.1", DETAIL,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 6081, NULL }, { 0 } };

static void put_options(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_left(&b) >= OPTION_HEADER; i++) {
		uint16_t class = bytes_be16(&b);
		uint8_t type = bytes_u8(&b);
		size_t length = (bytes_u8(&b) & 31) * WORD;
		bytes_skip(&b, length);
		if (!bytes_ok(&b)) {
			pkt_anomaly(pkt, "option length is wrong");
			return;
		}
		put_u64(pkt, OPTION_CLASS, class);
		put_u64(pkt, OPTION_TYPE, type);
		put_u64(pkt, OPTION_LENGTH, OPTION_HEADER + length);
	}
}

static enum decode_result decode_payload(struct packet *pkt, uint16_t type, struct bytes b)
{
	if (type == BRIDGED ? decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b)
			    : decode_by(pkt, BY_ETHERTYPE, type, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	uint8_t first = bytes_u8(&b);
	uint8_t flags = bytes_u8(&b);
	size_t length = (first & 63u) * WORD;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, VERSION, first >> 6);
	put_u64(pkt, OPTION_LENGTH, length);
	put_u64(pkt, FLAGS, flags);
	put_bool(pkt, OAM, flags >> 7);
	put_bool(pkt, CRITICAL, flags >> 6 & 1);
	uint16_t type = get_be16(pkt, &b, PROTO_TYPE);
	uint32_t vni = get_be24(pkt, &b, VNI);
	bytes_skip(&b, 1);
	struct bytes options = bytes_upto(&b, length);
	if (!bytes_ok(&b) || bytes_left(&options) < length)
		return DECODE_TRUNCATED;
	put_options(pkt, options);
	pkt_tunnel(pkt, "geneve", vni);
	return decode_payload(pkt, type, b);
}

const struct proto proto_geneve = {
	.name = "geneve", .binds = binds, .fields = fields, .decode = decode
};
