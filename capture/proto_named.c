/* proto_named.c -- protocols that are named and not taken apart: what the number of a type or a port
 * promises, when the first bytes do not contradict. On ports they are asked last, behind the probes
 * of those who know their content. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "named.h"

#define ANY                                                                                        \
	{                                                                                          \
		0, 0, 0, 0                                                                         \
	}
#define AT(place, mask, from, to)                                                                  \
	{                                                                                          \
		place, mask, from, to                                                              \
	}
#define NAME(id, token, application) RULE(id, token, application, 0, ANY, ANY, 0, 0)

#define RULE(id, token, application, least, first, second, next, data) NAMED_##id,
enum {
#include "named_layers.def"
};
#undef RULE

#define RULE(id, token, application, least, first, second, next, data)                             \
	[NAMED_##id] = { token, application, next, least, data, { first, second } },
static const struct named_layer layers[] = {
#include "named_layers.def"
};
#undef RULE

#define B(table, number, id) { table, number, "" },
static const struct proto_bind binds[] = {
#include "named_ports.def"
#include "named_types.def"
	{ 0 },
};
#undef B

#define B(table, number, id) NAMED_##id,
static const uint16_t layer_of_bind[] = {
#include "named_ports.def"
#include "named_types.def"
};
#undef B

static const struct proto_field fields[] = { { 0 } };

static bool fits(const struct named_byte *want, const struct bytes *b)
{
	int byte = bytes_peek(b, want->at);

	if (!want->mask)
		return true;
	return byte >= 0 && (byte & want->mask) >= want->from && (byte & want->mask) <= want->to;
}

/* The layer that fits, of this one and those that are to be asked after it; NULL: none. */
static const struct named_layer *find(const struct named_layer *layer, const struct bytes *b)
{
	for (;; layer++) {
		if (bytes_left(b) >= layer->least && fits(&layer->bytes[0], b) &&
			fits(&layer->bytes[1], b))
			return layer;
		if (!layer->next)
			return NULL;
	}
}

/* Clients have ports from 1024 on, from NAT or from their own system (32768 and more): there such a
 * number is no proof of who speaks, unless in the lower ones a byte agrees, and network.protocol is
 * left out. */
static bool is_proof(const struct proto_bind *bind, const struct named_layer *layer)
{
	enum { FIRST_OF_NAT = 1024, FIRST_OF_CLIENTS = 32768 };
	bool port = bind->table == BY_TCP_NAMED || bind->table == BY_UDP_NAMED;

	if (!port || bind->value < FIRST_OF_NAT)
		return true;
	return layer->bytes[0].mask && bind->value < FIRST_OF_CLIENTS;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->table == BIND_NONE)
		return DECODE_REJECT;
	const struct named_layer *layer = find(&layers[layer_of_bind[pkt->bind - binds]], &b);
	if (!layer)
		return DECODE_REJECT;
	pkt_protocol(pkt, layer->token);
	const char *last = strrchr(layer->token, ':'); /* of several layers */
	if (layer->application && is_proof(pkt->bind, layer))
		pkt_application(pkt, last ? last + 1 : layer->token);
	if (layer->data == 0)
		return DECODE_OK;
	bytes_skip(&b, layer->data);
	return bytes_ok(&b) ? decode_data(pkt, b) : DECODE_TRUNCATED;
}

const struct proto proto_named = {
	.name = "named", .binds = binds, .fields = fields, .decode = decode
};
