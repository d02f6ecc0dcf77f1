/* decode.c -- the layer walk: from the link type to the last payload.
 *
 * A decoder hands its payload on by table and number; the tables are made once from the binds of
 * all decoders, so that choosing costs one look-up however many decoders there are. The walk is
 * recursive: each layer's view lies within its outer one and the depth is capped, so the work is
 * bounded by the length of the packet times a constant. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <stdio.h>
#include <stdlib.h>

#include "protos.h"

enum {
	BOUND_MAX = 1024,
	PROBES_MAX = 64,
	KEY_POOL = FIELDS_MAX * 48,
	KEY_SLACK = 128 /* keys are copied by whole words */
};

/* One bind, or one proto that a probe names: everything the walk needs to enter the layer. */
struct bound {
	const struct proto *proto;
	const char *token;
	unsigned base;
};

static const uint32_t table_sizes[BIND_TABLES] = {
	[BY_LINKTYPE] = 512,
	[BY_ETHERTYPE] = 65536,
	[BY_IP_PROTO] = 256,
	[BY_TCP_PORT] = 65536,
	[BY_UDP_PORT] = 65536,
	[BY_NULL_FAMILY] = 256,
};

struct decoder {
	uint16_t *tables[BIND_TABLES]; /* number -> row of bounds, 0: nobody */
	struct bound bounds[BOUND_MAX];
	unsigned nbounds;
	struct bound probes[BIND_TABLES][PROBES_MAX];
	unsigned nprobes[BIND_TABLES];
	struct bound frame;

	struct field_info info[FIELDS_MAX];
	const struct proto_field *rows[FIELDS_MAX];
	const struct proto *owners[FIELDS_MAX];
	size_t nfields;
	char *keys;
	size_t keys_len;

	struct decode_conf conf;
	struct packet pkt;
};

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

/* Runs one layer. False when the decoder says that the bytes are not its own. */
static bool enter(struct packet *pkt, const struct bound *bound, struct bytes b)
{
	const struct proto *outer = pkt->proto;
	const char *outer_token = pkt->token;
	const uint8_t *outer_layer = pkt->layer;
	unsigned outer_base = pkt->base, mark = pkt->protocols_len;

	if (pkt->depth == PKT_DEPTH_MAX) {
		pkt_anomaly(pkt, "too many layers");
		return true;
	}
	pkt->depth++;
	pkt->proto = bound->proto;
	pkt->token = bound->token;
	pkt->layer = b.p;
	pkt->base = bound->base;
	append_token(pkt, bound->token);
	enum decode_result result = bound->proto->decode(pkt, b);
	if (result == DECODE_TRUNCATED)
		pkt_anomaly(pkt, b.cut ? "snapped" : "truncated");
	if (result == DECODE_REJECT)
		pkt->protocols_len = mark;
	else if (bound->proto->application && !pkt->quoted) {
		pkt->application = true;
		ecs_text(pkt, ECS_NETWORK_PROTOCOL, bound->proto->application);
	}
	pkt->proto = outer;
	pkt->token = outer_token;
	pkt->layer = outer_layer;
	pkt->base = outer_base;
	pkt->depth--;
	return result != DECODE_REJECT;
}

static const struct bound *look_up(const struct decoder *d, enum bind_table table, uint32_t value)
{
	if (value >= table_sizes[table])
		return NULL;
	unsigned row = d->tables[table][value];
	return row ? &d->bounds[row] : NULL;
}

bool decode_by(struct packet *pkt, enum bind_table table, uint32_t value, struct bytes b)
{
	const struct bound *bound = look_up(pkt->decoder, table, value);

	return bound && enter(pkt, bound, b);
}

static bool decode_probed(struct packet *pkt, enum bind_table table, struct bytes b)
{
	const struct decoder *d = pkt->decoder;

	for (unsigned i = 0; i < d->nprobes[table]; i++) {
		const struct bound *bound = &d->probes[table][i];
		if (bound->proto->probe(pkt, b) && enter(pkt, bound, b))
			return true;
	}
	return false;
}

