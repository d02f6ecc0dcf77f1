/* template_schema.c -- the JSON Schema of documents, made from the field tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { PATH_MAX_BYTES = 128, TEXT_LONGEST = 32766 /* a term of Lucene */ };

static const char iso[] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$";
static const char mac_upper[] = "^([0-9A-F]{2}-){5}[0-9A-F]{2}$";
static const char ip[] = "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$";

/* What a value of each type looks like. Numbers without a maximum are those that a double cannot
 * tell from their neighbours. */
static const struct {
	const char *name, *type;
	double least, most;
	const char *pattern;
} kinds[FIELD_TYPES] = {
	[FIELD_U8] = { "u8", "integer", 0, UINT8_MAX, NULL },
	[FIELD_U16] = { "u16", "integer", 0, UINT16_MAX, NULL },
	[FIELD_U24] = { "u24", "integer", 0, 0xffffff, NULL },
	[FIELD_U32] = { "u32", "integer", 0, UINT32_MAX, NULL },
	[FIELD_U64] = { "u64", "integer", 0, 0, NULL },
	[FIELD_I8] = { "i8", "integer", INT8_MIN, INT8_MAX, NULL },
	[FIELD_I16] = { "i16", "integer", INT16_MIN, INT16_MAX, NULL },
	[FIELD_I32] = { "i32", "integer", INT32_MIN, INT32_MAX, NULL },
	[FIELD_I64] = { "i64", "integer", 0, 0, NULL },
	[FIELD_256THS] = { "f64", "number", 0, 0, NULL },
	[FIELD_F64] = { "f64", "number", 0, 0, NULL },
	[FIELD_BOOL] = { "bool", "boolean", 0, 0, NULL },
	[FIELD_STR] = { "text", "string", 0, 0, NULL },
	[FIELD_ASCII] = { "text", "string", 0, 0, NULL },
	[FIELD_BYTES] = { "bytes", "string", 0, 0, "^([0-9a-f]{2}){1,1024}$" },
	[FIELD_IPV4] = { "ipv4", "string", 0, 0, "^[0-9]{1,3}(\\.[0-9]{1,3}){3}$" },
	[FIELD_IPV6] = { "ipv6", "string", 0, 0, "^[0-9a-f:.]*:[0-9a-f:.]*$" },
	[FIELD_MAC] = { "mac", "string", 0, 0, "^([0-9a-f]{2}:){5}[0-9a-f]{2}$" },
	[FIELD_TIME] = { "time", "string", 0, 0, iso },
	[FIELD_TRUE] = { "bool", "boolean", 0, 0, NULL },
};

/* --- pieces --- */

static cJSON *of_type(const char *type)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "type", type);
	if (strcmp(type, "string") != 0)
		return schema;
	cJSON_AddNumberToObject(schema, "minLength", 1);
	cJSON_AddNumberToObject(schema, "maxLength", TEXT_LONGEST);
	return schema;
}

static cJSON *with_pattern(const char *pattern)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "type", "string");
	cJSON_AddStringToObject(schema, "pattern", pattern);
	return schema;
}

static void add_items(cJSON *schema, cJSON *items)
{
	cJSON_AddItemToObject(schema, "items", items);
	cJSON_AddNumberToObject(schema, "minItems", 1);
	cJSON_AddNumberToObject(schema, "maxItems", PKT_REPEATS_MAX);
}

static cJSON *array_of(cJSON *items)
{
	cJSON *schema = of_type("array");

	add_items(schema, items);
	return schema;
}

static cJSON *reference(const char *name)
{
	cJSON *schema = cJSON_CreateObject();
	char target[PATH_MAX_BYTES];

	(void)snprintf(target, sizeof(target), "#/definitions/%s", name);
	cJSON_AddStringToObject(schema, "$ref", target);
	return schema;
}

/* An object that has no other members than those added to *properties. */
static cJSON *closed_object(cJSON **properties)
{
	cJSON *schema = of_type("object");

	cJSON_AddBoolToObject(schema, "additionalProperties", false);
	*properties = cJSON_AddObjectToObject(schema, "properties");
	return schema;
}

static void require(cJSON *schema, const char *const *names, size_t n)
{
	cJSON_AddItemToObject(schema, "required", cJSON_CreateStringArray(names, (int)n));
}

/* --- layers --- */

static cJSON *one_value(enum field_type type)
{
	cJSON *one = kinds[type].pattern ? with_pattern(kinds[type].pattern)
					 : of_type(kinds[type].type);

	if (kinds[type].least < 0 || type <= FIELD_U64)
		cJSON_AddNumberToObject(one, "minimum", kinds[type].least);
	if (kinds[type].most > 0)
		cJSON_AddNumberToObject(one, "maximum", kinds[type].most);
	return one;
}

/* A field that occurs more than once is an array in packet order. Keywords of one type say nothing
 * of a value of another, so both forms stand in one schema. */
static cJSON *one_or_many(enum field_type type)
{
	const char *types[] = { kinds[type].type, "array" };
	cJSON *schema = one_value(type);

	cJSON_DeleteItemFromObject(schema, "type");
	cJSON_AddItemToObject(schema, "type", cJSON_CreateStringArray(types, 2));
	add_items(schema, one_value(type));
	return schema;
}

static void define_kinds(cJSON *definitions)
{
	for (int type = 0; type < FIELD_TYPES; type++) {
		const char *name = kinds[type].name;
		if (name && !cJSON_GetObjectItemCaseSensitive(definitions, name))
			cJSON_AddItemToObject(
				definitions, name, one_or_many((enum field_type)type));
	}
}

/* An offloading kernel shows segments longer than the header can say, with 0 for their length;
 * ip.len is then, as in Wireshark, that of the frame. */
