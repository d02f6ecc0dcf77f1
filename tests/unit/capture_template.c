/* capture_template.c -- tests of index templates and JSON Schema against the field tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "template.h"

static struct decoder *decoder;

static int begin(void **state)
{
	const struct decode_conf conf = { 0 };

	(void)state;
	return decoder_new(&conf, &decoder, NULL);
}

static int end(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

static cJSON *parse(struct buf *b)
{
	cJSON *root = cJSON_Parse(buf_str(b));

	assert_non_null(root);
	buf_done(b);
	return root;
}

static cJSON *packets(enum template_layers layers)
{
	struct buf b;

	buf_init(&b, TEMPLATE_TEXT_MAX);
	assert_int_equal(template_packets(decoder, layers, &b), 0);
	return parse(&b);
}

static cJSON *made_by(int (*make)(struct buf *))
{
	struct buf b;

	buf_init(&b, TEMPLATE_TEXT_MAX);
	assert_int_equal(make(&b), 0);
	return parse(&b);
}

/* The member at a path of names with a blank between each. */
static const cJSON *at(const cJSON *root, const char *path)
{
	char name[128];

	while (root && *path) {
		size_t n = strcspn(path, " ");
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, path);
		root = cJSON_GetObjectItemCaseSensitive(root, name);
		path += n + (path[n] == ' ');
	}
	return root;
}

static const char *text_at(const cJSON *root, const char *path)
{
	const cJSON *item = at(root, path);

	return cJSON_IsString(item) ? item->valuestring : "(none)";
}

static const char *const layers_path = "template mappings properties layers properties";

/* What a server must take a field for, so that its values are searched as what they are. */
static const char *type_of(enum field_type type)
{
	switch (type) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U24:
	case FIELD_I8:
	case FIELD_I16:
	case FIELD_I32:
		return "integer";
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I64:
		return "long";
	case FIELD_256THS:
	case FIELD_F64:
		return "double";
	case FIELD_BOOL:
	case FIELD_TRUE:
		return "boolean";
	case FIELD_IPV4:
	case FIELD_IPV6:
		return "ip";
	case FIELD_TIME:
		return "date_nanos";
	default:
		return "keyword";
	}
}

static void every_field_of_the_tables_is_mapped_with_its_type(void **state)
{
	cJSON *root = packets(TEMPLATE_TYPED);
	const cJSON *fields = at(root, layers_path);

	(void)state;
	assert_true(decoder_field_count(decoder) > 100);
	for (size_t i = 0; i < decoder_field_count(decoder); i++) {
		const struct proto_field *row = decoder_field_row(decoder, i);
		const cJSON *field = cJSON_GetObjectItemCaseSensitive(fields, row->name);
		if (!field)
			fail_msg("%s is not mapped", row->name);
		assert_string_equal(text_at(field, "type"), type_of(row->type));
		bool searched = strcmp(type_of(row->type), "keyword") == 0 ||
				strcmp(type_of(row->type), "ip") == 0 || row->type == FIELD_TIME;
		bool indexed = searched && row->type != FIELD_BYTES;
		assert_int_equal(cJSON_IsFalse(at(field, "index")), !indexed);
	}
	cJSON_Delete(root);
}

static bool is_of_the_tables(const char *name)
{
	for (size_t i = 0; i < decoder_field_count(decoder); i++)
		if (strcmp(decoder_field_row(decoder, i)->name, name) == 0)
			return true;
	return false;
}

/* Beside the tables' fields there are only Wireshark's names for either direction. */
static void nothing_else_is_in_layers_but_targets_of_copies(void **state)
{
	cJSON *root = packets(TEMPLATE_TYPED);
	const cJSON *fields = at(root, layers_path), *field, *source, *target;

	(void)state;
	cJSON_ArrayForEach(field, fields)
	{
		bool copied = is_of_the_tables(field->string);
		cJSON_ArrayForEach(source, fields) cJSON_ArrayForEach(target, at(source, "copy_to"))
			copied |= strcmp(target->valuestring + 7, field->string) == 0;
		if (!copied)
			fail_msg("%s is in no table", field->string);
	}
	cJSON_Delete(root);
}

