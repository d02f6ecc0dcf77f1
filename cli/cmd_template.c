/* cmd_template.c -- espcap template: the index templates, for those who install them by hand. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "command.h"
#include "decode.h"
#include "index_settings.h"
#include "log.h"
#include "template.h"

static const char *const words[] = { "typed", "flattened", "flat_object", "events", "lite" };
enum {
	WORDS = sizeof(words) / sizeof(words[0]),
	EVENTS = TEMPLATE_KINDS,
	LITE,
	STREAM_PRIORITY = 210
};

static int write_template(unsigned word, struct buf *out, struct err_detail *why)
{
	const struct decode_conf conf = { 0 };
	struct decoder *decoder;

	if (word == EVENTS)
		return template_events(out);
	if (word == LITE)
		return template_lite(out);
	int err = decoder_new(&conf, &decoder, why);
	if (err)
		return err;
	err = template_packets(decoder, (enum template_layers)word, out);
	decoder_free(decoder);
	return err;
}

/* --- what options ask of it --- */

static void make_stream(cJSON *root)
{
	const char *name = "espcap-packets-stream";

	(void)cJSON_AddObjectToObject(root, "data_stream");
	cJSON_DeleteItemFromObjectCaseSensitive(root, "index_patterns");
	(void)cJSON_AddItemToObject(root, "index_patterns", cJSON_CreateStringArray(&name, 1));
	(void)cJSON_SetNumberHelper(
		cJSON_GetObjectItemCaseSensitive(root, "priority"), STREAM_PRIORITY);
}

/* Owned; NULL when out of memory. */
static char *with_options(
	const char *text, unsigned word, const struct index_settings *asked, bool stream)
{
	static const unsigned which[] = { [EVENTS] = INDEX_OF_EVENTS, [LITE] = INDEX_OF_LITE };
	unsigned its = stream                  ? INDEX_OF_PACKETS | INDEX_OF_STREAMS
		       : word < TEMPLATE_KINDS ? INDEX_OF_PACKETS
					       : which[word];
	cJSON *root = cJSON_Parse(text);
	cJSON *inner = cJSON_GetObjectItemCaseSensitive(root, "template");
	cJSON *settings = cJSON_GetObjectItemCaseSensitive(inner, "settings");

	for (size_t i = 0; i < asked->count; i++)
		if (asked->rows[i].templates & its)
			(void)cJSON_AddStringToObject(
				settings, asked->rows[i].key, asked->rows[i].value);
	if (stream)
		make_stream(root);
	char *out = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	return out;
}

static bool is_ours(enum conf_id id)
{
	return id == OPT_INDEX_MODE || id == OPT_SHARDS || id == OPT_REPLICAS ||
	       id == OPT_REFRESH_INTERVAL || id == OPT_LIFECYCLE || id == OPT_DATA_STREAM ||
	       id == OPT_CONFIG || id == OPT_LOG_LEVEL;
}

static int check(const struct conf *c, unsigned word)
{
	static const struct {
		enum conf_id id;
		unsigned forms; /* a bit each */
		const char *where;
	} only[] = {
		{ OPT_INDEX_MODE, 1U << TEMPLATE_TYPED, "typed" },
		{ OPT_LIFECYCLE, 1U << TEMPLATE_TYPED | 1U << TEMPLATE_FLATTENED | 1U << EVENTS,
			"typed, flattened and events" },
		{ OPT_DATA_STREAM, (1U << TEMPLATE_KINDS) - 1, "packets" },
		{ OPT_SHARDS, (1U << TEMPLATE_KINDS) - 1, "packets" },
	};

	for (int id = 0; id < CONF_COUNT; id++)
		if (c->values[id].source == CONF_COMMAND_LINE && !is_ours((enum conf_id)id))
			return command_refuse(&command_template, "template has no use for --%s",
				conf_options[id].name);
	for (size_t i = 0; i < sizeof(only) / sizeof(only[0]); i++)
		if (c->values[only[i].id].source == CONF_COMMAND_LINE &&
			!(only[i].forms & 1U << word))
			return command_refuse(&command_template,
				"--%s is for the templates of %s, and \"%s\" is another",
				conf_options[only[i].id].name, only[i].where, words[word]);
	return 0;
}

static int print(const struct conf *c, unsigned word)
{
	struct err_detail why = { "out of memory" };
	struct index_settings asked;
	struct buf text;
	char *made = NULL;

	buf_init(&text, TEMPLATE_TEXT_MAX);
	int err = index_settings_from(c, &asked, &why);
	if (!err)
		err = write_template(word, &text, &why);
	if (!err && buf_str(&text)) {
		bool stream = conf_flag(c, OPT_DATA_STREAM) && word < TEMPLATE_KINDS;
		made = with_options(buf_str(&text), word, &asked, stream);
	}
	if (made)
		(void)printf("%s\n", made);
	else
		log_error("%s", why.text);
	free(made);
	buf_done(&text);
	return made ? 0 : err == ERR_USAGE ? EXIT_USAGE : 1;
}

static int print_wanted(const struct conf *c)
{
	const char *wanted = c->rest_count ? c->rest[0] : words[0];
	unsigned word = 0;

	while (word < WORDS && strcmp(words[word], wanted) != 0)
		word++;
	if (c->rest_count > 1 || word == WORDS)
		return command_refuse(&command_template,
			"there is no template \"%s\"; there are %s",
			c->rest_count > 1 ? c->rest[1] : wanted,
			"typed, flattened, flat_object, events and lite");
	int code = check(c, word);
	return code ? code : print(c, word);
}

static int run(int argc, char **argv)
{
	static struct conf conf;
	struct err_detail why = { "" };
	int err = conf_load(&conf, CONF_CLI, argc, argv, &why), code;

	if (err) {
		log_error("%s", why.text);
		code = err == ERR_CONFIG ? EXIT_CONFIG : EXIT_USAGE;
	} else {
		code = print_wanted(&conf);
	}
	conf_done(&conf);
	return code;
}

const struct command command_template = { "template",
	"[typed | flattened | flat_object | events | lite] [OPTION ...]", "print an index template",
	"Prints an index template as JSON: for packets with every field of layers typed\n"
	"(Elasticsearch 8.3 and newer, the default), flattened (Elasticsearch before that)\n"
	"or flat_object (OpenSearch); for events (losses); or for the documents of --lite.\n"
	"--index-mode, --shards, --replicas, --refresh-interval, --lifecycle and --data-stream\n"
	"put into it what they put there for espcap-ship(8).\n"
	"espcap installs templates itself, espcap-ship with --setup install.\n",
	run };
