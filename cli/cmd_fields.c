/* cmd_fields.c -- espcap fields: every field that documents can have. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "decode.h"
#include "log.h"
#include "template.h"

static const char *const types[FIELD_TYPES] = {
	[FIELD_U8] = "u8",
	[FIELD_U16] = "u16",
	[FIELD_U24] = "u24",
	[FIELD_U32] = "u32",
	[FIELD_U64] = "u64",
	[FIELD_I8] = "i8",
	[FIELD_I16] = "i16",
	[FIELD_I32] = "i32",
	[FIELD_I64] = "i64",
	[FIELD_256THS] = "f64",
	[FIELD_F64] = "f64",
	[FIELD_BOOL] = "bool",
	[FIELD_STR] = "str",
	[FIELD_ASCII] = "str",
	[FIELD_BYTES] = "bytes",
	[FIELD_IPV4] = "ipv4",
	[FIELD_IPV6] = "ipv6",
	[FIELD_MAC] = "mac",
	[FIELD_TIME] = "time",
	[FIELD_TRUE] = "true",
	[FIELD_JSON] = "object",
};
static const char *const levels[] = { "core", "detail", "derived" };
static const char *const classes[] = { "plain", "address", "mac", "name", "user", "content",
	"secret" };

/* How many there are. */
static size_t print_fields(const struct decoder *decoder, const char *prefix)
{
	size_t printed = 0;

	for (size_t i = 0; i < decoder_field_count(decoder); i++) {
		const struct proto_field *f = decoder_field_row(decoder, i);
		if (strncmp(f->name, prefix, strlen(prefix)) != 0)
			continue;
		(void)printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f->name, types[f->type],
			levels[f->level], classes[f->class], f->since, f->ecs ? f->ecs : "-",
			f->description);
		printed++;
	}
	return printed;
}

static void print_ecs(const char *prefix)
{
	static const char *const ecs_types[] = { "keyword", "text", "long", "boolean", "ip", "date",
		"object", "object" };

	for (int id = 1; id < ECS_COUNT; id++) {
		const struct ecs_row *row = &ecs_rows[id];
		if (row->flags != ECS_FLAG_LEAD && strncmp(row->path, prefix, strlen(prefix)) == 0)
			(void)printf(
				"%s\t%s\t%s\n", row->path, ecs_types[row->type], row->description);
	}
}

static int print_schema(const struct decoder *decoder)
{
	struct buf text;

	buf_init(&text, TEMPLATE_TEXT_MAX);
	int err = template_json_schema(decoder, &text);
	if (!err)
		(void)printf("%s\n", buf_str(&text));
	buf_done(&text);
	return err ? 1 : 0;
}

static int run(int argc, char **argv)
{
	const struct decode_conf conf = { 0 };
	struct decoder *decoder;
	struct err_detail why;
	const char *word = argc > 1 ? argv[1] : "";
	int code = 0;

	bool schema = strcmp(word, "--json-schema") == 0, ecs = strcmp(word, "--ecs") == 0;

	if (argc > 2 || (*word == '-' && !schema && !ecs))
		return command_stray(&command_fields, argv[argc > 2 ? 2 : 1]);
	if (decoder_new(&conf, &decoder, &why)) {
		log_error("%s", why.text);
		return 1;
	}
	if (schema)
		code = print_schema(decoder);
	else if (ecs)
		print_ecs("");
	else if (!print_fields(decoder, word)) {
		log_error(
			"there is no field whose name begins with \"%s\"; espcap fields lists all",
			word);
		code = 1;
	}
	decoder_free(decoder);
	return code;
}

const struct command command_fields = { "fields", "[--ecs | --json-schema | PREFIX]",
	"list the fields that documents have",
	"Prints one line for each field of layers whose name begins with PREFIX, such as\n"
	"dns. or tcp.flags; columns, separated by tabs: name, type, level, class, since,\n"
	"path in ECS, description. --ecs prints the fields of ECS instead: path, type,\n"
	"description. --json-schema prints a JSON Schema for the documents.\n",
	run };
