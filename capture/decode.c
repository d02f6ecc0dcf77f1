/* decode.c -- the layer walk: from the link type to the last payload.
 *
 * A decoder hands its payload on by table and number; the tables are made once from the binds of
 * all decoders, so that choosing costs one look-up however many decoders there are. The walk is
 * recursive: each layer's view lies within its outer one and the depth is capped, so the work is
 * bounded by the length of the packet times a constant. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include "community.h"
#include "decoder.h"
#include "finish.h"
#include "protos.h"
#include "told.h"

/* --- the walk --- */

static void append_token(struct packet *pkt, const char *token)
{
	size_t n = strlen(token);

	if (n == 0 || pkt->protocols_len + n + 1 > PKT_PROTOCOLS)
		return;
	if (pkt->protocols_len)
		pkt->protocols[pkt->protocols_len++] = ':';
	memcpy(pkt->protocols + pkt->protocols_len, token, n);
	pkt->protocols_len += (unsigned)n;
}

void pkt_protocol(struct packet *pkt, const char *name)
{
	append_token(pkt, name);
}

void pkt_application(struct packet *pkt, const char *name)
{
	if (pkt->quoted)
		return;
	pkt->application = true;
	ecs_text(pkt, ECS_NETWORK_PROTOCOL, name);
}

/* Runs one layer. False when the decoder says that the bytes are not its own. */
static bool enter(struct packet *pkt, const struct bound *bound, struct bytes b)
{
	const struct proto *outer = pkt->proto;
	const char *outer_token = pkt->token;
	const struct proto_bind *outer_bind = pkt->bind;
	const uint8_t *outer_layer = pkt->layer;
	unsigned outer_base = pkt->base, mark = pkt->protocols_len;
	bool client_known = pkt->client_known, client_is_source = pkt->client_is_source;

	if (pkt->depth == PKT_DEPTH_MAX) {
		pkt_anomaly(pkt, "too many layers");
		return true;
	}
	pkt->depth++;
	pkt->proto = bound->proto;
	pkt->token = bound->token;
	pkt->bind = bound->bind;
	pkt->layer = b.p;
	pkt->base = bound->base;
	append_token(pkt, bound->token);
	const char *application = bound->proto->application;
	struct told told = application ? told_put_by(pkt, application) : (struct told){ 0 };
	enum decode_result result = bound->proto->decode(pkt, b);
	if (result == DECODE_TRUNCATED)
		pkt_anomaly(pkt, b.cut ? "snapped" : "truncated");
	if (result == DECODE_REJECT) {
		pkt->protocols_len = mark;
		pkt->client_known = client_known;
		pkt->client_is_source = client_is_source;
		told_take_back(pkt, told);
	} else if (application) {
		told_end_silence(pkt, told);
		pkt_application(pkt, application);
	}
	pkt->proto = outer;
	pkt->token = outer_token;
	pkt->bind = outer_bind;
	pkt->layer = outer_layer;
	pkt->base = outer_base;
	pkt->depth--;
	return result != DECODE_REJECT;
}

static const struct bound *look_up(const struct decoder *d, enum bind_table table, uint32_t value)
{
	if (value >= decoder_table_sizes[table])
		return NULL;
	unsigned row = d->tables[table][value];
	return row ? &d->bounds[row] : NULL;
}

bool decode_by(struct packet *pkt, enum bind_table table, uint32_t value, struct bytes b)
{
	const struct bound *bound = look_up(pkt->decoder, table, value);

	return bound && enter(pkt, bound, b);
}

bool decode_knows(const struct packet *pkt, enum bind_table table, uint32_t value)
{
	return look_up(pkt->decoder, table, value) != NULL;
}

bool decode_quoted(struct packet *pkt, enum bind_table table, uint32_t value, struct bytes b)
{
	bool outer = pkt->quoted;
	unsigned outer_by = pkt->quoted_by;
	struct flow flow = pkt->flow;

	pkt->quoted = true;
	pkt->quoted_by = pkt->depth;
	bool known = decode_by(pkt, table, value, b);
	pkt->quoted = outer;
	pkt->quoted_by = outer_by;
	pkt->flow = flow;
	return known;
}

static bool decode_probed(struct packet *pkt, enum bind_table table, struct bytes b)
{
	const struct decoder *d = pkt->decoder;
	const struct probe_list *list = &d->probes[table][*b.p];

	for (unsigned i = 0; i < list->count; i++) {
		const struct bound *bound = &d->bounds[list->who[i]];
		if (bound->proto->probe(pkt, b) && enter(pkt, bound, b))
			return true;
	}
	return false;
}