static enum field_type type_of(const struct proto_field *row)
{
	return strcmp(row->name, "ip.len") == 0 ? FIELD_U32 : row->type;
}

static cJSON *layers(const struct decoder *decoder)
{
	cJSON *fields, *schema = closed_object(&fields);

	for (size_t i = 0; i < decoder_field_count(decoder); i++) {
		const struct proto_field *row = decoder_field_row(decoder, i);
		cJSON_AddItemToObject(fields, row->name, reference(kinds[type_of(row)].name));
	}
	return schema;
}

/* --- ECS --- */

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), k = strlen(end);

	return n > k && strcmp(path + n - k, end) == 0;
}

static bool is_list(enum ecs_id id)
{
	return ecs_is_many(id) || id == ECS_TAGS || id == ECS_EVENT_CATEGORY ||
	       id == ECS_EVENT_TYPE;
}

static cJSON *ecs_value(const struct ecs_row *row)
{
	cJSON *schema;

	switch (row->type) {
	case ECS_TYPE_LONG:
		return of_type("integer");
	case ECS_TYPE_BOOL:
		return of_type("boolean");
	case ECS_TYPE_IP:
		return with_pattern(ip);
	case ECS_TYPE_DATE:
		return with_pattern(iso);
	case ECS_TYPE_FLAT:
		schema = of_type("object");
		cJSON_AddItemToObject(schema, "additionalProperties", of_type("string"));
		return schema;
	default:
		return ends_in(row->path, ".mac") ? with_pattern(mac_upper) : of_type("string");
	}
}

/* The properties of the object around a path's last part; objects of type OBJECT are arrays. */
static cJSON *properties_around(cJSON *properties, const char *path, const char **leaf)
{
	char part[PATH_MAX_BYTES];
	const char *dot;

	for (*leaf = path; (dot = strchr(*leaf, '.')); *leaf = dot + 1) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(dot - *leaf), *leaf);
		cJSON *found = cJSON_GetObjectItemCaseSensitive(properties, part);
		if (!found) {
			cJSON *inner;
			found = closed_object(&inner);
			cJSON_AddItemToObject(properties, part, found);
		}
		cJSON *items = cJSON_GetObjectItemCaseSensitive(found, "items");
		properties = cJSON_GetObjectItemCaseSensitive(items ? items : found, "properties");
	}
	return properties;
}

/* event.sequence and espcap.run stand outside of their objects: ship puts them in front. */
static void add_place(cJSON *properties)
{
	cJSON *sequence = of_type("integer");

	cJSON_AddNumberToObject(sequence, "minimum", 1);
	cJSON_AddItemToObject(properties, ecs_rows[ECS_EVENT_SEQUENCE].path, sequence);
	cJSON_AddItemToObject(
		properties, ecs_rows[ECS_ESPCAP_RUN].path, with_pattern("^[0-9a-v]{13}$"));
}

static void add_ecs(cJSON *properties)
{
	for (int id = 1; id < ECS_COUNT; id++) {
		const struct ecs_row *row = &ecs_rows[id];
		const char *leaf;
		cJSON *inner;
		if (row->flags == ECS_FLAG_LEAD || id == ECS_EVENT_SEQUENCE || id == ECS_ESPCAP_RUN)
			continue;
		cJSON *around = properties_around(properties, row->path, &leaf);
		cJSON *schema = row->type == ECS_TYPE_OBJECT ? array_of(closed_object(&inner))
							     : ecs_value(row);
		cJSON_AddItemToObject(
			around, leaf, is_list((enum ecs_id)id) ? array_of(schema) : schema);
	}
	add_place(properties);
}

/* --- documents --- */

static cJSON *document(void)
{
	static const char *const always[] = { "@timestamp", "ecs", "event", "host", "observer",
		"espcap" };
	cJSON *properties, *schema = closed_object(&properties);

	require(schema, always, sizeof(always) / sizeof(always[0]));
	cJSON_AddItemToObject(properties, "@timestamp", with_pattern(iso));
	add_ecs(properties);
	cJSON_AddItemToObject(properties, "layers", reference("layers"));
	return schema;
}

/* ship says in files which record each line is, so that it can be brought home. */
static cJSON *lite(void)
{
	static const char *const names[] = { "srcip", "srcport", "dstip", "dstport" };
	cJSON *properties, *schema = closed_object(&properties);

	require(schema, names, 4);
	for (size_t i = 0; i < 4; i++)
		cJSON_AddItemToObject(properties, names[i],
			with_pattern(ends_in(names[i], "port") ? "^[0-9]{1,5}$" : ip));
	add_place(properties);
	return schema;
}

int template_json_schema(const struct decoder *decoder, struct buf *out)
{
	static const char *const mark[] = { "srcip" };
	cJSON *root = cJSON_CreateObject();

	cJSON_AddStringToObject(root, "$schema", "http://json-schema.org/draft-07/schema#");
	cJSON_AddStringToObject(root, "title", "A document of espcap");
	require(cJSON_AddObjectToObject(root, "if"), mark, 1);
	cJSON_AddItemToObject(root, "then", reference("lite"));
	cJSON_AddItemToObject(root, "else", reference("document"));
	cJSON *definitions = cJSON_AddObjectToObject(root, "definitions");
	cJSON_AddItemToObject(definitions, "document", document());
	cJSON_AddItemToObject(definitions, "lite", lite());
	define_kinds(definitions);
	cJSON_AddItemToObject(definitions, "layers", layers(decoder));
	char *text = cJSON_Print(root);
	int err = text ? buf_adds(out, text) : ERR_NOMEM;
	free(text);
	cJSON_Delete(root);
	return err;
}