/* A shorter path is taken by servers, and copies nowhere. */
static void copies_go_to_whole_paths_that_are_mapped_alike(void **state)
{
	static const char *const pairs[][2] = { { "ip.src", "ip.addr" }, { "ip.dst", "ip.addr" },
		{ "ipv6.src", "ipv6.addr" }, { "ipv6.dst", "ipv6.addr" },
		{ "tcp.srcport", "tcp.port" }, { "tcp.dstport", "tcp.port" },
		{ "udp.srcport", "udp.port" }, { "udp.dstport", "udp.port" },
		{ "eth.src", "eth.addr" }, { "eth.dst", "eth.addr" } };
	cJSON *root = packets(TEMPLATE_TYPED);
	const cJSON *fields = at(root, layers_path);
	char whole[64];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const cJSON *from = cJSON_GetObjectItemCaseSensitive(fields, pairs[i][0]);
		const cJSON *to = cJSON_GetObjectItemCaseSensitive(fields, pairs[i][1]);
		const cJSON *copies = at(from, "copy_to");
		assert_non_null(to);
		assert_int_equal(cJSON_GetArraySize(copies), 1);
		(void)snprintf(whole, sizeof(whole), "layers.%s", pairs[i][1]);
		assert_string_equal(copies->child->valuestring, whole);
		assert_string_equal(text_at(from, "type"), text_at(to, "type"));
	}
	cJSON_Delete(root);
}

static void layers_has_no_objects_inside_where_servers_know_how(void **state)
{
	cJSON *typed = packets(TEMPLATE_TYPED), *flat = packets(TEMPLATE_FLATTENED),
	      *open = packets(TEMPLATE_FLAT_OBJECT);
	static const char layers[] = "template mappings properties layers";

	(void)state;
	assert_true(cJSON_IsFalse(at(at(typed, layers), "subobjects")));
	assert_true(cJSON_IsFalse(at(at(typed, layers), "dynamic")));
	assert_string_equal(text_at(at(flat, layers), "type"), "flattened");
	assert_string_equal(text_at(at(open, layers), "type"), "flat_object");
	/* OpenSearch refuses every other parameter of flat_object */
	assert_int_equal(cJSON_GetArraySize(at(open, layers)), 1);
	cJSON_Delete(typed);
	cJSON_Delete(flat);
	cJSON_Delete(open);
}

static void assert_ecs_mapped(const cJSON *root)
{
	static const char *const types[] = { "keyword", "text", "long", "boolean", "ip",
		"date_nanos" };

	for (int id = 1; id < ECS_COUNT; id++) {
		const struct ecs_row *row = &ecs_rows[id];
		char path[256] = "template mappings", part[128];
		if (row->flags == ECS_FLAG_LEAD)
			continue;
		for (const char *p = row->path; *p;
			p += strcspn(p, ".") + (strchr(p, '.') != NULL)) {
			size_t n = strlen(path);
			(void)snprintf(part, sizeof(part), "%.*s", (int)strcspn(p, "."), p);
			(void)snprintf(path + n, sizeof(path) - n, " properties %s", part);
		}
		if (!at(root, path))
			fail_msg("%s is not mapped", row->path);
		if (row->type <= ECS_TYPE_DATE)
			assert_string_equal(text_at(at(root, path), "type"), types[row->type]);
	}
	assert_string_equal(
		text_at(root, "template mappings properties @timestamp type"), "date_nanos");
}

static void every_path_of_ecs_is_mapped_for_packets_and_events(void **state)
{
	cJSON *events = made_by(template_events);

	(void)state;
	for (int kind = 0; kind < TEMPLATE_KINDS; kind++) {
		cJSON *root = packets((enum template_layers)kind);
		assert_ecs_mapped(root);
		cJSON_Delete(root);
	}
	assert_ecs_mapped(events);
	assert_null(at(events, "template mappings properties layers"));
	cJSON_Delete(events);
}

static void assert_head(cJSON *root, const char *pattern)
{
	assert_string_equal(at(root, "index_patterns")->child->valuestring, pattern);
	assert_int_equal(cJSON_GetArraySize(at(root, "index_patterns")), 1);
	assert_int_equal(at(root, "version")->valueint, TEMPLATE_VERSION);
	assert_true(at(root, "priority")->valueint >= 100);
	assert_string_equal(text_at(root, "_meta product"), "espcap");
	assert_true(cJSON_IsFalse(at(root, "template mappings dynamic")));
	cJSON_Delete(root);
}

