/* template.c -- index templates, made from the field tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { IGNORE_ABOVE = 8191, SPARE_FIELDS = 200, PRIORITY = 200, PATH_MAX_BYTES = 128 };

/* Wireshark's names for either direction: filled by the server from both one-way fields. */
static const struct {
	const char *field, *both;
} aliases[] = {
	{ "ip.src", "ip.addr" },
	{ "ip.dst", "ip.addr" },
	{ "ipv6.src", "ipv6.addr" },
	{ "ipv6.dst", "ipv6.addr" },
	{ "tcp.srcport", "tcp.port" },
	{ "tcp.dstport", "tcp.port" },
	{ "udp.srcport", "udp.port" },
	{ "udp.dstport", "udp.port" },
	{ "eth.src", "eth.addr" },
	{ "eth.dst", "eth.addr" },
};

static const char *const server_types[FIELD_TYPES] = {
	[FIELD_U8] = "integer",
	[FIELD_U16] = "integer",
	[FIELD_U24] = "integer",
	[FIELD_U32] = "long",
	[FIELD_U64] = "long",
	[FIELD_I8] = "integer",
	[FIELD_I16] = "integer",
	[FIELD_I32] = "integer",
	[FIELD_I64] = "long",
	[FIELD_256THS] = "double",
	[FIELD_F64] = "double",
	[FIELD_BOOL] = "boolean",
	[FIELD_STR] = "keyword",
	[FIELD_ASCII] = "keyword",
	[FIELD_BYTES] = "keyword",
	[FIELD_IPV4] = "ip",
	[FIELD_IPV6] = "ip",
	[FIELD_MAC] = "keyword",
	[FIELD_TIME] = "date_nanos",
	[FIELD_TRUE] = "boolean",
};

static const char *const ecs_server_types[] = {
	[ECS_TYPE_KEYWORD] = "keyword",
	[ECS_TYPE_TEXT] = "text",
	[ECS_TYPE_LONG] = "long",
	[ECS_TYPE_BOOL] = "boolean",
	[ECS_TYPE_IP] = "ip",
	[ECS_TYPE_DATE] = "date_nanos",
};

/* --- mappings --- */

static cJSON *add_typed(cJSON *properties, const char *name, const char *type)
{
	cJSON *field = cJSON_AddObjectToObject(properties, name);

	cJSON_AddStringToObject(field, "type", type);
	if (strcmp(type, "keyword") == 0)
		cJSON_AddNumberToObject(field, "ignore_above", IGNORE_ABOVE);
	return field;
}

/* The member `name` of an object, made when it is not there. */
static cJSON *member(cJSON *object, const char *name)
{
	cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

	return found ? found : cJSON_AddObjectToObject(object, name);
}

/* Walks to the object around the leaf of a dotted path, through `below` of each object
 * ("properties"); *leaf is the last part. */
static cJSON *around(cJSON *properties, const char *path, const char *below, const char **leaf)
{
	char part[PATH_MAX_BYTES];
	const char *dot;

	while ((dot = strchr(path, '.'))) {
		size_t n = (size_t)(dot - path);
		memcpy(part, path, n);
		part[n] = '\0';
		properties = member(member(properties, part), below);
		path = dot + 1;
	}
	*leaf = path;
	return properties;
}

static size_t add_ecs(cJSON *properties)
{
	size_t count = 0;

	add_typed(properties, "@timestamp", "date_nanos");
	for (int id = 1; id < ECS_COUNT; id++) {
		const struct ecs_row *row = &ecs_rows[id];
		const char *leaf;
		if (row->flags == ECS_FLAG_LEAD)
			continue;
		cJSON *object = around(properties, row->path, "properties", &leaf);
		count++;
		if (row->type == ECS_TYPE_OBJECT)
			(void)member(member(object, leaf), "properties");
		else if (row->type == ECS_TYPE_FLAT)
			cJSON_AddBoolToObject(add_typed(object, leaf, "object"), "dynamic", true);
		else
			add_typed(object, leaf, ecs_server_types[row->type]);
	}
	return count;
}

static void add_alias(cJSON *properties, cJSON *field, const char *name, const char *type)
{
	char target[PATH_MAX_BYTES];

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcmp(aliases[i].field, name) != 0)
			continue;
		if (!cJSON_GetObjectItemCaseSensitive(properties, aliases[i].both))
			add_typed(properties, aliases[i].both, type);
		/* the whole path: servers accept a shorter one, and copy nowhere */
		(void)snprintf(target, sizeof(target), "layers.%s", aliases[i].both);
		cJSON_AddItemToArray(
			cJSON_AddArrayToObject(field, "copy_to"), cJSON_CreateString(target));
	}
}