static bool decode_at(
	struct packet *pkt, enum bind_table table, uint16_t port, bool to_port, struct bytes b)
{
	pkt->port = port;
	pkt->to_port = to_port;
	return decode_by(pkt, table, port, b);
}

static enum bind_table named_table(enum bind_table table)
{
	if (table == BY_TCP_PORT)
		return BY_TCP_NAMED;
	return table == BY_UDP_PORT ? BY_UDP_NAMED : BIND_NONE;
}

/* By the name of a port alone; where the other one has a decoder, which did not know the bytes, this is
 * but a number that a client was given. */
static bool decode_named(
	struct packet *pkt, enum bind_table table, uint16_t low, uint16_t high, struct bytes b)
{
	enum bind_table named = named_table(table);

	return (!look_up(pkt->decoder, table, high) && decode_by(pkt, named, low, b)) ||
	       (!look_up(pkt->decoder, table, low) && decode_by(pkt, named, high, b));
}

enum decode_result decode_port(
	struct packet *pkt, enum bind_table table, uint16_t src, uint16_t dst, struct bytes b)
{
	uint16_t low = src < dst ? src : dst, high = src < dst ? dst : src;

	if (bytes_left(&b) == 0)
		return DECODE_OK;
	if (decode_at(pkt, table, low, low == dst, b) ||
		decode_at(pkt, table, high, high == dst, b))
		return DECODE_OK;
	pkt->port = 0;
	if (decode_probed(pkt, table, b) || decode_named(pkt, table, low, high, b))
		return DECODE_OK;
	return decode_data(pkt, b);
}

enum decode_result decode_data(struct packet *pkt, struct bytes b)
{
	if (bytes_left(&b))
		(void)enter(pkt, &pkt->decoder->bounds[0], b);
	return DECODE_OK;
}

/* --- the packet as a whole --- */

void pkt_anomaly(struct packet *pkt, const char *reason)
{
	const char *layer = pkt->proto ? pkt->proto->name : "frame";
	uint32_t offset = 0;

	if (pkt->quoted) /* a quote is cut by design */
		return;
	if (pkt->layer >= pkt->frame->data && pkt->layer <= pkt->frame->data + pkt->frame->cap_len)
		offset = (uint32_t)(pkt->layer - pkt->frame->data);
	for (unsigned i = 0; i < pkt->nanomalies; i++)
		if (pkt->anomalies[i].layer == layer && pkt->anomalies[i].reason == reason &&
			pkt->anomalies[i].offset == offset)
			return;
	if (pkt->nanomalies < PKT_ANOMALIES_MAX)
		pkt->anomalies[pkt->nanomalies++] = (struct anomaly){ layer, reason, offset };
}

void pkt_tunnel(struct packet *pkt, const char *type, int64_t id)
{
	const struct flow *f = &pkt->flow;
	enum field_type kind = f->addr_len == 4 ? FIELD_IPV4 : FIELD_IPV6;

	if (pkt->quoted || pkt->ntunnels == PKT_TUNNELS_MAX)
		return;
	struct tunnel *tunnel = &pkt->tunnels[pkt->ntunnels++];
	*tunnel = (struct tunnel){ .type = type, .id = id };
	if (!f->src || pkt->flow_told)
		return;
	pkt->flow_told = true;
	tunnel->src = f->src;
	tunnel->dst = f->dst;
	tunnel->addr_len = f->addr_len;
	ecs_addr(pkt, ECS_RELATED_IP, kind, f->src);
	ecs_addr(pkt, ECS_RELATED_IP, kind, f->dst);
}

/* IP right behind IP: no layer between them has said that it is a tunnel. */
static void tell_ip_tunnel(struct packet *pkt)
{
	if (pkt->flow.src && !pkt->flow_told)
		pkt_tunnel(pkt, "ip", -1);
}

static void clear_ecs(struct packet *pkt, enum ecs_id first, enum ecs_id last)
{
	for (unsigned id = first; id <= (unsigned)last; id++)
		pkt->ecs_set[id >> 6] &= ~(UINT64_C(1) << (id & 63));
}

void pkt_flow(
	struct packet *pkt, const uint8_t *src, const uint8_t *dst, uint8_t addr_len, uint8_t proto)
{
	struct flow flow = { .src = src, .dst = dst, .addr_len = addr_len, .proto = proto };

