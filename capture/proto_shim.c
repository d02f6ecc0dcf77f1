/* proto_shim.c -- a few bytes of a tag in front of an ethertype or of a whole frame.
 *   Cisco's metadata: 0 version | 1 length | 2-3 options | 4-5 group | ethertype; in GRE the ethertype
 *     goes first
 *   IEEE 802.1BR, E-TAG: 0-1 priority, ingress | 2-3 group, circuit | 4-5 extensions | ethertype
 *   IEEE 802.1CB: 0-1 reserved | 2-3 sequence number | ethertype
 *   IEC 62439-3, HSR: 0-1 path, size | 2-3 sequence number | ethertype
 *   RFC 6325, TRILL: 0-1 version, flags, words of options (5 bits), hops (6 bits) | 2-3 and 4-5 the
 *     bridges | options | frame
 *   RFC 3378, EtherIP: 0-1 version | frame */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { LINKTYPE_ETHERNET = 1, WORD = 4 };

struct shim {
	char token[11];
	uint8_t length;
	bool frame;   /* not an ethertype */
	bool silent;  /* the ethertype is not named in frame.protocols */
	bool options; /* of RFC 6325 */
	bool behind;  /* the tag stands behind the ethertype */
};

enum { CMD, CMD_IN_GRE, ETAG, CB, HSR, TRILL, ETHERIP };
/* in the order of the binds */
static const struct shim shims[] = {
	[CMD] = { "cmd", 6, false, false, false, false },
	[CMD_IN_GRE] = { "cmd", 6, false, true, false, true },
	[ETAG] = { "etag", 6, false, false, false, false },
	[CB] = { "ieee8021cb", 4, false, false, false, false },
	[HSR] = { "hsr", 4, false, true, false, false },
	[TRILL] = { "trill", 6, true, false, true, false },
	[ETHERIP] = { "etherip", 2, true, false, false, false },
};
static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = {
	[CMD] = { BY_ETHERTYPE, 0x8909, "" },
	[CMD_IN_GRE] = { BY_GRE, 0x8909, "" },
	[ETAG] = { BY_ETHERTYPE, 0x893f, "" },
	[CB] = { BY_ETHERTYPE, 0xf1c1, "" },
	[HSR] = { BY_ETHERTYPE, 0x892f, "" },
	[TRILL] = { BY_ETHERTYPE, 0x22f3, "" },
	[ETHERIP] = { BY_IP_PROTO, 97, "" },
	{ 0 },
};

static bool decode_type(struct packet *pkt, const struct shim *shim, struct bytes b)
{
	uint16_t type = bytes_be16(&b);

	if (shim->behind)
		bytes_skip(&b, shim->length);
	if (!bytes_ok(&b))
		return false;
	if (!shim->silent)
		pkt_protocol(pkt, "ethertype");
	if (!decode_by(pkt, BY_ETHERTYPE, type, b))
		(void)decode_data(pkt, b);
	return true;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->table == BIND_NONE)
		return DECODE_REJECT;
	const struct shim *shim = &shims[pkt->bind - binds];
	struct bytes head = b;
	size_t options = shim->options ? (bytes_be16(&head) >> 6 & 31) * (size_t)WORD : 0;

	pkt_protocol(pkt, shim->token);
	bytes_skip(&b, shim->behind ? 0 : shim->length + options);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (!shim->frame)
		return decode_type(pkt, shim, b) ? DECODE_OK : DECODE_TRUNCATED;
	pkt_tunnel(pkt, shim->token, -1);
	return decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b) ? DECODE_OK : decode_data(pkt, b);
}

const struct proto proto_shim = {
	.name = "shim", .binds = binds, .fields = fields, .decode = decode
};
