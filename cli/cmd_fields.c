/* cmd_fields.c -- espcap fields: every field that documents can have. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "decode.h"
#include "fields_page.h"
#include "log.h"
#include "template.h"

/* How many there are. */
static size_t print_fields(const struct decoder *decoder, const char *prefix)
{
	size_t printed = 0;

	for (size_t i = 0; i < decoder_field_count(decoder); i++) {
		const struct proto_field *f = decoder_field_row(decoder, i);
		if (strncmp(f->name, prefix, strlen(prefix)) != 0)
			continue;
		(void)printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f->name, field_type_name(f->type),
			field_level_name(f->level), field_class_name(f->class), f->since,
			f->ecs ? f->ecs : "-", f->description);
		printed++;
	}
	return printed;
}

static void print_ecs(void)
{
	for (int id = 1; id < ECS_COUNT; id++) {
		const struct ecs_row *row = &ecs_rows[id];
		if (row->flags != ECS_FLAG_LEAD)
			(void)printf("%s\t%s\t%s\n", row->path, ecs_type_name(row->type),
				row->description);
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

/* All that the first word asks for; of fields and of the page what begins with prefix. */
static int print(const struct decoder *decoder, const char *word, const char *prefix)
{
	if (strcmp(word, "--json-schema") == 0)
		return print_schema(decoder);
	if (strcmp(word, "--ecs") == 0) {
		print_ecs();
		return 0;
	}
	bool page = strcmp(word, "--markdown") == 0;
	if (page ? fields_page(decoder, prefix) : print_fields(decoder, prefix))
		return 0;
	log_error(
		"there is no field whose name begins with \"%s\"; espcap fields lists all", prefix);
	return 1;
}

static int run(int argc, char **argv)
{
	const struct decode_conf conf = { 0 };
	struct decoder *decoder;
	struct err_detail why;
	const char *word = argc > 1 ? argv[1] : "";
	bool page = strcmp(word, "--markdown") == 0;
	bool known = page || strcmp(word, "--json-schema") == 0 || strcmp(word, "--ecs") == 0;

	if (*word == '-' && !known)
		return command_stray(&command_fields, word);
	if (argc > 2 + page || (argc > 2 && *argv[2] == '-'))
		return command_stray(&command_fields, argv[argc > 2 + page ? 2 + page : 2]);
	if (decoder_new(&conf, &decoder, &why)) {
		log_error("%s", why.text);
		return 1;
	}
	int code = print(decoder, word, argc > 2 ? argv[2] : page ? "" : word);
	decoder_free(decoder);
	return code;
}

const struct command command_fields = { "fields", "[--ecs | --json-schema | [--markdown] [PREFIX]]",
	"list the fields that documents have",
	"Prints one line for each field of layers whose name begins with PREFIX, such as\n"
	"dns. or tcp.flags; columns, separated by tabs: name, type, level, class, since,\n"
	"path in ECS, description. --ecs prints the fields of ECS instead: path, type,\n"
	"description. --json-schema prints a JSON Schema for the documents, --markdown a page\n"
	"of reference: each protocol, how it is recognized, its fields; of one protocol with\n"
	"its PREFIX.\n",
	run };
