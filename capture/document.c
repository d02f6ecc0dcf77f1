/* document.c -- a decoded packet as a JSON document.
 *
 * The order of a document is that of ecs.def, then `layers`. What does not change from packet to
 * packet (ecs, host, observer, labels) is text made once; every key is text made once; so printing
 * is copying keys and turning numbers into digits. Nothing is allocated here after the start.
 *
 * A document that would pass its maximum is printed once more with the anomaly "document cut" and
 * ends at its last whole field. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "document_internal.h"

#include <assert.h>
#include <string.h>

#include "tunnels.h"

enum {
	FIXED_MAX = 640, /* a key, objects around it, a value of fixed size, closing brackets */
	KEY_COPY = 32,
	KEY_MAX = 128, /* keys are copied by whole words, and most are short */
	IP_TCP = 6,
};

#define ROW(id) (UINT64_C(1) << (ECS_##id))
static const uint64_t EVENT_ROWS = ROW(EVENT_ACTION) | ROW(EVENT_OUTCOME);
static const uint64_t FRONT_ROWS = ROW(ECS) | ROW(EVENT) | EVENT_ROWS | ROW(HOST) | ROW(OBSERVER);
_Static_assert((int)ECS_OBSERVER < 64, "the front lies in the first word");

/* --- printing ---
 * Every member is followed by a comma, which the closing bracket then takes the place of: so no
 * member has to ask what stands before it. `p` is the end of the text; a function that would pass
 * `limit` sets full and writes nothing. */

struct out {
	char *limit;
	bool full;
};

/* Room for a key, brackets around it and a value of fixed size. */
static inline bool room(struct out *o, const char *p)
{
	if (p < o->limit)
		return true;
	o->full = true;
	return false;
}

/* The same for a text, of which each byte may become six. */
static inline bool room_for(
	struct out *o, const char *p, const struct value *v, enum field_type type)
{
	if ((size_t)(o->limit - p) > print_max(v, type) && p < o->limit)
		return true;
	o->full = true;
	return false;
}

static inline char *close_with(char *p, char bracket)
{
	if (p[-1] == ',')
		p--;
	*p = bracket;
	p[1] = ',';
	return p + 2;
}

/* Closes and opens objects until those around row `to` are open. */
static char *move_to(
	const struct document *d, char *p, const struct ecs_print *from, const struct ecs_print *to)
{
	unsigned same = 0;

	while (same < from->depth && same < to->depth && from->objects[same] == to->objects[same])
		same++;
	for (unsigned i = same; i < from->depth; i++)
		p = close_with(p, '}');
	for (unsigned i = same; i < to->depth; i++) {
		const struct ecs_print *object = &d->objects[to->objects[i] * ECS_DEPTH_MAX + i];
		memcpy(p, object->key, ECS_KEY_MAX);
		p += object->key_len;
	}
	return p;
}

static char *print_many(
	struct document *d, struct out *o, char *p, const struct packet *pkt, unsigned id)
{
	*p++ = '[';
	for (unsigned i = 0; i < pkt->nmany; i++) {
		const struct value *v = &pkt->many[i].value;
		if (pkt->many[i].id != id)
			continue;
		if (!room_for(o, p, v, (enum field_type)v->next))
			break;
		p = print_ecs(&d->printer, p, pkt, v, ecs_rows[id].type);
		*p++ = ',';
	}
	return close_with(p, ']');
}

/* Prints one row that is set. Rows that do not fit are left out. */
static char *print_row(struct document *d, struct out *o, char *p, const struct packet *pkt,
	unsigned id, const struct ecs_print **at)
{
	const struct ecs_print *row = &d->print[id];
	const struct value *v = d->leads[id].p ? &d->leads[id] : &pkt->ecs[id];
	bool many = ecs_rows[id].flags == ECS_FLAG_MANY;

	if (id == ECS_EVENT && !pkt->application)
		v = &d->event_info;
	if (many ? !room(o, p) : !room_for(o, p, v, (enum field_type)v->next))
		return p;
	if (row->group != (*at)->group)
		p = move_to(d, p, *at, row);
	*at = row;
	memcpy(p, row->key, ECS_KEY_MAX);
	p += row->key_len;
	if (many)
		return print_many(d, o, p, pkt, id);
	p = print_ecs(&d->printer, p, pkt, v, ecs_rows[id].type);
	*p = ',';
	return p + 1;
}

/* The constant parts, and in the midst of them action and outcome: short words, nothing to escape. */
static char *print_front(const struct document *d, char *p, const struct packet *pkt)
{
	const struct value *v = &d->fronts[pkt->application];

	p = mempcpy(p, v->p, v->len);
	for (uint64_t bits = pkt->ecs_set[0] & EVENT_ROWS; bits; bits &= bits - 1) {
		const struct ecs_print *row = &d->print[__builtin_ctzll(bits)];
		v = &pkt->ecs[row - d->print];
		assert(v->len & VALUE_CLEAN);
		memcpy(p, row->key, ECS_KEY_MAX);
		p[row->key_len] = '"';
		p = mempcpy(p + row->key_len + 1, v->p, value_len(v));
		p = mempcpy(p, "\",", 2);
	}
	p[-1] = '}';
	return mempcpy(p, d->front_end.p, d->front_end.len);
}

