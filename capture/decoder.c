/* decoder.c -- the tables of the walk, made once from the rows and binds of all decoders. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protos.h"

enum { KEY_POOL = FIELDS_MAX * 48, KEY_SLACK = 128 /* keys are copied by whole words */ };

const uint32_t decoder_table_sizes[BIND_TABLES] = {
	[BY_LINKTYPE] = 512,
	[BY_ETHERTYPE] = 65536,
	[BY_IP_PROTO] = 256,
	[BY_TCP_PORT] = 65536,
	[BY_UDP_PORT] = 65536,
	[BY_SCTP_PORT] = 65536,
	[BY_LENGTH] = 1,
	[BY_LLC_SAP] = 256,
	[BY_CISCO_PID] = 65536,
	[BY_NULL_FAMILY] = 256,
	[BY_PPP] = 65536,
	[BY_GRE] = 65537,
	[BY_EAPOL] = 256,
	[BY_MEDIA] = MEDIA_TYPES,
	[BY_COTP] = 16,
	[BY_CONTENT] = CONTENTS,
	[BY_NETBIOS] = 256,
	[BY_GSS] = 7,
	[BY_PIPE] = 1,
	[BY_HTTP] = 4,
	[BY_MAIL] = 2,
	[BY_SERVICE_TAG] = 65536,
	[BY_IGMP] = 256,
	[BY_CAPWAP] = 32,
	[BY_ARCNET] = 256,
	[BY_OSI] = 1,
	[BY_SCTP_PPI] = 256,
	[BY_TCP_NAMED] = 65536,
	[BY_UDP_NAMED] = 65536,
};

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
	if (d->nbounds == BOUND_MAX || value >= decoder_table_sizes[table])
		abort();
	d->bounds[d->nbounds] = bound;
	d->tables[table][value] = (uint16_t)d->nbounds++;
}

static const struct proto_bind by_content = { BIND_NONE, 0, NULL };

static void add_probe(struct decoder *d, struct bound bound, const struct proto_probe *probe)
{
	struct probe_list *lists = d->probes[probe->table];

	if (d->nbounds == BOUND_MAX || !lists)
		abort();
	bound.token = bound.proto->name;
	bound.bind = &by_content;
	d->bounds[d->nbounds] = bound;
	for (unsigned byte = probe->first; byte <= probe->last; byte++) {
		if (lists[byte].count == PROBES_MAX)
			abort();
		lists[byte].who[lists[byte].count++] = (uint16_t)d->nbounds;
	}
	d->nbounds++;
}

static void add_proto(struct decoder *d, const struct proto *proto)
{
	struct bound bound = { proto, proto->name, add_fields(d, proto), &by_content };

	if (proto == &proto_data)
		d->bounds[0] = bound;
	if (proto == &proto_frame)
		d->frame = (struct bound){ proto, "", bound.base, &by_content };
	for (const struct proto_bind *b = proto->binds; b && b->table; b++) {
		bound.token = b->token ? b->token : proto->name;
		bound.bind = b;
		add_bind(d, bound, b->table, b->value);
	}
	for (const struct proto_probe *p = proto->probes; p && p->table; p++)
		add_probe(d, bound, p);
}

static bool is_name(const char *name, const char *text, size_t n)
{
	return name && n && strncmp(name, text, n) == 0 && !name[n];
}

/* Has it a port in this table? */
static bool has_port(const struct decoder *d, enum bind_table table, unsigned i)
{
	uint32_t p = 0;

	while (p < 65536 && d->tables[table][p] != i)
		p++;
	return p < 65536;
}

/* The first bound of that name that has ports in the table; 0 when there is none. */
static unsigned bound_named(const struct decoder *d, enum bind_table table, const char *text,
	size_t n, bool application)
{
	for (unsigned i = 1; i < d->nbounds; i++) {
		const struct bound *bound = &d->bounds[i];
		const char *name = application ? bound->proto->application : bound->token;
		if (is_name(name, text, n) && has_port(d, table, i))
			return i;
	}
	return 0;
}

/* The port joins the tables of TCP and UDP in which the protocol has ports already. */
static bool join_ports(struct decoder *d, const char *text, size_t n, bool application, long port)
{
	unsigned tcp = bound_named(d, BY_TCP_PORT, text, n, application);
	unsigned udp = bound_named(d, BY_UDP_PORT, text, n, application);

	if (tcp)
		d->tables[BY_TCP_PORT][port] = (uint16_t)tcp;
	if (udp)
		d->tables[BY_UDP_PORT][port] = (uint16_t)udp;
	return tcp || udp;
}

/* "http=8081": by the name of a layer, else by network.protocol. */
static int add_port(struct decoder *d, const char *text, struct err_detail *why)
{
	const char *equals = strchr(text, '=');
	size_t n = equals ? (size_t)(equals - text) : 0;
	char *end = NULL;
	long port = equals ? strtol(equals + 1, &end, 10) : -1;

	if (n == 0 || *end || end == equals + 1 || port < 1 || port > 65535)
		return err_set(why, ERR_USAGE,
			"port cannot be \"%s\"; it wants PROTO=N, N from 1 to 65535", text);
	if (!join_ports(d, text, n, false, port) && !join_ports(d, text, n, true, port))
		return err_set(why, ERR_USAGE,
			"port %s: there is no protocol \"%.*s\" with ports; espcap fields "
			"--markdown names them",
			text, (int)n, text);
	return 0;
}

static bool has_probes(unsigned table)
{
	return table == BY_TCP_PORT || table == BY_UDP_PORT || table == BY_SCTP_PORT ||
	       table == BY_COTP;
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
		d->tables[t] = calloc(decoder_table_sizes[t], sizeof(*d->tables[t]));
		d->probes[t] = has_probes(t) ? calloc(256, sizeof(*d->probes[t])) : NULL;
		complete = complete && d->tables[t] && (d->probes[t] || !has_probes(t));
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
	d->pkt.probe_rtp = conf->probe_rtp;
out:
	if (err)
		decoder_free(d);
	else
		*out = d;
	return err;
}

void decoder_expect(struct decoder *decoder, const struct community *community)
{
	decoder->pkt.community = community;
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	for (unsigned t = 0; t < BIND_TABLES; t++) {
		free(decoder->tables[t]);
		free(decoder->probes[t]);
	}
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

bool decoder_link(struct decoder *decoder, uint32_t linktype, const char *name)
{
	for (unsigned i = 0; i < decoder->nbounds; i++)
		if (strcmp(decoder->bounds[i].proto->name, name) == 0) {
			decoder->tables[BY_LINKTYPE][linktype] = (uint16_t)i;
			return true;
		}
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
