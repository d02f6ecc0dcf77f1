/* document_new.c -- which fields are printed, and the text that all documents share. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "document_internal.h"

#include <stdlib.h>
#include <string.h>

#include <fnmatch.h>

enum { CONSTANTS_MAX = 1 << 20 };

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

static uint8_t how_to_print(uint8_t type, uint8_t class, enum schema schema, bool emit)
{
	if (!emit)
		return PRINT_NOT;
	if (type == FIELD_BOOL) /* slim leaves out what is false, in arrays not: positions hold */
		return schema == SCHEMA_SLIM ? PRINT_IF_TRUE : PRINT_BOOL;
	return type <= FIELD_U64 && class != SECRET ? PRINT_NUMBER : PRINT_OTHER;
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
		info[i].print = how_to_print(info[i].type, info[i].class, conf->schema, emit);
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

/* Parts behind each other, each with what stands before it, and a comma. */
static struct value add_pieces(
	struct document *d, const struct value *const parts[2], const char *const before[2])
{
	struct buf *b = &d->constants;
	size_t mark = b->len;

	for (unsigned i = 0; i < 2; i++) {
		buf_adds(b, before[i]);
		if (!buf_reserve(b, parts[i]->len)) /* may move what it copies from */
			buf_add(b, b->data + parts[i]->u, parts[i]->len);
	}
	buf_adds(b, ",");
	return (struct value){ .u = mark, .len = (uint32_t)(b->len - mark) };
}

/* ecs and event (left open), host and observer (left open), as print_head() would print them. */
static void add_fronts(struct document *d)
{
	static const char *const first[] = { "\"ecs\":{", "},\"event\":{" };
	static const char *const second[] = { ",\"host\":{", "},\"observer\":{" };
	const struct value *ecs = &d->leads[ECS_ECS];

	d->fronts[0] = add_pieces(d, (const struct value *[]){ ecs, &d->event_info }, first);
	d->fronts[1] = add_pieces(d, (const struct value *[]){ ecs, &d->leads[ECS_EVENT] }, first);
	d->front_end = add_pieces(d,
		(const struct value *[]){ &d->leads[ECS_HOST], &d->leads[ECS_OBSERVER] }, second);
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
	d->front_end.p = start + d->front_end.u;
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
		add_fronts(d);
	}
	if (!err && (d->constants.failed || buf_reserve(&d->constants, JSON_SLACK)))
		err = err_set(why, ERR_NOMEM, "labels and tags are larger than 1 MiB");
	if (err) {
		document_free(d);
		return err;
	}
	settle_constants(d);
	decoder_expect(decoder, d->community);
	*out = d;
	return 0;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	decoder_expect(d->decoder, NULL);
	community_free(d->community);
	buf_done(&d->constants);
	free(d);
}