enum decode_result decode_port(
	struct packet *pkt, enum bind_table table, uint16_t src, uint16_t dst, struct bytes b)
{
	uint16_t low = src < dst ? src : dst, high = src < dst ? dst : src;

	if (bytes_left(&b) == 0)
		return DECODE_OK;
	if (decode_by(pkt, table, low, b) || decode_by(pkt, table, high, b) ||
		decode_probed(pkt, table, b))
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

static void clear_ecs(struct packet *pkt, enum ecs_id first, enum ecs_id last)
{
	for (unsigned id = first; id <= (unsigned)last; id++)
		pkt->ecs_set[id >> 6] &= ~(UINT64_C(1) << (id & 63));
}

void pkt_flow(
	struct packet *pkt, const uint8_t *src, const uint8_t *dst, uint8_t addr_len, uint8_t proto)
{
	if (pkt->quoted || !src || !dst)
		return;
	if (pkt->flow.src) {
		clear_ecs(pkt, ECS_NETWORK_TYPE, ECS_NETWORK_PROTOCOL);
		clear_ecs(pkt, ECS_SOURCE_IP, ECS_SOURCE_PORT);
		clear_ecs(pkt, ECS_DESTINATION_IP, ECS_DESTINATION_PORT);
	}
	pkt->flow = (struct flow){ .src = src, .dst = dst, .addr_len = addr_len, .proto = proto };
}

void pkt_ports(struct packet *pkt, uint16_t src, uint16_t dst, bool one_way)
{
	if (pkt->quoted)
		return;
	pkt->flow.one_way = one_way;
	pkt->flow.src_port = src;
	pkt->flow.dst_port = dst;
	pkt->flow.has_ports = true;
}

void pkt_client(struct packet *pkt, bool client_is_source)
{
	if (pkt->quoted)
		return;
	pkt->client_known = true;
	pkt->client_is_source = client_is_source;
}

void pkt_secret(struct packet *pkt, const void *p, size_t n)
{
	if (pkt->nsecrets == PKT_SECRETS_MAX || n == 0) {
		/* the last mark then covers all that follows it: too much hidden, not too little */
		if (n)
			pkt->secrets[PKT_SECRETS_MAX - 1].end = (const uint8_t *)p + n;
		return;
	}
	pkt->secrets[pkt->nsecrets].p = p;
	pkt->secrets[pkt->nsecrets++].end = (const uint8_t *)p + n;
}

char *pkt_scratch(struct packet *pkt, size_t n)
{
	if (n > PKT_SCRATCH - pkt->scratch_len) {
		pkt->overflow = true;
		return NULL;
	}
	char *p = pkt->scratch + pkt->scratch_len;
	pkt->scratch_len += (unsigned)n;
	return p;
}

/* The part of a secret that lies in [p, p + n), as a mark at the same place of the copy. */
static void copy_marks(struct packet *pkt, const uint8_t *p, size_t n, const uint8_t *copy)
{
	unsigned count = pkt->nsecrets;

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *from = pkt->secrets[i].p, *to = pkt->secrets[i].end;
		from = from < p ? p : from;
		to = to > p + n ? p + n : to;
		if (from < to)
			pkt_secret(pkt, copy + (from - p), (size_t)(to - from));
	}
}

char *pkt_copy(struct packet *pkt, const void *p, size_t n)
{
	char *copy = pkt_scratch(pkt, n);

	if (!copy || n == 0)
		return copy;
	memcpy(copy, p, n);
	copy_marks(pkt, p, n, (const uint8_t *)copy);
	return copy;
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
	pkt->base = 0;
	pkt->depth = pkt->nvalues = pkt->nmany = pkt->nanomalies = pkt->nsecrets = 0;
	pkt->scratch_len = pkt->protocols_len = 0;
	pkt->overflow = pkt->application = pkt->client_known = false;
	pkt->generation += PKT_VALUES_MAX;
	if (pkt->generation == 0) { /* wrapped: stamps of old could look new */
		memset(pkt->stamps, 0, sizeof(pkt->stamps));
		pkt->generation = PKT_VALUES_MAX;
	}
	memset(pkt->ecs_set, 0, sizeof(pkt->ecs_set));
}

