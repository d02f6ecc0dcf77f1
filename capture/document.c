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
	FIXED_MAX = 640, /* a key, objects around it, a value of fixed size, closing brackets */
	KEY_COPY = 32,
	KEY_MAX = 128, /* keys are copied by whole words, and most are short */
	IP_TCP = 6,
	ANOMALY_MAX = 160, /* one of them as JSON */
};

#define ROW(id) (UINT64_C(1) << (ECS_##id))
static const uint64_t EVENT_ROWS = ROW(EVENT_ACTION) | ROW(EVENT_OUTCOME);
static const uint64_t FRONT_ROWS = ROW(ECS) | ROW(EVENT) | ROW(HOST) | ROW(OBSERVER);
_Static_assert((int)ECS_OBSERVER < 64, "the front lies in the first word");

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
	/* everything up to the lead of observer in one piece, where no event.* row is set; by
	 * whether there is an application layer */
	struct value fronts[2];
	char anomalies[PKT_ANOMALIES_MAX * ANOMALY_MAX + JSON_SLACK];
	struct ecs_print print[ECS_COUNT], objects[ECS_COUNT * ECS_DEPTH_MAX];
};

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

static char *print_head(struct document *d, struct out *o, char *p, const struct packet *pkt)
{
	static const struct ecs_print top = { 0 };
	static const char timestamp[] = "{\"@timestamp\":\"";
	const struct ecs_print *at = &top;

	memcpy(p, timestamp, sizeof(timestamp) - 1);
	p = text_time(&d->printer.times, p + sizeof(timestamp) - 1, pkt->frame->time_ns);
	*p++ = '"';
	*p++ = ',';
	bool front = !(pkt->ecs_set[0] & EVENT_ROWS);
	if (front) {
		const struct value *v = &d->fronts[pkt->application];
		memcpy(p, v->p, v->len);
		p += v->len;
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

static char *print_array(struct document *d, struct out *o, char *p, const struct packet *pkt,
	const struct value *v, const struct field_info *info)
{
	enum field_type type = (enum field_type)info->type;

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
	return close_with(p, ']');
}

static inline char *copy_key(char *p, const struct field_info *info)
{
	memcpy(p, info->key, KEY_COPY);
	if (info->key_len > KEY_COPY)
		memcpy(p + KEY_COPY, info->key + KEY_COPY, KEY_MAX - KEY_COPY);
	return p + info->key_len;
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
			p = print_array(d, o, copy_key(p, info), pkt, v, info);
		else if (info->print == PRINT_NUMBER)
			p = print_number(copy_key(p, info), v->u);
		else
			p = print_other(d, o, p, pkt, v, info);
	}
	return close_with(p, '}');
}

/* --- what only the whole packet shows --- */

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
			json_i64(&j, "seconds", pkt->frame->time_s);
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

static uint8_t how_to_print(uint8_t type, enum schema schema, bool emit)
{
	if (!emit)
		return PRINT_NOT;
	if (type == FIELD_BOOL) /* slim leaves out what is false, in arrays not: positions hold */
		return schema == SCHEMA_SLIM ? PRINT_IF_TRUE : PRINT_BOOL;
	return type <= FIELD_U64 ? PRINT_NUMBER : PRINT_OTHER;
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
		bool emit = conf->schema == SCHEMA_FULL ||
			    (conf->schema == SCHEMA_SLIM && info[i].level != DERIVED);
		if (conf->fields)
			(void)listed(conf->fields, decoder_field_row(decoder, i)->name, &emit);
		info[i].print = how_to_print(info[i].type, conf->schema, emit);
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

/* ecs, event, host and observer (left open) as print_head() would print them. */
static void add_front(struct document *d, unsigned application)
{
	struct buf *b = &d->constants;
	size_t mark = b->len;
	const struct value *event = application ? &d->leads[ECS_EVENT] : &d->event_info;
	const struct value *const parts[] = { &d->leads[ECS_ECS], event, &d->leads[ECS_HOST],
		&d->leads[ECS_OBSERVER] };
	static const char *const before[] = { "\"ecs\":{", "},\"event\":{", "},\"host\":{",
		"},\"observer\":{" };

	for (unsigned i = 0; i < 4; i++) {
		buf_adds(b, before[i]);
		if (!buf_reserve(b, parts[i]->len)) /* may move what it copies from */
			buf_add(b, b->data + parts[i]->u, parts[i]->len);
	}
	buf_adds(b, ",");
	d->fronts[application] = (struct value){ .u = mark, .len = (uint32_t)(b->len - mark) };
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
	d->fronts[0].p = start + d->fronts[0].u;
	d->fronts[1].p = start + d->fronts[1].u;
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
	if (!err) {
		add_front(d, 0);
		add_front(d, 1);
	}
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
