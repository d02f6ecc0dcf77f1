/* document.c -- a decoded packet as a JSON document.
 *
 * The order of a document is that of ecs.def, then `layers`. What does not change from packet to
 * packet (ecs, host, observer, labels) is text made once; every key is text made once; so printing
 * is copying keys and turning numbers into digits. Nothing is allocated here after the start.
 *
 * A document that would pass its maximum is printed once more with the anomaly "document cut" and
 * ends at its last whole field. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <stdlib.h>
#include <string.h>

#include <fnmatch.h>

#include "buf.h"
#include "community.h"
#include "json.h"
#include "print.h"

enum {
	CONSTANTS_MAX = 1 << 20,
	KEY_COPY = 64,      /* keys are copied whole, and most are shorter */
	CLOSING = 16,       /* room kept for the closing brackets */
	NOT_FIRST = 0x8000, /* in value.field: a later value of an array */
	IP_TCP = 6,
};
_Static_assert((int)NOT_FIRST >= (int)FIELDS_MAX, "the flag lies above every row");

struct document {
	struct decoder *decoder;
	const struct field_info *info;
	enum schema schema;
	struct printer printer;
	struct community *community;
	struct buf constants;
	struct value leads[ECS_COUNT]; /* JSON of the LEAD rows and of labels and tags */
	struct value event_info;       /* the other lead of event: no application layer */
	uint64_t always[ECS_WORDS];
	struct ecs_print print[ECS_COUNT], objects[ECS_COUNT * ECS_DEPTH_MAX];
	uint16_t tail[FIELDS_MAX], count[FIELDS_MAX];
};

/* --- printing --- */

struct out {
	char *p, *limit;
	bool full;
};

static inline bool room(struct out *o, size_t n)
{
	if ((size_t)(o->limit - o->p) >= n && o->p < o->limit)
		return true;
	o->full = true;
	return false;
}

static inline void copy_key(struct out *o, const char *key, size_t n)
{
	if (n <= KEY_COPY)
		memcpy(o->p, key, KEY_COPY);
	else
		memcpy(o->p, key, n);
	o->p += n;
}

static inline void comma(struct out *o)
{
	if (o->p[-1] != '{' && o->p[-1] != '[')
		*o->p++ = ',';
}

/* Closes and opens objects until those around row `id` are open. */
static void move_to(const struct document *d, struct out *o, const struct ecs_print *from,
	const struct ecs_print *to)
{
	unsigned same = 0;

	while (same < from->depth && same < to->depth && from->objects[same] == to->objects[same])
		same++;
	for (unsigned i = same; i < from->depth; i++)
		*o->p++ = '}';
	for (unsigned i = same; i < to->depth; i++) {
		const struct ecs_print *object = &d->objects[to->objects[i] * ECS_DEPTH_MAX + i];
		comma(o);
		memcpy(o->p, object->key, ECS_KEY_MAX);
		o->p += object->key_len;
	}
}

static void print_many(struct document *d, struct out *o, const struct packet *pkt, unsigned id)
{
	*o->p++ = '[';
	for (unsigned i = 0; i < pkt->nmany; i++) {
		const struct value *v = &pkt->many[i].value;
		if (pkt->many[i].id != id)
			continue;
		if (!room(o, print_max(v, (enum field_type)v->next)))
			break;
		comma(o);
		o->p = print_ecs(&d->printer, o->p, pkt, v, ecs_rows[id].type);
	}
	*o->p++ = ']';
}

/* Prints one row that is set. Rows that do not fit are left out. */
static void print_row(struct document *d, struct out *o, const struct packet *pkt, unsigned id,
	const struct ecs_print **at)
{
	const struct ecs_print *row = &d->print[id];
	bool lead = d->leads[id].p != NULL;
	const struct value *v = lead ? &d->leads[id] : &pkt->ecs[id];
	bool many = ecs_rows[id].flags == ECS_FLAG_MANY;

	if (id == ECS_EVENT && !pkt->application)
		v = &d->event_info;
	if (!room(o, (ECS_DEPTH_MAX + 2) * ECS_KEY_MAX +
			     (many ? TEXT_MAX : print_max(v, (enum field_type)v->next))))
		return;
	move_to(d, o, *at, row);
	*at = row;
	comma(o);
	memcpy(o->p, row->key, ECS_KEY_MAX);
	o->p += row->key_len;
	if (many)
		print_many(d, o, pkt, id);
	else
		o->p = print_ecs(&d->printer, o->p, pkt, v, ecs_rows[id].type);
}