/* Copies of addresses and ports that ECS wants under other names, when all layers are known. */
static void finish(struct packet *pkt)
{
	const struct flow *f = &pkt->flow;
	enum field_type type = f->addr_len == 4 ? FIELD_IPV4 : FIELD_IPV6;

	pkt->quoted = false;
	if (!f->src)
		return;
	ecs_addr(pkt, ECS_RELATED_IP, type, f->src);
	ecs_addr(pkt, ECS_RELATED_IP, type, f->dst);
	if (!pkt->client_known || !f->has_ports)
		return;
	bool forward = pkt->client_is_source;
	ecs_addr(pkt, ECS_CLIENT_IP, type, forward ? f->src : f->dst);
	ecs_u64(pkt, ECS_CLIENT_PORT, forward ? f->src_port : f->dst_port);
	ecs_addr(pkt, ECS_SERVER_IP, type, forward ? f->dst : f->src);
	ecs_u64(pkt, ECS_SERVER_PORT, forward ? f->dst_port : f->src_port);
}

struct packet *decode_packet(struct decoder *decoder, const struct frame *frame)
{
	struct packet *pkt = &decoder->pkt;
	struct bytes b = bytes_of(frame->data, frame->cap_len);

	b.cut = frame->len > frame->cap_len ? frame->len - frame->cap_len : 0;
	reset(pkt, frame);
	(void)enter(pkt, &decoder->frame, b);
	finish(pkt);
	return pkt;
}

/* --- tables, made once --- */

static const char *add_key(struct decoder *d, const char *name, uint8_t *len)
{
	char *key = d->keys + d->keys_len;
	int n = snprintf(key, KEY_POOL - d->keys_len, "\"%s\":", name);

	if (n < 0 || n > 100 || d->keys_len + (size_t)n + KEY_SLACK > KEY_POOL)
		abort(); /* a table of ours is wrong: found by the first test that runs */
	d->keys_len += (size_t)n;
	*len = (uint8_t)n;
	return key;
}

static void add_field(struct decoder *d, const struct proto *proto, const struct proto_field *row)
{
	struct field_info *info = &d->info[d->nfields];

	if (d->nfields == FIELDS_MAX)
		abort();
	d->rows[d->nfields] = row;
	d->owners[d->nfields++] = proto;
	*info = (struct field_info){ .type = (uint8_t)row->type,
		.class = (uint8_t)row->class,
		.level = (uint8_t)row->level };
	info->key = add_key(d, row->name, &info->key_len);
	if (!row->ecs)
		return;
	info->ecs = (uint8_t)ecs_find(row->ecs);
	if (info->ecs == ECS_NONE)
		abort();
	info->many = ecs_rows[info->ecs].flags == ECS_FLAG_MANY;
}

/* The first row of a proto's table; protos may share one. */
static unsigned add_fields(struct decoder *d, const struct proto *proto)
{
	for (size_t i = 0; i < d->nfields; i++)
		if (d->rows[i] == proto->fields)
			return (unsigned)i;
	unsigned base = (unsigned)d->nfields;
	for (const struct proto_field *row = proto->fields; row->name; row++)
		add_field(d, proto, row);
	return base;
}

static void add_bind(struct decoder *d, struct bound bound, enum bind_table table, uint32_t value)
{
	if (d->nbounds == BOUND_MAX || value >= table_sizes[table])
		abort();
	d->bounds[d->nbounds] = bound;
	d->tables[table][value] = (uint16_t)d->nbounds++;
}

