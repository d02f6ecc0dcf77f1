/* community.c -- Community ID v1 of a flow, computed once per flow.
 *
 * A direct-mapped table: the place follows from a hash of addresses and ports as they stand in the
 * packet, so both directions of a flow have their own place with the same id. A flow that meets
 * another one in its place is computed again; nothing ever grows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "community.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/sha1.h>

enum { PLACES = 8192, IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMPV6 = 58, IP_SCTP = 132 };

struct key {
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port;
	uint8_t addr_len, proto, has_ports, one_way;
};

struct place {
	struct key key;
	char id[COMMUNITY_LEN];
	bool used;
};

struct community {
	struct place places[PLACES];
};

static bool wants_ports(uint8_t proto)
{
	return proto == IP_TCP || proto == IP_UDP || proto == IP_SCTP || proto == IP_ICMP ||
	       proto == IP_ICMPV6;
}

static bool has_id(const struct flow *f)
{
	return f->src && !f->later_fragment && (f->has_ports || !wants_ports(f->proto));
}

/* Is (src, src_port) the greater endpoint? */
static bool swapped(const struct flow *f)
{
	int order = memcmp(f->src, f->dst, f->addr_len);

	if (f->one_way)
		return false;
	return order > 0 || (order == 0 && f->has_ports && f->src_port > f->dst_port);
}

bool community_compute(const struct flow *flow, char out[COMMUNITY_LEN])
{
	if (!has_id(flow))
		return false;
	bool swap = swapped(flow);
	uint16_t low = swap ? flow->dst_port : flow->src_port;
	uint16_t high = swap ? flow->src_port : flow->dst_port;
	const uint8_t seed[2] = { 0, 0 }, proto[2] = { flow->proto, 0 };
	const uint8_t ports[4] = { (uint8_t)(low >> 8), (uint8_t)low, (uint8_t)(high >> 8),
		(uint8_t)high };
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	sha1_update(&sha1, sizeof(seed), seed);
	sha1_update(&sha1, flow->addr_len, swap ? flow->dst : flow->src);
	sha1_update(&sha1, flow->addr_len, swap ? flow->src : flow->dst);
	sha1_update(&sha1, sizeof(proto), proto);
	if (wants_ports(flow->proto))
		sha1_update(&sha1, sizeof(ports), ports);
	sha1_digest(&sha1, sizeof(digest), digest);
	memcpy(out, "1:", 2);
	base64_encode_raw(out + 2, sizeof(digest), digest);
	return true;
}

int community_new(struct community **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : ERR_NOMEM;
}

void community_free(struct community *c)
{
	free(c);
}

static struct key key_of(const struct flow *f)
{
	struct key k;

	memset(&k, 0, sizeof(k));
	memcpy(k.src, f->src, f->addr_len);
	memcpy(k.dst, f->dst, f->addr_len);
	k.src_port = f->src_port;
	k.dst_port = f->dst_port;
	k.addr_len = f->addr_len;
	k.proto = f->proto;
	k.has_ports = f->has_ports;
	k.one_way = f->one_way;
	return k;
}

_Static_assert(sizeof(struct key) == 40, "hashed by words");

static size_t place_of(const struct key *k)
{
	uint64_t words[5], h = 0;

	memcpy(words, k, sizeof(words));
	for (unsigned i = 0; i < 5; i++)
		h = (h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15), h ^= h >> 29;
	return h % PLACES;
}

void community_expect(const struct community *c, const struct flow *flow)
{
	if (!has_id(flow))
		return;
	struct key key = key_of(flow);
	const struct place *place = &c->places[place_of(&key)];

	__builtin_prefetch(&place->key);
	__builtin_prefetch(&place->used); /* most places lie on two lines */
}

const char *community_of(struct community *c, const struct flow *flow)
{
	if (!has_id(flow))
		return NULL;
	struct key key = key_of(flow);
	struct place *place = &c->places[place_of(&key)];
	if (!place->used || memcmp(&place->key, &key, sizeof(key)) != 0) {
		place->key = key;
		place->used = community_compute(flow, place->id);
	}
	return place->id;
}