/* Numbers, booleans and raw bytes have doc values alone: such fields are searched and counted by
 * these too, from Elasticsearch 8.1 on, and an index of `full` documents takes a tenth less, with
 * logsdb a quarter (measured with 30,000 packets). */
static bool is_indexed(enum field_type type)
{
	return type > FIELD_BOOL && type != FIELD_BYTES && type != FIELD_TRUE;
}

static size_t add_layers(cJSON *properties, const struct decoder *d, enum template_layers layers)
{
	static const char *const types[] = { "object", "flattened", "flat_object" };
	cJSON *object = cJSON_AddObjectToObject(properties, "layers");
	size_t count = decoder_field_count(d);

	cJSON_AddStringToObject(object, "type", types[layers]);
	if (layers != TEMPLATE_TYPED) {
		if (layers == TEMPLATE_FLATTENED)
			cJSON_AddNumberToObject(object, "ignore_above", IGNORE_ABOVE);
		return 1;
	}
	cJSON_AddBoolToObject(object, "subobjects", false);
	cJSON_AddBoolToObject(object, "dynamic", false);
	cJSON *fields = cJSON_AddObjectToObject(object, "properties");
	for (size_t i = 0; i < count; i++) {
		const struct proto_field *row = decoder_field_row(d, i);
		const char *type = server_types[row->type];
		cJSON *field = add_typed(fields, row->name, type);
		if (!is_indexed(row->type))
			cJSON_AddBoolToObject(field, "index", false);
		add_alias(fields, field, row->name, type);
	}
	return count + sizeof(aliases) / sizeof(aliases[0]);
}

/* Labels are the user's: each becomes a keyword of its own. */
static void add_dynamic_labels(cJSON *mappings)
{
	cJSON *rule = cJSON_CreateObject();
	cJSON *labels = cJSON_AddObjectToObject(rule, "labels");

	cJSON_AddItemToArray(cJSON_AddArrayToObject(mappings, "dynamic_templates"), rule);
	cJSON_AddStringToObject(labels, "path_match", "labels.*");
	add_typed(labels, "mapping", "keyword");
}

/* --- templates --- */

static cJSON *new_template(const char *pattern, cJSON **mappings, cJSON **settings)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *meta, *inner;

	cJSON_AddItemToArray(
		cJSON_AddArrayToObject(root, "index_patterns"), cJSON_CreateString(pattern));
	cJSON_AddNumberToObject(root, "priority", PRIORITY);
	cJSON_AddNumberToObject(root, "version", TEMPLATE_VERSION);
	meta = cJSON_AddObjectToObject(root, "_meta");
	cJSON_AddStringToObject(meta, "product", "espcap");
	cJSON_AddStringToObject(meta, "version", ESPCAP_VERSION);
	inner = cJSON_AddObjectToObject(root, "template");
	*settings = cJSON_AddObjectToObject(inner, "settings");
	*mappings = cJSON_AddObjectToObject(inner, "mappings");
	cJSON_AddBoolToObject(*mappings, "dynamic", false);
	return root;
}

static int print(cJSON *root, struct buf *out)
{
	char *text = cJSON_PrintUnformatted(root);
	int err = text ? buf_adds(out, text) : ERR_NOMEM;

	free(text);
	cJSON_Delete(root);
	return err;
}

static void set_limit(cJSON *settings, size_t fields)
{
	size_t limit = fields + SPARE_FIELDS;

	cJSON_AddNumberToObject(settings, "index.mapping.total_fields.limit",
		(double)(limit < 1000 ? 1000 : limit));
}

int template_packets(const struct decoder *decoder, enum template_layers layers, struct buf *out)
{
	cJSON *mappings, *settings;
	cJSON *root = new_template("espcap-packets-*", &mappings, &settings);
	cJSON *properties;

	add_dynamic_labels(mappings);
	properties = cJSON_AddObjectToObject(mappings, "properties");
	size_t fields = add_ecs(properties);
	fields += add_layers(properties, decoder, layers);
	set_limit(settings, fields);
	return print(root, out);
}

int template_events(struct buf *out)
{
	cJSON *mappings, *settings;
	cJSON *root = new_template("espcap-events-*", &mappings, &settings);

	add_dynamic_labels(mappings);
	(void)add_ecs(cJSON_AddObjectToObject(mappings, "properties"));
	return print(root, out);
}

int template_lite(struct buf *out)
{
	static const char *const names[] = { "srcip", "srcport", "dstip", "dstport" };
	cJSON *mappings, *settings;
	cJSON *root = new_template("packets_lite", &mappings, &settings);
	cJSON *properties = cJSON_AddObjectToObject(mappings, "properties");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_typed(properties, names[i], "keyword");
	return print(root, out);
}