static void print_head(struct document *d, struct out *o, const struct packet *pkt)
{
	static const struct ecs_print top = { 0 };
	static const char timestamp[] = "{\"@timestamp\":\"";
	const struct ecs_print *at = &top;

	memcpy(o->p, timestamp, sizeof(timestamp) - 1);
	o->p = text_time(&d->printer.times, o->p + sizeof(timestamp) - 1, pkt->frame->time_ns);
	*o->p++ = '"';
	for (unsigned w = 0; w < ECS_WORDS; w++) {
		uint64_t bits = pkt->ecs_set[w] | d->always[w];
		for (; bits; bits &= bits - 1)
			print_row(d, o, pkt, w * 64 + (unsigned)__builtin_ctzll(bits), &at);
	}
	move_to(d, o, at, &top);
}

static void print_array(struct document *d, struct out *o, const struct packet *pkt,
	const struct value *v, const struct field_info *info)
{
	*o->p++ = '[';
	for (;; v = &pkt->values[v->next]) {
		if (!room(o, print_max(v, (enum field_type)info->type)))
			break;
		char *mark = o->p;
		comma(o);
		char *end = print_value(&d->printer, o->p, pkt, v, (enum field_type)info->type,
			info->class == SECRET);
		o->p = end ? end : mark;
		if (!v->next)
			break;
	}
	*o->p++ = ']';
}

/* slim leaves out false booleans; arrays stay whole, so that positions hold. No schema has "". */
static inline bool left_out(
	const struct document *d, const struct field_info *info, const struct value *v)
{
	return (d->schema == SCHEMA_SLIM && info->type == FIELD_BOOL && !v->u) ||
	       (info->type == FIELD_STR && !v->len);
}

static void print_layers(struct document *d, struct out *o, const struct packet *pkt)
{
	static const char key[] = ",\"layers\":{";

	memcpy(o->p, key, sizeof(key) - 1);
	o->p += sizeof(key) - 1;
	for (unsigned i = 0; i < pkt->nvalues; i++) {
		const struct value *v = &pkt->values[i];
		if (v->field & NOT_FIRST)
			continue;
		const struct field_info *info = &d->info[v->field];
		bool array = pkt->repeats && v->next;
		if (!info->emit || (!array && left_out(d, info, v)))
			continue;
		if (!room(o, KEY_COPY + info->key_len + print_max(v, (enum field_type)info->type)))
			break;
		char *mark = o->p;
		copy_key(o, info->key, info->key_len);
		char *end = o->p;
		if (array)
			print_array(d, o, pkt, v, info);
		else
			end = print_value(&d->printer, o->p, pkt, v, (enum field_type)info->type,
				info->class == SECRET);
		o->p = array ? o->p : end ? end : mark;
		if (array || end)
			*o->p++ = ',';
	}
	if (o->p[-1] == ',')
		o->p--;
	*o->p++ = '}';
}

/* --- what only the whole packet shows --- */

/* Links the values of each field that occurs again, in packet order. */
static void link_repeats(struct document *d, struct packet *pkt)
{
	uint64_t begun[FIELD_WORDS] = { 0 };

	for (unsigned i = 0; i < pkt->nvalues; i++) {
		struct value *v = &pkt->values[i];
		unsigned row = v->field;
		uint64_t bit = UINT64_C(1) << (row & 63);
		v->next = 0;
		if (!(pkt->again[row >> 6] & bit))
			continue;
		if (begun[row >> 6] & bit) {
			v->field |= NOT_FIRST;
			if (++d->count[row] > PKT_REPEATS_MAX) {
				pkt->overflow = true;
				continue;
			}
			pkt->values[d->tail[row]].next = (uint16_t)i;
		} else {
			begun[row >> 6] |= bit;
			d->count[row] = 1;
		}
		d->tail[row] = (uint16_t)i;
	}
}