	if (!src || !dst)
		return;
	if (pkt->quoted) {
		pkt->flow = flow;
		return;
	}
	tell_ip_tunnel(pkt);
	if (pkt->flow.src) {
		clear_ecs(pkt, ECS_NETWORK_TYPE, ECS_NETWORK_PROTOCOL);
		clear_ecs(pkt, ECS_SOURCE_IP, ECS_SOURCE_PORT);
		clear_ecs(pkt, ECS_DESTINATION_IP, ECS_DESTINATION_PORT);
	}
	pkt->flow = flow;
	pkt->flow_told = false;
}

void pkt_transport(struct packet *pkt, uint8_t proto, const char *name)
{
	pkt->flow.proto = proto;
	if (pkt->quoted)
		return;
	clear_ecs(pkt, ECS_NETWORK_IANA_NUMBER, ECS_NETWORK_TRANSPORT);
	ecs_u64(pkt, ECS_NETWORK_IANA_NUMBER, proto);
	ecs_text(pkt, ECS_NETWORK_TRANSPORT, name);
}

void pkt_link(struct packet *pkt)
{
	bool tagged = pkt->ecs_set[ECS_NETWORK_VLAN_ID >> 6] >> (ECS_NETWORK_VLAN_ID & 63) & 1;

	if (pkt->quoted)
		return;
	tell_ip_tunnel(pkt);
	if (pkt->ntunnels == pkt->frame_tunnel)
		return;
	if (tagged) {
		struct tunnel *tunnel = &pkt->tunnels[pkt->frame_tunnel];
		tunnel->vlan = (uint16_t)pkt->ecs[ECS_NETWORK_VLAN_ID].u;
		tunnel->has_vlan = true;
	}
	pkt->frame_tunnel = pkt->ntunnels;
	clear_ecs(pkt, ECS_NETWORK_TYPE, ECS_NETWORK_INNER_VLAN_ID);
	clear_ecs(pkt, ECS_SOURCE_IP, ECS_SOURCE_MAC);
	clear_ecs(pkt, ECS_DESTINATION_IP, ECS_DESTINATION_MAC);
	pkt->flow = (struct flow){ 0 };
	pkt->flow_told = false;
}

void pkt_ports(struct packet *pkt, uint16_t src, uint16_t dst, bool one_way)
{
	pkt->flow.one_way = one_way;
	pkt->flow.src_port = src;
	pkt->flow.dst_port = dst;
	pkt->flow.has_ports = true;
	if (pkt->community && !pkt->quoted)
		community_expect(pkt->community, &pkt->flow);
}

void pkt_client(struct packet *pkt, bool client_is_source)
{
	if (pkt->quoted)
		return;
	pkt->client_known = true;
	pkt->client_is_source = client_is_source;
}

bool pkt_to_server(const struct packet *pkt)
{
	return pkt->port ? pkt->to_port : pkt->flow.dst_port < pkt->flow.src_port;
}

static void reset(struct packet *pkt, const struct frame *frame)
{
	pkt->frame = frame;
	pkt->proto = NULL;
	pkt->token = "";
	pkt->layer = frame->data;
	pkt->quoted = false;
	pkt->flow = (struct flow){ 0 };
	pkt->tail = NULL;
	pkt->port = 0;
	pkt->base = 0;
	pkt->depth = pkt->nvalues = pkt->nmany = pkt->nanomalies = pkt->nsecrets = 0;
	pkt->scratch_len = pkt->protocols_len = pkt->ntunnels = pkt->frame_tunnel = 0;
	pkt->overflow = pkt->application = pkt->client_known = pkt->flow_told = false;
	pkt->generation += PKT_VALUES_MAX;
	if (pkt->generation == 0) { /* wrapped: stamps of old could look new */
		memset(pkt->stamps, 0, sizeof(pkt->stamps));
		pkt->generation = PKT_VALUES_MAX;
	}
	memset(pkt->ecs_set, 0, sizeof(pkt->ecs_set));
	memset(pkt->ecs_full, 0, sizeof(pkt->ecs_full));
}

struct packet *decode_packet(struct decoder *decoder, const struct frame *frame)
{
	struct packet *pkt = &decoder->pkt;
	struct bytes b = bytes_of(frame->data, frame->cap_len);

	b.cut = frame->len > frame->cap_len ? frame->len - frame->cap_len : 0;
	reset(pkt, frame);
	(void)enter(pkt, &decoder->frame, b);
	packet_finish(pkt);
	return pkt;
}
