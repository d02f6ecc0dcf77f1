/* cmd_template.c -- espcap template: the index templates, for those who install them by hand. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "decode.h"
#include "log.h"
#include "template.h"

static const char *const words[] = { "typed", "flattened", "flat_object", "events", "lite" };
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static int write_template(unsigned word, struct buf *out, struct err_detail *why)
{
	const struct decode_conf conf = { 0 };
	struct decoder *decoder;

	if (word == TEMPLATE_KINDS)
		return template_events(out);
	if (word == TEMPLATE_KINDS + 1)
		return template_lite(out);
	int err = decoder_new(&conf, &decoder, why);
	if (err)
		return err;
	err = template_packets(decoder, (enum template_layers)word, out);
	decoder_free(decoder);
	return err;
}

static int run(int argc, char **argv)
{
	struct err_detail why = { "out of memory" };
	const char *wanted = argc > 1 ? argv[1] : words[0];
	unsigned word = 0;
	struct buf text;

	while (word < WORDS && strcmp(words[word], wanted) != 0)
		word++;
	if (argc > 2 || word == WORDS)
		return command_refuse(&command_template,
			"there is no template \"%s\"; there are %s", argc > 2 ? argv[2] : wanted,
			"typed, flattened, flat_object, events and lite");
	buf_init(&text, TEMPLATE_TEXT_MAX);
	int err = write_template(word, &text, &why);
	if (err)
		log_error("%s", why.text);
	else
		(void)printf("%s\n", buf_str(&text));
	buf_done(&text);
	return err ? 1 : 0;
}

const struct command command_template = { "template",
	"[typed | flattened | flat_object | events | lite]", "print an index template",
	"Prints an index template as JSON: for packets with every field of layers typed\n"
	"(Elasticsearch 8.3 and newer, the default), flattened (Elasticsearch before that)\n"
	"or flat_object (OpenSearch); for events (losses); or for the documents of --lite.\n"
	"espcap installs them itself, espcap-ship with --setup install.\n",
	run };