static char *print_head(struct document *d, struct out *o, char *p, const struct packet *pkt)
{
	static const struct ecs_print top = { 0 };
	static const char timestamp[] = "{\"@timestamp\":\"";
	const struct ecs_print *at = &top;

	p = mempcpy(p, timestamp, sizeof(timestamp) - 1);
	p = text_time(&d->printer.times, p, pkt->frame->time_ns);
	p = mempcpy(p, "\",", 2);
	bool front = !(pkt->ecs_set[0] & ROW(HOST_BOOT_ID));
	if (front) {
		p = print_front(d, p, pkt);
		at = &d->print[ECS_OBSERVER];
	}
	for (unsigned w = 0; w < ECS_WORDS; w++) {
		uint64_t bits = pkt->ecs_set[w] | d->always[w];
		if (w == 0 && front)
			bits &= ~FRONT_ROWS;
		for (; bits; bits &= bits - 1)
			p = print_row(d, o, p, pkt, w * 64 + (unsigned)__builtin_ctzll(bits), &at);
	}
	return move_to(d, p, at, &top);
}

static inline char *copy_key(char *p, const struct field_info *info)
{
	memcpy(p, info->key, KEY_COPY);
	if (info->key_len > KEY_COPY)
		memcpy(p + KEY_COPY, info->key + KEY_COPY, KEY_MAX - KEY_COPY);
	return p + info->key_len;
}

/* Without the member where every value is a secret that is left out. */
static char *print_array(struct document *d, struct out *o, char *start, const struct packet *pkt,
	const struct value *v, const struct field_info *info)
{
	enum field_type type = (enum field_type)info->type;
	char *p = copy_key(start, info);

	*p++ = '[';
	for (;; v = &pkt->values[v->next]) {
		if (!room_for(o, p, v, type))
			break;
		char *end = print_value(&d->printer, p, pkt, v, type, info->class == SECRET);
		if (end) {
			*end = ',';
			p = end + 1;
		}
		if (!v->next)
			break;
	}
	return p[-1] == '[' ? start : close_with(p, ']');
}

/* Values that are neither numbers nor booleans. Without the member where a secret is left out. */
static char *print_other(struct document *d, struct out *o, char *p, const struct packet *pkt,
	const struct value *v, const struct field_info *info)
{
	enum field_type type = (enum field_type)info->type;

	if (!room_for(o, p, v, type) || (type == FIELD_STR && !v->len))
		return p;
	char *end = print_value(
		&d->printer, copy_key(p, info), pkt, v, type, info->class == SECRET);
	if (!end)
		return p;
	*end = ',';
	return end + 1;
}

static inline char *print_number(char *p, uint64_t value)
{
	p = json_emit_u64(p, value);
	*p = ',';
	return p + 1;
}

static inline char *print_bool(char *p, uint64_t bit)
{
	memcpy(p, bit ? "true,  " : "false, ", 8);
	return p + (bit ? 5 : 6);
}

/* A group of flags that occurs several times: each flag is an array over the groups. */
static char *print_bit_array(struct out *o, char *p, const struct packet *pkt,
	const struct value *v, unsigned shift, const struct field_info *info)
{
	p = copy_key(p, info);
	*p++ = '[';
	for (; room(o, p); v = &pkt->values[v->next]) {
		p = print_bool(p, v->u >> shift & 1);
		if (!v->next)
			break;
	}
	return close_with(p, ']');
}

static char *print_bits(struct out *o, char *p, const struct packet *pkt, const struct value *v,
	const struct field_info *info)
{
	for (unsigned i = v->len; i-- > 0 && room(o, p); info++) {
		if (info->print == PRINT_NOT)
			continue;
		if (v->next) /* whole, so that positions hold */
			p = print_bit_array(o, p, pkt, v, i, info);
		else if (info->print == PRINT_BOOL || v->u >> i & 1)
			p = print_bool(copy_key(p, info), v->u >> i & 1);
	}
	return p;
}

static char *print_layers(struct document *d, struct out *o, char *p, const struct packet *pkt)
{
	static const char key[] = "\"layers\":{";
	const struct value *end = pkt->values + pkt->nvalues;

	memcpy(p, key, sizeof(key) - 1);
	p += sizeof(key) - 1;
	for (const struct value *v = pkt->values; v < end && room(o, p); v++) {
		const struct field_info *info = &d->info[value_row(v)];
		if (v->field & VALUE_LATER)
			continue;
		if (info->type == FIELD_BOOL)
			p = print_bits(o, p, pkt, v, info);
		else if (info->print == PRINT_NOT)
			continue;
		else if (v->next)
			p = print_array(d, o, p, pkt, v, info);
		else if (info->print == PRINT_NUMBER)
			p = print_number(copy_key(p, info), v->u);
		else
			p = print_other(d, o, p, pkt, v, info);
	}
	return close_with(p, '}');
}