static void templates_say_what_and_whose_they_are(void **state)
{
	(void)state;
	for (int kind = 0; kind < TEMPLATE_KINDS; kind++)
		assert_head(packets((enum template_layers)kind), "espcap-packets-*");
	assert_head(made_by(template_events), "espcap-events-*");
	assert_head(made_by(template_lite), "packets_lite");
}

static size_t count_fields(const cJSON *properties)
{
	const cJSON *field;
	size_t n = 0;

	cJSON_ArrayForEach(field, properties)
		n += 1 + count_fields(cJSON_GetObjectItemCaseSensitive(field, "properties"));
	return n;
}

static void the_limit_of_fields_leaves_room_for_labels(void **state)
{
	cJSON *root = packets(TEMPLATE_TYPED);
	const cJSON *limit = at(root, "template settings index.mapping.total_fields.limit");

	(void)state;
	assert_true(cJSON_IsNumber(limit));
	assert_true((size_t)limit->valueint >=
		    count_fields(at(root, "template mappings properties")) + 100);
	cJSON_Delete(root);
}

static void labels_become_keywords(void **state)
{
	cJSON *root = packets(TEMPLATE_TYPED);
	const cJSON *rules = at(root, "template mappings dynamic_templates");

	(void)state;
	assert_int_equal(cJSON_GetArraySize(rules), 1);
	assert_string_equal(text_at(rules->child, "labels path_match"), "labels.*");
	assert_string_equal(text_at(rules->child, "labels mapping type"), "keyword");
	assert_true(cJSON_IsTrue(at(root, "template mappings properties labels dynamic")));
	cJSON_Delete(root);
}

static void lite_has_four_keywords(void **state)
{
	cJSON *root = made_by(template_lite);
	const cJSON *properties = at(root, "template mappings properties");

	(void)state;
	assert_int_equal(cJSON_GetArraySize(properties), 4);
	assert_string_equal(text_at(properties, "srcip type"), "keyword");
	assert_string_equal(text_at(properties, "srcport type"), "keyword");
	assert_string_equal(text_at(properties, "dstip type"), "keyword");
	assert_string_equal(text_at(properties, "dstport type"), "keyword");
	cJSON_Delete(root);
}

static void a_buffer_that_is_too_small_is_an_error(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(template_packets(decoder, TEMPLATE_TYPED, &b), ERR_TOO_BIG);
	buf_reset(&b);
	assert_int_equal(template_json_schema(decoder, &b), ERR_TOO_BIG);
	buf_done(&b);
}

/* The closed object of that name, wherever it stands. */
static const cJSON *closed(const cJSON *root, const char *name)
{
	const cJSON *item, *found = NULL;

	cJSON_ArrayForEach(item, root)
	{
		if (item->string && strcmp(item->string, name) == 0 &&
			cJSON_IsFalse(at(item, "additionalProperties")))
			return item;
		found = found ? found : closed(item, name);
	}
	return found;
}

static void the_json_schema_knows_every_field_and_no_other(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, TEMPLATE_TEXT_MAX);
	assert_int_equal(template_json_schema(decoder, &b), 0);
	cJSON *root = parse(&b);
	const cJSON *fields = at(closed(root, "layers"), "properties");
	assert_int_equal(cJSON_GetArraySize(fields), decoder_field_count(decoder));
	for (size_t i = 0; i < decoder_field_count(decoder); i++)
		assert_non_null(cJSON_GetObjectItemCaseSensitive(
			fields, decoder_field_row(decoder, i)->name));
	assert_non_null(closed(root, "source"));
	cJSON_Delete(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_the_tables_is_mapped_with_its_type),
		cmocka_unit_test(nothing_else_is_in_layers_but_targets_of_copies),
		cmocka_unit_test(copies_go_to_whole_paths_that_are_mapped_alike),
		cmocka_unit_test(layers_has_no_objects_inside_where_servers_know_how),
		cmocka_unit_test(every_path_of_ecs_is_mapped_for_packets_and_events),
		cmocka_unit_test(templates_say_what_and_whose_they_are),
		cmocka_unit_test(the_limit_of_fields_leaves_room_for_labels),
		cmocka_unit_test(labels_become_keywords),
		cmocka_unit_test(lite_has_four_keywords),
		cmocka_unit_test(a_buffer_that_is_too_small_is_an_error),
		cmocka_unit_test(the_json_schema_knows_every_field_and_no_other),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