/* The anomalies as an array of objects, in the packet's scratch or, when that is full, nowhere. */
static void add_anomalies(struct packet *pkt)
{
	enum { ONE_MAX = 160 };
	struct json j;

	if (pkt->overflow)
		pkt_anomaly(pkt, "too many values");
	if (pkt->nanomalies == 0)
		return;
	size_t size = (size_t)pkt->nanomalies * ONE_MAX + JSON_SLACK + 8;
	if (size > PKT_SCRATCH - pkt->scratch_len)
		pkt->scratch_len = (unsigned)(PKT_SCRATCH - size); /* texts lose their end */
	char *memory = pkt_scratch(pkt, size);
	json_init(&j, memory, size);
	json_array_open(&j, NULL);
	for (unsigned i = 0; i < pkt->nanomalies; i++) {
		json_open(&j, NULL);
		json_str(&j, "layer", pkt->anomalies[i].layer);
		json_str(&j, "reason", pkt->anomalies[i].reason);
		json_u64(&j, "offset", pkt->anomalies[i].offset);
		if (pkt->anomalies[i].reason == decode_time_clamped)
			json_i64(&j, "seconds", pkt->frame->time_s);
		json_close(&j);
	}
	json_array_close(&j);
	ecs_json(pkt, ECS_ESPCAP_ANOMALY, memory, json_len(&j));
}