/* --- what only the whole packet shows --- */

/* What @timestamp cannot hold. */
static void add_own_time(struct json *j, const struct frame *f)
{
	json_i64(j, "seconds", f->time_s);
	json_u64(j, "nanoseconds", f->time_rest_ns);
}

/* The anomalies as an array of objects, in memory of their own: the packet's scratch holds texts
 * that are printed later. */
static void add_anomalies(struct document *d, struct packet *pkt)
{
	struct json j;

	if (pkt->overflow)
		pkt_anomaly(pkt, "too many values");
	if (pkt->nanomalies == 0)
		return;
	json_init(&j, d->anomalies, sizeof(d->anomalies));
	json_array_open(&j, NULL);
	for (unsigned i = 0; i < pkt->nanomalies; i++) {
		json_open(&j, NULL);
		json_str(&j, "layer", pkt->anomalies[i].layer);
		json_str(&j, "reason", pkt->anomalies[i].reason);
		json_u64(&j, "offset", pkt->anomalies[i].offset);
		if (pkt->anomalies[i].reason == decode_time_clamped)
			add_own_time(&j, pkt->frame);
		json_close(&j);
	}
	json_array_close(&j);
	ecs_json(pkt, ECS_ESPCAP_ANOMALY, d->anomalies, json_len(&j));
}

static void complete(struct document *d, struct packet *pkt)
{
	const char *id = community_of(d->community, &pkt->flow);

	if (id)
		ecs_clean(pkt, ECS_NETWORK_COMMUNITY_ID, id, COMMUNITY_LEN);
	if (pkt->ntunnels)
		tunnels_put(pkt, d->tunnels, sizeof(d->tunnels));
	add_anomalies(d, pkt);
}

static size_t write_lite(const struct packet *pkt, char *out)
{
	const struct flow *f = &pkt->flow;
	struct json j;
	char text[TEXT_MAX];
	char *(*addr)(char *, const uint8_t *) = f->addr_len == 4 ? text_ipv4 : text_ipv6;

	if (!document_is_tcp(pkt))
		return 0;
	json_init(&j, out, DOCUMENT_ROOM);
	json_open(&j, NULL);
	json_strn(&j, "srcip", text, (size_t)(addr(text, f->src) - text));
	json_strn(&j, "srcport", text, (size_t)(json_emit_u64(text, f->src_port) - text));
	json_strn(&j, "dstip", text, (size_t)(addr(text, f->dst) - text));
	json_strn(&j, "dstport", text, (size_t)(json_emit_u64(text, f->dst_port) - text));
	json_close(&j);
	return json_len(&j);
}

bool document_is_tcp(const struct packet *pkt)
{
	const struct flow *f = &pkt->flow;

	return f->src && f->has_ports && f->proto == IP_TCP && !f->later_fragment;
}

static size_t write_once(struct document *d, const struct packet *pkt, char *out, struct out *o)
{
	*o = (struct out){ .limit = out + DOCUMENT_MAX - FIXED_MAX };
	char *p = print_head(d, o, out, pkt);

	if (d->schema != SCHEMA_ECS)
		p = print_layers(d, o, p, pkt);
	p[-1] = '}'; /* in place of the last comma */
	return (size_t)(p - out);
}

size_t document_write(struct document *d, struct packet *pkt, char *out)
{
	struct out o;

	if (d->schema == SCHEMA_LITE)
		return write_lite(pkt, out);
	complete(d, pkt);
	size_t len = write_once(d, pkt, out, &o);
	if (!o.full)
		return len;
	pkt_anomaly(pkt, "document cut");
	pkt->ecs_set[ECS_ESPCAP_ANOMALY >> 6] &= ~(UINT64_C(1) << (ECS_ESPCAP_ANOMALY & 63));
	add_anomalies(d, pkt);
	return write_once(d, pkt, out, &o);
}

size_t document_article(const struct packet *pkt, char *out)
{
	const struct flow *f = &pkt->flow;
	char *(*addr)(char *, const uint8_t *) = f->addr_len == 4 ? text_ipv4 : text_ipv6;
	char *p = out;

	if (!document_is_tcp(pkt))
		return 0;
#define LINE(text) memcpy(p, text, sizeof(text) - 1), p += sizeof(text) - 1
	LINE("Packet ");
	p = json_emit_u64(p, pkt->frame->number);
	LINE("\nSource IP        - ");
	p = addr(p, f->src);
	LINE("\nSource port      - ");
	p = json_emit_u64(p, f->src_port);
	LINE("\nDestination IP   - ");
	p = addr(p, f->dst);
	LINE("\nDestination port - ");
	p = json_emit_u64(p, f->dst_port);
	LINE("\n");
#undef LINE
	return (size_t)(p - out);
}
