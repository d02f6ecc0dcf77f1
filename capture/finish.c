/* finish.c -- what ECS wants twice: client.*, server.* and related.*, when all layers are known. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "finish.h"

/* Rows whose value joins a row of related.* when all layers are known. Those of hot protocols are joined
 * by their decoders. */
static const struct {
	uint8_t from, to;
} joins[] = {
	{ ECS_NETWORK_FORWARDED_IP, ECS_RELATED_IP },
	{ ECS_LOG_SYSLOG_HOSTNAME, ECS_RELATED_HOSTS },
	{ ECS_SOURCE_DOMAIN, ECS_RELATED_HOSTS },
	{ ECS_SOURCE_USER_NAME, ECS_RELATED_USER },
	{ ECS_DESTINATION_USER_NAME, ECS_RELATED_USER },
	{ ECS_USER_NAME, ECS_RELATED_USER },
};

static bool is_set(const struct packet *pkt, enum ecs_id id)
{
	return pkt->ecs_set[id >> 6] >> (id & 63) & 1;
}

#define BIT_IN(word, id) ((ECS_##id >> 6) == (word) ? UINT64_C(1) << (ECS_##id & 63) : 0)
#define JOINS_IN(word)                                                                             \
	(BIT_IN(word, NETWORK_FORWARDED_IP) | BIT_IN(word, LOG_SYSLOG_HOSTNAME) |                  \
		BIT_IN(word, SOURCE_DOMAIN) | BIT_IN(word, SOURCE_USER_NAME) |                     \
		BIT_IN(word, DESTINATION_USER_NAME) | BIT_IN(word, USER_NAME))

static bool has_joins(const struct packet *pkt)
{
	return (pkt->ecs_set[0] & JOINS_IN(0)) | (pkt->ecs_set[1] & JOINS_IN(1)) |
	       (pkt->ecs_set[2] & JOINS_IN(2)) | (pkt->ecs_set[3] & JOINS_IN(3));
}
_Static_assert(ECS_WORDS == 4, "each word is looked at");

static void join_related(struct packet *pkt)
{
	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++)
		if (is_set(pkt, joins[i].from))
			ecs_join(pkt, joins[i].from, joins[i].to);
}

/* The name of one end. */
static void copy_domain(struct packet *pkt, enum ecs_id from, enum ecs_id to)
{
	if (!is_set(pkt, from))
		return;
	pkt->ecs[to] = pkt->ecs[from];
	pkt->ecs_set[to >> 6] |= UINT64_C(1) << (to & 63);
}

void packet_finish(struct packet *pkt)
{
	const struct flow *f = &pkt->flow;
	enum field_type type = f->addr_len == 4 ? FIELD_IPV4 : FIELD_IPV6;

	pkt->quoted = false;
	if (f->src) {
		ecs_addr(pkt, ECS_RELATED_IP, type, f->src);
		ecs_addr(pkt, ECS_RELATED_IP, type, f->dst);
	} else if (is_set(pkt, ECS_SOURCE_IP)) { /* of a header that is cut */
		ecs_join(pkt, ECS_SOURCE_IP, ECS_RELATED_IP);
	}
	if (has_joins(pkt))
		join_related(pkt);
	if (!f->src || !pkt->client_known || !f->has_ports)
		return;
	bool forward = pkt->client_is_source;
	ecs_addr(pkt, ECS_CLIENT_IP, type, forward ? f->src : f->dst);
	ecs_u64(pkt, ECS_CLIENT_PORT, forward ? f->src_port : f->dst_port);
	ecs_addr(pkt, ECS_SERVER_IP, type, forward ? f->dst : f->src);
	ecs_u64(pkt, ECS_SERVER_PORT, forward ? f->dst_port : f->src_port);
	copy_domain(pkt, ECS_SOURCE_DOMAIN, forward ? ECS_CLIENT_DOMAIN : ECS_SERVER_DOMAIN);
	copy_domain(pkt, ECS_DESTINATION_DOMAIN, forward ? ECS_SERVER_DOMAIN : ECS_CLIENT_DOMAIN);
}
