/* templates_main.c -- prints the index templates as C arrays, for the shipper's build.
 *
 * The shipper installs templates that are made from the decoders' tables, but must not know the
 * decoders: so the build runs this program and compiles what it prints into espcap-ship. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "template.h"

enum { PER_LINE = 20 };

static void print_array(const char *name, const struct buf *text)
{
	(void)printf("static const unsigned char %s[] = {", name);
	for (size_t i = 0; i < text->len; i++)
		(void)printf("%s%u,", i % PER_LINE ? "" : "\n\t", (unsigned char)text->data[i]);
	(void)printf("\n\t0 };\n");
}

int main(void)
{
	static const char *const names[TEMPLATE_KINDS] = { "template_typed", "template_flattened",
		"template_flat_object" };
	struct decode_conf conf = { 0 };
	struct decoder *decoder;
	struct err_detail why;
	struct buf text;

	if (decoder_new(&conf, &decoder, &why))
		return 1;
	(void)printf("/* Made by espcap-templates from the field tables. */\n");
	(void)printf("enum { TEMPLATE_VERSION = %d };\n", TEMPLATE_VERSION);
	buf_init(&text, TEMPLATE_TEXT_MAX);
	int err = 0;
	for (int kind = 0; kind < TEMPLATE_KINDS && !err; kind++) {
		buf_reset(&text);
		err = template_packets(decoder, (enum template_layers)kind, &text);
		print_array(names[kind], &text);
	}
	buf_reset(&text);
	err = err ? err : template_events(&text);
	print_array("template_events", &text);
	buf_reset(&text);
	err = err ? err : template_lite(&text);
	print_array("template_lite", &text);
	buf_done(&text);
	decoder_free(decoder);
	return err || ferror(stdout) ? 1 : 0;
}