static void complete(struct document *d, struct packet *pkt)
{
	const char *id = community_of(d->community, &pkt->flow);

	if (id)
		ecs_str(pkt, ECS_NETWORK_COMMUNITY_ID, id, COMMUNITY_LEN);
	if (pkt->repeats)
		link_repeats(d, pkt);
	add_anomalies(pkt);
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

static bool write_once(struct document *d, const struct packet *pkt, struct out *o)
{
	print_head(d, o, pkt);
	if (d->schema != SCHEMA_ECS && !o->full)
		print_layers(d, o, pkt);
	*o->p++ = '}';
	return !o->full;
}

size_t document_write(struct document *d, struct packet *pkt, char *out)
{
	struct out o = { out, out + DOCUMENT_MAX - CLOSING, false };

	if (d->schema == SCHEMA_LITE)
		return write_lite(pkt, out);
	complete(d, pkt);
	if (write_once(d, pkt, &o))
		return (size_t)(o.p - out);
	pkt_anomaly(pkt, "document cut");
	pkt->ecs_set[ECS_ESPCAP_ANOMALY >> 6] &= ~(UINT64_C(1) << (ECS_ESPCAP_ANOMALY & 63));
	add_anomalies(pkt);
	o = (struct out){ out, out + DOCUMENT_MAX - CLOSING, false };
	(void)write_once(d, pkt, &o);
	return (size_t)(o.p - out);
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

/* --- made once --- */

static bool listed(const char *globs, const char *name, bool *emit)
{
	char glob[256];
	bool found = false;

	while (*globs) {
		size_t n = strcspn(globs, ",");
		if (n < 2 || n >= sizeof(glob) || (*globs != '+' && *globs != '-'))
			return false;
		memcpy(glob, globs + 1, n - 1);
		glob[n - 1] = '\0';
		if (fnmatch(glob, name, 0) == 0) {
			*emit = *globs == '+';
			found = true;
		}
		globs += n + (globs[n] == ',');
	}
	return found;
}

static bool globs_are_good(const char *globs)
{
	while (*globs) {
		size_t n = strcspn(globs, ",");
		if (n < 2 || n > 255 || (*globs != '+' && *globs != '-'))
			return false;
		globs += n + (globs[n] == ',');
	}
	return true;
}

static int choose_fields(
	const struct document_conf *conf, struct decoder *decoder, struct err_detail *why)
{
	size_t count;
	struct field_info *info = decoder_fields(decoder, &count);

	if (conf->fields && !globs_are_good(conf->fields))
		return err_set(why, ERR_USAGE,
			"fields cannot be \"%s\"; it wants +GLOB or -GLOB, separated by commas",
			conf->fields);
	for (size_t i = 0; i < count; i++) {
		info[i].emit = conf->schema == SCHEMA_FULL ||
			       (conf->schema == SCHEMA_SLIM && info[i].level != DERIVED);
		if (conf->fields)
			(void)listed(
				conf->fields, decoder_field_row(decoder, i)->name, &info[i].emit);
	}
	return 0;
}

/* Everything appended to constants since `mark` becomes the JSON of a row. Offsets first, since
 * the buffer may move; pointers are made at the end. */
static void keep(struct document *d, enum ecs_id id, size_t mark)
{
	d->leads[id] = (struct value){
		.u = mark, .len = (uint32_t)(d->constants.len - mark), .next = FIELD_JSON
	};
	if (d->leads[id].len)
		d->always[id >> 6] |= UINT64_C(1) << (id & 63);
}

static void add_member(struct buf *b, const char *key, const char *text, size_t n)
{
	char one[6 * 512 + JSON_SLACK];
	struct json j;

	json_init(&j, one, sizeof(one));
	json_strn(&j, key, text, n < 512 ? n : 512);
	buf_add(b, one, json_len(&j));
}

static int add_labels(struct document *d, const struct document_conf *conf, struct err_detail *why)
{
	struct buf *b = &d->constants;
	size_t mark = b->len;

	for (size_t i = 0; i < conf->nlabels; i++) {
		const char *label = conf->labels[i], *equals = strchr(label, '=');
		if (!equals || equals == label || equals - label > 255)
			return err_set(why, ERR_USAGE, "label cannot be \"%s\"; it wants KEY=VALUE",
				label);
		buf_adds(b, i ? "," : "{");
		add_member(b, NULL, label, (size_t)(equals - label));
		buf_adds(b, ":");
		add_member(b, NULL, equals + 1, strlen(equals + 1));
	}
	buf_adds(b, conf->nlabels ? "}" : "");
	keep(d, ECS_LABELS, mark);
	mark = b->len;
	for (size_t i = 0; i < conf->ntags; i++) {
		buf_adds(b, i ? "," : "[");
		add_member(b, NULL, conf->tags[i], strlen(conf->tags[i]));
	}
	buf_adds(b, conf->ntags ? "]" : "");
	keep(d, ECS_TAGS, mark);
	return 0;
}

static void add_event(struct document *d, const char *type)
{
	buf_printf(&d->constants,
		"\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"%s\"],"
		"\"module\":\"espcap\",\"dataset\":\"espcap.packet\"",
		type);
}

static int add_constants(
	struct document *d, const struct document_conf *conf, struct err_detail *why)
{
	struct buf *b = &d->constants;
	size_t mark = b->len;

	buf_adds(b, "\"version\":\"9.1.0\"");
	keep(d, ECS_ECS, mark);
	mark = b->len;
	add_event(d, "protocol");
	keep(d, ECS_EVENT, mark);
	mark = b->len;
	add_event(d, "info");
	d->event_info =
		(struct value){ .u = mark, .len = (uint32_t)(b->len - mark), .next = FIELD_JSON };
	mark = b->len;
	add_member(b, "name", conf->name, strlen(conf->name));
	keep(d, ECS_HOST, mark);
	mark = b->len;
	add_member(b, "name", conf->name, strlen(conf->name));
	buf_adds(b,
		",\"type\":\"sensor\",\"product\":\"espcap\",\"version\":\"" ESPCAP_VERSION "\"");
	if (conf->site) {
		buf_adds(b, ",\"geo\":{");
		add_member(b, "name", conf->site, strlen(conf->site));
		buf_adds(b, "}");
	}
	keep(d, ECS_OBSERVER, mark);
	mark = b->len;
	buf_printf(b, "\"schema\":%d", DOCUMENT_SCHEMA);
	keep(d, ECS_ESPCAP, mark);
	return add_labels(d, conf, why);
}

/* Constants stand still from here on: offsets become pointers. */
static void settle_constants(struct document *d)
{
	const uint8_t *start = (const uint8_t *)d->constants.data;

	for (unsigned id = 0; id < ECS_COUNT; id++) {
		uint64_t bit = UINT64_C(1) << (id & 63);
		if (d->always[id >> 6] & bit)
			d->leads[id].p = start + d->leads[id].u;
		else
			d->leads[id].p = NULL;
	}
	d->event_info.p = start + d->event_info.u;
}

int document_new(const struct document_conf *conf, struct decoder *decoder, struct document **out,
	struct err_detail *why)
{
	struct document *d = calloc(1, sizeof(*d));
	size_t count;

	if (!d)
		return err_set(why, ERR_NOMEM, "out of memory for documents");
	buf_init(&d->constants, CONSTANTS_MAX);
	d->decoder = decoder;
	d->info = decoder_fields(decoder, &count);
	d->schema = conf->schema;
	d->printer.show_secrets = conf->show_secrets;
	text_time_init(&d->printer.times);
	ecs_prepare(d->print, d->objects);
	int err = community_new(&d->community);
	if (!err)
		err = choose_fields(conf, decoder, why);
	if (!err)
		err = add_constants(d, conf, why);
	if (!err && (d->constants.failed || buf_reserve(&d->constants, JSON_SLACK)))
		err = err_set(why, ERR_NOMEM, "labels and tags are larger than 1 MiB");
	if (err) {
		document_free(d);
		return err;
	}
	settle_constants(d);
	*out = d;
	return 0;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	community_free(d->community);
	buf_done(&d->constants);
	free(d);
}