static void add_proto(struct decoder *d, const struct proto *proto)
{
	struct bound bound = { proto, proto->name, add_fields(d, proto) };

	if (proto == &proto_data)
		d->bounds[0] = bound;
	if (proto == &proto_frame)
		d->frame = (struct bound){ proto, "", bound.base };
	for (const struct proto_bind *b = proto->binds; b && b->table; b++) {
		bound.token = b->token ? b->token : proto->name;
		add_bind(d, bound, b->table, b->value);
	}
	if (!proto->probe)
		return;
	if (d->nprobes[proto->probe_for] == PROBES_MAX)
		abort();
	bound.token = proto->name;
	d->probes[proto->probe_for][d->nprobes[proto->probe_for]++] = bound;
}

/* "http=8081": the number joins the tables in which the proto has ports already. */
static int add_port(struct decoder *d, const char *text, struct err_detail *why)
{
	const char *equals = strchr(text, '=');
	char *end = NULL;
	long port = equals ? strtol(equals + 1, &end, 10) : -1;

	if (!equals || *end || end == equals + 1 || port < 1 || port > 65535)
		return err_set(why, ERR_USAGE, "port cannot be \"%s\"; it wants PROTO=N", text);
	for (unsigned i = 1; i < d->nbounds; i++) {
		const struct bound *b = &d->bounds[i];
		size_t n = (size_t)(equals - text);
		if (strncmp(b->token, text, n) != 0 || b->token[n])
			continue;
		bool tcp = false, udp = false;
		for (uint32_t p = 0; p < 65536; p++) {
			tcp |= d->tables[BY_TCP_PORT][p] == i;
			udp |= d->tables[BY_UDP_PORT][p] == i;
		}
		if (tcp)
			d->tables[BY_TCP_PORT][port] = (uint16_t)i;
		if (udp)
			d->tables[BY_UDP_PORT][port] = (uint16_t)i;
		if (tcp || udp)
			end = NULL;
	}
	if (end)
		return err_set(why, ERR_USAGE, "port %s: there is no protocol \"%.*s\" with ports",
			text, (int)(equals - text), text);
	return 0;
}

int decoder_new(const struct decode_conf *conf, struct decoder **out, struct err_detail *why)
{
	struct decoder *d = calloc(1, sizeof(*d));
	int err = 0;

	if (!d)
		return err_set(why, ERR_NOMEM, "out of memory for the decoder");
	d->conf = *conf;
	d->keys = malloc(KEY_POOL);
	bool complete = d->keys != NULL;
	for (unsigned t = 0; t < BIND_TABLES; t++) {
		d->tables[t] = calloc(table_sizes[t], sizeof(*d->tables[t]));
		complete = complete && d->tables[t];
	}
	if (!complete) {
		err = err_set(why, ERR_NOMEM, "out of memory for the decoder");
		goto out;
	}
	d->nbounds = 1; /* row 0 is data */
	for (size_t i = 0; i < protos_count; i++)
		add_proto(d, protos[i]);
	for (size_t i = 0; i < conf->nports && !err; i++)
		err = add_port(d, conf->ports[i], why);
	d->pkt.decoder = d;
	d->pkt.info = d->info;
	d->pkt.payload = conf->payload;
	d->pkt.verify = conf->verify_checksums;
out:
	if (err)
		decoder_free(d);
	else
		*out = d;
	return err;
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	for (unsigned t = 0; t < BIND_TABLES; t++)
		free(decoder->tables[t]);
	free(decoder->keys);
	free(decoder);
}

bool decode_knows_linktype(uint32_t linktype)
{
	for (size_t i = 0; i < protos_count; i++)
		for (const struct proto_bind *b = protos[i]->binds; b && b->table; b++)
			if (b->table == BY_LINKTYPE && b->value == linktype)
				return true;
	return false;
}

struct field_info *decoder_fields(struct decoder *decoder, size_t *count)
{
	*count = decoder->nfields;
	return decoder->info;
}

size_t decoder_field_count(const struct decoder *decoder)
{
	return decoder->nfields;
}

const struct proto_field *decoder_field_row(const struct decoder *decoder, size_t i)
{
	return decoder->rows[i];
}

const struct proto *decoder_field_proto(const struct decoder *decoder, size_t i)
{
	return decoder->owners[i];
}
